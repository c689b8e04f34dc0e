"""The corpus files: 2,000 spoken sentences in one ``.npz``, written whole or not at all.

Arrays of ``shard-00012.npz``: ``samples`` int16 (all utterances, one after another,
16 kHz), ``offsets`` int64 (one more than utterances), and per utterance ``texts``
(what the recogniser shall write), ``spoken`` (what the engine was given), ``kinds``,
``speakers``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SHARD_SIZE = 2_000
"""Sentences per shard; the last one of a corpus may be smaller."""


@dataclass(frozen=True)
class Utterance:
    """One spoken sentence of the corpus."""

    samples: np.ndarray
    text: str
    spoken: str
    kind: str
    speaker: str


def shard_path(folder: Path, number: int) -> Path:
    """Where shard ``number`` of a corpus lies."""
    return folder / f"shard-{number:05d}.npz"


def write(path: Path, utterances: Sequence[Utterance]) -> None:
    """Writes a shard under a temporary name and renames it: no half shard is ever seen."""
    lengths = [len(u.samples) for u in utterances]
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with temporary.open("wb") as file:
        np.savez(
            file,
            samples=np.concatenate([np.empty(0, np.int16), *(u.samples for u in utterances)]),
            offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            texts=np.array([u.text for u in utterances], dtype=np.str_),
            spoken=np.array([u.spoken for u in utterances], dtype=np.str_),
            kinds=np.array([u.kind for u in utterances], dtype=np.str_),
            speakers=np.array([u.speaker for u in utterances], dtype=np.str_),
        )
    temporary.replace(path)


def read(path: Path) -> Iterator[Utterance]:
    """The utterances of a shard, in order."""
    with np.load(path, allow_pickle=False) as shard:
        samples, offsets = shard["samples"], shard["offsets"]
        rows = zip(shard["texts"], shard["spoken"], shard["kinds"], shard["speakers"], strict=True)
        for number, (text, spoken, kind, speaker) in enumerate(rows):
            cut = samples[offsets[number] : offsets[number + 1]]
            yield Utterance(cut, str(text), str(spoken), str(kind), str(speaker))


def total_samples(path: Path) -> int:
    """Samples in a finished shard, without reading its sound."""
    with np.load(path, allow_pickle=False) as shard:
        return int(shard["offsets"][-1])
