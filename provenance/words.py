"""A text as arrays: words, stems, sentences and quotations, ready to be compared.

All texts of one comparison share a `Vocabulary`, so that words and stems are integers and everything
after this module works on arrays.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from xxhash import xxh32_intdigest

from provenance.normalize import fold
from provenance.rarity import chance, stem
from provenance.segment import sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from provenance.model import Span

NAMES = 0.6  # share of capitalised words; German prose has .35, headlines in title case .8
_CHUNK = 1 << 16  # words that are strings at one time
_BLOCK = 1 << 20  # characters that are looked up at one time
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
    """Read `source` into arrays, in time and memory linear in its length."""
    folded = fold(source)
    found = _tokens(folded.text)
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
    inside = _quoted(source, starts)
    sentence = np.repeat(np.arange(len(used), dtype=np.int32), bounds[1:] - bounds[:-1])
    telling = stems >= 0
    plain = telling & ~inside
    return Text(
        source=source,
        spans=tuple(spans) if len(used) == len(spans) else tuple(spans[i] for i in used.tolist()),
        words=words,
        stems=stems,
        starts=starts,
        ends=ends,
        bounds=bounds,
        quoted=inside,
        listed=_listed(source, starts, bounds),
        stemmed=_incidence(sentence[telling], stems[telling].astype(np.int64)),
        paired=_paired(sentence[plain], stems[plain].astype(np.int64)),
        flags=folded.flags,
    )


def masked(source: str, kept: Sequence[Span]) -> str:
    """Give the source with everything but the kept spans as line breaks, so that offsets stay true."""
    pieces, end = [], 0
    for span in kept:
        pieces += ["\n" * (span.start - end), source[span.start : span.end]]
        end = span.end
    return "".join(pieces)


def _incidence(rows: NDArray[np.int32], keys: NDArray[np.int64]) -> Incidence:
    """Give which keys stand in which rows; the rows are sorted."""
    if not len(keys):
        return Incidence(rows, rows, keys, rows)
    order = np.argsort(keys, kind="stable")  # and so by row within each key
    keys, rows = keys[order], rows[order]
    fresh = np.concatenate(([True], keys[1:] != keys[:-1]))
    once = fresh.copy()
    once[1:] |= rows[1:] != rows[:-1]
    slots = np.cumsum(fresh) - 1
    begins = np.flatnonzero(fresh[once])
    counts = np.diff(np.append(begins, np.count_nonzero(once)))
    pairs = np.sort((rows.astype(np.int64) << 32 | slots)[once])
    return Incidence((pairs >> 32).astype(np.int32), pairs.astype(np.int32), keys[fresh], counts.astype(np.int32))


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
    capital = _looked_up(source, _CASES, _case)[starts] == _CAPITAL
    return np.add.reduceat(capital, bounds[:-1], dtype=np.int32) > NAMES * np.diff(bounds)


# --- where the words are ----------------------------------------------------------------------------------

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
class _Tokens:
    """Where the n words of a folded text stand.

    starts, ends   int32 (n,)
    inner          numbers of the words that hold characters they are read without: U.S., צה"ל
    alone          bool (n,), of a script without spaces; None if there are none
    """

    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    inner: NDArray[np.int64]
    alone: NDArray[np.bool_] | None


def _kind(character: str) -> int:
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


def _case(character: str) -> int:
    return _CAPITAL if character.isupper() else _SMALL


def _looked_up(text: str, table: NDArray[np.uint8], look: Callable[[str], int]) -> NDArray[np.uint8]:
    """Give `table`'s entry for each character; entries that it lacks are made by `look`."""
    if len(text) > _BLOCK:
        blocks = (text[at : at + _BLOCK] for at in range(0, len(text), _BLOCK))
        return np.concatenate([_looked_up(block, table, look) for block in blocks])
    plain = text.isascii()
    codes = np.frombuffer(
        text.encode() if plain else text.encode("utf-32-le", "surrogatepass"),
        dtype=np.uint8 if plain else np.uint32,
    )
    found = table[codes]
    if not found.all():
        for code in set(codes[found == 0].tolist()):
            table[code] = look(chr(code))
        found = table[codes]
    return found


