"""A text as arrays: words, stems, sentences and quotations, ready to be compared.

All texts of one comparison share a `Vocabulary`, so that words and stems are integers and everything
after this module works on arrays.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, count, islice, pairwise
from typing import TYPE_CHECKING

import numpy as np
from xxhash import xxh32_intdigest

from provenance.model import Span
from provenance.normalize import Folded, fold
from provenance.rarity import STEM, chances, stem
from provenance.segment import sentences
from provenance.tokens import Tokens, capitals, pieces, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray


NAMES = 0.6  # share of capitalised words; German prose has .35, headlines in title case .8
_CHUNK = 1 << 16  # words that are strings at one time
_QUOTE = re.compile(
    r"“[^“”\n]{1,1500}”|\"[^\"\n]{1,1500}\"|«[^«»\n]{1,1500}»|„[^“”„\n]{1,1500}[“”]|「[^「」\n]{1,1500}」"
)


_SILENT = {chr(code): -1 for code in range(128) if not chr(code).isdigit()}  # stems that say nothing


class Vocabulary(defaultdict[str, int]):
    """Numbers words as they are met, and their stems."""

    def __init__(self) -> None:
        super().__init__(count().__next__)  # which no Python runs for: most words of two texts are new
        self.stem_of = array("i")  # word number -> stem number
        self._stems = defaultdict[str, int](count().__next__, _SILENT)

    def number(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Give the words' numbers; new words get one, and their stems."""
        known = len(self)
        numbers = np.fromiter(map(self.__getitem__, words), np.int32, len(words))
        fresh = [*islice(reversed(self), len(self) - known)][::-1]
        keys = [word[:STEM] for word in fresh] if "".join(fresh).isascii() else map(stem, fresh)
        self.stem_of.extend(map(self._stems.__getitem__, keys))
        return numbers

    @property
    def stems(self) -> list[str]:
        """The stems, in the order of their numbers."""
        return [*islice(self._stems, len(_SILENT), None)]

    def stem(self, key: str) -> int:
        """Give the number of a stem; -1 for one too short to say anything (the s of a possessive)."""
        return self._stems[key]

    @property
    def hashes(self) -> NDArray[np.uint32]:
        """The xxh32 of each word's UTF-8: uint32 (words,)."""
        found = (xxh32_intdigest(word.encode("utf-8", "surrogatepass")) for word in self)
        return np.fromiter(found, np.uint32, len(self))

    @property
    def chances(self) -> NDArray[np.float64]:
        """Each stem's chance to be in a sentence, by general frequency: float64 (stems,)."""
        return chances(self.stems)


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


@dataclass(frozen=True, eq=False)
class Text:
    """One text, read: n words in S sentences. What few texts are asked for is made when it is.

    words, stems    int32 (n,), numbers in the vocabulary; a stem may be -1
    starts, ends    int32 (n,), code points of the source
    bounds          int32 (S + 1,), the first word of each sentence
    """

    source: str
    spans: tuple[Span, ...]
    words: NDArray[np.int32]
    stems: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    bounds: NDArray[np.int32]
    flags: tuple[str, ...]

    @property
    def size(self) -> int:
        """The number of sentences."""
        return len(self.spans)

    @cached_property
    def quoted(self) -> NDArray[np.bool_]:
        """Whether each word stands inside quotation marks: bool (n,)."""
        return _quoted(self.source, self.starts)

    @cached_property
    def listed(self) -> NDArray[np.bool_]:
        """Whether each sentence is mostly capitalised words, a list of names (a team, a cast): bool (S,)."""
        return _listed(self.source, self.starts, self.bounds)

    @cached_property
    def stemmed(self) -> Incidence:
        """Which stems stand in which sentence."""
        telling = self.stems >= 0
        return _incidence(self._sentence[telling], self.stems[telling].astype(np.int64))

    @cached_property
    def paired(self) -> Incidence:
        """Which pairs of neighbouring stems do, outside quotation marks (stem << 32 | next stem)."""
        plain = (self.stems >= 0) & ~self.quoted
        return _paired(self._sentence[plain], self.stems[plain].astype(np.int64))

    @property
    def _sentence(self) -> NDArray[np.int32]:
        return np.repeat(np.arange(self.size, dtype=np.int32), self.bounds[1:] - self.bounds[:-1])


def passages(text: Text) -> list[tuple[int, int]]:
    """Give the passages of a text, its paragraphs, as the words [start, end) of each."""
    gaps = zip(text.spans, text.spans[1:], strict=False)
    new = [number + 1 for number, (a, b) in enumerate(gaps) if "\n" in text.source[a.end : b.start]]
    edges = [int(text.bounds[number]) for number in (0, *new, text.size)]
    return list(pairwise(edges))


def read(source: str, vocabulary: Vocabulary) -> Text:
    """Read `source` into arrays, in time and memory linear in its length."""
    folded = fold(source)
    return _scanned(source, folded, tokens(folded.text), vocabulary)


def read_all(sources: Sequence[str], vocabulary: Vocabulary) -> list[Text]:
    """Give what `read` gives of each, in three quarters of the time; words are numbered in another order.

    Texts are scanned as one, with blank lines between them; those whose folding moves characters, and those with
    scripts without spaces among them, one by one.
    """
    folded = [fold(source) for source in sources]
    plain = [number for number, one in enumerate(folded) if one.offsets is None]
    whole = Folded(_APART.join([folded[number].text for number in plain]))
    found = tokens(whole.text)
    together: dict[int, Text] = {}
    if found.alone is None:
        own = [sources[number] for number in plain]
        flags = [folded[number].flags for number in plain]
        parts = _divided(_scanned(_APART.join(own), whole, found, vocabulary), own, flags)
        together = dict(zip(plain, parts, strict=True))
    return [together.get(number) or read(source, vocabulary) for number, source in enumerate(sources)]


