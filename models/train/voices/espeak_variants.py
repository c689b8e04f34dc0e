"""Voice files for espeak-ng: those installed, and generated ones that widen the crowd.

espeak-ng is a formant synthesiser, so a text file of formant scales and pitch range is
a new speaker (docs/voices.md of espeak-ng names the attributes).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

GENERATED = 150
"""How many random variants there are."""

# Novelty voices: effects rather than speakers; whispers are kept.
_NOT_PEOPLE = frozenset(
    ("Demonic", "UniRobot", "anikaRobot", "croak", "fast", "Tweaky", "kaukovalta", "AnxiousAndy")
)

ACCENTS: dict[str, str] = {
    # name: the voice file's body; accents of second-language speakers and mixtures
    "en-att-th": "phonemes en-us\ndictrules 3 6\nreplace 00 T t\nreplace 00 D d\n",
    "en-att-sz": "phonemes en-us\ndictrules 3 6\nreplace 00 T s\nreplace 00 D z\n",
    "en-att-vw": "phonemes en\nreplace 00 w v\nintonation 3\n",
    "en-att-flat": "phonemes en-us\ndictrules 3 6\nstressLength 190 180 200 200 0 0 220 230\n"
    "intonation 2\n",
    "en-att-lilt": "phonemes en\nstressLength 170 140 210 200 0 0 260 290\nintonation 4\n",
}


def installed(data: Path) -> list[str]:
    """The variants that espeak-ng brings, without the novelty ones and the robots."""
    return sorted(
        path.name
        for path in (data / "voices" / "!v").iterdir()
        if path.is_file() and path.name not in _NOT_PEOPLE and not path.name.startswith("robosoft")
    )


def generated_names() -> list[str]:
    """Names of the generated variants."""
    return [f"att{number:03d}" for number in range(GENERATED)]


def variant(number: int) -> str:
    """The voice file of generated variant ``number``: one random vocal tract."""
    rng = np.random.default_rng([0x76617269, number])
    tract = rng.uniform(0.86, 1.28)  # formants of a long (low) to a short vocal tract
    low = 62 + 150 * np.clip((tract - 0.86) / 0.42 + rng.normal(0, 0.22), 0, 1)
    lines = ["language variant", f"name att{number:03d}"]
    lines.append(f"pitch {low:.0f} {low * rng.uniform(1.2, 1.9):.0f}")
    for formant in range(9):
        scale = 100 * tract * np.exp(rng.normal(0, 0.035))
        height = np.clip(rng.normal(100, 14), 60, 140)
        width = np.clip(rng.normal(100, 22), 55, 170)
        lines.append(f"formant {formant} {scale:.0f} {height:.0f} {width:.0f}")
    if rng.random() < 0.5:
        lines.append(f"voicing {rng.integers(55, 115)}")
    if rng.random() < 0.5:
        lines.append(f"consonants {rng.integers(60, 130)} {rng.integers(60, 130)}")
    if rng.random() < 0.4:
        strength = rng.integers(1, 5)
        breath = np.clip(rng.integers(0, 3, 8) + np.array([0, *[strength] * 7]), 0, 8)
        lines.append("breath " + " ".join(str(value) for value in breath))
    lines.append(f"flutter {rng.integers(0, 9)}")
    lines.append(f"roughness {rng.integers(0, 4)}")
    if rng.random() < 0.4:
        lines.append(f"intonation {rng.integers(1, 5)}")
    if rng.random() < 0.4:
        tilt = rng.integers(60, 160, 3)
        lines.append(f"tone 150 {tilt[0]} 900 {tilt[1]} 3000 {tilt[2]}")
    if rng.random() < 0.25:
        lines.append(f"klatt {rng.integers(1, 6)}")
    return "\n".join(lines) + "\n"


def private_data(data: Path, folder: Path) -> None:
    """Makes ``folder``/espeak-ng-data: links to ``data`` plus generated voices."""
    target = folder / "espeak-ng-data"
    variants, accents = target / "voices" / "!v", target / "lang" / "gmw"
    for inner in (variants, accents):
        inner.mkdir(parents=True)
    _link(data, target, skip={"voices", "lang", "voices_old"})
    _link(data / "voices" / "!v", variants)
    _link(data / "lang" / "gmw", accents)
    for number, name in enumerate(generated_names()):
        (variants / name).write_text(variant(number), encoding="ascii")
    for name, body in ACCENTS.items():
        text = f"name {name}\nlanguage {name}\n{body}"
        (accents / name).write_text(text, encoding="ascii")


def _link(source: Path, target: Path, skip: set[str] | None = None) -> None:
    for path in source.iterdir():
        if path.name not in (skip or ()):
            (target / path.name).symlink_to(path)
