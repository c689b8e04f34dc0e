"""Whisper's ggml files: written as whisper.cpp reads them, and read back to go on training.

Layout (whisper.cpp `models/convert-pt-to-ggml.py` and `whisper_model_load`): magic, eleven sizes, the mel
filters, the vocabulary, then each tensor with its dimensions reversed, its name and its type. All matrices
have the one type that the header names; vectors, convolution biases and positions are 32-bit floats,
convolutions 16-bit.

A file may be packed with gzip, as attendant takes it too (`src/speech/packed.rs`): the rows of all tokens that
are not in use are alike and take no room then. `gunzip < FILE > PLAIN.bin` gives what whisper.cpp loads.

    python ggml.py CHECKPOINT OUT.bin [--type q5_0] [--packed]
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import os
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from gguf import quants
from gguf.constants import GGMLQuantizationType

import checkpoint
import tokens
from features import mel_filters
from network import Recognizer, Shape

MAGIC = 0x67676D6C
_SIZES = (
    "n_vocab",
    "n_audio_ctx",
    "n_audio_state",
    "n_audio_head",
    "n_audio_layer",
    "n_text_ctx",
    "n_text_state",
    "n_text_head",
    "n_text_layer",
    "n_mels",
)
#: Name → the header's file type (GGML_FTYPE, version 2 × 1000 where quantised) and the tensors' type.
TYPES = {
    "f32": (0, GGMLQuantizationType.F32),
    "f16": (1, GGMLQuantizationType.F16),
    "q4_0": (2002, GGMLQuantizationType.Q4_0),
    "q4_1": (2003, GGMLQuantizationType.Q4_1),
    "q8_0": (2007, GGMLQuantizationType.Q8_0),
    "q5_0": (2008, GGMLQuantizationType.Q5_0),
    "q5_1": (2009, GGMLQuantizationType.Q5_1),
}
_EMBEDDING = "decoder.token_embedding.weight"


def _write_tensor(file: BinaryIO, name: str, value: np.ndarray, kind: GGMLQuantizationType) -> None:
    label = name.encode()
    file.write(struct.pack("iii", value.ndim, len(label), int(kind)))
    file.write(struct.pack(f"{value.ndim}i", *reversed(value.shape)))
    file.write(label)
    file.write(quants.quantize(np.ascontiguousarray(value, np.float32), kind).tobytes())


def _kind(name: str, value: np.ndarray, matrices: GGMLQuantizationType) -> GGMLQuantizationType:
    if value.ndim < 2 or name.endswith("positional_embedding") or name.endswith(("conv1.bias", "conv2.bias")):
        return GGMLQuantizationType.F32
    if value.ndim == 3:
        return GGMLQuantizationType.F32 if matrices == GGMLQuantizationType.F32 else GGMLQuantizationType.F16
    return matrices


def write(model: Recognizer, path: Path, type_name: str = "q5_1", packed: bool = False) -> int:
    """Writes the model and returns the file's size in bytes; the file appears whole or not at all."""
    file_type, matrices = TYPES[type_name]
    part = path.with_suffix(".part")
    with contextlib.ExitStack() as stack:
        file: BinaryIO = stack.enter_context(part.open("wb"))
        if packed:
            # No name and no time in it: the same weights give the same bytes.
            file = stack.enter_context(gzip.GzipFile("", "wb", 6, file, mtime=0))
        file.write(struct.pack("I", MAGIC))
        dims = model.shape.dimensions()
        file.write(struct.pack("10i", *(getattr(dims, size) for size in _SIZES)))
        file.write(struct.pack("i", file_type))
        filters = mel_filters()
        file.write(struct.pack("ii", *filters.shape))
        file.write(filters.astype("<f4").tobytes())
        file.write(struct.pack("i", tokens.TEXT_TOKENS))
        for token in range(tokens.TEXT_TOKENS):
            text = tokens.token_bytes(token)
            file.write(struct.pack("i", len(text)) + text)
        for name, tensor in model.whisper.state_dict().items():
            if name.endswith(("mask", "alignment_heads")):
                continue
            value = tensor.detach().float().numpy()
            if name == _EMBEDDING:
                rows = np.repeat(value[-1:], tokens.VOCABULARY, 0)
                rows[np.array(model.used)] = value[:-1]
                value = rows
            if name.endswith(("conv1.bias", "conv2.bias")):
                value = value.reshape(-1, 1)
            _write_tensor(file, name, value, _kind(name, value, matrices))
    os.replace(part, path)
    return path.stat().st_size


