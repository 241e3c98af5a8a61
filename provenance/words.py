"""A text as arrays: words, stems, sentences and quotations, ready to be compared.

All texts of one comparison share a `Vocabulary`, so that words and stems are integers and everything
after this module works on arrays.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from xxhash import xxh32_intdigest

from provenance.normalize import fold
from provenance.rarity import chance, stem
from provenance.segment import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.model import Span

_WORD = re.compile(
    r"""
      [\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]  # kana and Han: scripts without spaces, a character a word
    | (?:[^\W\d_]\.){2,}                         # U.S., read as one word without its stops
    | \d+(?:[.,:]\d+)*
    | [^\W_]+(?:[\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0e31-\u0e4e]+[^\W_]*)*  # with the marks that \w lacks
    """,
    re.VERBOSE,
)
NAMES = 0.6  # share of capitalised words; German prose has .35, headlines in title case .8
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_QUOTE = re.compile(
    r"“[^“”\n]{1,1500}”|\"[^\"\n]{1,1500}\"|«[^«»\n]{1,1500}»|„[^“”„\n]{1,1500}[“”]|「[^「」\n]{1,1500}」"
)


class Vocabulary(dict[str, int]):
    """Numbers words and stems as they are met; `chances` holds each stem's chance to be in a sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.hashes = array("I")  # word number -> xxh32 of its UTF-8
        self.stem_of = array("i")  # word number -> stem number
        self.chances = array("d")  # stem number -> chance, by general frequency
        self._stems: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        self.hashes.append(xxh32_intdigest(word.encode("utf-8", "surrogatepass")))
        self.stem_of.append(self.stem(stem(word)))
        return number

    def stem(self, key: str) -> int:
        """Give the number of a stem; -1 for one too short to say anything (the s of a possessive)."""
        if len(key) == 1 and key.isascii() and not key.isdigit():
            return -1
        number = self._stems.setdefault(key, len(self._stems))
        if number == len(self.chances):
            self.chances.append(chance(key))
        return number


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """Which keys stand in which sentence, each once.

    rows, slots     int32 (m,), sentence number, place in `keys`
    keys, counts    int64, int32 (k,), the distinct keys, sorted; in how many sentences each stands
    """

    rows: NDArray[np.int32]
    slots: NDArray[np.int32]
    keys: NDArray[np.int64]
    counts: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """One text, read: n words in S sentences.

    words, stems    int32 (n,), numbers in the vocabulary; a stem may be -1
    starts, ends    int32 (n,), code points of the source
    bounds          int32 (S + 1,), the first word of each sentence
    quoted          bool (n,), inside quotation marks
    listed          bool (S,), mostly capitalised words: a list of names (a team, a cast) and not prose
    stemmed         which stems stand in which sentence
    paired          which pairs of neighbouring stems do, outside quotation marks (stem << 32 | next stem)
    """

    source: str
    spans: tuple[Span, ...]
    words: NDArray[np.int32]
    stems: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    bounds: NDArray[np.int32]
    quoted: NDArray[np.bool_]
    listed: NDArray[np.bool_]
    stemmed: Incidence
    paired: Incidence
    flags: tuple[str, ...]

    @property
    def size(self) -> int:
        """The number of sentences."""
        return len(self.spans)


def read(source: str, vocabulary: Vocabulary) -> Text:
    """Read `source` into arrays."""
    folded = fold(source)
    found = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(folded.text)]
    tokens = [token if "." not in token or token[0].isdigit() else token.replace(".", "") for token, _, _ in found]
    words = np.array([vocabulary[token] for token in tokens], dtype=np.int32)
    stems = np.frombuffer(vocabulary.stem_of, dtype=np.int32)[words] if len(words) else words
    if not folded.text.isascii() and _CJK.search(folded.text):
        stems = _bigrams(tokens, found, stems, vocabulary)
    starts = np.array([start for _, start, _ in found], dtype=np.int32)
    ends = np.array([end for _, _, end in found], dtype=np.int32)
    if folded.offsets is not None:
        # One character may fold to several words (¼), and several to one (a letter and its accent).
        starts, ends = folded.offsets[starts], np.maximum(folded.offsets[ends], folded.offsets[ends - 1] + 1)
    spans = sentences(source)
    first = np.searchsorted(starts, np.array([span.start for span in spans] + [len(source)], dtype=np.int32))
    used = np.flatnonzero(np.diff(first))  # sentences without a word (rows of dashes) are not compared
    bounds = np.append(first[used], len(words)).astype(np.int32)
    quotes = np.array([match.span() for match in _QUOTE.finditer(source)], dtype=np.int32).reshape(-1, 2)
    inside = np.searchsorted(quotes[:, 0], starts, side="right") > np.searchsorted(
        quotes[:, 1], starts, side="right"
    )
    sentence = np.repeat(np.arange(len(used), dtype=np.int32), np.diff(bounds))
    telling = stems >= 0
    return Text(
        source=source,
        spans=tuple(spans[i] for i in used),
        words=words,
        stems=stems,
        starts=starts,
        ends=ends,
        bounds=bounds,
        quoted=inside,
        listed=_listed(source, starts, bounds),
        stemmed=_incidence(sentence[telling], stems[telling].astype(np.int64)),
        paired=_paired(sentence[telling & ~inside], stems[telling & ~inside].astype(np.int64)),
        flags=folded.flags,
    )


def _incidence(rows: NDArray[np.int32], keys: NDArray[np.int64]) -> Incidence:
    keys, slots = np.unique(keys, return_inverse=True)
    pairs = np.unique(rows.astype(np.int64) << 32 | slots)
    rows, slots = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
    return Incidence(rows, slots.astype(np.int32), keys, np.bincount(slots, minlength=len(keys)).astype(np.int32))


def _paired(rows: NDArray[np.int32], stems: NDArray[np.int64]) -> Incidence:
    together = rows[:-1] == rows[1:]
    return _incidence(rows[:-1][together], (stems[:-1] << 32 | stems[1:])[together])


def _listed(source: str, starts: NDArray[np.int32], bounds: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell which sentences are lists of names, by the share of their words that begin with a capital."""
    capital = np.array([source[start].isupper() for start in starts.tolist()], dtype=np.int32)
    total = np.diff(np.concatenate(([0], np.cumsum(capital)))[bounds]) if len(bounds) > 1 else np.zeros(0)
    return total > NAMES * np.diff(bounds)


def masked(source: str, kept: Sequence[Span]) -> str:
    """Give the source with everything but the kept spans as line breaks, so that offsets stay true."""
    pieces, end = [], 0
    for span in kept:
        pieces += ["\n" * (span.start - end), source[span.start : span.end]]
        end = span.end
    return "".join(pieces)


def _bigrams(
    tokens: Sequence[str], found: Sequence[tuple[str, int, int]], stems: NDArray[np.int32], vocabulary: Vocabulary
) -> NDArray[np.int32]:
    """Replace the stem of each CJK character by that of the pair it forms with the next one."""
    stems = stems.copy()
    for number, (token, following) in enumerate(pairwise(tokens)):
        if _CJK.match(token):
            adjacent = found[number][2] == found[number + 1][1] and _CJK.match(following)
            stems[number] = vocabulary.stem(token + following) if adjacent else -1
    if tokens and _CJK.match(tokens[-1]):
        stems[-1] = -1
    return stems
