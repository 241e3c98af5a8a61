"""Where the words of a folded text are, by Unicode rules.

A word is a run of letters and digits with their marks; a number (1,800) and an acronym (U.S.) are one word
each, and in scripts without spaces each letter is. All by arrays: a regular expression that says the same
takes several times as long.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_GLUED = 64  # words that no space divides; a text of more (of a script without spaces) is sliced instead
_BLOCK = 1 << 20  # characters that are looked up at one time

# Kinds of characters; 0 stands for one not yet looked at.
_OTHER, _STOP, _COMMA, _MARK, _DIGIT, _LETTER, _ALONE = range(1, 8)
_SMALL, _CAPITAL = 1, 2
_KINDS = np.zeros(0x110000, dtype=np.uint8)  # by code point; filled as they are met: all of them take 0.3 s
_CASES = np.zeros(0x110000, dtype=np.uint8)

# Scripts that put no spaces between words: kana, Han, bopomofo; Thai and Lao; Burmese; Khmer. Each letter, with
# its marks, is read as a word.
_UNSPACED = re.compile(
    "[\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3040-\u312f\u31a0-\u31ff\u3400-\u9fff\uf900-\ufaff"
    "\U0001aff0-\U0001b16f\U00020000-\U0003ffff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
)
# Between Hebrew letters these are spelling: צה"ל is one word, and so is ג'ורג'.
_HEBREW_QUOTE = re.compile("(?<=[\u05d0-\u05ea])[\"'\u05f3\u05f4](?=[\u05d0-\u05ea])")
_UNSPOKEN = re.compile("[.\"'\u05f3\u05f4]")


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Where the n words of a folded text stand.

    starts, ends   int32 (n,)
    inner          numbers of the words that hold characters they are read without: U.S., צה"ל
    alone          bool (n,), of a script without spaces; None if there are none
    kinds          uint8, of each character: `_MARK` or more in words, less between them
    """

    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    inner: NDArray[np.int64]
    alone: NDArray[np.bool_] | None
    kinds: NDArray[np.uint8]


def kind(character: str) -> int:
    """Give what a character is: 1 other, 2 stop, 3 comma, 4 mark, 5 digit, 6 letter, 7 a word by itself."""
    if character == ".":
        return _STOP
    if character in ",:\u066b\u066c":
        return _COMMA
    if character.isdecimal():
        return _DIGIT
    if unicodedata.category(character)[0] == "M":
        return _MARK
    if not character.isalnum():
        return _OTHER
    return _ALONE if _UNSPACED.match(character) else _LETTER


