//! How well a section covers a question. Decides the weight of words, the order of sections and the
//! score; integers and the four operations only, so that every machine gives the same.

use super::Section;
use crate::dialogue::lexis;
use crate::dialogue::reply::Confidence;
use crate::dialogue::spoken::Language;
use bm25::{Embedder, EmbedderBuilder, TokenEmbedder, Tokenizer};
use std::collections::{BTreeMap, BTreeSet};

/// A word that stands in an example question or the heading counts in full, per mille.
const ASKED: u64 = 1000;
/// A word of the page's title says what the section is about, though less closely.
const TITLED: u64 = 600;
/// A word of the text may stand there in passing.
const SAID: u64 = 750;
/// A word that was probably misheard.
const MISHEARD: u64 = 850;
/// A question in the middle of a story counts for itself, less this.
const CLAUSE: u64 = 100;
/// What the words before a question have to be for it to be one of its own.
const STORY_WORDS: usize = 3;
/// From here on a question is like an example question.
const LIKE: u64 = 500;
/// When the second section is as good as the first, so much is certain of the first.
const UNDECIDED: u64 = 550;

/// A word's stem, as the crate's embedding space: two words never share a place, as hashes might.
struct Stem;

impl TokenEmbedder for Stem {
    type EmbeddingSpace = String;

    fn embed(token: &str) -> String {
        token.to_owned()
    }
}

/// Telling words, stemmed.
struct Stems(Language);

impl Tokenizer for Stems {
    fn tokenize(&self, text: &str) -> Vec<String> {
        lexis::subjects(&lexis::words(text, self.0), self.0)
            .into_iter()
            .map(|(subject, _)| subject)
            .collect()
    }
}

fn stems(words: &[String], language: Language) -> BTreeSet<String> {
    words
        .iter()
        .map(|word| lexis::stem(word, language))
        .collect()
}

/// What a section has of each stem.
#[derive(Clone, Debug, Default)]
struct Indexed {
    /// How much it counts that the stem stands there, per mille.
    covers: BTreeMap<String, u64>,
    /// BM25's term weight, in millionths.
    weight: BTreeMap<String, u64>,
    /// Its example questions, all their words stemmed.
    asks: Vec<BTreeSet<String>>,
}

/// All sections, ready for questions.
#[derive(Clone, Debug, Default)]
pub(super) struct Weights {
    sections: Vec<Indexed>,
    /// In how many sections a stem stands.
    spread: BTreeMap<String, u64>,
    /// The written words behind the stems, for what is misheard.
    written: BTreeMap<String, String>,
}

/// A stem that a question asks about.
struct Term {
    /// None: it stands nowhere in the pages.
    stem: Option<String>,
    /// How rare it is.
    weight: u64,
    /// How sure it is this stem, per mille.
    sure: u64,
}

/// A section that shares a telling word with what was said.
struct Ranked {
    at: usize,
    score: u64,
    bm25: u64,
    shape: u64,
}

/// The telling words of a question, or of a part of what was said.
pub(super) struct Query {
    terms: Vec<Term>,
    /// All words, the little ones too: they tell "how do I return it" from "what can I not return".
    shape: BTreeSet<String>,
}

/// The questions in what was said: all of it, and where a story comes before a question that stands
/// for itself, that question alone ("I bought shoes last week, how do I return them").
pub(super) fn clauses(words: &[String], language: Language) -> Vec<&[String]> {
    let mut out = vec![words];
    let opens = |at: usize| lexis::opens_question(&words[at..], language);
    if opens(0) {
        return out; // a question from its first word on
    }
    let last = (STORY_WORDS..words.len()).rev().find(|&at| opens(at));
    // "how do I" begins before "do I".
    let last = last.map(|at| if opens(at - 1) { at - 1 } else { at });
    // "… can you tell me" is a question without a subject.
    out.extend(
        last.map(|at| &words[at..])
            .filter(|clause| !lexis::subjects(clause, language).is_empty()),
    );
    out
}

