"""The template language of the phrase files and of the examples in a domain folder.

`[a|b|c]` picks one, `(maybe)` and `(a|b)` are said half of the time, `{slot}` is filled in; they nest. Decides what a template
means; which slots exist is the caller's matter.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .tokens import Tokens, plain

Filler = Callable[[random.Random], Tokens]

_WORDS = re.compile(r"[A-Za-zÀ-ÿ' ,.?!;:-]*")
_SLOT = re.compile(r"[a-z][a-z0-9_]*")


class PhraseError(ValueError):
    """A phrase file or domain folder that cannot be used; says where and what to do."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")


@dataclass(frozen=True, slots=True)
class _Words:
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class _Slot:
    name: str


@dataclass(frozen=True, slots=True)
class _Choice:
    branches: tuple[_Sequence, ...]


@dataclass(frozen=True, slots=True)
class _Maybe:
    body: _Choice


@dataclass(frozen=True, slots=True)
class _Sequence:
    parts: tuple[_Words | _Slot | _Choice | _Maybe, ...]


class Template:
    """A parsed template and where it was written."""

    __slots__ = ("_root", "slots", "source", "where")

    def __init__(self, source: str, where: str) -> None:
        """Parses `source`; raises PhraseError that begins with `where` ("file:line")."""
        self.source = source
        self.where = where
        parser = _Parser(source, where)
        self._root = parser.whole()
        self.slots = frozenset(parser.slots)

    def render(self, rng: random.Random, fillers: Mapping[str, Filler]) -> Tokens:
        """One drawing; every slot must be in `fillers` (see `check`)."""
        out: Tokens = []
        _render(self._root, rng, fillers, out)
        return out

    def check(self, known: Iterable[str]) -> None:
        """Raises PhraseError for a slot that is not among `known`."""
        known = set(known)
        for slot in sorted(self.slots - known):
            raise PhraseError(
                self.where,
                f"unknown placeholder {{{slot}}}; known are {', '.join(sorted(known))}; "
                f"hint: add a list as phrases/lists/{slot}.txt, or a slot in tasks.toml",
            )

    def words(self) -> Tokens:
        """Every word that stands in the template itself."""
        out: Tokens = []
        _collect(self._root, out)
        return out

    def variety(self) -> float:
        """How many readings it has, a slot counting as 20."""
        return _variety(self._root)

    def readings(self) -> list[str]:
        """The texts of all its readings; only for a template without slots. Raises PhraseError for one with slots."""
        if self.slots:
            raise PhraseError(self.where, "a template of this section cannot have placeholders")
        return [" ".join(words) for words in _readings(self._root)]

    def longest(self) -> int:
        """Words in its longest reading, a slot counting as three."""
        return _longest(self._root)


def _render(node: _Sequence, rng: random.Random, fillers: Mapping[str, Filler], out: Tokens) -> None:
    for part in node.parts:
        if isinstance(part, _Words):
            out.extend(part.tokens)
        elif isinstance(part, _Slot):
            out.extend(fillers[part.name](rng))
        elif isinstance(part, _Choice):
            _render(rng.choice(part.branches), rng, fillers, out)
        elif rng.random() < 0.5:
            _render(rng.choice(part.body.branches), rng, fillers, out)


def _collect(node: _Sequence, out: Tokens) -> None:
    for part in node.parts:
        if isinstance(part, _Words):
            out.extend(part.tokens)
        elif not isinstance(part, _Slot):
            for branch in _branches(part):
                _collect(branch, out)


def _longest(node: _Sequence) -> int:
    total = 0
    for part in node.parts:
        if isinstance(part, _Words):
            total += len(part.tokens)
        elif isinstance(part, _Slot):
            total += 3
        else:
            total += max(_longest(branch) for branch in _branches(part))
    return total


def _variety(node: _Sequence) -> float:
    total = 1.0
    for part in node.parts:
        if isinstance(part, _Slot):
            total *= 20
        elif not isinstance(part, _Words):
            total *= sum(_variety(branch) for branch in _branches(part)) + isinstance(part, _Maybe)
    return total


