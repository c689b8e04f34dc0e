#!/usr/bin/env python3
"""Write models/voices/tone-test: the smallest ONNX graph with the signature of a Piper voice.

It says nothing: each phoneme becomes a short tone, 200 Hz plus 20 Hz for each step of its id. With it
the whole Piper path (settings, phonemes, ONNX Runtime, pace, resampling) is tested without a model of
many megabytes. Needs nothing but Python; the protobuf is written by hand.

    models/tools/make_tone_voice.py
"""

import json
import math
import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "voices" / "tone-test"
RATE_HZ = 22_050
# Samples per phoneme id at length scale 1: 20 ms.
HOP = 441.0
FLOAT, INT64 = 1, 7
# Pad, begin, end; marks; then what espeak-ng writes for the bundled languages (IPA).
SYMBOLS = "_^$ !',-.:;?abcdefghijklmnopqrstuvwxyzæçðøħŋœɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɡɣɤɥɨɪɫɬɭɯɲɳɵɸɹɻɽɾʁʂʃʈʉʊʋʌʎʏʐʑʒʔʝˈˌːˑ˞ˤβθχᵻⱱ1234567̩̃"


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def nested(field: int, data: bytes | str) -> bytes:
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def attribute_int(name: str, value: int) -> bytes:
    return nested(5, nested(1, name) + number(3, value) + number(20, 2))


def node(op: str, inputs: list[str], output: str, *attributes: bytes) -> bytes:
    body = b"".join(nested(1, name) for name in inputs)
    return nested(1, body + nested(2, output) + nested(4, op) + b"".join(attributes))


def constant(name: str, kind: int, shape: list[int], values: list[float]) -> bytes:
    raw = b"".join(struct.pack("<f" if kind == FLOAT else "<q", v) for v in values)
    dims = b"".join(number(1, d) for d in shape)
    return nested(5, dims + number(2, kind) + nested(8, name) + nested(9, raw))


def value(field: int, name: str, kind: int, shape: list[int | str]) -> bytes:
    dims = b"".join(nested(1, nested(2, d) if isinstance(d, str) else number(1, d)) for d in shape)
    return nested(field, nested(1, name) + nested(2, nested(1, number(1, kind) + nested(2, dims))))


def graph() -> bytes:
    """y[t] = 0.3 sin(2 pi t (200 + 20 id) / rate), id = input[t / hop], hop = HOP * scales[1]."""
    return b"".join([
        node("Gather", ["scales", "one"], "pace"),
        node("Mul", ["pace", "hop0"], "hopf"),
        node("Cast", ["hopf"], "hop", attribute_int("to", INT64)),
        node("Size", ["input"], "count"),
        node("Mul", ["count", "hop"], "samples"),
        node("Range", ["zero", "samples", "one"], "t"),
        node("Div", ["t", "hop"], "place"),
        node("Reshape", ["input", "flat"], "ids"),
        node("Gather", ["ids", "place"], "id"),
        node("Cast", ["id"], "idf", attribute_int("to", FLOAT)),
        node("Mul", ["idf", "step"], "above"),
        node("Add", ["above", "base"], "hz"),
        node("Cast", ["t"], "tf", attribute_int("to", FLOAT)),
        node("Mul", ["tf", "hz"], "turns"),
        node("Mul", ["turns", "omega"], "phase"),
        node("Sin", ["phase"], "wave"),
        node("Mul", ["wave", "gain"], "sound"),
        node("Reshape", ["sound", "shape"], "output"),
        nested(2, "tone-test"),
        constant("zero", INT64, [], [0]),
        constant("one", INT64, [], [1]),
        constant("flat", INT64, [1], [-1]),
        constant("shape", INT64, [4], [1, 1, 1, -1]),
        constant("hop0", FLOAT, [], [HOP]),
        constant("step", FLOAT, [], [20.0]),
        constant("base", FLOAT, [], [200.0]),
        constant("omega", FLOAT, [], [2 * math.pi / RATE_HZ]),
        constant("gain", FLOAT, [], [0.3]),
        value(11, "input", INT64, [1, "phonemes"]),
        value(11, "input_lengths", INT64, [1]),
        value(11, "scales", FLOAT, [3]),
        value(12, "output", FLOAT, [1, 1, 1, "samples"]),
    ])


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    # IR version 8, opset 17: read by every ONNX Runtime since 1.12.
    model = number(1, 8) + nested(2, "attendant") + nested(7, graph()) + nested(8, nested(1, "") + number(2, 17))
    (FOLDER / "tone-test.onnx").write_bytes(model)
    settings = {
        "audio": {"sample_rate": RATE_HZ},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "num_speakers": 1,
        "speaker_id_map": {},
        "phoneme_id_map": {symbol: [place] for place, symbol in enumerate(SYMBOLS)},
    }
    text = json.dumps(settings, ensure_ascii=False, separators=(",", ":")) + "\n"
    (FOLDER / "tone-test.onnx.json").write_text(text, encoding="utf-8")
    print(f"tone-test.onnx: {len(model)} bytes, {len(SYMBOLS)} symbols")


if __name__ == "__main__":
    main()
