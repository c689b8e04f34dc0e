"""Checkpoints: written whole or not at all, read back into a model of the same shape."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from network import Recognizer, Shape


def save(path: Path, *, shape: Shape, used: list[int], **rest: Any) -> None:
    """Writes a checkpoint beside its place and moves it there."""
    part = path.with_suffix(".part")
    torch.save({"shape": asdict(shape), "used": list(used), **rest}, part)
    os.replace(part, path)


def load(path: Path) -> dict[str, Any]:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError) as error:
        raise SystemExit(f"cannot read the checkpoint {path}: {error}\nhint: leave --init/--resume out to start anew") from error


def recognizer(saved: dict[str, Any], weights: str = "averaged", used: list[int] | None = None) -> Recognizer:
    """The model of a checkpoint; with other tokens (`used`), rows of new tokens start as the shared one."""
    shape = Shape(**saved["shape"])
    tokens = list(saved["used"]) if used is None else sorted(set(used) | set(saved["used"]))
    model = Recognizer(shape, tokens)
    values = dict(saved[weights])
    name = "whisper.decoder.token_embedding.weight"
    if tokens != list(saved["used"]):
        old = values[name]
        place = {t: i for i, t in enumerate(saved["used"])}
        values[name] = torch.stack([old[place.get(t, len(place))] for t in tokens] + [old[-1]])
    missing, unexpected = model.load_state_dict(values, strict=False)
    buffers = {n for n, _ in model.named_buffers()}
    if unexpected or set(missing) - buffers:
        raise SystemExit(f"the checkpoint does not fit: {sorted(set(missing) - buffers) + unexpected}")
    return model
