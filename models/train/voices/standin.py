"""A small source of sentences for tests and for trying out the voices.

The real sentences come from the ``sentences`` package.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

_DIGITS = "zero one two three four five six seven eight nine".split()
_PHRASES = (
    "yes", "no thanks", "where is my order", "what are your opening hours",
    "i would like to talk to a person please", "i need to change my appointment to friday",
    "that is wrong i meant the second one", "can you tell me my balance",
)  # fmt: skip


@dataclass(frozen=True)
class Phrase:
    """A sentence as the corpus needs it."""

    spoken: str
    text: str
    kind: str


class Source:
    """Draws a few fixed phrases and digit strings."""

    def draw(self, rng: random.Random) -> Phrase:
        """The next sentence."""
        if rng.random() < 0.4:
            digits = " ".join(rng.choices(_DIGITS, k=rng.randint(1, 10)))
            return Phrase(digits, digits, "digits")
        phrase = rng.choice(_PHRASES)
        return Phrase(phrase, phrase, "phrase")
