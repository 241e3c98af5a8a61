"""Lines that only say whose work something is: captions that end in a credit, and who reported and edited."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from provenance.rules.names import is_byline
from provenance.rules.reading import MEMORY, Found, Lines, ends_in_stop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CAPTION = 250  # code points
DESK = 300  # code points of a line that names reporters and editors
END = 100  # code points at a caption's end in which its credit stands
LIKELY, DESKED = 0.8, 0.9
_WIRES = "afp|ap|reuters|dpa|efe|ansa|epa|anp|тасс|риа новости|xinhua|新华社|共同社|时事"
_FIRMS = "pa|aap|pti|pap|apa|lusa|belga|ritzau|ntb|keystone|anadolu|kyodo|yonhap|zuma|rex|wireimage|magnum"
_AGENCY = re.compile(
    rf"(?:/|\bvia|\bcourtesy of|©|\(|\|)[ ]?(?:getty images|getty|ap photo|{_WIRES}|"
    rf"shutterstock|istock|unsplash|pexels|adobe stock|alamy|picture alliance|imago)\b[^.!?]{{0,40}}$|"
    rf"\w/(?:{_FIRMS})\b[^.!?]{{0,15}}$"
)
_HOUSE = re.compile(rf"(?:{_WIRES}|{_FIRMS})\b")  # some write themselves small
_CREDITS = ("/", "via", "courtesy of", "©", "(", "|")  # one of which every such credit has
# How agencies sign their copy: a bare name in brackets, or after the last stop. (A key has no bracket at its end.)
_SIGNED = re.compile(rf"(?:[(\[（]|[.!?…。][^\w(©]*)(?:{_WIRES})(?:[/,& \-]+(?:{_WIRES}))*$")
# "… on Monday. Photograph: Jane Barlow/PA", "… in 1936 (Image: Lindow Archive)": what is credited, and to whom.
_LABELS = (
    *(
        "photograph",
        "photo",
        "picture",
        "image",
        "illustration",
        "credit",
        "pic",
        "foto",
        "fotos",
        "bild",
        "bilder",
    ),
    *(
        "grafik",
        "crédit photo",
        "crédit",
        "imagen",
        "fotografía",
        "imagem",
        "immagine",
        "beeld",
        "фото",
        "zdjęcie",
    ),
    *("fot.", "صورة", "تصوير", "图片来源", "图片", "图", "写真", "画像"),
)
_CREDITED = re.compile(
    rf"(?:[.!?…。\"”’»)\]|–—-]\s*|[(\[（【]\s*)(?:{'|'.join(map(re.escape, _LABELS))})s?"
    r"(?: credit| courtesy| source)?"
    r"(?:\s*[:：/]\s*|\s+(?:by|via|courtesy of|von|par|door)\s+|(?<=fot\.)\s*)"
    r"(?P<who>(?:[^.!?。]|(?<=\b\w)\.|\.(?=\w)){2,60})$",
    re.IGNORECASE,
)
_DESK = re.compile(
    r"(?:(?:additional|further|extra) )?(?:reporting|reported|writing|written|editing|edited|compiled|translated|"
    r"translation|graphics|research)"
    r"(?:(?:,| and| &) (?:additional )?(?:writing|reporting|editing|compiled|edited))* by ",
    re.IGNORECASE,
)
# Besides names and places, such a line has only these words.
_DESK_WORDS = frozenset(
    "additional further extra reporting reported writing written editing edited compiled translated translation"
    " graphics research production and by in at for from the of with newsroom bureau desk van de der von da"
    " di".split()
)
_REPORTS = ("report", "additional", "editing")  # one is in such a line; a film has a writer too
_BRACKETS = "()[]*_ \t"


def agency_credits(lines: Lines) -> Iterator[Found]:
    """Find captions that end in a credit, an agency's or one that says what it credits; not signed copy."""
    for number in lines.where(_captions):
        yield Found(number, number + 1, LIKELY)


def desks(lines: Lines) -> Iterator[Found]:
    """Find the line that says who reported, wrote and edited, and nothing else: "(Reporting by Ada Byron)"."""
    for number in lines.where(_desks):
        yield Found(number, number + 1, DESKED)


def _captions(lines: Lines) -> Sequence[int]:
    return [
        number
        for number, key in enumerate(lines.keys)
        if key
        and not lines.prose[number]
        and len(key) <= CAPTION
        and _is_credited(key, lines.texts[number][-END:])
    ]


@lru_cache(maxsize=MEMORY)
def _is_credited(key: str, end: str) -> bool:
    if not ends_in_stop(end) and _names_its_credit(end):
        return True
    last = key[-60:]
    return any(mark in last for mark in _CREDITS) and bool(_AGENCY.search(last)) and not _SIGNED.search(last)


def _names_its_credit(end: str) -> bool:
    """Say whether a line's end says what it credits and to whom: who that is has a capital, or no case."""
    found = _CREDITED.search(end.rstrip(")]）】 "))
    who = found["who"].strip() if found else ""
    return who[:1].isalpha() and (not who[0].islower() or bool(_HOUSE.match(who)))


def _desks(lines: Lines) -> Sequence[int]:
    return [
        number
        for number, text in enumerate(lines.texts)
        if len(text) <= DESK and " by " in text[:60] and _is_desk(text)
    ]


@lru_cache(maxsize=MEMORY)
def _is_desk(text: str) -> bool:
    told = text.strip(_BRACKETS).rstrip(".")
    opens = _DESK.match(told)
    if not opens or not any(word in told.casefold() for word in _REPORTS):
        return False
    if not is_byline(told[opens.end() :].partition(";")[0]):
        return False
    words = [word.strip(_BRACKETS + ",;.:&") for word in told.split()]
    return all(not word[:1].islower() or word in _DESK_WORDS for word in words)
