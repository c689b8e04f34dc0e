//! A fake of the model hub: a small HTTP/1.1 server on loopback that answers as a test says, and writes
//! down what it was asked.

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What was asked; header names in lower case.
#[derive(Clone, Debug)]
pub struct Asked {
    pub target: String,
    pub headers: BTreeMap<String, String>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Where `Range: bytes=N-` begins.
    fn start(&self) -> Option<usize> {
        let range = self.header("range")?.strip_prefix("bytes=")?;
        range.strip_suffix('-')?.parse().ok()
    }
}

/// What is answered.
#[derive(Clone, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Says no length: the end of the connection is the end of the body.
    pub endless: bool,
    /// Ends after so many bytes of the body, whatever length was said.
    pub cut: Option<usize>,
    /// Called when everything else was sent.
    pub then: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl Answer {
    pub fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn cut(mut self, after: usize) -> Self {
        self.cut = Some(after);
        self
    }

    /// The whole file, whatever was asked for.
    pub fn whole(body: &[u8]) -> Self {
        Self {
            status: 200,
            body: body.to_vec(),
            ..Self::default()
        }
    }

    /// The file as a server with ranges and tags gives it (RFC 9110 sections 13.1.5, 14.2).
    pub fn file(body: &[u8], tag: &str, asked: &Asked) -> Self {
        let tag = format!("\"{tag}\"");
        let same = asked.header("if-range").is_none_or(|wanted| wanted == tag);
        let answer = match asked.start().filter(|_| same) {
            Some(start) if start >= body.len() => Self::status(416),
            Some(start) => Self {
                status: 206,
                body: body[start..].to_vec(),
                ..Self::default()
            }
            .header(
                "Content-Range",
                format!("bytes {start}-{}/{}", body.len() - 1, body.len()),
            ),
            None => Self::whole(body),
        };
        answer.header("ETag", tag)
    }
}

type Rule = Box<dyn FnMut(&Asked) -> Answer + Send>;

/// The running server; it ends with this.
pub struct Hub {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    secure: bool,
}

impl Hub {
    pub fn start(rule: impl FnMut(&Asked) -> Answer + Send + 'static) -> Self {
        Self::serving(None, rule)
    }

    /// With TLS.
    pub fn start_secure(
        tls: ServerConfig,
        rule: impl FnMut(&Asked) -> Answer + Send + 'static,
    ) -> Self {
        Self::serving(Some(Arc::new(tls)), rule)
    }

    fn serving(
        tls: Option<Arc<ServerConfig>>,
        rule: impl FnMut(&Asked) -> Answer + Send + 'static,
    ) -> Self {
        let secure = tls.is_some();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, ended) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let (log, stop) = (Arc::clone(&asked), Arc::clone(&ended));
        let mut rule: Rule = Box::new(rule);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // A client that goes away in the middle is part of several tests.
                let _ = stream.and_then(|stream| match &tls {
                    None => serve(stream, &log, &mut rule),
                    Some(tls) => {
                        let tls = ServerConnection::new(Arc::clone(tls)).unwrap();
                        serve(StreamOwned::new(tls, stream), &log, &mut rule)
                    }
                });
            }
        });
        Self {
            address,
            asked,
            ended,
            thread: Some(thread),
            secure,
        }
    }

    /// As `HF_ENDPOINT` takes it.
    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread up.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(
    mut stream: impl Read + Write,
    log: &Mutex<Vec<Asked>>,
    rule: &mut Rule,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(&mut stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = BTreeMap::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else {
            break;
        };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let asked = Asked { target, headers };
    log.lock().unwrap().push(asked.clone());
    answer(stream, &rule(&asked))
}

fn answer(mut stream: impl Write, answer: &Answer) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} Said\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if !answer.endless {
        head += &format!("Content-Length: {}\r\n", answer.body.len());
    }
    stream.write_all((head + "\r\n").as_bytes())?;
    let sent = answer.cut.unwrap_or(answer.body.len());
    stream.write_all(&answer.body[..sent.min(answer.body.len())])?;
    stream.flush()?;
    if let Some(then) = &answer.then {
        then();
    }
    Ok(())
}
