"""The stream of sentences: which part of the mixture a sentence comes from, and what is kept for evaluation.

Two things are never drawn for training: a tenth of the templates, and a tenth of all texts; both are picked by a hash,
so that they stay the same when phrases are added. Short answers (two words or less) and yes/no are exempt.
"""

from __future__ import annotations

import hashlib
import math
import random
import tomllib
from pathlib import Path

from . import hesitation, numbers
from .domain import Domain, words_of
from .slots import Names, built_in, lists
from .template import Filler, PhraseError, Template, read_lines, read_sections
from .tokens import Sentence, Token, Tokens, plain, respelled, spoken_of, text_of, with_pause

# Parts of the mixture that are made by code; every other part is a section of common.txt.
_MADE = ("single_digit", "digits", "domain", "trade", "fragment", "salad", "joined", "general", "words", "hesitation")
_EXEMPT = ("yes", "no", "single", "digits_lead")
_NOT_TRADES = ("common", "general", "general-evaluation", "common-words", "respell")
_DIGIT_WORDS = frozenset([*numbers.DIGITS, "oh", "double", "triple"])
_YES_NO = ("yes", "no")
_MAX_WORDS = 34


def held_out_text(text: str) -> bool:
    """Whether this very text is kept for evaluation: one text in ten of those with three words or more."""
    if len(text.split()) <= 2:
        return False
    return hashlib.blake2b(text.lower().encode(), digest_size=4).digest()[0] % 10 == 0


