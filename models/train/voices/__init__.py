"""Synthetic speakers: every speech engine on this machine behind one interface.

Decides which voices exist, which of them are kept out of training and how far an
utterance may stray from a voice's own manner.  What is said comes from the
``sentences`` package; telephone lines, rooms and noise are added later, by the
training loader.

>>> import numpy as np, voices
>>> training = voices.speakers(held_out=False)
>>> rng = np.random.default_rng(1)
>>> samples = voices.draw(training, rng).speak("where is my order", rng)   # int16, 16 kHz
"""

from voices.roster import available_engines, draw, speakers
from voices.speaker import SAMPLE_RATE, Speaker, SynthesisError

__all__ = ["SAMPLE_RATE", "Speaker", "SynthesisError", "available_engines", "draw", "speakers"]
