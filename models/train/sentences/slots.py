"""What fills the placeholders: built-in kinds (digits, dates, names …), lists of phrases, tables of the domains."""

from __future__ import annotations

import random
from pathlib import Path

from . import letters, numbers, quantities
from .template import Filler, PhraseError, Template, read_lines, read_templates
from .tokens import Tokens, plain, with_pause


def _digits(low: int, high: int) -> Filler:
    return lambda rng: numbers.digit_string(rng, rng.randint(low, high))


def choice_of(lines: list[Tokens]) -> Filler:
    """One of `lines`, each equally often."""
    return lambda rng: rng.choice(lines)


def read_names(path: Path) -> list[Tokens]:
    """A list of names, one a line."""
    names = [plain(line) for _, line in read_lines(path)]
    if not names:
        raise PhraseError(str(path), "holds no names; hint: write one a line")
    return names


class Names:
    """People and places of `phrases/names/`."""

    def __init__(self, folder: Path) -> None:
        self.first = read_names(folder / "first.txt")
        self.last = read_names(folder / "last.txt")
        self.streets = read_names(folder / "streets.txt")
        self.cities = read_names(folder / "cities.txt")
        self.all = [self.first, self.last, self.streets, self.cities]

    def person(self, rng: random.Random) -> Tokens:
        """First and last name, now and then with a middle letter."""
        middle = [letters.letter(letters.any_letter(rng))] if rng.random() < 0.04 else []
        return [*rng.choice(self.first), *middle, *rng.choice(self.last)]

    def spelled(self, rng: random.Random) -> Tokens:
        """A name letter by letter."""
        name = rng.choice(rng.choice([self.first, self.last, self.last, self.streets, self.cities]))
        return letters.spell(rng, "".join(written for _, written in name)[:11])

    def name_and_spelling(self, rng: random.Random) -> Tokens:
        """A last name said and then spelled."""
        name = list(rng.choice(self.last))
        spelling = letters.spell(rng, "".join(written for _, written in name))
        return [*name[:-1], with_pause(name[-1]), *spelling]

    def street(self, rng: random.Random) -> Tokens:
        """A street with its number."""
        count = rng.choice([1, 2, 2, 3, 3, 4])
        style = rng.choice(["single", "paired", "mixed"])
        digits = [rng.randint(1, 9), *numbers.random_digits(rng, count - 1)] if count > 1 else [rng.randint(1, 9)]
        return [*numbers.say_digits(rng, digits, style), *rng.choice(self.streets)]

    def address(self, rng: random.Random) -> Tokens:
        """Street and city, perhaps with an apartment or the postal code."""
        out = self.street(rng)
        if rng.random() < 0.15:
            room = numbers.digit_string(rng, rng.choice([1, 2, 3])) if rng.random() < 0.7 else \
                [letters.letter(letters.any_letter(rng))]
            out += [*plain(rng.choice(["apartment", "unit", "suite", "apartment number"])), *room]
        if rng.random() < 0.7:
            out[-1] = with_pause(out[-1]) if rng.random() < 0.7 else out[-1]
            out = [*out, *plain(rng.choice(["", "", "in "])), *rng.choice(self.cities)]
            if rng.random() < 0.3:
                out += numbers.digit_string(rng, 5)
        return out


def built_in(names: Names) -> dict[str, Filler]:
    """The placeholders that need no file of the business."""
    fillers: dict[str, Filler] = {
        f"digits{count}": _digits(count, count) for count in range(1, 17)
    }
    fillers |= {
        "digit": _digits(1, 1),
        "digits": lambda rng: numbers.digit_string(rng, numbers.length(rng)),
        "order": lambda rng: numbers.digit_string(rng, rng.choice([4, 5, 6, 6, 6, 7, 8])),
        "account": _digits(6, 12),
        "card": lambda rng: numbers.digit_string(rng, rng.choice([4, 4, 16])),
        "phone": lambda rng: numbers.digit_string(rng, rng.choice([7, 10, 10, 10, 11])),
        "zip": _digits(5, 5),
        "pin": lambda rng: numbers.digit_string(rng, rng.choice([4, 4, 4, 6])),
        "correction": lambda rng: numbers.repeated_groups(rng, rng.choice([4, 6, 6, 8, 10])),
        "number": lambda rng: numbers.tokens(numbers.cardinal(rng.choice([rng.randint(1, 12), rng.randint(1, 99)]))),
        "small": lambda rng: numbers.tokens(numbers.cardinal(rng.randint(1, 9))),
        "hundreds": lambda rng: numbers.tokens(numbers.cardinal(rng.randint(100, 99999), rng.random() < 0.4)),
        "nth": lambda rng: numbers.tokens(numbers.ordinal(rng.randint(1, 31))),
        "rank": lambda rng: numbers.tokens(numbers.ordinal(rng.choice([1, 1, 2, 2, 2, 3, 3, 4, 5, 6]))),
        "percent": quantities.percent,
        "amount": quantities.amount,
        "date": quantities.date,
        "when": quantities.when,
        "calendar_day": quantities.calendar_day,
        "birth_date": quantities.birth_date,
        "day": quantities.day,
        "month": quantities.month,
        "year": lambda rng: numbers.tokens(numbers.year(rng, rng.randint(1920, 2030))),
        "time": quantities.time,
        "letter": lambda rng: [letters.letter(letters.any_letter(rng))],
        "letters": lambda rng: letters.spell(rng, "".join(letters.any_letter(rng) for _ in range(rng.randint(2, 7)))),
        "as_in": letters.as_in,
        "nato": letters.nato,
        "code": letters.code,
        "first": choice_of(names.first),
        "last": choice_of(names.last),
        "city": choice_of(names.cities),
        "road": choice_of(names.streets),
        "person": names.person,
        "spelled": names.spelled,
        "name_and_spelling": names.name_and_spelling,
        "street": names.street,
        "address": names.address,
    }
    return fillers


def lists(folder: Path, fillers: dict[str, Filler]) -> dict[str, Filler]:
    """A placeholder for each `phrases/lists/NAME.txt`; its lines are templates of `fillers`."""
    out: dict[str, Filler] = {}
    for path in sorted(folder.glob("*.txt")):
        templates = read_templates(path)
        if not templates:
            raise PhraseError(str(path), "holds no phrases; hint: write one a line")
        for template in templates:
            template.check(fillers)
        out[path.stem] = _from_templates(templates, fillers)
    return out


def _from_templates(templates: list[Template], fillers: dict[str, Filler]) -> Filler:
    return lambda rng: rng.choice(templates).render(rng, fillers)
