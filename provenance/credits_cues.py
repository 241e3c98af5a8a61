"""Whether a name in a text is credited: the cues before and after it, from the table in `cues.json`.

Every pattern looks at a bounded stretch beside one name, so the cost is linear in the text. The better a
name's shape is known, the weaker the cue that is enough: an outlet's name is credited by any verb of saying,
a name of unknown kind only by the words of reporting.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from provenance.credits_names import Name, load

if TYPE_CHECKING:
    from collections.abc import Iterable

_REACH = 130  # code points before a name in which its cue must stand
_ARTICLES = frozenset(["the", "a", "an", "der", "die", "das", "dem", "den", "des", "von", "le", "la", "les", "l'"])
_ARTICLES |= {"l’", "du", "de", "el", "los", "al", "il", "lo", "o", "os", "à", "ao"}
_OPENING = "\"“«„‘'("
_ARTICLE = f"(?:The|{'|'.join(sorted(_ARTICLES, key=len, reverse=True))})"
_OPEN = f"[{_OPENING}]?"
_APOSTROPHES = frozenset("'’")
_AFTER_NAME = frozenset(",/-–'’")
_DATELINE = re.compile(r"(?:^|\n)[^\n.!?]{0,10}[^\n!?]{2,50}\Z")
_AFTER_DATELINE = re.compile(r"(?:/\w+)?\)\s*[-–—:]")
_STAFF = re.compile(r"(?:\b(?:of|for|at|from)\s+(?:(?:the|The)\s+)?|,\s+(?:\w+\s+){0,4})\Z")
_NO_SUBJECT = re.compile(
    r"\b(?:with|to|on|told|tells|telling|against|about|like|than|called|calling|watching|thanks?|named|via|under)"
    r"\s+(?:(?:the|a|an)\s+)?\Z"
)


def credited_outlet(text: str, name: Name) -> bool:
    """Whether the outlet is named as a source of what the text says."""
    cues = _patterns()
    if cues.polls.match(text, name.end) or cues.speakers.match(text, name.end):
        return True
    before = text[max(0, name.start - _REACH) : name.start]
    if cues.source_of.search(before):
        return True
    if cues.verbs.match(text, name.end) and not _NO_SUBJECT.search(before):
        return True
    if cues.comma_verbs.match(text, name.end) and _STAFF.search(before):
        return True
    if cues.role.match(text, name.end) and cues.staff_who.search(before):
        return True
    return bool(cues.outlet_of.search(before) or cues.staff_of.search(before) or cues.inverted.search(before))


def heard_by_outlet(text: str, name: Name) -> bool:
    """Whether the outlet is named as the one that was told what the text says, or that sent the text."""
    before = text[max(0, name.start - _REACH) : name.start]
    if before.endswith("("):
        return bool(_AFTER_DATELINE.match(text, name.end) and _DATELINE.search(before[:-1]))
    return bool(_patterns().told.search(before))


def credited_organisation(text: str, start: int, end: int) -> bool:
    """Whether the organisation named at the span is credited."""
    if _after_source_cue(text, start):
        return True
    if not text[end : end + 1].isspace() and text[end : end + 1] not in _AFTER_NAME:
        return False
    if not _patterns().official_verbs.match(text, end):
        return False
    return not _NO_SUBJECT.search(text[max(0, start - _REACH) : start])


def credited_unknown(text: str, start: int, end: int, surnames: frozenset[str]) -> int:
    """Where the name of unknown kind ends if it is credited, a head like "police" included, else 0."""
    cues = _patterns()
    following = text[end : end + 2]
    if following[1:] in cues.body_letters and (body := cues.bodies.match(text, end)):
        return body.end() if credited_organisation(text, start, body.end()) else 0
    run = text[start:end]
    if " " in run:
        return 0
    if following[:1] in _APOSTROPHES and cues.speakers.match(text, end):
        return end
    if run in surnames:
        return 0
    word = _word_before(text, start)
    before = text[max(0, start - _REACH) : start]
    if word in cues.source_words and cues.source_of_any.search(before):
        return end
    kind = cues.kind_after.match(text, end) or (word in cues.kind_words and cues.kind_before.search(before))
    return end if kind and credited_outlet(text, Name(start, end, "outlet", run)) else 0


def _after_source_cue(text: str, start: int) -> bool:
    """Whether a cue right before `start` makes a source of whatever is named there."""
    cues = _patterns()
    # Most names have none: the last word tells so without trying the pattern.
    if _word_before(text, start) not in cues.source_words:
        return False
    return bool(cues.source_of.search(text[max(0, start - _REACH) : start]))


def _word_before(text: str, start: int) -> str:
    """The last word before `start` that is no article."""
    words = text[max(0, start - 30) : start].lower().rsplit(None, 3)
    while words and (words[-1] in _ARTICLES or words[-1] in _OPENING):
        words.pop()
    return words[-1].rstrip(_OPENING) if words else ""


class _Patterns:
    """The table's cues as patterns."""

    def __init__(self) -> None:
        table = load("cues.json")
        lists = load("outlets.json")
        kinds = lists["kinds"]
        verbs, official = _any(table["verbs"]), _any(table["official_verbs"])
        roles = _any(table["roles"])
        small = f"(?:{roles}|{_any(table['between'])}|[A-ZÀ-ÞА-Я0-9][\\w.’'-]*)"
        aside = r"(?:,[^,.;:\n]{1,80},)?"
        way = rf"[»”\"]?(?:['’]s?\b|['’])?{aside}(?:[\s/–-]+{small}\b\.?){{0,6}}?{aside}\s+"
        near = rf"(?:(?<=['’])|\s+)(?:{_ARTICLE}\s*)?{_OPEN}\Z"
        gap = rf"(?:\s+[\w’'-]+){{0,4}}?(?:\s+{_ARTICLE})?\s+{_OPEN}\Z"
        self.source_of = re.compile(rf"\b{_any(table['source_of'], start=True)}{near}")
        # German writes every noun with a capital, so what follows these cues need not be a name at all.
        self.source_of_any = re.compile(rf"\b{_any(_without(table['source_of'], 'de'), start=True)}{near}")
        self.source_words = _last_words(table["source_of"])
        self.outlet_of = re.compile(
            rf"\b(?:{_any(table['outlet_of'], start=True)}{gap}|[Aa]ccording to(?:\s+[\w’'-]+){{0,10}}?\s+\Z)"
        )
        self.staff_of = re.compile(
            rf"\b{_any(table['staff_of'])}\s+[A-Z][^.;:\n]{{1,90}}?\s+(?:of|for|at|with)\s+(?:[Tt]he\s+)?\Z"
        )
        self.staff_who = re.compile(rf"\b{_any(table['staff_of'])}\s+[A-Z][^;:\n]{{1,90}},[^.;:\n]{{1,90}}\s\Z")
        self.inverted = re.compile(rf"\b{_any(table['inverted'])}{near}")
        self.told = re.compile(rf"\b{_any(table['told'], start=True)}{near}")
        self.verbs = re.compile(rf"{way}{verbs}\b")
        self.comma_verbs = re.compile(rf"(?:\s+{roles}){{0,3}}(?:\s+[A-Z][\w.’-]+){{0,3}},\s+{verbs}\b")
        self.role = re.compile(rf"(?:['’]s?)?\s+{roles}\b")
        self.official_verbs = re.compile(
            rf"(?:['’]s?)?(?:\s+(?:{roles}|{_any(table['adverbs'])}|[A-Z]\w+)\b){{0,5}}?\s+{official}\b"
        )
        self.speakers = re.compile(rf"['’]s?\s+{_any(table['speakers'])}\b")
        self.polls = re.compile(rf"(?:['’]s)?(?:[/–-][\w/ ]{{2,40}}?)?(?:\s+[A-Z]\w+)?\s+{_any(table['polls'])}\b")
        self.kind_before = re.compile(rf"\b{_any(kinds['before'])}\s+{_OPEN}\Z")
        self.kind_words = _last_words(kinds["before"])
        self.kind_after = re.compile(
            rf"(?:,\s+(?:a|an|the)\s+(?:\w+\s+){{0,2}})?\s*{_any(kinds['after'])}\b(?!\s+[A-ZА-Я])"
        )
        self.body_letters = frozenset(word[0] for word in lists["organisation_words"])
        self.bodies = re.compile(rf"\s+{_any(lists['organisation_words'])}\b")


def _without(cues: dict[str, list[str] | str], language: str) -> dict[str, list[str] | str]:
    return {key: its for key, its in cues.items() if key != language}


def _last_words(cues: dict[str, list[str] | str] | list[str]) -> frozenset[str]:
    """The words that the cues may end with, in small letters."""
    flat = (
        cues if isinstance(cues, list) else [cue for its in cues.values() if isinstance(its, list) for cue in its]
    )
    return frozenset(
        word for cue in flat for word in re.findall(r"\w[\w'’]*", cue.replace("['’]", "’").split(" ")[-1].lower())
    )


@cache
def _patterns() -> _Patterns:
    return _Patterns()


def _any(cues: dict[str, list[str] | str] | Iterable[str], *, start: bool = False) -> str:
    """One pattern for all cues of all languages; `start` lets them begin a sentence."""
    if isinstance(cues, dict):
        cues = [cue for language, its in cues.items() if language != "what" for cue in its]
    spaced = sorted({cue.replace(" ", r"\s+") for cue in cues}, key=len, reverse=True)
    if start:
        spaced = [f"[{cue[0]}{cue[0].upper()}]{cue[1:]}" if cue[0].isalpha() else cue for cue in spaced]
    return f"(?:{'|'.join(spaced)})"
