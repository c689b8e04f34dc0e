"""`python -m sentences`: prints example sentences, `kind | spoken | text` separated by tabs."""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from . import PhraseError, Source, eval_sets

_TRAIN = Path(__file__).resolve().parent.parent


def main() -> int:
    """Exit code 0, or 2 where a file cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m sentences", description=__doc__)
    parser.add_argument("--domain", type=Path, action="append", help="a domain folder; may be given several times")
    parser.add_argument("--phrases", type=Path, default=_TRAIN / "phrases")
    parser.add_argument("-n", "--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", help="only this part of the mixture")
    parser.add_argument("--held-out", action="store_true", help="draw from the templates kept for evaluation")
    parser.add_argument("--eval", metavar="SET", help="print this evaluation set, or 'all'")
    args = parser.parse_args()
    root = _TRAIN.parent.parent / "src" / "domains"
    domains = args.domain or sorted(path.parent for path in root.glob("*/tasks.toml"))
    try:
        return _print(args, domains)
    except PhraseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _print(args: argparse.Namespace, domains: list[Path]) -> int:
    if args.eval:
        for name, sentences in eval_sets(domains, args.phrases, random.Random(args.seed)).items():
            for sentence in sentences if args.eval in (name, "all") else []:
                print(name, sentence.spoken, sentence.text, sep="\t")
        return 0
    source = Source(domains, args.phrases, held_out=args.held_out)
    rng = source.rng(args.seed)
    for _ in range(args.count):
        sentence = source.draw_kind(rng, args.kind) if args.kind else source.draw(rng)
        print(sentence.kind, sentence.spoken, sentence.text, sep="\t")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        sys.exit(0)
