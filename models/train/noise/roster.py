"""Which kinds of sound there are, how often each is drawn and which are for evaluation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from noise import body, music, objects, steady, tones
from noise.shapes import SAMPLE_RATE, samples

KINDS: dict[str, tuple[Callable[..., np.ndarray], float]] = {
    # kind: (maker, weight)
    "silence": (steady.silence, 1.0),
    "white": (steady.white, 0.7),
    "pink": (steady.pink, 1.0),
    "brown": (steady.brown, 0.7),
    "hum": (steady.hum, 0.7),
    "hiss": (steady.hiss, 1.0),
    "rumble": (steady.rumble, 0.7),
    "fan": (steady.fan, 0.7),
    "engine": (steady.engine, 1.0),
    "rain": (steady.rain, 0.7),
    "traffic": (steady.traffic, 1.0),
    "babble": (steady.babble, 2.5),
    "breath": (body.breath, 2.0),
    "cough": (body.cough, 2.0),
    "sneeze": (body.sneeze, 1.0),
    "throat": (body.throat, 1.5),
    "laughter": (body.laughter, 1.5),
    "baby": (body.baby, 1.0),
    "bird": (body.bird, 0.7),
    "whistle": (body.whistle, 1.0),
    "dog": (body.dog, 1.0),
    "knocks": (objects.knocks, 1.0),
    "typing": (objects.typing, 1.0),
    "door": (objects.door, 0.7),
    "crackle": (objects.crackle, 1.0),
    "clicks": (objects.clicks, 1.0),
    "handling": (objects.handling, 1.0),
    "dishes": (objects.dishes, 1.0),
    "paper": (objects.paper, 0.7),
    "ringing": (tones.ringing, 0.6),
    "busy": (tones.busy, 0.6),
    "dial": (tones.dial, 0.4),
    "dtmf": (tones.dtmf, 1.2),
    "fax": (tones.fax, 0.6),
    "beeps": (tones.beeps, 0.8),
    "hold": (tones.hold, 0.8),
    "music-a": (music.music_a, 3.0),
    "music-b": (music.music_b, 3.0),
}

EVALUATION_ONLY = frozenset(("music-b", "typing", "engine", "crackle", "whistle", "dog"))
"""Kinds that training never hears: on them one sees whether silence was learnt or memorised."""

_SHORTEST_S = 1.5  # so that a short clip is cut from something, not from the pause before it

LEVEL_DB = (-45.0, -3.0)
"""Range of the peak, dB of full scale."""


def kinds(held_out: bool | None = False) -> list[str]:
    """The kinds for training, those for evaluation only (True), or all (None)."""
    return [k for k in KINDS if held_out is None or (k in EVALUATION_ONLY) == held_out]


def draw(
    rng: np.random.Generator,
    seconds: float,
    *,
    kind: str | None = None,
    held_out: bool | None = False,
    speech: Sequence[np.ndarray] = (),
    level_db: float | None = None,
) -> tuple[np.ndarray, str]:
    """``seconds`` of a sound at 16 kHz (float32, within ±1) and its kind.

    ``kind`` fixes the kind; otherwise one is drawn from ``kinds(held_out)``.  ``speech``:
    utterances for babble.  ``level_db``: the peak in dB of full scale, drawn when None.
    """
    if kind is None:
        names = kinds(held_out)
        weights = np.array([KINDS[name][1] for name in names])
        kind = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    length = samples(seconds)
    made = max(length, samples(_SHORTEST_S))
    make = KINDS[kind][0]
    sound = make(rng, made, speech) if kind == "babble" else make(rng, made)
    sound = _window(np.asarray(sound, np.float32), length)
    peak = float(np.abs(sound).max(initial=0.0))
    level = rng.uniform(*LEVEL_DB) if level_db is None else level_db
    if peak > 1e-9:
        sound = sound * np.float32(10 ** (level / 20) / peak)
    return sound, kind


def _window(sound: np.ndarray, length: int) -> np.ndarray:
    """``length`` samples of ``sound`` with its loudest one among them."""
    if len(sound) <= length:
        return sound
    loudest = int(np.abs(sound).argmax())
    start = min(max(0, loudest - length // 3), len(sound) - length)
    return sound[start : start + length]


__all__ = ["EVALUATION_ONLY", "KINDS", "LEVEL_DB", "SAMPLE_RATE", "draw", "kinds"]
