"""The synthetic speakers: who is held out, what an utterance is, how a corpus survives."""

import logging
import random
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path
from unittest import mock

import numpy as np

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent)]

import voices  # noqa: E402
from voices import corpus, roster, saying, shards, splice, waveform  # noqa: E402
from voices.speaker import EngineMissing  # noqa: E402

RATE = voices.SAMPLE_RATE
STATE = voices.available_engines()


def needs(engine: str):  # type: ignore[no-untyped-def]
    """Skips a test with the reason when the engine is absent."""
    return unittest.skipIf(STATE[engine], f"{engine}: {STATE[engine]}")


def tone(seconds: float, frequency: float, rate: int = RATE) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return np.sin(2 * np.pi * frequency * t).astype(np.float32)


class Waveform(unittest.TestCase):
    def test_resampling_keeps_the_tone_and_its_level(self) -> None:
        out = waveform.resample(tone(1.0, 1000.0, 22_050), RATE / 22_050)
        self.assertAlmostEqual(len(out), RATE, delta=RATE // 200)
        middle = out[4000:12000]
        power = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
        self.assertAlmostEqual(np.argmax(power) * RATE / len(middle), 1000, delta=6)
        self.assertAlmostEqual(float(np.abs(middle).max()), 1.0, delta=0.02)

    def test_resampling_down_leaves_no_alias(self) -> None:
        out = waveform.resample(tone(1.0, 10_000.0, 22_050), RATE / 22_050)
        self.assertLess(float(np.abs(out[2000:-2000]).max()), 0.01)

    def test_trim_leaves_just_the_margins(self) -> None:
        sound = np.concatenate([np.zeros(RATE), tone(0.5, 300), np.zeros(RATE // 100)])
        out = waveform.trim(sound.astype(np.float32), RATE, 0.03, 0.04)
        self.assertAlmostEqual(len(out) / RATE, 0.57, delta=0.011)

    def test_silence_is_refused(self) -> None:
        for sound in (np.zeros(RATE, np.float32), np.empty(0, np.float32)):
            with self.assertRaises(waveform.Silent):
                waveform.finish(sound, RATE, RATE, np.random.default_rng(1))

    def test_joined_words_keep_order_and_pause_no_longer_than_allowed(self) -> None:
        words = [(tone(0.2, f) * 9000).astype(np.int16) for f in (400, 800, 1600)]
        for seed in range(20):
            out = splice.join(words, np.random.default_rng(seed))
            self.assertEqual(out.dtype, np.int16)
            self.assertLessEqual(len(out) / RATE, 0.6 + 2 * splice.LONGEST_GAP_S + 0.001)
            first = np.abs(np.fft.rfft(out[: RATE // 5]))
            self.assertAlmostEqual(np.argmax(first) * 5, 400, delta=10)


class Roster(unittest.TestCase):
    def test_no_speaker_is_both_trained_and_held_out(self) -> None:
        training, held_out = voices.speakers(False), voices.speakers(True)
        self.assertFalse({s.name for s in training} & {s.name for s in held_out})
        self.assertEqual(len({s.name for s in training}), len(training))
        self.assertFalse(any(s.held_out or s.engine_held_out for s in training))
        self.assertTrue(all(s.held_out for s in held_out))

    @needs("espeak-ng")
    def test_the_scottish_accent_and_the_named_variants_are_not_trained(self) -> None:
        for speaker in voices.speakers(False):
            if speaker.engine == "espeak-ng":
                accent, variant = speaker.voice.split("+")
                self.assertNotEqual(accent, "en-gb-scotland")
                self.assertNotIn(variant, ("f2", "m3", "klatt3"))

    @needs("festival")
    def test_festival_is_held_out_whole(self) -> None:
        self.assertNotIn("festival", {s.engine for s in voices.speakers(False)})
        festival = [s for s in voices.speakers(True) if s.engine == "festival"]
        self.assertTrue(festival and all(s.engine_held_out for s in festival))

    def test_a_missing_engine_is_left_out_with_a_warning(self) -> None:
        name = next(name for name, problem in STATE.items() if not problem)
        others = {k: "absent. hint: install" if k != name else "" for k in STATE}
        with mock.patch.object(roster, "available_engines", return_value=others):
            held_out = name == "festival"
            with self.assertLogs("voices.roster", logging.WARNING) as logs:
                found = roster.speakers(held_out)
        self.assertEqual({s.engine for s in found}, {name})
        self.assertIn("hint", logs.output[0])

    def test_without_any_engine_the_error_says_what_to_install(self) -> None:
        nothing = {name: "absent" for name in STATE}
        with mock.patch.object(roster, "available_engines", return_value=nothing):
            with self.assertLogs("voices.roster"), self.assertRaisesRegex(EngineMissing, "install"):
                roster.speakers(False)

    def test_engines_are_drawn_by_their_share(self) -> None:
        draw, rng = roster.Draw(voices.speakers(False)), np.random.default_rng(1)
        counts = Counter(draw(rng).engine for _ in range(2000))
        total = sum(roster.ENGINES[name][2] for name in counts)
        for name, count in counts.items():
            self.assertAlmostEqual(count / 2000, roster.ENGINES[name][2] / total, delta=0.05)


class Speaking(unittest.TestCase):
    def check(self, engine: str, held_out: bool) -> None:
        among = [s for s in voices.speakers(held_out) if s.engine == engine]
        rng = np.random.default_rng(3)
        for index in rng.integers(0, len(among), 6):
            speaker = among[int(index)]
            long, short = (speaker.speak(t, np.random.default_rng(9)) for t in
                           ("my order number is four five six seven", "no"))  # fmt: skip
            with self.subTest(speaker=speaker.name):
                self.assertEqual(long.dtype, np.int16)
                self.assertGreater(len(long), 1.0 * RATE)
                self.assertLess(len(long), 8.0 * RATE)
                self.assertLess(len(short), len(long) / 2)
                self.assertAlmostEqual(int(np.abs(long.astype(int)).max()), 31_129, delta=40)
                quiet = np.abs(long[: RATE // 100].astype(int)).max()
                self.assertLess(quiet, 3000)  # the margin before the speech

    @needs("espeak-ng")
    def test_espeak(self) -> None:
        self.check("espeak-ng", False)

    @needs("flite")
    def test_flite(self) -> None:
        self.check("flite", False)

    @needs("festival")
    def test_festival(self) -> None:
        self.check("festival", True)

    @needs("festival")
    def test_text_cannot_give_festival_commands(self) -> None:
        speaker = next(s for s in voices.speakers(True) if s.engine == "festival")
        sound = speaker.speak('yes") (quit) ("', np.random.default_rng(1))
        self.assertGreater(len(sound), 1000)
        self.assertGreater(len(speaker.speak("no", np.random.default_rng(1))), 1000)

    @needs("flite")
    def test_the_generator_decides_the_manner(self) -> None:
        speaker = next(s for s in voices.speakers(False) if s.engine == "flite")
        one, same, other = (speaker.speak("hello", np.random.default_rng(n)) for n in (1, 1, 2))
        np.testing.assert_array_equal(one, same)
        self.assertNotEqual(len(one), len(other))


class Corpus(unittest.TestCase):
    def speak(self, folder: Path, *more: str) -> int:
        arguments = ["--out", str(folder), "--count", "30", "--seed", "5", "--jobs", "1",
                     "--source", "voices.standin:Source", *more]  # fmt: skip
        return corpus.main(arguments)

    def setUp(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = Path(self._folder.name)

    def test_shards_hold_what_was_drawn_and_are_not_made_twice(self) -> None:
        with mock.patch.object(shards, "SHARD_SIZE", 20):
            self.assertEqual(self.speak(self.folder), 0)
            paths = sorted(self.folder.glob("shard-*.npz"))
            self.assertEqual([p.name for p in paths], ["shard-00000.npz", "shard-00001.npz"])
            said = [u for path in paths for u in shards.read(path)]
            self.assertEqual(len(said), 30)
            self.assertTrue(all(len(u.samples) > 1000 and u.text and u.speaker for u in said))
            before = [path.stat().st_mtime_ns for path in paths]
            paths[1].unlink()
            self.assertEqual(self.speak(self.folder), 0)
            self.assertEqual(paths[0].stat().st_mtime_ns, before[0])
            again = [u.text for path in paths for u in shards.read(path)]
            self.assertEqual(again, [u.text for u in said])

    def test_a_folder_is_not_mixed_from_two_corpora(self) -> None:
        (self.folder / "corpus.json").write_text("{}")
        with self.assertLogs("voices.corpus", logging.ERROR) as logs:
            self.assertEqual(self.speak(self.folder), 2)
        self.assertIn("hint", logs.output[0])

    def test_a_crash_costs_one_sentence(self) -> None:
        with self.assertLogs("voices.corpus", logging.WARNING) as logs:
            code = self.speak(self.folder, "--source", "crashing_source:Source")
        self.assertEqual(code, 0)
        crashes = sum("crashed" in line for line in logs.output)
        said = list(shards.read(shards.shard_path(self.folder, 0)))
        self.assertGreater(crashes, 0)
        self.assertEqual(len(said) + crashes, 30)

    def test_some_digit_strings_are_spoken_word_by_word(self) -> None:
        plan = saying.Plan(1, False, "voices.standin:Source", {}, None, self._folder.name)
        sayer = saying.Sayer(plan)
        kinds = Counter(u.kind for n in range(60) if (u := sayer.say(0, n)))
        self.assertGreater(kinds["digits/spliced"], 0)
        self.assertGreater(kinds["digits"], kinds["digits/spliced"])

    def test_the_stand_in_repeats(self) -> None:
        one, two = (voices_standin().draw(random.Random(4)) for _ in range(2))
        self.assertEqual(one, two)


def voices_standin():  # type: ignore[no-untyped-def]
    from voices.standin import Source

    return Source()


if __name__ == "__main__":
    unittest.main()
