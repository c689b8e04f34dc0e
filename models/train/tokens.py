"""GPT-2's byte-pair tokens as Whisper's English models use them, narrowed to those in use.

Training keeps an embedding row only for the tokens that the sentences need, and one more that stands for
all others; the export writes that row everywhere else (the file packs well, the softmax stays exact).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from whisper.tokenizer import get_tokenizer

#: Rows of the embedding in the file: GPT-2's 50,256 and Whisper's special tokens.
VOCABULARY = 51_864


@functools.cache
def _tokenizer():
    return get_tokenizer(multilingual=False)


END = _tokenizer().eot
START = _tokenizer().sot
NO_TIMESTAMPS = _tokenizer().no_timestamps
#: Tokens that are text.
TEXT_TOKENS = END


@functools.lru_cache(maxsize=200_000)
def encode(text: str) -> tuple[int, ...]:
    """Tokens of a sentence, with the blank that Whisper puts before its first word."""
    return tuple(_tokenizer().encode(" " + text)) if text else ()


def decode(tokens: Iterable[int]) -> str:
    return _tokenizer().decode([t for t in tokens if t < TEXT_TOKENS]).strip()


def token_bytes(token: int) -> bytes:
    return _tokenizer().encoding.decode_single_token_bytes(token)


def in_use(texts: Iterable[str]) -> list[int]:
    """Sorted tokens of these sentences, with Whisper's three control tokens."""
    used = {END, START, NO_TIMESTAMPS}
    for text in texts:
        used.update(encode(text))
    return sorted(used)
