"""How rare a stem is: general word frequencies, blended with what a corpus shows as it grows.

General frequencies come from `wordfreq` (Speer, 2022). Of the languages written in a stem's script each list
is looked at and the highest frequency counts, so that no language needs to be guessed and a word that is
common anywhere proves little. A stem is a word's first `STEM` code points: crude, but the same for every
alphabet, and it joins deploy, deployed and deployment as a stemmer does.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import cache
from itertools import islice, repeat
from typing import TYPE_CHECKING, cast

import numpy as np

from provenance.normalize import fold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import SourceFileLoader

    from numpy.typing import NDArray

STEM = 6
SYLLABLES = 2  # of a Korean stem: a syllable is two or three letters, and particles follow most nouns
WORDS = 12_000  # of each list; rarer ones are below 5e-6, where one more bit of rarity tells nothing
UNKNOWN = 2e-8  # a word in none of the lists is rarer than their floor of 1e-6; names mostly
LETTERS = 5e-4  # two letters of a script without spaces or lists: some ten bits of entropy
SENTENCE = 20  # words

_LATIN = ("en", "de", "es", "fr", "it", "nl", "pt")
_HAN, _CYRILLIC, _ARABIC, _KOREAN, _LISTLESS = ("zh", "ja"), ("ru", "uk"), ("ar", "fa"), ("ko",), ()
# From which code point on which lists are looked at: blocks of scripts, in order.
_SCRIPTS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (0x0000, _LATIN),
    (0x0370, ("el",)),
    (0x0400, _CYRILLIC),
    (0x0530, _LATIN),
    (0x0590, ("he",)),
    (0x0600, _ARABIC),
    (0x0780, _LATIN),
    (0x0900, ("hi",)),
    (0x0980, ("bn",)),
    (0x0A00, _LATIN),
    (0x0B80, ("ta",)),
    (0x0C00, _LATIN),
    (0x0E00, _LISTLESS),  # Thai, Lao
    (0x0F00, _LATIN),
    (0x1000, _LISTLESS),  # Burmese
    (0x10A0, _LATIN),
    (0x1780, _LISTLESS),  # Khmer
    (0x1800, _LATIN),
    (0x2E80, _HAN),
    (0xAC00, _KOREAN),
    (0xD7B0, _LATIN),
    (0xF900, _HAN),
    (0xFB00, _LATIN),
    (0x1AFF0, _HAN),
    (0x1B170, _LATIN),
    (0x20000, _HAN),
)
_FIRST = [first for first, _ in _SCRIPTS]


def stem(word: str) -> str:
    """Give the stem that stands for a folded word."""
    return word[:SYLLABLES] if "\uac00" <= word <= "\ud7b0" else word[:STEM]


@cache
def frequencies(languages: tuple[str, ...]) -> dict[str, float]:
    """Give each known stem's share of running text, by that of the languages where it is most common."""
    highest: dict[str, float] = {}
    for language in languages:
        shares = word_shares(language)
        words = fold("\n".join(shares)).text.split("\n")
        own: dict[str, float] = {}
        for word, share in zip(words, shares.values(), strict=True):
            key = stem(word)
            own[key] = own.get(key, 0.0) + share
        for key, share in own.items():
            if share > highest.get(key, 0.0):
                highest[key] = share
    return highest


def word_shares(language: str) -> dict[str, float]:
    """Give the `WORDS` most frequent words of a language, the first the most frequent, and their shares of text.

    Read from the package's data, whose buckets are hundredths of a decimal digit of frequency: the package itself
    takes 0.2 s to import, for what it does beside, and a text is checked in little more.
    """
    import gzip  # noqa: PLC0415 (only matching needs them)
    from importlib.util import find_spec  # noqa: PLC0415

    import msgpack  # noqa: PLC0415

    found = find_spec("wordfreq")
    if not (found and found.submodule_search_locations):
        raise ModuleNotFoundError("wordfreq is not installed", name="wordfreq")
    place = f"{found.submodule_search_locations[0]}/data/small_{language}.msgpack.gz"
    packed = cast("SourceFileLoader", found.loader).get_data(place)
    _, *buckets = msgpack.unpackb(gzip.decompress(packed), raw=False)
    shares = ((word, 10 ** (-place / 100)) for place, bucket in enumerate(buckets) for word in bucket)
    return dict(islice(shares, WORDS))


def chances(keys: Sequence[str]) -> NDArray[np.float64]:
    """Give for each stem the chance that a sentence of ordinary text holds it: float64 (n,)."""
    plain = list(map(str.isascii, keys))
    latin = frequencies(_LATIN) if any(plain) else {}
    shares = np.fromiter(map(latin.get, keys, repeat(UNKNOWN)), np.float64, len(keys))
    for place in np.flatnonzero(~np.array(plain, dtype=np.bool_)).tolist():
        shares[place] = _share(keys[place])
    return -np.expm1(-SENTENCE * shares)


def chance(key: str) -> float:
    """Give the chance that a sentence of ordinary text holds one stem."""
    return -math.expm1(-SENTENCE * _share(key))


def _share(key: str) -> float:
    """Give a stem's share of running text, by the lists of its script."""
    languages = _LATIN if key.isascii() else _SCRIPTS[bisect_right(_FIRST, ord(key[0])) - 1][1]
    return frequencies(languages).get(key, UNKNOWN) if languages else LETTERS
