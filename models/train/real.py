"""Optional: recordings of real people saying single words, as shards for the last part of the training.

Reads a folder with `manifest.tsv` (columns path, transcript, speaker) and writes the words alone and joined
to strings of one speaker, as people read numbers out. The recipe works without.

    python real.py MANIFEST.tsv --out DIR [--without SPEAKER | --only SPEAKER] [--count 6000]
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from features import RATE
from voices import shards, splice, waveform


def read(manifest: Path) -> dict[str, list[tuple[str, np.ndarray]]]:
    """Speaker → (word, samples int16 at 16 kHz); stops with a message at a row that cannot be read."""
    lines = manifest.read_text().splitlines()
    if not lines or lines[0].split("\t")[:3] != ["path", "transcript", "speaker"]:
        raise SystemExit(f"{manifest}:1: the first line must be path, transcript, speaker, separated by tabs")
    people: dict[str, list[tuple[str, np.ndarray]]] = {}
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        try:
            path, text, speaker = line.split("\t")[:3]
            samples, rate = soundfile.read(manifest.parent / path, dtype="float32", always_2d=True)
        except (ValueError, soundfile.SoundFileError) as error:
            raise SystemExit(f"{manifest}:{number}: {error}") from error
        sound = resample_poly(samples[:, 0], RATE, rate) if rate != RATE else samples[:, 0]
        people.setdefault(speaker, []).append((text, waveform.normalise(sound.astype(np.float32))))
    return people


def utterances(people: dict[str, list[tuple[str, np.ndarray]]], count: int, seed: int) -> list[shards.Utterance]:
    """`count` single words and strings, speakers in turn."""
    r, generator = random.Random(seed), np.random.default_rng(seed)
    names = sorted(people)
    made = []
    for i in range(count):
        speaker = names[i % len(names)]
        length = 1 if r.random() < 0.45 else r.choice([2, 3, 4, 4, 5, 6, 6, 7, 8, 9, 10, 10, 12])
        words = [r.choice(people[speaker]) for _ in range(length)]
        sound = splice.join([w for _, w in words], generator) if length > 1 else words[0][1]
        if len(sound) > 14.4 * RATE:
            continue
        text = " ".join(t for t, _ in words)
        made.append(shards.Utterance(sound, text, text, "real", speaker))
    return made


def singles(people: dict[str, list[tuple[str, np.ndarray]]]) -> list[shards.Utterance]:
    """Every recording once."""
    return [shards.Utterance(w, t, t, "real", s) for s in sorted(people) for t, w in people[s]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--without", help="leave this speaker out")
    parser.add_argument("--only", help="this speaker alone")
    parser.add_argument("--count", type=int, default=6000, help="words and strings to make; 0: each recording once")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    people = {s: w for s, w in read(a.manifest).items() if s != a.without and a.only in (None, s)}
    if not people:
        raise SystemExit("no recording is left; hint: see --without and --only")
    made = utterances(people, a.count, a.seed) if a.count else singles(people)
    a.out.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, len(made), shards.SHARD_SIZE)):
        shards.write(shards.shard_path(a.out, number), made[start : start + shards.SHARD_SIZE])
    seconds = sum(len(u.samples) for u in made) / RATE
    print(f"{len(made)} utterances of {', '.join(sorted(people))}: {seconds / 60:.0f} minutes in {a.out}")


if __name__ == "__main__":
    main()
