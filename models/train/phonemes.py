"""espeak-ng's phonemes of a sentence: what the encoder is asked for while it trains (CTC)."""

from __future__ import annotations

import ctypes
import functools

_SKIPPED = set("',_:;|%-= \n~#!?.*()[]\"")


@functools.cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libespeak-ng.so.1")
    if library.espeak_Initialize(2, 0, None, 0) < 0:
        raise RuntimeError("espeak-ng does not start; hint: apt-get install libespeak-ng1 espeak-ng-data")
    library.espeak_SetVoiceByName(b"en-us")
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    return library


@functools.lru_cache(maxsize=300_000)
def phonemes(spoken: str) -> str:
    """One character a phoneme, stress and pauses left out; empty for an empty sentence."""
    pointer = ctypes.c_char_p(spoken.encode())
    parts = []
    while pointer.value:
        parts.append(_library().espeak_TextToPhonemes(ctypes.byref(pointer), 1, 0) or b"")
    return "".join(c for c in b" ".join(parts).decode(errors="ignore") if c not in _SKIPPED)
