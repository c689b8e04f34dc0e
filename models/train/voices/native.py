"""Finding the shared libraries of speech engines."""

from __future__ import annotations

import ctypes
import ctypes.util

from voices.speaker import EngineMissing


def load(soname: str, hint: str, *, shared_symbols: bool = False) -> ctypes.CDLL:
    """Loads ``soname``; ``EngineMissing`` with ``hint`` (what to install) when absent."""
    mode = ctypes.RTLD_GLOBAL if shared_symbols else ctypes.DEFAULT_MODE
    try:
        return ctypes.CDLL(soname, mode=mode)
    except OSError as cause:
        raise EngineMissing(f"{soname} is not installed ({cause}). hint: {hint}") from cause


def seed_random(seed: int) -> None:
    """Seeds the C library's ``rand``, from which engines take breath and dither."""
    ctypes.CDLL(None).srand(ctypes.c_uint(seed))