def read(path: Path) -> tuple[dict[str, int], dict[str, np.ndarray]]:
    """Sizes and tensors (as 32-bit floats) of a ggml file."""
    try:
        with _opened(path) as file:
            data = file.read()
    except (EOFError, OSError, zlib.error) as error:
        raise _unreadable(path, error) from error
    at = 0

    def take(layout: str) -> tuple:
        nonlocal at
        values = struct.unpack_from("<" + layout, data, at)
        at += struct.calcsize("<" + layout)
        return values

    try:
        if take("I")[0] != MAGIC:
            raise ValueError("no ggml file")
        sizes = dict(zip(_SIZES, take("10i")))
        take("i")
        rows, columns = take("ii")
        at += rows * columns * 4
        for _ in range(take("i")[0]):
            length = take("i")[0]
            at += length
        tensors = {}
        while at < len(data):
            dimensions, length, kind = take("iii")
            shape = tuple(reversed(take(f"{dimensions}i")))
            name = data[at : at + length].decode()
            at += length
            quantised = quants.quant_shape_to_byte_shape(shape, GGMLQuantizationType(kind))
            count = int(np.prod(quantised))
            if at + count > len(data):
                raise ValueError(f"cut off within {name}")
            raw = np.frombuffer(data, np.uint8, count, at)
            at += count
            tensors[name] = _floats(raw, shape, quantised, GGMLQuantizationType(kind))
    except (struct.error, ValueError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error
    return sizes, tensors


def _unreadable(path: Path, error: Exception) -> SystemExit:
    return SystemExit(f"cannot read {path}: {error}\nhint: give a Whisper ggml file or a checkpoint (.pt)")


def _opened(path: Path) -> BinaryIO:
    """The file, unpacked where it is packed."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]


def sizes(path: Path) -> dict[str, int]:
    """The sizes in the header of a ggml file."""
    with _opened(path) as file:
        header = file.read(44)
    if len(header) < 44 or struct.unpack_from("<I", header)[0] != MAGIC:
        raise _unreadable(path, ValueError("no ggml file"))
    return dict(zip(_SIZES, struct.unpack_from("<10i", header, 4)))


def _floats(raw: np.ndarray, shape: tuple, quantised: tuple, kind: GGMLQuantizationType) -> np.ndarray:
    if kind == GGMLQuantizationType.F32:
        return raw.view("<f4").reshape(shape)
    if kind == GGMLQuantizationType.F16:
        return raw.view("<f2").astype(np.float32).reshape(shape)
    return quants.dequantize(raw.reshape(quantised), kind).reshape(shape)


def recognizer(path: Path, used: list[int], shape: Shape | None = None) -> Recognizer:
    """A model to train on from a ggml file; its contexts grow to those of `shape`.

    Tokens that the file never learned share a row there; each gets its own, a little apart.
    """
    sizes, tensors = read(path)
    wanted = shape or Shape()
    found = Shape(
        width=sizes["n_audio_state"],
        heads=sizes["n_audio_head"],
        encoder_layers=sizes["n_audio_layer"],
        decoder_layers=sizes["n_text_layer"],
        audio_context=max(wanted.audio_context, sizes["n_audio_ctx"]),
        text_context=max(wanted.text_context, sizes["n_text_ctx"]),
    )
    embedding = tensors[_EMBEDDING]
    # The row of all other tokens is the one that occurs most often.
    _, first, counts = np.unique(embedding[:, :8].round(4), axis=0, return_index=True, return_counts=True)
    other = embedding[first[counts.argmax()]]
    learned = np.flatnonzero(np.abs(embedding - other).max(1) > 1e-6)
    everything = sorted(set(used) | set(learned.tolist()) - set(range(tokens.NO_TIMESTAMPS + 1, tokens.VOCABULARY)))
    model = Recognizer(found, everything)
    generator = np.random.default_rng(0)
    with torch.no_grad():
        for name, parameter in model.whisper.named_parameters():
            value = tensors[name]
            if name == _EMBEDDING:
                value = np.concatenate([value[np.array(everything)], other[None]])
                fresh = ~np.isin(everything, learned)
                value[:-1][fresh] += generator.normal(0, 0.01, (int(fresh.sum()), value.shape[1]))
            if name.endswith("decoder.positional_embedding"):
                parameter[: len(value)] = torch.from_numpy(value.copy())
                continue
            parameter.copy_(torch.from_numpy(np.array(value, np.float32).reshape(parameter.shape)))
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--type", choices=TYPES, default="q5_1")
    parser.add_argument("--packed", action="store_true", help="pack the file with gzip")
    a = parser.parse_args()
    model = checkpoint.recognizer(checkpoint.load(a.checkpoint))
    size = write(model, a.out, a.type, a.packed)
    print(f"{a.out}: {size / 1e6:.1f} MB, {a.type}")


if __name__ == "__main__":
    main()
