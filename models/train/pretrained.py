"""A published Whisper model (ggml, f16) as the start of a training: it has heard real people.

The layers that are kept, the positions of our shorter contexts, and the embedding rows of the tokens in use
come from the file; the phoneme head is new. The model keeps the file's width, so a smaller one must leave
layers out: the encoder is what knows people's voices, and a business needs less of the decoder.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import torch

import ggml
from network import Recognizer, Shape

#: Audio context of the published models, in positions of 20 ms.
GENERAL_CONTEXT = 1500
_EMBEDDING = "decoder.token_embedding.weight"


def is_general(path: Path) -> bool:
    """Whether a ggml file holds a published model, with its 30 s of context."""
    return ggml.sizes(path)["n_audio_ctx"] >= GENERAL_CONTEXT


def recognizer(path: Path, used: list[int], encoder: list[int], decoder: list[int], shape: Shape | None = None) -> Recognizer:
    """A model to train on, of the layers of `path` with these numbers (none: all of them)."""
    sizes, tensors = ggml.read(path)
    wanted = shape or Shape()
    layers = {
        "encoder": encoder or list(range(sizes["n_audio_layer"])),
        "decoder": decoder or list(range(sizes["n_text_layer"])),
    }
    for side, count in (("encoder", sizes["n_audio_layer"]), ("decoder", sizes["n_text_layer"])):
        if max(layers[side]) >= count:
            raise SystemExit(f"{path} has {count} layers in its {side}, numbered from 0\nhint: see --keep-{side}")
    if sizes["n_vocab"] != tensors[_EMBEDDING].shape[0] or sizes["n_vocab"] > 51_864:
        raise SystemExit(f"{path} is a model of many languages\nhint: start from an English one, such as tiny.en")
    found = Shape(
        width=sizes["n_audio_state"],
        heads=sizes["n_audio_head"],
        encoder_layers=len(layers["encoder"]),
        decoder_layers=len(layers["decoder"]),
        audio_context=min(wanted.audio_context, sizes["n_audio_ctx"]),
        text_context=min(wanted.text_context, sizes["n_text_ctx"]),
    )
    model = Recognizer(found, used)
    state = model.whisper.state_dict()
    with torch.no_grad():
        for name, value in state.items():
            if name.endswith(("mask", "alignment_heads")):
                continue
            source = re.sub(r"^(\w+)\.blocks\.(\d+)", lambda m: f"{m[1]}.blocks.{layers[m[1]][int(m[2])]}", name)
            given = tensors[source]
            if name == _EMBEDDING:
                rest = np.ones(len(given), bool)
                rest[used] = False
                given = np.concatenate([given[used], given[rest].mean(0, keepdims=True)])
            if name.endswith("positional_embedding"):
                given = given[: len(value)]
            value.copy_(torch.from_numpy(np.array(given, np.float32).reshape(value.shape)))
    return model
