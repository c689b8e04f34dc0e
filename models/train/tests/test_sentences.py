"""Tests of the training sentences: `python3.11 -m unittest discover -s tests` in models/train."""

from __future__ import annotations

import random
import re
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

_TRAIN = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(_TRAIN))

from sentences import PhraseError, Sentence, Source, Template, eval_sets, numbers, quantities
from sentences.tokens import text_of

_SHOP = _TRAIN.parent.parent / "src" / "domains" / "shop"
_PHRASES = _TRAIN / "phrases"
_DRAWS = 20_000


class Drawn(unittest.TestCase):
    """What comes out of the shop and the phrases of this repository."""

    source: Source
    drawn: list[Sentence]

    @classmethod
    def setUpClass(cls) -> None:
        cls.source = Source([_SHOP], _PHRASES)
        rng = cls.source.rng("test")
        cls.drawn = [cls.source.draw(rng) for _ in range(_DRAWS)]

    def test_text_is_words_only(self) -> None:
        for sentence in self.drawn:
            self.assertRegex(sentence.text, r"^([A-Za-z']+( [A-Za-z']+)*)?$", sentence)
            self.assertFalse(re.search(r"(^| )'", sentence.text), sentence)

    def test_spoken_has_no_digits_and_no_brackets(self) -> None:
        for sentence in self.drawn:
            self.assertRegex(sentence.spoken, r"^[A-Za-z',.?!;: ]+$", sentence)

    def test_hesitations_are_spoken_and_not_written(self) -> None:
        sounds = {"um", "er", "umm", "erm"}
        heard = [one for one in self.drawn if sounds & set(re.findall(r"[a-z]+", one.spoken))]
        self.assertGreater(len(heard), _DRAWS // 50)
        self.assertFalse([one for one in heard if sounds & set(one.text.split())])

    def test_only_a_hesitation_has_an_empty_text(self) -> None:
        self.assertEqual({one.kind for one in self.drawn if not one.text}, {"hesitation"})

    def test_same_seed_same_sentences(self) -> None:
        again = Source([_SHOP], _PHRASES)
        rng = again.rng("test")
        self.assertEqual([again.draw(rng) for _ in range(500)], self.drawn[:500])

    def test_namespaces_differ(self) -> None:
        other = Source([_SHOP], _PHRASES, "other")
        rng = other.rng("test")
        self.assertNotEqual([other.draw(rng) for _ in range(50)], self.drawn[:50])

    def test_held_out_is_never_drawn(self) -> None:
        self.assertFalse([one for one in self.drawn if self.source.is_held_out(one.text)])
        held_out = {one.source for one in Source([_SHOP], _PHRASES, held_out=True).templates() if one.longest() > 2}
        mine = {one.source for one in self.source.templates()}
        exempt = {one.source for kind in ("yes", "no", "single", "digits_lead") for one in self.source.sections[kind]}
        self.assertGreater(len(held_out), 100)
        self.assertFalse((held_out & mine) - exempt)

    def test_evaluation_texts_are_held_out(self) -> None:
        sets = eval_sets([_SHOP], _PHRASES, random.Random(3))
        sizes = {"domain": 300, "unseen": 200, "digits10": 100, "names": 100, "dates": 100, "amounts": 60,
                 "letters": 60, "out_of_domain": 100}
        for name, size in sizes.items():
            self.assertEqual(len(sets[name]), size, name)
        self.assertGreaterEqual(len(sets["yesno"]), 60)
        for name in set(sizes) - {"digits10"}:
            self.assertFalse([one for one in sets[name] if not self.source.is_held_out(one.text)], name)
        trained = {one.text for one in self.drawn}
        self.assertFalse(trained & {one.text for one in sets["digits10"]})
        self.assertEqual(sets, eval_sets([_SHOP], _PHRASES, random.Random(3)))

    def test_every_example_of_the_shop_is_reachable(self) -> None:
        held_out = Source([_SHOP], _PHRASES, held_out=True)
        reachable = {one.where for source in (self.source, held_out) for one in source.templates()}
        examples = self.source.domains[0].examples
        self.assertGreater(len(examples), 100)
        self.assertFalse([one.where for one in examples if one.where not in reachable])

    def test_digits_are_a_quarter_and_every_order_comes(self) -> None:
        share = sum(one.kind in ("digits", "single_digit") for one in self.drawn) / _DRAWS
        self.assertTrue(0.23 < share < 0.32, share)
        pairs = {tuple(numbers.random_digits(random.Random(seed), 2)) for seed in range(3000)}
        self.assertEqual(len(pairs), 100)


class NewFolder(unittest.TestCase):
    """A business of one's own."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "en").mkdir()
        self.wording = self.folder / "en" / "wording.toml"
        (self.folder / "store.sql").write_text(
            "CREATE TABLE pets (name TEXT, room TEXT);\n"
            "INSERT INTO pets VALUES ('parrot', '101'), ('guinea-pig no. 7', '205');\n")
        (self.folder / "tasks.toml").write_text(
            '[slots.night]\nkind = "date"\n[slots.pet]\nkind = "record"\nfrom = "pets"\nlabel = "name"\n'
            '[slots.room]\nkind = "record"\nfrom = "pets"\nlabel = "room"\n'
            '[slots.meal]\nkind = "choice"\noptions = ["seeds"]\n')
        self.write('"open for 2 of us", "my {pet} swims"')

    def write(self, examples: str) -> None:
        self.wording.write_text('title = "Blue Lagoon"\nbias = "Is the pool open?"\n'
                                f'[tasks.swim]\nexamples = [\n  {examples},\n]\n'
                                '[options.meal]\nseeds = ["bird seed"]\n')

    def test_works_without_code(self) -> None:
        self.write('"a {pet} at {title} in room {room} from {night} with {meal} for 2 of us"')
        example = Source([self.folder], _PHRASES).domains[0]
        fillers = Source([self.folder], _PHRASES).fillers | example.fillers
        ours = next(one for one in example.examples if "pet" in one.source)
        texts = {text_of(ours.render(random.Random(seed), fillers)) for seed in range(200)}
        self.assertTrue(any(text.startswith("a guinea pig no seven at Blue Lagoon in room") for text in texts))
        self.assertTrue(all(text.endswith("with bird seed for two of us") for text in texts))
        self.assertGreater(len(texts), 100)

    def test_questions_of_pages_are_phrases(self) -> None:
        (self.folder / "en" / "pages").mkdir()
        (self.folder / "en" / "pages" / "pool.md").write_text("# Pool\nask: Is it heated?\nIt is.\n")
        sources = [one.source for one in Source([self.folder], _PHRASES).domains[0].phrases]
        self.assertIn("is it heated", sources)

    def test_unknown_placeholder_names_file_line_and_placeholder(self) -> None:
        self.write('"swim",\n  "my {crocodile} swims"')
        with self.assertRaisesRegex(PhraseError, r"wording\.toml:6: \[swim\]: unknown placeholder \{crocodile\}.*hint"):
            Source([self.folder], _PHRASES)

    def test_broken_toml_names_its_file(self) -> None:
        self.wording.write_text("[tasks.swim\n")
        with self.assertRaisesRegex(PhraseError, r"wording\.toml: cannot be read"):
            Source([self.folder], _PHRASES)

    def test_broken_data_names_its_file(self) -> None:
        (self.folder / "store.sql").write_text("CREATE TABEL pets;")
        with self.assertRaisesRegex(PhraseError, r"store\.sql: cannot be read"):
            Source([self.folder], _PHRASES)

    def test_weights_must_name_known_kinds(self) -> None:
        phrases = self.folder / "phrases"
        shutil.copytree(_PHRASES, phrases)
        weights = phrases / "weights.toml"
        weights.write_text(weights.read_text().replace("yes = ", "yess = "))
        with self.assertRaisesRegex(PhraseError, r"weights\.toml: unknown kind 'yess'"):
            Source([_SHOP], phrases)

    def test_phrase_error_names_file_and_line(self) -> None:
        phrases = self.folder / "phrases"
        shutil.copytree(_PHRASES, phrases)
        (phrases / "hotel.txt").write_text("# hotel\n== room ==\na room\na [single|double room\n")
        with self.assertRaisesRegex(PhraseError, r"hotel\.txt:4: '\[' is never closed at column 3"):
            Source([_SHOP], phrases)


class Templates(unittest.TestCase):
    """The template language."""

    def readings(self, source: str) -> set[str]:
        template = Template(source, "here:1")
        drawn = {text_of(template.render(random.Random(seed), {})) for seed in range(200)}
        self.assertEqual(drawn, set(template.readings()))
        return drawn

    def test_choices_nest(self) -> None:
        self.assertEqual(self.readings("[a [b|c]|d] (e)"), {"a b", "a c", "d", "a b e", "a c e", "d e"})
        self.assertEqual(self.readings("well, (x|y) z"), {"well z", "well x z", "well y z"})

    def test_errors(self) -> None:
        for source, message in [("a ]", "without its opening"), ("(a", "never closed"), ("{Slot}", "small letters"),
                                ("room 5", "write numbers"), ("a | b", "without its opening"), ("[I|'d] go", "begins with no letter"), ("{x", "followed by")]:
            with self.assertRaisesRegex(PhraseError, f"^file:7: .*{message}", msg=source):
                Template(source, "file:7")


class Numbers(unittest.TestCase):
    """Numbers as words."""

    def test_cardinals_and_ordinals(self) -> None:
        self.assertEqual(numbers.cardinal(0), "zero")
        self.assertEqual(numbers.cardinal(342, True), "three hundred and forty two")
        self.assertEqual(numbers.cardinal(12_005, True), "twelve thousand and five")
        self.assertEqual(numbers.cardinal(99_999), "ninety nine thousand nine hundred ninety nine")
        self.assertEqual([numbers.ordinal(n) for n in (1, 12, 20, 31)], ["first", "twelfth", "twentieth", "thirty first"])

    def test_digits_said_one_by_one_are_the_digits(self) -> None:
        names = {name: str(value) for value, name in enumerate(numbers.DIGITS)} | {"oh": "0"}
        for seed in range(300):
            rng = random.Random(seed)
            digits = numbers.random_digits(rng, 10)
            text = text_of(numbers.say_digits(rng, digits, rng.choice(["single", "grouped", "double"])))
            heard, times = "", 1
            for word in text.split():
                if word in ("double", "triple"):
                    times = 2 if word == "double" else 3
                else:
                    heard, times = heard + names[word] * times, 1
            self.assertEqual(heard, "".join(map(str, digits)), text)

    def test_days_exist(self) -> None:
        texts = {text_of(quantities.calendar_day(random.Random(seed))) for seed in range(5000)}
        self.assertFalse({text for text in texts if "February thirtieth" in text or "April thirty first" in text})
        self.assertIn("the fifth of March", texts)


if __name__ == "__main__":
    unittest.main()
