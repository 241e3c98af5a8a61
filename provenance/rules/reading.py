"""One pass over a text that serves every rule: its lines, their folded keys, and where the prose is.

Rules look at lines and their neighbours. Were each given the text, each would divide and fold it again,
which is most of the work; and line numbers make "the next paragraph" a subtraction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import accumulate, compress, count
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MEMORY = 4_096  # lines remembered by what they are: a text is looked at more than once, and furniture recurs
SHORT = 400  # code points: longer lines have no key, because no furniture phrase is that long
LONG = 240  # a line as long as this is running text even where its stop is missing
PROSE = 80  # code points: a shorter line ending in a stop may be a slogan; a sentence of news is longer
PROSE_WIDE = 25  # the same in a script that writes a word in one or two characters
TOLD, TOLD_WIDE = 40, 15  # code points of a sentence with which an article may go on

_STOPS = frozenset(".!?…。！？؟۔।॥")
_TELLING = frozenset(".。۔।॥")
_CLOSERS = "\"'”’»›)]）」』*¹²³"
_EDGES = (
    " \t\u00a0\u200b\ufeff-–—―_*•·|:;,.!?…()[]{}<>«»‹›→←↑↓▲▼►▶◄✕×✖+=#~/\\\"'“”„‘’`。、：！？（）【】「」『』｜＞،؟"
)
_DIGITS = re.compile(r"\d+")
# First bytes in UTF-8 of the characters that are digits beside ASCII's; all other bytes.
_DIGITS_BEGIN = b"\xd9\xdb\xdf\xe0\xe1\xea\xef\xf0"
_WITHOUT_DIGITS = bytes(set(range(256)) - set(_DIGITS_BEGIN))
_ZEROED = bytes.maketrans(b"123456789", b"000000000")
# White space that folding makes one blank.
_UNEVEN = (
    *("  ", *"\t\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005"),
    *"\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
)
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


T = TypeVar("T")


class Found(NamedTuple):
    """Lines that a rule holds for no part of the article: half-open line numbers, confidence in 0..1."""

    first: int
    last: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text that hold anything, in order; five sequences of one length.

    `starts` and `ends` are offsets of the whole line with what follows it up to the next one, so that the
    lines partition the text (but for white space before the first). `texts` are stripped, `keys` folded
    for comparison ("" where the line is too long or has no letter or digit), `prose` says whether a line
    reads as running text: long, and ended by a stop. `whole` are the lines that these were chosen from, and
    `places` says where each of those that are left stands here: what a line is by itself is asked once.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    texts: Sequence[str]
    keys: Sequence[str]
    prose: Sequence[bool]
    whole: Lines | None = None
    places: Mapping[int, int] = field(default_factory=dict)
    known: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.texts)

    def where(self, found: Callable[[Lines], Sequence[int]]) -> Sequence[int]:
        """Give the numbers that `found` gives: of lines that are so by themselves, whatever is around them."""
        if found not in self.known:
            places = self.places
            self.known[found] = (
                found(self) if self.whole is None else [places[n] for n in self.whole.where(found) if n in places]
            )
        numbers: Sequence[int] = self.known[found]
        return numbers

    def each(self, of: Callable[[str], T]) -> Sequence[T]:
        """Give what `of` gives for each line's text."""
        if of not in self.known:
            values = None if self.whole is None else self.whole.each(of)
            self.known[of] = (
                [of(text) for text in self.texts] if values is None else [values[number] for number in self.places]
            )
        each: Sequence[T] = self.known[of]
        return each


def paragraphs(lines: Lines) -> Sequence[int]:
    """Give the numbers of the lines of prose."""
    return list(compress(range(len(lines)), lines.prose))


class Divided(NamedTuple):
    """The lines of a text that hold anything: offsets, each with what follows up to the next, and stripped."""

    starts: Sequence[int]
    ends: Sequence[int]
    texts: Sequence[str]


def divided(text: str) -> Divided:
    """Divide a text into lines; never raises."""
    lines = text.splitlines(keepends=True)
    stripped = list(map(str.strip, lines))
    starts = list(compress(accumulate(map(len, lines), initial=0), stripped))
    return Divided(starts, [*starts[1:], len(text)] if starts else [], list(filter(None, stripped)))


