"""The sentences on which a model is judged, by name; training sees none of their texts.

Exempt are yes and no, which training must know, and digits, where chance keeps the sets apart.
"""

from __future__ import annotations

import random
from pathlib import Path

from . import numbers
from .source import Source
from .tokens import Sentence, text_of

_TRIES = 200


def eval_sets(domains: list[Path], phrases: Path, rng: random.Random) -> dict[str, list[Sentence]]:
    """All evaluation sets. `domain`: templates of training, texts it skips; `unseen`: templates it never draws."""
    seen = Source(domains, phrases, "evaluation")
    unseen = Source(domains, phrases, "evaluation", held_out=True)
    general = [seen.sentence(tokens, "general") for tokens in seen.general_evaluation]
    return {
        "domain": _collect(300, seen, rng, ["domain", "trade"]),
        "unseen": _collect(200, unseen, rng, ["domain", "trade"]),
        "digits10": _digits10(seen, rng),
        "yesno": _yes_no(seen),
        "names": _collect(100, seen, rng, ["name"]),
        "dates": _collect(100, seen, rng, ["date", "time", "birth_date"]),
        "amounts": _collect(60, seen, rng, ["amount"]),
        "letters": _collect(60, seen, rng, ["letters"]),
        "out_of_domain": rng.sample(general, min(100, len(general))),
    }


def _collect(count: int, source: Source, rng: random.Random, kinds: list[str]) -> list[Sentence]:
    """`count` held-out sentences of different texts, or as many as a long search finds."""
    found: dict[str, Sentence] = {}
    for _ in range(count * _TRIES):
        sentence = source.draw_kind(rng, rng.choice(kinds), any_text=True)
        if source.is_held_out(sentence.text):
            found.setdefault(sentence.text, sentence)
        if len(found) == count:
            break
    return list(found.values())


def _digits10(source: Source, rng: random.Random) -> list[Sentence]:
    """Ten digits, half of the strings one by one and half in groups."""
    out = []
    for index in range(100):
        digits = [rng.randrange(10) for _ in range(10)]
        out.append(source.sentence(numbers.say_digits(rng, digits, "single" if index % 2 else "grouped"), "digits"))
    return out


def _yes_no(source: Source) -> list[Sentence]:
    """Every form of yes and no."""
    rng = random.Random("yesno")
    found: dict[str, Sentence] = {}
    for kind in ("yes", "no"):
        for template in source.sections[kind]:
            wanted = set(template.readings())
            while wanted:
                tokens = template.render(rng, source.fillers)
                text = text_of(tokens)
                wanted.discard(text)
                found.setdefault(text, source.sentence(tokens, kind))
    return list(found.values())
