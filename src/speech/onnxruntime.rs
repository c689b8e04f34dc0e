//! Finds ONNX Runtime and makes sure that it works, before anything calls it.
//!
//! Piper voices need it at run time; building never does. With a missing, old or foreign library the
//! crate `ort` waits for ever without a message, so the library is opened and asked for its version
//! here first. Which voice runs on it is [`super::piper`]'s affair.

use std::ffi::{CStr, c_char, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// API version that `ort` will ask for: ONNX Runtime 1.24 is the first that has it.
pub const API_VERSION: u32 = ort::MINOR_VERSION;

const LIBRARY: &str = if cfg!(windows) {
    "onnxruntime.dll"
} else if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else {
    "libonnxruntime.so"
};

const HINT: &str = "hint: `pip install 'onnxruntime>=1.24'`, then name the library \
                    (…/site-packages/onnxruntime/capi/libonnxruntime.so.…) in `voice.onnxruntime` or ORT_DYLIB_PATH";

/// Why there is no ONNX Runtime.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    #[error("no ONNX Runtime library was found\n{HINT}")]
    NotFound,
    #[error("{0}: no such file, or not a library\n{HINT}")]
    NotAFile(PathBuf),
    #[error("{path}: cannot be loaded: {reason}\n{HINT}")]
    NotLoadable { path: PathBuf, reason: String },
    #[error("{0}: not ONNX Runtime\n{HINT}")]
    Foreign(PathBuf),
    #[error(
        "{path}: ONNX Runtime {version} is too old, 1.{API_VERSION} or newer is needed\n{HINT}"
    )]
    TooOld { path: PathBuf, version: String },
    #[error("ONNX Runtime at {0} was refused: {1}")]
    Refused(PathBuf, String),
}

/// A library that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    pub path: PathBuf,
    /// As it names itself, "1.24.4".
    pub version: String,
}

static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

/// Loads ONNX Runtime for the whole process: from `configured` (a library, or a folder that holds
/// one), else from ORT_DYLIB_PATH, else from where it usually lies. Once loaded it stays, whatever is
/// asked for later.
///
/// # Errors
/// [`RuntimeError`] says what is wrong with the library and how to get one. A library that was named
/// and does not work is an error; no other is taken in its place.
pub fn load(configured: Option<&Path>) -> Result<Runtime, RuntimeError> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = &*loaded {
        return Ok(runtime.clone());
    }
    let runtime = find(configured)?;
    ort::init_from(&runtime.path)
        .map_err(|e| RuntimeError::Refused(runtime.path.clone(), e.to_string()))?
        // Without: it may report home on some platforms.
        .with_telemetry(false)
        .commit();
    *loaded = Some(runtime.clone());
    Ok(runtime)
}

/// The library that [`load`] would take, probed.
///
/// # Errors
/// As [`load`].
pub fn find(configured: Option<&Path>) -> Result<Runtime, RuntimeError> {
    let named = configured.map(Path::to_owned).or_else(|| {
        std::env::var_os("ORT_DYLIB_PATH")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    });
    if let Some(path) = named {
        let library = if path.is_dir() {
            libraries_in(&path)
                .pop()
                .ok_or(RuntimeError::NotAFile(path))?
        } else {
            path
        };
        return probe(&library);
    }
    let mut worst = RuntimeError::NotFound;
    for library in usual_folders()
        .iter()
        .flat_map(|folder| libraries_in(folder).into_iter().rev())
    {
        match probe(&library) {
            Ok(runtime) => return Ok(runtime),
            // The first one found is the one that the user means.
            Err(error) if worst == RuntimeError::NotFound => worst = error,
            Err(_) => {}
        }
    }
    Err(worst)
}

/// Opens the library and asks for its version and for the API that `ort` needs.
///
/// # Errors
/// What is wrong with it.
pub fn probe(path: &Path) -> Result<Runtime, RuntimeError> {
    // Opening a pipe or a device would wait for ever.
    if !std::fs::metadata(path).is_ok_and(|meta| meta.is_file()) {
        return Err(RuntimeError::NotAFile(path.to_owned()));
    }
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // SAFETY: loading runs the library's own start code: the user named it, or it lies in a system
    // folder under ONNX Runtime's name.
    let library =
        unsafe { libloading::Library::new(&path) }.map_err(|e| RuntimeError::NotLoadable {
            path: path.clone(),
            reason: e.to_string(),
        })?;
    // SAFETY: the symbol's type is that of onnxruntime_c_api.h, unchanged since 1.0.
    let base =
        unsafe { library.get::<unsafe extern "C" fn() -> *const OrtApiBase>(b"OrtGetApiBase\0") }
            .map_err(|_| RuntimeError::Foreign(path.clone()))?;
    // SAFETY: returns a pointer to a static table of two functions, or null.
    let base = unsafe { base().as_ref() }.ok_or_else(|| RuntimeError::Foreign(path.clone()))?;
    // SAFETY: both functions take no state; the version is a static NUL-terminated text.
    let (version, api) = unsafe {
        let version = (base.get_version_string)();
        if version.is_null() {
            return Err(RuntimeError::Foreign(path));
        }
        let version = CStr::from_ptr(version).to_string_lossy().into_owned();
        // An old library writes to stderr when it is asked for a newer API: ask only a new one.
        let api = if new_enough(&version) {
            (base.get_api)(API_VERSION)
        } else {
            std::ptr::null()
        };
        (version, api)
    };
    if api.is_null() {
        return Err(RuntimeError::TooOld { path, version });
    }
    // Never unloaded: `ort` opens it again, and its threads must not lose their code.
    std::mem::forget(library);
    Ok(Runtime { path, version })
}

