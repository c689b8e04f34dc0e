"""What is done to every engine's sound: resample, trim, level curve, peak.

Pure functions on float32 arrays; nothing here knows about engines.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

PEAK = 0.95
"""Peak of a finished utterance, of full scale."""

_FRAME_S = 0.005
_SPEECH_DB = -46.0


class Silent(ValueError):
    """There is no speech in the sound."""


def resample(samples: np.ndarray, ratio: float) -> np.ndarray:
    """Band-limited resampling to ``ratio`` times as many samples.

    By the discrete Fourier transform: any ratio costs the same (to within the few
    samples of rounding to a fast transform length), unlike a polyphase filter.
    """
    if abs(ratio - 1.0) < 1e-6:
        return samples.astype(np.float32)
    pad = 256  # keeps the circular transform from wrapping the ends onto each other
    length_in = fft.next_fast_len(len(samples) + pad, real=True)
    length_out = fft.next_fast_len(max(8, round(length_in * ratio)), real=True)
    spectrum = fft.rfft(samples.astype(np.float32), length_in)
    kept = min(len(spectrum), length_out // 2 + 1)
    target = np.zeros(length_out // 2 + 1, np.complex64)
    target[:kept] = spectrum[:kept]
    if kept < len(spectrum):
        edge = max(1, kept // 50)  # a soft edge: a brick wall rings
        target[kept - edge : kept] *= np.linspace(1, 0, edge, dtype=np.float32)
    out = fft.irfft(target, length_out) * (length_out / length_in)
    return out[: round(len(samples) * length_out / length_in)].astype(np.float32)


def speech_bounds(samples: np.ndarray, rate: float) -> tuple[int, int]:
    """First and last+1 sample of the part within 46 dB of the loudest 5 ms.

    Raises ``Silent`` when there is none.
    """
    frame = max(1, int(rate * _FRAME_S))
    count = len(samples) // frame
    if count == 0:
        raise Silent("too short to hold speech")
    power = np.square(samples[: count * frame].reshape(count, frame)).mean(axis=1)
    loudest = power.max()
    if not np.isfinite(loudest) or loudest < 1e-9:
        raise Silent("no speech in the sound")
    active = np.flatnonzero(power > loudest * 10 ** (_SPEECH_DB / 10))
    return int(active[0]) * frame, (int(active[-1]) + 1) * frame


def trim(samples: np.ndarray, rate: float, before_s: float, after_s: float) -> np.ndarray:
    """Cuts to the speech, leaving exactly ``before_s`` and ``after_s`` (zeros if absent)."""
    start, end = speech_bounds(samples, rate)
    before, after = int(before_s * rate), int(after_s * rate)
    cut = samples[max(0, start - before) : end + after]
    lead = max(0, before - start)
    tail = max(0, end + after - len(samples))
    return np.pad(cut, (lead, tail)) if lead or tail else cut


def level_curve(length: int, rng: np.random.Generator) -> np.ndarray:
    """A slow gain through an utterance: voices swell, fall off at the end, turn away."""
    knots = max(2, length // 8000 + 2)
    decibels = rng.normal(0.0, rng.uniform(0.0, 3.0), knots)
    decibels += np.linspace(0.0, rng.uniform(-6.0, 2.0), knots)
    at = np.linspace(0, length - 1, knots)
    return (10 ** (np.interp(np.arange(length), at, decibels) / 20)).astype(np.float32)


def normalise(samples: np.ndarray) -> np.ndarray:
    """Scales to the standard peak and rounds to int16."""
    peak = float(np.abs(samples).max(initial=0.0))
    if peak < 1e-6:
        raise Silent("no speech in the sound")
    return np.round(samples * (PEAK * 32767 / peak)).astype(np.int16)


def finish(
    samples: np.ndarray, rate_in: float, rate_out: int, rng: np.random.Generator
) -> np.ndarray:
    """Engine sound → int16 at ``rate_out``: trimmed to 20–50 ms, level curve, peak.

    ``rate_in`` need not be the true rate: a wrong one shifts formants and pitch.
    Raises ``Silent`` (a ``ValueError``) when the engine said nothing.
    """
    samples = samples - samples.mean() if len(samples) else samples
    samples = trim(samples, rate_in, *rng.uniform(0.02, 0.05, 2))
    samples = resample(samples, rate_out / rate_in)
    return normalise(samples * level_curve(len(samples), rng))
