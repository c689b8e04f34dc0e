"""From domain folders to a recogniser: sentences, speech, training, ggml file, figures. `make model` calls it.

    python make_model.py --out models/attendant-en.bin [--domain DIR …] [--init FILE] [--real MANIFEST.tsv]

`--init` takes a published Whisper model too (`attendant models pull tiny.en`): it has heard real people.

Every part is kept in the work folder and taken up where it was when the command is given again. The time is
spent in training; `--steps` and `--utterances` set it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
#: Sentences drawn to find the tokens in use.
DRAWS = 150_000
#: How a published model is trained further: slowly, its lower layers not at all. It listens from the first step on,
#: so the phonemes that teach a new model to listen are not needed.
GENERAL = ("--gentle", "--rate", 1e-4, "--warmup", 30, "--encoder-rate", 0.3, "--held", 2, "--hold", 40)
GENERAL += ("--phonemes", 0, "--withhold", 0.03, "--amount", 0.7, "--seconds", 60)
#: Kinds of sentences that are short, or hard, or must be right: heard twice as often.
RARE = ("yesno", "name", "letters", "single_digit")


def python(*arguments: object) -> None:
    """Runs one part of the recipe; one thread a process, since the parts share the work themselves."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONPATH": str(HERE)}
    command = [sys.executable, *map(str, arguments)]
    if subprocess.run(command, cwd=HERE, env=environment).returncode:
        raise SystemExit(f"failed: {' '.join(command)}\nhint: the reason is above; the same command goes on from here")


def say(text: str) -> None:
    print(f"== {text}", flush=True)


def used_tokens(domains: list[str], file: Path) -> None:
    """The tokens of all sentences that can be drawn, near enough: the vocabulary and many draws."""
    import sources
    import tokens

    source = sources.training(domains)
    r = random.Random(99)
    texts = [source.draw(r).text for _ in range(DRAWS)]
    texts += [s.text for sentences in sources.judged(domains).values() for s in sentences]
    file.write_text(json.dumps(tokens.in_use(texts)))


def held_out(domains: list[str], work: Path) -> list[Path]:
    """Small sets by unseen voices, to watch the training."""
    import sources

    folders = []
    for name, sentences in sources.judged(domains).items():
        if name not in ("domain", "unseen", "digits10"):
            continue
        file = work / f"{name}.json"
        sources.write(sentences, file)
        folder = work / "check" / name
        python(*sources.by_held_out_voices(file, 130, folder))
        folders.append(folder)
    return folders


def arguments() -> argparse.Namespace:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", type=Path, default=ROOT / "models" / "attendant-en.bin", help="the ggml file")
    p.add_argument("--domain", type=Path, action="append", default=[], help="a domain folder (repeat); none: src/domains/*")
    p.add_argument("--work", type=Path, default=ROOT / "target" / "model", help="speech and checkpoints")
    p.add_argument("--init", type=Path, help="go on from this ggml file (ours or a published one) or checkpoint")
    p.add_argument("--piper", type=Path, help="folder of Piper voices (*.onnx) that speak too")
    p.add_argument("--real", type=Path, help="manifest of recordings of real people, for the last part")
    p.add_argument("--utterances", type=int, default=64_000)
    p.add_argument("--steps", type=int, help="default: 7000 from nothing, 2900 with --init, 1500 from a published model")
    p.add_argument("--real-steps", type=int, default=400)
    p.add_argument("--type", default="q5_0", help="weights in the file")
    p.add_argument("--packed", action=argparse.BooleanOptionalAction, default=True, help="pack the file with gzip")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    p.add_argument("--device", default="cpu", help="cuda: train on a GPU")
    return p.parse_args()


def main() -> None:
    import pretrained

    a = arguments()
    began = time.time()
    a.work = a.work.absolute()
    a.work.mkdir(parents=True, exist_ok=True)
    domains = [str(d.absolute()) for d in a.domain] or [str(f.parent) for f in sorted((ROOT / "src/domains").glob("*/tasks.toml"))]
    general = a.init is not None and a.init.suffix == ".bin" and pretrained.is_general(a.init)
    steps = a.steps or (1500 if general else 2900 if a.init else 7000)
    if not (a.work / "tokens.json").exists():
        say("sentences")
        used_tokens(domains, a.work / "tokens.json")
    say(f"speech: {a.utterances} sentences, and the held-out voices")
    spoken = ["--phrases", HERE / "phrases", *(x for d in domains for x in ("--domain", d))]
    spoken += ["--piper-voices", a.piper.absolute()] if a.piper else []
    python("-m", "voices.corpus", "--out", a.work / "speech", "--count", a.utterances, "--seed", a.seed, "--jobs", a.jobs, *spoken)
    checks = held_out(domains, a.work)
    say(f"training: {steps} steps; stop it whenever you like, the same command goes on")
    common = ["--speech", a.work / "speech", "--tokens", a.work / "tokens.json", "--jobs", a.jobs, "--seed", a.seed]
    common += ["--device", a.device, "--check", *checks, "--resume", "--again", *RARE]
    first = ["--init", a.init.absolute()] if a.init else []
    first += GENERAL if general else ()
    python("train.py", *common, *first, "--out", a.work / "trained", "--steps", steps)
    last = a.work / "trained" / "last.pt"
    if a.real:
        say("training: real people")
        python("real.py", a.real.absolute(), "--out", a.work / "real", "--count", 8000)
        python(
            *("train.py", *common, "--init", last, "--more", f"{a.work / 'real'}:1", "--out", a.work / "trained-real"),
            *("--steps", a.real_steps, "--rate", 4e-4, "--amount", 1, "--cooldown", 0.8),
        )
        last = a.work / "trained-real" / "last.pt"
    say("export")
    python("ggml.py", last, a.out.absolute(), "--type", a.type, *(["--packed"] if a.packed else []))
    say(f"done in {(time.time() - began) / 60:.0f} min; `make eval-model` measures it")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    main()
