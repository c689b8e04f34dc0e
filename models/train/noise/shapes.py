"""The building blocks of all sounds: shaped noise, envelopes, harmonic tones, events.

Lengths are in samples, times in seconds, frequencies in Hz; results are float32 of
arbitrary level (``roster.draw`` sets the level).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import fft

SAMPLE_RATE = 16_000
Shape = Callable[[np.ndarray], np.ndarray]
"""Amplitude over frequency in Hz."""


def samples(seconds: float) -> int:
    """Seconds in samples, at least one."""
    return max(1, round(seconds * SAMPLE_RATE))


def shaped(rng: np.random.Generator, length: int, shape: Shape) -> np.ndarray:
    """Gaussian noise with the amplitude spectrum ``shape``, RMS 1."""
    padded = fft.next_fast_len(length, real=True)
    spectrum = fft.rfft(rng.standard_normal(padded, np.float32))
    spectrum *= shape(fft.rfftfreq(padded, 1 / SAMPLE_RATE)).astype(np.float32)
    out = fft.irfft(spectrum, padded)[:length]
    return unit(out)


def filtered(sound: np.ndarray, shape: Shape) -> np.ndarray:
    """``sound`` through a filter without delay (circular: fade the ends if they matter)."""
    padded = fft.next_fast_len(len(sound) + 512, real=True)
    spectrum = fft.rfft(sound.astype(np.float32), padded)
    spectrum *= shape(fft.rfftfreq(padded, 1 / SAMPLE_RATE)).astype(np.float32)
    return fft.irfft(spectrum, padded)[: len(sound)].astype(np.float32)


def tilt(exponent: float, floor: float = 30.0) -> Shape:
    """Amplitude ∝ f^−exponent above ``floor``: 0 white, 0.5 pink, 1 brown."""
    return lambda f: np.maximum(f, floor) ** -exponent


def band(low: float, high: float, order: float = 2.0) -> Shape:
    """A smooth band-pass (Butterworth amplitude) between two corners."""

    def shape(f: np.ndarray) -> np.ndarray:
        f = np.maximum(f, 1e-3)
        return 1 / np.sqrt((1 + (low / f) ** (2 * order)) * (1 + (f / high) ** (2 * order)))

    return shape


def peaks(centres: Sequence[float], widths: Sequence[float], gains: Sequence[float]) -> Shape:
    """A sum of resonances (Lorentz curves)."""
    return lambda f: sum(
        (g / np.sqrt(1 + ((f - c) / w) ** 2) for c, w, g in zip(centres, widths, gains, strict=True)),
        np.zeros_like(f),
    )


def product(*shapes: Shape) -> Shape:
    """One filter after the other."""

    def shape(f: np.ndarray) -> np.ndarray:
        out = np.ones_like(f)
        for one in shapes:
            out = out * one(f)
        return out

    return shape


def unit(sound: np.ndarray) -> np.ndarray:
    """Scaled to RMS 1 (silence stays silence)."""
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if len(sound) else 0.0
    return (sound / rms).astype(np.float32) if rms > 1e-12 else sound.astype(np.float32)


def wander(rng: np.random.Generator, length: int, per_second: float) -> np.ndarray:
    """A smooth random curve, about standard normal, with ``per_second`` turns."""
    knots = max(2, int(length / SAMPLE_RATE * per_second) + 2)
    values = rng.standard_normal(knots)
    return np.interp(np.linspace(0, knots - 1, length), np.arange(knots), values).astype(np.float32)


def contour(length: int, points: Sequence[float]) -> np.ndarray:
    """``points`` spread evenly over ``length`` samples, joined linearly."""
    return np.interp(np.linspace(0, len(points) - 1, length), np.arange(len(points)), points)


def decay(length: int, seconds: float, attack: float = 0.001) -> np.ndarray:
    """A fast attack and an exponential fall with time constant ``seconds``."""
    t = np.arange(length, dtype=np.float32) / SAMPLE_RATE
    return (np.minimum(t / attack, 1) * np.exp(-t / seconds)).astype(np.float32)


def bump(length: int, rise: float = 0.3) -> np.ndarray:
    """A smooth swell: up within the share ``rise`` of the length, down in the rest."""
    x = np.linspace(0, 1, length, dtype=np.float32)
    up = np.clip(x / rise, 0, 1)
    down = np.clip((1 - x) / (1 - rise), 0, 1)
    return np.sin(np.pi / 2 * np.minimum(up, down)) ** 2


def ramp(sound: np.ndarray, seconds: float = 0.005) -> np.ndarray:
    """Short ramps at both ends, against clicks."""
    count = min(samples(seconds), len(sound) // 2)
    if count:
        edge = np.linspace(0, 1, count, dtype=np.float32)
        sound[:count] *= edge
        sound[-count:] *= edge[::-1]
    return sound


def harmonics(frequency: np.ndarray, gains: Sequence[float], phase: float = 0.0) -> np.ndarray:
    """A tone of varying ``frequency`` with partials of the given gains (first is 1 ×)."""
    angle = phase + 2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE
    highest = float(np.max(frequency))
    # sin(kx) by the Chebyshev recurrence: one sine and one cosine for all partials
    sine, twice = np.sin(angle), 2 * np.cos(angle)
    before, now = np.zeros_like(sine), sine
    out = np.zeros_like(sine)
    for number, gain in enumerate(gains, 1):
        if number * highest > SAMPLE_RATE / 2:
            break
        out += gain * now
        before, now = now, twice * now - before
    return out.astype(np.float32)


def ringing(
    rng: np.random.Generator, length: int, frequencies: Sequence[float], decays: Sequence[float]
) -> np.ndarray:
    """Struck object: decaying sines."""
    t = np.arange(length, dtype=np.float32) / SAMPLE_RATE
    out = np.zeros(length, np.float32)
    for frequency, seconds in zip(frequencies, decays, strict=True):
        phase, gain = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1)
        out += gain * np.exp(-t / seconds) * np.sin(2 * np.pi * frequency * t + phase)
    return out.astype(np.float32)


def add(target: np.ndarray, event: np.ndarray, start: int) -> None:
    """Mixes ``event`` in at ``start``; what sticks out at the end is cut off."""
    if 0 <= start < len(target):
        count = min(len(event), len(target) - start)
        target[start : start + count] += event[:count]


def scatter(
    rng: np.random.Generator,
    length: int,
    per_second: float,
    event: Callable[[], np.ndarray],
    level_db: float = 4.0,
) -> np.ndarray:
    """Events at random times (at least one), each a little louder or softer."""
    out = np.zeros(length, np.float32)
    count = max(1, int(rng.poisson(per_second * length / SAMPLE_RATE)))
    for start in rng.integers(0, max(1, int(length * 0.92)), count):
        gain = 10 ** (rng.normal(0, level_db) / 20)
        add(out, event() * np.float32(gain), int(start))
    return out


def reverberant(rng: np.random.Generator, sound: np.ndarray) -> np.ndarray:
    """A small room's tail: convolution with decaying noise."""
    seconds = rng.uniform(0.05, 0.4)
    tail = shaped(rng, samples(seconds), tilt(0.3)) * decay(samples(seconds), seconds / 5)
    size = fft.next_fast_len(len(sound) + len(tail), real=True)
    wet = fft.irfft(fft.rfft(sound, size) * fft.rfft(tail, size), size)[: len(sound)]
    peak, wet_peak = np.abs(sound).max(initial=0), np.abs(wet).max(initial=1e-9)
    return (sound + wet * (rng.uniform(0.1, 0.6) * peak / wet_peak)).astype(np.float32)
