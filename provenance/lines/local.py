"""What a line shows by itself: its length, letters, words, marks and phrases, one row of numbers a line.

These rows do not depend on other lines: when lines are taken away, the rows of the rest stay as they are,
and a second look at a text costs only what depends on neighbours (`context`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.kernels.running import worth
from provenance.lines import compiled
from provenance.lines.characters import (
    ASK,
    BITS,
    CAPITAL,
    CASELESS,
    COLON,
    COMMA,
    DIGIT,
    EXCLAIM,
    KINDS,
    OTHER,
    QUOTE,
    SMALL,
    STOP,
    Characters,
    characters,
    codes_of,
    mixed,
    tables,
)
from provenance.lines.vocabulary import KINDS as MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.lines.weights import Lexicon

CONTENT = 4  # code points: shorter words are mostly grammar
SHAPE = 12  # code points of length within which lines of one shape lie

NAMES = (
    *("length", "words", "word_length", "short_words", "titled", "capitals", "numbers"),
    *(f"share_{kind}" for kind in range(KINDS)),
    *(f"first_{name}" for name in ("small", "capital", "digit", "other")),
    *(f"last_{name}" for name in ("stop", "ask", "exclaim", "colon", "comma", "quote", "letter", "digit")),
    *(f"mark_{name}" for name in MARKS),
    *(f"many_{name}" for name in MARKS),
    *(f"opens_{name}" for name in MARKS),
    *("lexicon", "lexicon_mean", "lexicon_most", "lexicon_least", "lexicon_opening"),
    "prose",
)
_FIRST = np.array([SMALL, CAPITAL, DIGIT], np.uint8)
_LAST = np.array([STOP, ASK, EXCLAIM, COLON, COMMA, QUOTE], np.uint8)
PLACE = {name: place for place, name in enumerate(NAMES)}


@dataclass(frozen=True, slots=True, eq=False)
class Local:
    """The n lines of a text by themselves.

    rows      float32 (n, len(NAMES))
    lengths   float64 (n,), code points
    holders   int64 (c,), ascending, the lines that hold a stem of a content word, each stem once a line
    content   int64 (c,), which stem, numbered from 0 without gaps
    same      int64 (n,), a number that equal lines have in common; from 0 without gaps
    shapes    int64 (n,), the same for lines that open alike and are alike in length
    common    float64 (n,), words of each line that are common in the model's language
    counts    float64 (n,), words of each line
    prose     bool (n,), which lines read as running text
    """

    rows: NDArray[np.float32]
    lengths: NDArray[np.float64]
    holders: NDArray[np.int64]
    content: NDArray[np.int64]
    same: NDArray[np.int64]
    shapes: NDArray[np.int64]
    common: NDArray[np.float64]
    counts: NDArray[np.float64]
    prose: NDArray[np.bool_]


def measure(texts: Sequence[str], prose: Sequence[bool], lexicon: Lexicon) -> Local:
    """Measure lines, none of them empty; `prose` says which read as running text."""
    if worth(sum(map(len, texts)) // compiled.CODES):
        return _compiled(texts, prose, lexicon)
    chars = characters(texts)
    count = len(texts)
    words = np.bincount(chars.word_line, minlength=count)
    marks = _marks(chars, lexicon.marks, count)
    shape, lengths = _shape(chars, words, count)
    lexical = _lexical(chars, lexicon, words, count)
    running = np.fromiter(prose, np.float32, count)[:, None]
    first = _first_words(chars, words)
    opens = (lexicon.marks[first][:, None] >> np.arange(len(MARKS), dtype=np.uint16)) & 1
    shares = marks / np.maximum(words, 1)[:, None]
    rows = np.concatenate(
        [*shape, shares, np.log1p(marks), opens * (words > 0)[:, None], lexical, running], axis=1
    )
    keys = _content(chars)
    return Local(
        rows=rows.astype(np.float32),
        lengths=lengths.astype(np.float64),
        holders=keys >> BITS,
        content=_numbered(keys & ((1 << BITS) - 1)),
        same=_numbered(_sums(chars, count)),
        shapes=_numbered(first << 8 | np.minimum(lengths // SHAPE, 255)),
        common=marks[:, MARKS.index("common")],
        counts=words.astype(np.float64),
        prose=np.array(prose, np.bool_),
    )


def _compiled(texts: Sequence[str], prose: Sequence[bool], lexicon: Lexicon) -> Local:
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    weights = (lexicon.marks, lexicon.words, lexicon.pairs, lexicon.scale)
    codes = codes_of(texts)
    found = compiled.measured(codes, lengths, tables(), weights, len(NAMES))
    found.rows[:, -1] = prose
    return Local(
        rows=found.rows,
        lengths=lengths.astype(np.float64),
        holders=found.holders,
        content=found.content,
        same=_numbered(_told_apart(found.sums, found.kinds)),
        shapes=_numbered(found.first << 8 | np.minimum(lengths // SHAPE, 255)),
        common=found.common,
        counts=found.counts.astype(np.float64),
        prose=np.array(prose, np.bool_),
    )


def _shape(
    chars: Characters, words: NDArray[np.int64], count: int
) -> tuple[tuple[NDArray[Any], ...], NDArray[np.int64]]:
    """Give the columns of length, case, kinds of characters and of how a line starts and ends."""
    kinds = np.bincount(chars.line.astype(np.int64) * KINDS + chars.kinds, minlength=count * KINDS)
    kinds = kinds.reshape(count, KINDS)
    kinds[:, 4] -= 1  # the line break
    length = np.maximum(chars.lengths, 1)
    opening = chars.kinds[chars.words]
    some = np.maximum(words, 1)
    letters = np.maximum(kinds[:, : CASELESS + 1].sum(axis=1), 1)
    columns = np.empty((count, 7))
    columns[:, 0] = np.log1p(chars.lengths)
    columns[:, 1] = np.log1p(words)
    columns[:, 2] = np.bincount(chars.word_line, chars.word_lengths, count) / some
    columns[:, 3] = np.bincount(chars.word_line, chars.word_lengths < CONTENT, count) / some
    columns[:, 4] = np.bincount(chars.word_line, opening == CAPITAL, count) / some
    columns[:, 5] = kinds[:, CAPITAL] / letters
    columns[:, 6] = np.bincount(chars.word_line, opening == DIGIT, count)
    first = chars.kinds[chars.starts][:, None]
    last = chars.kinds[chars.starts + chars.lengths - 1][:, None]
    at_first = (first == _FIRST, first > DIGIT)
    at_last = (last == _LAST, last <= CASELESS, last == DIGIT)
    return (columns, kinds / length[:, None], *at_first, *at_last), chars.lengths


def _marks(chars: Characters, table: NDArray[np.uint16], count: int) -> NDArray[np.float64]:
    """Count the words of each kind in each line, (n, kinds)."""
    marks = table[chars.numbers]
    some = np.flatnonzero(marks)
    bits = (marks[some][:, None] >> np.arange(len(MARKS), dtype=np.uint16)) & 1
    row, kind = np.nonzero(bits)
    flat = np.bincount(
        chars.word_line[some][row].astype(np.int64) * len(MARKS) + kind, minlength=count * len(MARKS)
    )
    return flat.reshape(count, len(MARKS)).astype(np.float64)


def pairs(chars: Characters) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Give the numbers of the pairs of neighbouring words, and the line that each is of.

    The first word of a line makes a pair with the line's start: how lines open says much.
    """
    before = np.empty_like(chars.numbers)
    before[:1] = 0
    before[1:] = chars.numbers[:-1] + 1
    fresh = np.empty(len(before), np.bool_)
    fresh[:1] = True
    np.not_equal(chars.word_line[1:], chars.word_line[:-1], out=fresh[1:])
    before[fresh] = 0
    return mixed((before << (BITS + 1) | chars.numbers).astype(np.uint64)), chars.word_line


