"""One sentence of a corpus: who says it and how; the part that runs in a worker.

Everything about sentence *n* of a shard follows from (seed, shard, n) alone, so a
corpus has the same texts, speakers and manner for any number of workers.  flite repeats
to the sample; espeak-ng keeps the phase of its voicing and flutter from one sentence to
the next, so its samples differ a little with what the worker said before.
"""

from __future__ import annotations

import importlib
import random
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Protocol

import numpy as np

from voices import roster
from voices.shards import Utterance
from voices.speaker import SAMPLE_RATE, SynthesisError
from voices.splice import speak_spliced

LONGEST_S = 14.5
"""Utterances longer than this are dropped: the recogniser takes 15 s."""

SPLICED_SHARE = 0.25
"""Share of the digit sentences that is spoken word by word."""

_ATTEMPTS = 3


class Sentence(Protocol):
    """What a source of sentences draws."""

    spoken: str
    text: str
    kind: str


@dataclass(frozen=True)
class Order:
    """What a worker is to say: sentences ``first`` … ``last``−1 of a shard."""

    shard: int
    first: int
    last: int


@dataclass(frozen=True)
class Plan:
    """What all workers of a corpus share."""

    seed: int
    held_out: bool
    source: str
    """``module:callable`` whose call gives the source of sentences."""
    source_options: dict[str, Any]
    piper_voices: str | None
    scratch: str
    """Folder for the engines' temporary files; the parent removes it."""


def load_source(plan: Plan) -> Any:
    """The source of sentences that ``plan`` names."""
    module, _, name = plan.source.partition(":")
    return getattr(importlib.import_module(module), name or "source")(**plan.source_options)


def is_digits(sentence: Sentence) -> bool:
    """Whether the sentence is (mostly) a number read out, which may be spliced."""
    words = sentence.spoken.split()
    return "digit" in sentence.kind and 2 <= len(words) <= 16


class Sayer:
    """Speaks the sentences of one plan in this process."""

    def __init__(self, plan: Plan) -> None:
        if plan.piper_voices:
            roster.use_piper_voices(plan.piper_voices)
        self._plan = plan
        self._source = load_source(plan)
        self._draw = roster.Draw(roster.speakers(plan.held_out))

    def say(self, shard: int, number: int) -> Utterance | None:
        """Sentence ``number`` of ``shard``; None when it is too long.

        Tries other speakers when one fails; raises ``SynthesisError`` after the last.
        """
        seed = [self._plan.seed, shard, number]
        sentence: Sentence = self._source.draw(random.Random(str(seed)))
        rng = np.random.default_rng(seed)
        spliced = is_digits(sentence) and rng.random() < SPLICED_SHARE
        speak: Callable[..., np.ndarray] = speak_spliced if spliced else _speak
        for attempt in range(_ATTEMPTS):
            speaker = self._draw(rng)
            try:
                samples = speak(speaker, sentence.spoken, rng)
                break
            except SynthesisError:
                if attempt == _ATTEMPTS - 1:
                    raise
        if len(samples) > LONGEST_S * SAMPLE_RATE:
            return None
        kind = f"{sentence.kind}/spliced" if spliced else sentence.kind
        return Utterance(samples, sentence.text, sentence.spoken, kind, speaker.name)


def _speak(speaker: Any, text: str, rng: np.random.Generator) -> np.ndarray:
    return speaker.speak(text, rng)


def work(plan: Plan, channel: Connection) -> None:
    """A worker's life: takes orders, answers (number, utterance or None, error or None)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    tempfile.tempdir = plan.scratch
    sayer = Sayer(plan)
    while True:
        try:
            order: Order | None = channel.recv()
        except EOFError:  # the parent is gone
            return
        if order is None:
            return
        for number in range(order.first, order.last):
            try:
                channel.send((number, sayer.say(order.shard, number), None))
            except SynthesisError as cause:
                channel.send((number, None, str(cause)))
