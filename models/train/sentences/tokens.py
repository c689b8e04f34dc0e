"""The words of a sentence, each as it is said and as the recogniser shall write it.

Decides how plain text becomes words; leaves to the other modules which words to say.
"""

from __future__ import annotations

from dataclasses import dataclass

# One word: (spoken, written). `spoken` may carry punctuation, which the voice turns into a pause; `written` is one
# word without any, or "" for what is said but never written ("um").
Token = tuple[str, str]
Tokens = list[Token]

PUNCTUATION = ",.?!;:"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One training sentence."""

    spoken: str
    """What the voice is given."""
    text: str
    """What the recogniser shall write: words only; "" where only a hesitation is heard."""
    kind: str
    """Which part of the mixture it came from."""


def plain(text: str) -> Tokens:
    """Words of `text`, keeping its punctuation in the spoken form only; a hyphen separates two words."""
    tokens = []
    for word in text.replace("-", " ").split():
        written = word.strip(PUNCTUATION)
        if written:
            tokens.append((word, written))
    return tokens


def respelled(tokens: Tokens, respell: dict[str, str]) -> Tokens:
    """`tokens` with the spoken form of every word in `respell` exchanged, its pause kept."""
    return [
        (spoken.replace(written, respell[written], 1), written) if written in respell else (spoken, written)
        for spoken, written in tokens
    ]


def spoken_of(tokens: Tokens) -> str:
    """The text for the voice."""
    said = " ".join(spoken for spoken, _ in tokens).strip()
    return said[:-1].rstrip() if said.endswith((",", ";", ":")) else said


def text_of(tokens: Tokens) -> str:
    """The target text."""
    return " ".join(written for _, written in tokens if written)


def with_pause(token: Token, mark: str = ",") -> Token:
    """`token` followed by a pause."""
    spoken, written = token
    return (spoken if spoken.endswith(tuple(PUNCTUATION)) else spoken + mark, written)
