"""Log-mel features as whisper.cpp computes them, with a vocal-tract length warp for training.

Whisper's front end (Radford et al. 2022, section 2.2; whisper.cpp `log_mel_spectrogram`): 16 kHz, Hann
window of 400 samples, hop 160, 80 mel bands, power, log10 with floor 1e-10, values more than 8 below the
loudest lifted to there, then (x + 4) / 4.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy import fft

RATE = 16_000
WINDOW = 400
HOP = 160
BANDS = 80
#: Frames per second of the features (Hz); the encoder halves it.
FRAME_RATE = RATE // HOP


@functools.cache
def _hann(length: int) -> np.ndarray:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)


def _slaney_mel(hz: np.ndarray) -> np.ndarray:
    """Slaney's mel scale: linear below 1 kHz, logarithmic above (Auditory Toolbox, 1998)."""
    hz = np.asarray(hz, dtype=np.float64)
    linear = hz / (200.0 / 3)
    return np.where(hz < 1000, linear, 15.0 + np.log(np.maximum(hz, 1e-3) / 1000.0) * (27.0 / np.log(6.4)))


def _slaney_hz(mel: np.ndarray) -> np.ndarray:
    mel = np.asarray(mel, dtype=np.float64)
    return np.where(mel < 15.0, mel * (200.0 / 3), 1000.0 * np.exp((mel - 15.0) * (np.log(6.4) / 27.0)))


@functools.cache
def mel_filters(warp: float = 1.0) -> np.ndarray:
    """Filter bank of shape (80, 201); `warp` > 1 makes the speaker's vocal tract shorter.

    At warp 1 this is librosa's `mel(sr=16000, n_fft=400, n_mels=80)`, which Whisper ships. The warp moves
    the bands' centres by 1 / warp up to 4.8 kHz and back to the end of the band above (piecewise linear:
    Lee & Rose, "Speaker normalization using efficient frequency warping procedures", 1996).
    """
    edges = _slaney_hz(np.linspace(_slaney_mel(0.0), _slaney_mel(RATE / 2), BANDS + 2))
    bins = np.arange(WINDOW // 2 + 1) * (RATE / WINDOW)
    knee = 4800.0 * min(1.0, warp)
    nyquist = RATE / 2
    warped = np.where(
        edges <= knee,
        edges / warp,
        knee / warp + (edges - knee) * (nyquist - knee / warp) / (nyquist - knee),
    )
    rise = (bins[None] - warped[:-2, None]) / np.maximum(warped[1:-1] - warped[:-2], 1e-9)[:, None]
    fall = (warped[2:, None] - bins[None]) / np.maximum(warped[2:] - warped[1:-1], 1e-9)[:, None]
    area = 2.0 / np.maximum(warped[2:] - warped[:-2], 1e-9)
    return (np.maximum(0, np.minimum(rise, fall)) * area[:, None]).astype(np.float32)


def power_frames(samples: np.ndarray, rate: int = RATE) -> np.ndarray:
    """Power spectra of shape (201, frames), one per 10 ms.

    A signal at 8 kHz gives the lower 101 bins and nothing above, as if it had been brought to 16 kHz by a
    perfect resampler: half the samples per window, so four times the power.
    """
    window, hop = WINDOW * rate // RATE, HOP * rate // RATE
    half = window // 2
    if len(samples) < window:
        samples = np.pad(samples, (0, window - len(samples)))
    padded = np.concatenate([samples[1 : half + 1][::-1], samples, np.zeros(half + hop, np.float32)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    spectrum = fft.rfft(frames * _hann(window), axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).T
    if rate == RATE:
        return power
    full = np.zeros((WINDOW // 2 + 1, power.shape[1]), np.float32)
    full[: power.shape[0]] = power * np.float32((RATE / rate) ** 2)
    return full


def log_mel(power: np.ndarray, warp: float = 1.0) -> np.ndarray:
    """Whisper's features of shape (80, frames) from power spectra of shape (201, frames)."""
    mel = np.log10(np.maximum(mel_filters(warp) @ power, 1e-10))
    mel = np.maximum(mel, mel.max() - 8.0)
    return ((mel + 4.0) / 4.0).astype(np.float32)


def features(samples: np.ndarray, rate: int = RATE, warp: float = 1.0) -> np.ndarray:
    """Whisper's features, of shape (80, frames), of mono samples in -1..1."""
    return log_mel(power_frames(samples.astype(np.float32), rate), warp)
