"""The sentences of the recipe: what is trained on, and what is judged on."""

from __future__ import annotations

import json
import random
from pathlib import Path

from sentences import Sentence, Source, eval_sets

PHRASES = Path(__file__).resolve().parent / "phrases"


def training(domains: list[str]) -> Source:
    """Random sentences, none of them one that a model is judged on."""
    return Source([Path(d) for d in domains], PHRASES)


def judged(domains: list[str], seed: int = 7) -> dict[str, list[Sentence]]:
    """The evaluation sets, by name."""
    return eval_sets([Path(d) for d in domains], PHRASES, random.Random(seed))


def write(sentences: list[Sentence], file: Path) -> None:
    """Writes a set as `voices.corpus --sentences` reads it."""
    file.write_text(json.dumps([{"spoken": s.spoken, "text": s.text, "kind": s.kind} for s in sentences]))


def by_held_out_voices(file: Path, count: int, folder: Path) -> list[str]:
    """The command (behind `python`) that has the sentences of a JSON file spoken by voices kept out of training."""
    command = ["-m", "voices.corpus", "--out", str(folder), "--count", str(count), "--seed", "11"]
    return [*command, "--held-out", "--sentences", str(file)]
