"""What callers say without meaning it: hesitations, false starts, courtesies. The first two are not written."""

from __future__ import annotations

import random

from .tokens import Tokens, plain, with_pause

SOUNDS = ("um", "uh", "er", "umm", "erm", "ah", "um", "uh")
_OPENINGS = ("well", "um well", "well let me see", "let me see", "um let me see", "let's see", "uh let me think",
             "um so", "uh well", "well um", "ah let me see", "you know", "um yeah so")
# Words that are said twice only by mistake.
_RESTARTED = frozenset(["I", "my", "the", "can", "what", "where", "how", "is", "it's", "I'd", "I'm", "do", "a", "to", "when", "could", "please", "and"])
_BEFORE = ("hi", "hello", "please", "okay", "so", "yes", "excuse me", "hi there", "good morning", "sorry",
           "good afternoon", "actually", "and", "yes hi", "hey", "right", "okay so", "listen")
_AFTER = ("please", "thank you", "thanks", "please thank you", "if that's possible", "if you can", "right now",
          "for me please", "as well", "okay", "today")


def _unwritten(words: str) -> Tokens:
    return [(word, "") for word in words.split()]


def alone(rng: random.Random) -> Tokens:
    """A hesitation and nothing else: its text is empty."""
    sound = rng.choice(SOUNDS)
    return [(sound, "")] if rng.random() < 0.6 else [(f"{sound},", ""), (rng.choice(SOUNDS), "")]


def insert(rng: random.Random, tokens: Tokens) -> Tokens:
    """`tokens` with a hesitation before or amid them."""
    if rng.random() < 0.6 or len(tokens) < 2:
        opening = rng.choice(SOUNDS) if rng.random() < 0.6 else rng.choice(_OPENINGS)
        return [*_paused(_unwritten(opening)), *tokens]
    at = rng.randint(1, len(tokens) - 1)
    return [*tokens[: at - 1], with_pause(tokens[at - 1]), *_paused(_unwritten(rng.choice(SOUNDS))), *tokens[at:]]


def _paused(tokens: Tokens) -> Tokens:
    return [*tokens[:-1], with_pause(tokens[-1], ", ".strip())]


def repeat(rng: random.Random, tokens: Tokens) -> Tokens:
    """`tokens` with their first one or two words said twice, when they are words that callers stumble over."""
    count = rng.choice([1, 1, 2])
    head = tokens[:count]
    if len(tokens) <= count or any(written not in _RESTARTED for _, written in head):
        return tokens
    return [*_paused([(spoken, "") for spoken, _ in head]), *tokens]


def courtesy(rng: random.Random, tokens: Tokens) -> Tokens:
    """`tokens` with a written word of courtesy before or after them."""
    if rng.random() < 0.5:
        return [*plain(rng.choice(_BEFORE)), *tokens]
    return [*tokens, *plain(rng.choice(_AFTER))]
