//! Telnyx media streaming over WebSockets (`stream_bidirectional_mode: rtp`), as a dialect of the
//! media-streams family. The caller's sound has the codec of the telephone network (PCMA in Europe and
//! India), ours the one that we asked for, PCMU. Each message of ours holds 20 ms, the least that Telnyx
//! takes.

use crate::line::coding::Coding;
use crate::line::provider::name;
use crate::line::streams::{Cleared, MarkForm, Speaks, Streams, Style, g711};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Telnyx's dialect. L16 is not spoken: which byte order it has on the wire is disputed.
pub const STYLE: Style = Style {
    call: call_name,
    hears: g711,
    speaks: Speaks::Always(Coding::Ulaw),
    stream_field: None,
    media: "media",
    media_fields: "",
    block: 1,
    mark: MarkForm::Nested,
    clear: "clear",
    cleared: Cleared::Returns,
    timed: false,
};

/// A codec for one socket; `token` came with its address.
pub fn codec(token: Option<String>) -> Streams {
    Streams::new(&STYLE, token)
}

/// A call's control id (`v3:…`) as a name that is fit for logs and folders: `v3-…`; a digest where that
/// is not enough.
pub fn call_name(control_id: &str) -> Option<String> {
    if !is_control_id(control_id) {
        return None;
    }
    let plain = control_id.replace(':', "-");
    if control_id.matches(':').count() <= 1 && name(&plain).is_some() {
        return Some(plain);
    }
    Some(format!(
        "t-{}",
        URL_SAFE_NO_PAD.encode(Sha256::digest(control_id))
    ))
}

/// May this be a control id? It becomes part of a path.
pub fn is_control_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_');
    (1..=256).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_ids_become_names() {
        let real = "v3:MdI91X4lWFEs7IgbBEOT9M4AigoY08M0WWZFISt1Yw2axZ_IiE4pqg";
        assert_eq!(call_name(real), Some(real.replace(':', "-")));
        let long = format!("v3:{}", "x".repeat(100));
        let digest = call_name(&long).expect("a name");
        assert!(name(&digest).is_some() && digest != long);
        assert_ne!(call_name("a:b:c"), call_name("a-b:c"));
        for bad in ["", "../x", "v3:a b", "v3:ü", &"x".repeat(300)] {
            assert_eq!(call_name(bad), None, "{bad}");
        }
    }
}
