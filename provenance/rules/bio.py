"""Notes about the author: a cue and a name, or a last paragraph about someone the article does not speak of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from provenance.rules.phrases import phrases
from provenance.rules.reading import Found, Lines
from provenance.rules.sections import last_resumption, prose_before

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME_LINE = 60  # code points
NAMED_ELSEWHERE = 2  # lines that speak of a person: more, and the story may be about them
ENDING = 5  # lines: a note without a cue is among the last
LATE = 0.6  # share of the prose that stands before a cue whose note is not recognised
_PARTICLES = {"van", "von", "der", "den", "de", "da", "di", "del", "la", "le", "bin", "al", "el", "dos"}
_CAREER = re.compile(
    r"\b(?:is|was|has been|works as|serves as|ist|est|es|è|é|—|–|является)\b.{0,80}?"
    r"\b(?:writer|author|editor|journalist|reporter|columnist|correspondent|contributor|blogger|freelance\w*|"
    r"analyst|producer|critic|photographer|founder|co-founder|professor|fellow|researcher|lecturer|consultant|"
    r"specialist|strategist|copywriter|novelist|expert|enthusiast|"
    r"autorin|autor|redakteur\w*|journalistin|korrespondent\w*|journaliste|rédact\w+|auteur\w*|chroniqueu\w+|"
    r"periodista|redactor\w*|escritor\w*|columnista|giornalista|redattore|redattrice|scrittore|scrittrice|"
    r"jornalista|repórter|colunista|schrijver|redacteur|журналист\w*|редактор\w*|корреспондент\w*|автор)\b",
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
    cues = phrases().author_cues
    before = prose_before(lines)
    goes_on = last_resumption(lines)
    for number, key in enumerate(lines.keys):
        if key not in cues:
            continue
        last = _note_end(lines, number + 1)
        if last:
            yield Found(number, last, 0.95)
        elif before[number] >= LATE * before[-1] > 0 and number >= goes_on:
            yield Found(number, len(lines), 0.85)
            return


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
    """Find a paragraph among the last that gives the career of someone the article hardly mentions."""
    if sum(lines.prose) < ENDING:
        return
    for number in range(max(ENDING, len(lines) - ENDING), len(lines)):
        text = lines.texts[number]
        name = leading_name(text)
        if len(name) < 2 or not _CAREER.match(" ".join(text.split()[len(name) :])[:200]):
            continue
        surname = name[-1].rstrip(",")
        if sum(surname in other for other in lines.texts) <= NAMED_ELSEWHERE:
            yield Found(number, number + 1, 0.85)


def leading_name(text: str) -> list[str]:
    """Give the words in capitals that a text starts with, at most five: "Ada van Dijk is" gives three."""
    name: list[str] = []
    for word in text[:100].split()[:6]:
        if not (word[0].isupper() or word in _PARTICLES):
            break
        name.append(word)
    while name and name[-1] in _PARTICLES:
        name.pop()
    return name if len(name) <= 5 else []
