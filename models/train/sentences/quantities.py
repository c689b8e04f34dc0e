"""Amounts of money, dates and times in the forms that callers use."""

from __future__ import annotations

import random

from .numbers import cardinal, ordinal, tokens, year
from .tokens import Tokens, plain, with_pause

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def amount(rng: random.Random) -> Tokens:
    """An amount of money."""
    value = rng.choice([rng.randint(1, 20), rng.randint(20, 99), rng.randint(100, 999), rng.randint(1000, 9999),
                        rng.choice([50, 100, 150, 200, 250, 300, 500, 750, 1000, 1200, 1500, 2000, 2500, 5000]),
                        rng.randint(10, 99) * 1000])
    unit = rng.choice(["dollar", "dollar", "dollar", "euro", "pound", ""])
    roll = rng.random()
    cents = rng.randint(1, 99)
    if roll < 0.03:
        return tokens(rng.choice(["a hundred dollars", "a thousand dollars", "a hundred and fifty dollars",
                                  "half a million dollars", "a couple of hundred dollars", "one and a half thousand",
                                  "a dollar fifty", "fifty cents", "twenty five cents", "a hundred bucks",
                                  "fifty bucks", "twenty bucks", "a thousand euros", "a hundred pounds"]))
    if roll < 0.10 and value >= 1100 and value < 9999 and value % 1000 > 0:
        hundreds, rest = divmod(value, 100)
        words = f"{cardinal(hundreds)} hundred" + (f" {cardinal(rest)}" if rest else "")
        return tokens(f"{words} {_plural(unit or 'dollar', value)}")
    words = cardinal(value, rng.random() < 0.35)
    if not unit:
        return tokens(words)
    if roll < 0.22:
        minor = {"dollar": "cent", "euro": "cent", "pound": "penny"}[unit]
        minors = "pence" if minor == "penny" and cents > 1 else _plural(minor, cents)
        return tokens(f"{words} {_plural(unit, value)} {rng.choice(['and ', 'and ', ''])}{cardinal(cents)} {minors}")
    if roll < 0.34 and value < 1000:
        small = cardinal(cents) if cents >= 10 else "oh " + cardinal(cents)
        return tokens(f"{words} {rng.choice(['', '', _plural(unit, value) + ' '])}{small}")
    if roll < 0.37 and value < 1000:
        return tokens(f"{words} point {cardinal(rng.randint(1, 9))} {cardinal(rng.randint(0, 9))}")
    return tokens(f"{words} {_plural(unit, value)}")


def _plural(unit: str, value: int) -> str:
    return unit if value == 1 else unit + "s"


def percent(rng: random.Random) -> Tokens:
    """A percentage."""
    point = f" point {cardinal(rng.randint(1, 9))}" if rng.random() < 0.4 else ""
    return tokens(f"{cardinal(rng.randint(1, 100))}{point} percent")


def day(rng: random.Random) -> Tokens:
    """A weekday."""
    return tokens(rng.choice(DAYS))


def month(rng: random.Random) -> Tokens:
    """A month."""
    return tokens(rng.choice(MONTHS))


def _month_day(rng: random.Random) -> tuple[int, int]:
    number = rng.randrange(12)
    return number, rng.randint(1, _MONTH_DAYS[number])


def calendar_day(rng: random.Random) -> Tokens:
    """Day and month, perhaps with the weekday before or the year after."""
    number, of_month = _month_day(rng)
    name, nth = MONTHS[number], ordinal(of_month)
    words = rng.choice([f"{name} {nth}", f"{name} {nth}", f"{name} the {nth}", f"the {nth} of {name}",
                        f"the {nth} of {name}", f"{name} {cardinal(of_month)}", f"{nth} of {name}",
                        f"{nth} {name}", f"{cardinal(of_month)} {name}"])
    if rng.random() < 0.15:
        words = f"{rng.choice(DAYS)} {words}"
    out = tokens(words)
    if rng.random() < 0.15:
        out[-1] = with_pause(out[-1]) if rng.random() < 0.5 else out[-1]
        out += tokens(year(rng, rng.randint(2020, 2032)))
    return out


_RELATIVE = ["today", "tomorrow", "yesterday", "tonight", "the day after tomorrow", "the day before yesterday", "next week", "this week", "last week", "next month", "last month", "this month", "this weekend", "next weekend", "tomorrow morning", "tomorrow afternoon", "tomorrow evening", "this morning", "this afternoon", "this evening", "a week from today", "a week from now", "two weeks ago", "a week ago", "three days ago", "last year", "next year", "the end of the month", "the beginning of next week", "later today", "early next week", "the end of the week", "the first of the month", "a month ago", "the other day", "the weekend", "last night", "yesterday morning"]
_WHEN = ["in a week", "in two weeks", "in three weeks", "in four weeks", "in a fortnight", "in a month", "in two months", "in six months", "in a few days", "in two days", "in three days", "in ten days", "as soon as possible", "any day", "any time", "right now", "at the weekend", "on the weekend", "on the first", "at the end of the month", "by the end of the week", "in the summer", "at the beginning of next week", "within two weeks", "over the weekend", "during the week", "before the weekend"]


