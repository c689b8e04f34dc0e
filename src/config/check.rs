//! Which complete settings make sense, beyond each value having the right type.

use super::Config;
use std::path::Path;

/// A rule that is broken.
pub(super) struct Fault {
    /// The settings that the rule is about, `section.key`.
    pub keys: &'static [&'static str],
    pub what: String,
    pub hint: Option<String>,
}

/// Every broken rule.
pub(super) fn faults(config: &Config) -> Vec<Fault> {
    let mut faults = Vec::new();
    endpointing(config, &mut faults);
    business(config, &mut faults);
    voice(config, &mut faults);
    server(config, &mut faults);
    secrets(config, &mut faults);
    handover(config, &mut faults);
    faults
}

fn fault(faults: &mut Vec<Fault>, keys: &'static [&'static str], what: String, hint: &str) {
    let hint = (!hint.is_empty()).then(|| hint.to_owned());
    faults.push(Fault { keys, what, hint });
}

fn within(
    faults: &mut Vec<Fault>,
    keys: &'static [&'static str],
    value: u64,
    range: std::ops::RangeInclusive<u64>,
    hint: &str,
) {
    if !range.contains(&value) {
        let what = format!(
            "{} is {value}: it must be from {} to {}",
            keys[0],
            range.start(),
            range.end()
        );
        fault(faults, keys, what, hint);
    }
}

fn handover(config: &Config, faults: &mut Vec<Fault>) {
    let handover = &config.handover;
    let range = 100..=60_000;
    within(
        faults,
        &["handover.timeout_ms"],
        handover.timeout_ms.into(),
        range,
        "",
    );
    within(
        faults,
        &["handover.spool_max"],
        handover.spool_max.into(),
        1..=100_000,
        "",
    );
    within(
        faults,
        &["handover.give_up_h"],
        handover.give_up_h.into(),
        1..=720,
        "",
    );
}

fn endpointing(config: &Config, faults: &mut Vec<Fault>) {
    let call = &config.call;
    let order: [(&'static [&'static str], u32, u32); 5] = [
        (
            &["call.early_ms", "call.complete_ms"],
            call.early_ms,
            call.complete_ms,
        ),
        (
            &["call.complete_ms", "call.whole_ms"],
            call.complete_ms,
            call.whole_ms,
        ),
        (
            &["call.whole_ms", "call.open_ms"],
            call.whole_ms,
            call.open_ms,
        ),
        (
            &["call.open_ms", "call.incomplete_ms"],
            call.open_ms,
            call.incomplete_ms,
        ),
        (
            &["call.incomplete_ms", "call.max_speech_ms"],
            call.incomplete_ms,
            call.max_speech_ms,
        ),
    ];
    for (keys, shorter, longer) in order {
        if shorter > longer {
            let what = format!(
                "{} ({shorter}) must not be above {} ({longer})",
                keys[0], keys[1]
            );
            fault(
                faults,
                keys,
                what,
                "early_ms ≤ complete_ms ≤ whole_ms ≤ open_ms ≤ incomplete_ms ≤ max_speech_ms",
            );
        }
    }
    // One tick of line audio is 20 ms: nothing shorter can be told apart.
    within(
        faults,
        &["call.early_ms"],
        call.early_ms.into(),
        20..=5000,
        "",
    );
    let whisper = "the recogniser hears 30 s at once, and what is longer would be lost";
    within(
        faults,
        &["call.max_speech_ms"],
        call.max_speech_ms.into(),
        1000..=30_000,
        whisper,
    );
}

fn business(config: &Config, faults: &mut Vec<Fault>) {
    if config
        .business
        .human_line
        .as_deref()
        .is_some_and(|number| !is_e164(number))
    {
        let hint = "write + and the country code, digits only, for example +15555550100";
        fault(
            faults,
            &["business.human_line"],
            "business.human_line is no E.164 number".into(),
            hint,
        );
    }
    within(
        faults,
        &["recognizer.workers"],
        config.recognizer.workers as u64,
        0..=256,
        "",
    );
    // More would be a caller waiting; the call gives the recogniser 3 s in all.
    within(
        faults,
        &["recognizer.second_budget_ms"],
        config.recognizer.second_budget_ms.into(),
        50..=2000,
        "",
    );
    within(
        faults,
        &["recognizer.second_below"],
        config.recognizer.second_below.into(),
        0..=1000,
        "thousandths: 600 asks the second model about one utterance in a few",
    );
    within(
        faults,
        &["recognizer.queue"],
        config.recognizer.queue as u64,
        1..=100_000,
        "",
    );
}

