"""Training examples: spoken sentences from the shards, each heard through a new channel every time.

An example depends on the seed, the epoch and its own number alone, so the same seed gives the same
examples however many processes share the work.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

import channel
import noise
import tokens
from features import RATE, features
from network import PHONEMES
from phonemes import phonemes

#: Longest example in seconds; the model's context has a margin above it.
LONGEST = 14.6
#: Share of examples that are two sentences with a pause, and that are no speech at all.
JOINED = 0.05
NOTHING = 0.08

_CODE = {c: i for i, c in enumerate(PHONEMES)}


@dataclass
class Corpus:
    """Utterances end to end: int16 mono at 16 kHz, and what was said in each."""

    samples: np.ndarray
    offsets: np.ndarray
    texts: list[str]
    spoken: list[str]
    kinds: list[str]
    speakers: list[str]

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, i: int) -> np.ndarray:
        return self.samples[self.offsets[i] : self.offsets[i + 1]].astype(np.float32) / 32768

    def seconds(self) -> np.ndarray:
        """Length of each utterance in seconds."""
        return np.diff(self.offsets) / RATE

    @staticmethod
    def load(folder: Path) -> Corpus:
        """All shards of a folder, in the order of their names."""
        files = sorted(folder.glob("shard-*.npz"))
        if not files:
            raise SystemExit(f"no speech in {folder}\nhint: `make model` speaks it first")
        samples, lengths = [], []
        texts, spoken, kinds, speakers = [], [], [], []
        for file in files:
            with np.load(file) as shard:
                samples.append(shard["samples"])
                lengths.append(np.diff(shard["offsets"]))
                texts += shard["texts"].tolist()
                spoken += shard["spoken"].tolist()
                kinds += shard["kinds"].tolist()
                speakers += shard["speakers"].tolist()
        offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
        return Corpus(np.concatenate(samples), offsets, texts, spoken, kinds, speakers)

    def of_kinds(self, kinds: list[str]) -> Corpus:
        """The utterances of these kinds, in their order."""
        chosen = [i for i, kind in enumerate(self.kinds) if kind in kinds]
        lengths = [int(self.offsets[i + 1] - self.offsets[i]) for i in chosen]
        pick = lambda values: [values[i] for i in chosen]
        return Corpus(
            np.concatenate([self.samples[self.offsets[i] : self.offsets[i + 1]] for i in chosen] or [self.samples[:0]]),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            pick(self.texts),
            pick(self.spoken),
            pick(self.kinds),
            pick(self.speakers),
        )

    def joined_with(self, other: Corpus) -> Corpus:
        offsets = np.concatenate([self.offsets, other.offsets[1:] + self.offsets[-1]])
        return Corpus(
            np.concatenate([self.samples, other.samples]),
            offsets,
            self.texts + other.texts,
            self.spoken + other.spoken,
            self.kinds + other.kinds,
            self.speakers + other.speakers,
        )


@dataclass
class Batch:
    """Examples padded to one length: features, tokens in and out, phonemes."""

    mel: torch.Tensor
    rows_in: torch.Tensor
    rows_out: torch.Tensor
    keep: torch.Tensor
    positions: torch.Tensor
    phonemes: torch.Tensor
    phoneme_counts: torch.Tensor

    def to(self, device: str) -> Batch:
        return Batch(*(getattr(self, f).to(device) for f in self.__dataclass_fields__))


class Examples:
    """Makes batches from numbers of utterances."""

    def __init__(self, corpus: Corpus, noise: channel.Noise, rows: torch.Tensor, seed: int):
        self.corpus, self.noise, self.rows, self.seed = corpus, noise, rows, seed

    def one(self, index: int, epoch: int, amount: float, joined: bool = False) -> tuple[np.ndarray, str, str]:
        """Features (80, frames), text and spoken words of one example."""
        r = random.Random(f"{self.seed}/{epoch}/{index}")
        if r.random() < NOTHING * min(1.0, 0.3 + amount):
            # About as long as the sentence: the batch is padded to its longest example.
            length = int(len(self.corpus[index]) * r.uniform(0.5, 1.1)) + RATE // 5
            sound, text, spoken = self.noise.draw(r, length), "", ""
            sound = sound / (np.abs(sound).max() + 1e-6)
        else:
            sound, text, spoken = self._utterance(index, r, amount)
            if joined:
                second, more, more_spoken = self._utterance(r.randrange(len(self.corpus)), r, amount)
                gap = np.zeros(int(RATE * r.uniform(0.1, 1.0)), np.float32)
                if len(sound) + len(gap) + len(second) < (LONGEST - 1) * RATE:
                    sound = np.concatenate([sound, gap, second * r.uniform(0.5, 1.5)])
                    text, spoken = f"{text} {more}".strip(), f"{spoken}, {more_spoken}"
        lead, tail = int(RATE * r.triangular(0, 0.45, 0.1)), int(RATE * r.triangular(0, 0.6, 0.15))
        if r.random() < 0.2 * amount:
            # Recorders and voice detectors cut tightly, into the first and last sound too.
            lead, tail = r.randrange(RATE // 50), r.randrange(RATE // 20)
            sound = sound[r.randrange(RATE // 20) :][: len(sound) - r.randrange(RATE // 16)]
        sound = np.concatenate([np.zeros(lead, np.float32), sound, np.zeros(tail, np.float32)])
        sound, rate = channel.through(sound, r, self.noise, amount)
        warp = float(np.round(r.triangular(0.8, 1.25, 1.0), 2)) if r.random() < 0.8 * amount else 1.0
        mel = features(sound[: int(LONGEST * rate)], rate, warp)
        if r.random() < 0.5 * amount:
            mel = _paced(mel, r.triangular(0.8, 1.6, 1.1))
        if r.random() < 0.6 * amount:
            _mask(mel, r)
        return mel, text, spoken

    def _utterance(self, index: int, r: random.Random, amount: float) -> tuple[np.ndarray, str, str]:
        sound = self.corpus[index]
        if r.random() < 0.5 * amount:
            sound = channel.speed(sound, r.triangular(0.85, 1.18, 1.0))
        return sound, self.corpus.texts[index], self.corpus.spoken[index]

    def batch(self, indices: list[int], epoch: int, amount: float, withhold: float = 0.0, key: int = 0) -> Batch:
        """A batch of these utterances; `withhold` is the share of past tokens that the decoder is not told.

        What changes the length is drawn for all parts of a step together (`key`): else all processes would
        wait for the one with the longest.
        """
        r = random.Random(f"{self.seed}/{epoch}/batch/{key}")
        joined = r.random() < JOINED * amount
        # whisper.cpp pads with silence up to the context it is given: every multiple of 0.2 s occurs.
        silence = r.randrange(0, 40) if r.random() < 0.98 else r.randrange(0, 500)
        examples = [self.one(i, epoch, amount, joined) for i in indices]
        frames = max(m.shape[1] for m, _, _ in examples) + silence
        frames = min(-(-frames // 2) * 2, 1500)
        mel = np.stack([_pad(m, frames) for m, _, _ in examples])
        codes = [tokens.encode(text) for _, text, _ in examples]
        longest = max(map(len, codes)) + 2
        inputs = torch.full((len(codes), longest), tokens.END)
        outputs = torch.full((len(codes), longest), -100)
        for i, code in enumerate(codes):
            start = [tokens.START, tokens.NO_TIMESTAMPS, *code]
            inputs[i, : len(start)] = torch.tensor(start)
            outputs[i, 1 : len(code) + 2] = torch.tensor([*code, tokens.END])
        keep = torch.from_numpy(
            np.random.default_rng([self.seed, epoch, indices[0]]).random((len(codes), longest, 1), dtype=np.float32) >= withhold
        ).float()
        keep[:, :2] = 1
        sounds = [[_CODE[c] for c in phonemes(spoken) if c in _CODE] for _, _, spoken in examples]
        return Batch(
            torch.from_numpy(mel),
            self.rows[inputs],
            torch.where(outputs >= 0, self.rows[outputs.clamp(min=0)], outputs),
            keep,
            torch.tensor([min(m.shape[1], frames) // 2 for m, _, _ in examples]),
            torch.tensor([p for s in sounds for p in s], dtype=torch.long),
            torch.tensor([len(s) for s in sounds]),
        )


def _pad(mel: np.ndarray, frames: int) -> np.ndarray:
    """Silence after the sound, as loud as whisper.cpp shows it: the floor of this sound."""
    mel = mel[:, :frames]
    return np.pad(mel, ((0, 0), (0, frames - mel.shape[1])), constant_values=float(mel.min()))


def _paced(mel: np.ndarray, factor: float) -> np.ndarray:
    """The same voice `factor` times as fast: frames drawn closer together, pitch and formants unchanged."""
    frames = mel.shape[1]
    at = np.linspace(0, frames - 1, max(2, int(frames / factor)), dtype=np.float32)
    left = np.minimum(at.astype(np.int64), frames - 2)
    part = at - left
    return (mel[:, left] * (1 - part) + mel[:, left + 1] * part).astype(np.float32)


def _mask(mel: np.ndarray, r: random.Random) -> None:
    """SpecAugment (Park et al. 2019): bands and moments that the model must do without."""
    mean = float(mel.mean())
    for _ in range(2):
        width = r.randint(0, 12)
        low = r.randint(0, mel.shape[0] - width)
        mel[low : low + width] = mean
    for _ in range(1 + mel.shape[1] // 200):
        width = r.randint(0, min(12, mel.shape[1] // 12))
        at = r.randint(0, mel.shape[1] - width)
        mel[:, at : at + width] = mean


def noise_pool(corpus: Corpus, seed: int, minutes: float) -> channel.Noise:
    """Sounds without words (generated), and a fifth of it babble: many voices of the corpus at once."""
    r, generator = random.Random(seed), np.random.default_rng(seed)
    clips: list[np.ndarray] = []
    for _ in range(int(minutes * 60 * 0.8 / 6)):
        sound, _ = noise.draw(generator, float(generator.uniform(3, 9)))
        clips.append((sound * (0.3 / (np.abs(sound).max() + 1e-6))).astype(np.float16))
    for _ in range(int(minutes * 60 * 0.2 / 8)):
        babble = np.zeros(8 * RATE, np.float32)
        for _ in range(r.randrange(3, 9)):
            at = 0
            while at < len(babble):
                voice = corpus[r.randrange(len(corpus))][: len(babble) - at]
                babble[at : at + len(voice)] += voice * r.uniform(0.3, 1)
                at += len(voice) + r.randrange(1, RATE)
        clips.append((babble * (0.3 / np.abs(babble).max())).astype(np.float16))
    return channel.Noise(clips)


def plan(seconds: np.ndarray, seed: int, epoch: int, budget: float) -> list[list[int]]:
    """The order of an epoch: batches of like lengths, each at most `budget` seconds with padding.

    Utterances of one batch are close in length, batches come in random order.
    """
    r = random.Random(f"{seed}/{epoch}/plan")
    order = list(range(len(seconds)))
    r.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), 2048):
        pool = sorted(order[start : start + 2048], key=lambda i: seconds[i])
        batch: list[int] = []
        for i in pool:
            if batch and (seconds[i] + 1.0) * (len(batch) + 1) > budget:
                batches.append(batch)
                batch = []
            batch.append(i)
        if batch:
            batches.append(batch)
    r.shuffle(batches)
    return batches
