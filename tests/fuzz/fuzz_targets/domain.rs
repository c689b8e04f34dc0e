//! Any text in place of any file of a business: a domain, or an error that names the file; never a panic.
//! The first byte chooses the file, so that the others stay whole and the parser gets far.
#![no_main]

use attendant::dialogue::Domain;
use attendant::dialogue::domain::{Files, trade};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static SHOP: LazyLock<Files> = LazyLock::new(|| trade("shop").unwrap_or_default());

fuzz_target!(|input: (u8, &str)| {
    let (choice, text) = input;
    let mut files = SHOP.clone();
    let place = usize::from(choice) % files.len();
    if let Some(file) = files.values_mut().nth(place) {
        *file = text.into();
    }
    match Domain::parse(&files) {
        Ok(domain) => {
            domain.fixed_prompts();
            domain.menu();
            domain.universe();
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
