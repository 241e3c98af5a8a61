"""Fingerprints of a batch of texts in one pass, bit for bit those that `fingerprint` gives of each alone.

The texts are one buffer of UTF-8 with offsets, as Arrow keeps a column of strings. What the kernels leave to
Python (texts to be composed, or with look-alike letters) goes through `normalize.fold` and comes back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from provenance.characters import Characters
from provenance.fingerprint import PERMUTATIONS, permutations
from provenance.kernels import batch as kernels
from provenance.kernels import folding, splitting
from provenance.normalize import fold
from provenance.tokens import tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Words = NDArray[np.uint32]
    Ints = NDArray[np.int32]
    Longs = NDArray[np.uint64]
    Offsets = NDArray[np.int64]

_ROWS = 1 << 15  # of the first table of words: 1.3 MB, which a core's own cache holds
_ROW = 4
_MOST_ROWS = 1 << 18
_LINE_BREAKS = np.array([10, 0x85, 0xA8, 0xA9], dtype=np.uint8)  # last bytes of all that folds to a line break
_GOES_ON = re.compile(r"\n(?=[ \t]*([^\W\d_]))")
_FOLDED, _PASSED = 2, 1
_KEPT = 1 << 18  # bytes of a text up to which the room for it is kept: some 30 MB
_MET = 1 << 13  # places to remember shingles of characters at, so as not to permute them twice


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is made of a batch.

    shingle    "word": 5 neighbouring words; "character": 5 neighbouring characters of words, a space between two
    least      0: a unit is a text; else a line (of one that goes on in lower case, with the next) of so many words
    minhash, simhash   whether these are made
    window     of the anchors, in shingles; 0 for none
    """

    shingle: Literal["word", "character"] = "word"
    least: int = 0
    minhash: bool = True
    simhash: bool = False
    window: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Prints:
    """The fingerprints of u units, in the order of their texts.

    owners      int64 (u,), number of the text
    words       int32 (u, 2), first word in the text, and end
    minhashes   uint32 (u, 128), or (0, 128)
    simhashes   uint64 (u,), or (0,)
    seals       uint64 (u,), equal for equal words
    shingles    uint32, of all units one after the other, as they stand in the text
    anchors     uint32, likewise
    ends        int64 (u, 2), where a unit's shingles end, and its anchors
    """

    owners: Offsets
    words: Ints
    minhashes: Words
    simhashes: Longs
    seals: Longs
    shingles: Words
    anchors: Words
    ends: Offsets


@dataclass(slots=True, eq=False)
class Scratch:
    """Room that batches use one after the other: the words that were met, with their hashes, and the tables."""

    rows: int = _ROWS
    characters: Characters = field(default_factory=Characters)
    known: Longs = field(init=False)
    room: Words = field(init=False)
    stamp: int = 0
    longest: int = -1
    texts: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        """Take the room."""
        self.clear(self.rows)

    def clear(self, rows: int) -> None:
        """Forget the words; the room is then of so many rows, a power of two."""
        self.rows = rows
        self.known = np.zeros(rows * _ROW, dtype=np.uint64)
        self.room = np.zeros(32, dtype=np.uint32)

    def working(self, longest: int) -> tuple[Any, ...]:
        """Give what the kernels work in for texts of up to so many bytes: as it was left, where that is enough."""
        if longest <= self.longest:
            return self.texts
        if longest > _KEPT:
            return _room(longest)
        self.longest = max(4096, 1 << (longest - 1).bit_length())
        self.texts = _room(self.longest)
        return self.texts


_free: list[Scratch] = []  # that no call uses: to make one takes longer than many texts do


