"""How rare a stem is: general word frequencies, blended with what a corpus shows as it grows.

General frequencies come from `wordfreq` (Speer, 2022). Every language's list is looked at and the
highest frequency counts, so that no language needs to be guessed and a word that is common anywhere
proves little. A stem is a word's first `STEM` code points: crude, but the same for every alphabet, and
it joins deploy, deployed and deployment as a stemmer does.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import islice

from provenance.normalize import fold

STEM = 6
LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pt", "ru", "ar", "zh", "ja")
WORDS = 12_000  # of each list; rarer ones are below 5e-6, where one more bit of rarity tells nothing
UNKNOWN = 2e-8  # a word in none of the lists is rarer than their floor of 1e-6; names mostly
SENTENCE = 20  # words


def stem(word: str) -> str:
    """Give the stem that stands for a folded word."""
    return word[:STEM]


@lru_cache(maxsize=1)
def frequencies() -> dict[str, float]:
    """Give each known stem's share of running text, by the language where it is most common."""
    import wordfreq  # noqa: PLC0415 (0.2 s, and only matching needs it)

    highest: dict[str, float] = {}
    for language in LANGUAGES:
        shares = wordfreq.get_frequency_dict(language, "small")  # the most frequent first
        words = fold("\n".join(islice(shares, WORDS))).text.split("\n")
        own: dict[str, float] = {}
        for word, share in zip(words, shares.values(), strict=False):
            key = word[:STEM]
            own[key] = own.get(key, 0.0) + share
        for key, share in own.items():
            if share > highest.get(key, 0.0):
                highest[key] = share
    return highest


def chance(key: str) -> float:
    """Give the chance that a sentence of ordinary text holds this stem."""
    return -math.expm1(-SENTENCE * frequencies().get(key, UNKNOWN))
