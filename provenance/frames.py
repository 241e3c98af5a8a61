"""Templates of one publisher: the words that many of its lines share, around slots that each fills anew.

"Mara Iversen has written for the Lindow Post since 2011" and "Noor Said has written for the Lindow Post since
2019" are one line to whoever cleans, and two to whoever compares. Their word triples are counted instead: a triple
that many articles have is part of a frame, and a line that is mostly such triples an instance of one. Lines with
the same triples are one group, and groups with most triples in common one frame (leader clustering; Hartigan,
Clustering Algorithms, 1975).
Everything is a sort, a count or a look into lists of bounded length, so time grows with the text.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

Array = np.ndarray[Any, np.dtype[Any]]

MEMORY = 8_192  # lines whose words are remembered: an index is asked about the same publishers again and again
NUMBER, DATE = "0", "0/0"  # what stands for a number and for a date
COMMON = 0.7  # share of a frame's triples that a line has, and of its groups that have a triple
JOINED, LEAST_JOINED = 0.6, 0.35  # share of the smaller and of the larger group's triples that both have
MOST_LEADERS = 32  # groups looked at for each triple, and triples looked up for each group: bounds the work
# Shares of a line that are its frame's, and the words of a frame that make these enough.
WHOLE, WIDE, NARROW = 0.75, 0.5, 0.4
WIDE_WORDS, NARROW_WORDS = 4, 6

# A character is a word where scripts put no spaces between words. Marks are words too: they divide templates.
_CLOSE = r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
_WORD = re.compile(rf"{_CLOSE}|(?:(?!{_CLOSE})[^\W\d_])+|\d[\d.,:%\-]*|[|:;»›•@©→#]")
_DIGIT = re.compile(r"\d")
_DATE = re.compile(
    r"""(?<!\d)(?: \d{4}-\d\d-\d\d(?:t[\d:.+]+z?)?                    # 2025-03-02T10:11
          | \d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}                  # 2.3.2025, 2/3/25
          | \d{1,2}(?:st|nd|rd|th|\.)?\s(?:de\s|of\s)?[^\W\d_]{3,12}\.?,?\s(?:de\s)?(?:19|20)\d\d   # 2 March 2025
          | (?<![^\W_])[^\W\d_]{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d   # March 2, 2025
          | (?:\d{4}\s?[年년]\s?)?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]
          | \d{1,2}[:.h]\d\d(?:[:.]\d\d)?(?:\s?[ap]\.?m\b\.?)?   # 10:11
        )""",
    re.VERBOSE,
)
# Odd 64-bit constants (the fractions of pi): a triple's hash is the mixed sum of its words' multiples.
_FACTORS = np.array([0x243F6A8885A308D3, 0x13198A2E03707345, 0xA4093822299F31D1], dtype=np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Folded lines, each once, as numbers of their words: line i is words[begins[i]:begins[i + 1]].

    An edge (number 0) stands before and after each line's words. `plain` says by number what is a word and no
    number or mark; `triples` holds at each place the hash of the three that begin there, 0 across lines.
    """

    begins: Array
    words: Array
    plain: Array
    triples: Array
    vocabulary: Mapping[str, int]

    def words_of(self, text: int) -> Array:
        """Give the numbers of a line's words, without the edges."""
        return self.words[self.begins[text] + 1 : self.begins[text + 1] - 1]

    def triples_of(self, text: int) -> Array:
        """Give the hashes of a line's triples; one of no or one word has few or none."""
        return self.triples[self.begins[text] : self.begins[text + 1] - 2]

    def covered(self, text: int, chosen: Sequence[bool]) -> Array:
        """Say of each word of a line, edges included, whether one of the chosen places' triples holds it."""
        held = np.zeros(int(self.begins[text + 1] - self.begins[text]), dtype=bool)
        for shift in range(3):
            held[np.flatnonzero(chosen) + shift] = True
        return held


def words_of(line: str) -> list[str]:
    """Give the words and marks of a folded line; numbers and dates are told by what they are alone.

    >>> words_of("updated 2 march 2025 | 5 min read")
    ['updated', '0/0', '|', '0', 'min', 'read']
    """
    dates = 0
    if _DIGIT.search(line):
        line, dates = _DATE.subn(" \x00 ", line)
    if not dates:
        return [NUMBER if word[0].isdigit() else word for word in _WORD.findall(line)]
    pieces = line.split("\x00")
    words = [NUMBER if word[0].isdigit() else word for word in _WORD.findall(pieces[0])]
    for piece in pieces[1:]:
        words += [DATE, *(NUMBER if word[0].isdigit() else word for word in _WORD.findall(piece))]
    return words


@lru_cache(MEMORY)
def _remembered(line: str) -> tuple[str, ...]:
    return tuple(words_of(line))


def read_texts(lines: Iterable[str]) -> Texts:
    """Number the words of folded lines."""
    vocabulary: dict[str, int] = {"": 0, NUMBER: 1, DATE: 2}
    begins, numbers = [0], []
    for line in lines:
        numbers.append(0)
        numbers += [vocabulary.setdefault(word, len(vocabulary)) for word in _remembered(line)]
        numbers.append(0)
        begins.append(len(numbers))
    words = np.array(numbers, dtype=np.uint32)
    plain = np.array([word[:1].isalpha() for word in vocabulary], dtype=bool)
    starts = np.array(begins, dtype=np.int64)
    return Texts(starts, words, plain, _triples(words, starts), vocabulary)