def _tokens(text: str) -> _Tokens:
    """Find the words: runs of letters, digits and marks; numbers (1,800) and acronyms (U.S.) are one word each.

    By arrays, for a regular expression that says the same takes ten times as long.
    """
    kinds = _looked_up(text, _KINDS, _kind)
    hebrew = [] if text.isascii() else [match.start() for match in _HEBREW_QUOTE.finditer(text)]
    kinds[hebrew] = _MARK
    within = np.zeros(len(kinds) + 2, dtype=np.bool_)
    np.greater_equal(kinds, _MARK, out=within[1:-1])
    edges = np.flatnonzero(within[1:] != within[:-1]).astype(np.int32)
    starts, ends = edges[::2], edges[1::2]
    alone = None
    if not text.isascii():
        starts, ends = _divided(kinds, starts, ends)
    starts, ends = _apart(kinds, starts, ends)
    starts, ends, inner = _joined(kinds, starts, ends)
    if hebrew:
        inner = np.union1d(inner, np.searchsorted(starts, hebrew, side="right") - 1)
    if not text.isascii() and (firsts := kinds[starts] == _ALONE).any():
        alone = firsts
    return _Tokens(starts, ends, inner, alone)


_Bounds = tuple["NDArray[np.int32]", "NDArray[np.int32]"]


def _divided(kinds: NDArray[np.uint8], starts: NDArray[np.int32], ends: NDArray[np.int32]) -> _Bounds:
    """Let no word begin with a mark, and divide runs of scripts without spaces into letters with their marks."""
    if not ((kinds == _MARK) | (kinds == _ALONE)).any():
        return starts, ends
    bases = np.flatnonzero(kinds > _MARK).astype(np.int32)
    following = np.append(bases, np.int32(len(kinds)))[np.searchsorted(bases, starts)]
    starts, ends = following[following < ends], ends[following < ends]
    lone = np.concatenate(([False], kinds[bases] == _ALONE))
    divided = np.union1d(starts, bases[lone[1:] | lone[:-1]])
    run = np.searchsorted(starts, divided, side="right") - 1
    return divided, np.minimum(ends[run], np.append(divided[1:], np.int32(len(kinds))))


def _apart(kinds: NDArray[np.uint8], starts: NDArray[np.int32], ends: NDArray[np.int32]) -> _Bounds:
    """Divide what begins with a digit before its first letter: 3rd is 3 and rd."""
    numbers = np.flatnonzero(kinds[starts] == _DIGIT)
    letters = np.append(np.flatnonzero(kinds == _LETTER), len(kinds)).astype(np.int32)
    first = letters[np.searchsorted(letters, starts[numbers])]
    first = first[first < ends[numbers]]
    if not len(first):
        return starts, ends
    return np.sort(np.append(starts, first)), np.sort(np.append(ends, first))


def _joined(
    kinds: NDArray[np.uint8], starts: NDArray[np.int32], ends: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Join numbers over stops and commas, and letters that a stop follows each; the latter's numbers too."""
    after = np.append(kinds, np.uint8(_OTHER))[ends]
    touching = starts[1:] == ends[:-1] + 1
    digits = kinds[starts] == _DIGIT
    initial = (after == _STOP) & (ends - starts == 1) & (kinds[starts] == _LETTER)
    acronym = touching & initial[1:] & initial[:-1]
    joined = touching & digits[1:] & digits[:-1] & ((after == _STOP) | (after == _COMMA))[:-1] | acronym
    if not joined.any():
        return starts, ends, np.zeros(0, dtype=np.int64)
    opens, closes = np.append(True, ~joined), np.append(~joined, True)
    stopped = np.append(False, acronym)[closes]  # an acronym holds its last stop
    return starts[opens], (ends[closes] + stopped).astype(np.int32), np.flatnonzero(stopped)


def _numbered(text: str, found: _Tokens, vocabulary: Vocabulary) -> NDArray[np.int32]:
    """Give the words' numbers in the vocabulary."""
    words = np.empty(len(found.starts), dtype=np.int32)
    for at in range(0, len(words), _CHUNK):
        starts, ends = found.starts[at : at + _CHUNK].tolist(), found.ends[at : at + _CHUNK].tolist()
        pieces = [text[start:end] for start, end in zip(starts, ends, strict=True)]
        for number in found.inner[(found.inner >= at) & (found.inner < at + _CHUNK)].tolist():
            pieces[number - at] = _UNSPOKEN.sub("", pieces[number - at])
        words[at : at + _CHUNK] = list(map(vocabulary.__getitem__, pieces))
    return words


def _stems(text: str, found: _Tokens, words: NDArray[np.int32], vocabulary: Vocabulary) -> NDArray[np.int32]:
    """Give the words' stems; that of a letter standing alone is of the pair it forms with the next one."""
    stems: NDArray[np.int32] = np.frombuffer(vocabulary.stem_of, dtype=np.int32)[words] if len(words) else words
    if found.alone is None:
        return stems
    stems[found.alone] = -1
    adjacent = found.alone[:-1] & found.alone[1:] & (found.ends[:-1] == found.starts[1:])
    for number in np.flatnonzero(adjacent).tolist():
        stems[number] = vocabulary.stem(text[found.starts[number] : found.ends[number + 1]])
    return stems
