"""Lines known by their shape and place: dates and bylines outside the article's text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from provenance.rules.names import is_byline
from provenance.rules.reading import MEMORY, Found, Lines, ends_in_stop, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|januar|februar|märz|mai|juni|juli|okt|dez|"
    "janv|févr|mars|avr|juin|juil|août|déc|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|fev|out|mrt|mei|"
    "янв|фев|мар|апр|май|мая|июн|июл|авг|сен|окт|ноя|дек|يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|"
    "أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر"
)
# A key has every number as 0: "tue, 0 december 0, 0:0 am", "0/0/0", "0年0月0日".
_DATE = re.compile(
    rf"(?:(?:updated|published|posted|on|at|\w{{2,10}}day|mon|tue|wed|thu|fri|sat|sun)[ ,.:|]{{0,3}}){{0,3}}"
    rf"(?:(?:{_MONTHS})[^\W\d]{{0,7}}\.? 0(?:st|nd|rd|th)?(?:, ?0| 0)?"
    rf"|0(?:st|nd|rd|th)?\.? (?:de |di |of )?(?:{_MONTHS})[^\W\d]{{0,7}}\.?,?(?: de)? 0(?: г)?"
    rf"|0[/.\-]0[/.\-]0|0年0月0日)"
    rf"(?:[ ,.|•·\-–—at]{{0,6}}0[:.h]0(?::0)? ?(?:[ap]\.?m\.?)?(?: \w{{2,4}})?)?"
)
LONGEST = 60  # code points of a date or a byline
BEGINNING = 5  # lines: further down, a date is no longer beside the title
_BY = ("by ", "von ", "par ", "por ", "di ", "door ", "автор: ", "автор ", "بقلم ", "текст: ", "文/")


@lru_cache(maxsize=MEMORY)
def is_date(key: str) -> bool:
    """Say whether a line's key is a date and nothing else, perhaps with the time and a word before it."""
    return "0" in key and len(key) <= LONGEST and bool(_DATE.fullmatch(key))


def datelines(lines: Lines) -> Iterator[Found]:
    """Find the line that dates an article: the only date beside its title, or the only one under its end.

    Dates that recur are the headings of a timeline, a programme or a table, and none of them is found.
    """
    first, last = _bounds(lines)
    dates = lines.where(_dates)
    if any(first < number < last for number in dates):
        return
    for side in ([n for n in dates if n <= first], [n for n in dates if n > first]):
        if len(side) == 1 and (side[0] < BEGINNING or side[0] > last):
            yield Found(side[0], side[0] + 1, 0.9)


def bylines(lines: Lines) -> Iterator[Found]:
    """Find a line "By Some Name" between the title and the first paragraph, or after the last.

    The first line is never one: titles such as "By Land and Sea" open like it.
    """
    first, last = _bounds(lines)
    if first == len(lines):
        return
    for number in lines.where(_signed):
        if number and not first < number < last:
            yield Found(number, number + 1, 0.8)


def _dates(lines: Lines) -> Sequence[int]:
    return [number for number, key in enumerate(lines.keys) if "0" in key and is_date(key)]


def _signed(lines: Lines) -> Sequence[int]:
    opens = [n for n, key in enumerate(lines.keys) if key.startswith(_BY) and len(key) <= LONGEST]
    return [n for n in opens if is_byline(lines.texts[n].partition(" ")[2]) and not ends_in_stop(lines.texts[n])]


def _bounds(lines: Lines) -> tuple[int, int]:
    """Give the numbers of the first and last lines of prose; of a text without any, none is between."""
    prose = lines.where(paragraphs)
    return (prose[0], prose[-1]) if prose else (len(lines), len(lines))
