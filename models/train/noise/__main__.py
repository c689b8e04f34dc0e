"""Writes evaluation clips: ``python -m noise --out DIR --seconds 600 --seed S``.

The folder gets WAV files (16 kHz, 16 bit, 1 to 10 s) and ``manifest.tsv`` with an empty
transcript for each, for ``attendant transcribe --manifest``.
"""

from __future__ import annotations

import argparse
import sys
import wave
from pathlib import Path

import numpy as np

from noise import SAMPLE_RATE, draw, kinds


def write_wav(path: Path, sound: np.ndarray) -> None:
    """16-bit mono at 16 kHz."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.round(sound * 32767).clip(-32768, 32767).astype("<i2").tobytes())


def write_clips(folder: Path, seconds: float, seed: int, held_out: bool | None) -> int:
    """Writes clips until ``seconds`` are reached; every kind takes its turn.  Their number."""
    folder.mkdir(parents=True, exist_ok=True)
    names = kinds(held_out)
    rows, written = ["path\ttranscript\tkind"], 0.0
    while written < seconds:
        number = len(rows) - 1
        rng = np.random.default_rng([seed, number])
        length = min(float(rng.uniform(1, 10)), max(1.0, seconds - written))
        sound, kind = draw(rng, length, kind=names[number % len(names)])
        name = f"{number:04d}-{kind}.wav"
        write_wav(folder / name, sound)
        rows.append(f"{name}\t\t{kind}")
        written += len(sound) / SAMPLE_RATE
    (folder / "manifest.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return len(rows) - 1


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="noise", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--kinds", choices=("all", "training", "held-out"), default="all",
        help="all kinds, those that training hears, or those it never does",
    )  # fmt: skip
    options = parser.parse_args()
    held_out = {"all": None, "training": False, "held-out": True}[options.kinds]
    count = write_clips(options.out, options.seconds, options.seed, held_out)
    print(f"{count} clips in {options.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
