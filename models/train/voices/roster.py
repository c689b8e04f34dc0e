"""Which engines and speakers there are on this machine, and who is drawn how often.

An engine is one module with one class; add it to ``ENGINES`` and it takes part.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Sequence
from functools import cache

import numpy as np

from voices.speaker import Engine, EngineMissing, Speaker

log = logging.getLogger(__name__)

ENGINES: dict[str, tuple[str, str, float]] = {
    # name: (module, class, share of the draws among the engines at hand)
    "espeak-ng": ("voices.espeak", "EspeakNg", 0.6),
    "flite": ("voices.flite", "Flite", 0.4),
    "festival": ("voices.festival", "Festival", 0.5),
}


@cache
def engine(name: str) -> Engine:
    """The engine of that name, loaded at most once per process; ``EngineMissing``."""
    module, kind, _ = ENGINES[name]
    return getattr(importlib.import_module(module), kind)()


def available_engines() -> dict[str, str]:
    """Engine → empty text when usable here, else what is missing and what to do."""
    state: dict[str, str] = {}
    for name in ENGINES:
        try:
            engine(name)
            state[name] = ""
        except EngineMissing as cause:
            state[name] = str(cause)
    return state


def speakers(held_out: bool) -> list[Speaker]:
    """The speakers kept out of training, or all others.

    A missing engine is skipped with a warning; ``EngineMissing`` when nobody is left.
    """
    found: list[Speaker] = []
    for name, problem in available_engines().items():
        if problem:
            log.warning("engine %s is left out: %s", name, problem)
            continue
        found += [s for s in engine(name).speakers() if s.held_out == held_out]
    if not found:
        kind = "held-out" if held_out else "training"
        raise EngineMissing(
            f"no engine on this machine has {kind} speakers. "
            f"hint: install at least one of {', '.join(ENGINES)}"
        )
    return found


class Draw:
    """Draws speakers: first the engine by its share, then one of its speakers by weight."""

    def __init__(self, among: Sequence[Speaker]) -> None:
        if not among:
            raise ValueError("there is nobody to draw from")
        self._groups = {s.engine: [t for t in among if t.engine == s.engine] for s in among}
        names = list(self._groups)
        self._names = names
        self._shares = _normalised([ENGINES[name][2] if name in ENGINES else 0.5 for name in names])
        self._weights = {n: _normalised([s.weight for s in g]) for n, g in self._groups.items()}

    def __call__(self, rng: np.random.Generator) -> Speaker:
        name = self._names[int(rng.choice(len(self._names), p=self._shares))]
        group = self._groups[name]
        return group[int(rng.choice(len(group), p=self._weights[name]))]


def draw(among: Sequence[Speaker], rng: np.random.Generator) -> Speaker:
    """One of ``among``; for many draws keep a ``Draw``."""
    return Draw(among)(rng)


def _normalised(weights: Sequence[float]) -> np.ndarray:
    values = np.asarray(weights, dtype=np.float64)
    return values / values.sum()


def use_piper_voices(folder: str) -> None:
    """Adds the Piper voices of ``folder`` to the engines of this process."""
    from voices import piper

    piper.Piper.folder = folder
    ENGINES["piper"] = ("voices.piper", "Piper", 0.5)
