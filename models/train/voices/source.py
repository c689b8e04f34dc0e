"""Where a corpus gets its sentences: the ``sentences`` package over domain folders."""

from __future__ import annotations

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
        paths = sorted(path.parent for path in root.glob("*/intents.toml"))
    return Source(paths, Path(phrases) if phrases else _TRAIN / "phrases", held_out=held_out)
