"""Names in running text that may be sources: outlets, organisations, and names of unknown kind.

A name is a run of capitalised words. It is an outlet's where the list of well-known outlets has it, where it
has the shape of one (`Daily Something Gazette`, `Something TV`, `something.com`), or where the text says so
("the newspaper X", "X, a news agency"). The lists are in `outlets.json`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["outlet", "organisation", "unknown"]

_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĪİŁŃŇŌŐŘŚŞŠŤŪŮŰŹŻŽΑ-ΩЀ-Я"
# A capital or an acronym's dots; inner dots and apostrophes (Gazeta.ru, O'Brien), never a possessive.
_REST = rf"(?:\.(?:[{_UPPER}]\.)*(?:[{_UPPER}]\w+)?|(?:t|r|rs|s|nc|orp|td)\.|[\w&]*(?:[.'’](?!s\b)\w+)*)"
_LINK = r"(?:[ \u00a0](?:(?:of|for|de|del|della|du|des|di|la|am|&)[ \u00a0])?|[/–-])"
# The pattern begins with a set of characters, so that the engine can skip to them; only then the word boundary.
_RUN = re.compile(rf"[{_UPPER}](?<!\w[{_UPPER}]){_REST}(?:{_LINK}(?:[{_UPPER}]{_REST}|\d{{1,2}}\b))*")
_CYRILLIC = re.compile("[А-Я]")
_GERMAN_OFFICES = ("inisterium", "inisteriums", "olizei", "ehörde", "anwaltschaft", "riminalamt", "egierung")
_PIECE = re.compile(r"[^\s/–-]+")
_DOMAIN_END = re.compile(
    r"\.(?:com|org|net|info|news|tv|co\.uk|de|fr|es|it|ru|ua|cn|jp|in|eu|ch|at|br|mx|ar|pl|nl)\b(?![\w@/-])"
)
_DOMAIN_START = re.compile(r"(?:(?<=[^\w@./-])|(?<=^))(?:www\.)?([\w-]{2,40})\Z")


@dataclass(frozen=True, slots=True)
class Name:
    """A name at a span; `outlet` is its usual full form, `cued` says that it was found by its cue."""

    start: int
    end: int
    kind: Kind
    outlet: str
    cued: bool = False


@dataclass(frozen=True, slots=True)
class Lists:
    """What `outlets.json` lists, made ready for looking up."""

    known: dict[str, list[tuple[tuple[str, ...], str]]]  # by first word: the other words, the usual form
    small: dict[str, str]  # names that are not wholly capitalised
    heads: frozenset[str]
    weak_heads: frozenset[str]
    not_before_heads: frozenset[str]
    need_article: frozenset[str]
    surnames: frozenset[str]  # outlets that bear one
    organisations: frozenset[str]
    institutions: frozenset[str]
    not_organisations: frozenset[str]
    leading: frozenset[str]
    triggers: frozenset[str]  # words without which a run names no outlet


@cache
def lists() -> Lists:
    """Give the lists; they are read once."""
    data = load("outlets.json")
    known: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    small: dict[str, str] = {}
    needing = set(data["need_article"])
    for entry in data["outlets"]:
        usual, *others = entry.split("|")
        for form in (usual, *others):
            first, *rest = _PIECE.findall(form.removeprefix("The "))
            if form.startswith("The ") and not rest:
                needing.add(first)
            known.setdefault(first, []).append((tuple(rest), usual.removeprefix("The ")))
            if not _RUN.fullmatch(form):
                small[form] = usual
    for forms in known.values():
        forms.sort(key=lambda form: -len(form[0]))
    heads = frozenset(data["heads"])
    return Lists(
        known=known,
        small=small,
        heads=heads,
        weak_heads=frozenset(data["weak_heads"]),
        not_before_heads=frozenset(data["not_before_heads"]),
        need_article=frozenset(needing),
        surnames=frozenset(data["surnames"]),
        organisations=frozenset(data["organisation_heads"]),
        institutions=frozenset(data["institutions"]),
        not_organisations=frozenset(data["not_organisations"]),
        leading=frozenset(data["leading"]),
        triggers=heads | known.keys() | needing,
    )


def load(name: str) -> Any:
    """Give the JSON value in a file of this package."""
    return json.loads((resources.files("provenance") / name).read_text("utf-8"))


def runs(text: str) -> Iterator[tuple[int, int]]:
    """Give the spans of capitalised runs, without the articles and small words they may begin with."""
    known = lists().known
    leading = lists().leading
    for match in _RUN.finditer(text):
        start, end = match.span()
        run = match.group()
        while (cut := run.find(" ")) > 0 and (first := run[:cut]) in leading:
            if first in known and _longest(_PIECE.findall(run), 0)[0]:
                break  # Le Monde, El País
            start += cut + 1
            run = run[cut + 1 :]
        if run not in leading:
            yield start, end


def outlets(text: str, start: int, end: int) -> Iterator[Name]:
    """Give the outlets named in the run `text[start:end]`."""
    known = lists()
    words = _PIECE.findall(text, start, end)
    if known.triggers.isdisjoint(words) and text[start] < "Ѐ":
        return
    pieces = [(piece.group(), piece.start(), piece.end()) for piece in _PIECE.finditer(text, start, end)]
    at = 0
    while at < len(words):
        size, usual = _longest(words, at)
        first = at
        if not size:
            first, size, usual = _by_shape(text, pieces, at)
        if size:
            a, b = pieces[first][1], pieces[first + size - 1][2]
            articled = text[max(0, a - 4) : a].lower() in {"the ", "the\u00a0"}
            alone = size == 1 and words[first] in known.need_article
            person = size == 1 and first > 0 and words[first] in known.surnames and text[a - 1] in " \u00a0"
            if not person and (not alone or (articled and _stands_alone(text, b))):
                yield Name(a, b, "outlet", usual)
            at = first + size
        else:
            at += 1


def _stands_alone(text: str, end: int) -> bool:
    """Whether no other capitalised word follows: the Post, but not the Post Office."""
    return not (text[end : end + 1].isspace() and text[end + 1 : end + 2].isupper())


def _longest(words: list[str], at: int) -> tuple[int, str]:
    """The number of words from `at` on that make a well-known name, and its usual form; 0 if none does."""
    known = lists().known
    word = words[at]
    forms = known.get(word) or (_CYRILLIC.match(word) and _uninflected(word)) or ()
    for rest, usual in forms:
        if words[at + 1 : at + 1 + len(rest)] == list(rest):
            return 1 + len(rest), usual
    return 0, ""


def _uninflected(word: str) -> list[tuple[tuple[str, ...], str]]:
    """The well-known names that begin with a Russian word, its case ending aside."""
    known = lists().known
    for stem in (word[:-1], word[:-2], word[:-1] + "а", word[:-1] + "я", word + "ъ"):
        if len(stem) > 3 and stem in known:
            return known[stem]
    return []


def _by_shape(text: str, pieces: list[tuple[str, int, int]], at: int) -> tuple[int, int, str]:
    """A name that ends in an outlet's head word and starts at `at`: its first piece, number of pieces and form."""
    known = lists()
    word = pieces[at][0]
    if word in known.need_article and at + 1 == len(pieces):
        return at, 1, word
    end = at
    while end + 1 < len(pieces) and end - at < 4 and text[pieces[end][2]] in " \u00a0":
        end += 1
        head = pieces[end][0]
        if (
            head not in known.heads
            or pieces[end - 1][0] in known.not_before_heads
            or pieces[end - 1][0] in known.heads
        ):
            continue
        if end + 1 < len(pieces) and pieces[end + 1][0] in known.heads:
            continue
        if head in known.weak_heads and end + 1 < len(pieces):
            continue
        if end - at > 2 and _longest([piece[0] for piece in pieces], end - 1)[0]:
            continue
        return at, end - at + 1, text[pieces[at][1] : pieces[end][2]]
    return at, 0, ""


