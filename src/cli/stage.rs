//! Which business `test` and `chat` perform against: the one in a folder, or the one that the settings
//! name.

use crate::config::Config;
use crate::runtime::business::Business;
use std::path::Path;

/// Opens the business in `folder`, a trade of the binary where there is no such folder; `None`: the one
/// that the settings name.
///
/// # Errors
/// A file that cannot be read, or is wrong.
pub(crate) fn open(folder: Option<&Path>, config: &Config) -> anyhow::Result<Business> {
    Ok(Business::open(&at(folder, config))?)
}

/// The settings, with the business in `folder`.
pub(crate) fn at(folder: Option<&Path>, config: &Config) -> Config {
    let mut config = config.clone();
    if let Some(folder) = folder {
        config.business.domain = Some(folder.to_owned());
    }
    config
}
