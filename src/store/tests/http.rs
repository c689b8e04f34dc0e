//! Connectors against a server that behaves, and against one that does not.

use super::*;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request as HttpRequest, StatusCode};
use axum::response::{IntoResponse as _, Response};
use std::sync::Mutex;

/// What the server was asked: method, path with query, the headers that count, body.
type Seen = Arc<Mutex<Vec<String>>>;

struct Server {
    address: String,
    seen: Seen,
    /// Keeps it running.
    _runtime: tokio::runtime::Runtime,
}

fn server() -> Server {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let seen = Seen::default();
    let app = axum::Router::new()
        .fallback(answer)
        .with_state(Arc::clone(&seen));
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, app).await });
    Server {
        address,
        seen,
        _runtime: runtime,
    }
}

async fn answer(State(seen): State<Seen>, request: HttpRequest<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let header = |name: &str| {
        let value = parts.headers.get(name);
        value.map_or("-".to_owned(), |value| value.to_str().unwrap().to_owned())
    };
    let line = format!(
        "{} {} {} {} {}",
        parts.method,
        parts.uri,
        header("authorization"),
        header("idempotency-key"),
        String::from_utf8_lossy(&body)
    );
    let times = {
        let mut seen = seen.lock().unwrap();
        seen.push(line);
        seen.len()
    };
    match parts.uri.path() {
        "/v1/rate/EUR" => {
            r#"{"result": {"rates": [{"value": 0.91, "at": "09:00"}]}}"#.into_response()
        }
        "/v1/rate/broken" => "<html>".into_response(),
        "/v1/rate/other" => r#"{"result": []}"#.into_response(),
        "/v1/rate/huge" => vec![b' '; (1 << 20) + 1].into_response(),
        "/v1/rate/moved" => (StatusCode::FOUND, [("location", "/v1/rate/EUR")]).into_response(),
        "/v1/rate/slow" => std::future::pending().await,
        "/v1/rate/a%2Fb%20c" => r#"{"result": {"rates": null}}"#.into_response(),
        "/pay" if times == 1 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "/pay" => r#"{"id": 77}"#.into_response(),
        "/codes" => StatusCode::NO_CONTENT.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

const OPERATIONS: &str = r#"
[rate]
arguments = ["currency"]
url = "${RATES_URL}/v1/rate/{currency}"
auth = { bearer_env = "RATES_TOKEN" }
timeout_ms = 300
rows = "/result/rates"
map = { rate = "/value", of = "/at", more = "/no/such" }

[pay]
arguments = ["account", "amount"]
numbers = ["amount"]
method = "POST"
url = "${RATES_URL}/pay?for={account}"
headers = { "X-Account" = "{account}" }
body = { amount = "{amount}", account = "{account}", note = "from {account}" }
retries = 2
idempotency = "Idempotency-Key"

[deliver_code]
arguments = ["to", "code"]
method = "POST"
url = "${RATES_URL}/codes"
body = { to = "{to}", text = "Your code is {code}." }
"#;

fn store(address: &str) -> Store {
    let files = BTreeMap::from([(FILE.to_owned(), OPERATIONS.to_owned())]);
    let environment = |name: &str| match name {
        "RATES_URL" => Some(address.to_owned()),
        "RATES_TOKEN" => Some("s3cret".to_owned()),
        _ => None,
    };
    Store::open(&files, None, TODAY, &environment).unwrap()
}

impl Server {
    fn rate(&self, store: &Store, currency: &str) -> (String, Vec<String>) {
        let answer = ask(store, 1, "rate", &[("currency", currency)]);
        (answer, std::mem::take(&mut *self.seen.lock().unwrap()))
    }
}

#[test]
fn a_lookup_goes_out_and_comes_back_as_rows() {
    let server = server();
    let store = store(&server.address);
    let (answer, seen) = server.rate(&store, "EUR");
    assert_eq!(answer, r#"[{"more":null,"of":"09:00","rate":"0.91"}]"#);
    assert_eq!(seen, ["GET /v1/rate/EUR Bearer s3cret - "]);
    assert_eq!(server.rate(&store, "unknown").0, "[]");
    let (answer, seen) = server.rate(&store, "a/b c");
    assert_eq!((answer.as_str(), seen.len()), ("[]", 1));
    // Out of its path: nobody is asked.
    for currency in ["..", "."] {
        assert_eq!(
            server.rate(&store, currency),
            ("failed".to_owned(), Vec::new())
        );
    }
    assert_eq!(
        format!("{:?}", store.operation("rate").unwrap())
            .matches("s3cret")
            .count(),
        0
    );
}

#[test]
fn answers_that_cannot_be_believed_fail() {
    let server = server();
    let store = store(&server.address);
    for currency in ["broken", "other", "huge", "moved", "slow"] {
        let (answer, seen) = server.rate(&store, currency);
        assert_eq!((answer.as_str(), seen.len()), ("failed", 1), "{currency}");
    }
    // Nobody listens there any more.
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert_eq!(
        ask(
            &self::store(&format!("http://{gone}")),
            1,
            "rate",
            &[("currency", "EUR")]
        ),
        "failed"
    );
}

#[test]
fn an_action_is_sent_again_with_the_same_key_and_kept_when_it_is_done() {
    let server = server();
    let store = store(&server.address);
    let arguments = [("account", "1001"), ("amount", "250")];
    for _ in 0..2 {
        assert_eq!(ask(&store, 1, "pay", &arguments), r#"[{"id":77}]"#);
    }
    let seen = std::mem::take(&mut *server.seen.lock().unwrap());
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(seen[0], seen[1]);
    let key = seen[0].split(' ').nth(3).unwrap();
    assert_eq!(key.len(), 32);
    assert!(seen[0].starts_with("POST /pay?for=1001 - "));
    assert!(
        seen[0].ends_with(r#"{"account":"1001","amount":250,"note":"from 1001"}"#),
        "{seen:?}"
    );
    // Another request, another key.
    ask(&store, 2, "pay", &arguments);
    assert!(!server.seen.lock().unwrap()[0].contains(key));
    // A line end would be a second header.
    assert_eq!(
        ask(
            &store,
            3,
            "pay",
            &[("account", "1\r\nX: y"), ("amount", "1")]
        ),
        "failed"
    );
}

#[test]
fn a_code_is_delivered_over_http() {
    let server = server();
    let store = store(&server.address);
    let ada = ("caller", "+15550100");
    assert_eq!(ask(&store, 1, "send_code", &[ada]), r#"[{"sent":true}]"#);
    let seen = server.seen.lock().unwrap()[0].clone();
    let (_, text) = seen.split_once(r#""Your code is "#).expect("a text");
    assert!(seen.contains(r#""to":"+15550100""#), "{seen}");
    assert!(ask(&store, 2, "check_code", &[ada, ("code", &text[..6])]).contains("true"));
}

/// A store may be asked and dropped where asynchronous work is done.
#[test]
fn a_store_can_be_dropped_by_a_task() {
    let server = server();
    let store = store(&server.address);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let answer = runtime.block_on(async move { ask(&store, 1, "rate", &[("currency", "EUR")]) });
    assert!(answer.contains("0.91"), "{answer}");
}
