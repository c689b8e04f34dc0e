"""How well a model in training hears: word error rates on held-out shards, quickly, in PyTorch."""

from __future__ import annotations

import random

import numpy as np
import torch

import channel
from data import Corpus, _pad
from features import RATE, features
from network import Recognizer


def word_errors(reference: str, heard: str) -> int:
    """Levenshtein distance in words."""
    a, b = reference.lower().split(), heard.lower().split()
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def hear(model: Recognizer, sounds: list[tuple[np.ndarray, int]], batch: int = 16) -> list[str]:
    """Texts of sounds (samples in -1..1, rate in Hz), in their order."""
    order = sorted(range(len(sounds)), key=lambda i: len(sounds[i][0]) / sounds[i][1])
    heard = [""] * len(sounds)
    device = next(model.parameters()).device
    for start in range(0, len(order), batch):
        part = order[start : start + batch]
        mels = [features(*sounds[i]) for i in part]
        frames = -(-(max(m.shape[1] for m in mels) + 20) // 2) * 2
        mel = torch.from_numpy(np.stack([_pad(m, min(frames, 2 * model.shape.audio_context)) for m in mels])).to(device)
        for i, text in zip(part, model.greedy(mel)):
            heard[i] = text
    return heard


def quick(model: Recognizer, corpus: Corpus, seed: int, most: int = 150) -> float:
    """Word error rate through an 8 kHz µ-law telephone without noise."""
    r = random.Random(seed)
    chosen = sorted(r.sample(range(len(corpus)), min(most, len(corpus))))
    sounds = []
    for i in chosen:
        x = np.pad(corpus[i], (RATE // 5, RATE // 5))
        sounds.append((channel.companded(channel.decimated(x), "mu"), channel.TELEPHONE_RATE))
    texts = [corpus.texts[i] for i in chosen]
    errors = sum(word_errors(t, h) for t, h in zip(texts, hear(model, sounds)))
    return errors / max(1, sum(len(t.split()) for t in texts))
