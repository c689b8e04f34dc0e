"""Training sentences: from domain folders and phrase files to what callers say and what shall be written.

`Source.draw` gives a random sentence, `eval_sets` the sentences on which a model is judged.
"""

from .evaluation import eval_sets
from .source import Source, held_out_text
from .template import PhraseError, Template
from .tokens import Sentence

__all__ = ["PhraseError", "Sentence", "Source", "Template", "eval_sets", "held_out_text"]
