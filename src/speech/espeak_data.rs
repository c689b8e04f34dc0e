//! Where espeak-ng finds its tables: the archive inside this binary, unpacked once per user.
//!
//! Decides the folder and that its content is whole; what is done with the tables is
//! [`super::espeak`]'s affair. The path is always passed to espeak-ng explicitly: left alone it would
//! search the working directory, `$HOME` and the build tree of whoever compiled it.

use super::SpeechError;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// espeak-ng 1.52.0.1 tables for en, es, fr, de and cmn (`models/tools/make_espeak_data.py`).
static ARCHIVE: &[u8] = include_bytes!("../../models/espeak-ng-data.tar.gz");

/// espeak-ng keeps the path of its data in 160 bytes (`N_PATH_HOME`) and cuts off what does not fit.
const LONGEST_PATH: usize = 120;

/// A file of the archive: its path under the folder, and its content.
type Entry = (PathBuf, Vec<u8>);

/// The folder that holds `espeak-ng-data`, unpacked there first if need be.
///
/// # Errors
/// Every place that was tried was unwritable or full; the message names them.
pub fn folder() -> Result<PathBuf, SpeechError> {
    folder_in(&candidates())
}

fn folder_in(places: &[PathBuf]) -> Result<PathBuf, SpeechError> {
    let entries = entries()
        .map_err(|e| SpeechError::Model(format!("the built-in voice's data is damaged: {e}")))?;
    let name = format!("espeak-ng-{}", digest());
    let mut tried = String::new();
    for place in places {
        let folder = place.join(&name);
        let done = if folder.as_os_str().len() > LONGEST_PATH {
            Err(io::Error::other(format!(
                "the path is longer than {LONGEST_PATH} bytes"
            )))
        } else {
            unpack(place, &folder, &entries)
        };
        match done {
            Ok(()) => return Ok(folder),
            Err(error) => {
                tracing::debug!(place = %place.display(), %error, "the voice's data cannot be kept here");
                tried += &format!("\n  {}: {error}", place.display());
            }
        }
    }
    Err(SpeechError::Model(format!(
        "the built-in voice found no folder for its data (1.2 MB):{tried}\n\
         hint: free some space, or set XDG_CACHE_HOME to a writable folder"
    )))
}

/// User cache first, then private folders under the temporary one (a service user often has no home).
fn candidates() -> Vec<PathBuf> {
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let user: String = std::env::var("USER")
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let temporary = std::env::temp_dir();
    let mut places = Vec::new();
    places.extend(absolute("XDG_CACHE_HOME").map(|dir| dir.join("attendant")));
    places.extend(absolute("HOME").map(|dir| dir.join(".cache/attendant")));
    places.push(temporary.join(format!("attendant-{user}")));
    places.push(temporary.join(format!("attendant-{:016x}", random())));
    places
}

/// Makes `folder` whole. Safe when several processes do it at once: the content appears under its
/// name in one step, and who comes second finds it there.
fn unpack(place: &Path, folder: &Path, entries: &[Entry]) -> io::Result<()> {
    make_private(place)?;
    if is_whole(folder, entries) {
        return is_ours(place, folder);
    }
    let part = place.join(format!(".{:016x}.part", random()));
    let result = write_all(&part, entries)
        .and_then(|()| is_ours(place, &part))
        .and_then(|()| {
            if folder.exists() && !is_whole(folder, entries) {
                // Damaged: out of the way, in one step as well.
                let broken = place.join(format!(".{:016x}.broken", random()));
                if fs::rename(folder, &broken).is_ok() {
                    let _ = fs::remove_dir_all(&broken);
                }
            }
            fs::rename(&part, folder)
        });
    let _ = fs::remove_dir_all(&part);
    // A failed rename means that somebody else's is there: as good as ours when it is whole.
    result.or_else(|error| {
        if is_whole(folder, entries) {
            is_ours(place, folder)
        } else {
            Err(error)
        }
    })
}

