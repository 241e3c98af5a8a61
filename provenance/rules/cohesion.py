"""Does the text around a line speak of what the line says?"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.rules.reading import Lines

STEM = 5  # code points that two forms of a word have in common: enough to see that a word recurs
CONTENT = 4  # code points: shorter words are mostly grammar
LOOKED_AT = 1_500  # code points of the paragraphs below
FOLDED = 64  # paragraphs remembered: those of one text below its furniture
RECURRING = 0.34  # share of a heading's content words found in the paragraphs below it
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_]{2,}|\d+")
_CONTENT_WORD = re.compile(rf"[a-z]{{{CONTENT},}}|[0-9]+")  # the same of ASCII, where it is content


def stems(text: str) -> list[str]:
    """Give the beginnings of a text's content words, and its numbers; of scripts without blanks, their pairs."""
    if text.isascii():
        return [word[:STEM] for word in _CONTENT_WORD.findall(text.lower())]
    words = _WORD.findall(text.casefold())
    if not text.isascii() and _WIDE.search(text):
        words = [part for word in words for part in _parts(word)]
    return [word[:STEM] for word in words if len(word) >= CONTENT or word.isdigit() or _WIDE.match(word)]


def _parts(word: str) -> list[str]:
    """Give the pairs of neighbouring characters of a run in a script without blanks; else the word."""
    return [word[at : at + 2] for at in range(len(word) - 1)] if _WIDE.match(word) else [word]


def distinct_stems(text: str) -> frozenset[str]:
    """Give the stems of a text, each once."""
    return frozenset(stems(text))


def announced(lines: Lines, number: int) -> float:
    """Give the share of a line's content words that recur in the two paragraphs below it."""
    words = distinct_stems(lines.texts[number])
    below = " ".join(text[:LOOKED_AT] for text in lines.texts[number + 1 : number + 3])
    return len(words & set(stems(below))) / max(1, len(words))


def announces(lines: Lines, number: int) -> bool:
    """Say whether a line announces the paragraphs below it, as a heading does."""
    return announced(lines, number) >= RECURRING


def is_subject(lines: Lines, number: int) -> bool:
    """Say whether the paragraph below names the whole line: then the line is its heading, whatever it says."""
    below = number + 1
    return below < len(lines) and lines.prose[below] and lines.keys[number] in _folded(lines.texts[below])


@lru_cache(maxsize=FOLDED)
def _folded(text: str) -> str:
    return text.casefold()
