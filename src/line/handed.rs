//! What of a handover travels with a transfer, in the forms that providers carry. Decides how a value is
//! written where only ASCII or only letters and digits pass; which values there are is the handover's
//! business.

use crate::dialogue::Handover;
use std::fmt::Write as _;

/// SIP headers `X-Attendant-REASON: value` and the like; what is not plain ASCII is percent-encoded
/// (RFC 3986), so that it survives networks which know nothing else.
pub fn sip_headers(handover: &Handover) -> Vec<(String, String)> {
    let parameters = handover.parameters().into_iter();
    parameters
        .map(|(name, value)| {
            let mut letters = name.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            let name: String = first.into_iter().chain(letters).collect();
            (format!("X-Attendant-{name}"), percent_encoded(&value))
        })
        .collect()
}

/// `name=value,name=value` with nothing but letters and digits in both, for a line that refuses the rest.
/// At most `longest` bytes: what does not fit is left out, as is the summary, which would be no text any
/// more.
pub fn alphanumeric(handover: &Handover, longest: usize) -> String {
    let mut text = String::new();
    for (name, value) in handover.parameters() {
        let value: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
        let more = name.len() + value.len() + 1 + usize::from(!text.is_empty());
        if name == "summary" || value.is_empty() || text.len() + more > longest {
            continue;
        }
        if !text.is_empty() {
            text.push(',');
        }
        let _ = write!(text, "{name}={value}");
    }
    text
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b' '..=b'~' if byte != b'%' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::Reason;

    #[test]
    fn values_keep_to_what_a_line_lets_through() {
        let handover = Handover::new(Reason::Requested, "Señor Núñez, 100 % sure.\r\nX-Evil: 1");
        let headers = sip_headers(&handover);
        let (_, summary) = headers
            .iter()
            .find(|(name, _)| name == "X-Attendant-Summary")
            .expect("a summary");
        assert_eq!(
            summary,
            "Se%C3%B1or N%C3%BA%C3%B1ez, 100 %25 sure. X-Evil: 1"
        );
        let text = alphanumeric(&handover, 512);
        assert!(text.starts_with("reason=requested"), "{text}");
        assert!(
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'=' | b',')),
            "{text}"
        );
        assert_eq!(alphanumeric(&handover, 5), "");
    }
}
