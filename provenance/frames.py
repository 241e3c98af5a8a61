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
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

Array = np.ndarray[Any, np.dtype[Any]]

# Lines whose words are remembered, for an index is asked about the same publishers again and again: 32 articles of
# each of fifty; 10 MB. Words are forgotten with them where they are many.
MEMORY, WORDS = 16_384, 1_000_000
SLOTS = 1 << 22  # of a table of some bits of hashes, at most
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
# The same where no such character is: in three lines of four, in a third of the time.
_SPACED = re.compile(r"[^\W\d_]+|\d[\d.,:%\-]*|[|:;»›•@©→#]")
_CLOSED = re.compile(_CLOSE)
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

    def words_of(self, text: int) -> Array:
        """Give the numbers of a line's words, without the edges."""
        return self.words[self.begins[text] + 1 : self.begins[text + 1] - 1]

    def triples_of(self, text: int) -> Array:
        """Give the hashes of a line's triples; one of no or one word has few or none."""
        return self.triples[self.begins[text] : self.begins[text + 1] - 2]

    def __len__(self) -> int:
        return len(self.begins) - 1

    def of(self, lines: Array) -> Texts:
        """Give some of the lines, in the order asked for."""
        sizes = np.diff(self.begins)[lines]
        begins = np.concatenate(([0], np.cumsum(sizes)))
        places = np.arange(int(begins[-1])) + np.repeat(self.begins[lines] - begins[:-1], sizes)
        return Texts(begins, self.words[places], self.plain, self.triples[places])

    def having(self, marked: Array) -> Array:
        """Say of each line how many of the places (n,) that are marked it has: int64 (lines,)."""
        met = np.concatenate(([0], np.cumsum(marked)))
        found: Array = np.diff(met[self.begins])
        return found


def words_of(line: str) -> list[str]:
    """Give the words and marks of a folded line; numbers and dates are told by what they are alone.

    >>> words_of("updated 2 march 2025 | 5 min read")
    ['updated', '0/0', '|', '0', 'min', 'read']
    """
    plain = line.isascii()
    find = _SPACED.findall if plain or not _CLOSED.search(line) else _WORD.findall
    dates = 0
    if _DIGIT.search(line):
        line, dates = _DATE.subn(" \x00 ", line)
    elif plain:
        return find(line)
    first, *others = line.split("\x00") if dates else (line,)
    words = [NUMBER if word[0].isdigit() else word for word in find(first)]
    for piece in others:
        words += [DATE, *(NUMBER if word[0].isdigit() else word for word in find(piece))]
    return words


class _Memory(dict[str, int]):
    """Numbers words as this process meets them, evenly what is no word; and remembers the words of lines.

    Threads share one: what they write at the same time is the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count()
        self._lines: dict[str, bytes] = {}

    def __missing__(self, word: str) -> int:
        return self.setdefault(word, next(self._numbers) << 1 | word[:1].isalpha())

    def line(self, line: str) -> bytes:
        """Give the numbers of a line's words between its edges: int32."""
        known = self._lines.get(line)
        if known is None:
            known = self.of(("", *words_of(line), ""))
            if len(self._lines) < MEMORY:
                self._lines[line] = known
        return known

    def of(self, words: Sequence[str]) -> bytes:
        """Give the numbers of words: int32."""
        return array("i", map(self.__getitem__, words)).tobytes()

    @property
    def full(self) -> bool:
        """Whether no more should be remembered."""
        return len(self._lines) >= MEMORY or len(self) >= WORDS


@cache
def _memories() -> list[_Memory]:
    """Give the memory of this process, the last of the list."""
    return [_Memory()]


def read_texts(lines: Iterable[str]) -> Texts:
    """Number the words of folded lines, in the order they come in them."""
    memory = _memories()[-1]
    if memory.full:
        memory = _Memory()
        _memories()[:] = [memory]
    first = memory.of(("", NUMBER, DATE))
    read = [*map(memory.line, lines)]
    met = np.frombuffer(first + b"".join(read), np.int32)
    place = np.empty(int(met.max()) + 1, dtype=np.int32)
    order = np.arange(len(met), dtype=np.int32)
    place[met[::-1]] = order[::-1]  # where each is met first: of what is written twice, the last stays
    fresh = place[met] == order
    numbers = np.cumsum(fresh, dtype=np.uint32) - np.uint32(1)
    words = numbers[place[met]][3:]
    starts = np.cumsum([0, *map(len, read)], dtype=np.int64) // met.itemsize
    return Texts(starts, words, (met[fresh] & 1).astype(np.bool_), _triples(words, starts))


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
    if not held:
        return set()
    lines, articles = np.array(held, dtype=np.int64).T
    met = texts.of(lines)
    owner = np.repeat(articles, np.diff(met.begins))
    places = _places(met.triples, many)  # most are met once or twice, and need no sorting
    flat, owner = met.triples[places], owner[places]
    order = np.lexsort((owner, flat))
    flat, owner = flat[order], owner[order]
    fresh = np.ones(len(flat), dtype=bool)
    fresh[1:] = (flat[1:] != flat[:-1]) | (owner[1:] != owner[:-1])
    values, counts = np.unique(flat[fresh], return_counts=True)
    return set(values[counts >= many].tolist())