_APART = "\n\n"  # ends a sentence, a word and a quotation, whatever stands before it


def _divided(whole: Text, sources: Sequence[str], flags: Sequence[tuple[str, ...]]) -> Iterator[Text]:
    """Give each of the sources that a text is made of as a text."""
    bases = [0, *accumulate(len(source) + len(_APART) for source in sources)]
    words = np.searchsorted(whole.starts, bases).tolist()
    edges = np.searchsorted(whole.bounds[:-1], words).tolist()
    for number, source in enumerate(sources):
        base, (first, last), (begin, end) = bases[number], words[number : number + 2], edges[number : number + 2]
        yield Text(
            source,
            tuple([Span(span.start - base, span.end - base) for span in whole.spans[begin:end]]),
            whole.words[first:last],
            whole.stems[first:last],
            whole.starts[first:last] - np.int32(base),
            whole.ends[first:last] - np.int32(base),
            whole.bounds[begin : end + 1] - np.int32(first),
            flags[number],
        )


def _scanned(source: str, folded: Folded, found: Tokens, vocabulary: Vocabulary) -> Text:
    words = _numbered(folded.text, found, vocabulary)
    stems = _stems(folded.text, found, words, vocabulary)
    starts, ends = found.starts, found.ends
    if folded.offsets is not None:
        # One character may fold to several words (¼), and several to one (a letter and its accent).
        starts, ends = folded.offsets[starts], np.maximum(folded.offsets[ends], folded.offsets[ends - 1] + 1)
    spans = sentences(source)
    first = np.searchsorted(starts, np.array([span.start for span in spans] + [len(source)], dtype=np.int32))
    used = np.flatnonzero(first[1:] > first[:-1])  # sentences without a word (rows of dashes) are not compared
    bounds = np.append(first[used], len(words)).astype(np.int32)
    return Text(
        source,
        tuple(spans) if len(used) == len(spans) else tuple(spans[i] for i in used.tolist()),
        words,
        stems,
        starts,
        ends,
        bounds,
        folded.flags,
    )


def masked(source: str, kept: Sequence[Span]) -> str:
    """Give the source with everything but the kept spans as line breaks, so that offsets stay true."""
    pieces, end = [], 0
    for span in kept:
        pieces += ["\n" * (span.start - end), source[span.start : span.end]]
        end = span.end
    return "".join(pieces)


def _incidence(rows: NDArray[np.int32], keys: NDArray[np.int64]) -> Incidence:
    order = keys.argsort()
    ranked = keys[order]
    fresh = _fresh(ranked)
    slots = fresh.cumsum() - 1
    pairs = rows[order].astype(np.int64) << 32 | slots
    pairs.sort()
    pairs = pairs[_fresh(pairs)]
    keys, slots = ranked[fresh], pairs & 0xFFFFFFFF
    counts = np.bincount(slots, minlength=len(keys)).astype(np.int32)
    return Incidence((pairs >> 32).astype(np.int32), slots.astype(np.int32), keys, counts)


def _fresh(ranked: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which values differ from the one before; a quarter of the time of `np.unique` on so few."""
    fresh = np.empty(len(ranked), dtype=np.bool_)
    fresh[:1] = True
    np.not_equal(ranked[1:], ranked[:-1], out=fresh[1:])
    return fresh


def _paired(rows: NDArray[np.int32], stems: NDArray[np.int64]) -> Incidence:
    together = rows[:-1] == rows[1:]
    return _incidence(rows[:-1][together], (stems[:-1] << 32 | stems[1:])[together])


def _quoted(source: str, starts: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell which words stand inside quotation marks."""
    quotes = np.array([match.span() for match in _QUOTE.finditer(source)], dtype=np.int32).reshape(-1, 2)
    if not len(quotes):
        return np.zeros(len(starts), dtype=np.bool_)
    opened, closed = (np.searchsorted(quotes[:, side], starts, side="right") for side in (0, 1))
    return opened > closed


def _listed(source: str, starts: NDArray[np.int32], bounds: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell which sentences are lists of names, by the share of their words that begin with a capital."""
    if len(bounds) == 1:
        return np.zeros(0, dtype=np.bool_)
    return np.add.reduceat(capitals(source, starts), bounds[:-1], dtype=np.int32) > NAMES * np.diff(bounds)


def _numbered(text: str, found: Tokens, vocabulary: Vocabulary) -> NDArray[np.int32]:
    """Give the words' numbers in the vocabulary."""
    words = np.empty(len(found.starts), dtype=np.int32)
    for at in range(0, len(words), _CHUNK):
        chunk = pieces(text, found, at, min(at + _CHUNK, len(words)))
        words[at : at + _CHUNK] = vocabulary.number(chunk)
    return words


def _stems(text: str, found: Tokens, words: NDArray[np.int32], vocabulary: Vocabulary) -> NDArray[np.int32]:
    """Give the words' stems; that of a letter standing alone is of the pair it forms with the next one."""
    stems: NDArray[np.int32] = np.frombuffer(vocabulary.stem_of, dtype=np.int32)[words] if len(words) else words
    if found.alone is None:
        return stems
    stems[found.alone] = -1
    adjacent = found.alone[:-1] & found.alone[1:] & (found.ends[:-1] == found.starts[1:])
    for number in np.flatnonzero(adjacent).tolist():
        stems[number] = vocabulary.stem(text[found.starts[number] : found.ends[number + 1]])
    return stems
