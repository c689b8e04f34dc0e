//! From a row of scores to the next token and its probability.
//!
//! Pure. Decides which tokens can be chosen at all, which are favoured, and how likely the best one is
//! among all others. Choosing one after the other is whisper.rs.
//!
//! whisper.cpp does the same in `whisper_process_logits`, with `suppress_blank`, `suppress_nst` and
//! `no_timestamps`, but takes 1 ms for each token, as long as the model itself: a recognition of 11
//! tokens spent 12 of its 78 ms there. This takes less than a tenth of it.

use std::collections::BTreeMap;

/// Texts that stand for no speech (OpenAI's `non_speech_tokens`), each also after a space.
const NOT_SPOKEN: [&str; 54] = [
    "\"",
    "#",
    "(",
    ")",
    "*",
    "+",
    "/",
    ":",
    ";",
    "<",
    "=",
    ">",
    "@",
    "[",
    "\\",
    "]",
    "^",
    "_",
    "`",
    "{",
    "|",
    "}",
    "~",
    "「",
    "」",
    "『",
    "』",
    "<<",
    ">>",
    "<<<",
    ">>>",
    "--",
    "---",
    "-(",
    "-[",
    "('",
    "(\"",
    "((",
    "))",
    "(((",
    ")))",
    "[[",
    "]]",
    "{{",
    "}}",
    "♪♪",
    "♪♪♪",
    "♩",
    "♪",
    "♫",
    "♬",
    "♭",
    "♮",
    "♯",
];
/// These only after a space: within a word they are part of it.
const NOT_BEGUN: [&[u8]; 2] = [b" -", b" '"];

/// What may be chosen.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Ends the text; what has a greater number is never chosen.
    end: usize,
    /// Never chosen.
    silent: Vec<usize>,
    /// Not chosen as the first token: a lone space, and for some models the end.
    not_first: Vec<usize>,
    scores: Vec<f32>,
}

/// The likeliest token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Best {
    pub token: usize,
    /// Among all tokens that may be chosen.
    pub probability: f32,
}

impl Choice {
    /// `text`: what a token below `end` stands for. `may_be_empty`: the model was trained to end at once
    /// where nothing was said; others do so now and then where something was.
    pub fn new<'a>(end: usize, may_be_empty: bool, text: impl Fn(usize) -> &'a [u8]) -> Self {
        let is_silent = |bytes: &[u8]| {
            let bare = bytes.strip_prefix(b" ").unwrap_or(bytes);
            let any = |text: &[u8]| NOT_SPOKEN.iter().any(|n| n.as_bytes() == text);
            any(bytes) || any(bare) || NOT_BEGUN.contains(&bytes)
        };
        let mut not_first: Vec<usize> = (0..end).filter(|n| text(*n) == b" ").collect();
        if !may_be_empty {
            not_first.push(end);
        }
        Self {
            end,
            silent: (0..end).filter(|n| is_silent(text(*n))).collect(),
            not_first,
            scores: Vec::new(),
        }
    }

    /// The token that ends the text.
    pub fn end(&self) -> usize {
        self.end
    }

    /// The best token by `logits`, a score for each, with what `favoured` adds to some of them.
    /// None where there are too few scores.
    pub fn best(
        &mut self,
        logits: &[f32],
        is_first: bool,
        favoured: &BTreeMap<usize, f32>,
    ) -> Option<Best> {
        self.scores.clear();
        self.scores.extend_from_slice(logits.get(..=self.end)?);
        if is_first {
            self.not_first
                .iter()
                .for_each(|n| self.scores[*n] = f32::MIN);
        }
        for (token, more) in favoured {
            if let Some(score) = self.scores.get_mut(*token) {
                *score += more;
            }
        }
        self.silent.iter().for_each(|n| self.scores[*n] = f32::MIN);
        let best = greatest(&self.scores);
        Some(Best {
            token: self.scores.iter().position(|score| *score == best)?,
            probability: 1.0 / sum_of_exp(&self.scores, best),
        })
    }
}

/// Probability of one token among all.
pub fn probability(logits: &[f32], token: usize) -> f32 {
    let greatest = greatest(logits);
    logits.get(token).map_or(0.0, |score| {
        (score - greatest).exp() / sum_of_exp(logits, greatest)
    })
}

