"""Generated non-speech at 16 kHz: what a recogniser must answer with empty text.

Decides which sounds there are and which are kept for evaluation.  Everything is
computed from a seeded generator; there are no recordings.  Lines and rooms are added
by the training loader.

>>> import numpy as np, noise
>>> sound, kind = noise.draw(np.random.default_rng(1), seconds=3.0)
"""

from noise.roster import EVALUATION_ONLY, KINDS, SAMPLE_RATE, draw, kinds

__all__ = ["EVALUATION_ONLY", "KINDS", "SAMPLE_RATE", "draw", "kinds"]
