//! Files that are there whole or not at all: written beside their place, then given their name in one step.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

/// Writes `path` by `fill`. What was there before stays until all is written, also where the disk gets
/// full; of what could not be written nothing is left.
///
/// # Errors
/// Nothing can be written in its folder, or `fill` gave up.
pub fn write(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(".part");
    // As any new file: what others may read is the umask's business.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut part = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    let mut file = BufWriter::new(part.as_file_mut());
    fill(&mut file)?;
    file.flush()?;
    drop(file);
    part.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn half_a_file_never_takes_the_place_of_a_whole_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("page.html");
        write(&path, |file| file.write_all(b"whole")).expect("room");
        let full = write(&path, |file| {
            file.write_all(b"ha")?;
            file.flush()?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(full.is_err());
        assert_eq!(fs::read(&path).expect("there"), b"whole");
        assert_eq!(fs::read_dir(dir.path()).expect("there").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn who_may_read_it_is_as_with_any_new_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let (ours, other) = (dir.path().join("ours"), dir.path().join("other"));
        write(&ours, |_| Ok(())).expect("room");
        fs::write(&other, "").expect("room");
        let mode = |path| fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode(ours), mode(other));
    }
}
