//! A provider's REST interface as far as a server needs it: takes orders, answers them as told, and
//! hands each to the call that it is about. On this machine only.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// Orders that are remembered for [`FakeRest::log`].
const REMEMBERED: usize = 10_000;

/// A request that the server made.
#[derive(Clone, Debug)]
pub struct Order {
    /// `POST`.
    pub method: String,
    /// As sent: percent-encoded, without the query.
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Order {
    /// The header's value; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as a form.
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

/// What an order is answered with.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub body: String,
}

impl Reply {
    /// An answer in JSON.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            content_type: "application/json",
            body: body.to_string(),
        }
    }
}

type Answers = Box<dyn Fn(&Order) -> Reply + Send + Sync>;

/// The interface, open on the loopback.
pub struct FakeRest {
    base: String,
    inner: Arc<Inner>,
    serving: JoinHandle<()>,
}

struct Inner {
    answers: Mutex<Answers>,
    log: Mutex<Vec<Order>>,
    more: Notify,
    /// What an order's path holds, and who wants such orders.
    calls: Mutex<Vec<(String, UnboundedSender<Order>)>>,
}

impl FakeRest {
    /// Opens it; port 0: one of the system's choice. Every order is answered with 200 and `{}` until
    /// [`FakeRest::answer_with`] says otherwise.
    ///
    /// # Errors
    /// When the address cannot be opened.
    pub async fn open(listen: SocketAddr) -> std::io::Result<Arc<Self>> {
        let listener = TcpListener::bind(listen).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let empty: Answers = Box::new(|_| Reply::json(200, &serde_json::json!({})));
        let inner = Arc::new(Inner {
            answers: Mutex::new(empty),
            log: Mutex::default(),
            more: Notify::new(),
            calls: Mutex::default(),
        });
        let router = Router::new().fallback(take).with_state(Arc::clone(&inner));
        let serving = tokio::spawn(async move {
            // Ends with the task only.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Arc::new(Self {
            base,
            inner,
            serving,
        }))
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Answers every order from now on so.
    pub fn answer_with(&self, answers: impl Fn(&Order) -> Reply + Send + Sync + 'static) {
        *lock(&self.inner.answers) = Box::new(answers);
    }

    /// The orders from now on whose path or body holds `part`, the provider's name for a call. Each order
    /// goes to one call, the first that fits.
    pub fn orders(&self, part: &str) -> UnboundedReceiver<Order> {
        let (to, orders) = unbounded_channel();
        let mut calls = lock(&self.inner.calls);
        calls.retain(|(_, to)| !to.is_closed());
        calls.push((part.to_owned(), to));
        orders
    }

    /// Waits for the first order whose path ends like this.
    pub async fn ordered(&self, ending: &str) -> Order {
        loop {
            let more = self.inner.more.notified();
            let log = self.log();
            if let Some(order) = log.into_iter().find(|order| order.path.ends_with(ending)) {
                return order;
            }
            more.await;
        }
    }

    /// Every order so far.
    pub fn log(&self) -> Vec<Order> {
        lock(&self.inner.log).clone()
    }
}

impl Drop for FakeRest {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let order = Order {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or("").to_owned(),
        headers,
        body: body.to_vec(),
    };
    let reply = lock(&inner.answers)(&order);
    {
        let mut log = lock(&inner.log);
        if log.len() < REMEMBERED {
            log.push(order.clone());
        }
    }
    inner.more.notify_waiters();
    // A refused order changes nothing at the provider.
    if reply.status < 300 {
        let body = String::from_utf8_lossy(&order.body).into_owned();
        let path = percent_decoded(&order.path);
        let calls = lock(&inner.calls);
        if let Some((_, to)) = calls
            .iter()
            .find(|(part, _)| path.contains(part) || body.contains(part))
        {
            // A call that is over gets no orders.
            let _ = to.send(order);
        }
    }
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = [(axum::http::header::CONTENT_TYPE, reply.content_type)];
    (status, content_type, reply.body).into_response()
}

/// `%3A` and the like in a path, as text. `+` stays.
fn percent_decoded(path: &str) -> String {
    // A form without `=` is one name.
    let kept = path.replace('+', "%2B");
    form_urlencoded::parse(kept.as_bytes())
        .map(|(name, _)| name.into_owned())
        .next()
        .unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics between two writes that belong together.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn orders_reach_the_call_that_they_are_about() {
        let rest = FakeRest::open("127.0.0.1:0".parse().expect("an address"))
            .await
            .expect("a port");
        let (mut first, mut second) = (rest.orders("v3:one"), rest.orders("two"));
        rest.answer_with(|order| {
            let status = if order.path.ends_with("hangup") {
                422
            } else {
                200
            };
            Reply::json(status, &serde_json::json!({ "status": status }))
        });
        let client = super::super::webhook::client();
        let post = async |path: &str| {
            let url = format!("{}{path}", rest.base());
            let sent = client
                .post(url)
                .bearer_auth("key")
                .body("{\"to\":\"+1555\"}");
            sent.send().await.expect("an answer").status().as_u16()
        };
        assert_eq!(post("/v2/calls/v3%3Aone/actions/transfer").await, 200);
        assert_eq!(post("/v2/calls/two/actions/answer?x=1").await, 200);
        assert_eq!(post("/v2/calls/two/actions/hangup").await, 422);
        let order = first.try_recv().expect("an order");
        assert_eq!(order.json()["to"], "+1555");
        assert_eq!(order.header("authorization"), "Bearer key");
        assert_eq!(second.try_recv().expect("an order").query, "x=1");
        assert!(second.try_recv().is_err(), "a refused order is none");
        assert_eq!(rest.log().len(), 3);
    }
}