def read(text: str) -> Lines:
    r"""Divide a text into lines and read each of them; never raises.

    >>> read("Read more »\n\nThe end.").keys
    ['read more', 'the end']
    """
    found = divided(text)
    return lines_at(found, range(len(found.texts)))


def lines_at(found: Divided, numbers: Sequence[int]) -> Lines:
    """Read some of the lines that a text was divided into, as if the others were not there."""
    texts = _at(found.texts, numbers)
    starts, ends = _at(found.starts, numbers), _at(found.ends, numbers)
    return Lines(starts, ends, texts, keys(texts), list(map(is_prose, texts)))


def chosen(lines: Lines, numbers: Sequence[int]) -> Lines:
    """Give some of the lines, as if the others were not there; offsets stay those of the whole text."""
    return Lines(
        _at(lines.starts, numbers),
        _at(lines.ends, numbers),
        _at(lines.texts, numbers),
        _at(lines.keys, numbers),
        _at(lines.prose, numbers),
        lines,
        dict(zip(numbers, count(), strict=False)),
    )


def _at(values: Sequence[T], numbers: Sequence[int]) -> list[T]:
    return list(map(values.__getitem__, numbers))


def key(line: str) -> str:
    """Fold a line for comparison: lower case, one kind of apostrophe, numbers as 0, no marks around it."""
    return keys([line])[0]


def keys(lines: Sequence[str]) -> list[str]:
    """Fold lines that hold no line break; all at once, which takes a third of the time of one by one."""
    joined = "\n".join(["" if len(line) > SHORT else line for line in lines])
    # Line by line: what is ASCII then, and most lines are, is folded in a tenth of the time.
    small = "\n".join([line.casefold() for line in joined.replace("’", "'").split("\n")])
    folded = _numberless(small).split("\n")
    if any(space in joined for space in _UNEVEN):
        return [" ".join(line.strip(_EDGES).split()) for line in folded]
    return [line.strip(_EDGES) for line in folded]


def _numberless(text: str) -> str:
    """Put 0 for each number: bytes are translated in a tenth of the time of a search for a class of characters."""
    encoded = text.encode("utf-8", "surrogatepass")
    if not text.isascii() and _may_have_other_digits(encoded):
        encoded = b"\n".join(map(_without_other_digits, encoded.split(b"\n")))
    encoded = encoded.translate(_ZEROED)
    while b"00" in encoded:
        encoded = encoded.replace(b"00", b"0")
    return encoded.decode("utf-8", "surrogatepass")


def _without_other_digits(line: bytes) -> bytes:
    if not _may_have_other_digits(line):
        return line
    return _DIGITS.sub("0", line.decode("utf-8", "surrogatepass")).encode("utf-8", "surrogatepass")


def _may_have_other_digits(encoded: bytes) -> bool:
    """Say whether a text may have digits beside ASCII's: few scripts have, told by how UTF-8 begins them."""
    return bool(encoded.translate(None, _WITHOUT_DIGITS))


def ends_in_stop(line: str) -> bool:
    """Say whether a line ends as a sentence does, closing quotes and brackets aside."""
    last = line[-1:]
    return last in _STOPS or (last in _CLOSERS and line[-6:].rstrip(_CLOSERS)[-1:] in _STOPS)


def is_wide(line: str) -> bool:
    """Say whether most of a line is in a script that writes a word in one or two characters."""
    return not line.isascii() and len(_WIDE.findall(line)) * 2 > len(line)


def is_sentence(line: str) -> bool:
    """Say whether a line of any length ends as what is told does: headlines ask, exclaim or break off."""
    told = line[-6:].rstrip(_CLOSERS)
    return (told[-1:] in _TELLING and told[-3:] != "...") or is_prose(line)


def is_long(line: str) -> bool:
    """Say whether a sentence is longer than headlines with a stop and slogans mostly are."""
    return len(line) >= (TOLD_WIDE if is_wide(line) else TOLD)


def is_prose(line: str) -> bool:
    """Say whether a line reads as running text."""
    if not ends_in_stop(line):
        return len(line) > LONG
    if len(line) >= PROSE or line.isascii():
        return len(line) >= PROSE
    return len(line) >= PROSE_WIDE and is_wide(line)
