"""A business's folder as a source of sentences: its examples, the words it expects, the questions of its pages, its data.

Reads `tasks.toml`, `en/wording.toml`, `en/pages/*.md` and `store.sql`; what the bot answers is not read. The recogniser is
English, so other languages of the folder are left alone.
"""

from __future__ import annotations

import random
import re
import sqlite3
import tomllib
from pathlib import Path
from typing import Any

from . import numbers
from .slots import choice_of
from .template import Filler, PhraseError, Template
from .tokens import Tokens, plain

# Kinds of slots in tasks.toml and the built-in placeholder that stands for each.
_KINDS = {"date": "date", "time": "time", "amount": "amount", "count": "number", "phone": "phone", "letters": "letters",
          "code": "code"}
# SQL functions that a store has beside SQLite's own: how many arguments, and what stands for their answer here.
_FUNCTIONS = {"day": (1, "2026-11-29"), "moment": (2, "2026-11-29T10:00"), "today": (0, "2026-11-29"),
              "now": (0, "2026-11-29T10:00"), "pin_hash": (2, ""), "this_call": (0, "")}
# What callers of every business say.
_COMMON = Path(__file__).parents[3] / "src" / "domains" / "common" / "en" / "wording.toml"
# What every store has before its sample data.
_OWN_TABLES = "CREATE TABLE attendant_memory (caller TEXT, key TEXT, value TEXT, at TEXT);"
# Values of a column that are looked at.
_MOST = 400


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
        self.wording = self._toml("en/wording.toml", required=True)
        self.title = str(self.wording.get("title", ""))
        self.phrases: list[Template] = []
        self.fillers: dict[str, Filler] = {"title": choice_of([words_of(self.title) or plain("the company")])}
        self._read_bias()
        self._read_pages()
        columns = self._read_store()
        self._read_slots(built_in, columns)
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

    def _phrase(self, sentence: str, where: str) -> None:
        said = " ".join(spoken for spoken, _ in words_of(sentence))
        if not said:
            return
        first, *rest = said.split()
        first = first if first.split("'")[0] == "I" else first.lower()
        self.phrases.append(Template(" ".join([first, *rest]), where))

    def _read_bias(self) -> None:
        bias = str(self.wording.get("bias", ""))
        for index, sentence in enumerate(filter(None, map(str.strip, re.split(r"[.?!]", bias)))):
            self._phrase(sentence, f"{self.folder / 'en/wording.toml'}: bias {index + 1}")

    def _read_pages(self) -> None:
        for path in sorted((self.folder / "en" / "pages").glob("*.md")):
            try:
                lines = path.read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                raise PhraseError(str(path), f"cannot be read ({error})") from error
            for number, line in enumerate(lines, 1):
                if line.startswith("ask:"):
                    self._phrase(line.removeprefix("ask:").strip(" ?"), f"{path}:{number}")

    def _read_store(self) -> dict[str, list[str]]:
        """The values of every column of the sample data, by the column's name."""
        path = self.folder / "store.sql"
        if not path.is_file():
            return {}
        columns: dict[str, list[str]] = {}
        database = sqlite3.connect(":memory:")
        for name, (count, answer) in _FUNCTIONS.items():
            database.create_function(name, count, lambda *_, answer=answer: answer)
        try:
            database.executescript(_OWN_TABLES)
            database.executescript(path.read_text(encoding="utf-8"))
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' "
                                      "AND name NOT LIKE 'attendant%' ORDER BY name").fetchall()
            for (table,) in tables:
                rows = database.execute(f'SELECT * FROM "{table}" LIMIT {_MOST}')
                names = [column[0] for column in rows.description]
                for row in rows:
                    for name, value in zip(names, row, strict=True):
                        if isinstance(value, str) and value:
                            columns.setdefault(name, []).append(value)
        except (OSError, UnicodeDecodeError, sqlite3.Error) as error:
            raise PhraseError(str(path), f"cannot be read ({error})") from error
        finally:
            database.close()
        return columns

    @staticmethod
    def _like(values: list[str]) -> Filler:
        """Numbers of the shapes of `values`, and now and then one of them."""
        shapes = [len(value) for value in values]

        def fill(rng: random.Random) -> Tokens:
            if rng.random() < 0.1:
                return numbers.say_digits(rng, [int(digit) for digit in rng.choice(values)])
            return numbers.digit_string(rng, rng.choice(shapes))

        return fill

    def _column(self, values: list[str]) -> Filler | None:
        if all(value.isdigit() for value in values):
            return self._like(values)
        said = [words for words in map(words_of, values) if words]
        return choice_of(said) if said else None

    def _read_slots(self, built_in: dict[str, Filler], columns: dict[str, list[str]]) -> None:
        options = self.wording.get("options", {})
        for name, slot in self._toml("tasks.toml", required=False).get("slots", {}).items():
            kind = str(slot.get("kind", ""))
            if kind == "digits":
                count = int(slot.get("digits", 0))
                self.fillers[name] = built_in[f"digits{count}"] if 1 <= count <= 16 else built_in["digits"]
            elif kind in _KINDS:
                self.fillers[name] = built_in[_KINDS[kind]]
            elif kind == "choice":
                names = [words_of(name) for names in options.get(name, {}).values() for name in names]
                if any(names):
                    self.fillers[name] = choice_of([words for words in names if words])
            elif kind == "record":
                wanted = [str(slot.get("label", "")), *map(str, slot.get("also", []))]
                values = [value for column in wanted for value in columns.get(column, [])]
                filler = self._column(values) if values else None
                self.fillers[name] = filler or built_in["person"]
        for name, filler in (("amount", "amount"), ("date", "date"), ("time", "time"), ("digits", "digits")):
            self.fillers.setdefault(name, built_in[filler])

    def _read_examples(self) -> list[Template]:
        path = self.folder / "en" / "wording.toml"
        lines = path.read_text(encoding="utf-8").splitlines()
        out = []
        at = 0
        common = tomllib.loads(_COMMON.read_text(encoding="utf-8")) if _COMMON.is_file() else {}
        for name, entry in common.get("commands", {}).items():
            # "en español" is said, but not in English.
            out += [Template(example, f"{_COMMON}: [{name}]") for example in entry.get("examples", []) if example.isascii()]
        for group in ("tasks", "commands"):
            for name, entry in self.wording.get(group, {}).items():
                for example in entry.get("examples", []) if isinstance(entry, dict) else []:
                    if not example.isascii():
                        continue
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
