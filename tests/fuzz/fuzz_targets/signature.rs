//! Any URL, form and signature: checked without a panic, and only what was signed with the token passes.
#![no_main]

use attendant::line::twilio::signature::Validator;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| Validator::new("12345"));

fuzz_target!(|input: (&str, Vec<(String, String)>, &[u8], &str)| {
    let (url, params, body, given) = input;
    assert!(
        VALIDATOR.form(url, &params, &VALIDATOR.sign(url, &params)),
        "our own signature passes"
    );
    // Nobody guesses an HMAC: what passes would be a hole.
    assert!(!VALIDATOR.form(url, &params, given));
    assert!(!VALIDATOR.get(url, given));
    assert!(!VALIDATOR.body(url, body, given));
    assert!(!VALIDATOR.upgrade(url, given));
});
