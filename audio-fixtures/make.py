#!/usr/bin/env python3
"""Records the calls in audio-fixtures/calls/ anew.

For each scripts/NAME.toml: speaks its words with voices of Debian packages (flite, espeak-ng),
puts them through a telephone (8 kHz, µ-law), lets the scripted caller phone the sample shop, keeps
what it said as calls/NAME/caller.wav, and phones once more with that recording for the journal.

Needs: flite espeak-ng sox, and a built target/release/attendant, on a machine that does nothing else:
computing time counts on the calls' clock. Usage: make.py [--journals] [NAME ...]

With --journals the recorded callers stay as they are, and only the journals are made anew: what to do
when the business or the journal's form has changed, and callers still say the same.

In a script, `words` may hold pauses in ms: "four [1000] five". `noise` is a sox synth effect.
"""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / "target" / "fixtures"
ATTENDANT = ROOT / "target" / "release" / "attendant"


def run(*command: object) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{command[0]} failed: {done.stderr or done.stdout}")


def speak(voice: str, words: str, to: Path) -> None:
    """One clip without pauses in it, 16 kHz."""
    raw = to.with_suffix(".raw.wav")
    if voice.startswith("espeak:"):
        run("espeak-ng", "-v", voice.removeprefix("espeak:"), "-s", "150", "-w", raw, words)
    else:
        run("flite", "-voice", voice, "-t", words, "-o", raw)
    # Leading and trailing silence off: the pauses are the script's.
    trim = ["silence", "1", "0.02", "0.3%", "reverse", "silence", "1", "0.02", "0.3%", "reverse"]
    run("sox", raw, "-r", "16000", "-c", "1", "-b", "16", to, "gain", "-n", "-6", *trim)


def clip(step: dict, voice: str, to: Path) -> None:
    """A step's sound: words with pauses, or noise."""
    if "noise" in step:
        run("sox", "-n", "-r", "16000", "-c", "1", "-b", "16", to, "synth", *step["noise"].split())
        return
    parts = []
    for index, part in enumerate(re.split(r"\[(\d+)\]", step["words"])):
        piece = to.with_suffix(f".{index}.wav")
        if index % 2:
            run("sox", "-n", "-r", "16000", "-c", "1", "-b", "16", piece, "trim", "0", int(part) / 1000)
        else:
            speak(voice, part.strip(), piece)
        parts.append(piece)
    run("sox", *parts, to)


def prepare(name: str) -> Path:
    """Speaks a script's clips; returns the script as `attendant demo --script` reads it."""
    script = tomllib.loads((HERE / "scripts" / f"{name}.toml").read_text())
    folder = BUILD / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lines = []
    for index, step in enumerate(script["step"]):
        lines.append("[[step]]")
        if "words" in step or "noise" in step:
            clip(step, step.get("voice", script["voice"]), folder / f"{index}.wav")
            lines.append(f'say = "{index}.wav"')
        for key in ("keys", "after", "cut_in"):
            if key in step:
                lines.append(f"{key} = {json.dumps(step[key])}")
    path = folder / "script.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def phone(name: str, *caller: object) -> Path:
    """A call; returns the folder of its record."""
    recordings = BUILD / "recordings"
    run(ATTENDANT, "--set", f"recordings.dir={recordings}", "demo", "--name", name, *caller)
    return recordings / name


def main() -> None:
    kept = "--journals" in sys.argv
    names = [name for name in sys.argv[1:] if not name.startswith("-")]
    names = names or sorted(path.stem for path in (HERE / "scripts").glob("*.toml"))
    for name in names:
        folder = HERE / "calls" / name
        caller = folder / "caller.wav"
        if not (kept and caller.exists()):
            heard = phone(f"{name}-take", "--script", prepare(name))
            folder.mkdir(parents=True, exist_ok=True)
            run("sox", heard / "caller.wav", "-r", "8000", "-e", "u-law", caller)
        again = phone(name, "--caller", caller)
        shutil.copyfile(again / "journal.jsonl", folder / "journal.jsonl")
        print(f"{name}: {caller.stat().st_size // 8000} s")


if __name__ == "__main__":
    main()