/// First two members of every ONNX Runtime's `OrtApiBase` (onnxruntime_c_api.h).
#[repr(C)]
struct OrtApiBase {
    get_api: unsafe extern "C" fn(u32) -> *const c_void,
    get_version_string: unsafe extern "C" fn() -> *const c_char,
}

fn new_enough(version: &str) -> bool {
    let mut numbers = version
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(1), Some(API_VERSION))
}

/// Files named like ONNX Runtime, oldest version first.
fn libraries_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(LIBRARY))
        })
        .collect();
    found.sort_by_key(|path| {
        let name = path.to_string_lossy().into_owned();
        let numbers: Vec<u32> = name
            .rsplit(LIBRARY)
            .next()
            .unwrap_or("")
            .split('.')
            .flat_map(str::parse)
            .collect();
        (numbers, name)
    });
    found
}

fn usual_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(folder) = std::env::current_exe()
        .ok()
        .as_deref()
        .and_then(Path::parent)
    {
        folders.extend([folder.to_owned(), folder.join("lib"), folder.join("../lib")]);
    }
    let var = |name| std::env::var_os(name).map(PathBuf::from);
    // What `pip install onnxruntime` leaves, in a virtual environment or for the user.
    for root in var("VIRTUAL_ENV")
        .into_iter()
        .chain(var("HOME").map(|home| home.join(".local")))
    {
        let pythons = std::fs::read_dir(root.join("lib"))
            .into_iter()
            .flatten()
            .flatten();
        folders.extend(pythons.map(|python| python.path().join("site-packages/onnxruntime/capi")));
    }
    let multiarch = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    let system = [
        "/usr/local/lib",
        "/usr/lib64",
        "/usr/lib",
        "/opt/onnxruntime/lib",
        "/opt/homebrew/lib",
    ];
    folders.extend(
        std::iter::once(&*multiarch)
            .chain(system)
            .map(PathBuf::from),
    );
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        for (version, enough) in [
            ("1.24.0", true),
            ("1.100.1", true),
            ("2.0.0", true),
            ("1.23.9", false),
            ("1.9.0", false),
            ("", false),
        ] {
            assert_eq!(new_enough(version), enough, "{version}");
        }
    }

    #[test]
    fn newest_library_comes_last() {
        let dir = tempfile::tempdir().expect("temporary folder");
        for end in ["", ".1.9.0", ".1.24.4", ".1"] {
            std::fs::write(dir.path().join(format!("{LIBRARY}{end}")), b"").expect("written");
        }
        std::fs::write(dir.path().join("libonnxruntime_providers_shared.so"), b"")
            .expect("written");
        let found = libraries_in(dir.path());
        assert_eq!(found.len(), 4);
        assert!(found[3].to_string_lossy().ends_with(".1.24.4"));
    }

    #[test]
    fn wrong_libraries_are_named_at_once() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let garbage = dir.path().join("libonnxruntime.so");
        std::fs::write(&garbage, b"\x7fELF but not really").expect("written");
        assert!(matches!(
            probe(&garbage),
            Err(RuntimeError::NotLoadable { .. })
        ));
        assert!(matches!(
            find(Some(&dir.path().join("none.so"))),
            Err(RuntimeError::NotAFile(_))
        ));
        let empty = dir.path().join("empty");
        std::fs::create_dir(&empty).expect("made");
        let error = find(Some(&empty)).expect_err("no library there");
        assert!(error.to_string().contains("pip install"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn another_library_is_foreign() {
        // The C library is certainly there, certainly loadable and certainly not ONNX Runtime.
        let maps = std::fs::read_to_string("/proc/self/maps").expect("own mappings");
        let libc = maps
            .split_whitespace()
            .find(|word| word.contains("/libc.so") || word.contains("/libc-"));
        let libc = libc.expect("libc is mapped");
        assert_eq!(
            probe(Path::new(libc)),
            Err(RuntimeError::Foreign(libc.into()))
        );
    }
}