impl Weights {
    pub(super) fn of(sections: &[Section], language: Language) -> Self {
        let texts: Vec<String> = sections.iter().map(text).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let embedder: Embedder<Stem, Stems> =
            EmbedderBuilder::with_tokenizer_and_fit_to_corpus(Stems(language), &texts).build();
        let mut out = Self::default();
        for (section, text) in sections.iter().zip(texts) {
            let mut indexed = Indexed::default();
            for term in embedder.embed(text).0 {
                indexed
                    .weight
                    .insert(term.index, (term.value * 1_000_000.0) as u64);
            }
            let mut cover = |text: &str, much: u64| {
                for (stem, word) in lexis::subjects(&lexis::words(text, language), language) {
                    let has = indexed.covers.entry(stem.clone()).or_default();
                    *has = much.max(*has);
                    out.written.insert(word, stem);
                }
            };
            cover(&section.page, TITLED);
            cover(&section.title, ASKED);
            section.asks.iter().for_each(|ask| cover(ask, ASKED));
            section.sentences.iter().for_each(|said| cover(said, SAID));
            let shape = |ask: &String| stems(&lexis::words(ask, language), language);
            indexed.asks = section.asks.iter().map(shape).collect();
            for stem in indexed.covers.keys() {
                *out.spread.entry(stem.clone()).or_default() += 1;
            }
            out.sections.push(indexed);
        }
        out
    }

    /// How rare a stem is: the logarithm in BM25's inverse document frequency, in thousandths of a
    /// doubling. A word that stands nowhere is a little rarer than one that stands in one section.
    fn rarity(&self, spread: u64) -> u64 {
        let by = if spread == 0 { 2 } else { 2 * spread + 1 };
        log2(2 * self.sections.len() as u64 + 2, by)
    }

    pub(super) fn query(&self, words: &[String], language: Language) -> Query {
        let mut seen = BTreeSet::new();
        let mut terms = Vec::new();
        for (stem, word) in lexis::subjects(words, language) {
            if !seen.insert(stem.clone()) {
                continue;
            }
            let (stem, sure) = if self.spread.contains_key(&stem) {
                (Some(stem), 1000)
            } else {
                let near = self
                    .written
                    .iter()
                    .find(|(written, _)| lexis::alike(&word, written, language));
                (near.map(|(_, stem)| stem.clone()), MISHEARD)
            };
            let spread = stem.as_ref().and_then(|stem| self.spread.get(stem));
            terms.push(Term {
                weight: self.rarity(spread.copied().unwrap_or(0)),
                stem,
                sure,
            });
        }
        Query {
            terms,
            shape: stems(words, language),
        }
    }

    /// Sections that share a telling word with any of the queries, best first, with their score; the
    /// first query is everything that was said.
    pub(super) fn rank(&self, queries: &[Query]) -> Vec<(usize, Confidence)> {
        let mut ranked: Vec<Ranked> = Vec::new();
        for (at, section) in self.sections.iter().enumerate() {
            let best = queries
                .iter()
                .enumerate()
                .map(|(n, query)| {
                    let less = if n == 0 { 0 } else { CLAUSE };
                    Ranked {
                        score: section.coverage(query).saturating_sub(less),
                        bm25: section.bm25(query),
                        shape: section.shape(query),
                        at,
                    }
                })
                .max_by_key(|ranked| (ranked.score, ranked.bm25, ranked.shape));
            ranked.extend(best.filter(|best| best.score > 0));
        }
        let top = ranked.iter().map(|ranked| ranked.bm25).max();
        let top = top.unwrap_or(1).max(1);
        let merit = |one: &Ranked| 2 * one.score + one.bm25 * 1000 / top + one.shape;
        // A stable sort: of equals the one that is written first.
        ranked.sort_by_key(|ranked| std::cmp::Reverse(merit(ranked)));
        if let [first, second, ..] = ranked.as_mut_slice()
            && is_close(first, second, merit)
        {
            first.score = first.score.min(UNDECIDED);
            second.score = second.score.min(UNDECIDED);
        }
        ranked
            .into_iter()
            .map(|one| (one.at, one.score.min(1000) as Confidence))
            .collect()
    }
}

