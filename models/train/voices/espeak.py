"""espeak-ng through its C library: English accents × named and generated variants.

The library synthesises into a callback, so a sentence costs no process.  Beside the
variants that espeak-ng brings, each process writes a private data folder with
``GENERATED`` more (random vocal tracts: formants, pitch, breath, roughness) and a few
accents; they are the same on every machine.
"""

from __future__ import annotations

import ctypes
import tempfile
from pathlib import Path

import numpy as np

from voices import espeak_variants, native
from voices.speaker import Engine, EngineMissing, Speaker, SynthesisError, drawn_speed

_HINT = "install espeak-ng (Debian: libespeak-ng1 and espeak-ng-data)"
_DATA_PATHS = (
    Path("/usr/lib/x86_64-linux-gnu/espeak-ng-data"),
    Path("/usr/lib/aarch64-linux-gnu/espeak-ng-data"),
    Path("/usr/share/espeak-ng-data"),
    Path("/usr/local/share/espeak-ng-data"),
    Path("/opt/homebrew/share/espeak-ng-data"),
)

ACCENTS: dict[str, float] = {
    # accent of espeak-ng: weight of its speakers
    "en-us": 3.0,
    "en-us-nyc": 1.0,
    "en": 1.0,
    "en-gb-x-rp": 1.0,
    "en-gb-x-gbclan": 0.7,
    "en-gb-x-gbcwmd": 0.7,
    "en-029": 0.7,
    "en-gb-scotland": 1.0,
}
HELD_OUT_ACCENT = "en-gb-scotland"
HELD_OUT_VARIANTS = frozenset(
    ("f2", "m3", "Andrea", "Michael", "belinda", "boris", "klatt3", "linda", "pedro", "steph2")
)

# speak_lib.h
_SYNCHRONOUS, _DONT_EXIT, _CHARS_UTF8, _POS_CHARACTER = 2, 0x8000, 1, 1
_RATE, _PITCH, _RANGE, _WORD_GAP = 1, 3, 4, 7

_MOST_S = 40
"""Longest sound taken from the engine: a runaway sentence must not fill the memory."""


class EspeakNg(Engine):
    """See the module."""

    name = "espeak-ng"

    def __init__(self) -> None:
        self._library = native.load("libespeak-ng.so.1", _HINT)
        data = next((path for path in _DATA_PATHS if (path / "phontab").exists()), None)
        if data is None:
            raise EngineMissing(f"espeak-ng's data folder was not found. hint: {_HINT}")
        self._variants = espeak_variants.installed(data)
        self._scratch = tempfile.TemporaryDirectory(prefix="espeak-")
        espeak_variants.private_data(data, Path(self._scratch.name))
        self._rate = self._library.espeak_Initialize(
            _SYNCHRONOUS, 200, self._scratch.name.encode(), _DONT_EXIT
        )
        if self._rate <= 0:
            raise EngineMissing(f"espeak-ng could not start ({self._rate}). hint: {_HINT}")
        self._pieces: list[np.ndarray] = []
        self._count = 0
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
        )
        self._callback = kind(self._take)  # the library keeps the pointer: so must we
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip

    def speakers(self) -> list[Speaker]:
        generated = espeak_variants.generated_names()
        accents = {**ACCENTS, **{name: 0.7 for name in espeak_variants.ACCENTS}}
        return [
            Speaker(
                engine=self.name,
                name=f"espeak-ng/{accent}+{variant}",
                voice=f"{accent}+{variant}",
                held_out=accent == HELD_OUT_ACCENT or variant in HELD_OUT_VARIANTS,
                weight=weight,
            )
            for accent, weight in accents.items()
            for variant in (*self._variants, *generated)
        ]

    def synthesise(
        self, speaker: Speaker, text: str, rng: np.random.Generator, tempo: float
    ) -> tuple[np.ndarray, int]:
        if self._library.espeak_SetVoiceByName(speaker.voice.encode()) != 0:
            raise SynthesisError(f"espeak-ng does not know the voice {speaker.voice}")
        words = float(np.clip(165 * drawn_speed(rng), 110, 280)) * tempo
        gap = int(rng.integers(1, 25)) if rng.random() < 0.2 else 0  # units of 10 ms
        for parameter, value in (
            (_RATE, int(np.clip(words, 90, 340))),
            (_PITCH, int(np.clip(rng.normal(50, 18), 10, 90))),
            (_RANGE, int(np.clip(rng.normal(50, 25), 0, 100))),
            (_WORD_GAP, gap),
        ):
            self._library.espeak_SetParameter(parameter, value, 0)
        native.seed_random(int(rng.integers(2**31)))
        self._pieces, self._count = [], 0
        encoded = text.encode("utf-8") + b"\0"
        status = self._library.espeak_Synth(
            encoded, len(encoded), 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None
        )
        if status != 0 or not self._pieces:
            raise SynthesisError(f"espeak-ng said nothing for {text!r} (status {status})")
        return np.concatenate(self._pieces).astype(np.float32) / 32768, self._rate

    def _take(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        """Keeps one piece of sound; a non-zero answer stops the synthesis."""
        if count > 0 and samples:
            self._pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
            self._count += count
        return int(self._count > _MOST_S * self._rate)
