//! How mistakes and missing files are told: what happened once, then what to do about it; and how files
//! that a user names are opened, so that `-`, pipes and endless devices do no harm.

use anyhow::{Context as _, bail};
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

const HINT: &str = "hint:";

/// An error for the terminal: causes on one line, none of them twice, hints below them.
pub(crate) fn told(error: &anyhow::Error) -> String {
    let (mut what, mut hints) = (String::new(), Vec::new());
    for cause in error.chain() {
        let text = cause.to_string().replace("; hint: ", "\nhint: ");
        let (said, hint) = split(&text);
        // Some errors show their cause themselves.
        if !what.contains(said) {
            what += if what.is_empty() { "" } else { ": " };
            what += said;
        }
        hints.extend(hint.map(str::to_owned).filter(|hint| !hints.contains(hint)));
    }
    if hints.is_empty() && !what.contains(HINT) {
        let kind = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<io::Error>())
            .map(io::Error::kind);
        hints.extend(kind.and_then(usual_hint).map(str::to_owned));
    }
    hints
        .iter()
        .fold(what, |told, hint| format!("{told}\n  {HINT} {hint}"))
}

/// What happened, and the hint at its end. Hints in the middle, of one problem among several, stay.
fn split(text: &str) -> (&str, Option<&str>) {
    let Some((said, last)) = text.trim_end().rsplit_once('\n') else {
        return (text.trim_end(), None);
    };
    match last.trim_start().strip_prefix(HINT) {
        Some(hint) => (said, Some(hint.trim())),
        None => (text.trim_end(), None),
    }
}

fn usual_hint(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NotFound => "check the path; relative ones begin in this folder",
        ErrorKind::PermissionDenied => "check who may read and write there (ls -l)",
        ErrorKind::IsADirectory => "this is a folder: name a file in it",
        ErrorKind::NotADirectory => "a file stands where a folder is needed: choose another path",
        ErrorKind::StorageFull => "free some space, or write elsewhere",
        ErrorKind::ReadOnlyFilesystem => "nothing can be written there: choose another folder",
        _ => return None,
    })
}

/// Opens a file that the user named; `-` is standard input.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    File::open(if path.as_os_str() == "-" {
        Path::new("/dev/stdin")
    } else {
        path
    })
}

/// Reads a file that the user named, no further than `most` bytes.
///
/// # Errors
/// It cannot be read, or is longer: what a device says about its length is not believed.
pub(crate) fn read(path: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.with_context(|| format!("cannot read {}", path.display()))?;
    if bytes.len() as u64 > most {
        bail!(
            "{} is longer than {most} bytes\nhint: is it the right file?",
            path.display()
        );
    }
    Ok(bytes)
}

/// [`read`], as text.
///
/// # Errors
/// Also where it is not UTF-8.
pub(crate) fn read_text(path: &Path, most: u64) -> anyhow::Result<String> {
    let text = String::from_utf8(read(path, most)?);
    text.ok().with_context(|| {
        format!(
            "{} is not text in UTF-8\nhint: is it the right file?",
            path.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once_and_the_hint_comes_last() {
        let error = anyhow::anyhow!("the disk is gone")
            .context("cannot read a.wav\nhint: plug it in")
            .context("no call");
        assert_eq!(
            told(&error),
            "no call: cannot read a.wav: the disk is gone\n  hint: plug it in"
        );
        let shown = anyhow::anyhow!("the disk is gone")
            .context("reading failed: the disk is gone; hint: plug it in");
        assert_eq!(
            told(&shown),
            "reading failed: the disk is gone\n  hint: plug it in"
        );
    }

    #[test]
    fn hints_of_several_problems_stay_with_them() {
        let text = "a.toml:1: odd\n  hint: one\na.toml:2: odd\n  hint: two";
        assert_eq!(told(&anyhow::anyhow!("{text}")), text);
    }

    #[test]
    fn a_file_that_cannot_be_opened_comes_with_advice() {
        let error = read(Path::new("no/such/file"), 10).expect_err("there is none");
        assert!(
            told(&error).starts_with("cannot read no/such/file: ")
                && told(&error).contains("\n  hint: check the path")
        );
    }

    #[test]
    fn an_endless_file_is_not_read_to_its_end() {
        let error = read_text(Path::new("/dev/zero"), 1000).expect_err("no end");
        assert!(
            told(&error).contains("longer than 1000 bytes"),
            "{}",
            told(&error)
        );
    }
}