fn write_all(part: &Path, entries: &[Entry]) -> io::Result<()> {
    make_private(part)?;
    for (path, data) in entries {
        let path = part.join(path);
        fs::create_dir_all(path.parent().unwrap_or(part))?;
        fs::write(path, data)?;
    }
    Ok(())
}

fn make_private(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Refuses a folder that another user could change under our feet: one that somebody else put under
/// the temporary folder before us.
#[cfg(unix)]
fn is_ours(place: &Path, within: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let probe = place.join(format!(".{:016x}.part", random()));
    fs::write(&probe, [])?;
    let me = fs::symlink_metadata(&probe).map(|m| m.uid());
    let _ = fs::remove_file(&probe);
    let me = me?;
    for dir in [place, within] {
        let meta = fs::symlink_metadata(dir)?;
        if !meta.is_dir() || meta.uid() != me || meta.mode() & 0o022 != 0 {
            return Err(io::Error::other(
                "the folder belongs to, or can be written by, another user",
            ));
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn is_ours(_place: &Path, _within: &Path) -> io::Result<()> {
    Ok(())
}

/// Compares content, not only names: a crash or a full disk may have left short files.
fn is_whole(folder: &Path, entries: &[Entry]) -> bool {
    entries
        .iter()
        .all(|(path, data)| fs::read(folder.join(path)).is_ok_and(|found| found == *data))
}

fn entries() -> io::Result<Vec<Entry>> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(ARCHIVE));
    let mut entries = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let mut data = Vec::new();
        entry.read_to_end(&mut data)?;
        entries.push((path, data));
    }
    Ok(entries)
}

/// First 16 hexadecimal digits of the archive's SHA-256: a new version gets a new folder.
fn digest() -> String {
    Sha256::digest(ARCHIVE)
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn random() -> u64 {
    // Without a random source the process id still keeps two processes apart.
    getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpacks_once_and_repairs_damage() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let places = [dir.path().join("cache")];
        let folder = folder_in(&places).expect("unpacked");
        let table = folder.join("espeak-ng-data/phontab");
        let size = fs::metadata(&table).expect("phontab").len();
        fs::write(&table, b"short").expect("damaged");
        assert_eq!(folder_in(&places).expect("repaired"), folder);
        assert_eq!(fs::metadata(&table).expect("phontab").len(), size);
        assert_eq!(
            fs::read_dir(&places[0]).expect("listed").count(),
            1,
            "nothing else is left behind"
        );
    }

    #[test]
    fn concurrent_starts_agree() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let places = vec![dir.path().join("cache")];
        let starts: Vec<_> = (0..6)
            .map(|_| {
                let places = places.clone();
                std::thread::spawn(move || folder_in(&places).expect("unpacked"))
            })
            .collect();
        for start in starts {
            let folder = start.join().expect("no panic");
            assert!(is_whole(&folder, &entries().expect("archive")));
        }
        assert_eq!(fs::read_dir(&places[0]).expect("listed").count(), 1);
    }

    #[test]
    fn falls_to_the_next_place_and_names_them_all_when_none_works() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let file = dir.path().join("file");
        fs::write(&file, b"in the way").expect("written");
        let long = dir.path().join("x".repeat(LONGEST_PATH));
        let good = dir.path().join("good");
        let found =
            folder_in(&[file.join("under"), long.clone(), good.clone()]).expect("third place");
        assert!(found.starts_with(good));
        let message = folder_in(&[file.join("under"), long])
            .expect_err("no place")
            .to_string();
        assert!(
            message.contains("file/under") && message.contains("xxx") && message.contains("hint:"),
            "{message}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn refuses_a_folder_that_others_can_write() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("temporary folder");
        let open = dir.path().join("open");
        fs::create_dir(&open).expect("made");
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).expect("opened");
        assert!(folder_in(&[open]).is_err());
    }
}