/// Whether it cannot be told which of two is meant. A question that is asked like an example is meant
/// like it; a mere word is not.
fn is_close(first: &Ranked, second: &Ranked, merit: impl Fn(&Ranked) -> u64) -> bool {
    let equal = merit(second) * 100 >= merit(first) * 97;
    equal || (first.shape < LIKE && second.score * 100 >= first.score * 97)
}

impl Indexed {
    /// The share of the question that stands here, per mille.
    fn coverage(&self, query: &Query) -> u64 {
        let all: u64 = query.terms.iter().map(|term| term.weight).sum();
        let covered: u64 = query
            .terms
            .iter()
            .map(|term| {
                let much = term.stem.as_ref().and_then(|stem| self.covers.get(stem));
                term.weight * much.copied().unwrap_or(0) * term.sure / 1000
            })
            .sum();
        covered / all.max(1)
    }

    /// How much like one of its example questions it is, word by word (Dice), per mille.
    fn shape(&self, query: &Query) -> u64 {
        let alike = |ask: &BTreeSet<String>| {
            let both = ask.intersection(&query.shape).count() as u64;
            2000 * both / ((ask.len() + query.shape.len()) as u64).max(1)
        };
        self.asks.iter().map(alike).max().unwrap_or(0)
    }

    fn bm25(&self, query: &Query) -> u64 {
        query
            .terms
            .iter()
            .map(|term| {
                let weight = term.stem.as_ref().and_then(|stem| self.weight.get(stem));
                weight.copied().unwrap_or(0) * term.weight / 1000
            })
            .sum()
    }
}

/// A section's text as BM25 counts it: example questions and headings count more.
fn text(section: &Section) -> String {
    let mut out = format!("{0} {1} {1} ", section.page, section.title);
    for ask in &section.asks {
        out += &format!("{ask} {ask} ");
    }
    out + &section.sentences.join(" ")
}

/// log2(of / by) in thousandths, 0 where it would be negative; by squaring, without floats.
fn log2(of: u64, by: u64) -> u64 {
    if of <= by || by == 0 {
        return 0;
    }
    // 1.0 is 2^16: squares stay below 2^34.
    let mut x = (of << 16) / by;
    let mut out = 0;
    while x >= 2 << 16 {
        x /= 2;
        out += 1 << 10;
    }
    for bit in (0..10).rev() {
        x = (x * x) >> 16;
        if x >= 2 << 16 {
            x /= 2;
            out += 1 << bit;
        }
    }
    out * 1000 / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_right_to_a_thousandth() {
        for (of, by) in [(2, 1), (3, 1), (62, 1), (62, 3), (1000, 999), (5, 4)] {
            let want = (of as f64 / by as f64).log2() * 1000.0;
            let found = log2(of, by) as f64;
            assert!((found - want).abs() <= 2.0, "{of}/{by}: {found} not {want}");
        }
        assert_eq!(log2(1, 2), 0);
        assert_eq!(log2(1, 0), 0);
    }

    #[test]
    fn a_question_after_a_story_stands_for_itself() {
        let words = |text| lexis::words(text, Language::English);
        let story = words("i bought shoes last week how do i return them");
        assert_eq!(clauses(&story, Language::English)[1], &story[5..]);
        let plain = words("how do i return them");
        assert_eq!(clauses(&plain, Language::English).len(), 1);
        let empty = words("it is about my mortgage can you tell me");
        assert_eq!(clauses(&empty, Language::English).len(), 1);
    }
}
