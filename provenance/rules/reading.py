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

MEMORY = 4_096  # lines remembered by what they are: a text is looked at more than once, and furniture recurs
SHORT = 400  # code points: longer lines have no key, because no furniture phrase is that long
LONG = 240  # a line as long as this is running text even where its stop is missing
PROSE = 80  # code points: a shorter line ending in a stop may be a slogan; a sentence of news is longer
PROSE_WIDE = 25  # the same in a script that writes a word in one or two characters

_STOPS = frozenset(".!?…。！？؟۔।॥")
_CLOSERS = "\"'”’»›)]）」』*¹²³"
_EDGES = (
    " \t\u00a0\u200b\ufeff-–—―_*•·|:;,.!?…()[]{}<>«»‹›→←↑↓▲▼►▶◄✕×✖+=#~/\\\"'“”„‘’`。、：！？（）【】「」『』｜＞،؟"
)
_DIGITS = re.compile(r"\d+")
_UNEVEN = re.compile(r"[^\S \n]|  ")  # white space that folding makes one blank
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
    return Lines(starts, ends, texts, keys(texts), [is_prose(line) for line in texts])


def chosen(lines: Lines, numbers: Sequence[int]) -> Lines:
    """Give some of the lines, as if the others were not there; offsets stay those of the whole text."""
    return Lines(
        [lines.starts[number] for number in numbers],
        [lines.ends[number] for number in numbers],
        [lines.texts[number] for number in numbers],
        [lines.keys[number] for number in numbers],
        [lines.prose[number] for number in numbers],
    )


def key(line: str) -> str:
    """Fold a line for comparison: lower case, one kind of apostrophe, numbers as 0, no marks around it."""
    return keys([line])[0]


def keys(lines: Sequence[str]) -> list[str]:
    """Fold lines that hold no line break; all at once, which takes a third of the time of one by one."""
    joined = "\n".join(["" if len(line) > SHORT else line for line in lines])
    folded = _DIGITS.sub("0", joined.casefold().replace("’", "'")).split("\n")
    if _UNEVEN.search(joined):
        return [" ".join(line.strip(_EDGES).split()) for line in folded]
    return [line.strip(_EDGES) for line in folded]


def ends_in_stop(line: str) -> bool:
    """Say whether a line ends as a sentence does, closing quotes and brackets aside."""
    last = line[-1:]
    return last in _STOPS or (last in _CLOSERS and line[-6:].rstrip(_CLOSERS)[-1:] in _STOPS)


def is_prose(line: str) -> bool:
    """Say whether a line reads as running text."""
    if not ends_in_stop(line):
        return len(line) > LONG
    return len(line) >= PROSE or (len(line) >= PROSE_WIDE and len(_WIDE.findall(line)) * 2 > len(line))
