"""What PyTorch hears with a ggml file, word for word and token for token: the test of the export reads it.

    python agree.py MODEL.bin MANIFEST.tsv > expected.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import soundfile
import torch

import ggml
import tokens
from data import _pad
from features import RATE, features
from network import Recognizer


def audio_context(samples: int) -> int:
    """The context that attendant gives to a sound at 16 kHz, in positions of 20 ms (`speech/whisper.rs`)."""
    return -(-(-(-samples // 320) + 10) // 10) * 10


@torch.no_grad()
def tokens_and_scores(model: Recognizer, samples: np.ndarray, rate: int) -> tuple[list[int], list[float]]:
    """Greedy tokens up to the end, and the natural logarithm of each one's probability."""
    mel = torch.from_numpy(_pad(features(samples, rate), 2 * audio_context(len(samples))))[None]
    heard = model.encode(mel)
    rows = model.rows[torch.tensor([[tokens.START, tokens.NO_TIMESTAMPS]])]
    found, scores = [], []
    while len(found) < 60:
        logarithms = model.decode(rows, heard)[0, -1].log_softmax(-1)
        best = int(logarithms[:-1].argmax())
        found.append(int(model.ids[best]))
        scores.append(round(float(logarithms[best]), 4))
        if found[-1] == tokens.END:
            break
        rows = torch.cat([rows, torch.tensor([[best]])], 1)
    return found, scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("manifest", type=Path)
    a = parser.parse_args()
    torch.set_num_threads(1)
    model = ggml.recognizer(a.model, []).eval()
    expected = []
    for line in a.manifest.read_text().splitlines()[1:]:
        path = line.split("\t")[0]
        samples, rate = soundfile.read(a.manifest.parent / path, dtype="float32", always_2d=True)
        if rate != RATE:
            continue  # the two sides' resamplers differ; the network is what is compared
        found, scores = tokens_and_scores(model, samples[:, 0], rate)
        expected.append({"path": path, "text": tokens.decode(found), "tokens": found, "log_probabilities": scores})
    print(json.dumps(expected, indent=1))


if __name__ == "__main__":
    main()
