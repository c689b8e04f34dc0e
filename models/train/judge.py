"""Judges a model file as callers will meet it: through `attendant transcribe --manifest`.

Speaks the evaluation sentences with voices that were kept out of training (a whole engine, a flite voice,
an accent and some vocal tracts of espeak-ng), sends them through a clean microphone, an 8 kHz µ-law
telephone and 10 dB of noise, and prints a table in Markdown. `make eval-model` calls it.

    python judge.py --attendant target/release/attendant [--model FILE] [--real MANIFEST.tsv] --work DIR
"""

from __future__ import annotations

import argparse
import json
import math
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

import channel
import noise
import sources
from data import Corpus
from features import RATE

HERE = Path(__file__).parent
DIGITS = "zero oh one two three four five six seven eight nine double triple"
YES_NO = "yes no yeah nope correct right wrong"
#: Seconds of the longest turns, with what `sounds` puts around them; the model's context is 15.2 s.
LONG = 14.0
SETS = ("domain", "unseen", "digits10", "yesno", "names", "dates", "amounts", "letters", "out_of_domain")


def speak(name: str, sentences: Path, count: int, folder: Path) -> Corpus:
    """The sentences of a set by held-out voices; spoken once and kept."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, *sources.by_held_out_voices(sentences, count, folder)]
    subprocess.run(command, check=True, cwd=HERE, stderr=subprocess.DEVNULL)
    return Corpus.load(folder)


def sounds(corpus: Corpus, condition: str, seed: int) -> list[tuple[np.ndarray, int]]:
    """The utterances through a channel: samples in -1..1 and their rate in Hz."""
    r, generator = random.Random(seed), np.random.default_rng(seed)
    made = []
    for i in range(len(corpus)):
        x = np.pad(corpus[i] * 10 ** (r.uniform(-12, 0) / 20), (RATE * 3 // 10, RATE * 4 // 10))
        if condition == "noise":
            sound, _ = noise.draw(generator, len(x) / RATE, kind=r.choice(("white", "pink", "fan", "rain", "traffic")))
            x = channel.add_noise(x, np.resize(sound, len(x)), 10.0)
        if condition == "clean":
            made.append((x, RATE))
        else:
            made.append((channel.companded(np.clip(channel.decimated(x), -1, 1), "mu"), channel.TELEPHONE_RATE))
    return made


def write(corpus: Corpus, folder: Path, condition: str) -> Path:
    """WAV files and their manifest; written once."""
    manifest = folder / f"{condition}.tsv"
    if not manifest.exists():
        (folder / condition).mkdir(exist_ok=True)
        rows = ["path\ttranscript\tspeaker"]
        for i, (x, rate) in enumerate(sounds(corpus, condition, 3)):
            path = f"{condition}/{i:04}.wav"
            soundfile.write(folder / path, np.clip(x, -1, 1), rate, subtype="PCM_16")
            rows.append(f"{path}\t{corpus.texts[i]}\t{corpus.speakers[i]}")
        manifest.write_text("\n".join(rows) + "\n")
    return manifest


def joined(corpus: Corpus, seconds: float) -> Corpus:
    """Utterances, each by its own voice, one after the other, half a second apart, as many as fit."""
    gap = np.zeros(RATE // 2, np.int16)
    made: list[tuple[list[np.ndarray], list[int]]] = []
    length = math.inf
    for i in range(len(corpus)):
        own = corpus.samples[corpus.offsets[i] : corpus.offsets[i + 1]]
        if length + len(own) > seconds * RATE:
            made.append(([], []))
            length = 0
        made[-1][0].extend([own, gap])
        made[-1][1].append(i)
        length += len(own) + len(gap)
    sounds = [np.concatenate(parts[:-1]) for parts, _ in made]
    texts = [" ".join(corpus.texts[i] for i in members).strip() for _, members in made]
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in sounds])])
    speakers = [corpus.speakers[members[0]] for _, members in made]
    return Corpus(np.concatenate(sounds), offsets, texts, texts, ["joined"] * len(made), speakers)


def hear(a: argparse.Namespace, manifest: Path, bias: str = "") -> tuple[list[dict], dict]:
    """Rows and totals of `attendant transcribe --manifest`."""
    command = [a.attendant, "transcribe", "--manifest", str(manifest), "--json"]
    command += ["--model", str(a.model)] if a.model else []
    command += ["--bias", bias] if bias else []
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 2 or not done.stdout.strip():
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return lines[:-1], lines[-1]


def expectations(name: str, sentences: list) -> dict[str, str]:
    """What a dialogue would expect with its open question: label → `--bias`."""
    if name == "digits10":
        # As where the caller's own numbers are on file, among those of others.
        return {"digits expected": DIGITS, "100 numbers on file": ", ".join(s.text for s in sentences)}
    if name == "yesno":
        return {"yes or no expected": YES_NO}
    if name == "names":
        people = [" ".join(w for w in s.text.split() if w[0].isupper() and w != "I") for s in sentences]
        return {"names on file": ", ".join(sorted({p for p in people if p}))}
    return {}


def wilson(hits: int, count: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    z, p = 1.96, hits / count
    middle, half = p + z * z / (2 * count), z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    return (middle - half) / (1 + z * z / count), (middle + half) / (1 + z * z / count)


def row(label: str, channel_name: str, total: dict) -> str:
    low, high = wilson(total["exact"], total["files"])
    rate = f"{total['wer']:.1%} ({total['wer_low']:.1%}–{total['wer_high']:.1%})"
    return f"| {label} | {channel_name} | {total['files']} | {rate} | {total['exact'] / total['files']:.1%} ({low:.1%}–{high:.1%}) |"


def by_engine(rows: list[dict], manifest: Path) -> str:
    """Word error rate of each held-out engine, since one number hides the unseen one."""
    speaker = {line.split("\t")[0]: line.split("\t")[2] for line in manifest.read_text().splitlines()[1:]}
    sums: dict[str, list[float]] = {}
    for r in rows:
        if "wer" in r:
            engine = speaker[r["file"]].split("/")[0].split(":")[0]
            part = sums.setdefault(engine, [0.0, 0.0])
            part[0] += r["substitutions"] + r["deletions"] + r["insertions"]
            part[1] += r["words"]
    return ", ".join(f"{e} {n / max(1, w):.1%}" for e, (n, w) in sorted(sums.items()))


def nothing(a: argparse.Namespace, folder: Path, seconds: int) -> str:
    """Words heard where nothing was said."""
    if not (folder / "manifest.tsv").exists():
        command = [sys.executable, "-m", "noise", "--out", str(folder), "--seconds", str(seconds), "--seed", "5"]
        subprocess.run([*command, "--kinds", "all"], check=True, cwd=HERE, stderr=subprocess.DEVNULL)
    rows, _ = hear(a, folder / "manifest.tsv")
    words = sum(len(r.get("recognised", "").split()) for r in rows)
    clips = sum(bool(r.get("recognised")) for r in rows)
    return f"| no speech, {seconds // 60} minutes | as made | {len(rows)} | {words} words in {clips} clips | |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attendant", default="target/release/attendant")
    parser.add_argument("--model", type=Path, help="a ggml file; without it the bundled one")
    parser.add_argument("--real", type=Path, help="manifest of recordings of real people")
    parser.add_argument("--work", type=Path, required=True, help="folder for the sounds, kept between runs")
    parser.add_argument("--domain", type=Path, action="append", default=[], help="a domain folder (repeat)")
    parser.add_argument("--count", type=int, default=300, help="utterances of each set")
    parser.add_argument("--sets", nargs="*", default=SETS)
    a = parser.parse_args()
    a.work = a.work.absolute()
    a.work.mkdir(parents=True, exist_ok=True)
    domains = [str(d) for d in a.domain] or [str(d) for d in sorted((HERE / "../../src/domains").iterdir()) if (d / "tasks.toml").is_file()]
    print("| set | channel | utterances | word error rate (95 %) | exactly right (95 %) |\n|---|---|---|---|---|")
    for name, sentences in sources.judged(domains).items():
        if name not in a.sets:
            continue
        file = a.work / f"{name}.json"
        sources.write(sentences, file)
        corpus = speak(name, file, a.count, a.work / name)
        for condition in ("clean", "telephone", "noise"):
            manifest = write(corpus, a.work / name, condition)
            rows, total = hear(a, manifest)
            label = {"noise": "telephone, 10 dB SNR"}.get(condition, condition)
            print(row(name, label, total), flush=True)
            if name == "domain":
                print(f"| … by engine | {label} | | {by_engine(rows, manifest)} | |", flush=True)
            if name == "domain" and condition == "telephone":
                (a.work / "long").mkdir(exist_ok=True)
                _, total = hear(a, write(joined(corpus, LONG), a.work / "long", condition))
                print(row(f"domain, joined to {LONG:.0f} s", label, total), flush=True)
            for what, bias in expectations(name, sentences).items() if condition == "telephone" else ():
                _, total = hear(a, manifest, bias)
                print(row(f"{name}, {what}", label, total), flush=True)
    print(nothing(a, a.work / "nothing", 600), flush=True)
    if a.real:
        for label, bias in (("real people", ""), ("real people, digits expected", DIGITS)):
            _, total = hear(a, a.real, bias)
            print(row(label, "telephone", total), flush=True)


if __name__ == "__main__":
    main()
