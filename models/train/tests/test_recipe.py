"""The parts between speech and file: features, channels, examples, export."""

from __future__ import annotations

import random
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
import whisper

import channel
import checkpoint
import data
import ggml
import tokens
from evaluate import hear, word_errors
from features import features, mel_filters
from network import Recognizer, Shape

TINY = Shape(width=64, heads=2, encoder_layers=1, decoder_layers=1, audio_context=100, text_context=32)


def corpus(count: int = 20) -> data.Corpus:
    generator = np.random.default_rng(1)
    lengths = generator.integers(8_000, 40_000, count)
    samples = (generator.standard_normal(int(lengths.sum())) * 3000).astype(np.int16)
    texts = [f"{random.Random(i).choice(['yes', 'no'])} please" for i in range(count)]
    return data.Corpus(samples, np.concatenate([[0], np.cumsum(lengths)]), texts, texts, ["x"] * count, ["a"] * count)


class Features(unittest.TestCase):
    def test_they_are_those_of_whisper(self):
        sound = np.random.default_rng(1).standard_normal(32_000).astype(np.float32) * 0.1
        theirs = whisper.log_mel_spectrogram(torch.from_numpy(sound)).numpy()
        ours = features(sound)
        np.testing.assert_allclose(ours[:, :199], theirs[:, :199], atol=1e-4)

    def test_a_telephone_band_at_8_khz_looks_like_the_same_sound_at_16_khz(self):
        t = np.arange(16_000) / 16_000
        sound = sum(np.sin(2 * np.pi * hz * t) for hz in (300, 1000, 2500)).astype(np.float32) * 0.1
        low = mel_filters()[:60] @ np.ones(201) > 0
        wide, narrow = features(sound), features(sound[::2], 8_000)
        loud = wide[:60, 5:90][low] > wide.max() - 0.5
        self.assertLess(np.abs(wide[:60, 5:90][low] - narrow[:60, 5:90][low])[loud].max(), 0.02)

    def test_a_longer_vocal_tract_moves_the_sound_down(self):
        t = np.arange(16_000) / 16_000
        sound = np.sin(2 * np.pi * 2000 * t).astype(np.float32)
        bands = [features(sound, warp=w)[:, 50].argmax() for w in (0.8, 1.0, 1.25)]
        self.assertEqual(bands, sorted(bands))
        self.assertLess(bands[0], bands[2])


class Channels(unittest.TestCase):
    def test_a_seed_gives_the_same_sound(self):
        sound = corpus()[0]
        noise = channel.Noise([np.ones(16_000, np.float16)])
        first = channel.through(sound, random.Random(4), noise, 1.0)
        second = channel.through(sound, random.Random(4), noise, 1.0)
        np.testing.assert_array_equal(first[0], second[0])

    def test_companding_keeps_38_db_of_a_loud_tone(self):
        tone = (0.5 * np.sin(np.arange(8_000) * 0.7)).astype(np.float32)
        for law in ("mu", "a"):
            error = channel.companded(tone, law) - tone
            self.assertGreater(10 * np.log10(np.mean(tone**2) / np.mean(error**2)), 36, law)

    def test_speech_may_be_played_at_any_speed(self):
        sound = np.ones(36_600, np.float32)
        for factor in np.linspace(0.85, 1.18, 200):
            played = channel.speed(sound, float(factor))
            self.assertAlmostEqual(len(played), len(sound) / factor, delta=4)
            self.assertTrue(np.allclose(played, 1))

    def test_noise_comes_at_the_ratio_asked_for(self):
        sound = (0.3 * np.sin(np.arange(32_000) * 0.3)).astype(np.float32)
        noise = np.random.default_rng(1).standard_normal(32_000).astype(np.float32)
        added = channel.add_noise(sound, noise, 10.0) - sound
        self.assertAlmostEqual(10 * np.log10(np.mean(sound**2) / np.mean(added**2)), 10.0, delta=0.3)


class Batches(unittest.TestCase):
    def test_an_epoch_has_every_utterance_once_and_no_batch_too_long(self):
        seconds = np.random.default_rng(2).uniform(0.3, 14, 3000)
        batches = data.plan(seconds, 1, 0, 100.0)
        self.assertEqual(sorted(i for b in batches for i in b), list(range(3000)))
        self.assertTrue(all(len(b) == 1 or (seconds[b].max() + 1) * len(b) <= 100 for b in batches))

    def test_examples_depend_on_seed_and_epoch_alone(self):
        speech = corpus()
        model = Recognizer(TINY, tokens.in_use(speech.texts))
        noise = data.noise_pool(speech, 1, 0.5)
        make = lambda: data.Examples(speech, noise, model.rows, 3).batch([1, 2], 5, 1.0)
        first, second = make(), make()
        self.assertTrue(torch.equal(first.mel, second.mel))
        self.assertTrue(torch.equal(first.rows_out, second.rows_out))


class Files(unittest.TestCase):
    def test_a_ggml_file_read_back_hears_the_same(self):
        torch.manual_seed(1)
        speech = corpus(4)
        model = Recognizer(TINY, tokens.in_use(speech.texts)).eval()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "model.bin"
            ggml.write(model, file, "f32")
            again = ggml.recognizer(file, [], TINY).eval()
        sounds = [(speech[i], 16_000) for i in range(4)]
        self.assertEqual(set(again.used), set(model.used))
        mel = torch.from_numpy(features(*sounds[0]))[None, :, :100]
        self.assertTrue(torch.allclose(model.encode(mel), again.encode(mel), atol=2e-3))
        self.assertEqual(hear(model, sounds), hear(again, sounds))

    def test_a_cut_file_is_refused_with_its_name(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "cut.bin"
            ggml.write(Recognizer(TINY, tokens.in_use(["yes"])), file, "q5_0")
            file.write_bytes(file.read_bytes()[:-100])
            with self.assertRaisesRegex(SystemExit, "cut.bin"):
                ggml.read(file)

    def test_new_words_join_a_checkpoint(self):
        model = Recognizer(TINY, tokens.in_use(["yes"]))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "last.pt"
            weights = {n: p.detach() for n, p in model.named_parameters()}
            checkpoint.save(file, shape=TINY, used=model.used, averaged=weights)
            wider = checkpoint.recognizer(checkpoint.load(file), used=tokens.in_use(["no"]))
        self.assertTrue(set(tokens.in_use(["yes", "no"])) <= set(wider.used))


class Pace(unittest.TestCase):
    def test_a_faster_voice_has_fewer_frames_in_the_same_order(self):
        mel = np.arange(100, dtype=np.float32)[None].repeat(80, 0)
        fast = data._paced(mel, 1.6)
        self.assertEqual(fast.shape, (80, 62))
        self.assertTrue((np.diff(fast[0]) > 0).all())
        self.assertEqual((fast[0, 0], fast[0, -1]), (0, 99))
        self.assertEqual(data._paced(mel[:, :2], 1.6).shape, (80, 2))

    def test_rare_kinds_are_picked_with_their_sound(self):
        all_of_it = corpus(6)
        all_of_it.kinds[2] = all_of_it.kinds[4] = "name"
        names = all_of_it.of_kinds(["name"])
        self.assertEqual(names.texts, [all_of_it.texts[2], all_of_it.texts[4]])
        np.testing.assert_array_equal(names[1], all_of_it[4])
        self.assertEqual(len(all_of_it.of_kinds(["no such kind"])), 0)


class Errors(unittest.TestCase):
    def test_word_errors_are_counted(self):
        self.assertEqual(word_errors("four five six", "four nine six six"), 2)


if __name__ == "__main__":
    unittest.main()