def capitals(text: str, places: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell at which places of the text a capital stands."""
    cases = _looked_up(_codes(text)[places], _CASES, _case)
    return np.equal(cases, _CAPITAL)


def _case(character: str) -> int:
    return _CAPITAL if character.isupper() else _SMALL


def _codes(text: str) -> NDArray[np.uint8] | NDArray[np.uint32]:
    """Give the text's code points."""
    if text.isascii():
        return np.frombuffer(text.encode(), dtype=np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _looked_up(
    codes: NDArray[np.uint8] | NDArray[np.uint32], table: NDArray[np.uint8], look: Callable[[str], int]
) -> NDArray[np.uint8]:
    """Give `table`'s entry for each code point; entries that it lacks are made by `look`."""
    if len(codes) > _BLOCK:  # numpy widens an index to 64 bits
        blocks = (codes[at : at + _BLOCK] for at in range(0, len(codes), _BLOCK))
        return np.concatenate([_looked_up(block, table, look) for block in blocks])
    found = table.take(codes)
    if not found.all():
        for code in set(codes[found == 0].tolist()):
            table[code] = look(chr(code))
        found = table.take(codes)
    return found


def tokens(text: str) -> Tokens:
    """Find the words of a folded text."""
    plain = text.isascii()
    kinds = _looked_up(_codes(text), _KINDS, kind)
    hebrew = [] if plain else [match.start() for match in _HEBREW_QUOTE.finditer(text)]
    if hebrew:
        kinds[hebrew] = _MARK
    within = np.zeros(len(kinds) + 2, dtype=np.bool_)
    np.greater_equal(kinds, _MARK, out=within[1:-1])
    edges = np.flatnonzero(within[1:] != within[:-1]).astype(np.int32)
    starts, ends = edges[::2], edges[1::2]
    if not plain:
        starts, ends = _divided(kinds, starts, ends)
    starts, ends = _apart(kinds, starts, ends)
    starts, ends, inner = _joined(kinds, starts, ends)
    if hebrew:
        inner = np.union1d(inner, np.searchsorted(starts, hebrew, side="right") - 1)
    alone = None if plain else kinds[starts] == _ALONE
    return Tokens(starts, ends, inner, alone if alone is not None and alone.any() else None, kinds)


_Bounds = tuple["NDArray[np.int32]", "NDArray[np.int32]"]


def _divided(kinds: NDArray[np.uint8], starts: NDArray[np.int32], ends: NDArray[np.int32]) -> _Bounds:
    """Let no word begin with a mark, and divide runs of scripts without spaces into letters with their marks."""
    if not ((kinds == _MARK) | (kinds == _ALONE)).any():
        return starts, ends
    bases = np.flatnonzero(kinds > _MARK).astype(np.int32)
    following = np.append(bases, np.int32(len(kinds)))[np.searchsorted(bases, starts)]
    for start, end in zip(
        starts[following > starts].tolist(), following[following > starts].tolist(), strict=True
    ):
        kinds[start:end][kinds[start:end] == _MARK] = _OTHER
    starts, ends = following[following < ends], ends[following < ends]
    lone = np.concatenate(([False], kinds[bases] == _ALONE))
    divided = np.union1d(starts, bases[lone[1:] | lone[:-1]])
    run = np.searchsorted(starts, divided, side="right") - 1
    return divided, np.minimum(ends[run], np.append(divided[1:], np.int32(len(kinds))))


def _apart(kinds: NDArray[np.uint8], starts: NDArray[np.int32], ends: NDArray[np.int32]) -> _Bounds:
    """Divide what begins with a digit before its first letter: 3rd is 3 and rd."""
    numbers = np.flatnonzero(kinds[starts] == _DIGIT)
    if not len(numbers):
        return starts, ends
    letters = np.flatnonzero(kinds == _LETTER)
    place = np.searchsorted(letters, starts[numbers])
    numbers = numbers[: np.searchsorted(place, len(letters))]  # those that a letter follows somewhere
    first = letters[place[: len(numbers)]]
    first = first[first < ends[numbers]]
    if not len(first):
        return starts, ends
    edges = np.sort(np.concatenate((starts, ends, first, first), dtype=np.int32))
    return edges[::2], edges[1::2]


def _joined(
    kinds: NDArray[np.uint8], starts: NDArray[np.int32], ends: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Join numbers over stops and commas, and letters that a stop follows each; the latter's numbers too.

    What stands between them becomes a mark in `kinds`.
    """
    after = kinds[ends[:-1]]
    between = (after == _STOP) | (after == _COMMA)
    between &= starts[1:] - ends[:-1] == 1
    first = between.nonzero()[0]
    if not len(first):
        return starts, ends, first
    begin, middle, end = starts[first], ends[first], ends[first + 1]
    left, right = kinds[begin], kinds[middle + 1]
    chosen = (left == _DIGIT) & (right == _DIGIT)
    short = (left == _LETTER) & (right == _LETTER) & (middle - begin == 1) & (end - middle == 2)
    acronym = np.zeros(0, dtype=np.int64)
    if short.any():  # kinds.take: where the text ends no stop follows
        acronym = np.flatnonzero(short & (kinds[middle] == _STOP) & (kinds.take(end, mode="clip") == _STOP))
        chosen[acronym] = True
    chosen = first[chosen]
    kinds[ends[chosen]] = kinds[end[acronym]] = _MARK
    opens = np.ones(len(starts), dtype=np.bool_)
    closes = opens.copy()
    opens[chosen + 1] = closes[chosen] = False
    starts, ends = starts[opens], ends[closes]
    inner = np.unique(starts.searchsorted(begin[acronym], side="right") - 1) if len(acronym) else acronym
    ends[inner] += 1  # an acronym holds its last stop
    return starts, ends, inner


def pieces(text: str, found: Tokens, first: int, last: int) -> list[str]:
    """Give the words numbered [first, last) as they are read."""
    starts, ends = found.starts[first:last], found.ends[first:last]
    glued = (np.flatnonzero(starts[1:] == ends[:-1]) + 1).tolist()
    if len(glued) > _GLUED:
        words = [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    else:
        words = _split(text, found, starts, ends, glued)
    for number in found.inner[(found.inner >= first) & (found.inner < last)].tolist():
        words[number - first] = _UNSPOKEN.sub("", words[number - first])
    return words


def _split(
    text: str, found: Tokens, starts: NDArray[np.int32], ends: NDArray[np.int32], glued: list[int]
) -> list[str]:
    # Splitting at spaces takes a third of the time of slicing; only words without one between them need slices.
    part = slice(int(starts[0]), int(ends[-1]))
    codes = _codes(text[part])
    spaced = np.where(found.kinds[part] >= _MARK, codes, codes.dtype.type(ord(" "))).tobytes()
    words = spaced.decode("ascii" if codes.itemsize == 1 else "utf-32-le", "surrogatepass").split()
    for place in glued:
        words[place - 1] = text[starts[place - 1] : ends[place - 1]]
        words.insert(place, text[starts[place] : ends[place]])
    return words