def date(rng: random.Random) -> Tokens:
    """A day, absolute or relative, as it may follow "until"."""
    roll = rng.random()
    if roll < 0.45:
        return calendar_day(rng)
    if roll < 0.64:
        return tokens(rng.choice(_RELATIVE))
    weekday = rng.choice(DAYS)
    if roll < 0.88:
        return tokens(rng.choice([weekday, weekday, f"next {weekday}", f"this {weekday}", f"last {weekday}",
                                  f"{weekday} next week", f"this coming {weekday}", f"{weekday} in two weeks",
                                  f"{weekday} {rng.choice(['morning', 'afternoon', 'evening'])}"]))
    if roll < 0.96:
        return tokens(f"the {ordinal(rng.randint(1, 31))}")
    return tokens(f"{cardinal(rng.randint(2, 30))} days ago")


def when(rng: random.Random) -> Tokens:
    """A day as the answer to "when?"."""
    roll = rng.random()
    if roll < 0.4:
        return tokens(rng.choice(_WHEN))
    if roll < 0.7:
        return tokens("on") + (calendar_day(rng) if roll < 0.55 else day(rng))
    return tokens(rng.choice([f"in {cardinal(rng.randint(2, 30))} days", f"in {cardinal(rng.randint(2, 12))} weeks",
                              f"in {rng.choice(MONTHS)}", f"next {rng.choice(MONTHS)}",
                              f"a week on {rng.choice(DAYS)}", f"{rng.choice(DAYS)} or {rng.choice(DAYS)}",
                              f"at the end of {rng.choice(MONTHS)}", f"in the middle of {rng.choice(MONTHS)}",
                              f"at the beginning of {rng.choice(MONTHS)}", f"on the {ordinal(rng.randint(1, 31))}"]))


def birth_date(rng: random.Random) -> Tokens:
    """A date of birth, 1920 to 2010."""
    number, of_month = _month_day(rng)
    born = rng.randint(1920, 2010)
    said = year(rng, born)
    roll = rng.random()
    if roll < 0.22:
        short = born % 100
        tail = said if rng.random() < 0.4 or short < 1 else ("oh " if short < 10 else "") + cardinal(short)
        one, two = ("oh " if rng.random() < 0.3 and number < 9 else ""), ("oh " if rng.random() < 0.2 and of_month < 10 else "")
        first, second = tokens(one + cardinal(number + 1)), tokens(two + cardinal(of_month))
        if rng.random() < 0.4:
            first[-1], second[-1] = with_pause(first[-1]), with_pause(second[-1])
        return first + second + tokens(tail)
    name, nth = MONTHS[number], ordinal(of_month)
    head = rng.choice([f"{name} {nth}", f"{name} {nth}", f"the {nth} of {name}", f"{name} the {nth}",
                       f"{nth} of {name}", f"{name} {cardinal(of_month)}", f"{cardinal(of_month)} {name}"])
    out = tokens(head)
    if rng.random() < 0.4:
        out[-1] = with_pause(out[-1])
    if roll > 0.95 and born < 2000:
        return out + tokens(cardinal(born % 100) if born % 100 > 9 else said)
    return out + tokens(said)


def time(rng: random.Random) -> Tokens:
    """A time of day; a m and p m are two letters, as the recogniser writes them."""
    hour = cardinal(rng.randint(1, 12))
    roll = rng.random()
    if roll < 0.22:
        words = hour + rng.choice([" o'clock", " o'clock", "", " sharp"])
    elif roll < 0.45:
        words = f"{hour} {rng.choice(['thirty', 'fifteen', 'forty five', 'thirty', 'ten', 'twenty', 'twenty five', 'fifty', 'forty', 'oh five', 'fifty five', 'thirty five'])}"
    elif roll < 0.52:
        minute = rng.randint(1, 59)
        words = f"{hour} {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    elif roll < 0.68:
        words = rng.choice(["half past", "quarter past", "quarter to", "a quarter to", "a quarter past", "ten past",
                            "twenty past", "ten to", "five to", "five past", "twenty to", "half"]) + " " + hour
    elif roll < 0.80:
        return tokens(rng.choice(["noon", "midnight", "midday", "in the morning", "in the afternoon", "in the evening", "at night", "at noon", "around lunchtime", "early in the morning", "late in the afternoon", "after work", "before noon", "any time", "first thing in the morning", "after lunch", "the earliest"]))
    else:
        words = f"{rng.choice(['around', 'about', 'after', 'before', 'at', 'by', 'between ' + cardinal(rng.randint(1, 12)) + ' and', 'from'])} {hour}"
    out = tokens(words)
    if rng.random() < 0.45:
        out += rng.choice([[("eigh", "a"), ("M", "m")], [("P", "p"), ("M", "m")], [("P", "p"), ("M", "m")],
                           plain("in the morning"), plain("in the afternoon"), plain("in the evening"),
                           plain("at night"), plain("tonight"), plain("tomorrow")])
    return out
