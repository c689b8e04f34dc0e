"""The generated non-speech: every kind sounds, repeats and stays within its bounds."""

import io
import tempfile
import unittest
import wave
from pathlib import Path

import numpy as np

import noise
from noise.__main__ import write_clips


class Drawing(unittest.TestCase):
    def test_every_kind_fills_any_length_and_is_heard(self) -> None:
        for kind in noise.KINDS:
            for seconds in (0.2, 1.0, 4.3):
                for seed in range(3):
                    with self.subTest(kind=kind, seconds=seconds, seed=seed):
                        sound, name = noise.draw(np.random.default_rng(seed), seconds, kind=kind)
                        self.assertEqual(name, kind)
                        self.assertEqual(sound.dtype, np.float32)
                        self.assertEqual(len(sound), round(seconds * noise.SAMPLE_RATE))
                        self.assertTrue(np.isfinite(sound).all())
                        peak = float(np.abs(sound).max())
                        self.assertLessEqual(peak, 1.0)
                        self.assertEqual(peak == 0.0, kind == "silence")

    def test_the_seed_decides(self) -> None:
        for kind in noise.KINDS:
            first, again, other = (
                noise.draw(np.random.default_rng(seed), 2.0, kind=kind, level_db=-6)[0]
                for seed in (5, 5, 6)
            )
            np.testing.assert_array_equal(first, again)
            if kind not in ("silence", "dial"):  # a dial tone has three forms only
                self.assertFalse(np.array_equal(first, other), kind)

    def test_training_never_hears_the_kinds_for_evaluation(self) -> None:
        rng = np.random.default_rng(1)
        heard = {noise.draw(rng, 0.05)[1] for _ in range(600)}
        self.assertFalse(heard & noise.EVALUATION_ONLY)
        self.assertGreater(len(heard), 25)
        kept = {noise.draw(rng, 0.05, held_out=True)[1] for _ in range(60)}
        self.assertLessEqual(kept, noise.EVALUATION_ONLY)

    def test_level_is_as_asked(self) -> None:
        for kind in ("pink", "cough", "music-a"):
            sound, _ = noise.draw(np.random.default_rng(2), 3.0, kind=kind, level_db=-20)
            self.assertAlmostEqual(20 * np.log10(np.abs(sound).max()), -20, places=3)

    def test_dtmf_holds_one_row_and_one_column_frequency(self) -> None:
        sound, _ = noise.draw(np.random.default_rng(4), 0.2, kind="dtmf")
        power = np.abs(np.fft.rfft(sound, 16_000))
        low, high = (list(range(650, 1000)), list(range(1150, 1700)))
        row = low[int(np.argmax(power[low]))]
        column = high[int(np.argmax(power[high]))]
        self.assertLess(min(abs(row - f) for f in (697, 770, 852, 941)), 8)
        self.assertLess(min(abs(column - f) for f in (1209, 1336, 1477, 1633)), 8)

    def test_babble_is_made_of_the_given_speech(self) -> None:
        tone = (10_000 * np.sin(2 * np.pi * 437 * np.arange(32_000) / 16_000)).astype(np.int16)
        sound, _ = noise.draw(np.random.default_rng(3), 4.0, kind="babble", speech=[tone])
        power = np.abs(np.fft.rfft(sound)) ** 2
        self.assertAlmostEqual(np.argmax(power) / 4.0, 437, delta=2)


class Clips(unittest.TestCase):
    def test_manifest_names_every_clip_with_an_empty_transcript(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            count = write_clips(path, 60.0, seed=1, held_out=None)
            header, *rows = (path / "manifest.tsv").read_text().splitlines()
            self.assertEqual(header.split("\t")[:2], ["path", "transcript"])
            self.assertEqual(len(rows), count)
            total = 0.0
            for row in rows:
                name, transcript, _kind = row.split("\t")
                self.assertEqual(transcript, "")
                with wave.open(io.BytesIO((path / name).read_bytes())) as clip:
                    self.assertEqual((clip.getframerate(), clip.getnchannels()), (16_000, 1))
                    total += clip.getnframes() / 16_000
            self.assertGreaterEqual(total, 60.0)
            self.assertLess(total, 62.0)


if __name__ == "__main__":
    unittest.main()
