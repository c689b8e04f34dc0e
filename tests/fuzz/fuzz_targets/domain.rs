//! Any text in place of any file of a business: a domain, or an error that names the file; never a panic.
//! The first byte chooses the file, so that the others stay whole and the parser gets far.
#![no_main]

use attendant::dialogue::Domain;
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

const SHOP: [(&str, &str); 6] = [
    ("domain.toml", include_str!("../../../src/domains/shop/domain.toml")),
    ("forms.toml", include_str!("../../../src/domains/shop/forms.toml")),
    ("intents.toml", include_str!("../../../src/domains/shop/intents.toml")),
    ("knowledge.en.md", include_str!("../../../src/domains/shop/knowledge.en.md")),
    ("orders.csv", include_str!("../../../src/domains/shop/orders.csv")),
    ("prompts.en.toml", include_str!("../../../src/domains/shop/prompts.en.toml")),
];

fuzz_target!(|input: (u8, &str)| {
    let (choice, text) = input;
    let mut files: BTreeMap<String, String> = SHOP.map(|(name, text)| (name.into(), text.into())).into();
    files.insert(SHOP[usize::from(choice) % SHOP.len()].0.into(), text.into());
    match Domain::parse(&files) {
        Ok(domain) => {
            domain.fixed_prompts();
            domain.menu();
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
