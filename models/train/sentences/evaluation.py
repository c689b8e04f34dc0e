"""The sentences on which a model is judged, by name; training sees none of their texts."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from . import numbers
from .source import Source, held_out_text
from .tokens import Sentence, spoken_of, text_of

Drawing = Callable[[], Sentence]


def eval_sets(domains: list[Path], phrases: Path, rng: random.Random) -> dict[str, list[Sentence]]:
    """All evaluation sets; every text of three words or more satisfies `held_out_text`, save digits and yes/no."""
    seen = Source(domains, phrases, "evaluation")
    unseen = Source(domains, phrases, "evaluation", held_out=True)
    return {
        "domain": _collect(300, _any_of(rng, _open(seen), ["domain", "trade"], 3)),
        "unseen": _collect(200, _any_of(rng, unseen, ["domain", "trade"], 3)),
        "digits10": _digits10(rng),
        "yesno": _yes_no(seen),
        "names": _collect(100, _any_of(rng, _open(seen), ["name"], 3)),
        "dates": _collect(100, _any_of(rng, _open(seen), ["date", "time", "birth_date"], 3)),
        "amounts": _collect(60, _any_of(rng, _open(seen), ["amount"], 3)),
        "letters": _collect(60, _any_of(rng, _open(seen), ["letters"], 3)),
        "out_of_domain": _collect(100, _any_of(rng, unseen, ["general"], 3)),
    }


def _open(source: Source) -> Source:
    """`source` with its templates kept, but free to draw the texts that training skips."""
    source.held_out = True
    return source


def _any_of(rng: random.Random, source: Source, kinds: list[str], least: int) -> Drawing:
    def drawing() -> Sentence:
        while True:
            sentence = source.draw_kind(rng, rng.choice(kinds))
            if len(sentence.text.split()) >= least and held_out_text(sentence.text):
                return sentence

    return drawing


def _collect(count: int, drawing: Drawing) -> list[Sentence]:
    """`count` sentences of different texts, or as many as a long search finds."""
    found: dict[str, Sentence] = {}
    for _ in range(count * 200):
        sentence = drawing()
        found.setdefault(sentence.text, sentence)
        if len(found) == count:
            break
    return list(found.values())


def _digits10(rng: random.Random) -> list[Sentence]:
    """Ten digits, half of the strings one by one and half in groups."""
    out = []
    for index in range(100):
        tokens = numbers.say_digits(rng, [rng.randrange(10) for _ in range(10)], "single" if index % 2 else "grouped")
        out.append(Sentence(spoken_of(tokens), text_of(tokens), "digits"))
    return out


def _yes_no(source: Source) -> list[Sentence]:
    """Every form of yes and no, as far as 2,000 draws show them."""
    rng = random.Random("yesno")
    found: dict[str, Sentence] = {}
    for kind in ("yes", "no"):
        for template in source.sections[kind]:
            for _ in range(20):
                tokens = template.render(rng, source.fillers)
                found.setdefault(text_of(tokens), Sentence(spoken_of(tokens), text_of(tokens), "yesno"))
    return list(found.values())