def _places(triples: Array, many: int) -> Array:
    """Give the places of all triples that may be met `many` times: of most that are met less often, none."""
    slots, size = _slots(triples, len(triples))
    counts = np.bincount(slots, minlength=size)
    found: Array = np.flatnonzero((counts[slots] >= many) & (triples != 0))
    return found


def _among(triples: Array, chosen: Iterable[int], count: int) -> Array:
    """Say which triples are among `count` distinct ones: bool (n,). A table of bits passes over the most."""
    marked = np.zeros(len(triples), dtype=bool)
    ranked = np.sort(np.fromiter(chosen, np.uint64, count))
    if count:
        slots, size = _slots(triples, len(triples))
        table = np.zeros(size, dtype=bool)
        table[_slots(ranked, len(triples))[0]] = True
        places = np.flatnonzero(table[slots])
        near = np.minimum(np.searchsorted(ranked, triples[places]), count - 1)
        marked[places] = ranked[near] == triples[places]
    return marked


def _slots(triples: Array, entries: int) -> tuple[Array, int]:
    """Give the place of each triple in a table for so many entries, by some bits of its hash; and its size."""
    size = min(SLOTS, 8 << entries.bit_length())
    slots: Array = (triples >> np.uint64(40)).astype(np.int64) & (size - 1)
    return slots, size


def edges(texts: Texts) -> list[set[int]]:
    """Give the triples of each line's edges: its beginning with its first two words, its last two with its end.

    Lines of fewer than three words have none; one whose edges are the same has it once.
    """
    wide = np.diff(texts.begins) > 4
    firsts = texts.triples[texts.begins[:-1][wide]].tolist()
    lasts = texts.triples[texts.begins[1:][wide] - 3].tolist()
    found: list[set[int]] = [set()] * len(texts)
    for text, first, last in zip(np.flatnonzero(wide).tolist(), firsts, lasts, strict=True):
        found[text] = {first, last}
    return found


def fits(texts: Texts, chosen: Array) -> Array:
    """Say of each line whether the chosen triples, marked at their places, hold enough of it: bool (lines,).

    Such a line is an instance of the frame whose triples those are.
    """
    held = chosen.copy()  # no line's last two places are chosen: what begins in one line ends in it
    held[1:] |= chosen[:-1]
    held[2:] |= chosen[:-2]
    held[texts.begins[:-1]] = held[texts.begins[1:] - 1] = False  # the edges
    words = texts.having(held)
    share = words / np.maximum(1, np.diff(texts.begins) - 2)
    enough = (
        (share >= WHOLE)
        | ((words >= WIDE_WORDS) & (share >= WIDE))
        | ((words >= NARROW_WORDS) & (share >= NARROW))
    )
    fitting: Array = enough & (texts.having(held & texts.plain[texts.words]) > 0)
    return fitting


def framed(texts: Texts, weights: Mapping[int, int], often: AbstractSet[int]) -> list[frozenset[int]]:
    """Give the frames of one publisher's lines, each as its triples.

    `weights` are the lines by number, with how many articles have each; `often` the publisher's frequent triples.
    """
    groups: Counter[tuple[int, ...]] = Counter()
    own, each = texts.of(np.fromiter(weights, np.int64, len(weights))), list(weights.values())
    chosen = _among(own.triples, often, len(often))
    for text in np.flatnonzero(fits(own, chosen)).tolist():
        place = slice(own.begins[text], own.begins[text + 1])
        groups[tuple(dict.fromkeys(own.triples[place][chosen[place]].tolist()))] += each[text]
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
    chosen = _among(texts.triples, having, len(having))
    nearest: dict[int, int] = {}
    for text in np.flatnonzero(texts.having(chosen)).tolist():
        place = slice(texts.begins[text], texts.begins[text + 1])
        triples = texts.triples[place][chosen[place]].tolist()
        common = Counter(frame for one in {*triples} for frame in having[one][:MOST_LEADERS])
        most = [(count, -frame) for frame, count in common.items() if count >= COMMON * len(frames[frame])]
        if most:
            nearest[text] = -max(most)[1]
            chosen[np.flatnonzero(chosen[place]) + place.start] = [one in frames[nearest[text]] for one in triples]
    fitting = fits(texts, chosen)
    for text, number in nearest.items():
        yield Met(text, number, bool(fitting[text]))
