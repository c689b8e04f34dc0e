//! What fake sessions were told, and waiting for it.

use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Notify;

/// No test waits so long, on a busy machine neither.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// How often the limit is looked at while nobody is told anything.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What the fake sessions were told.
#[derive(Default)]
pub struct Log {
    lines: Mutex<Vec<String>>,
    more: Notify,
}

impl Log {
    pub fn note(&self, line: String) {
        self.lines.lock().expect("no panic").push(line);
        self.more.notify_waiters();
    }

    pub fn all(&self) -> Vec<String> {
        self.lines.lock().expect("no panic").clone()
    }

    /// Waits until a session was told `line`. The limit is real time, whatever the runtime's clock does:
    /// a paused one runs ahead of sockets and threads.
    pub async fn wait_for(&self, line: &str) {
        self.wait_for_times(line, 1).await;
    }

    /// Waits until sessions were told `line` so often.
    pub async fn wait_for_times(&self, line: &str, times: usize) {
        let since = std::time::Instant::now();
        loop {
            let more = self.more.notified();
            let all = self.all();
            if all.iter().filter(|l| *l == line).count() >= times {
                return;
            }
            assert!(
                since.elapsed() < LONGEST_WAIT,
                "nobody was told {line:?}; so far: {all:#?}"
            );
            let _ = tokio::time::timeout(LOOK_AGAIN, more).await;
        }
    }
}
