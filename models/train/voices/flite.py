"""Flite through its C library: five English voices, each loaded once per process.

``rms`` is held out of training.  Each other voice stands for several speakers, who
differ in vocal-tract length and pitch.
"""

from __future__ import annotations

import ctypes

import numpy as np

from voices import native
from voices.speaker import Engine, EngineMissing, Speaker, SynthesisError, drawn_speed

_HINT = "install flite (Debian: libflite1), or train without this engine"

VOICES: dict[str, tuple[float, float, bool]] = {
    # name: (mean pitch in Hz, its deviation in Hz, held out of training)
    "kal": (95.0, 11.0, False),
    "kal16": (95.0, 11.0, False),
    "awb": (125.0, 17.0, False),
    "slt": (170.0, 22.0, False),
    "rms": (100.0, 15.0, True),
}

# (resampling factor, pitch factor) of the people made out of one voice.
PERSONAS = ((1.0, 1.0), (0.9, 0.9), (0.94, 1.15), (1.07, 0.95), (1.12, 1.2), (1.0, 1.35), (1.16, 1.05))

# Flite keeps the pointers to feature names: they must live as long as the process.
_STRETCH = ctypes.c_char_p(b"duration_stretch")
_MEAN = ctypes.c_char_p(b"int_f0_target_mean")
_DEVIATION = ctypes.c_char_p(b"int_f0_target_stddev")


class _Wave(ctypes.Structure):
    """``cst_wave`` of flite/include/cst_wave.h."""

    _fields_ = [
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    ]


class _Voice(ctypes.Structure):
    """The start of ``cst_voice`` of flite/include/cst_voice.h."""

    _fields_ = [("name", ctypes.c_char_p), ("features", ctypes.c_void_p)]


class Flite(Engine):
    """See the module."""

    name = "flite"

    def __init__(self) -> None:
        for dependency in ("libflite.so.1", "libflite_usenglish.so.1", "libflite_cmulex.so.1"):
            library = native.load(dependency, _HINT, shared_symbols=True)
            if dependency == "libflite.so.1":
                self._flite = library
        self._flite.flite_init()
        self._flite.flite_text_to_wave.restype = ctypes.POINTER(_Wave)
        self._flite.flite_text_to_wave.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
        self._flite.delete_wave.argtypes = [ctypes.POINTER(_Wave)]
        self._flite.delete_wave.restype = None
        self._flite.flite_feat_set_float.argtypes = [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_float,
        ]  # fmt: skip
        self._flite.flite_feat_set_float.restype = None
        self._libraries: dict[str, ctypes.CDLL] = {}
        for voice in VOICES:
            try:
                self._libraries[voice] = native.load(f"libflite_cmu_us_{voice}.so.1", _HINT)
            except EngineMissing:
                continue
        if not self._libraries:
            raise EngineMissing(f"no flite voice is installed. hint: {_HINT}")
        self._voices: dict[str, int] = {}

    def speakers(self) -> list[Speaker]:
        return [
            Speaker(
                engine=self.name,
                name=f"flite/{voice}#{number}",
                voice=voice,
                settings={"formant": formant, "pitch": pitch},
                held_out=VOICES[voice][2],
                weight=0.5 if voice.startswith("kal") else 1.0,  # one person twice
            )
            for voice in self._libraries
            for number, (formant, pitch) in enumerate(PERSONAS)
        ]

    def synthesise(
        self, speaker: Speaker, text: str, rng: np.random.Generator, tempo: float
    ) -> tuple[np.ndarray, int]:
        voice = self._voice(speaker.voice)
        mean, deviation, _ = VOICES[speaker.voice]
        pitch = float(speaker.settings.get("pitch", 1.0)) * np.exp(rng.normal(0.0, 0.12))
        stretch = 1.0 / (drawn_speed(rng) * tempo)
        features = ctypes.cast(voice, ctypes.POINTER(_Voice)).contents.features
        for name, value in (
            (_STRETCH, float(np.clip(stretch, 0.45, 2.0))),
            (_MEAN, float(np.clip(mean * pitch, 60.0, 330.0))),
            (_DEVIATION, deviation * pitch * rng.uniform(0.4, 2.0)),
        ):
            self._flite.flite_feat_set_float(features, name, value)
        native.seed_random(int(rng.integers(2**31)))
        wave = self._flite.flite_text_to_wave(text.encode("ascii", "ignore"), voice)
        if not wave:
            raise SynthesisError(f"flite said nothing for {text!r}")
        try:
            count = wave.contents.num_samples * max(1, wave.contents.num_channels)
            if count <= 0:
                raise SynthesisError(f"flite said nothing for {text!r}")
            samples = np.ctypeslib.as_array(wave.contents.samples, (count,))
            return samples.astype(np.float32) / 32768, wave.contents.sample_rate
        finally:
            self._flite.delete_wave(wave)

    def _voice(self, name: str) -> int:
        """The loaded voice's address; loads it at the first use (some are 10 MB)."""
        if name not in self._voices:
            register = getattr(self._libraries[name], f"register_cmu_us_{name}")
            register.restype = ctypes.c_void_p
            register.argtypes = [ctypes.c_char_p]
            address = register(None)
            if not address:
                raise SynthesisError(f"flite could not load its voice {name}")
            self._voices[name] = address
        return self._voices[name]