def _lexical(chars: Characters, lexicon: Lexicon, words: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Give the columns of what the words of a line weigh as furniture: sum, mean, extremes, opening."""
    columns = np.zeros((count, 5))
    if not len(chars.numbers):
        return columns
    paired, line = pairs(chars)
    weights = lexicon.words[chars.numbers] * lexicon.scale + lexicon.pairs[paired] * lexicon.scale
    some = np.maximum(words, 1)
    columns[:, 0] = np.bincount(line, weights, count) / np.sqrt(some)
    columns[:, 1] = np.bincount(line, weights, count) / some
    held = np.flatnonzero(words)
    begins = (np.cumsum(words) - words)[held]
    columns[held, 2] = np.maximum.reduceat(weights, begins)
    columns[held, 3] = np.minimum.reduceat(weights, begins)
    columns[held, 4] = weights[begins]
    return columns


def _first_words(chars: Characters, words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the number of each line's first word; of a line without one, 0."""
    first = np.zeros(len(words), np.int64)
    held = np.flatnonzero(words)
    first[held] = chars.numbers[(np.cumsum(words) - words)[held]]
    return first


def _numbered(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each value its place among the distinct ones, sorted."""
    places: NDArray[np.int64] = np.searchsorted(np.unique(values), values)
    return places


def _content(chars: Characters) -> NDArray[np.int64]:
    telling = (chars.word_lengths >= CONTENT) | (chars.kinds[chars.words] == DIGIT)
    keys = chars.word_line[telling].astype(np.int64) << BITS | chars.stems[telling]
    keys.sort()
    distinct: NDArray[np.int64] = keys[np.flatnonzero(np.diff(keys, prepend=-1))]
    return distinct


def _sums(chars: Characters, count: int) -> NDArray[np.int64]:
    """Give a number for each line that equal lines share; others hardly ever."""
    sums = np.bincount(chars.word_line, (chars.numbers + 1.0) * (chars.word_lengths + 0.5), count)
    return _told_apart(sums.astype(np.float64), chars.kinds[chars.starts])


def _told_apart(sums: NDArray[np.float64], first: NDArray[np.uint8]) -> NDArray[np.int64]:
    return (sums * 2).astype(np.int64) * (OTHER + 1) + first
