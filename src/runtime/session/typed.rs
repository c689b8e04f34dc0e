//! What a caller types: a turn for the engine, but at a secret question, where digits are keys and
//! nothing else is looked at.

use super::Session;
use crate::audio::{Digit, DigitSource};
use crate::call::Event;

/// Longest text that is taken, in characters; the rest is left out.
const LONGEST: usize = 500;

impl Session {
    /// The caller typed this instead of saying it.
    pub fn typed(&mut self, text: &str) {
        let text = tidy(text);
        if text.is_empty() {
            return;
        }
        if !self.veil.is_secret() {
            self.feed(&Event::Typed { text });
            return;
        }
        let digits: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '.' | '/'))
            .collect();
        if digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.is_empty() {
            self.typed_secret(&digits);
        } else {
            if let Some(captions) = &mut self.captions {
                captions.dots(text.chars().count(), &mut self.out);
            }
            // That there was something is all that is passed on.
            let text = String::new();
            self.feed(&Event::Typed { text });
        }
    }

    /// Digits at a secret question, as if they were keyed, and ended.
    fn typed_secret(&mut self, digits: &str) {
        for digit in digits.chars().filter_map(Digit::new) {
            self.key(digit, DigitSource::Signalled);
        }
        let end = self
            .call
            .as_ref()
            .and_then(|call| call.dialogue().question().keypad.termchar)
            .filter(|_| self.veil.has_keys());
        if let Some(end) = end.and_then(Digit::new) {
            self.key(end, DigitSource::Signalled);
        }
    }
}

/// One line of printable text.
fn tidy(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(LONGEST).collect()
}
