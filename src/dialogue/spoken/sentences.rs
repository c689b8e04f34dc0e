//! Cuts free text into sentences short enough to speak one at a time.
//!
//! Decides where one sentence ends; how it is read aloud is [`super`]'s affair.

/// Longest piece, in bytes: what has no full stop for so long is cut at a comma or a space.
pub const MAX_SENTENCE: usize = 400;

/// Words that end in a full stop without ending a sentence; lower case, without the stop.
const ABBREVIATIONS: [&str; 38] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "no", "nos", "vs", "etc", "approx", "dept",
    "est", "ext", "fig", "inc", "ltd", "co", "corp", "tel", "min", "max", "ave", "blvd", "rd",
    "apt", "e.g", "i.e", "jan", "feb", "aug", "sept", "oct", "nov", "dec", "a.k.a",
];

/// The sentences of a text, in order, each trimmed, none empty; bounded work for each, so that a text
/// of any length can be spoken while it is still being cut.
#[derive(Clone, Debug)]
pub struct Sentences<'a> {
    rest: &'a str,
}

/// See [`Sentences`].
pub fn sentences(text: &str) -> Sentences<'_> {
    Sentences { rest: text }
}

impl<'a> Iterator for Sentences<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() {
                return None;
            }
            let end = end_of_sentence(self.rest);
            let (sentence, rest) = self.rest.split_at(end);
            self.rest = rest;
            let sentence = sentence.trim();
            if !sentence.is_empty() {
                return Some(sentence);
            }
        }
    }
}

/// Where the first sentence of `text` ends, in bytes; never 0 for a non-empty text.
fn end_of_sentence(text: &str) -> usize {
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let rest = &text[end..];
        if matches!(c, '。' | '！' | '？') || (c == '\n' && rest.starts_with(is_break)) {
            return end;
        }
        if matches!(c, '.' | '!' | '?' | '…') {
            let closed = end + closing(rest);
            let after = &text[closed..];
            let space = after.chars().next().is_none_or(char::is_whitespace);
            if space && (c != '.' || ends_at_stop(&text[..at], after)) {
                return closed;
            }
        }
        if end > MAX_SENTENCE {
            return cut(text);
        }
    }
    text.len()
}

/// A line break before a blank line or a list item ends a sentence without any mark.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '-' | '*' | '•')
}

/// Bytes of marks and closing quotes that still belong to the sentence.
fn closing(rest: &str) -> usize {
    rest.find(|c| {
        !matches!(
            c,
            '.' | '!' | '?' | '"' | '\'' | '”' | '’' | ')' | ']' | '»'
        )
    })
    .unwrap_or(rest.len())
}

/// Whether the full stop between `before` and `after` ends a sentence: not after an abbreviation or an
/// initial.
pub fn ends_at_stop(before: &str, after: &str) -> bool {
    let Some(next) = after.trim_start().chars().next() else {
        return true;
    };
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '"' | '“'))
        .next()
        .unwrap_or("");
    let lower = word.to_lowercase();
    if matches!(lower.as_str(), "a.m" | "p.m") || (lower == "no" && !next.is_ascii_digit()) {
        return !next.is_lowercase();
    }
    // An initial ("J. Smith") or letters with stops ("U.S. mail").
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase) && word != "I";
    !(initial || ABBREVIATIONS.contains(&lower.as_str()) || next.is_lowercase())
}

/// The end of a piece of an endless sentence: after its last clause mark, else its last space, else
/// wherever a character ends.
fn cut(text: &str) -> usize {
    let head = &text[..text.floor_char_boundary(MAX_SENTENCE)];
    let clause = head
        .rmatch_indices([',', ';', ':'])
        .map(|(at, _)| at + 1)
        .find(|&at| head[at..].starts_with(' '));
    clause
        .filter(|&at| at > MAX_SENTENCE / 2)
        .or_else(|| head.rfind(char::is_whitespace))
        .unwrap_or(head.len())
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cuts_where_people_pause() {
        let cases: [(&str, &[&str]); 15] = [
            ("Hello. How are you?", &["Hello.", "How are you?"]),
            (
                "It costs 12.50 dollars. Really!",
                &["It costs 12.50 dollars.", "Really!"],
            ),
            (
                "Dr. Smith is in. Mrs. Jones is not.",
                &["Dr. Smith is in.", "Mrs. Jones is not."],
            ),
            (
                "We open at 9 a.m. on Monday.",
                &["We open at 9 a.m. on Monday."],
            ),
            (
                "We close at 6 p.m. Come early.",
                &["We close at 6 p.m.", "Come early."],
            ),
            ("See J. Smith, e.g. today.", &["See J. Smith, e.g. today."]),
            (
                "Is that right? Yes. No.",
                &["Is that right?", "Yes.", "No."],
            ),
            (
                "Order no. 456712 is here. Is it?",
                &["Order no. 456712 is here.", "Is it?"],
            ),
            (
                "He said \"Stop.\" Then he left.",
                &["He said \"Stop.\"", "Then he left."],
            ),
            ("Wait... what? Oh…", &["Wait... what?", "Oh…"]),
            (
                "Opening hours\n\nMonday to Friday",
                &["Opening hours", "Monday to Friday"],
            ),
            ("- one\n- two", &["- one", "- two"]),
            ("One line\nand its end.", &["One line\nand its end."]),
            (
                "See example.com for more. Thanks",
                &["See example.com for more.", "Thanks"],
            ),
            ("  ", &[]),
        ];
        for (text, want) in cases {
            assert_eq!(sentences(text).collect::<Vec<_>>(), want, "{text}");
        }
    }

    #[test]
    fn endless_sentences_are_cut_between_words() {
        let text = "seven words, and then some more of ".repeat(200);
        let pieces: Vec<_> = sentences(&text).collect();
        assert!(
            pieces
                .iter()
                .all(|p| p.len() <= MAX_SENTENCE && !p.is_empty())
        );
        assert_eq!(pieces.join(" "), text.trim());
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "\\PC{0,600}") {
            let pieces: Vec<_> = sentences(&text).collect();
            let squeeze = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(squeeze(&pieces.concat()), squeeze(&text));
            prop_assert!(pieces.iter().all(|p| p.len() <= MAX_SENTENCE + 4));
        }
    }
}
