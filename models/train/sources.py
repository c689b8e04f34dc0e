"""Where a corpus takes its sentences from: what `voices.corpus --source` names."""

from __future__ import annotations

import json
import random
from pathlib import Path

from sentences import Sentence, Source, eval_sets


def training(domains: list[str], phrases: str) -> Source:
    """Random sentences, none of them one that a model is judged on."""
    return Source([Path(d) for d in domains], Path(phrases))


class Fixed:
    """The sentences of a file (JSON), each as likely as the others."""

    def __init__(self, sentences: str):
        self._all = [Sentence(**s) for s in json.loads(Path(sentences).read_text())]

    def draw(self, rng: random.Random) -> Sentence:
        return rng.choice(self._all)


def judged(domains: list[str], phrases: str, seed: int = 7) -> dict[str, list[Sentence]]:
    """The evaluation sets, by name."""
    return eval_sets([Path(d) for d in domains], Path(phrases), random.Random(seed))
