"""Lines known by their shape and place: dates and bylines outside the article's text, picture credits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from provenance.rules.reading import Found, Lines, ends_in_stop

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_BY = ("by ", "von ", "par ", "por ", "di ", "door ", "автор: ", "автор ", "بقلم ", "текст: ", "文/")
_AGENCY = re.compile(
    r"(?:/|\bvia|\bcourtesy of|©|\(|\|)[ ]?(?:getty images|getty|afp|ap|ap photo|reuters|dpa|efe|ansa|epa|anp|"
    r"shutterstock|istock|unsplash|pexels|adobe stock|alamy|picture alliance|imago|тасс|риа новости|"
    r"xinhua|新华社|共同社|时事)\b[^.!?]{0,40}$"
)


def datelines(lines: Lines) -> Iterator[Found]:
    """Find lines that are a date, near the article's beginning or after its end."""
    first, last = _bounds(lines)
    for number, key in enumerate(lines.keys):
        if "0" in key and len(key) <= 60 and not first < number < last and _DATE.fullmatch(key):
            yield Found(number, number + 1, 0.9)


def bylines(lines: Lines) -> Iterator[Found]:
    """Find a line "By Some Name" before the first paragraph or after the last."""
    first, last = _bounds(lines)
    for number, key in enumerate(lines.keys):
        if len(key) > 60 or first < number < last or not key.startswith(_BY):
            continue
        names = lines.texts[number].split()[1:]
        if 1 <= len(names) <= 8 and names[0][:1].isupper() and not ends_in_stop(lines.texts[number]):
            yield Found(number, number + 1, 0.8)


def agency_credits(lines: Lines) -> Iterator[Found]:
    """Find captions that end in a picture agency's credit."""
    for number, key in enumerate(lines.keys):
        if key and not lines.prose[number] and _AGENCY.search(key[-60:]):
            yield Found(number, number + 1, 0.8)


def _bounds(lines: Lines) -> tuple[int, int]:
    """Give the numbers of the first and last lines of prose; of a text without any, none is between."""
    prose = [number for number, is_prose in enumerate(lines.prose) if is_prose]
    return (prose[0], prose[-1]) if prose else (len(lines), len(lines))