def _triples(words: Array, begins: Array) -> Array:
    hashes = np.zeros(len(words), dtype=np.uint64)
    if len(words) > 2:
        wide = words.astype(np.uint64)
        mixed = wide[:-2] * _FACTORS[0] + wide[1:-1] * _FACTORS[1] + wide[2:] * _FACTORS[2]
        mixed ^= mixed >> np.uint64(29)
        hashes[:-2] = mixed * _FACTORS[1] | np.uint64(1)
        for back in (1, 2):
            hashes[begins[1:] - back] = 0
    return hashes


def frequent(texts: Texts, held: Sequence[tuple[int, int]], many: int) -> set[int]:
    """Give the triples that at least `many` articles have; `held` are pairs of text and article."""
    pieces = [texts.triples_of(text) for text, _ in held]
    if not pieces:
        return set()
    flat = np.concatenate(pieces)
    owner = np.repeat(np.array([article for _, article in held]), [len(piece) for piece in pieces])
    values, counts = np.unique(flat, return_counts=True)
    often = np.isin(flat, values[counts >= many])
    order = np.lexsort((owner[often], flat[often]))
    flat, owner = flat[often][order], owner[often][order]
    fresh = np.ones(len(flat), dtype=bool)
    fresh[1:] = (flat[1:] != flat[:-1]) | (owner[1:] != owner[:-1])
    values, counts = np.unique(flat[fresh], return_counts=True)
    return set(values[counts >= many].tolist())


def edges(texts: Texts, text: int) -> set[int]:
    """Give the triples of a line's edges: its beginning with its first two words, its last two with its end."""
    triples = texts.triples_of(text)
    return {int(triples[0]), int(triples[-1])} if len(triples) > 2 else set()


def fits(texts: Texts, text: int, chosen: Sequence[bool]) -> bool:
    """Say whether the chosen of a line's triples hold so much of it that it is an instance of their frame."""
    held = texts.covered(text, chosen)[1:-1]
    plain = (held & texts.plain[texts.words_of(text)]).any()
    words, share = int(held.sum()), float(held.mean())
    enough = (
        share >= WHOLE or (words >= WIDE_WORDS and share >= WIDE) or (words >= NARROW_WORDS and share >= NARROW)
    )
    return bool(plain and enough)


def framed(texts: Texts, weights: Mapping[int, int], often: AbstractSet[int]) -> list[frozenset[int]]:
    """Give the frames of one publisher's lines, each as its triples.

    `weights` are the lines by number, with how many articles have each; `often` the publisher's frequent triples.
    """
    groups: Counter[tuple[int, ...]] = Counter()
    for text, weight in weights.items():
        triples = texts.triples_of(text).tolist()
        chosen = [one in often for one in triples]
        if any(chosen) and fits(texts, text, chosen):
            groups[tuple(dict.fromkeys(compress(triples, chosen)))] += weight
    return list(dict.fromkeys(_clustered(groups)))


def _clustered(groups: Mapping[tuple[int, ...], int]) -> Iterator[frozenset[int]]:
    """Join groups of lines to that with most articles among those like them; give what most of each have."""
    leaders: list[frozenset[int]] = []
    members: list[list[tuple[frozenset[int], int]]] = []
    having: dict[int, list[int]] = defaultdict(list)
    for group, weight in sorted(groups.items(), key=lambda item: (-item[1], item[0])):
        own = frozenset(group)
        common = Counter(leader for one in group[:MOST_LEADERS] for leader in having[one])
        number = next(
            (leader for leader, _ in common.most_common(MOST_LEADERS) if _alike(own, leaders[leader])), None
        )
        if number is None:
            number = len(leaders)
            leaders.append(own)
            members.append([])
            for one in group:
                if len(having[one]) < MOST_LEADERS:
                    having[one].append(number)
        members[number].append((own, weight))
    for joined in members:
        total = sum(weight for _, weight in joined)
        met: Counter[int] = Counter()
        for own, weight in joined:
            met.update(dict.fromkeys(own, weight))
        frame = frozenset(one for one, weight in met.items() if weight >= COMMON * total)
        if frame:
            yield frame


def _alike(one: frozenset[int], other: frozenset[int]) -> bool:
    common = len(one & other)
    return common >= JOINED * min(len(one), len(other)) and common >= LEAST_JOINED * max(len(one), len(other))


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """A line that has most of a frame: the frame's number, and whether the line is an instance of it."""

    text: int
    frame: int
    fits: bool


def meetings(texts: Texts, frames: Sequence[frozenset[int]]) -> Iterator[Met]:
    """Give the lines that have most of some frame's triples, each with the frame that holds most of its words."""
    having: dict[int, list[int]] = defaultdict(list)
    for number, frame in enumerate(frames):
        for one in frame:
            having[one].append(number)
    for text in range(len(texts.begins) - 1):
        triples = texts.triples_of(text).tolist()
        met = having.keys() & triples
        if not met:
            continue
        common = Counter(frame for one in met for frame in having[one][:MOST_LEADERS])
        known = [(count, -frame) for frame, count in common.items() if count >= COMMON * len(frames[frame])]
        if known:
            number = -max(known)[1]
            yield Met(text, number, fits(texts, text, [one in frames[number] for one in triples]))
