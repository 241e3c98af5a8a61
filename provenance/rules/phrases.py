"""Furniture phrases in ten languages, kept as data beside this module (phrases.json), and their look-up.

A phrase says what a line is only together with where the line stands; the finders decide. Looking up is
one dictionary access a line: by the whole key, or by its first code points for how a line opens.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from provenance.rules.reading import SHORT, key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HEADS = (4, 3, 2)  # code points by which openings are looked up; a shorter start is listed by itself


@dataclass(frozen=True, slots=True)
class Opening:
    """Lines that start with one of `starts` and hold one of `has` (if any), up to `longest` code points."""

    rule: str
    confidence: float
    starts: tuple[str, ...]
    has: tuple[str, ...]
    longest: int

    def starts_like(self, head: str) -> bool:
        """Say whether a line that begins with `head` may be such a line."""
        return any(start.startswith(head) or head.startswith(start) for start in self.starts)

    def holds(self, line_key: str) -> bool:
        """Say whether a line with this key is such a line."""
        if len(line_key) > self.longest or not line_key.startswith(self.starts):
            return False
        return not self.has or any(word in line_key for word in self.has)


@dataclass(frozen=True, slots=True)
class Phrases:
    """Every phrase by its key: whole lines, words that are furniture only in company, and section cues.

    `whole` are the keys of `alone` and `weak`; `heads` the first code points of all openings, `cue_heads` of those
    of comments and related stories: most lines do not start with one.
    """

    whole: frozenset[str]
    alone: Mapping[str, tuple[str, float]]
    weak: Mapping[str, str]
    sections: Mapping[str, tuple[str, bool]]
    author_cues: frozenset[str]
    bare_comments: frozenset[str]
    comment_openings: tuple[str, ...]
    related_openings: tuple[str, ...]
    comment_marks: frozenset[str]
    comment_says: tuple[str, ...]
    openings: Mapping[str, Sequence[Opening]]
    heads: frozenset[str]
    cue_heads: frozenset[str]
    reasons: Mapping[str, str]

    def opening(self, line_key: str) -> Opening | None:
        """Give what a line opens as, if anything."""
        if line_key[: HEADS[-1]] not in self.heads:
            return None
        for opening in self.opens(line_key):
            if opening.holds(line_key):
                return opening
        return None

    def opens(self, line_key: str) -> Sequence[Opening]:
        """Give the openings that a line of this key may have: most lines have none."""
        for size in HEADS:
            found = self.openings.get(line_key[:size])
            if found:
                return found
        return ()


@cache
def phrases() -> Phrases:
    """Read the phrases; the keys are folded as the lines' are."""
    data = json.loads(files("provenance.rules").joinpath("phrases.json").read_text("utf-8"))
    openings: dict[str, list[Opening]] = defaultdict(list)
    every = list(_openings(data["openings"]))
    for head in {start[: HEADS[0]] for opening in every for start in opening.starts}:
        openings[head] = [opening for opening in every if opening.starts_like(head)]
    groups = ("alone", "weak", "sections", "openings")
    alone = {key(p): (row["rule"], row["confidence"]) for row in data["alone"] for p in row["phrases"]}
    weak = {key(p): row["rule"] for row in data["weak"] for p in row["phrases"]}
    cues = (*data["comment_openings"], *data["related_openings"])
    return Phrases(
        whole=frozenset((*alone, *weak)),
        alone=alone,
        weak=weak,
        sections={key(p): (row["rule"], row["to_end"]) for row in data["sections"] for p in row["phrases"]},
        author_cues=frozenset(key(p) for p in data["author_cues"]),
        bare_comments=frozenset(key(p) for p in data["bare_comments"]),
        comment_openings=tuple(data["comment_openings"]),
        related_openings=tuple(data["related_openings"]),
        comment_marks=frozenset(key(p) for p in data["comment_marks"]),
        comment_says=tuple(data["comment_says"]),
        openings=openings,
        heads=frozenset(head[: HEADS[-1]] for head in openings),
        cue_heads=frozenset(cue[: HEADS[-1]] for cue in cues),
        reasons={row["rule"]: row["reason"] for group in groups for row in data[group]},
    )


def is_furniture(line_key: str) -> bool:
    """Say whether a line with this key is furniture in some place: a phrase, a weak word, or an opening."""
    known = phrases()
    return line_key in known.whole or known.opening(line_key) is not None


def _openings(rows: Sequence[Mapping[str, Any]]) -> Iterator[Opening]:
    for row in rows:
        longest = row.get("longest", SHORT)
        yield Opening(row["rule"], row["confidence"], tuple(row["starts"]), tuple(row["has"]), longest)