fn voice(config: &Config, faults: &mut Vec<Fault>) {
    let names: [(&'static [&'static str], Option<&str>, &str); 3] = [
        (
            &["voice.espeak"],
            config.voice.espeak.as_deref(),
            "en-us, es-419 and the like",
        ),
        (
            &["voice.espeak_en"],
            Some(&config.voice.espeak_en),
            "the default is en-us",
        ),
        (
            &["voice.espeak_es"],
            Some(&config.voice.espeak_es),
            "the default is es-419",
        ),
    ];
    for (keys, name, hint) in names {
        if name.is_some_and(|name| name.trim().is_empty()) {
            fault(faults, keys, format!("{} is empty", keys[0]), hint);
        }
    }
    // espeak-ng's own limits: espeakRATE_MINIMUM, espeakRATE_MAXIMUM.
    within(
        faults,
        &["voice.rate_wpm"],
        config.voice.rate_wpm.into(),
        80..=450,
        "",
    );
}

fn server(config: &Config, faults: &mut Vec<Fault>) {
    let server = &config.server;
    within(
        faults,
        &["server.max_calls"],
        server.max_calls as u64,
        1..=100_000,
        "",
    );
    within(
        faults,
        &["server.drain_s"],
        server.drain_s.into(),
        0..=86_400,
        "",
    );
    if let Some(wrong) = server.public_url.as_deref().and_then(public_url_fault) {
        let hint = "write it like https://bot.example.com";
        fault(
            faults,
            &["server.public_url"],
            format!("server.public_url {wrong}"),
            hint,
        );
    }
}

/// Secrets that were not copied as they are.
fn secrets(config: &Config, faults: &mut Vec<Fault>) {
    let all: [(&'static [&'static str], _); 10] = [
        (&["asterisk.secret"], &config.asterisk.secret),
        (&["freeswitch.secret"], &config.freeswitch.secret),
        (&["genesys.api_key"], &config.genesys.api_key),
        (&["genesys.client_secret"], &config.genesys.client_secret),
        (&["jambonz.password"], &config.jambonz.password),
        (&["jambonz.webhook_secret"], &config.jambonz.webhook_secret),
        (&["plivo.auth_token"], &config.plivo.auth_token),
        (&["telnyx.api_key"], &config.telnyx.api_key),
        (&["twilio.auth_token"], &config.twilio.auth_token),
        (
            &["vonage.signature_secret"],
            &config.vonage.signature_secret,
        ),
    ];
    for (keys, secret) in all {
        let Some(secret) = secret else { continue };
        if secret.expose() == crate::pii::HIDDEN {
            let hint = "`attendant config print` hides secrets; put the real one here, or none";
            fault(faults, keys, format!("{} is a placeholder", keys[0]), hint);
        } else if !secret.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            let hint = "copy it again from the line's console, without blanks or line ends";
            let wrong = format!("{} holds a blank or an odd character", keys[0]);
            fault(faults, keys, wrong, hint);
        }
    }
}

/// What is wrong with a public URL. Carriers take `https` and `wss` only, and we append paths to it.
fn public_url_fault(url: &str) -> Option<&'static str> {
    let Some(rest) = url.strip_prefix("https://") else {
        return Some("must begin with https://");
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.is_empty() || authority.starts_with(':') {
        Some("has no host name")
    } else if authority.contains('@') {
        Some("must not hold a user name or password")
    } else if url.contains(['?', '#']) {
        Some("must not hold a query or a fragment")
    } else if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        Some("holds a blank or a character that a URL must escape")
    } else if rest.ends_with('/') || path.ends_with('/') {
        Some("must not end with a slash")
    } else {
        None
    }
}

/// Whether `number` is in the international form: `+`, then 2 to 15 digits, the first not 0 (ITU-T
/// E.164 section 6).
pub fn is_e164(number: &str) -> bool {
    let Some(digits) = number.strip_prefix('+') else {
        return false;
    };
    (2..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|d| d.is_ascii_digit())
}

/// The configured files and folders: (`section.key`, path, whether it is a folder). For a check that
/// may touch the disk, which this does not.
pub fn missing_files(
    config: &Config,
    exists: impl Fn(&Path, bool) -> bool,
) -> Vec<(&'static str, &Path)> {
    let paths = [
        ("business.domain", config.business.domain.as_deref(), true),
        (
            "recognizer.model",
            config.recognizer.model.as_deref(),
            false,
        ),
        (
            "recognizer.second",
            config.recognizer.second.as_deref(),
            false,
        ),
        ("voice.piper", config.voice.piper.as_deref(), false),
        ("voice.piper_en", config.voice.piper_en.as_deref(), false),
        ("voice.piper_es", config.voice.piper_es.as_deref(), false),
        (
            "voice.onnxruntime",
            config.voice.onnxruntime.as_deref(),
            false,
        ),
        ("models.catalog", config.models.catalog.as_deref(), false),
    ];
    let given = paths
        .into_iter()
        .filter_map(|(key, path, folder)| Some((key, path?, folder)));
    given
        .filter(|(_, path, folder)| !exists(path, *folder))
        .map(|(key, path, _)| (key, path))
        .collect()
}
