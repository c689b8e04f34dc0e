"""Averages checkpoints of the same shape and tokens: a model that was trained on and what it was before.

The weights between two such models hear what the later one has learnt, and keep more of what the earlier one
knew of real people (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022; "Model soups", ICML 2022).

    python average.py OUT.pt later/last.pt:0.5 earlier/last.pt:0.25 first/last.pt:0.25
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

import checkpoint


def averaged(saved: list[dict], shares: list[float]) -> dict:
    """The first checkpoint with the weighted mean of all in the place of its weights."""
    if any(one["used"] != saved[0]["used"] or one["shape"] != saved[0]["shape"] for one in saved):
        raise SystemExit("the checkpoints differ in shape or tokens\nhint: average those of one run, or of runs with the same --tokens")
    out, total = dict(saved[0]), sum(shares)
    for part in ("weights", "averaged"):
        out[part] = {
            name: sum(one[part][name] * (share / total) for one, share in zip(saved, shares)) if value.is_floating_point() else value
            for name, value in saved[0][part].items()
        }
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("checkpoints", nargs="+", metavar="FILE:SHARE")
    a = parser.parse_args()
    parts = [text.rsplit(":", 1) for text in a.checkpoints]
    if any(len(part) != 2 for part in parts):
        raise SystemExit("every checkpoint needs its share\nhint: average.py OUT.pt later/last.pt:0.5 earlier/last.pt:0.5")
    saved = [checkpoint.load(Path(path)) for path, _ in parts]
    torch.save(averaged(saved, [float(share) for _, share in parts]), a.out)


if __name__ == "__main__":
    main()
