"""Whom a text credits: outlets and organisations named as the source of what it says.

Names are found by their shape (`credits_names`), and a name counts as credited where a cue stands before or
after it (`credits_cues`): "according to X", "X reported", "X's reporter N. N.". The cues are a table for
several languages; all are always looked for, since a text's language is a guess. Scripts without capital
letters have patterns of their own (`credits_scripts`). A credit is the text's claim, not proof that the text
was taken from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.credits_cues import (
    credited_organisation,
    credited_outlet,
    credited_unknown,
    heard_by_outlet,
)
from provenance.credits_names import Name, is_organisation, outlets, runs, small_outlets
from provenance.credits_scripts import other_scripts
from provenance.model import Credit

if TYPE_CHECKING:
    from collections.abc import Iterable


def credits(text: str, *, heard: bool = False) -> list[Credit]:
    """Give the credits of `text` in order; their spans do not overlap.

    `outlet` is the name's usual full form ("Washington Post" for "the Post" where the text names it so, or
    for a well-known short form), else the name as it stands.

    With `heard`, outlets that were told what the text says ("he told X", "in an interview with X") and agencies
    in a dateline ("LONDON (X) -") count too. They say where a text goes back to, but the source of the statement
    itself is then a person, or the text's own author; so they are left out where sources are asked for.
    """
    named = [*small_outlets(text), *other_scripts(text)]
    others: list[tuple[int, int]] = []
    for start, end in runs(text):
        found = list(outlets(text, start, end))
        named += found
        if not found:
            others.append((start, end))
    surnames = frozenset(text[start:end].rsplit(None, 1)[-1] for start, end in others if " " in text[start:end])
    credited = [name for name in named if name.cued or credited_outlet(text, name)]
    if heard:
        credited += [name for name in named if heard_by_outlet(text, name)]
    credited += _others(text, others, surnames)
    full = _full_names(named)
    result: list[Credit] = []
    for name in sorted(credited, key=lambda name: (name.start, -name.end)):
        if not result or name.start >= result[-1].end:
            result.append(Credit(name.start, name.end, full.get(name.start, name.outlet)))
    return result


def _others(text: str, spans: Iterable[tuple[int, int]], surnames: frozenset[str]) -> list[Name]:
    """The organisations and names of unknown kind that are credited; a person's surname is neither."""
    result = []
    for start, end in spans:
        run = text[start:end]
        if is_organisation(run):
            if credited_organisation(text, start, end):
                result.append(Name(start, end, "organisation", run))
        elif widened := credited_unknown(text, start, end, surnames):
            result.append(Name(start, widened, "unknown", text[start:widened]))
    return result


def _full_names(named: Iterable[Name]) -> dict[int, str]:
    """For the outlets named by their last word alone, by where they stand: the last full name with that word."""
    full: dict[str, str] = {}
    result: dict[int, str] = {}
    for name in sorted(named, key=lambda name: name.start):
        first, _, last = name.outlet.rpartition(" ")
        if first:
            full[last] = name.outlet
        elif last in full:
            result[name.start] = full[last]
    return result
