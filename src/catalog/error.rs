//! What can go wrong while fetching, each with what to do next.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a model was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("HF_HUB_OFFLINE is set, so nothing is fetched\n{0}")]
    Offline(ByHand),
    #[error("cannot reach {host}: {cause}\n{by_hand}")]
    Unreachable {
        host: String,
        cause: String,
        by_hand: ByHand,
    },
    #[error(
        "{url}: {cause}, {tries} times in a row\n\
         hint: what has arrived is kept: the same command goes on from there"
    )]
    GaveUp {
        url: String,
        cause: String,
        tries: u32,
    },
    #[error("{url}: the server answers {status}\nhint: {}", advice(*.status))]
    Status { url: String, status: u16 },
    /// Known before anything was kept of it.
    #[error(
        "{url} has {found} bytes; {wanted} are expected\n\
         hint: a login page or another file stands there; check the mirror (HF_ENDPOINT) and the proxy"
    )]
    Size {
        url: String,
        found: u64,
        wanted: u64,
    },
    #[error(
        "{url} goes on after the {wanted} bytes that are expected: stopped, nothing is kept\n\
         hint: check the mirror (HF_ENDPOINT) and the proxy"
    )]
    TooLong { url: String, wanted: u64 },
    #[error(
        "{url} is not the file that it should be: SHA-256 {found}, expected {wanted}; nothing is kept\n\
         hint: try again; if it stays so, somebody has changed it on the way: check the mirror \
         (HF_ENDPOINT) and the proxy"
    )]
    WrongSum {
        url: String,
        found: String,
        wanted: String,
    },
    #[error(
        "{from} leads to {to}, which is not https\nhint: check the mirror (HF_ENDPOINT) and the proxy"
    )]
    Insecure { from: String, to: String },
    #[error("{path} is being fetched by another attendant\nhint: wait until that is done", path = .0.display())]
    Busy(PathBuf),
    #[error(
        "{needed} more bytes are needed in {folder}, and {free} are free\n\
         hint: free some space, or keep models elsewhere: --set models.dir=FOLDER",
        folder = .folder.display()
    )]
    Space {
        folder: PathBuf,
        needed: u64,
        free: u64,
    },
    #[error("cannot write {}{}", .path.display(), kept(.source))]
    Disk { path: PathBuf, source: io::Error },
    #[error("no requests can be made: {0}")]
    Client(String),
}

fn advice(status: u16) -> &'static str {
    match status {
        401 | 403 => {
            "the server does not want to give it: check the mirror (HF_ENDPOINT) and the proxy"
        }
        404 | 410 => {
            "it is not there: check the mirror (HF_ENDPOINT); unset, the official place is used"
        }
        407 => "the proxy wants a name and a password: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT",
        _ => "try again later, or from a mirror (HF_ENDPOINT)",
    }
}

fn kept(error: &io::Error) -> &'static str {
    if error.kind() == io::ErrorKind::StorageFull {
        "; what has arrived is kept\n\
         hint: free some space and give the same command again: it goes on from there"
    } else {
        ""
    }
}

/// How to get the files without a network: addresses, lengths, and where to put them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    pub name: String,
    /// Address, length in bytes, where it belongs.
    pub files: Vec<(String, u64, PathBuf)>,
}

impl fmt::Display for ByHand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "By hand, from a machine that has a network:")?;
        for (url, size, path) in &self.files {
            writeln!(f, "  get  {url}   ({size} bytes)")?;
            writeln!(f, "  as   {}", path.display())?;
        }
        write!(
            f,
            "hint: then: attendant models verify {}; behind a proxy set HTTPS_PROXY, for a mirror HF_ENDPOINT",
            self.name
        )
    }
}