class Source:
    """Random training sentences of some domain folders and the phrase files.

    >>> source = Source([Path("src/domains/shop")], Path("models/train/phrases"))
    >>> source.draw(source.rng(7)).text
    """

    def __init__(self, domains: list[Path], phrases: Path, seed_namespace: str = "train", *,
                 held_out: bool = False) -> None:
        """Reads all files once; `held_out` draws from what training never sees. Raises PhraseError."""
        self.seed_namespace = seed_namespace
        self.held_out = held_out
        self.names = Names(phrases / "names")
        fillers = built_in(self.names)
        fillers |= lists(phrases / "lists", fillers)
        self.domains = [Domain(folder, fillers) for folder in domains]
        titles = [words_of(domain.title) for domain in self.domains if domain.title]
        fillers["title"] = lambda rng: rng.choice(titles) if titles else plain("your company")
        self.fillers: dict[str, Filler] = fillers
        self.sections = read_sections(phrases / "common.txt")
        self.trades = {path.stem: [template for part in read_sections(path).values() for template in part]
                       for path in sorted(phrases.glob("*.txt")) if path.stem not in _NOT_TRADES}
        self.general = [template for part in read_sections(phrases / "general.txt").values() for template in part]
        self.common_words = [plain(line)[0] for _, line in read_lines(phrases / "common-words.txt")]
        self.general_evaluation = [plain(line) for _, line in read_lines(phrases / "general-evaluation.txt")]
        self.respell = _read_respell(phrases / "respell.txt")
        self._read_weights(phrases / "weights.toml")
        self._check()
        self._always = {text.lower() for kind in ("yes", "no", "single") for template in self.sections.get(kind, [])
                        for text in template.readings()}
        self._never = {text_of(tokens).lower() for tokens in self.general_evaluation}
        self._split()
        self.vocabulary = self._vocabulary()

    # -- setting up

    def _read_weights(self, path: Path) -> None:
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise PhraseError(str(path), f"cannot be read ({error})") from error
        mixture = table.get("mixture", {})
        known = {*_MADE, *self.sections}
        for kind in mixture:
            if kind not in known:
                raise PhraseError(str(path), f"unknown kind '{kind}' in [mixture]; known are {', '.join(sorted(known))}")
        for kind in sorted(known - set(mixture)):
            raise PhraseError(str(path), f"[mixture] has no weight for '{kind}'; hint: add '{kind} = 0.01'")
        self.mixture = {kind: float(weight) for kind, weight in mixture.items() if float(weight) > 0}
        speech = table.get("speech", {})
        self.hesitation_rate = float(speech.get("hesitation", 0.08))
        self.repeat_rate = float(speech.get("repeat", 0.015))
        self.courtesy_rate = float(speech.get("courtesy", 0.12))

    def _check(self) -> None:
        parts = [*self.sections.values(), *self.trades.values(), self.general]
        for template in (template for part in parts for template in part):
            template.check(self.fillers)

    def _kept(self, template: Template) -> bool:
        """Whether `template` belongs to this source's side of the split."""
        return template.longest() <= 2 or held_out_text(template.source) == self.held_out

    def _split(self) -> None:
        kinds, weights = [], []
        self._pools: dict[str, _Pool] = {}
        pools = dict(self.sections) | {"general": self.general}
        for kind, templates in pools.items():
            keep = templates if kind in _EXEMPT else [one for one in templates if self._kept(one)]
            self._pools[kind] = _Pool([(template, self.fillers) for template in keep])
        self._pools["trade"] = _Pool([(one, self.fillers) for part in self.trades.values() for one in part
                                      if self._kept(one)])
        fillers = [self.fillers | domain.fillers for domain in self.domains]
        self._pools["domain"] = _Pool([(one, known) for domain, known in zip(self.domains, fillers, strict=True)
                                       for one in [*domain.examples, *domain.phrases] if self._kept(one)])
        for kind, weight in self.mixture.items():
            if kind in self._pools and not self._pools[kind].entries:
                continue
            kinds.append(kind)
            weights.append(weight)
        self._kinds, self._weights = kinds, _cumulative(weights)
        plain_kinds = [(kind, self.mixture[kind]) for kind in kinds if kind in self._pools or kind == "digits"]
        self._sentence_kinds = [kind for kind, _ in plain_kinds]
        self._sentence_weights = _cumulative([weight for _, weight in plain_kinds])

    def _vocabulary(self) -> list[Token]:
        """Each word of the phrases and names once, for salads."""
        words: dict[str, Token] = {}
        parts = [*self.sections.values(), *self.trades.values(), *[one.examples for one in self.domains]]
        for template in (template for part in parts for template in part):
            for spoken, written in template.words():
                words.setdefault(written, (spoken.rstrip(",.?!;:"), written))
        rng = random.Random("vocabulary")
        for name in sorted(set(self.fillers) - {"letters", "spelled", "code", "name_and_spelling"}):
            for _ in range(60):
                for spoken, written in self.fillers[name](rng):
                    words.setdefault(written, (spoken.rstrip(",.?!;:"), written))
        words.pop("", None)
        return [words[written] for written in sorted(words)]

    # -- drawing

    def rng(self, index: int | str) -> random.Random:
        """A generator for the `index`-th part of the stream of this namespace, so that workers can share the work."""
        return random.Random(f"{self.seed_namespace}:{index}")

    def is_held_out(self, text: str) -> bool:
        """Whether training must not see this text: yes/no, single words and digits alone are never held out."""
        if text.lower() in self._never:
            return True
        return held_out_text(text) and text.lower() not in self._always and not _DIGIT_WORDS.issuperset(text.split())

    def draw(self, rng: random.Random) -> Sentence:
        """One sentence."""
        kind = rng.choices(self._kinds, cum_weights=self._weights)[0]
        return self.draw_kind(rng, kind)

    def draw_kind(self, rng: random.Random, kind: str, *, any_text: bool = False) -> Sentence:
        """One sentence of `kind`, a name of the mixture; `any_text` also gives the texts that training skips."""
        any_text = any_text or self.held_out
        while True:
            tokens = self._draw(rng, kind)
            text = text_of(tokens)
            if tokens and len(tokens) <= _MAX_WORDS and (any_text or not self.is_held_out(text)):
                return self.sentence(tokens, kind)

    def sentence(self, tokens: Tokens, kind: str) -> Sentence:
        """`tokens` as a sentence of `kind`, respelled for the voices."""
        spoken = spoken_of(respelled(tokens, self.respell))
        return Sentence(spoken, text_of(tokens), "yesno" if kind in _YES_NO else kind)

    def _draw(self, rng: random.Random, kind: str) -> Tokens:
        if kind == "fragment":
            return self._fragment(rng)
        if kind == "salad":
            return self._salad(rng)
        if kind == "words":
            return [rng.choice(self.common_words) for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 4, 5]))]
        if kind == "joined":
            return self._joined(rng)
        if kind == "hesitation":
            return hesitation.alone(rng)
        if kind == "single_digit":
            digit = rng.choice([*numbers.DIGITS, "oh"]) if rng.random() < 0.97 else "zero"
            return [(digit, digit)]
        tokens = self._sentence(rng, kind)
        if rng.random() < self.hesitation_rate:
            tokens = hesitation.insert(rng, tokens)
        if rng.random() < self.repeat_rate:
            tokens = hesitation.repeat(rng, tokens)
        return tokens

    def _sentence(self, rng: random.Random, kind: str) -> Tokens:
        if kind == "digits":
            return self._digits(rng)
        template, fillers = self._pools[kind].draw(rng)
        tokens = template.render(rng, fillers)
        if kind in ("domain", "trade") and rng.random() < self.courtesy_rate:
            tokens = hesitation.courtesy(rng, tokens)
        return tokens

    def _digits(self, rng: random.Random) -> Tokens:
        """Digits alone, or led by what callers say before them."""
        if rng.random() < 0.06:
            tokens = numbers.repeated_groups(rng, numbers.length(rng))
        else:
            tokens = numbers.digit_string(rng, numbers.length(rng))
        if rng.random() < 0.25:
            template, fillers = self._pools["digits_lead"].draw(rng)
            lead = template.render(rng, fillers)
            if lead and rng.random() < 0.3:
                lead[-1] = with_pause(lead[-1])
            tokens = lead + tokens
        return tokens

    def _any(self, rng: random.Random) -> Tokens:
        kind = rng.choices(self._sentence_kinds, cum_weights=self._sentence_weights)[0]
        return self._sentence(rng, kind)

    def _fragment(self, rng: random.Random) -> Tokens:
        """One to four words cut out of a sentence: its beginning, its end or its middle."""
        tokens = self._any(rng)
        size = min(len(tokens), rng.choice([1, 1, 2, 2, 3, 3, 4]))
        start = rng.choice([0, len(tokens) - size, rng.randint(0, len(tokens) - size)])
        return tokens[start : start + size]

    def _salad(self, rng: random.Random) -> Tokens:
        """Words in random order, which no language model can guess."""
        out: Tokens = []
        for _ in range(rng.randint(2, 9)):
            roll = rng.random()
            if roll < 0.12:
                out += rng.choice(rng.choice(self.names.all))
            else:
                out.append(rng.choice(self.common_words if roll < 0.35 else self.vocabulary))
            if rng.random() < 0.08:
                out[-1] = with_pause(out[-1])
        return out

    def _joined(self, rng: random.Random) -> Tokens:
        """Two sentences in one breath."""
        kinds = ["yes", "no", "domain", "trade", "hello"]
        first = self._sentence(rng, rng.choice([kind for kind in kinds if kind in self._pools and self._pools[kind].entries] or ["digits"]))
        second = self._any(rng)
        joint = rng.choice(["", "", "", "and", "and then", "and also", "but", "because", "so"])
        if first and rng.random() < 0.5:
            first[-1:] = [with_pause(first[-1], rng.choice([",", "."]))]
        return first + plain(joint) + second

    def templates(self) -> list[Template]:
        """The templates of this source's side of the split."""
        return [template for pool in self._pools.values() for template, _ in pool.entries]


class _Pool:
    """Templates with what fills them; one with many readings is drawn more often, by the logarithm of their number."""

    def __init__(self, entries: list[tuple[Template, dict[str, Filler]]]) -> None:
        self.entries = entries
        self._weights = _cumulative([1 + math.log2(template.variety()) / 2 for template, _ in entries])

    def draw(self, rng: random.Random) -> tuple[Template, dict[str, Filler]]:
        return rng.choices(self.entries, cum_weights=self._weights)[0]


def _read_respell(path: Path) -> dict[str, str]:
    out = {}
    for number, line in read_lines(path):
        written, sign, spoken = line.partition("=")
        if not sign or not written.strip() or not spoken.strip():
            raise PhraseError(f"{path}:{number}", f"'{line}' is no respelling; hint: write 'written = spoken'")
        out[written.strip()] = spoken.strip()
    return out


def _cumulative(weights: list[float]) -> list[float]:
    total, out = 0.0, []
    for weight in weights:
        total += weight
        out.append(total)
    return out