def prints(data: Bytes, offsets: Offsets, wanted: Wanted, scratch: Scratch | None = None) -> Prints:
    """Give the fingerprints of the texts data[offsets[i]:offsets[i + 1]], in UTF-8.

    A scratch may be used for any number of batches, by one thread at a time; without one, one is kept
    for calls to come.
    """
    if scratch is None:
        try:
            scratch = _free.pop()
        except IndexError:
            scratch = Scratch()
        made = prints(data, offsets, wanted, scratch)
        _free.append(scratch)
        return made
    marks = np.zeros(len(offsets) - 1, dtype=np.uint8)
    made = _pass(data, offsets, marks, wanted, scratch)
    slow = np.flatnonzero(marks == _PASSED)
    if not len(slow):
        return made
    texts = [folded(data[offsets[one] : offsets[one + 1]].tobytes()) for one in slow.tolist()]
    for page in {ord(one) >> 8 for one in set(b"".join(texts).decode("utf-8", "replace"))}:
        scratch.characters.fill(page)
    ends = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    rest = np.frombuffer(b"".join(texts) or b"\0", dtype=np.uint8)
    return _merged(made, _pass(rest, ends, np.full(len(slow), _FOLDED, np.uint8), wanted, scratch), slow)


def word_places(text: bytes, scratch: Scratch) -> tuple[Ints, Ints]:
    """Give where each word of a text starts and ends, in code points: int32 (n,), (n,)."""
    room = scratch.working(len(text))
    data = np.frombuffer(text or b"\0", dtype=np.uint8)
    low, source, words = room[0], np.empty(len(room[0]), dtype=np.int32), room[2]
    while True:
        size = folding.folded.compiled(data, (0, len(text)), scratch.characters.tables, low, source)
        if size >= 0:
            break
        if size == -1:
            return _places(text.decode("utf-8", "replace"))
        scratch.characters.fill(-2 - size)
    count = splitting.split.compiled(low, size, scratch.characters.traits, words, room[7])
    return source[words[0][:count]], source[words[1][:count] - 1] + 1


def _places(text: str) -> tuple[Ints, Ints]:
    made = fold(text)
    found = tokens(made.text)
    if made.offsets is None:
        return found.starts, found.ends
    return made.offsets[found.starts], np.maximum(made.offsets[found.ends - 1] + 1, made.offsets[found.starts] + 1)


def folded(text: bytes) -> bytes:
    """Give a text folded, in UTF-8, without line breaks inside sentences."""
    read = _GOES_ON.sub(lambda found: " " if found[1].islower() else "\n", text.decode("utf-8", "replace"))
    return fold(read).text.encode("utf-8", "surrogatepass")


