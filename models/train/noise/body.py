"""Sounds that people and animals make without words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from noise.shapes import (
    SAMPLE_RATE, add, band, bump, contour, decay, filtered, harmonics, peaks, product, ramp,
    samples, scatter, shaped, tilt, unit, wander,
)  # fmt: skip

Rng = np.random.Generator


def _tract(rng: Rng) -> np.ndarray:
    """Three resonances of a mouth, Hz."""
    return np.array([550, 1450, 2600]) * rng.uniform(0.8, 1.25) * np.exp(rng.normal(0, 0.15, 3))


def breath(rng: Rng, length: int) -> np.ndarray:
    """Breathing in and out into the microphone."""
    out = np.zeros(length, np.float32)
    at = samples(rng.uniform(0, 0.6))
    inward = rng.random() < 0.5
    while at < length:
        size = samples(rng.uniform(0.35, 1.3))
        centres = _tract(rng) * (1.25 if inward else 1.0)
        shape = product(peaks(centres, [200, 300, 500], [1, 0.8, 0.6]), tilt(rng.uniform(0, 0.6)))
        add(out, shaped(rng, size, shape) * bump(size, rng.uniform(0.3, 0.7)), at)
        at += size + samples(rng.uniform(0.15, 1.2))
        inward = not inward
    return out


def cough(rng: Rng, length: int) -> np.ndarray:
    """Coughs: a burst, then a voiced or hoarse fall."""

    def one() -> np.ndarray:
        size = samples(rng.uniform(0.18, 0.45))
        shape = product(peaks(_tract(rng), [180, 250, 400], [1, 0.9, 0.6]), tilt(0.2))
        burst = shaped(rng, size, shape) * decay(size, rng.uniform(0.04, 0.13), 0.004)
        pitch = contour(size, [rng.uniform(180, 380), rng.uniform(90, 180)])
        pitch = pitch * np.exp(0.1 * wander(rng, size, 60))
        voice = unit(filtered(harmonics(pitch, 1 / np.arange(1, 15)), shape)) * bump(size, 0.35)
        return burst + rng.uniform(0, 0.35) * voice

    return _fits(rng, length, one, rng.uniform(0.25, 0.5))


def sneeze(rng: Rng, length: int) -> np.ndarray:
    """An indrawn breath, then a sharp hissing burst."""

    def one() -> np.ndarray:
        intake = samples(rng.uniform(0.2, 0.6))
        burst = samples(rng.uniform(0.2, 0.5))
        first = shaped(rng, intake, peaks(_tract(rng), [200] * 3, [0.5, 1, 1])) * bump(intake, 0.85)
        second = shaped(rng, burst, band(rng.uniform(900, 2500), 7000))
        return np.concatenate([first * 0.25, second * decay(burst, rng.uniform(0.06, 0.15), 0.008)])

    return _fits(rng, length, one, 1.5)


def throat(rng: Rng, length: int) -> np.ndarray:
    """Throat clearing: a rough low growl in one or two pushes."""

    def one() -> np.ndarray:
        size = samples(rng.uniform(0.25, 0.6))
        pitch = rng.uniform(55, 120) * np.exp(0.2 * wander(rng, size, 40))
        shape = peaks(_tract(rng) * 0.8, [120, 200, 300], [1, 0.6, 0.3])
        voice = unit(filtered(harmonics(pitch, np.ones(30)), shape))
        return (voice + rng.uniform(0.3, 0.9) * shaped(rng, size, shape)) * bump(size, 0.3)

    return _fits(rng, length, one, rng.uniform(0.5, 0.9))


def _fits(rng: Rng, length: int, one: Callable[[], np.ndarray], apart: float) -> np.ndarray:
    """Bouts of one to four of the same sound, with rests."""
    out = np.zeros(length, np.float32)
    at = int(rng.uniform(0, 0.4) * length)
    while at < length:
        for _ in range(int(rng.integers(1, 5))):
            add(out, one() * np.float32(rng.uniform(0.4, 1)), at)
            at += samples(apart * rng.uniform(0.8, 1.4))
        at += samples(rng.uniform(1, 4))
    return out


def baby(rng: Rng, length: int) -> np.ndarray:
    """A crying baby: long harmonic glides with gasps between."""
    out = np.zeros(length, np.float32)
    at, base = samples(rng.uniform(0, 0.4)), rng.uniform(330, 560)
    while at < length:
        size = samples(rng.uniform(0.5, 1.5))
        pitch = base * contour(size, [rng.uniform(0.7, 0.9), rng.uniform(1.05, 1.35), 1.0, 0.75])
        pitch = pitch * np.exp(0.03 * wander(rng, size, 25))
        cry = harmonics(pitch, rng.uniform(0.3, 1, 14))
        shape = peaks([1100, 3200], [500, 900], [1, 0.7])
        add(out, unit(filtered(cry, shape)) * bump(size, 0.25), at)
        at += size + samples(rng.uniform(0.15, 0.6))
    return out


def bird(rng: Rng, length: int) -> np.ndarray:
    """Birdsong: short high glides in phrases."""
    out = np.zeros(length, np.float32)
    at = samples(rng.uniform(0, 0.5))
    while at < length:
        start, end, size = rng.uniform(1800, 6000), rng.uniform(1800, 6000), rng.uniform(0.04, 0.25)
        gap = rng.uniform(0.03, 0.2)
        for _ in range(int(rng.integers(1, 9))):
            count = samples(size * rng.uniform(0.9, 1.1))
            sweep = contour(count, [start, end, start * rng.uniform(0.8, 1.2)])
            add(out, harmonics(sweep, [1, 0.1]) * bump(count, 0.4), at)
            at += count + samples(gap)
        at += samples(rng.uniform(0.3, 1.8))
    return out


def whistle(rng: Rng, length: int) -> np.ndarray:
    """A person whistling a tune: gliding pure tones with breath noise."""
    steps = rng.choice([0, 2, 4, 5, 7, 9, 12], max(2, int(length / SAMPLE_RATE * rng.uniform(2, 5))))
    targets = rng.uniform(700, 1300) * 2 ** (steps / 12)
    size = int(np.ceil(length / len(targets)))
    pitch = np.repeat(targets, size)[:length]
    glide = samples(0.04)
    pitch = np.convolve(np.pad(pitch, glide // 2, mode="edge"), np.ones(glide) / glide, "same")
    pitch = pitch[glide // 2 : glide // 2 + length]
    vibrato = 1 + 0.01 * np.sin(2 * np.pi * rng.uniform(4, 7) * np.arange(length) / SAMPLE_RATE)
    level = np.clip(0.7 + 0.4 * wander(rng, length, 4), 0, None)
    air = shaped(rng, length, band(900, 4000)) * 0.05
    return (harmonics(pitch * vibrato, [1, 0.06]) + air) * level


def dog(rng: Rng, length: int) -> np.ndarray:
    """Barks: short, harsh, falling."""
    base, mouth = rng.uniform(180, 650), _tract(rng)

    def bark() -> np.ndarray:
        size = samples(rng.uniform(0.09, 0.25))
        pitch = base * contour(size, [0.8, rng.uniform(1.1, 1.4), 0.6])
        shape = peaks(mouth, [250, 350, 500], [1, 0.9, 0.5])
        rough = harmonics(pitch * np.exp(0.12 * wander(rng, size, 90)), 1 / np.arange(1, 20) ** 0.5)
        voice = unit(filtered(rough, shape)) + 0.4 * shaped(rng, size, shape)
        return ramp(voice * bump(size, 0.2))

    return _fits(rng, length, bark, rng.uniform(0.25, 0.6))


def laughter(rng: Rng, length: int) -> np.ndarray:
    """Laughing: a run of breathy voiced puffs, falling in pitch."""
    base, shape = rng.uniform(130, 380), peaks(_tract(rng), [120, 200, 300], [1, 0.6, 0.4])

    def run() -> np.ndarray:
        count, period = int(rng.integers(3, 9)), rng.uniform(0.16, 0.26)
        out = np.zeros(samples(count * period + 0.2), np.float32)
        for number in range(count):
            size = samples(period * rng.uniform(0.5, 0.8))
            pitch = base * (1 - 0.05 * number) * contour(size, [1.0, 1.15, 0.9])
            puff = unit(filtered(harmonics(pitch, 1 / np.arange(1, 18)), shape))
            puff = puff + rng.uniform(0.2, 0.8) * shaped(rng, size, shape)
            add(out, puff * bump(size, 0.4) * np.float32(0.9**number), samples(number * period))
        return out

    return scatter(rng, length, 0.4, run)
