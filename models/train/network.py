"""The recogniser: Whisper's architecture, small, with a head for phonemes while it trains.

Layers and names are those of the `openai-whisper` package, so that the export is a walk over them.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from whisper.model import ModelDimensions, Whisper

import tokens as vocabulary
from features import BANDS

#: Characters that espeak-ng writes phonemes with: fixed, so that a checkpoint fits every domain.
PHONEMES = "".join(chr(c) for c in range(33, 127))
BLANK = len(PHONEMES)


@dataclass(frozen=True)
class Shape:
    """Sizes of the model. 50 audio positions are one second."""

    width: int = 256
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 2
    audio_context: int = 760
    text_context: int = 160

    def dimensions(self) -> ModelDimensions:
        return ModelDimensions(
            n_mels=BANDS,
            n_audio_ctx=self.audio_context,
            n_audio_state=self.width,
            n_audio_head=self.heads,
            n_audio_layer=self.encoder_layers,
            n_vocab=vocabulary.VOCABULARY,
            n_text_ctx=self.text_context,
            n_text_state=self.width,
            n_text_head=self.heads,
            n_text_layer=self.decoder_layers,
        )


class Recognizer(nn.Module):
    """Features in, scores of the tokens in use out."""

    def __init__(self, shape: Shape, used: list[int], dropout: float = 0.0):
        super().__init__()
        self.shape = shape
        self.used = list(used)
        dims = shape.dimensions()
        # The embedding of 51,864 rows is never built: only the rows in use are trained.
        small = ModelDimensions(**{**asdict(dims), "n_vocab": len(used) + 1})
        self.whisper = Whisper(small)
        for name, parameter in self.whisper.named_parameters():
            if name.endswith("positional_embedding"):
                nn.init.normal_(parameter, std=0.01)
        nn.init.normal_(self.whisper.decoder.token_embedding.weight, std=0.02)
        depth = math.sqrt(2 * (shape.encoder_layers + shape.decoder_layers))
        for name, parameter in self.whisper.named_parameters():
            if name.endswith(("attn.out.weight", "mlp.2.weight")):
                parameter.data.div_(depth)
        self.phonemes = nn.Linear(shape.width, BLANK + 1)
        self.dropout = dropout
        rows = torch.full((vocabulary.VOCABULARY,), len(used))
        rows[torch.tensor(used)] = torch.arange(len(used))
        self.register_buffer("rows", rows, persistent=False)
        self.register_buffer("ids", torch.tensor(used), persistent=False)
        # The row of all other tokens stands for so many of them in the softmax.
        other = torch.zeros(len(used) + 1)
        other[-1] = math.log(vocabulary.VOCABULARY - len(used))
        self.register_buffer("other", other, persistent=False)

    def encode(self, mel: Tensor, held: int = 0) -> Tensor:
        """Features (batch, 80, frames) to (batch, frames / 2, width); the lowest `held` layers do not learn."""
        encoder = self.whisper.encoder
        with torch.set_grad_enabled(torch.is_grad_enabled() and held == 0):
            x = F.gelu(encoder.conv1(mel))
            x = F.gelu(encoder.conv2(x)).permute(0, 2, 1)
            x = x + encoder.positional_embedding[: x.shape[1]]
            x = F.dropout(x, self.dropout, self.training)
        for number, block in enumerate(encoder.blocks):
            with torch.set_grad_enabled(torch.is_grad_enabled() and number >= held):
                x = x + F.dropout(block.attn(block.attn_ln(x))[0], self.dropout, self.training)
                x = x + F.dropout(block.mlp(block.mlp_ln(x)), self.dropout, self.training)
        return encoder.ln_post(x)

    def is_held(self, name: str, held: int) -> bool:
        """Whether a parameter does not learn when the lowest `held` layers of the encoder do not."""
        if not held or not name.startswith("whisper.encoder."):
            return False
        if ".blocks." in name:
            return int(name.split(".")[3]) < held
        return not name.startswith("whisper.encoder.ln_post")

    def decode(self, rows: Tensor, heard: Tensor, keep: Tensor | None = None) -> Tensor:
        """Scores (batch, length, used + 1) after the given embedding rows (batch, length).

        `keep` (batch, length, 1) is 0 where a token is withheld, so that the model has to listen.
        """
        decoder = self.whisper.decoder
        x = decoder.token_embedding(rows)
        if keep is not None:
            x = x * keep
        x = x + decoder.positional_embedding[: rows.shape[1]]
        x = F.dropout(x, self.dropout, self.training)
        for block in decoder.blocks:
            x = x + F.dropout(block.attn(block.attn_ln(x), mask=decoder.mask)[0], self.dropout, self.training)
            x = x + F.dropout(block.cross_attn(block.cross_attn_ln(x), heard)[0], self.dropout, self.training)
            x = x + F.dropout(block.mlp(block.mlp_ln(x)), self.dropout, self.training)
        x = decoder.ln(x)
        return x @ decoder.token_embedding.weight.T + self.other

    @torch.no_grad()
    def greedy(self, mel: Tensor, limit: int = 70) -> list[str]:
        """The likeliest words of each row, without beam or fallback, as attendant decodes."""
        heard = self.encode(mel)
        start = self.rows[torch.tensor([vocabulary.START, vocabulary.NO_TIMESTAMPS])]
        rows = start.to(mel.device).repeat(mel.shape[0], 1)
        end = int(self.rows[vocabulary.END])
        done = torch.zeros(mel.shape[0], dtype=torch.bool, device=mel.device)
        for _ in range(min(limit, self.shape.text_context - 2)):
            scores = self.decode(rows, heard)[:, -1]
            scores[:, -1] = -math.inf
            best = scores.argmax(-1)
            best[done] = end
            done |= best == end
            rows = torch.cat([rows, best[:, None]], 1)
            if bool(done.all()):
                break
        return [vocabulary.decode(self.ids[row[2:]].tolist()) for row in rows.cpu()]
