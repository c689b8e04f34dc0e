//! `attendant init`: a business of one's own to begin with, copied out of the binary. Decides that nothing
//! is overwritten, and that a copy that could not be finished does not stay.

use super::schema;
use crate::dialogue::domain::{Files, TRADES, nearest, trade};
use anyhow::{Context as _, bail};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where the schemas lie in the business's folder.
const SCHEMAS: &str = ".schema";

/// Write a business to begin with.
#[derive(clap::Args)]
pub struct Args {
    /// shop, bank or clinic
    #[arg(value_name = "TRADE")]
    trade: String,
    /// The folder to write it to: a new one, or an empty one
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// There is no such trade, the folder is not empty, or it cannot be written to.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let dir = &args.dir;
    let files = files(&args.trade)?;
    is_free(dir)?;
    write(dir, &files)?;
    super::print(&next(&args.trade, dir, files.len()))?;
    Ok(ExitCode::SUCCESS)
}

/// The files of the trade, with a line on top that names their schema, and the schemas.
fn files(name: &str) -> anyhow::Result<Files> {
    let Some(found) = trade(name).filter(|files| !files.is_empty()) else {
        let known: Vec<&str> = TRADES
            .into_iter()
            .filter(|name| trade(name).is_some_and(|files| !files.is_empty()))
            .collect();
        bail!(
            "there is no trade {name:?}\nhint: {} There are {}",
            nearest(name, &known),
            known.join(", ")
        );
    };
    let schemas = schema::all();
    let mut out = Files::new();
    for (file, text) in found {
        let stem = file
            .strip_suffix(".toml")
            .map(|stem| stem.rsplit('/').next().unwrap_or(stem));
        let text = match stem.filter(|stem| schemas.contains_key(stem)) {
            Some(stem) => {
                let up = "../".repeat(file.matches('/').count());
                format!("#:schema {up}{SCHEMAS}/{stem}.json\n{text}")
            }
            None => text,
        };
        out.insert(file, text);
    }
    for (name, schema) in schemas {
        out.insert(format!("{SCHEMAS}/{name}.json"), format!("{schema:#}\n"));
    }
    Ok(out)
}

/// Nothing is there, or an empty folder.
fn is_free(dir: &Path) -> anyhow::Result<()> {
    match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            bail!(
                "{} is a file\nhint: name a folder that is not there yet",
                dir.display()
            )
        }
        Err(error) => Err(error).with_context(|| format!("cannot look into {}", dir.display())),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => bail!(
                "{} is not empty, and nothing in it is overwritten\nhint: name a new folder, or empty this one",
                dir.display()
            ),
        },
    }
}

/// Writes all files, or none: what was written is taken away again where one cannot be.
fn write(dir: &Path, files: &Files) -> anyhow::Result<()> {
    let mut made = Made::default();
    let written = made.all(dir, files);
    if let Err((path, error)) = written {
        made.undo();
        return Err(error)
            .with_context(|| format!("cannot write {}; nothing was kept", path.display()));
    }
    Ok(())
}

/// What was made, to take it away again.
#[derive(Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

type At<T> = Result<T, (PathBuf, io::Error)>;

impl Made {
    fn all(&mut self, dir: &Path, files: &Files) -> At<()> {
        self.folder(dir)?;
        for (name, text) in files {
            let path = dir.join(name);
            if let Some(folder) = path.parent() {
                self.folder(folder)?;
            }
            self.file(&path, text).map_err(|error| (path, error))?;
        }
        Ok(())
    }

    /// Makes the folder and those above it that are missing.
    fn folder(&mut self, folder: &Path) -> At<()> {
        if folder.as_os_str().is_empty() || folder.is_dir() {
            return Ok(());
        }
        if let Some(above) = folder.parent() {
            self.folder(above)?;
        }
        fs::create_dir(folder).map_err(|error| (folder.to_owned(), error))?;
        self.folders.push(folder.to_owned());
        Ok(())
    }

    fn file(&mut self, path: &Path, text: &str) -> io::Result<()> {
        let mut file = File::create_new(path)?;
        self.files.push(path.to_owned());
        file.write_all(text.as_bytes())?;
        // A full disk may be noticed only here.
        file.sync_all()
    }

    fn undo(&self) {
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn next(trade: &str, dir: &Path, count: usize) -> String {
    let shown = dir.display();
    format!(
        "the {trade} is in {shown}: {count} files\n\nNext:\n  \
         attendant check {shown}     what is wrong with it\n  \
         attendant test {shown}      its example dialogues\n  \
         attendant chat {shown}      talk to it, typed\n  \
         attendant serve --set business.domain={shown}\n\n\
         Begin with {shown}/tasks.toml and the folders of the languages.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::Domain;
    use crate::runtime::business;

    fn args(trade: &str, dir: PathBuf) -> Args {
        Args {
            trade: trade.into(),
            dir,
        }
    }

    #[test]
    fn the_copy_is_the_business() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("deep/my-shop");
        run(&args("shop", dir.clone())).expect("it is written");
        let mut config = crate::config::Config::default();
        config.business.domain = Some(dir.clone());
        let files = business::files(&config).expect("it is read");
        assert!(Domain::parse(&files).is_ok());
        for (file, text) in trade("shop").expect("the shop") {
            assert!(files[&file].ends_with(&text), "{file}");
        }
        assert!(files["tasks.toml"].starts_with("#:schema .schema/tasks.json\n"));
        assert!(files["en/prompts.toml"].starts_with("#:schema ../.schema/prompts.json\n"));
        assert!(dir.join(".schema/operations.json").is_file());
        let told = next("shop", &dir, 1);
        for verb in ["check", "test", "chat", "serve"] {
            assert!(told.contains(&format!("attendant {verb} ")), "{told}");
        }
    }

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().to_owned();
        fs::write(dir.join("mine.txt"), "mine").expect("written");
        let error = run(&args("shop", dir.clone()))
            .expect_err("refused")
            .to_string();
        assert!(
            error.contains("is not empty") && error.contains("hint:"),
            "{error}"
        );
        assert_eq!(fs::read_dir(&dir).expect("there").count(), 1);
        let error = run(&args("shop", dir.join("mine.txt")))
            .expect_err("refused")
            .to_string();
        assert!(error.contains("is a file"), "{error}");
    }

    #[test]
    fn an_unknown_trade_is_told_with_the_nearest() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = run(&args("shpo", folder.path().join("x")))
            .expect_err("none")
            .to_string();
        assert!(error.contains("did you mean \"shop\"?"), "{error}");
        assert!(!folder.path().join("x").exists());
    }

    #[test]
    fn what_could_not_be_finished_does_not_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("new");
        // A file stands where a folder is needed later.
        let files = Files::from([("a".into(), "1".into()), ("a/b".into(), "2".into())]);
        let error = format!("{:#}", write(&dir, &files).expect_err("it cannot"));
        assert!(
            error.contains("cannot write") && error.contains("nothing was kept"),
            "{error}"
        );
        assert!(!dir.exists());
    }
}
