"""Notes about the author: a cue and a name, or a last paragraph about someone the article does not speak of."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from provenance.rules.names import PARTICLES
from provenance.rules.phrases import phrases
from provenance.rules.reading import MEMORY, Found, Lines
from provenance.rules.sections import last_resumption, prose_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME_LINE = 60  # code points
NAMED_ELSEWHERE = 2  # lines that name a person, the note and a byline: more, and the story may be about them
ENDING = 5  # lines: a note without a cue is among the last
CAREER = 200  # code points in which a note says what its subject does
LATE = 0.6  # share of the prose that stands before a cue whose note is not recognised
_CAREER = re.compile(r"(?:(?:is|has been|works as|serves as|ist|est|es|è|é|является)\b|[—–])")
# Who writes for a living, or that somebody writes: a professor who is quoted has a career too.
_WRITES = re.compile(
    r"\b(?:writer|author|editor|journalist|reporter|columnist|correspondent|contributor|contributing|blogger|"
    r"freelance\w*|copywriter|writes|covers|reports on|blogs|"
    r"schreibt|berichtet|écrit|couvre|escribe|cubre|scrive|escreve|cobre|schrijft|пишет|"
    r"autorin|autor|redakteur\w*|journalistin|korrespondent\w*|journaliste|rédact\w+|auteur\w*|chroniqueu\w+|"
    r"periodista|redactor\w*|escritor\w*|columnista|giornalista|redattore|redattrice|scrittore|scrittrice|"
    r"jornalista|repórter|colunista|schrijver|redacteur|журналист\w*|редактор\w*|корреспондент\w*|автор)\b",
    re.IGNORECASE,
)
# News of a person: what they said, what will be, on which day.
_NEWS = re.compile(
    r"\b(?:said|says|told|added|warned|argued|according to|will|would|died|killed|arrested|funeral|"
    r"sagte|erklärte|teilte|wird|werde|würde|a déclaré|a dit|affirme|sera|dijo|afirmó|declaró|será|"
    r"ha detto|ha dichiarato|sarà|disse|afirmou|zei|zal|сказал\w*|заявил\w*|сообщил\w*|будет|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"lunes|martes|miércoles|jueves|viernes|sábado|domingo)\b",
    re.IGNORECASE,
)
_PRESENT = re.compile(
    r"\b(?:is an?|is the|has|covers|writes|lives|works|reports|enjoys|loves|specializes|specialises|brings|holds|"
    r"ist|schreibt|lebt|est|écrit|vit|es|escribe|vive|è|scrive|é|escreve|schrijft|is een|пишет|живёт)\b",
    re.IGNORECASE,
)


def cued(lines: Lines) -> Iterator[Found]:
    """Find a cue such as "About the author" with the name and the paragraph about it that follow.

    Without a paragraph about that name, a cue near the end takes all that is under it.
    """
    found = lines.where(_cues)
    if not found:
        return
    before = prose_before(lines)
    goes_on = last_resumption(lines)
    for number in found:
        last = _note_end(lines, number + 1)
        if last:
            yield Found(number, last, 0.95)
        elif before[number] >= LATE * before[-1] > 0 and number >= goes_on:
            yield Found(number, len(lines), 0.85)
            return


def _cues(lines: Lines) -> Sequence[int]:
    cues = phrases().author_cues
    return [number for number, key in enumerate(lines.keys) if key in cues]


def _note_end(lines: Lines, start: int) -> int | None:
    """Give where the note ends that starts with a name's line, or with a paragraph that starts with a name."""
    for number in range(start, min(start + 3, len(lines))):
        if lines.prose[number]:
            text = lines.texts[number]
            about = leading_name(text) and _PRESENT.search(text[:200])
            return number + 1 if about and (number == start or _is_name_of(lines.texts[start], text)) else None
    return None


def _is_name_of(line: str, text: str) -> bool:
    """Say whether a line is a name, and the text about who bears it."""
    words = line.split()
    if len(line) > NAME_LINE or not all(word[:1].isupper() or len(word) < 4 for word in words):
        return False
    return words[0] in text[:NAME_LINE] or words[-1] in text[:NAME_LINE]


def uncued(lines: Lines) -> Iterator[Found]:
    """Find a paragraph among the last about someone who writes, and whom no other paragraph mentions.

    Whoever is quoted, mourned or expected in it is part of the story.
    """
    if sum(lines.prose) < ENDING:
        return
    for number in range(max(ENDING, len(lines) - ENDING), len(lines)):
        name = _who_writes(lines.texts[number])
        if name and not _is_in_the_story(lines, number, name):
            yield Found(number, number + 1, 0.85)


@lru_cache(maxsize=MEMORY)
def _who_writes(text: str) -> str:
    """Give the last word of the name that a note about a writer starts with; nothing where it is none."""
    name = leading_name(text)
    if len(name) < 2:
        return ""
    about = " ".join(text.split()[len(name) :])
    if not _CAREER.match(about) or not _WRITES.search(about[:CAREER]) or _NEWS.search(about):
        return ""
    return name[-1]


def _is_in_the_story(lines: Lines, number: int, name: str) -> bool:
    """Say whether another paragraph speaks of who bears a name, or more than a byline does."""
    surname = name.rstrip(",")
    holding = [other for other, text in enumerate(lines.texts) if surname in text]
    return len(holding) > NAMED_ELSEWHERE or any(lines.prose[other] for other in holding if other != number)


def leading_name(text: str) -> list[str]:
    """Give the words in capitals that a text starts with, at most five: "Ada van Dijk is" gives three."""
    name: list[str] = []
    for word in text[:100].split()[:6]:
        if not (word[0].isupper() or word in PARTICLES):
            break
        name.append(word)
    while name and name[-1] in PARTICLES:
        name.pop()
    return name if len(name) <= 5 else []
