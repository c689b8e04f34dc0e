"""Digits as people dictate them: each word spoken alone, joined with pauses.

An engine asked for "four five six" runs the words together in one melody; callers who
read a number from paper say them one by one, each with its own fall.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voices import waveform
from voices.speaker import SAMPLE_RATE, Speaker, SynthesisError

LONGEST_GAP_S = 0.7
"""Longest pause between two words."""


def speak_spliced(speaker: Speaker, text: str, rng: np.random.Generator) -> np.ndarray:
    """Says each word of ``text`` by itself; int16 at 16 kHz.  Raises ``SynthesisError``.

    All words come from generators with one seed, so that the voice, its speed and its
    pitch stay those of one person.
    """
    seed = int(rng.integers(2**32))
    said = [word for word in text.split() if any(c.isalnum() for c in word)]
    words = [speaker.speak(word, np.random.default_rng(seed)) for word in said]
    if not words:
        raise SynthesisError(f"there is no word in {text!r}")
    return join(words, rng)


def join(words: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Joins spoken words with pauses of 0–700 ms around a pace drawn for the utterance."""
    pace = rng.uniform(0.0, 0.45)
    pieces: list[np.ndarray] = []
    for number, word in enumerate(words):
        if number:
            gap = float(np.clip(rng.normal(pace, 0.12), 0.0, LONGEST_GAP_S))
            pieces.append(np.zeros(int(gap * SAMPLE_RATE), np.float32))
        gain = 10 ** (rng.normal(0.0, 1.5) / 20)
        pieces.append(_faded(word.astype(np.float32)) * np.float32(gain))
    return waveform.normalise(np.concatenate(pieces))


def _faded(samples: np.ndarray, seconds: float = 0.005) -> np.ndarray:
    """5 ms ramps at both ends, so that no joint clicks."""
    count = min(int(seconds * SAMPLE_RATE), len(samples) // 2)
    ramp = np.linspace(0, 1, count, dtype=np.float32)
    samples[:count] *= ramp
    samples[len(samples) - count :] *= ramp[::-1]
    return samples
