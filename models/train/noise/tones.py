"""Tones of the telephone: dial, ring, busy, DTMF, fax, beeps, hold.

Frequencies and cadences: ITU-T E.180 Supplement 2 (national tones), Q.23 (DTMF),
T.30 (CNG 1100 Hz, CED 2100 Hz), E.180 special information tone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from noise.shapes import SAMPLE_RATE, add, band, harmonics, ramp, samples, shaped

Rng = np.random.Generator


def _chord(length: int, frequencies: Sequence[float]) -> np.ndarray:
    t = np.arange(length, dtype=np.float32) / SAMPLE_RATE
    return ramp(sum((np.sin(2 * np.pi * f * t) for f in frequencies), np.zeros(length, np.float32)))


def _cadence(
    rng: Rng, length: int, frequencies: Sequence[float], pattern: Sequence[float]
) -> np.ndarray:
    """``pattern``: seconds on, off, on, off …; begins within the first tone or shortly before."""
    out = np.zeros(length, np.float32)
    at = round(rng.uniform(-pattern[0] / 2, 0.4) * SAMPLE_RATE)
    while at < length:
        for number, seconds in enumerate(pattern):
            size = samples(seconds)
            if number % 2 == 0:
                tone = _chord(size, frequencies)
                add(out, tone[max(0, -at) :], max(0, at))
            at += size
    return out


def ringing(rng: Rng, length: int) -> np.ndarray:
    """Ringing tone: North America, Europe or Britain."""
    frequencies, pattern = [
        ([440.0, 480.0], [2.0, 4.0]),
        ([425.0], [1.0, 4.0]),
        ([400.0, 450.0], [0.4, 0.2, 0.4, 2.0]),
    ][int(rng.integers(3))]
    return _cadence(rng, length, frequencies, pattern)


def busy(rng: Rng, length: int) -> np.ndarray:
    """Busy or congestion tone."""
    frequencies, on = [([480.0, 620.0], 0.5), ([425.0], 0.48), ([400.0], 0.375), ([425.0], 0.24)][
        int(rng.integers(4))
    ]
    return _cadence(rng, length, frequencies, [on, on])


def dial(rng: Rng, length: int) -> np.ndarray:
    """Dial tone."""
    return _chord(length, [[350.0, 440.0], [425.0], [350.0, 450.0]][int(rng.integers(3))])


def dtmf(rng: Rng, length: int) -> np.ndarray:
    """Keys pressed on a telephone."""
    out = np.zeros(length, np.float32)
    at = samples(rng.uniform(0.05, 0.5))
    while at < length:
        low = rng.choice([697.0, 770.0, 852.0, 941.0])
        high = rng.choice([1209.0, 1336.0, 1477.0, 1633.0])
        size = samples(rng.uniform(0.06, 0.35))
        add(out, _chord(size, [low, high]), at)
        at += size + samples(rng.uniform(0.05, 0.8))
    return out


def fax(rng: Rng, length: int) -> np.ndarray:
    """A calling or answering fax machine, or the chatter of a modem."""
    choice = rng.random()
    if choice < 0.4:
        return _cadence(rng, length, [1100.0], [0.5, 3.0])
    if choice < 0.7:
        return _chord(length, [2100.0])
    symbols = rng.choice([980.0, 1180.0, 1650.0, 1850.0], length // 53 + 1)
    chatter = harmonics(np.repeat(symbols, 53)[:length], [1.0])
    return chatter + 0.3 * shaped(rng, length, band(600, 3000))


def beeps(rng: Rng, length: int) -> np.ndarray:
    """Machine beeps: till, microwave oven, answering machine, alarm, special information tone."""
    if rng.random() < 0.2:
        sit = [_chord(samples(0.33), [f]) for f in (950.0, 1400.0, 1800.0)]
        out = np.zeros(length, np.float32)
        add(out, np.concatenate(sit), int(rng.uniform(0, 0.3) * length))
        return out
    pitch, on = rng.uniform(400, 3400), rng.uniform(0.05, 0.7)
    gains = [1.0, *rng.uniform(0, 0.5, 3)]
    return _cadence(rng, length, [pitch * n for n, g in enumerate(gains, 1) if g > 0.25
                                  and pitch * n < 7900] or [pitch], [on, rng.uniform(0.05, 1.5)])  # fmt: skip


def hold(rng: Rng, length: int) -> np.ndarray:
    """Hold tone: a beep every few seconds, or a slow chime of a few notes."""
    if rng.random() < 0.5:
        return _cadence(rng, length, [rng.choice([425.0, 440.0, 1400.0])],
                        [rng.uniform(0.2, 0.5), rng.uniform(1, 5)])  # fmt: skip
    out = np.zeros(length, np.float32)
    notes, at = rng.uniform(400, 900) * 2 ** (rng.choice([0, 4, 7, 12], 4) / 12), 0
    while at < length:
        for note in notes:
            size = samples(0.9)
            fall = np.exp(-np.arange(size) / samples(0.3)).astype(np.float32)
            add(out, harmonics(np.full(size, note), [1, 0.3, 0.1]) * fall, at)
            at += samples(rng.uniform(0.3, 0.5))
        at += samples(rng.uniform(0.5, 2))
    return out
