//! Those whom the server depends on, as HTTP servers in this process that can be slow and can die: the
//! machine that knows the orders, and the receiver of packets.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Json;
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// An HTTP server on a port of its own, on a runtime of its own: with it all its connections end.
pub struct Peer {
    router: Router,
    address: SocketAddr,
    runtime: Option<Runtime>,
    delay: Delay,
}

/// Before each answer, in ms.
#[derive(Clone, Default)]
struct Delay(Arc<AtomicU64>);

impl Delay {
    async fn pass(&self) {
        tokio::time::sleep(Duration::from_millis(self.0.load(Ordering::Relaxed))).await;
    }
}

impl Peer {
    fn open(router: Router, delay: Delay) -> Self {
        let any = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut peer = Self {
            router,
            address: any.local_addr().unwrap(),
            runtime: None,
            delay,
        };
        drop(any);
        peer.revive();
        peer
    }

    /// Where it is, without a path.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn slow(&self, by: Duration) {
        self.delay.0.store(by.as_millis() as u64, Ordering::Relaxed);
    }

    /// Nobody listens any more, and who was being served hears nothing more.
    pub fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    pub fn revive(&mut self) {
        let listener = std::net::TcpListener::bind(self.address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let router = self.router.clone();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        self.runtime = Some(runtime);
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The machine that knows every order.
pub fn orders() -> Peer {
    let delay = Delay::default();
    let router = Router::new()
        .route("/orders/{order}", get(order))
        .with_state(delay.clone());
    Peer::open(router, delay)
}

async fn order(State(delay): State<Delay>, Path(order): Path<String>) -> Json<Value> {
    delay.pass().await;
    let row = json!({"id": order, "item": "camera", "status": "shipped", "due": "2026-12-01", "carrier": "Northline"});
    Json(json!({"rows": [row]}))
}

/// A packet that arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub id: String,
    pub call: String,
    pub reason: String,
}

/// What the receiver of packets got.
#[derive(Clone, Default)]
pub struct Mail(Arc<Mutex<Vec<Arrived>>>);

impl Mail {
    pub fn all(&self) -> Vec<Arrived> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The receiver, and what it gets.
pub fn desk() -> (Peer, Mail) {
    let (delay, mail) = (Delay::default(), Mail::default());
    let state = (delay.clone(), mail.clone());
    let router = Router::new().route("/desk", post(packet)).with_state(state);
    (Peer::open(router, delay), mail)
}

async fn packet(
    State((delay, mail)): State<(Delay, Mail)>,
    headers: HeaderMap,
    body: Bytes,
) -> &'static str {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok());
    let text = |field: &str| body["data"][field].as_str().unwrap_or_default().to_owned();
    // Kept before it is answered: who asks again after a timeout is here twice, under one id.
    mail.0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(Arrived {
            id: id.unwrap_or_default().to_owned(),
            call: text("call"),
            reason: text("reason"),
        });
    delay.pass().await;
    "thanks"
}
