//! How a word sounds, as a short key: words that a recogniser mixes up get the same or a similar
//! one. A simplification of Metaphone (L. Philips, Computer Language, 1990) for English: voiced and
//! unvoiced consonants fall together, vowels count only at the start.

/// The key of a lower-case word; empty for a word without ASCII letters.
pub fn key(word: &str) -> String {
    let letters: Vec<u8> = word.bytes().filter(u8::is_ascii_lowercase).collect();
    let mut out = String::new();
    let mut at = 0;
    while at < letters.len() {
        let (sound, used) = sound(&letters, at);
        if let Some(sound) = sound
            && !out.ends_with(sound)
        {
            out.push(sound);
        }
        at += used;
    }
    out
}

fn sound(letters: &[u8], at: usize) -> (Option<char>, usize) {
    let rest = &letters[at..];
    let first = at == 0;
    match rest {
        [b'k', b'n', ..] if first => (Some('n'), 2),
        [b'w', b'r', ..] if first => (Some('r'), 2),
        [b'w', b'h', ..] => (Some('w'), 2),
        [b'p', b'h', ..] => (Some('f'), 2),
        [b'g', b'h', ..] => (None, 2),
        [b't', b'c', b'h', ..] => (Some('x'), 3),
        [b'c' | b's', b'h', ..] => (Some('x'), 2),
        [b't', b'i', b'o', ..] => (Some('x'), 3),
        [b't', b'h', ..] => (Some('t'), 2),
        [b'c', b'k', ..] => (Some('k'), 2),
        [b'c', b'e' | b'i' | b'y', ..] | [b'z', ..] => (Some('s'), 1),
        [b'd', b'g', ..] => (Some('x'), 2),
        [b'g', b'e' | b'i', ..] | [b'j', ..] => (Some('x'), 1),
        [b'c' | b'q' | b'g', ..] => (Some('k'), 1),
        [b'x', ..] => (Some('k'), 1),
        [b'v', ..] => (Some('f'), 1),
        [b'd', ..] => (Some('t'), 1),
        [b'b', ..] => (Some('p'), 1),
        [b'a' | b'e' | b'i' | b'o' | b'u', ..] => (first.then_some('a'), 1),
        [b'h', ..] => (first.then_some('h'), 1),
        [b'y' | b'w', ..] => (first.then_some(char::from(rest[0])), 1),
        [other, ..] => (Some(char::from(*other)), 1),
        [] => (None, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_sound_alike_share_a_key() {
        for (a, b) in [("order", "odor"), ("track", "trac"), ("refund", "revunt"), ("know", "no"), ("phone", "fone"), ("right", "write"), ("parcel", "parsel")] {
            let (a, b) = (key(a), key(b));
            assert!(a == b || strsim::levenshtein(&a, &b) <= 1, "{a} {b}");
        }
        assert_eq!(key("know"), key("no"));
        assert_ne!(key("order"), key("return"));
        assert_eq!(key("élan")[..1], *"l");
        assert_eq!(key(""), "");
    }
}
