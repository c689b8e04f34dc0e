"""Where a corpus gets its sentences: the ``sentences`` package over domain folders."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_TRAIN = Path(__file__).resolve().parent.parent


def domains(
    folders: Sequence[str] = (), phrases: str = "", held_out: bool = False
) -> Any:
    """A ``sentences.Source`` over domain ``folders`` (none: those of the repository)."""
    from sentences import Source  # not needed for other sources

    root = _TRAIN.parent.parent / "src" / "domains"
    paths = [Path(folder) for folder in folders]
    if not paths:
        paths = sorted(path.parent for path in root.glob("*/tasks.toml"))
    return Source(paths, Path(phrases) if phrases else _TRAIN / "phrases", held_out=held_out)


class Fixed:
    """The sentences of a list, each as likely as the others."""

    def __init__(self, sentences: Sequence[Any]) -> None:
        self._all = list(sentences)
        if not self._all:
            raise ValueError("no sentences to say")

    def draw(self, rng: random.Random) -> Any:
        """The next sentence."""
        return rng.choice(self._all)


def fixed(file: str) -> Fixed:
    """A source over a JSON list of objects with `spoken`, `text` and `kind`."""
    from sentences import Sentence

    return Fixed([Sentence(**entry) for entry in json.loads(Path(file).read_text())])
