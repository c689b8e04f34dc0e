#!/usr/bin/env python3
"""Speaks the phrases of script.txt with voices of Debian packages, as a telephone delivers them.

Writes one 8 kHz µ-law WAV per voice, its phrases one after the other, and clips.tsv that says where
each phrase lies (voice, first sample, samples, words). Sentences with a pause are spoken by four of
the six voices each, so that all of it stays small.

Needs: flite espeak-ng sox. Usage: make.py
"""

import subprocess
import sys
import tempfile
import wave
from pathlib import Path

HERE = Path(__file__).resolve().parent
VOICES = {
    "slt": ["flite", "-voice", "slt"],
    "rms": ["flite", "-voice", "rms"],
    "awb": ["flite", "-voice", "awb"],
    "kal16": ["flite", "-voice", "kal16"],
    "us": ["espeak-ng", "-v", "en-us+f3", "-s", "150"],
    "scotland": ["espeak-ng", "-v", "en-gb-scotland", "-s", "145"],
}
# How to have a synthesiser make a sound that is no word: (espeak-ng, flite).
SOUNDS = {
    "mm hmm": ("[[m'm: hm'm:]]", "mm hm"),
    "uh huh": ("[[V h'V:]]", "uh huh"),
}


def run(*command: object, text: str | None = None) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, input=text)
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stderr or done.stdout}")


def phrases() -> list[tuple[str, set[str]]]:
    """Every phrase, with the voices that speak it."""
    found: dict[str, set[str]] = {}
    names = list(VOICES)
    lines = [line for line in (HERE / "script.txt").read_text().splitlines() if line and line[0] != "#"]
    for number, line in enumerate(lines):
        kind, _, words = line.partition(" ")
        speakers = {name for index, name in enumerate(names) if kind != "pause" or (number + index) % 3}
        for phrase in words.split("|"):
            found.setdefault(phrase.strip(), set()).update(speakers)
    return list(found.items())


def speak(voice: str, phrase: str, to: Path) -> bytes:
    """16-bit samples at 8 kHz, silence at both ends off."""
    command = VOICES[voice]
    words = SOUNDS.get(phrase, (phrase, phrase))[command[0] == "flite"]
    raw, clip = to / "raw.wav", to / "clip.wav"
    run(*command, *(["-o", raw, "-t", words] if command[0] == "flite" else ["-w", raw, words]))
    # kal16 breathes for 200 ms before a w: no caller does, and nobody could call that speech.
    start = "2%" if voice == "kal16" and phrase.startswith("wh") else "0.4%"
    trim = ["silence", "1", "0.01", start, "reverse", "silence", "1", "0.01", "0.4%", "reverse"]
    run("sox", raw, "-r", "8000", "-c", "1", "-b", "16", clip, "gain", "-n", "-6", *trim)
    with wave.open(str(clip)) as wav:
        return wav.readframes(wav.getnframes())


def main() -> None:
    table = ["voice\tfrom\tsamples\twords"]
    with tempfile.TemporaryDirectory() as folder:
        for voice in VOICES:
            sound, joined = b"", Path(folder) / "joined.wav"
            for phrase, speakers in phrases():
                if voice in speakers:
                    clip = speak(voice, phrase, Path(folder))
                    table.append(f"{voice}\t{len(sound) // 2}\t{len(clip) // 2}\t{phrase}")
                    sound += clip
            with wave.open(str(joined), "wb") as wav:
                wav.setnchannels(1)
                wav.setsampwidth(2)
                wav.setframerate(8000)
                wav.writeframes(sound)
            run("sox", joined, "-e", "u-law", HERE / f"{voice}.wav")
    (HERE / "clips.tsv").write_text("\n".join(table) + "\n")


if __name__ == "__main__":
    main()
