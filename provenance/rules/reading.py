"""One pass over a text that serves every rule: its lines, their folded keys, and where the prose is.

Rules look at lines and their neighbours. Were each given the text, each would divide and fold it again,
which is most of the work; and line numbers make "the next paragraph" a subtraction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORT = 400  # code points: longer lines have no key, because no furniture phrase is that long
LONG = 240  # a line as long as this is running text even where its stop is missing
PROSE = 80  # code points: a shorter line ending in a stop may be a slogan; a sentence of news is longer
PROSE_WIDE = 25  # the same in a script that writes a word in one or two characters

_STOPS = ".!?…。！？؟۔।॥"
_CLOSERS = "\"'”’»›)]）」』*¹²³"
_EDGES = (
    " \t\u00a0\u200b\ufeff-–—―_*•·|:;,.!?…()[]{}<>«»‹›→←↑↓▲▼►▶◄✕×✖+=#~/\\\"'“”„‘’`。、：！？（）【】「」『』｜＞،؟"
)
_DIGITS = re.compile(r"\d+")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


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
    reads as running text: long, and ended by a stop.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    texts: Sequence[str]
    keys: Sequence[str]
    prose: Sequence[bool]

    def __len__(self) -> int:
        return len(self.texts)


def read(text: str) -> Lines:
    r"""Divide a text into lines; never raises.

    >>> read("Read more »\n\nThe end.").keys
    ['read more', 'the end']
    """
    starts: list[int] = []
    texts: list[str] = []
    at = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped:
            starts.append(at)
            texts.append(stripped)
        at += len(line)
    ends = [*starts[1:], at] if starts else []
    return Lines(starts, ends, texts, [key(line) for line in texts], [is_prose(line) for line in texts])


def key(line: str) -> str:
    """Fold a line for comparison: lower case, one kind of apostrophe, numbers as 0, no marks around it."""
    if len(line) > SHORT:
        return ""
    folded = line.casefold().strip(_EDGES).replace("’", "'")
    return " ".join(_DIGITS.sub("0", folded).split())


def ends_in_stop(line: str) -> bool:
    """Say whether a line ends as a sentence does, closing quotes and brackets aside."""
    return line[-1:] in _STOPS or line[-6:].rstrip(_CLOSERS)[-1:] in tuple(_STOPS)


def is_prose(line: str) -> bool:
    """Say whether a line reads as running text."""
    if not ends_in_stop(line):
        return len(line) > LONG
    return len(line) >= PROSE or (len(line) >= PROSE_WIDE and len(_WIDE.findall(line)) * 2 > len(line))
