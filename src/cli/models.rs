//! `attendant models`: speech models by name, fetched, checked and found; and what a setting that
//! names one means to the other verbs.
//!
//! Decides what is printed and which exit code comes back. Which models there are and how they are
//! fetched is [`crate::catalog`]'s affair.

mod bar;
mod list;

use super::{print, trouble};
use crate::catalog::{
    BUNDLED, Catalog, Check, Endpoint, Kind, Model, Options, PullError, Pulled, Store,
    default_folder, locate, offline, pull,
};
use crate::config::Config;
use anyhow::{Context as _, anyhow};
use bar::Bar;
use clap::Subcommand;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Longest list of one's own, in bytes.
const MAX_CATALOG: u64 = 1 << 20;

#[derive(clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        attendant models list\n  \
        attendant models pull base.en\n  \
        attendant models verify\n  \
        attendant models path base.en\n  \
        attendant talk --model base.en\n  \
        attendant say \"Good morning.\" --voice en_US-norman-medium\n\n\
        Environment: HTTPS_PROXY, NO_PROXY; HF_ENDPOINT, a mirror instead of https://huggingface.co;\n\
        HF_HUB_OFFLINE=1, fetch nothing; ATTENDANT_MODELS_DIR, the folder.\n\n\
        Exit codes: 0 done, 1 not fetched, damaged or not installed, 2 no such model."
)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Every model that can be fetched: name, kind, size, languages, licence, whether it is installed
    List {
        /// One JSON array, with files, checksums and paths
        #[arg(long)]
        json: bool,
    },
    /// Fetch a model into the models folder; goes on where an earlier attempt stopped
    Pull {
        /// A name from the list
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Read installed files again and compare them with their checksums
    Verify {
        /// A name from the list; without it, everything that is installed
        name: Option<String>,
    },
    /// The models folder, or the file of an installed model
    Path {
        /// A name from the list
        name: Option<String>,
    },
}

/// Runs the verb.
///
/// # Errors
/// No such model, or no folder to keep models in.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let catalog = catalog(config)?;
    let store = store(config)?;
    match args.action {
        Action::List { json } => list::print(&catalog, &store, json),
        Action::Pull { names } => {
            let models: Vec<&Model> = wanted(&catalog, &names)?;
            pull_all(&models, &store)
        }
        Action::Verify { name } => {
            let models = match &name {
                Some(name) => wanted(&catalog, std::slice::from_ref(name))?,
                None => catalog.models().iter().filter(|m| store.any(m)).collect(),
            };
            verify(&models, &store)
        }
        Action::Path { name: None } => {
            print(&format!("{}\n", store.folder().display()))?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Path { name: Some(name) } => {
            if name == BUNDLED {
                return refuse(&anyhow!(
                    "{BUNDLED} is part of the program: there is no file\n\
                     hint: it is used where no other is named"
                ));
            }
            let model = named(&catalog, &name)?;
            match store.installed(model) {
                Some(path) => {
                    print(&format!("{}\n", path.display()))?;
                    Ok(ExitCode::SUCCESS)
                }
                None => refuse(&anyhow!(
                    "the model {name} is not installed\nhint: attendant models pull {name}"
                )),
            }
        }
    }
}

/// Says what went wrong where the verb itself did what it should.
fn refuse(error: &anyhow::Error) -> anyhow::Result<ExitCode> {
    eprintln!("error: {}", trouble::told(error));
    Ok(ExitCode::FAILURE)
}

/// The models of these names. The one in the program needs nothing.
fn wanted<'a>(catalog: &'a Catalog, names: &[String]) -> anyhow::Result<Vec<&'a Model>> {
    let mut models = Vec::new();
    for name in names {
        if name == BUNDLED {
            eprintln!("{BUNDLED} is part of the program: nothing to do");
        } else {
            models.push(named(catalog, name)?);
        }
    }
    Ok(models)
}

fn named<'a>(catalog: &'a Catalog, name: &str) -> anyhow::Result<&'a Model> {
    catalog.find(name).ok_or_else(|| {
        let hint = match catalog.near(name) {
            Some(near) => format!("did you mean {near}? attendant models list shows all"),
            None => "attendant models list shows the names".into(),
        };
        anyhow!("there is no model {name}\nhint: {hint}")
    })
}

