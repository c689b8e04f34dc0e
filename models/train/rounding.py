"""Weights as the quantised file will hold them, while training goes on: the model learns to bear it.

The gradient of a rounded weight is given to the weight itself (the straight-through estimator of Bengio et
al. 2013). With 5 bits a weight nothing is gained; with 4 bits the last part of a training needs it.

Layouts: ggml `ggml-quants.c`, `quantize_row_q4_0_ref`, `quantize_row_mxfp4_ref`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn

#: Weights that share a step.
BLOCK = 32


def q4_0(value: Tensor) -> Tensor:
    """The values after a trip through q4_0: sixteen steps, of which the greatest weight is the last."""
    blocks = value.reshape(-1, BLOCK)
    greatest = blocks.gather(1, blocks.abs().argmax(1, keepdim=True))
    step = greatest / -8
    inverse = torch.where(step == 0, 0.0, 1 / step)
    whole = (blocks * inverse + 8.5).floor().clamp(max=15) - 8
    return (whole * step.half().float()).reshape(value.shape)


def mxfp4(value: Tensor) -> Tensor:
    """The values after a trip through MXFP4: magnitudes 0, ½, 1, 1½, 2, 3, 4, 6 of a step that is a power of two.

    ggml's own quantiser takes the step that cuts everything above 6 off. Here the next one is taken from 7 on:
    0.4 dB less error on normally distributed weights. ggml reads the result without another loss.
    """
    blocks = value.reshape(-1, BLOCK)
    greatest = blocks.abs().amax(1, keepdim=True).clamp(min=1e-30)
    step = (greatest / 7).log2().ceil().clamp(min=-23).exp2()
    scaled = blocks / step
    below_one = (scaled * 2).round().mul_(0.5)
    # From 1 on a level has one bit behind its first: round the float's own bits to that.
    one_bit = (scaled.view(torch.int32) + (1 << 21)).bitwise_and_(-1 << 22).view(torch.float32).clamp_(-6, 6)
    return torch.where(scaled.abs() < 1, below_one, one_bit).mul_(step).reshape(value.shape)


ROUND = {"q4_0": q4_0, "mxfp4": mxfp4}


def is_rounded(name: str, parameter: Tensor) -> bool:
    """Whether the file holds this one quantised: matrices, not convolutions or positions."""
    return parameter.ndim == 2 and name.startswith("whisper.") and "positional" not in name


@contextlib.contextmanager
def rounded(model: nn.Module, kind: str) -> Iterator[None]:
    """Within this the model computes with rounded weights; an empty or finer `kind` changes nothing."""
    kept = {}
    if kind in ROUND:
        for name, parameter in model.named_parameters():
            if is_rounded(name, parameter):
                kept[parameter] = parameter.data
                parameter.data = ROUND[kind](parameter.data)
    try:
        yield
    finally:
        for parameter, value in kept.items():
            parameter.data = value
