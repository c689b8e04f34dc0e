"""Lasting sounds: electric noise, machines, weather, streets, other people's talk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from noise.shapes import (
    SAMPLE_RATE, add, band, decay, filtered, harmonics, peaks, product, samples, scatter, shaped,
    tilt, unit, wander,
)  # fmt: skip

Rng = np.random.Generator


def silence(rng: Rng, length: int) -> np.ndarray:
    """Digital silence."""
    return np.zeros(length, np.float32)


def white(rng: Rng, length: int) -> np.ndarray:
    """White noise."""
    return rng.standard_normal(length, np.float32)


def pink(rng: Rng, length: int) -> np.ndarray:
    """Noise falling 1 to 5 dB per octave."""
    return shaped(rng, length, tilt(rng.uniform(0.2, 0.8)))


def brown(rng: Rng, length: int) -> np.ndarray:
    """Noise falling 6 dB or more per octave."""
    return shaped(rng, length, tilt(rng.uniform(0.9, 1.4)))


def hum(rng: Rng, length: int) -> np.ndarray:
    """Mains hum, 50 or 60 Hz with harmonics."""
    base = rng.choice([50.0, 60.0]) + rng.normal(0, 0.05)
    gains = rng.uniform(0, 1, 24) / np.arange(1, 25) ** rng.uniform(0.2, 1.2)
    tone = harmonics(np.full(length, base), gains, rng.uniform(0, 6))
    return unit(tone) + rng.uniform(0, 0.2) * shaped(rng, length, tilt(0.3))


def hiss(rng: Rng, length: int) -> np.ndarray:
    """Line hiss in a telephone's band."""
    return shaped(rng, length, band(rng.uniform(200, 600), rng.uniform(2500, 7000)))


def rumble(rng: Rng, length: int) -> np.ndarray:
    """Room rumble: air conditioning, footfall of a house."""
    shape = product(tilt(rng.uniform(0.5, 1.2)), band(25, rng.uniform(80, 300)))
    return shaped(rng, length, shape) * (1 + 0.3 * np.abs(wander(rng, length, 1)))


def fan(rng: Rng, length: int) -> np.ndarray:
    """A fan: broad noise, blade tone, slow beat."""
    blade = rng.uniform(40, 240)
    tone = harmonics(np.full(length, blade), 1 / np.arange(1, 12) ** rng.uniform(0.7, 1.5))
    air = shaped(rng, length, product(tilt(rng.uniform(0.3, 0.8)), band(60, 5000)))
    beat = 1 + 0.2 * np.sin(2 * np.pi * rng.uniform(0.5, 8) * np.arange(length) / SAMPLE_RATE)
    return (air + unit(tone) * rng.uniform(0.1, 0.9)) * beat.astype(np.float32)


def engine(rng: Rng, length: int) -> np.ndarray:
    """A combustion engine that speeds up and slows down."""
    turns = rng.uniform(18, 90) * np.exp(0.25 * wander(rng, length, rng.uniform(0.3, 1.5)))
    gains = rng.uniform(0.2, 1, 40) / np.arange(1, 41) ** rng.uniform(0.3, 0.9)
    firing = harmonics(turns, gains)
    shape = peaks(rng.uniform(80, 900, 3), rng.uniform(40, 300, 3), rng.uniform(0.4, 1, 3))
    return unit(filtered(firing, shape)) + rng.uniform(0.1, 0.6) * shaped(rng, length, tilt(0.7))


def rain(rng: Rng, length: int) -> np.ndarray:
    """Rain: hiss and drops."""

    def drop() -> np.ndarray:
        size = samples(rng.uniform(0.003, 0.015))
        return shaped(rng, size, band(1000, 6000)) * decay(size, 0.002) * 4

    base = shaped(rng, length, band(rng.uniform(300, 1500), 7500)) * 0.6
    return base + scatter(rng, length, rng.uniform(5, 60), drop)


def traffic(rng: Rng, length: int) -> np.ndarray:
    """A street: rumble, and cars that pass."""
    out = shaped(rng, length, product(tilt(0.8), band(40, 2500))) * 0.5

    def car() -> np.ndarray:
        size = samples(rng.uniform(1.5, 4))
        swell = np.exp(-(np.linspace(-2.5, 2.5, size) ** 2)).astype(np.float32)
        return shaped(rng, size, product(tilt(0.4), band(80, rng.uniform(800, 3500)))) * swell

    size = length + samples(2)  # cars also pass from before the start
    return out + scatter(rng, size, rng.uniform(0.2, 0.8), car)[samples(2) :]


def babble(rng: Rng, length: int, speech: Sequence[np.ndarray] = ()) -> np.ndarray:
    """Four to eight people talking at once, far away and dull.

    ``speech`` are utterances (any level, int16 or float, 16 kHz).  Without them, noise
    with the spectrum and the syllables of speech stands for the people.
    """
    out = np.zeros(length, np.float32)
    for _ in range(int(rng.integers(4, 9))):
        out += _talker(rng, length, speech) * np.float32(10 ** (rng.uniform(-9, 0) / 20))
    return filtered(out, band(150, rng.uniform(700, 2200)))


def _talker(rng: Rng, length: int, speech: Sequence[np.ndarray]) -> np.ndarray:
    out = np.zeros(length, np.float32)
    if speech:
        at = -int(rng.integers(0, samples(1.5)))
        while at < length:
            said = unit(np.asarray(speech[int(rng.integers(len(speech)))], np.float32))
            if at < 0:
                said, at = said[-at:], 0
            add(out, said, at)
            at += len(said) + samples(rng.uniform(0.05, 0.8))
        return out
    pitch = rng.uniform(80, 260) * np.exp(0.15 * wander(rng, length, 3))
    buzz = harmonics(pitch, 1 / np.arange(1, 25))
    syllables = np.clip(wander(rng, length, rng.uniform(6, 10)) + 0.2, 0, None)
    low, high = rng.uniform(300, 800), rng.uniform(1000, 2400)
    return unit(filtered(buzz * syllables, peaks([low, high], [90, 150], [1, 0.5])))