/// Values in a step of the loops below: the compiler makes vector code of it.
const LANES: usize = 16;

fn greatest(values: &[f32]) -> f32 {
    let mut lanes = [f32::MIN; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = if *value > *lane { *value } else { *lane };
        }
    }
    lanes.iter().chain(rest).copied().fold(f32::MIN, f32::max)
}

/// The sum of exp(value - greatest).
fn sum_of_exp(values: &[f32], greatest: f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += exp(value - greatest);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|v| exp(v - greatest)).sum::<f32>()
}

/// e^x for x ≤ 0, relative error below 1e-5, without a branch: 2^whole by the exponent's bits, 2^part
/// by its Taylor polynomial. Below e^-87 it is e^-87.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Adding it rounds to a whole number, which is then in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = if x > -87.0 { x } else { -87.0 };
    let turns = x * std::f32::consts::LOG2_E;
    let rounded = turns + ROUND;
    let part = (turns - (rounded - ROUND)) * std::f32::consts::LN_2;
    let power =
        1.0 + part * (1.0 + part * (0.5 + part * (1.0 / 6.0 + part * (1.0 / 24.0 + part / 120.0))));
    f32::from_bits(power.to_bits().wrapping_add(rounded.to_bits() << 23))
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: usize = 60;

    fn text(token: usize) -> &'static [u8] {
        match token {
            0 => b" ",
            1 => b" (",
            2 => b"[",
            3 => "♪".as_bytes(),
            4 => b" -",
            5 => b"-",
            _ => b" word",
        }
    }

    fn scores(of: &[(usize, f32)]) -> Vec<f32> {
        let mut scores = vec![0.0; END + 10];
        of.iter().for_each(|(token, score)| scores[*token] = *score);
        scores
    }

    fn best(of: &[(usize, f32)], is_first: bool, expected: &[usize]) -> Best {
        let favoured = expected.iter().map(|token| (*token, 2.0)).collect();
        Choice::new(END, false, text)
            .best(&scores(of), is_first, &favoured)
            .unwrap()
    }

    #[test]
    fn the_best_word_has_its_share_of_all_that_may_be_chosen() {
        let found = best(&[(7, 3.0), (9, 1.0)], false, &[]);
        // END + 1 tokens, of which brackets, the note and the dash after a space are out.
        let others = (END + 1 - 4 - 2) as f32 + 1_f32.exp();
        assert_eq!(found.token, 7);
        let expected = 3_f32.exp() / (3_f32.exp() + others);
        assert!(
            (found.probability / expected - 1.0).abs() < 1e-5,
            "{found:?}"
        );
    }

    #[test]
    fn brackets_notes_and_what_follows_the_end_are_never_chosen() {
        for token in [1, 2, 3, 4, END + 1, END + 9] {
            let found = best(&[(token, 9.0), (7, 3.0)], false, &[]);
            assert_eq!(found.token, 7, "{token}");
        }
        assert_eq!(best(&[(5, 9.0)], false, &[]).token, 5, "twenty-one");
    }

    #[test]
    fn a_text_does_not_begin_with_its_end() {
        for token in [0, END] {
            assert_eq!(best(&[(token, 9.0), (7, 3.0)], true, &[]).token, 7);
            assert_eq!(best(&[(token, 9.0), (7, 3.0)], false, &[]).token, token);
        }
    }

    #[test]
    fn an_expected_word_wins_over_a_little_likelier_one() {
        let of = [(7, 3.0), (8, 1.5)];
        assert_eq!(best(&of, false, &[8, END]).token, 8);
        assert_eq!(best(&of, false, &[9_999_999]).token, 7);
    }

    #[test]
    fn too_few_scores_are_noticed() {
        let mut choice = Choice::new(END, false, text);
        assert_eq!(choice.best(&[0.0; END], false, &BTreeMap::new()), None);
    }

    #[test]
    fn the_quick_exponential_is_exact_enough() {
        for n in 0..8700 {
            let x = -(n as f32) / 100.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-5, "{x}");
        }
        assert!(exp(f32::MIN) < 1e-37);
    }
}
