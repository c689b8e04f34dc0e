//! The English lists of [`super::lexicon`]: contractions are taken apart there ("cant" is "can not").

mod gentle;
mod harsh;

use super::lexicon::Kind::{Anger, Distress, Frustration};
use super::lexicon::Lists;

pub(super) const LISTS: Lists = Lists {
    phrases: &[&harsh::PHRASES, &gentle::PHRASES],
    not: &[
        "not", "never", "no", "hardly", "without", "neither", "nothing",
    ],
    bounds: &[
        "i", "but", "and", "because", "you", "it", "that", "this", "he", "she", "they", "we", "my",
        "so", "am", "what", "why",
    ],
    more: &[
        "very",
        "so",
        "really",
        "extremely",
        "absolutely",
        "totally",
        "completely",
        "utterly",
        "fucking",
        "bloody",
        "damn",
        "freaking",
        "beyond",
        "incredibly",
        "too",
        "truly",
    ],
    less: &[
        "bit", "little", "slightly", "somewhat", "kind", "sort", "mildly",
    ],
    repeated: &[
        ("no", Anger),
        ("agent", Frustration),
        ("hello", Frustration),
        ("help", Distress),
        ("please", Distress),
        ("stop", Anger),
        ("quickly", Distress),
        ("hurry", Distress),
        ("human", Frustration),
        ("operator", Frustration),
        ("representative", Frustration),
    ],
};
