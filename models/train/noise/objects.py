"""Struck, dropped and handled things."""

from __future__ import annotations

import numpy as np

from noise.shapes import (
    add, band, bump, decay, peaks, product, ramp, reverberant, ringing, samples, scatter, shaped,
    tilt, wander,
)  # fmt: skip

Rng = np.random.Generator


def knocks(rng: Rng, length: int) -> np.ndarray:
    """Knocking on a table or a door."""
    tones = rng.uniform(90, 900, 4)
    out = np.zeros(length, np.float32)
    at = int(rng.uniform(0, 0.4) * length)
    while at < length:
        for _ in range(int(rng.integers(1, 6))):
            size = samples(0.15)
            hit = ringing(rng, size, tones, rng.uniform(0.008, 0.04, 4))
            hit += 0.5 * shaped(rng, size, tilt(0.5)) * decay(size, 0.004)
            add(out, hit * np.float32(rng.uniform(0.5, 1)), at)
            at += samples(rng.uniform(0.12, 0.35))
        at += samples(rng.uniform(0.5, 2.5))
    return reverberant(rng, out)


def typing(rng: Rng, length: int) -> np.ndarray:
    """A keyboard: press and release clicks in bursts, a heavier space bar."""
    case = rng.uniform(300, 4500, 4)
    out = np.zeros(length, np.float32)
    at = samples(rng.uniform(0, 0.5))
    while at < length:
        heavy = 1.8 if rng.random() < 0.15 else 1.0
        for gain in (heavy, 0.4):
            size = samples(0.04)
            click = shaped(rng, size, band(800, 7000)) * decay(size, rng.uniform(0.001, 0.004))
            click += 0.3 * ringing(rng, size, case, rng.uniform(0.003, 0.01, 4))
            add(out, click * np.float32(gain * rng.uniform(0.5, 1)), at)
            at += samples(rng.uniform(0.04, 0.1))
        at += samples(rng.exponential(0.08) if rng.random() < 0.92 else rng.uniform(0.5, 1.5))
    return out


def door(rng: Rng, length: int) -> np.ndarray:
    """A door that slams, its latch before and the room after."""

    def slam() -> np.ndarray:
        size = samples(rng.uniform(0.5, 0.9))
        hit = ringing(rng, size, rng.uniform(40, 250, 5), rng.uniform(0.03, 0.15, 5))
        hit += shaped(rng, size, tilt(0.8)) * decay(size, rng.uniform(0.03, 0.1))
        latch = samples(0.05)
        add(hit, shaped(rng, latch, band(1500, 6000)) * decay(latch, 0.004), samples(0.03))
        return ramp(hit)

    return reverberant(rng, scatter(rng, length, 0.25, slam))


def crackle(rng: Rng, length: int) -> np.ndarray:
    """A bad line: single-sample clicks and short crackles, dense or sparse."""
    out = np.zeros(length, np.float32)
    count = 1 + rng.poisson(length / 16_000 * 10 ** rng.uniform(0.3, 2.3))
    out[rng.integers(0, length, count)] = rng.standard_cauchy(count).clip(-8, 8)
    kernel = shaped(rng, 24, tilt(0.1)) * decay(24, 0.0004)
    return np.convolve(out, kernel)[:length].astype(np.float32)


def clicks(rng: Rng, length: int) -> np.ndarray:
    """A few dry clicks: switches, a pen, a hook."""

    def click() -> np.ndarray:
        size = samples(0.03)
        return shaped(rng, size, band(rng.uniform(300, 2500), 7500)) * decay(size, 0.002)

    return scatter(rng, length, rng.uniform(0.5, 4), click)


def handling(rng: Rng, length: int) -> np.ndarray:
    """A telephone that is moved: thumps and scraping against cloth or cheek."""

    def thump() -> np.ndarray:
        size = samples(rng.uniform(0.05, 0.25))
        return shaped(rng, size, product(tilt(1.0), band(30, 600))) * decay(size, 0.04, 0.004)

    def scrape() -> np.ndarray:
        size = samples(rng.uniform(0.1, 0.8))
        rough = np.clip(1 + wander(rng, size, 50), 0, None)
        low = rng.uniform(200, 1500)
        return shaped(rng, size, band(low, low * 5)) * rough * bump(size) * 0.3

    return scatter(rng, length, 1.5, thump) + scatter(rng, length, 0.8, scrape)


def dishes(rng: Rng, length: int) -> np.ndarray:
    """Cups, plates and cutlery."""

    def clink() -> np.ndarray:
        size, tones = samples(0.5), int(rng.integers(3, 8))
        frequencies = rng.uniform(900, 3000) * np.cumprod(rng.uniform(1.05, 1.6, tones))
        ring = ringing(rng, size, np.minimum(frequencies, 7800), rng.uniform(0.01, 0.15, tones))
        return ring + 0.4 * shaped(rng, size, tilt(0)) * decay(size, 0.002)

    return reverberant(rng, scatter(rng, length, rng.uniform(1, 6), clink))


def paper(rng: Rng, length: int) -> np.ndarray:
    """Rustling paper or a bag."""

    def rustle() -> np.ndarray:
        size = samples(rng.uniform(0.15, 0.7))
        grain = np.abs(rng.standard_normal(size // 40 + 2)).repeat(40)[:size] ** 3
        return shaped(rng, size, band(1200, 7000)) * grain.astype(np.float32) * bump(size)

    return scatter(rng, length, rng.uniform(0.8, 3), rustle)
