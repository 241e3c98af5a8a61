"""What each character is to the kernels of a batch: what it folds to, and what it is in a word.

The tables are made from `normalize` and `tokens` themselves, so that a batch is folded and split as one text is;
a page of 256 code points at a time, when a text first needs it: all of them take four seconds.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np

from provenance.normalize import fold
from provenance.tokens import kind

_LATIN, _OTHER, _HEBREW, _QUOTE, _COMPOSING, _SMALL = 8, 16, 32, 64, 128, 1 << 16
_CLASS = 8  # bits that the canonical combining class is shifted by
_SCRIPTS = ((re.compile("[a-zß-öø-ɏɐ-ʯ]"), _LATIN), (re.compile("[\u0370-\u058f]"), _OTHER))
_POOL = 1 << 16  # code points of folds that are not one character; all of Unicode has a third as many
_SEVERAL = 1 << 31


class Characters:
    """Tables by code point, filled by page; `tables` is how the kernels take them.

    folds    uint32, the code point that it folds to; or 1 << 31 | how many << 24 | where in `pool` they are
    traits   uint32, bits 0-2 the kind; 3 Latin; 4 Greek to Armenian; 5 Hebrew letter; 6 Hebrew quotation mark;
             7 may compose; 8-15 combining class; 16 small letter
    pages    uint8, 1 where 256 code points are filled
    """

    def __init__(self) -> None:
        self.folds = np.zeros(0x110000, dtype=np.uint32)
        self.traits = np.zeros(0x110000, dtype=np.uint32)
        self.pool = np.zeros(_POOL, dtype=np.uint32)
        self.pages = np.zeros(0x1100, dtype=np.uint8)
        self._used = 0
        self.fill(0)
        self.fill(0xFF)  # U+FFFD, for bytes that are no character

    @property
    def tables(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The arrays, as the kernels take them."""
        return self.folds, self.traits, self.pool, self.pages

    def fill(self, page: int) -> None:
        """Fill a page, and those that its characters fold to."""
        if self.pages[page]:
            return
        self.pages[page] = 1
        others = set()
        for code in range(page << 8, page + 1 << 8):
            character = chr(code)
            folded = fold(character).text
            self.traits[code] = _traits(character)
            others |= {ord(one) >> 8 for one in folded}
            if len(folded) == 1:
                self.folds[code] = ord(folded)
                continue
            end = self._used + len(folded)
            self.pool[self._used : end] = [ord(one) for one in folded]
            self.folds[code] = _SEVERAL | len(folded) << 24 | self._used
            self._used = end
        for other in others:
            self.fill(other)


def _traits(character: str) -> int:
    found = kind(character)
    found |= next((bit for script, bit in _SCRIPTS if script.match(character)), 0)
    found |= _HEBREW * ("\u05d0" <= character <= "\u05ea") | _QUOTE * (character in "\"'\u05f3\u05f4")
    found |= _COMPOSING * (character in _seconds() or not unicodedata.is_normalized("NFC", character))
    return found | unicodedata.combining(character) << _CLASS | _SMALL * character.islower()


@cache
def _seconds() -> frozenset[str]:
    """Give the characters that may compose with the one before them (NFC_Quick_Check=Maybe)."""
    found = {chr(code) for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}  # parts of Hangul syllables
    for code in (*range(0x3400), *range(0xF900, 0x20000)):  # between and beyond are ideographs, which are whole
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and parts[0][0] != "<":
            second = chr(int(parts[1], 16))
            if unicodedata.normalize("NFC", chr(int(parts[0], 16)) + second) == chr(code):
                found.add(second)
    return frozenset(found)