def small_outlets(text: str) -> Iterator[Name]:
    """Give outlets that are not runs of capitalised words: domains, and the few well-known ones."""
    for match in _small().finditer(text):
        start = match.start()
        if start == 0 or not (text[start - 1 : start].isalnum() or text[start - 1 : start] in {".", "-", "_"}):
            yield Name(start, match.end(), "outlet", lists().small[match.group()])
    for match in _DOMAIN_END.finditer(text):
        from_ = max(0, match.start() - 45)
        if host := _DOMAIN_START.search(text[from_ : match.start()]):
            yield Name(from_ + host.start(), match.end(), "outlet", host[1] + match.group())


@cache
def _small() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(map(re.escape, lists().small))})(?![\w-])")


def is_organisation(run: str) -> bool:
    """Whether a run has the shape of an organisation's name: a head word, an institution, an acronym."""
    known = lists()
    if run in known.institutions:
        return True
    if " " in run:
        words = run.split()
        if words[-1] in known.organisations:
            return True
        if len(words) > 2 and words[1] in {"of", "for"} and words[0] in known.organisations:
            return True
    if not run.isupper():
        return run.endswith(_GERMAN_OFFICES)
    acronym = run.replace(".", "")
    return 2 <= len(acronym) <= 8 and acronym.isalpha() and run not in known.not_organisations
