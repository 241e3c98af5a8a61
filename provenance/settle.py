"""Decide which lines of a text go, by looking again at what is left until nothing more is found.

A line's neighbours are evidence: when some lines go, others may be seen for what they are. So cleaning a
cleaned text changes nothing, because it would be one more look. A stricter cleaning starts from what the
milder one leaves, so it keeps no more. Lines are named by their numbers, and what a line shows by itself is
read and measured once, however many looks there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from operator import sub
from typing import TYPE_CHECKING, NamedTuple

from provenance.rules import Divided, Found, Lines, Rule, chosen, findings, lines_at
from provenance.rules.headline import titled
from provenance.rules.reasons import reason_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from provenance.lines import Judged
    from provenance.lines.local import Local
    from provenance.model import Reason

# The least confidence with which a rule, or the markup of a page, removes.
LEAST: dict[str, float] = {"safe": 0.93, "balanced": 0.75, "strict": 0.4}
CERTAIN = 0.95  # the least confidence that may take the last line of a text
# Looks at one strictness after which a text is left as the milder one left it: real texts settle in two or
# three, and without a bound a text made to lose one line a look would take quadratic time.
LOOKS = 12
# Share of a text's code points: the model is not believed when it would take more. Who asks for a strict cleaning
# has texts that are mostly comments or lists of other stories, and wants what is left.
MOST: dict[str, float] = {"safe": 0.5, "balanced": 0.5, "strict": 0.8}
MODEL = "line_model"
UNNAMED: Reason = "page_furniture"  # the reason of the model's claims until all are known
FEWEST, PARAGRAPHS = 6, 3  # lines, and lines of prose: a text of fewer shows the model too little of itself


class Claim(NamedTuple):
    """Why a line goes."""

    reason: Reason
    rule: str
    confidence: float


Claims = dict[int, Claim]  # by the number of the line


class Look(NamedTuple):
    """What is found in the lines `kept`, of `size` code points: by rules, and by the model if it judges such."""

    kept: tuple[int, ...]
    lines: Lines
    ruled: Sequence[tuple[Rule, Found]]
    judged: Judged | None
    size: int


@dataclass(frozen=True)
class Source:
    """Lines of a text of `whole` code points, and the looks so far: one strictness sees what another has seen.

    `title` is the number of the line that is the article's title as given, -1 where none is.
    """

    lines: Lines
    whole: int
    title: int = -1
    looks: dict[tuple[int, ...], Look] = field(default_factory=dict)

    @cached_property
    def local(self) -> Local:
        """What each line shows by itself."""
        from provenance.lines import lines_of  # noqa: PLC0415 (NumPy, which a text of few lines does not need)

        return lines_of(self.lines)

    def size(self, numbers: Iterable[int]) -> int:
        """Give the code points of some lines."""
        return sum(map(self.sizes.__getitem__, numbers))

    @cached_property
    def sizes(self) -> Sequence[int]:
        """The code points of each line, with the break that ends it."""
        return list(map(sub, self.lines.ends, self.lines.starts))


def settled(text: Divided, marked: Claims, strictness: str, title: str = "") -> tuple[Claims, bool]:
    """Find what to remove, at each strictness up to the one asked for; say whether nothing more is found.

    `marked` is what the page's markup claims, `title` the article's, if one is given: neither a rule nor the model
    takes the first line that is it. Lines of which it is sure enough for every strictness go unread:
    most of a page's lines are menus.
    """
    gone = _sure(len(text.texts), {}, marked, LEAST["safe"])
    left = [number for number in range(len(text.texts)) if number not in gone]
    if not left:
        return gone, True
    lines = lines_at(text, left)
    source = Source(lines, sum(text.ends[-1:]) - sum(text.starts[:1]), titled(lines, title))
    rest = {place: marked[number] for place, number in enumerate(left) if number in marked}
    found, is_settled = _settled(source, rest, strictness)
    return gone | {left[place]: claim for place, claim in found.items()}, is_settled


def _settled(source: Source, marked: Claims, strictness: str) -> tuple[Claims, bool]:
    """Settle the lines that were read.

    What a stricter look finds in the whole text counts even where a milder one took its evidence away.
    """
    found: Claims = {}
    for level, least in LEAST.items():
        marks = _sure(len(source.lines), {}, marked, least)
        milder = {**found, **_sure(len(source.lines), found, marks, least)}
        look = _look(source, marks)
        whole = _claims(source, look, level)
        more = _sure(len(source.lines), milder, whole, 0)
        # Who cleans again what the milder left sees no more than that: if so much settles, it is what is left now.
        done = _looked(source, milder, more, level)
        if done is None:
            done = _looked(source, milder, {}, level)
        if done is None:
            return _named(source.lines, milder), False
        ruled = _by_rules(source, look, least)  # where both found a line, the rule says more about it
        found = {n: ruled.get(n, claim) if claim.rule == MODEL else claim for n, claim in done.items()}
        if level == strictness:
            break
    return _named(source.lines, found), True


def _named(lines: Lines, claims: Claims) -> Claims:
    """Give the model's claims their reasons: where a line stands in the whole text is part of it."""
    return {
        number: claim._replace(reason=reason_of(lines, number)) if claim.rule == MODEL else claim
        for number, claim in claims.items()
    }