fn pull_all(models: &[&Model], store: &Store) -> anyhow::Result<ExitCode> {
    let options = options()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    for model in models {
        let mut bar = Bar::new(&model.name);
        let pulled = runtime.block_on(pull(model, store, &options, &mut |step| bar.show(step)));
        bar.clear();
        match pulled {
            Ok(pulled) => print(&installed(model, store, pulled))?,
            Err(error @ PullError::Client(_)) => return Err(error.into()),
            Err(error) => return refuse(&error.into()),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn installed(model: &Model, store: &Store, pulled: Pulled) -> String {
    let (name, licence) = (&model.name, &model.licence);
    let path = model.files.first().map(|piece| store.path(piece));
    let path = path.unwrap_or_default();
    let how = match pulled {
        Pulled::Already => "is installed already, and right",
        Pulled::Fetched => "is installed",
    };
    let usage = match model.kind {
        Kind::Whisper => format!("--model {name}"),
        Kind::Piper => format!("--set voice.piper={name}"),
    };
    format!(
        "{name} {how}: {}\n  licence: {licence}\n  to use it: {usage}\n",
        path.display()
    )
}

/// What the environment says.
fn options() -> anyhow::Result<Options> {
    let variable = |name: &str| std::env::var(name).ok();
    let endpoint = variable("HF_ENDPOINT").unwrap_or_default();
    Ok(Options {
        endpoint: Endpoint::parse(&endpoint).map_err(|why| {
            anyhow!("HF_ENDPOINT cannot be used: {why}\nhint: unset it for the official place")
        })?,
        offline: offline(variable("HF_HUB_OFFLINE").as_deref()),
        ..Options::default()
    })
}

fn verify(models: &[&Model], store: &Store) -> anyhow::Result<ExitCode> {
    if models.is_empty() {
        eprintln!("nothing is installed in {}", store.folder().display());
        return Ok(ExitCode::SUCCESS);
    }
    let mut broken = Vec::new();
    for model in models {
        let mut bar = Bar::new(&model.name);
        for piece in &model.files {
            bar.begin(piece.size, 0);
            let check = store
                .check(piece, |bytes| bar.add(bytes))
                .with_context(|| format!("cannot read {}", store.path(piece).display()))?;
            bar.clear();
            let state = match &check {
                Check::Good => "good".to_owned(),
                Check::Missing => "MISSING".to_owned(),
                Check::Length(found) => {
                    format!("DAMAGED: {found} bytes instead of {}", piece.size)
                }
                Check::Sum(found) => format!("DAMAGED: its SHA-256 is {found}"),
            };
            print(&format!("{}  {}  {state}\n", model.name, piece.name()))?;
            if check != Check::Good && !broken.contains(&model.name.as_str()) {
                broken.push(&model.name);
            }
        }
    }
    if broken.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    refuse(&anyhow!(
        "not as it should be: {}\nhint: attendant models pull {}",
        broken.join(", "),
        broken.join(" ")
    ))
}

/// The models that can be named: the built-in list, and the one that the settings name.
///
/// # Errors
/// The latter cannot be used.
pub(crate) fn catalog(config: &Config) -> anyhow::Result<Catalog> {
    let Some(path) = &config.models.catalog else {
        return Ok(Catalog::built_in());
    };
    let text = trouble::read_text(path, MAX_CATALOG)?;
    let own = Catalog::parse(&text).with_context(|| {
        format!(
            "{} is no list of models\nhint: it is written like models/catalog.toml in the sources",
            path.display()
        )
    })?;
    Ok(Catalog::built_in().with(own))
}

/// The folder of models.
///
/// # Errors
/// Neither the settings nor the environment say where that is.
pub(crate) fn store(config: &Config) -> anyhow::Result<Store> {
    let folder = match &config.models.dir {
        Some(folder) => folder.clone(),
        None => default_folder(|name| std::env::var_os(name)).context(
            "there is no folder to keep models in\n\
             hint: name one: --set models.dir=FOLDER, or set HOME or XDG_DATA_HOME",
        )?,
    };
    Ok(Store::new(folder))
}

/// Which models a verb opens.
#[derive(Clone, Copy)]
pub(crate) struct Needs {
    pub hears: bool,
    pub speaks: bool,
}

/// A setting that takes a model.
struct Place {
    /// `section.key`.
    setting: &'static str,
    kind: Kind,
    of: fn(&mut Config) -> &mut Option<PathBuf>,
}

const PLACES: [Place; 5] = [
    Place {
        setting: "recognizer.model",
        kind: Kind::Whisper,
        of: |config| &mut config.recognizer.model,
    },
    Place {
        setting: "recognizer.second",
        kind: Kind::Whisper,
        of: |config| &mut config.recognizer.second,
    },
    Place {
        setting: "voice.piper",
        kind: Kind::Piper,
        of: |config| &mut config.voice.piper,
    },
    Place {
        setting: "voice.piper_en",
        kind: Kind::Piper,
        of: |config| &mut config.voice.piper_en,
    },
    Place {
        setting: "voice.piper_es",
        kind: Kind::Piper,
        of: |config| &mut config.voice.piper_es,
    },
];

impl Place {
    fn resolve(&self, config: &mut Config) -> anyhow::Result<()> {
        if let Some(given) = (self.of)(config).clone() {
            *(self.of)(config) = file(&given, self.kind, config)?;
        }
        Ok(())
    }
}

/// Puts files in the place of names, in the settings of what is needed.
///
/// # Errors
/// A model is not installed, or there is none of that name.
pub(crate) fn resolve(config: &mut Config, needs: Needs) -> anyhow::Result<()> {
    PLACES
        .iter()
        .filter(|place| match place.kind {
            Kind::Whisper => needs.hears,
            Kind::Piper => needs.speaks,
        })
        .try_for_each(|place| place.resolve(config))
}

fn file(given: &Path, kind: Kind, config: &Config) -> anyhow::Result<Option<PathBuf>> {
    // Most people name files, and need no folder of models for that.
    if given.is_file() || given.components().count() != 1 {
        return Ok(Some(given.to_owned()));
    }
    Ok(locate(given, kind, &catalog(config)?, &store(config)?)?)
}

/// Whether `name` is a voice of the list.
///
/// # Errors
/// The list cannot be used.
pub(crate) fn is_voice(name: &str, config: &Config) -> anyhow::Result<bool> {
    let catalog = catalog(config)?;
    Ok(catalog
        .find(name)
        .is_some_and(|model| model.kind == Kind::Piper))
}

/// The settings with files in the place of names, and what is to be said of names that give none:
/// `section.key`, error.
pub(crate) fn resolved(config: &Config) -> (Config, Vec<(&'static str, anyhow::Error)>) {
    let mut config = config.clone();
    let errors = PLACES
        .iter()
        .filter_map(|place| Some((place.setting, place.resolve(&mut config).err()?)))
        .collect();
    (config, errors)
}
