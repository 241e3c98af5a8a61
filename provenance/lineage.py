"""Who goes back to whom: the direction of a derivation, and clusters of documents joined by derivation.

A direction is always given with its reason, and undecided where the evidence does not carry: a credit is a
claim and a match is evidence; neither is proof.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from provenance.model import Cluster, Credit, Match, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from provenance.model import DocumentRelation

FORMULA = 3  # families of documents that make a passage they share a formula
FAMILIAR = 200  # code points of a passage that makes two documents one family
LONGEST_FORMULA = 120  # code points, less than a sentence of news; what is longer must stand in twice as many


def when(published: str | None) -> datetime | date | None:
    """Read a date of publication, ISO 8601 or RFC 5322; None where it is neither."""
    if not published:
        return None
    text = published.strip()
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def earlier(a: str | None, b: str | None) -> int:
    """Compare two dates of publication: -1 if a is earlier, 1 if b is, 0 if that cannot be said.

    Where one has no time of day, only different days count.
    """
    first, second = when(a), when(b)
    if first is None or second is None:
        return 0
    if isinstance(first, datetime) and isinstance(second, datetime):
        return (first > second) - (first < second)
    day, other = (side.date() if isinstance(side, datetime) else side for side in (first, second))
    return (day > other) - (day < other)


def credits_publisher(credits: Iterable[Credit], publisher: str | None) -> Credit | None:
    """Give the first credit that names the publisher: the name as it is given, or its domain's own part."""
    if not publisher:
        return None
    wanted = _name(publisher)
    return next((credit for credit in credits if wanted and _name(credit.outlet) == wanted), None)


def _name(publisher: str) -> str:
    name = publisher.casefold().removeprefix("www.")
    stem = name.split(".")[0] if "." in name and " " not in name else name
    return "".join(letter for letter in stem.removeprefix("the ") if letter.isalnum())


def clusters(
    pairs: Sequence[tuple[str, str]],
    published: Mapping[str, str | None],
    order: Iterable[tuple[str, str]] = (),
) -> tuple[Cluster, ...]:
    """Join documents that derivation connects, each cluster with its earliest document where that can be said.

    Dates of publication say it; where they do not, the directions of its pairs, given as (earlier, later), if all
    of them lead back to one document. The order of `pairs` does not matter: members are sorted, and a cluster is
    named by its first.
    """
    members: dict[str, list[str]] = {}
    home = _joined(pairs)
    for member, first in sorted(home.items()):
        members.setdefault(first, []).append(member)
    later: dict[str, dict[str, set[str]]] = {}
    for one, two in order:
        if one in home and home[one] == home.get(two):
            later.setdefault(home[one], {}).setdefault(one, set()).add(two)
    return tuple(_cluster(group, published, later.get(first, {})) for first, group in sorted(members.items()))


def directions(relations: Iterable[DocumentRelation]) -> list[tuple[str, str]]:
    """Give of each derived pair whose direction is known the earlier document and the later."""
    known = [row for row in relations if row.derived and row.earlier is not None]
    return [(row.a, row.b) if row.earlier == row.a else (row.b, row.a) for row in known]


def _root(members: Sequence[str], later: Mapping[str, set[str]]) -> str | None:
    """Give the only member that no other is earlier than, if all others come after it."""
    preceded = set().union(*later.values())
    roots = [member for member in members if member not in preceded]
    if len(roots) != 1:
        return None
    reached, waiting = {roots[0]}, [roots[0]]
    while waiting:
        for member in later.get(waiting.pop(), set()) - reached:
            reached.add(member)
            waiting.append(member)
    return roots[0] if len(reached) == len(members) else None


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give for each document in the pairs the first, by id, of those it is connected with."""
    root: dict[str, str] = {}

    def find(member: str) -> str:
        while root.setdefault(member, member) != member:
            root[member] = root[root[member]]
            member = root[member]
        return member

    for a, b in pairs:
        first, second = sorted((find(a), find(b)))
        root[second] = first
    return {member: find(member) for member in root}


def without_formulas(matches: Sequence[Match], joined: Sequence[Cluster]) -> tuple[Match, ...]:
    """Leave out the matches whose passage is a formula on either side, but those within a family.

    A formula is a short passage that stands in documents of `FORMULA` families, a sentence of news that stands in
    twice as many: "Follow us on …", "could not be reached for comment", "In its weekly report, the agency said …".
    It says nothing of where a document comes from. A family are documents that are joined by derivation, or by
    longer passages that they share.
    """
    derived = [(cluster.id, member) for cluster in joined for member in cluster.documents]
    longer = [(match.a.doc, match.b.doc) for match in matches if min(_size(match.a), _size(match.b)) > FAMILIAR]
    family = _joined([*derived, *longer])
    places: dict[str, list[tuple[int, int, str]]] = {}
    for match in matches:
        for side, other in ((match.a, match.b), (match.b, match.a)):
            where = (side.start, side.end, family.get(other.doc, other.doc))
            places.setdefault(side.doc, []).append(where)

    def formula(side: Side) -> bool:
        if _size(side) > FAMILIAR:
            return False
        families = {family.get(side.doc, side.doc)}
        for start, end, other in places[side.doc]:
            if 2 * (min(end, side.end) - max(start, side.start)) > _size(side):
                families.add(other)
        return len(families) >= (FORMULA if _size(side) <= LONGEST_FORMULA else 2 * FORMULA)

    return tuple(
        match
        for match in matches
        if family.get(match.a.doc, match.a.doc) == family.get(match.b.doc, match.b.doc)
        or not (formula(match.a) or formula(match.b))
    )


def _size(side: Side) -> int:
    """Give a passage's code points."""
    return side.end - side.start


def _cluster(
    members: Sequence[str], published: Mapping[str, str | None], later: Mapping[str, set[str]]
) -> Cluster:
    dated = _dated(members, published)
    root = None if dated.earliest else _root(members, later)
    if root is None:
        return dated
    return Cluster(members[0], tuple(members), root, "the directions of the pairs lead back to it")


def _dated(members: Sequence[str], published: Mapping[str, str | None]) -> Cluster:
    """Give the cluster with what the dates of publication say of its earliest document."""
    dated = [member for member in members if when(published.get(member)) is not None]
    if len(dated) < len(members):
        missing = len(members) - len(dated)
        return Cluster(
            members[0], tuple(members), None, f"{missing} of {len(members)} have no date of publication"
        )
    first = dated[0]
    for member in dated[1:]:
        if earlier(published[member], published[first]) < 0:
            first = member
    if any(member != first and earlier(published[first], published[member]) >= 0 for member in dated):
        return Cluster(members[0], tuple(members), None, "several have the earliest date of publication")
    return Cluster(members[0], tuple(members), first, f"published first, {published[first]}")
