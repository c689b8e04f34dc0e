"""Festival as one long-lived process fed through its standard input.

The whole engine is held out of training: its two diphone voices and its HTS voice
show how the recogniser does on an engine it has never heard.
"""

from __future__ import annotations

import os
import selectors
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from voices.speaker import Engine, EngineMissing, Speaker, SynthesisError, drawn_speed

_HINT = "install festival with festvox-kallpc16k, festvox-kdlpc16k and festvox-us-slt-hts"
_TIME_LIMIT_S = 20.0

VOICES: dict[str, tuple[str, float]] = {
    # speaker: (directory name of the voice, mean pitch in Hz; 0: has its own contour)
    "kal": ("kal_diphone", 105.0),
    "ked": ("ked_diphone", 105.0),
    "slt-hts": ("cmu_us_slt_arctic_hts", 0.0),
}
_VOICE_PATHS = (Path("/usr/share/festival/voices"), Path("/usr/local/share/festival/voices"))


class Festival(Engine):
    """See the module."""

    name = "festival"

    def __init__(self) -> None:
        self._program = shutil.which("festival")
        if self._program is None:
            raise EngineMissing(f"festival is not installed. hint: {_HINT}")
        self._installed = [
            name
            for name, (folder, _) in VOICES.items()
            if any(found for path in _VOICE_PATHS for found in path.glob(f"*/{folder}"))
        ]
        if not self._installed:
            raise EngineMissing(f"festival has no English voice. hint: {_HINT}")
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch = tempfile.TemporaryDirectory(prefix="festival-")
        self._wave = Path(self._scratch.name) / "utterance.wav"

    def speakers(self) -> list[Speaker]:
        return [
            Speaker(
                engine=self.name,
                name=f"festival/{name}",
                voice=name,
                held_out=True,
                engine_held_out=True,
            )
            for name in self._installed
        ]

    def synthesise(
        self, speaker: Speaker, text: str, rng: np.random.Generator, tempo: float
    ) -> tuple[np.ndarray, int]:
        folder, mean = VOICES[speaker.voice]
        stretch = float(np.clip(1.0 / (drawn_speed(rng) * tempo), 0.5, 2.0))
        mean, deviation = mean * np.exp(rng.normal(0.0, 0.15)), rng.uniform(6.0, 25.0)
        plain = "".join(c for c in text if c.isascii() and c.isprintable() and c not in '"\\')
        commands = [f"(voice_{folder})", f"(Parameter.set 'Duration_Stretch {stretch:.3f})"]
        if mean:
            commands.append(
                f"(set! int_lr_params '((target_f0_mean {mean:.1f}) (target_f0_std {deviation:.1f})"
                " (model_f0_mean 170) (model_f0_std 34)))"
            )
        commands.append(
            f'(utt.save.wave (utt.synth (Utterance Text "{plain}")) "{self._wave}" \'riff)'
        )
        self._wave.unlink(missing_ok=True)
        self._run(commands)
        if not self._wave.exists():
            raise SynthesisError(f"festival said nothing for {text!r}")
        samples, rate = soundfile.read(self._wave, dtype="float32")
        return samples, rate

    def _run(self, commands: list[str]) -> None:
        """Sends ``commands`` and waits for them; a process that hangs or dies is replaced."""
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = subprocess.Popen(
                [str(self._program), "--pipe"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        assert process.stdin is not None and process.stdout is not None
        commands = [*commands, '(format t "done\\n")', "(fflush nil)"]
        try:
            process.stdin.write(("\n".join(commands) + "\n").encode("ascii"))
            process.stdin.flush()
            self._await_done(process)
        except (OSError, TimeoutError) as cause:
            process.kill()
            process.wait()
            self._process = None
            raise SynthesisError(f"festival stopped: {cause}") from cause

    @staticmethod
    def _await_done(process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        deadline = time.monotonic() + _TIME_LIMIT_S
        heard = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while b"done" not in heard:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError(f"no answer within {_TIME_LIMIT_S:.0f} s")
                piece = os.read(process.stdout.fileno(), 4096)
                if not piece:
                    raise OSError("its process ended")
                heard += piece
