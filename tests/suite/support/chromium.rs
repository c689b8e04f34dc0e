//! A headless Chromium, driven over the Chrome DevTools protocol: just what the tests of the page need.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Nothing in these tests takes longer, on a busy machine either.
const PATIENCE: Duration = Duration::from_secs(60);
/// What keeps it from talking to anybody but us, and from asking.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-port=0",
    "about:blank",
];

/// The program; `None`, with the reason told, where there is none and nobody demands it.
///
/// # Panics
/// Where CI runs: there the page must be tested.
pub fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "no Chromium: .ci/setup.sh installs it"
        );
        eprintln!(
            "SKIPPED: no Chromium is installed (apt-get install chromium), the page is not tested"
        );
    }
    found
}

/// A running browser. Ended when dropped.
pub struct Chromium {
    child: Child,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    number: u64,
    _profile: TempDir,
}

impl Chromium {
    /// Starts it. `microphone`: a WAV file that is heard once, from when the microphone opens; none: there
    /// is no microphone.
    pub async fn start(program: &Path, microphone: Option<&Path>, language: &str) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(program);
        command.args(FLAGS).arg(format!("--lang={language}"));
        command.arg(format!("--accept-lang={language}"));
        command.env("LANGUAGE", language);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        if let Some(file) = microphone {
            let file = format!(
                "--use-file-for-fake-audio-capture={}%noloop",
                file.display()
            );
            command.args(["--use-fake-device-for-media-stream", file.as_str()]);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Chromium starts");
        let told = child.stderr.take().expect("piped");
        let (sender, receiver) = tokio::sync::oneshot::channel();
        // Reads on until the end, so that the browser never waits for us.
        std::thread::spawn(move || {
            let mut sender = Some(sender);
            let mut all = String::new();
            for line in BufReader::new(told).lines().map_while(Result::ok) {
                match line.strip_prefix("DevTools listening on ") {
                    Some(url) => drop(sender.take().map(|sender| sender.send(Ok(url.to_owned())))),
                    None if all.len() < 4000 => all = all + &line + "\n",
                    None => {}
                }
            }
            drop(sender.take().map(|sender| sender.send(Err(all))));
        });
        let url = timeout(PATIENCE, receiver)
            .await
            .expect("in time")
            .expect("told");
        let url = url.unwrap_or_else(|told| panic!("Chromium did not start:\n{told}"));
        let (socket, _) = tokio_tungstenite::connect_async(url)
            .await
            .expect("DevTools");
        Self {
            child,
            socket,
            number: 0,
            _profile: profile,
        }
    }

    /// Sends a command and waits for its result.
    async fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Value {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let message = Message::text(message.to_string());
        self.socket.send(message).await.expect("DevTools is there");
        let answer = async {
            loop {
                let message = self.socket.next().await.expect("DevTools is there");
                let Ok(Message::Text(text)) = message else {
                    continue;
                };
                let answer: Value = serde_json::from_str(&text).expect("JSON");
                if answer["id"] == self.number {
                    return answer;
                }
            }
        };
        let answer = timeout(PATIENCE, answer).await;
        let mut answer = answer.unwrap_or_else(|_| panic!("{method} takes too long"));
        assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
        answer["result"].take()
    }

    /// A new tab with nothing in it.
    pub async fn tab(&mut self) -> Tab<'_> {
        let target = self.call(None, "Target.createTarget", json!({ "url": "about:blank" }));
        let target = target.await["targetId"].clone();
        let session = json!({ "targetId": target, "flatten": true });
        let session = self.call(None, "Target.attachToTarget", session).await;
        let session = session["sessionId"].as_str().expect("a session").to_owned();
        Tab {
            browser: self,
            session,
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Its other processes end with it.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An open page.
pub struct Tab<'a> {
    browser: &'a mut Chromium,
    session: String,
}

impl Tab<'_> {
    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        let session = self.session.clone();
        self.browser.call(Some(&session), method, params).await
    }

    /// Whether a site may use the microphone: "granted", "denied".
    pub async fn microphone(&mut self, origin: &str, setting: &str) {
        let permission = json!({
            "permission": { "name": "microphone" }, "setting": setting, "origin": origin,
        });
        self.browser
            .call(None, "Browser.setPermission", permission)
            .await;
    }

    /// Opens a page; errors in it are noted from its beginning.
    pub async fn open(&mut self, url: &str) {
        const WATCH: &str = "window.troubles = [];
            addEventListener('error', (e) => troubles.push(String(e.message)));
            addEventListener('unhandledrejection', (e) => troubles.push(String(e.reason)));
            addEventListener('securitypolicyviolation', (e) => troubles.push(e.violatedDirective + e.blockedURI));";
        self.call("Page.enable", json!({})).await;
        self.call(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": WATCH }),
        )
        .await;
        let opened = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(opened["errorText"].is_null(), "{url}: {opened}");
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")
            .await;
    }

    /// The value of an expression; a promise is waited for.
    pub async fn value(&mut self, expression: &str) -> Value {
        let wanted = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        let mut told = self.call("Runtime.evaluate", wanted).await;
        assert!(told["exceptionDetails"].is_null(), "{expression}: {told}");
        told["result"]["value"].take()
    }

    pub async fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression).await;
        value
            .as_str()
            .unwrap_or_else(|| panic!("{expression}: {value}"))
            .to_owned()
    }

    /// Waits, in the page, until an expression is true.
    pub async fn until(&mut self, expression: &str) {
        let wait = format!(
            "new Promise((done) => {{
                const end = Date.now() + {};
                const look = () => {{
                    let is = false;
                    try {{ is = Boolean({expression}); }} catch {{}}
                    if (is || Date.now() > end) done(is);
                    else setTimeout(look, 20);
                }};
                look();
            }})",
            PATIENCE.as_millis() / 2
        );
        if self.value(&wait).await != true {
            let page = self.text("document.body.innerText").await;
            let troubles = self.value("window.troubles").await;
            panic!("never: {expression}\nthe page: {page}\ntroubles: {troubles}");
        }
    }

    /// Clicks the middle of an element with the mouse.
    pub async fn click(&mut self, selector: &str) {
        let place = format!(
            "(() => {{ const box = document.querySelector({selector:?}).getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        );
        let place = self.value(&place).await;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Presses a key that writes `text`.
    pub async fn key(&mut self, key: &str, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": key });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            if key == "Enter" {
                event["windowsVirtualKeyCode"] = 13.into();
            }
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Writes a line into the focused field and sends it.
    pub async fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text })).await;
        self.key("Enter", "\r").await;
    }

    /// A screen of this size, in px, light or dark.
    pub async fn screen(&mut self, width: u32, height: u32, dark: bool) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await;
    }

    /// Keeps a picture where `ATTENDANT_TEST_PICTURES` names a folder.
    pub async fn picture(&mut self, name: &str) {
        use base64::Engine as _;
        let Some(folder) = std::env::var_os("ATTENDANT_TEST_PICTURES") else {
            return;
        };
        let shot = self
            .call("Page.captureScreenshot", json!({ "format": "png" }))
            .await;
        let png = base64::engine::general_purpose::STANDARD
            .decode(shot["data"].as_str().expect("a picture"));
        let path = Path::new(&folder).join(format!("{name}.png"));
        std::fs::write(path, png.expect("base64")).expect("written");
    }

    /// Nothing went wrong in the page.
    pub async fn unbroken(&mut self) {
        assert_eq!(self.value("window.troubles").await, json!([]));
    }
}
