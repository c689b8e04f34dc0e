//! What a row of the settings table is, and the macro that makes structs, defaults and rows from one
//! text. Which settings there are is decided in [`super`].

use super::Config;
use super::value::{Raw, Setting};

/// A group of settings: a struct in the code, a `[section]` in the file.
pub struct Section {
    pub name: &'static str,
    /// Description, a line each.
    pub about: &'static [&'static str],
    pub keys: &'static [Key],
}

/// One setting.
pub struct Key {
    pub section: &'static str,
    pub name: &'static str,
    /// Description, a line each.
    pub doc: &'static [&'static str],
    /// A value worth showing where the default is "none".
    pub example: Option<&'static str>,
    /// Never printed.
    pub secret: bool,
    /// What a value looks like, for error messages.
    pub expects: &'static str,
    pub(super) read: fn(&mut Config, &Raw) -> bool,
    pub(super) show: fn(&Config) -> Option<String>,
}

impl Key {
    /// `section.key`, as in `--set`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// `ATTENDANT_SECTION_KEY`.
    pub fn env(&self) -> String {
        format!("ATTENDANT_{}_{}", self.section, self.name).to_uppercase()
    }

    /// The value as it is written in TOML; `None`: not set, or secret and set (see [`Key::is_set`]).
    pub fn show(&self, config: &Config) -> Option<String> {
        if self.secret {
            None
        } else {
            (self.show)(config)
        }
    }

    /// Whether there is a value.
    pub fn is_set(&self, config: &Config) -> bool {
        (self.show)(config).is_some()
    }
}

/// Every setting, in the table's order.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    super::SECTIONS.iter().flat_map(|section| section.keys)
}

/// The example of a row, if it has one.
pub(super) const fn first(examples: &[&'static str]) -> Option<&'static str> {
    if examples.is_empty() {
        None
    } else {
        Some(examples[0])
    }
}

/// Puts `raw` into `slot`; false: it is no value of that type.
pub(super) fn put<T: Setting>(slot: &mut T, raw: &Raw) -> bool {
    match T::read(raw) {
        Some(value) => {
            *slot = value;
            true
        }
        None => false,
    }
}

/// Declares the settings: `section: Struct { key: type = default, like example; … }`.
macro_rules! settings {
    ($(
        $(#[doc = $about:literal])*
        $section:ident: $Struct:ident {
            $(
                $(#[doc = $doc:literal])*
                $key:ident: $type:ty = $default:expr $(, like $example:literal)?;
            )*
        }
    )*) => {
        /// Complete settings.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Config {
            $($(#[doc = $about])* pub $section: $Struct,)*
        }

        $(
            $(#[doc = $about])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $Struct {
                $($(#[doc = $doc])* pub $key: $type,)*
            }

            impl Default for $Struct {
                fn default() -> Self {
                    Self { $($key: $default,)* }
                }
            }
        )*

        /// Every section with its settings, in the order in which they are printed.
        pub const SECTIONS: &[Section] = &[$(
            Section {
                name: stringify!($section),
                about: &[$($about),*],
                keys: &[$(
                    Key {
                        section: stringify!($section),
                        name: stringify!($key),
                        doc: &[$($doc),*],
                        example: table::first(&[$($example)?]),
                        secret: <$type as value::Setting>::SECRET,
                        expects: <$type as value::Setting>::EXPECTS,
                        read: |config, raw| table::put(&mut config.$section.$key, raw),
                        show: |config| value::Setting::show(&config.$section.$key),
                    },
                )*],
            },
        )*];
    };
}
pub(super) use settings;
