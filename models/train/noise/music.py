"""Simple composed music: chords, a melody, bass and drums.

Two sets of timbres: A (organ, plucked string, piano-like, flute) for training, B
(brass, bell, strings with vibrato, square synthesizer) for evaluation only.
"""

from __future__ import annotations

import numpy as np

from noise.shapes import SAMPLE_RATE, add, band, decay, harmonics, ramp, samples, shaped, tilt

Rng = np.random.Generator

_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9), (0, 3, 5, 7, 10))
_PROGRESSIONS = ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3), (1, 4, 0, 0), (0, 2, 3, 4))

# name: (partials' gains, fall in s (0: sustained), attack in s, vibrato depth)
_SET_A = {
    "organ": ((1, 0.7, 0.1, 0.5, 0, 0.3, 0, 0.2), 0.0, 0.02, 0.0),
    "plucked": ((1, 0.6, 0.5, 0.35, 0.25, 0.2, 0.1), 0.25, 0.002, 0.0),
    "piano": ((1, 0.5, 0.25, 0.2, 0.08, 0.05), 0.6, 0.004, 0.0),
    "flute": ((1, 0.15, 0.05), 0.0, 0.05, 0.004),
}
_SET_B = {
    "brass": ((0.7, 1, 0.9, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1), 0.0, 0.06, 0.003),
    "bell": ((1, 0, 0.6, 0, 0.4, 0, 0, 0.3, 0, 0.2), 0.9, 0.001, 0.0),
    "strings": ((1, 0.5, 0.33, 0.25, 0.2, 0.17, 0.14, 0.12, 0.1), 0.0, 0.15, 0.008),
    "square": ((1, 0, 0.33, 0, 0.2, 0, 0.14, 0, 0.11), 0.0, 0.005, 0.0),
}
Timbre = tuple[tuple[float, ...], float, float, float]


def music_a(rng: Rng, length: int) -> np.ndarray:
    """Music with the timbres of training."""
    return _piece(rng, length, list(_SET_A.values()))


def music_b(rng: Rng, length: int) -> np.ndarray:
    """Music with timbres that are never heard in training."""
    return _piece(rng, length, list(_SET_B.values()))


def _note(frequency: float, size: int, timbre: Timbre) -> np.ndarray:
    gains, fall, attack, vibrato = timbre
    t = np.arange(size) / SAMPLE_RATE
    pitch = frequency * (1 + vibrato * np.sin(2 * np.pi * 5.5 * t))
    envelope = np.minimum(t / attack, 1) * (np.exp(-t / fall) if fall else 1.0)
    return ramp((harmonics(pitch, gains) * envelope).astype(np.float32), 0.01)


def _drum(rng: Rng, kind: int) -> np.ndarray:
    size = samples(0.2)
    if kind == 0:  # bass drum: a falling tone
        fall = 50 + 90 * np.exp(-np.arange(size) / samples(0.03))
        return harmonics(fall, [1.0]) * decay(size, 0.08)
    if kind == 1:  # snare
        return shaped(rng, size, tilt(0.2)) * decay(size, 0.05) * 0.5
    return shaped(rng, size, band(5000, 7900)) * decay(size, 0.015) * 0.3  # hi-hat


def _piece(rng: Rng, length: int, timbres: list[Timbre]) -> np.ndarray:
    """Bars of one chord each; the parts present are drawn."""
    scale = _SCALES[int(rng.integers(len(_SCALES)))]
    root = rng.uniform(100, 200)
    beat = samples(60 / rng.uniform(60, 170))
    chords = _PROGRESSIONS[int(rng.integers(len(_PROGRESSIONS)))]
    chord, tune, bass = (timbres[int(i)] for i in rng.integers(0, len(timbres), 3))
    with_chord, with_tune, with_bass, with_drums = rng.random(4) < (0.8, 0.8, 0.6, 0.5)
    if not (with_chord or with_tune):
        with_tune = True
    drums = [_drum(rng, kind) for kind in range(3)]

    def pitch(step: int) -> float:
        octave, degree = divmod(step, len(scale))
        return float(root * 2 ** (octave + scale[degree] / 12))

    out = np.zeros(length, np.float32)
    bar, step = 0, len(scale)
    at = -int(rng.integers(0, beat * 4))
    while at < length:
        degree = chords[bar % len(chords)]
        if with_chord:
            for third in (0, 2, 4):
                sound = _note(pitch(degree + third) * 1.5, beat * 4, chord) * 0.35
                add(out, sound[max(0, -at) :], max(0, at))
        for number in range(4):
            here = at + number * beat
            if with_bass and here >= 0 and number % 2 == 0:
                add(out, _note(pitch(degree) / 2, beat * 2, bass) * 0.7, here)
            if with_drums:
                for drum, share in ((0, number % 2 == 0), (1, number % 2 == 1), (2, True)):
                    if share and here >= 0:
                        add(out, drums[drum], here)
            if with_tune and rng.random() < 0.85:
                step = int(np.clip(step + rng.integers(-2, 3), 2, 3 * len(scale)))
                if here >= 0:
                    add(out, _note(pitch(step) * 2, beat, tune) * 0.6, here)
        at += beat * 4
        bar += 1
    return out
