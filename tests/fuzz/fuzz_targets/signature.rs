//! Any URL, form and signature: checked without a panic, and only what was signed with the token passes.
#![no_main]

use attendant::line::genesys::signature as genesys;
use attendant::line::jambonz::signature as jambonz;
use attendant::line::twilio::signature::Validator;
use attendant::line::vonage::signature as vonage;
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
    others(url, &params, body, given);
});

/// The same for lines that sign in other ways.
fn others(url: &str, params: &[(String, String)], body: &[u8], given: &str) {
    let now = 1_764_432_000;
    let vonage = vonage::Validator::new("12345");
    assert!(vonage.accepts(&vonage.sign(body, now), body, now));
    assert!(!vonage.accepts(given, body, now));
    assert!(!vonage.accepts(&format!("Bearer {given}"), body, now));
    let jambonz = jambonz::Validator::new("12345");
    assert!(jambonz.accepts(&jambonz.sign(body, now), body, now));
    assert!(!jambonz.accepts(given, body, now));
    let genesys = genesys::Validator::new("key", Some("c2VjcmV0")).expect("base64");
    let header = |name: &str| match name {
        "x-api-key" => Some("key"),
        "signature" => Some(given),
        name => params
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str()),
    };
    let request = genesys::Request {
        url,
        header: &header,
        now,
    };
    assert!(genesys.verify(&request).is_err());
}