def _readings(node: _Sequence) -> list[list[str]]:
    out: list[list[str]] = [[]]
    for part in node.parts:
        if isinstance(part, _Words):
            tails = [[written for _, written in part.tokens]]
        elif isinstance(part, _Slot):
            continue
        else:
            tails = [reading for branch in _branches(part) for reading in _readings(branch)]
            tails += [[]] if isinstance(part, _Maybe) else []
        out = [head + tail for head in out for tail in tails]
    return out


def _branches(part: _Choice | _Maybe) -> tuple[_Sequence, ...]:
    return part.branches if isinstance(part, _Choice) else part.body.branches


class _Parser:
    """Recursive descent over one line."""

    def __init__(self, source: str, where: str) -> None:
        self.source, self.where = source, where
        self.at = 0
        self.slots: set[str] = set()

    def fail(self, what: str) -> PhraseError:
        return PhraseError(self.where, f"{what} at column {self.at + 1} of '{self.source}'")

    def whole(self) -> _Sequence:
        if not self.source.strip():
            raise self.fail("an empty template")
        sequence = self.sequence("")
        if self.at < len(self.source):
            raise self.fail(f"'{self.source[self.at]}' without its opening bracket")
        return sequence

    def sequence(self, stops: str) -> _Sequence:
        parts: list[_Words | _Slot | _Choice | _Maybe] = []
        while self.at < len(self.source) and self.source[self.at] not in stops:
            mark = self.source[self.at]
            if mark == "[":
                parts.append(self.choice())
            elif mark == "(":
                parts.append(self.maybe())
            elif mark == "{":
                parts.append(self.slot())
            elif mark in "])}|":
                break
            else:
                parts.append(self.words())
        return _Sequence(tuple(parts))

    def words(self) -> _Words:
        match = _WORDS.match(self.source, self.at)
        if match is None or match.end() == self.at:
            raise self.fail(f"'{self.source[self.at]}' is no letter: write numbers and signs as words,")
        tokens = plain(match.group())
        if any(not written[0].isalpha() for _, written in tokens):
            raise self.fail("a word that begins with no letter")
        self.at = match.end()
        return _Words(tokens)

    def choice(self) -> _Choice:
        return self.branches("[", "]")

    def maybe(self) -> _Maybe:
        return _Maybe(self.branches("(", ")"))

    def branches(self, opening: str, closing: str) -> _Choice:
        opened = self.at
        branches = []
        while True:
            self.at += 1
            branches.append(self.sequence("|" + closing))
            if self.at >= len(self.source) or self.source[self.at] not in "|" + closing:
                self.at = opened
                raise self.fail(f"'{opening}' is never closed")
            if self.source[self.at] == closing:
                self.at += 1
                return _Choice(tuple(branches))

    def slot(self) -> _Slot:
        end = self.source.find("}", self.at)
        name = self.source[self.at + 1 : end] if end > 0 else ""
        if not _SLOT.fullmatch(name):
            raise self.fail("'{' must be followed by a name in small letters and '}'")
        self.at = end + 1
        self.slots.add(name)
        return _Slot(name)


def read_lines(path: Path) -> list[tuple[int, str]]:
    """Lines of a phrase file with their numbers, without comments and empty ones."""
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PhraseError(str(path), f"cannot be read ({error})") from error
    lines = ((number, line.split("#", 1)[0].strip()) for number, line in enumerate(content.splitlines(), 1))
    return [(number, line) for number, line in lines if line]


def read_templates(path: Path) -> list[Template]:
    """The templates of a file without sections."""
    return [Template(line, f"{path}:{number}") for number, line in read_lines(path)]


def read_sections(path: Path) -> dict[str, list[Template]]:
    """The templates of a file whose parts are headed `== name ==`."""
    sections: dict[str, list[Template]] = {}
    current: list[Template] | None = None
    for number, line in read_lines(path):
        heading = re.fullmatch(r"==\s*([a-z_]+)\s*==", line)
        if heading:
            current = sections.setdefault(heading.group(1), [])
        elif line.startswith("="):
            raise PhraseError(f"{path}:{number}", f"'{line}' is no heading; hint: write == name ==")
        elif current is None:
            raise PhraseError(f"{path}:{number}", "a template before the first heading; hint: begin with == name ==")
        else:
            current.append(Template(line, f"{path}:{number}"))
    return sections
