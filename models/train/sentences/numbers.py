"""Numbers as words: cardinals, ordinals, and strings of digits in all the ways callers say them."""

from __future__ import annotations

import random

from .tokens import Tokens, with_pause

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_SMALL = DIGITS + (
    ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
)
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINAL = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
            "twelve": "twelfth"}
# How many digits callers give at once, by how often that is needed.
_LENGTHS = [2] * 3 + [3] * 4 + [4] * 8 + [5] * 8 + [6] * 10 + [7] * 7 + [8] * 8 + [9] * 7 + [10] * 14
_LENGTHS += [11] * 2 + [12] * 3 + [13, 14, 15, 16, 16]


def cardinal(value: int, conjunction: bool = False) -> str:
    """`value` (below a million) as words; `conjunction` says "hundred and"."""
    if value < 20:
        return _SMALL[value]
    if value < 100:
        return _TENS[value // 10] + ("" if value % 10 == 0 else " " + _SMALL[value % 10])
    unit, name = (100, "hundred") if value < 1000 else (1000, "thousand")
    head = f"{cardinal(value // unit, conjunction)} {name}"
    rest = value % unit
    if rest == 0:
        return head
    joint = " and " if conjunction and (unit == 100 or rest < 100) else " "
    return head + joint + cardinal(rest, conjunction)


def ordinal(value: int) -> str:
    """`value` as an ordinal: "twenty first"."""
    *head, last = cardinal(value).split()
    if last in _ORDINAL:
        last = _ORDINAL[last]
    else:
        last = last[:-1] + "ieth" if last.endswith("y") else last + "th"
    return " ".join([*head, last])


def year(rng: random.Random, value: int) -> str:
    """`value` (1900 to 2099) as a year is said."""
    head, tail = divmod(value, 100)
    if head == 20 and tail < 10:
        return "two thousand" + ("" if tail == 0 else rng.choice([" ", " and "]) + cardinal(tail))
    if head == 20 and tail < 20 and rng.random() < 0.4:
        return "two thousand " + cardinal(tail)
    if tail == 0:
        return cardinal(head) + " hundred"
    if tail < 10:
        return cardinal(head) + " oh " + cardinal(tail)
    return cardinal(head) + " " + cardinal(tail)


def tokens(words: str) -> Tokens:
    """Words that are said as they are written."""
    return [(word, word) for word in words.split()]


def length(rng: random.Random) -> int:
    """How many digits a caller gives, 2 to 16."""
    return rng.choice(_LENGTHS)


def random_digits(rng: random.Random, count: int) -> list[int]:
    """`count` digits, every order equally likely, but for one string in twenty that holds a run of one digit."""
    digits = [rng.randrange(10) for _ in range(count)]
    if count > 2 and rng.random() < 0.05:
        start = rng.randrange(count - 1)
        end = rng.randint(start + 2, count)
        digits[start:end] = [digits[start]] * (end - start)
    return digits


def digit_string(rng: random.Random, count: int) -> Tokens:
    """`count` digits as a caller says them."""
    return say_digits(rng, random_digits(rng, count))


def say_digits(rng: random.Random, digits: list[int], style: str | None = None) -> Tokens:
    """`digits` said one by one, in groups, with "double" and "triple", or in tens and hundreds."""
    style = style or rng.choices(["single", "grouped", "double", "paired", "mixed"], [46, 30, 8, 8, 8])[0]
    oh = rng.random() < 0.35
    out: Tokens = []
    groups = _groups(rng, len(digits), style)
    start = 0
    for size in groups:
        group = digits[start : start + size]
        start += size
        said = _say_group(rng, group, style, oh)
        if style != "single" and start < len(digits) and rng.random() < 0.6:
            said[-1] = with_pause(said[-1], rng.choice([",", ",", ",", "."]))
        out.extend(said)
    if style == "single":
        _pauses(rng, out)
    return out


def _groups(rng: random.Random, count: int, style: str) -> list[int]:
    if style == "single":
        return [count]
    if style == "grouped" and count in (7, 10) and rng.random() < 0.7:
        return [3, 4] if count == 7 else [3, 3, 4]
    sizes = {"grouped": [2, 3, 3, 3, 4], "double": [2, 3, 4], "paired": [2], "mixed": [1, 2, 2, 3, 3, 4]}[style]
    regular = rng.choice(sizes) if style == "grouped" and rng.random() < 0.6 else 0
    groups: list[int] = []
    while (left := count - sum(groups)) > 0:
        groups.append(min(left, regular or rng.choice(sizes)))
    return groups


def _say_group(rng: random.Random, group: list[int], style: str, oh: bool) -> Tokens:
    if style in ("paired", "mixed") and (style == "paired" or rng.random() < 0.6):
        value = int("".join(map(str, group)))
        if len(group) == 2 and group[0] > 0:
            return tokens(cardinal(value))
        if len(group) == 2 and rng.random() < 0.5:
            return tokens(f"{'oh' if oh else 'zero'} {_digit(group[1], oh)}")
        if len(group) == 3 and group[0] > 0:
            return tokens(_three(rng, group, oh))
        if len(group) == 4 and group[0] > 0:
            return tokens(_four(rng, value))
    out: Tokens = []
    at = 0
    while at < len(group):
        run = 1
        while at + run < len(group) and group[at + run] == group[at]:
            run += 1
        name = _digit(group[at], oh)
        if run >= 3 and (style == "double" or rng.random() < 0.1):
            out += tokens(f"triple {name}")
            at += 3
        elif run >= 2 and (style == "double" or rng.random() < 0.1):
            out += tokens(f"double {name}")
            at += 2
        else:
            out += tokens(name)
            at += 1
    return out


def _three(rng: random.Random, group: list[int], oh: bool) -> str:
    value = group[0] * 100 + group[1] * 10 + group[2]
    if value % 100 == 0 or rng.random() < 0.5:
        return cardinal(value, rng.random() < 0.5)
    if group[1] == 0:
        return f"{DIGITS[group[0]]} {_digit(0, oh)} {_digit(group[2], oh)}"
    return f"{DIGITS[group[0]]} {cardinal(value % 100)}"


def _four(rng: random.Random, value: int) -> str:
    high, low = divmod(value, 100)
    if value % 1000 == 0 or rng.random() < 0.3:
        return cardinal(value, rng.random() < 0.4)
    if low == 0:
        return f"{cardinal(high)} hundred"
    return f"{cardinal(high)} {'oh ' if low < 10 else ''}{cardinal(low)}"


def _digit(digit: int, oh: bool) -> str:
    return "oh" if digit == 0 and oh else DIGITS[digit]


def _pauses(rng: random.Random, out: Tokens) -> None:
    """Digits dictated one by one: fluent, with pauses here and there, or a pause after each."""
    rate = rng.choice([0.0, 0.1, 0.25, 0.25, 0.5, 0.95])
    for index in range(len(out) - 1):
        if out[index][0] not in ("double", "triple") and rng.random() < rate:
            out[index] = with_pause(out[index], rng.choice([",", ",", ",", "."]))


def repeated_groups(rng: random.Random, count: int) -> Tokens:
    """Digits of which one group is corrected: "four five six, no, four five seven, one two"."""
    size = rng.choice([2, 3, 3, 4])
    wrong = random_digits(rng, size)
    right = list(wrong)
    right[rng.randrange(size)] = rng.randrange(10)
    middle = rng.choice(["no", "sorry", "no sorry", "I mean", "no wait", "correction", "no that's", "no it's", "no I meant"])
    head = say_digits(rng, random_digits(rng, rng.choice([0, 2, 3])), "single")
    out = head + say_digits(rng, wrong, "single")
    out[-1] = with_pause(out[-1])
    correction = tokens(middle)
    correction[-1] = with_pause(correction[-1]) if rng.random() < 0.5 else correction[-1]
    out += correction + say_digits(rng, right, "single")
    if rng.random() < 0.5:
        out[-1] = with_pause(out[-1])
        out += say_digits(rng, random_digits(rng, max(1, count - size)), "single")
    return out
