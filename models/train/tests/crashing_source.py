"""A source of sentences that ends its worker now and then, as a broken engine would."""

import os
import random

from voices.standin import Phrase


class Source:
    """Every tenth sentence kills the process."""

    def draw(self, rng: random.Random) -> Phrase:
        if rng.random() < 0.1:
            os._exit(3)
        return Phrase("yes", "yes", "yesno")
