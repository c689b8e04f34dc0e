"""Piper voices (optional): ``*.onnx`` files of a folder, through the ``piper-tts`` package."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from voices.speaker import Engine, EngineMissing, Speaker, SynthesisError, drawn_speed


class Piper(Engine):
    """See the module.  Voices with several speakers count as so many speakers."""

    name = "piper"
    folder: ClassVar[str | None] = None
    """Where the voices lie; set by ``roster.use_piper_voices``."""

    def __init__(self) -> None:
        try:
            import piper
        except ImportError as cause:
            raise EngineMissing(f"{cause}. hint: pip install piper-tts") from cause
        self._piper = piper
        self._paths = {path.stem: path for path in sorted(Path(self.folder or ".").glob("*.onnx"))}
        if not self._paths:
            raise EngineMissing(f"no *.onnx in {self.folder}. hint: --piper-voices FOLDER")
        self._voices: dict[str, Any] = {}

    def speakers(self) -> list[Speaker]:
        return [
            Speaker(
                engine=self.name,
                name=f"piper/{name}#{number}",
                voice=name,
                settings={"speaker": number},
            )
            for name in self._paths
            for number in range(max(1, self._voice(name).config.num_speakers))
        ]

    def synthesise(
        self, speaker: Speaker, text: str, rng: np.random.Generator, tempo: float
    ) -> tuple[np.ndarray, int]:
        voice = self._voice(speaker.voice)
        several = voice.config.num_speakers > 1
        manner = self._piper.SynthesisConfig(
            speaker_id=int(speaker.settings["speaker"]) if several else None,
            length_scale=float(np.clip(1.0 / (drawn_speed(rng) * tempo), 0.5, 2.0)),
            noise_scale=float(rng.uniform(0.4, 0.9)),
            noise_w_scale=float(rng.uniform(0.5, 1.1)),
        )
        pieces = [chunk.audio_float_array for chunk in voice.synthesize(text, manner)]
        if not pieces:
            raise SynthesisError(f"piper said nothing for {text!r}")
        return np.concatenate(pieces).astype(np.float32), int(voice.config.sample_rate)

    def _voice(self, name: str) -> Any:
        if name not in self._voices:
            self._voices[name] = self._piper.PiperVoice.load(str(self._paths[name]))
        return self._voices[name]
