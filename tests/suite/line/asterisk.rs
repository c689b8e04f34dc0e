//! Whole calls with a simulated Asterisk, over `chan_websocket` and AudioSocket, with the questions of its
//! dialplan in between.

mod audiosocket;
mod fake_socket;
mod websocket;

use super::house::{self, House, options, secret};
use attendant::line::server::Options;

/// The secret in a test's settings.
pub const SECRET: &str = "s3cret";

/// A server that wants the secret.
pub fn guarded() -> Options {
    house::guarded(|settings| settings.asterisk.secret = secret(SECRET))
}

/// A question of the dialplan, `CURL()` with a form: status and answer.
pub async fn ask(house: &House, path: &str, form: &[(&str, &str)]) -> (u16, String) {
    let client = attendant::http::client().build().expect("a client");
    let answer = client
        .post(format!("{}{path}", house.base))
        .basic_auth("asterisk", Some(SECRET))
        .form(form)
        .send()
        .await
        .expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.text().await.expect("a text"))
}

/// The answer to `next` for a call.
pub async fn next(house: &House, call: &str) -> String {
    ask(house, "/asterisk/next", &[("call", call)]).await.1
}

/// The answer to `dialed`.
pub async fn dialed(house: &House, call: &str, status: &str) -> String {
    let form = [("call", call), ("status", status)];
    ask(house, "/asterisk/dialed", &form).await.1
}

#[tokio::test]
async fn questions_want_the_secret_and_a_call() {
    let house = House::open(guarded()).await;
    let client = attendant::http::client().build().expect("a client");
    for path in ["announce", "next", "dialed"] {
        let url = format!("{}/asterisk/{path}?call=1.2", house.base);
        let status = |request: reqwest::RequestBuilder| async {
            request.send().await.expect("an answer").status().as_u16()
        };
        assert_eq!(status(client.get(&url)).await, 403, "{path}");
        let wrong = client.get(&url).basic_auth("asterisk", Some("x"));
        assert_eq!(status(wrong).await, 403, "{path}");
        let right = client.get(&url).bearer_auth(SECRET);
        assert_eq!(status(right).await, 200, "{path}");
        let odd = [("call", "../etc/passwd")];
        let odd = ask(&house, &format!("/asterisk/{path}"), &odd).await;
        assert_eq!(odd.0, 400, "{path}");
    }
}

#[tokio::test]
async fn a_call_that_never_came_goes_to_a_person() {
    let house = House::open(options()).await;
    assert_eq!(next(&house, "1795366837.17").await, "dial +15557654321");
    let nobody = House::open(Options {
        human_line: None,
        ..options()
    });
    assert_eq!(next(&nobody.await, "1795366837.17").await, "hangup");
}
