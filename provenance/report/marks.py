"""The words that two aligned passages have in common, for marking on both sides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from provenance.rarity import chance, stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|(?:[^\W_]\.){2,}|[^\W_]+")
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_END = re.compile(r"[\n.!?;:]")  # between two words: they are no phrase
PLAIN = 0.03  # a stem likelier than this in any sentence (the, have, after) shows nothing by itself


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a passage; `common` where its words stand on the other side too."""

    text: str
    common: bool


@dataclass(frozen=True, slots=True)
class _Word:
    stem: str
    start: int
    end: int
    telling: bool
    opens: bool  # no phrase goes on from the word before it


def common_words(a: str, b: str) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """Give both passages as runs, in linear time; the runs of a side joined give its text.

    Words are compared by stem, as the aligner compares them. A telling word is marked wherever the other
    side has it; a plain one only next to a telling word that it adjoins on the other side too, so that
    phrases stand out whole and a page of marked `the` does not drown them.
    """
    words = _words(a), _words(b)
    stems = {word.stem for word in words[0]} & {word.stem for word in words[1]}
    phrases = set(_pairs(words[0])) & set(_pairs(words[1]))
    first, second = (_runs(text, own, stems, phrases) for text, own in zip((a, b), words, strict=True))
    return first, second


def _words(text: str) -> tuple[_Word, ...]:
    found: list[_Word] = []
    for match in _WORD.finditer(text):
        key = stem(match.group().casefold().replace(".", ""))
        telling = (len(key) > 1 or key.isdigit()) and chance(key) < PLAIN and not _IDEOGRAPH.match(key)
        before = found[-1].end if found else 0
        opens = _END.search(text, before, match.start()) is not None
        found.append(_Word(key, match.start(), match.end(), telling, opens))
    return tuple(found)


def _pairs(words: Sequence[_Word]) -> Iterator[tuple[str, str]]:
    """Give neighbours of which one is telling, and all neighbours in scripts without spaces."""
    for one, two in pairwise(words):
        if two.opens:
            continue
        if one.telling or two.telling or (_IDEOGRAPH.match(one.stem) and _IDEOGRAPH.match(two.stem)):
            yield one.stem, two.stem


def _runs(text: str, words: Sequence[_Word], stems: set[str], phrases: set[tuple[str, str]]) -> tuple[Run, ...]:
    marked = [word.telling and word.stem in stems for word in words]
    for number, (one, two) in enumerate(pairwise(words)):
        if not two.opens and (one.stem, two.stem) in phrases:
            marked[number] = marked[number + 1] = True
    runs: list[Run] = []
    end = 0
    for start, stop in _stretches(words, marked):
        if end < start:
            runs.append(Run(text[end:start], common=False))
        runs.append(Run(text[start:stop], common=True))
        end = stop
    if end < len(text):
        runs.append(Run(text[end:], common=False))
    return tuple(runs)


def _stretches(words: Sequence[_Word], marked: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Give the stretches of text from the first to the last of each series of marked words."""
    start = end = None
    for word, mark in zip(words, marked, strict=True):
        if start is not None and end is not None and (word.opens or not mark):
            yield start, end
            start = end = None
        if mark:
            start = word.start if start is None else start
            end = word.end
    if start is not None and end is not None:
        yield start, end