def _pass(data: Bytes, offsets: Offsets, marks: Bytes, wanted: Wanted, scratch: Scratch) -> Prints:
    size, longest = int(offsets[-1] - offsets[0]), int(np.diff(offsets).max(initial=0))
    units = len(marks)
    if wanted.least:
        part = data[offsets[0] : offsets[-1]]
        units += min(int(np.isin(part, _LINE_BREAKS).sum()), size // (2 * wanted.least))
    most = _folded(size, len(marks)) * (2 if wanted.shingle == "character" else 1)
    room = scratch.working(longest)
    out = (
        np.zeros(5, dtype=np.int64),
        np.empty(most, dtype=np.uint32),
        np.empty(most if wanted.window else 0, dtype=np.uint32),
        np.empty(units * PERMUTATIONS if wanted.minhash else 0, dtype=np.uint32),
        np.empty(units if wanted.simhash else 0, dtype=np.uint64),
        np.empty(units, dtype=np.uint64),
        np.empty(3 * units, dtype=np.int32),
        np.empty(2 * units, dtype=np.int64),
    )
    out[0][4] = scratch.stamp
    asked = (int(wanted.shingle == "character"), wanted.least, int(wanted.simhash), wanted.window)
    factors, terms = permutations()
    sines, turns = _md5()
    while True:
        words = (scratch.known, sines if wanted.simhash else sines[:0], turns, scratch.room)
        tables = (scratch.characters.tables, words, (factors, terms))
        stopped = kernels.batch.compiled((data, offsets, marks), tables, asked, room, out)
        scratch.stamp = int(out[0][4])
        if stopped == 0:
            return _cut(out)
        number = int(out[0][0])
        if stopped == -1:
            marks[number] = _PASSED
        elif stopped == 1:
            needed = 1 << (4 * int(offsets[number + 1] - offsets[number]) + 1024).bit_length()
            scratch.clear(max(needed, min(2 * scratch.rows, _MOST_ROWS)))
        else:
            scratch.characters.fill(-2 - stopped)


def _room(longest: int) -> tuple[Any, ...]:
    """Give what the kernels work in, for texts of up to so many bytes."""
    size = _folded(longest)
    return (
        np.zeros(2 * size + 512, dtype=np.uint8),  # beyond the text, room for any word of it
        np.empty(0, dtype=np.int32),
        tuple(np.empty(size + 2, dtype=np.int32) for _ in range(4)),
        (np.empty(size + 2, np.int32), np.empty(size + 2, np.uint32), np.empty(320, np.uint32)),
        (np.empty(2 * size + 64, np.uint8), np.empty(2 * size + 64, np.uint32), np.empty(_MET, np.uint32)),
        np.empty(2 * size + 64, dtype=np.uint32),
        np.empty(72, dtype=np.uint64),
        (
            np.empty(size // 64 + 2, np.uint64),
            np.empty(size + 8, np.int32),
            np.empty(size + 8, np.int32),
            np.empty(6, np.int64),
        ),
    )


def _folded(size: int, texts: int = 1) -> int:
    """Give the bytes that texts have at most when kernels have folded them: what has more is left to Python."""
    return 2 * size + 160 * texts


def _cut(out: tuple[Any, ...]) -> Prints:
    state, shingles, anchors, minhashes, simhashes, seals, units, ends = out
    count = int(state[1])
    rows = units[: 3 * count].reshape(-1, 3)
    return Prints(
        owners=rows[:, 0].astype(np.int64),
        words=rows[:, 1:],
        minhashes=minhashes.reshape(-1, PERMUTATIONS)[:count],
        simhashes=simhashes[:count],
        seals=seals[:count],
        shingles=shingles[: state[2]],
        anchors=anchors[: state[3]],
        ends=ends[: 2 * count].reshape(-1, 2),
    )


def _merged(made: Prints, more: Prints, slow: Offsets) -> Prints:
    """Give the units of both in the order of their texts; those of `more` are of the texts `slow`."""
    owners = np.concatenate((made.owners, slow[more.owners]))
    order = np.argsort(owners, kind="stable")
    last = made.ends[-1] if len(made.ends) else np.zeros(2, dtype=np.int64)
    ends = np.concatenate((made.ends, more.ends + last))
    begins = np.concatenate((np.zeros((1, 2), dtype=np.int64), ends[:-1]))
    flat = []
    for side, values in enumerate(("shingles", "anchors")):
        both = np.concatenate((getattr(made, values), getattr(more, values)))
        pieces = [both[begins[one, side] : ends[one, side]] for one in order.tolist()]
        flat.append(np.concatenate(pieces) if pieces else both)
    rows = {}
    for name in ("words", "minhashes", "simhashes", "seals"):
        both = np.concatenate((getattr(made, name), getattr(more, name)))
        rows[name] = both[order] if len(both) else both
    ends = np.cumsum((ends - begins)[order], axis=0)
    return Prints(owners=owners[order], shingles=flat[0], anchors=flat[1], ends=ends, **rows)


@cache
def _md5() -> tuple[Words, Bytes]:
    """Give MD5's constants: the sines, and the bits that each round turns by."""
    sines = np.floor(np.abs(np.sin(np.arange(1, 65, dtype=np.float64))) * 2.0**32)
    turns = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
    return sines.astype(np.uint32), np.array(turns, dtype=np.uint8)
