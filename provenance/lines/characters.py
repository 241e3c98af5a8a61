"""The characters of lines as arrays: kinds of characters, words, and numbers that stand for words.

All lines of a text are one array of code points, so that nothing here runs once for each character or word
in Python. A word's number is a polynomial hash of its code points, taken as the difference of two prefix
sums: every word of a text costs a few array operations, however long it is.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BITS = 16  # of a word's number
STEM = 6  # code points that stand for the forms of a word, where words are compared
# Kinds of characters; letters and digits come first, because words are made of them.
SMALL, CAPITAL, CASELESS, DIGIT, SPACE, STOP, ASK, EXCLAIM, COMMA, COLON, QUOTE, BRACKET, BULLET, MONEY, MARK = (
    range(15)
)
OTHER = 15
KINDS = 16
_LISTED = {
    STOP: ".…。।۔",
    ASK: "?？؟",
    EXCLAIM: "!！",
    COMMA: ",，、،",
    COLON: ":;：；",
    QUOTE: "\"'“”‘’„«»「」",
    BRACKET: "()[]{}（）<>",
    BULLET: "•·|→←›‹»▶►/\\*–—-+↑↓",
    MONEY: "$€£¥%",
    MARK: "@#&_=~^`",
}
_OF = {character: kind for kind, characters in _LISTED.items() for character in characters}
_TABLE = 0x3000  # code points looked up by table; what lies above has no case, but for wide forms
_BASE = 0x9E3779B97F4A7C15 | 1
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Characters:
    """The n lines of a text, each followed by one line break: m code points, w words.

    line           int32 (m,), the line that a character is of
    kinds          uint8 (m,)
    starts         int64 (n,), the first character of each line
    lengths        int64 (n,), code points, the break not counted
    words          int64 (w,), the first character of each word
    word_lengths   int64 (w,)
    word_line      int32 (w,), the line that a word is of
    numbers        int64 (w,), what stands for the word, in 0..2**BITS
    stems          int64 (w,), the same for its first `STEM` code points
    """

    line: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    words: NDArray[np.int64]
    word_lengths: NDArray[np.int64]
    word_line: NDArray[np.int32]
    numbers: NDArray[np.int64]
    stems: NDArray[np.int64]


def characters(texts: Sequence[str]) -> Characters:
    """Read lines (none of them empty) into arrays, in time linear in their length."""
    codes = codes_of(texts)
    kinds, small = tables()
    looked_up = np.minimum(codes, _TABLE)
    kinds = kinds[looked_up]
    lowered = np.where(codes < _TABLE, small[looked_up], codes)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.zeros(len(texts), np.int64)
    np.cumsum(lengths[:-1] + 1, out=starts[1:])
    line = np.repeat(np.arange(len(texts), dtype=np.int32), lengths + 1)
    edges = np.flatnonzero(np.diff(kinds <= DIGIT, prepend=False))
    words, ends = edges[::2], edges[1::2]
    numbers, stems = hashes(lowered, words, ends)
    return Characters(line, kinds, starts, lengths, words, ends - words, line[words], numbers, stems)


def hashes(
    codes: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the numbers of the words at [starts, ends), and those of their stems."""
    powers, inverses = _powers(len(codes))
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * powers[: len(codes)], out=sums[1:])
    back = inverses[starts]
    whole = (sums[ends] - sums[starts]) * back
    stem = (sums[np.minimum(ends, starts + STEM)] - sums[starts]) * back
    return _number(whole), _number(stem)


def codes_of(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Give the code points of lines, each followed by one line break."""
    return _codes("\n".join(texts) + "\n")


def word_number(word: str) -> int:
    """Give the number of one word, as `characters` does: for tables of words."""
    codes = _codes(word.lower())
    numbers, _ = hashes(codes, np.zeros(1, np.int64), np.full(1, len(codes), np.int64))
    return int(numbers[0])


def mixed(hashed: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Give numbers in 0..2**BITS for hashes of any kind, even where those have low entropy."""
    return _number(hashed)


def _number(hashed: NDArray[np.uint64]) -> NDArray[np.int64]:
    spread = (hashed ^ (hashed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return (spread >> np.uint64(64 - BITS)).astype(np.int64)


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


_POWERS: list[NDArray[np.uint64]] = []


@cache
def tables() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Give the kind of each code point of the table, and its small form; the last stands for all above."""
    every = [chr(code) for code in range(_TABLE)]
    kinds = np.fromiter((*map(_kind, every), CASELESS), np.uint8, _TABLE + 1)
    small = np.fromiter((*(ord(character.lower()[0]) for character in every), 0), np.uint32, _TABLE + 1)
    return kinds, small


def _kind(character: str) -> int:
    if character in _OF:
        return _OF[character]
    if character.isspace():
        return SPACE
    if character.isdigit():
        return DIGIT
    if character.isupper():
        return CAPITAL
    if character.islower():
        return SMALL
    return CASELESS if character.isalpha() or unicodedata.category(character)[0] == "M" else OTHER


def _powers(count: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Give the powers of the base, and of its inverse modulo 2**64, up to a count."""
    if not _POWERS or len(_POWERS[0]) < count:
        size = max(1 << 15, 1 << (count - 1).bit_length())
        _POWERS[:] = [_cumulative(_BASE, size), _cumulative(pow(_BASE, -1, 1 << 64), size)]
    return _POWERS[0], _POWERS[1]


def _cumulative(base: int, size: int) -> NDArray[np.uint64]:
    powers = np.full(size, base & _MASK, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)
