"""What a speaker and an engine are, and how one utterance is made of them.

The engine turns text into sound at its own rate; everything that is the same for
all engines (voice changing, resampling, trimming, level) happens here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from voices import waveform

SAMPLE_RATE = 16_000
"""Samples per second of everything a speaker says."""

VOICE_CHANGE = (0.85, 1.18)
"""Range of the resampling factor that shifts formants and pitch together."""

VOICE_CHANGE_SHARE = 0.5
"""Share of the utterances whose voice is changed."""


class SynthesisError(RuntimeError):
    """An engine could not say a text; the sentence may be dropped, the engine goes on."""


class EngineMissing(RuntimeError):
    """An engine or all of its voices are not installed on this machine."""


@dataclass(frozen=True)
class Speaker:
    """One voice of one engine with its own settings; small enough to pickle."""

    engine: str
    """Name of the engine, as in ``roster.ENGINES``."""
    name: str
    """Unique over all engines, e.g. ``espeak-ng/en-us+f3``."""
    voice: str
    """The engine's own name for the voice."""
    settings: Mapping[str, float] = field(default_factory=dict)
    """The speaker's habits: ``formant`` (resampling factor), ``pitch`` (engine's unit) …"""
    held_out: bool = False
    """Never heard in training."""
    engine_held_out: bool = False
    """The whole engine is never heard in training: the harder test."""
    weight: float = 1.0
    """Share of the draws relative to other speakers."""

    def __hash__(self) -> int:
        return hash(self.name)

    def speak(self, text: str, rng: np.random.Generator) -> np.ndarray:
        """Says ``text`` in a manner drawn from ``rng``; int16 mono at 16 kHz.

        Raises ``SynthesisError`` when the engine refuses or returns silence.
        """
        from voices.roster import engine  # the roster imports the engines, which import this

        factor = float(self.settings.get("formant", 1.0))
        if rng.random() < VOICE_CHANGE_SHARE:
            factor *= rng.uniform(*VOICE_CHANGE)
        factor = float(np.clip(factor, 0.8, 1.25))
        # Resampling by `factor` makes speech faster by as much: the engine speaks slower.
        samples, rate = engine(self.engine).synthesise(self, text, rng, 1.0 / factor)
        try:
            return waveform.finish(samples, rate * factor, SAMPLE_RATE, rng)
        except waveform.Silent as cause:
            raise SynthesisError(f"{self.name} said nothing for {text!r}") from cause


class Engine(ABC):
    """A speech synthesiser, loaded once per process."""

    name: str

    @abstractmethod
    def speakers(self) -> list[Speaker]:
        """All speakers of this engine on this machine, held-out ones included."""

    @abstractmethod
    def synthesise(
        self, speaker: Speaker, text: str, rng: np.random.Generator, tempo: float
    ) -> tuple[np.ndarray, int]:
        """Says ``text``; float32 in −1 … 1 and its rate in Hz.

        ``tempo`` multiplies the speed that the engine draws for the utterance
        (2 is twice as fast).  Raises ``SynthesisError``.
        """


def drawn_speed(rng: np.random.Generator) -> float:
    """Speed of an utterance relative to a calm reader: 0.65 to 1.7, mostly about 1."""
    return float(np.clip(np.exp(rng.normal(0.0, 0.2)), 0.65, 1.7))
