"""The verdict of an audit in a sentence, and what an editor asks next; its numbers lead to what they count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.report.decided import FATES, called, threshold
from provenance.report.pairs import Name, key, name
from provenance.report.wording import cardinal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from provenance.model import DocumentRelation
    from provenance.report.audit import Audit


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a sentence: `value` elements `of` stand at `target` on the page, or add up to it with `adds`."""

    text: str
    value: int
    target: str
    of: str
    adds: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in pieces; as a string it is whole."""

    pieces: tuple[str | Figure, ...]

    def __str__(self) -> str:
        return "".join(piece if isinstance(piece, str) else piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`title` is the verdict in a sentence, `rest` goes on from it; `found` is whether anything is derived."""

    title: Said
    rest: tuple[Said, ...]
    found: bool

    @property
    def headline(self) -> str:
        """The verdict in a sentence, as plain text."""
        return str(self.title)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The sentences after it, as plain text."""
        return tuple(map(str, self.rest))


def verdict(audit: Audit, names: Mapping[str, Name]) -> Verdict:
    """Give the verdict; documents without a name are called by their ids."""
    bar = threshold(audit)
    derived = [row for row in audit.relations if row.derived]
    if not derived:
        title, *rest = _nothing(audit, bar)
        return Verdict(title, tuple(rest), found=False)
    own = [row for row in derived if called(row, bar)]
    title = _found(audit, own) if own else _confirmed(audit, derived)
    return Verdict(title, tuple(_remarks(audit, derived, names)), found=True)


def sharing(audit: Audit) -> set[tuple[str, str]]:
    """Give the pairs with passages in common that are not derived, and that nobody decided on."""
    settled = {key(row.a, row.b) for row in audit.relations if row.derived or row.decision in FATES}
    return {key(match.a.doc, match.b.doc) for match in audit.matches} - settled


def _found(audit: Audit, derived: Sequence[DocumentRelation]) -> Said:
    """Say how many documents of the batch share passages with another."""
    ends = {doc for row in derived for doc in (row.a, row.b)}
    batch = {row.document.id for row in audit.documents}
    involved, total = len(ends & batch), len(batch)
    other = " with each other" if len(audit.clusters) < 2 else " with at least one other"
    outside = " with one another or with what the batch was compared with" if total > 1 else ""
    told = f"copied or rewritten passages{other if ends <= batch else outside}."
    if involved == total:
        all_of = "All ", _members(audit, involved), " documents share "
        return Said((*all_of, told)) if total > 1 else Said(("The document shares ", told))
    verb = "shares" if involved == 1 else "share"
    return Said((_members(audit, involved, first=True), f" of {cardinal(total)} documents {verb} ", told))


def _confirmed(audit: Audit, derived: Sequence[DocumentRelation]) -> Said:
    batch = {row.document.id for row in audit.documents}
    involved = len({doc for row in derived for doc in (row.a, row.b)} & batch)
    members = _members(audit, involved, first=False)
    verb = "goes" if involved == 1 else "go"
    told = f" of {cardinal(len(batch))} documents {verb} back to another; the program alone does not say so."
    return Said(("By decision of a reviewer, ", members, told))


def _members(audit: Audit, value: int, *, first: bool = False) -> Figure:
    """Give a number of documents that are derived, or derived from: those of the clusters."""
    text = cardinal(value).capitalize() if first else cardinal(value)
    if sum(len(cluster.documents) for cluster in audit.clusters) != value:  # some are not of the batch
        return Figure(text, value, "", "")
    if len(audit.clusters) == 1:
        return Figure(text, value, "c1", ".member")
    return Figure(text, value, "cluster-list", "td.members", adds=True)


def _pairs(value: int, of: str, *, first: bool = False) -> Figure:
    text = cardinal(value).capitalize() if first else cardinal(value)
    return Figure(text, value, "pair-list", of)


def _remarks(audit: Audit, derived: Sequence[DocumentRelation], names: Mapping[str, Name]) -> Iterator[Said]:
    if len(derived) == 1:
        yield from _only(audit, derived[0], names)
    else:
        pairs = "They form ", _pairs(len(derived), "tr.derived"), " pairs"
        groups = len(audit.clusters)
        where = Figure(cardinal(groups), groups, "cluster-list", "tr")
        yield Said((*pairs, ", in ", where, " clusters.") if groups > 1 else (*pairs, "."))
    yield from _reviewed(audit)
    if others := sharing(audit):
        yield _shared(len(others), "other ")
    elif len(audit.documents) > 2 and not any(row.decision in FATES for row in audit.relations if not row.derived):
        yield Said(("No other pair of documents shows a sign of it.",))


def _only(audit: Audit, row: DocumentRelation, names: Mapping[str, Name]) -> Iterator[Said]:
    """Say which the only derived pair is."""
    ends = {row.a, row.b}
    passages = sum(ends == {match.a.doc, match.b.doc} for match in audit.matches)
    pair = f"The pair is “{name(row.a, names).title}” and “{name(row.b, names).title}”, "
    if passages:
        noun = "passage" if passages == 1 else "passages"
        yield Said((pair, "with ", Figure(f"{passages:,}", passages, "p1", ".rows > li"), f" {noun} in common."))
    else:
        yield Said((pair, "with no passage in common that the program found."))
    if row.earlier is None:
        yield Said(("Which of the two came first is undecided.",))
    else:
        yield Said((f"“{name(row.earlier, names).title}” appears to be the earlier.",))


def _reviewed(audit: Audit) -> Iterator[Said]:
    """Say what reviewers made of what the program called derived, and of the other pairs."""
    bar = threshold(audit)
    decided = [row for row in audit.relations if row.decision in FATES]
    of_found = [row for row in decided if called(row, bar)]
    of_others = [row for row in decided if not called(row, bar)]
    if of_found:
        found = sum(called(row, bar) for row in audit.relations)
        pairs = _pairs(found, "tr.found"), " pair" if found == 1 else " pairs"
        yield Said(("The program called ", *pairs, " derived; in review, ", *_fates(of_found, "tr.found."), "."))
    if of_others:
        fates = _fates(of_others, "tr:not(.found).")
        yield Said(("Of the pairs that the program did not call derived, in review ", *fates, "."))


def _fates(rows: Sequence[DocumentRelation], of: str) -> Iterator[str | Figure]:
    """Say how many pairs were decided on in which way: "one was confirmed, two were rejected"."""
    first = True
    for decision, fate in FATES.items():
        total = sum(row.decision == decision for row in rows)
        if total:
            yield "" if first else ", "
            yield _pairs(total, of + decision)
            yield f" {'was' if total == 1 else 'were'} {fate}"
            first = False


def _shared(pairs: int, which: str = "") -> Said:
    verb = f"{which}pair shares" if pairs == 1 else f"{which}pairs share"
    told = f" {verb} some passages, too little to call one text derived from the other."
    return Said((_pairs(pairs, "tr.sharing", first=True), told))


def _nothing(audit: Audit, bar: float | None) -> Iterator[Said]:
    """Say that nothing is derived, and how far that goes."""
    if not audit.documents:
        yield Said(("No document could be read.",))
        yield Said(("What was wrong with each input is listed below.",))
        return
    if all("insufficient_text" in row.flags for row in audit.documents):
        yield Said(("There is too little text to say anything.",))
        yield Said(("A few words recur everywhere; they prove nothing.",))
        return
    if len(audit.documents) == 1 and not audit.relations:
        yield Said((f"One document was read; {_alone(audit)}.",))
        return
    overruled = any(called(row, bar) for row in audit.relations)
    if overruled:
        yield Said(("By decision of a reviewer, no document goes back to another.",))
    else:
        yield Said(("No document was found to be copied or rewritten from another.",))
    yield from _reviewed(audit)
    if others := sharing(audit):
        yield _shared(len(others))
    elif not overruled:
        yield Said(("That no sign of it was found does not show that it did not happen.",))


def _alone(audit: Audit) -> str:
    """Say what the only document was held against."""
    if audit.compared_with or audit.unread:
        return "nothing in it was found elsewhere"
    return "it was compared with no other"
