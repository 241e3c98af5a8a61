"""Folding UTF-8 by tables: one text of a batch at a time, as `normalize.fold` does it.

For compiling only, as are the other kernels of a batch: what is too small to be compiled for goes through
`normalize`, `tokens` and `fingerprint`, which these kernels must agree with to the bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.kernels.running import Kernel
from provenance.kernels.wide import lowered, lowest

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]  # numbers of a width that compiled code keeps, and Python has not

    Bytes = Array
    Words = Array
    Ints = Array

    # folds, traits (by code point), pool (of those that fold to none or several), pages (1: filled)
    Tables = tuple[Words, Words, Words, Bytes]


@Kernel
def decoded(text: Bytes, at: int, end: int) -> Any:
    """Give the code point at `at` << 3 | its length in bytes; what is broken is U+FFFD, one byte long."""
    lead = np.int64(text[at])
    if lead < 0x80:
        return lead << 3 | 1
    size = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if lead < 0xC2 or lead > 0xF4 or at + size > end:
        return 0xFFFD << 3 | 1
    code = lead & (0x7F >> size)
    for place in range(at + 1, at + size):
        if text[place] & 0xC0 != 0x80:
            return 0xFFFD << 3 | 1
        code = code << 6 | np.int64(text[place] & 0x3F)
    if code > 0x10FFFF or code < (0x80 if size == 2 else 0x800 if size == 3 else 0x10000):
        return 0xFFFD << 3 | 1
    return code << 3 | size


@Kernel
def encoded(code: int, low: Bytes, at: int) -> int:
    """Write a code point as UTF-8 at `at` of `low`; give the place after it."""
    if code < 0x80:
        low[at] = code
        return at + 1
    if code < 0x800:
        low[at] = 0xC0 | code >> 6
        low[at + 1] = 0x80 | code & 0x3F
        return at + 2
    if code < 0x10000:
        low[at] = 0xE0 | code >> 12
        low[at + 1] = 0x80 | code >> 6 & 0x3F
        low[at + 2] = 0x80 | code & 0x3F
        return at + 3
    low[at] = 0xF0 | code >> 18
    low[at + 1] = 0x80 | code >> 12 & 0x3F
    low[at + 2] = 0x80 | code >> 6 & 0x3F
    low[at + 3] = 0x80 | code & 0x3F
    return at + 4


@Kernel
def goes_on(text: Bytes, at: int, end: int, traits: Words) -> Any:
    """Tell whether the line after the break at `at` goes on in lower case: it was broken by width."""
    place = at + 1
    while place < end and (text[place] == 32 or text[place] == 9):
        place += 1
    if place >= end:
        return 0
    return np.int64(traits[decoded(text, place, end) >> 3] >> 16 & 1)


@Kernel
def plain(text: Bytes, at: int, spare: int, low: Bytes, size: int) -> int:
    """Fold ASCII from `at` on, up to what is none or a line break; give how many bytes it is.

    `spare` bytes after the text may be read. 64 at a time: what is written too much is written over.
    """
    left, count = len(text) - at, 0
    while count < left and count + 64 <= left + spare:
        many = lowest(lowered(text, at + count, low, size + count))
        count += many
        if many < 64:
            return min(count, left)
    while count < left and text[at + count] < 0x80 and text[at + count] != 10:
        letter = text[at + count]
        low[size + count] = letter + 32 if 65 <= letter <= 90 else letter
        count += 1
    return min(count, left)


@Kernel
def clash(trait: Any, before: Any) -> int:
    """Tell whether a character may compose with the one before, or stands in another order when composed (NFC)."""
    order, earlier = trait >> np.uint32(8) & np.uint32(0xFF), before >> np.uint32(8) & np.uint32(0xFF)
    return 1 if trait & np.uint32(0x80) or (order and earlier > order) else 0


@Kernel
def spelt(code: int, tables: Tables, low: Bytes, size: int, after: Any) -> int:
    """Write what a character folds to at `size` of `low`, after one of trait `after`; give the place after it.

    -1: it may compose, or a Latin letter stands beside one of another script.
    """
    folds, traits, pool, _pages = tables
    fold = folds[code]
    several, first = fold >> np.uint32(31), np.int64(fold & np.uint32(0xFFFFFF))
    for number in range(np.int64(fold >> np.uint32(24) & np.uint32(0x7F)) if several else 1):
        one = np.int64(pool[first + number]) if several else first
        trait = traits[one]
        if clash(trait, after) or (trait & 24 and after & 24 and (trait | after) & 24 == 24):
            return -1
        after = trait
        size = encoded(one, low, size)
    return size


@Kernel
def numbered(source: Ints, bounds: tuple[int, int], first: int, step: int) -> int:
    """Note for the bytes [bounds) which code points of the source they came from; not where none is asked for."""
    if len(source):
        for place in range(bounds[0], bounds[1]):
            source[place] = first + step * (place - bounds[0])
    return 0


@Kernel
def last_trait(low: Bytes, begun: int, size: int, traits: Words) -> Any:
    """Give the trait of the last character of low[begun:size]."""
    last = size - 1
    while last > begun and low[last] & 0xC0 == 0x80:
        last -= 1
    return traits[decoded(low, last, size) >> 3]


@Kernel
def folded(text: Bytes, bounds: tuple[int, int], tables: Tables, low: Bytes, source: Ints) -> Any:
    """Fold text[bounds] into `low`; give the length in bytes, or a negative number where that is not for here.

    -1: it takes `normalize.fold` itself (letters to compose, look-alikes, more than twice as many bytes);
    -2 - page: a page of the tables is to be filled first.
    `source`, unless it is empty, gets the number of the source's code point for each byte.
    """
    spare = len(text) - bounds[1]
    text = text[bounds[0] : bounds[1]]
    at, size, count, before, after = 0, 0, 0, np.uint32(0), np.uint32(0)
    traits, pages = tables[1], tables[3]
    room = min(len(low) // 2 - 160, 2 * len(text) + 64)
    while at < len(text):
        if size + (len(text) - at) > room:
            return -1
        begun = size
        if text[at] < 0x80:
            low[size] = 32 if text[at] == 10 and goes_on(text, at, len(text), traits) else 10
            size += 1 if text[at] == 10 else plain(text, at, spare, low, size)
            if after & 16 and traits[low[begun]] & 8:
                return -1
            before, after = np.uint32(0), traits[low[size - 1]]
            numbered(source, (begun, size), count, 1)
            at, count = at + size - begun, count + size - begun
            continue
        found = decoded(text, at, len(text))
        if not pages[found >> 11]:
            return -2 - (found >> 11)
        own = traits[found >> 3]
        if clash(own, before):
            return -1
        before = own
        size = spelt(found >> 3, tables, low, size, after)
        if size < 0:
            return -1
        numbered(source, (begun, size), count, 0)
        at, count = at + (found & 7), count + 1
        after = last_trait(low, begun, size, traits) if size > begun else after
    low[size] = 0
    return size


@Kernel
def kept(text: Bytes, bounds: tuple[int, int], low: Bytes) -> int:
    """Copy text that is folded already; give its length."""
    size = bounds[1] - bounds[0]
    for place in range(size):
        low[place] = text[bounds[0] + place]
    low[size] = 0
    return size
