"""Letters, spelled with and without a spelling alphabet, and codes that mix letters and digits.

Written form: capital letters with spaces ("S M I T H"), spelling words with a capital ("B as in Bravo").
"""

from __future__ import annotations

import random
import string

from .numbers import DIGITS, tokens
from .tokens import Token, Tokens, with_pause

NATO = ["Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliet", "Kilo", "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Uniform", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu"]
_OTHERS = ["Apple", "Adam", "Andrew", "Boy", "Baker", "Benjamin", "Cat", "Charles", "David", "Dog", "Edward", "Easy", "Frank", "Fox", "George", "Green", "Henry", "Harry", "Isaac", "Ida", "Jack", "John", "King", "Kate", "Larry", "Lion", "Mary", "Michael", "Nancy", "Nelly", "Orange", "Oliver", "Peter", "Paul", "Queen", "Robert", "Roger", "Sam", "Sugar", "Thomas", "Tom", "Union", "Uncle", "Vincent", "William", "Water", "Xavier", "Yellow", "Young", "Zebra", "Zero"]


def letter(char: str) -> Token:
    """A letter by its name; `phrases/respell.txt` keeps the voices from saying the article."""
    upper = char.upper()
    return (upper, upper)


def any_letter(rng: random.Random) -> str:
    """A random letter."""
    return rng.choice(string.ascii_uppercase)


def spell(rng: random.Random, word: str) -> Tokens:
    """`word` letter by letter, with pauses as callers make them; other signs than letters are left out."""
    rate = rng.choice([0.3, 0.6, 1.0, 1.0])
    out = []
    chars = [char for char in word if char.upper() in string.ascii_uppercase]
    at = 0
    while at < len(chars):
        if at + 1 < len(chars) and chars[at].lower() == chars[at + 1].lower() and rng.random() < 0.3:
            out += [("double", "double"), letter(chars[at])]
            at += 2
        else:
            out.append(letter(chars[at]))
            at += 1
        if rng.random() < rate and out and at < len(chars):
            out[-1] = with_pause(out[-1])
    return out


def _spelling_word(rng: random.Random, char: str) -> Tokens:
    others = [word for word in _OTHERS if word[0] == char]
    word = rng.choice(others) if others and rng.random() < 0.4 else NATO[ord(char) - ord("A")]
    return tokens(word.replace("-", " "))


def as_in(rng: random.Random) -> Tokens:
    """One to three letters made plain by words: "B as in Bravo"."""
    out: Tokens = []
    joint = rng.choice(["as in", "as in", "for", "like", "like in"])
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if out:
            out[-1] = with_pause(out[-1])
        char = any_letter(rng)
        out += [letter(char), *tokens(joint), *_spelling_word(rng, char)]
    return out


def nato(rng: random.Random) -> Tokens:
    """Letters by their words in the spelling alphabet, perhaps digits after them."""
    out: Tokens = []
    for _ in range(rng.choice([1, 2, 2, 3, 3, 4, 5])):
        word = tokens(NATO[rng.randrange(26)].replace("-", " "))
        if rng.random() < 0.4:
            word[-1] = with_pause(word[-1])
        out += word
    if rng.random() < 0.25:
        out += [(digit, digit) for digit in rng.choices(DIGITS, k=rng.randint(1, 4))]
    return out


def code(rng: random.Random) -> Tokens:
    """Letters and digits mixed, as in postcodes, bookings and order numbers."""
    shape = rng.choice(["LLDDDD", "LDDDDD", "LLDDL", "LDL DLD", "LLD DLL", "LLDD DLL", "LD DLL", "DDDL", "LDLD",
                        "LLL DDD", "DDLL", "LLDDDDDD", "LDDD", "LD", "LL DD", "DL"])
    oh = rng.random() < 0.3
    rate = rng.choice([0.1, 0.4, 0.8])
    out: Tokens = []
    for index, sign in enumerate(shape):
        if sign == " ":
            out[-1] = with_pause(out[-1])
            continue
        if sign == "L":
            token = letter(any_letter(rng))
        else:
            name = rng.choice(DIGITS)
            name = "oh" if name == "zero" and oh else name
            token = (name, name)
        out.append(with_pause(token) if rng.random() < rate and index + 1 < len(shape) else token)
    return out
