//! Words to find in a reply: `*` is any run of letters, case and punctuation do not count.

use std::fmt;

/// Words as written in a `bot:` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    written: String,
    /// What stands between the stars, with a blank where a word begins or ends.
    parts: Vec<String>,
}

impl Pattern {
    /// `None`: neither words nor a star.
    pub fn new(text: &str) -> Option<Self> {
        let written = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let pieces: Vec<&str> = written.split('*').collect();
        let last = pieces.len() - 1;
        let mut parts = Vec::new();
        for (place, piece) in pieces.iter().enumerate() {
            let words = normal(piece);
            let words = words.trim();
            if words.is_empty() {
                continue;
            }
            // "deliver*" is the beginning of a word.
            let open_front = place > 0 && piece.starts_with(char::is_alphanumeric);
            let open_back = place < last && piece.ends_with(char::is_alphanumeric);
            let front = if open_front { "" } else { " " };
            let back = if open_back { "" } else { " " };
            parts.push(format!("{front}{words}{back}"));
        }
        (!parts.is_empty() || last > 0).then_some(Self { written, parts })
    }

    /// Looks in a [`normal`] text from byte `from` on; where the match ends. A blank is shared between
    /// two matches.
    pub fn find(&self, normal: &str, from: usize) -> Option<usize> {
        let mut at = from;
        if self.parts.is_empty() {
            // A star alone: any words at all.
            let rest = normal.get(from..)?;
            return (!rest.trim().is_empty()).then(|| normal.len().saturating_sub(1));
        }
        for part in &self.parts {
            let found = normal.get(at..)?.find(part.as_str())?;
            at += found + part.len();
            if part.ends_with(' ') {
                at -= 1;
            }
        }
        Some(at)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// A text as it is compared: lower case, one blank around every word, no punctuation. Apostrophes
/// vanish within words.
pub fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !matches!(c, '\'' | '’') && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(pattern: &str, text: &str) -> bool {
        let pattern = Pattern::new(pattern).expect("words");
        pattern.find(&normal(text), 0).is_some()
    }

    #[test]
    fn case_punctuation_and_what_stands_between_do_not_count() {
        let reply = "Your order 456712, the coffee machine, is on its way. I'm glad!";
        for pattern in [
            "*Your order*",
            "your ORDER 456712 the coffee-machine",
            "order * on its way",
            "im glad",
            "mach* way",
            "*ffee machine",
            "*",
        ] {
            assert!(finds(pattern, reply), "{pattern}");
        }
        for pattern in [
            "orders",
            "rder",
            "on its way * order",
            "way way",
            "coffee is",
        ] {
            assert!(!finds(pattern, reply), "{pattern}");
        }
    }

    #[test]
    fn a_match_goes_on_after_the_one_before() {
        let text = normal("One two. Two three.");
        let (one, two) = (
            Pattern::new("one two").expect("words"),
            Pattern::new("two").expect("words"),
        );
        let at = one.find(&text, 0).expect("found");
        let at = two.find(&text, at).expect("the second one");
        assert!(two.find(&text, at).is_none());
    }

    #[test]
    fn nothing_is_no_pattern() {
        assert!(Pattern::new(" … ?").is_none());
        assert!(Pattern::new("").is_none());
        assert!(
            Pattern::new("*")
                .expect("a star")
                .find(&normal(""), 0)
                .is_none()
        );
    }
}