def _sure(count: int, found: Claims, more: Claims, least: float) -> Claims:
    """Give what of more claims about `count` lines is sure enough and was not found before.

    Only what is certain may leave nothing of the text.
    """
    left = count - len(found)
    for level in (least, CERTAIN):
        sure = {n: claim for n, claim in more.items() if n not in found and claim.confidence >= level}
        if len(sure) < left:
            break
    return sure


def _looked(source: Source, milder: Claims, more: Claims, level: str) -> Claims | None:
    """Add to what the milder cleaning found, until nothing more is; None where that does not come about.

    Nor may the model take, look by look, what it may not take at once of what the milder left.
    """
    found = {**milder, **more}
    for _ in range(LOOKS + (not more)):
        further = _claims(source, _look(source, found), level)
        if not further:
            judged = [n for n, claim in found.items() if claim.rule == MODEL and n not in milder]
            left = source.whole - source.size(milder)
            return found if source.size(judged) <= MOST[level] * left else None
        found = {**found, **further}
    return None


def _look(source: Source, found: Claims) -> Look:
    kept = tuple([number for number in range(len(source.lines)) if number not in found])
    if kept not in source.looks:
        lines = chosen(source.lines, kept) if found else source.lines
        ruled = list(findings(lines))
        judged = _judged(source, kept, lines, ruled)
        source.looks[kept] = Look(kept, lines, ruled, judged, source.size(kept))
    return source.looks[kept]


def _judged(
    source: Source, kept: Sequence[int], lines: Lines, ruled: Sequence[tuple[Rule, Found]]
) -> Judged | None:
    if len(lines) < FEWEST or sum(lines.prose) < PARAGRAPHS:
        return None
    from provenance.lines import judge  # noqa: PLC0415

    sure = [0.0] * len(lines)
    for _, found in ruled:
        for number in range(found.first, found.last):
            sure[number] = max(sure[number], found.confidence)
    return judge(source.local, kept, sure)


def _claims(source: Source, look: Look, level: str) -> Claims:
    """Give the lines to remove at one strictness; only what is certain may leave nothing of the text."""
    ruled = _by_rules(source, look, LEAST[level])
    judged = _by_model(source, look, level, ruled)
    if len(ruled) + len(judged) < len(look.kept):
        return ruled | judged
    for least in sorted({*LEAST.values(), CERTAIN}):
        if least >= LEAST[level]:
            ruled = _by_rules(source, look, least)
            if len(ruled) < len(look.kept):
                break
    return ruled


def _by_rules(source: Source, look: Look, least: float) -> Claims:
    """Give the lines that a rule is sure enough of, each with the first rule that is."""
    claims: Claims = {}
    for rule, found in look.ruled:
        if found.confidence >= least:
            for number in range(found.first, found.last):
                claims.setdefault(look.kept[number], Claim(rule.reason, rule.name, found.confidence))
    claims.pop(source.title, None)
    return claims


def _by_model(source: Source, look: Look, level: str, ruled: Claims) -> Claims:
    """Give the lines that the model is sure enough of, unless they are most of the text."""
    if look.judged is None:
        return {}
    found = {look.kept[place]: place for place in look.judged.places(level)}
    places = {number: place for number, place in found.items() if number not in ruled and number != source.title}
    if source.size(places) > MOST[level] * look.size:
        return {}
    return {number: Claim(UNNAMED, MODEL, look.judged.confidence(place)) for number, place in places.items()}
