"""What lies between a mouth and the recogniser: rooms, microphones, noise, telephones, lost packets.

Everything is drawn from one random generator, so a seed gives the same sound. Costs a few ms a second of
speech; the filters of a room, a microphone and a telephone band are one multiplication in the frequency
domain.
"""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass

import numpy as np
from scipy import fft

from features import RATE

TELEPHONE_RATE = 8_000


@dataclass(frozen=True)
class Noise:
    """Sounds without words to put under the speech: 16-bit floats at 16 kHz, at any level."""

    clips: list[np.ndarray]

    def draw(self, r: random.Random, length: int) -> np.ndarray:
        clip = self.clips[r.randrange(len(self.clips))]
        if len(clip) < length:
            clip = np.tile(clip, length // len(clip) + 1)
        start = r.randrange(len(clip) - length + 1)
        return clip[start : start + length].astype(np.float32)


@functools.cache
def _mu_law() -> np.ndarray:
    """16-bit sample + 32768 → the sample after G.711 µ-law (ITU-T G.711, table 2)."""
    x = np.clip(np.arange(-32768, 32768), -32635, 32635)
    magnitude = np.abs(x) + 132
    exponent = np.floor(np.log2(magnitude)).astype(int) - 7
    mantissa = (magnitude >> (exponent + 3)) & 15
    decoded = (((mantissa << 3) + 132) << exponent) - 132
    return (np.sign(x) * decoded).astype(np.float32) / 32768


@functools.cache
def _a_law() -> np.ndarray:
    """16-bit sample + 32768 → the sample after G.711 A-law (ITU-T G.711, table 1)."""
    x = np.arange(-32768, 32768)
    magnitude = np.minimum(np.abs(x) >> 3, 4095)
    exponent = np.where(magnitude < 32, 0, np.floor(np.log2(np.maximum(magnitude, 1))).astype(int) - 4)
    step = np.where(exponent == 0, 1, exponent)
    decoded = ((magnitude >> step) << step) + (1 << step >> 1)
    return (np.where(x < 0, -1, 1) * decoded * 8).astype(np.float32) / 32768


def companded(samples: np.ndarray, law: str) -> np.ndarray:
    """Samples in -1..1 after a trip through G.711 (`law`: "mu" or "a")."""
    index = np.clip(np.rint(samples * 32767), -32768, 32767).astype(np.int32) + 32768
    return (_mu_law() if law == "mu" else _a_law())[index]


def level(samples: np.ndarray) -> float:
    """RMS of the louder part, so that pauses do not count."""
    if len(samples) < 320:
        return float(np.sqrt(np.mean(samples**2)) + 1e-9)
    blocks = np.mean(samples[: len(samples) // 160 * 160].reshape(-1, 160) ** 2, axis=1)
    loud = blocks[blocks >= 0.1 * blocks.max()]
    return float(np.sqrt(np.mean(loud)) + 1e-9)


def add_noise(samples: np.ndarray, noise: np.ndarray, snr_db: float) -> np.ndarray:
    """Speech with noise `snr_db` dB under its loud parts."""
    strength = float(np.sqrt(np.mean(noise**2)) + 1e-9)
    return samples + noise * (level(samples) / strength * 10 ** (-snr_db / 20))


def _response(r: random.Random, n: int, telephone: bool, amount: float) -> np.ndarray:
    """A random smooth frequency response of n bins up to 8 kHz: tilt, ripples, band limits."""
    hz = np.linspace(0, RATE / 2, n, dtype=np.float32)
    octave = np.log2(np.maximum(hz, 50) / 1000)
    decibel = r.gauss(0, 3.0 * amount) * octave
    for _ in range(r.randrange(4)):
        centre, width = r.uniform(-3.5, 2.8), r.uniform(0.2, 1.0)
        decibel += r.gauss(0, 5.0 * amount) * np.exp(-(((octave - centre) / width) ** 2))
    gain = 10 ** (np.clip(decibel, -30, 20) / 20)
    if telephone:
        low, high = r.uniform(50, 350), r.uniform(3100, 3850)
        gain = gain / np.sqrt(1 + (low / np.maximum(hz, 1)) ** (2 * r.choice([1, 2, 3])))
        gain = gain / np.sqrt(1 + (hz / high) ** 40)
    elif r.random() < 0.3:
        gain = gain / np.sqrt(1 + (hz / r.uniform(3500, 7500)) ** 12)
        gain = gain / np.sqrt(1 + (r.uniform(20, 250) / np.maximum(hz, 1)) ** 4)
    return gain.astype(np.float32)


def _room(r: random.Random, generator: np.random.Generator) -> np.ndarray:
    """A synthetic room: direct sound and an exponentially decaying tail (Moorer, 1979)."""
    length = int(RATE * r.uniform(0.05, 0.45))
    tail = generator.standard_normal(length, dtype=np.float32) * np.exp(-6.9 * np.arange(length) / length)
    tail[: int(RATE * r.uniform(0.001, 0.02))] = 0
    ratio_db = r.uniform(0, 18)
    tail *= 10 ** (-ratio_db / 20) / np.sqrt(np.sum(tail**2) + 1e-9)
    tail[0] = 1
    return tail.astype(np.float32)


def _lose(samples: np.ndarray, r: random.Random, rate: int) -> np.ndarray:
    """20 ms packets lost: silence, or the packet before at falling level."""
    frame = rate // 50
    out = samples.copy()
    share, repeat = r.uniform(0.005, 0.06), r.random() < 0.6
    for at in range(frame, len(out) - frame, frame):
        if r.random() < share:
            out[at : at + frame] = out[at - frame : at] * 0.6 if repeat else 0
    return out


def through(
    samples: np.ndarray, r: random.Random, noise: Noise | None, amount: float, telephone: float = 0.65
) -> tuple[np.ndarray, int]:
    """The samples (-1..1, 16 kHz) after a random channel, and their rate in Hz.

    `amount` 0 leaves the sound clean, 1 is the whole variety; it also scales the strength. `telephone` is
    the share that passes a telephone and comes out at 8 kHz.
    """
    is_telephone = r.random() < telephone
    generator = np.random.default_rng(r.getrandbits(32))
    if r.random() < 0.55 * amount and noise is not None:
        samples = add_noise(samples, noise.draw(r, len(samples)), r.triangular(2, 40, 14))
    if is_telephone or r.random() < 0.8 * amount:
        n = fft.next_fast_len(len(samples) + RATE // 4, real=True)
        spectrum = fft.rfft(samples, n)
        spectrum *= _response(r, len(spectrum), is_telephone, amount)
        if r.random() < 0.35 * amount:
            spectrum *= fft.rfft(_room(r, generator), n)
        samples = fft.irfft(spectrum, n)[: len(samples)].astype(np.float32)
    peak = float(np.abs(samples).max() + 1e-9)
    rate = RATE
    if is_telephone:
        samples, rate = samples[::2], TELEPHONE_RATE
    target = 10 ** (r.triangular(-40, 0, -8) / 20) if amount > 0 else 0.5
    overdrive = r.uniform(1.5, 6) if r.random() < 0.06 * amount else 1.0
    samples = samples * (target * overdrive / peak)
    if r.random() < 0.4 * amount:
        hiss = 10 ** (r.uniform(-75, -38) / 20)
        samples = samples + generator.standard_normal(len(samples), dtype=np.float32) * np.float32(hiss * target)
    samples = np.clip(samples, -target if overdrive > 1 else -1, target if overdrive > 1 else 1)
    if is_telephone:
        if r.random() < 0.9:
            samples = companded(samples, "mu" if r.random() < 0.7 else "a")
        if r.random() < 0.12 * amount:
            samples = _lose(samples, r, rate)
    return samples.astype(np.float32), rate


def speed(samples: np.ndarray, factor: float) -> np.ndarray:
    """Played `factor` times as fast: shorter, higher, as from a shorter vocal tract."""
    positions = np.arange(int((len(samples) - 2) / factor)) * factor
    whole = positions.astype(np.int64)
    part = (positions - whole).astype(np.float32)
    return samples[whole] * (1 - part) + samples[whole + 1] * part


def decimated(samples: np.ndarray) -> np.ndarray:
    """16 kHz to 8 kHz through a clean telephone band (up to 3.7 kHz)."""
    n = fft.next_fast_len(len(samples) + 800, real=True)
    spectrum = fft.rfft(samples.astype(np.float32), n)
    hz = np.linspace(0, RATE / 2, len(spectrum), dtype=np.float32)
    spectrum *= 1 / np.sqrt(1 + (hz / 3700) ** 40)
    return fft.irfft(spectrum, n)[: len(samples) : 2].astype(np.float32)
