"""A domain folder as a source of sentences: the intents' examples, the words it expects, its tables.

Reads `domain.toml`, `intents.toml`, `forms.toml` and `*.csv`; what the bot answers is not read.
"""

from __future__ import annotations

import csv
import random
import re
import tomllib
from pathlib import Path
from typing import Any

from . import numbers
from .slots import choice_of
from .template import Filler, PhraseError, Template
from .tokens import Tokens, plain

# Kinds of slots in forms.toml and the built-in placeholder that stands for each.
_KINDS = {"date": "date", "time": "time", "amount": "amount", "money": "amount", "number": "number", "name": "person",
          "person": "person", "phone": "phone", "birth_date": "birth_date", "letters": "letters", "code": "code",
          "pin": "pin", "secret": "pin", "weekday": "day", "zip": "zip", "postcode": "code", "address": "address"}


def words_of(text: str) -> Tokens:
    """Words of a table's or a business's own text: numbers become words, other signs are dropped."""
    def number(match: re.Match[str]) -> str:
        run = match.group()
        if len(run) <= 4 and not run.startswith("0"):
            return f" {numbers.cardinal(int(run))} "
        return " " + " ".join(numbers.DIGITS[int(digit)] for digit in run) + " "

    text = re.sub(r"\d+", number, text.replace("&", " and ").replace("%", " percent "))
    return plain(re.sub(r"[^A-Za-zÀ-ÿ' ,.?!-]", " ", text))


class Domain:
    """What one folder adds to the mixture."""

    def __init__(self, folder: Path, built_in: dict[str, Filler]) -> None:
        """Reads `folder`; raises PhraseError for a file that cannot be read or an unknown placeholder."""
        self.folder = folder
        self.title = ""
        self.phrases: list[Template] = []
        self.fillers: dict[str, Filler] = {}
        self._read_domain()
        self._read_tables()
        self._read_forms(built_in)
        self.examples = self._read_examples()
        known = built_in | self.fillers
        for template in self.examples:
            template.check(known)

    def _toml(self, name: str, required: bool) -> dict[str, Any]:
        path = self.folder / name
        if not path.is_file() and not required:
            return {}
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise PhraseError(str(path), f"cannot be read ({error})") from error

    def _read_domain(self) -> None:
        settings = self._toml("domain.toml", required=True)
        self.title = str(settings.get("title", ""))
        self.fillers["title"] = choice_of([words_of(self.title) or plain("the company")])
        bias = str(settings.get("bias", ""))
        for index, sentence in enumerate(filter(None, map(str.strip, re.split(r"[.?!]", bias)))):
            said = " ".join(spoken for spoken, _ in words_of(sentence))
            first, *rest = said.split()
            first = first if first.split("'")[0] == "I" else first.lower()
            self.phrases.append(Template(" ".join([first, *rest]), f"{self.folder / 'domain.toml'}: bias {index + 1}"))

    def _read_tables(self) -> None:
        for path in sorted(self.folder.glob("*.csv")):
            try:
                with path.open(encoding="utf-8", newline="") as file:
                    rows = list(csv.DictReader(file))
            except (OSError, UnicodeDecodeError, csv.Error) as error:
                raise PhraseError(str(path), f"cannot be read ({error})") from error
            for column in rows[0] if rows else []:
                if not column:
                    continue
                values = [words_of(row[column]) for row in rows if row.get(column)]
                numeric = [row[column] for row in rows if (row.get(column) or "").isdigit()]
                if numeric and len(numeric) == len(values):
                    self.fillers[column] = self._like(numeric)
                elif any(values):
                    self.fillers[column] = choice_of([value for value in values if value])

    @staticmethod
    def _like(values: list[str]) -> Filler:
        """Numbers of the shapes of `values`, and now and then one of them."""
        shapes = [len(value) for value in values]

        def fill(rng: random.Random) -> Tokens:
            if rng.random() < 0.1:
                return numbers.say_digits(rng, [int(digit) for digit in rng.choice(values)])
            return numbers.digit_string(rng, rng.choice(shapes))

        return fill

    def _read_forms(self, built_in: dict[str, Filler]) -> None:
        for form in self._toml("forms.toml", required=False).values():
            slots = form.get("slots", []) if isinstance(form, dict) else []
            for slot in slots:
                name, kind = str(slot.get("name", "")), str(slot.get("kind", ""))
                if name in self.fillers:
                    continue
                if kind == "digits":
                    count = int(slot.get("digits", 0))
                    self.fillers[name] = built_in[f"digits{count}"] if 1 <= count <= 16 else built_in["digits"]
                elif kind in _KINDS:
                    self.fillers[name] = built_in[_KINDS[kind]]

    def _read_examples(self) -> list[Template]:
        path = self.folder / "intents.toml"
        intents = self._toml("intents.toml", required=True)
        lines = path.read_text(encoding="utf-8").splitlines()
        out = []
        at = 0
        for name, intent in intents.items():
            examples = intent.get("examples", []) if isinstance(intent, dict) else []
            for example in examples:
                at = _line_of(lines, example, at)
                source = re.sub(r"\d+", lambda run: " ".join(plain_number(run.group())), example)
                out.append(Template(source, f"{path}:{at + 1}: [{name}]"))
        return out


def plain_number(run: str) -> list[str]:
    """The words of a number in an example."""
    return [written for _, written in words_of(run)]


def _line_of(lines: list[str], example: str, start: int) -> int:
    """Index of the first line from `start` on that holds `example`, or `start`."""
    for index in range(start, len(lines)):
        if example in lines[index]:
            return index
    return start
