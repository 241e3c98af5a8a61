"""The verdict of an audit in a sentence, and what an editor asks next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.report.pairs import Name, key, name
from provenance.report.wording import cardinal, count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from provenance.model import DocumentRelation
    from provenance.report.audit import Audit


@dataclass(frozen=True, slots=True)
class Verdict:
    """`headline` is the verdict in a sentence, `remarks` go on from it; `found` is whether anything is derived."""

    headline: str
    remarks: tuple[str, ...]
    found: bool


def verdict(audit: Audit, names: Mapping[str, Name]) -> Verdict:
    """Give the verdict; the names are those of the batch's documents."""
    derived = [row for row in audit.relations if row.derived]
    if derived:
        return Verdict(_found(derived, names), tuple(_remarks(audit, derived, names)), found=True)
    return Verdict(*_nothing(audit), found=False)


def _found(derived: Sequence[DocumentRelation], names: Mapping[str, Name]) -> str:
    """Say how many documents of the batch are derived."""
    involved = {doc for row in derived for doc in (row.a, row.b)} & names.keys()
    total = len(names)
    if len(involved) == total:
        subject = "The document shares" if total == 1 else f"All {cardinal(total)} documents share"
    else:
        verb = "shares" if len(involved) == 1 else "share"
        subject = f"{cardinal(len(involved)).capitalize()} of {cardinal(total)} documents {verb}"
    other = " with each other" if involved == {doc for row in derived for doc in (row.a, row.b)} else ""
    return f"{subject} copied or rewritten passages{other}."


def _remarks(audit: Audit, derived: Sequence[DocumentRelation], names: Mapping[str, Name]) -> list[str]:
    if len(derived) == 1:
        row = derived[0]
        ends = {row.a, row.b}
        passages = sum(ends == {match.a.doc, match.b.doc} for match in audit.matches)
        opening = (
            f"They are “{name(row.a, names).title}” and “{name(row.b, names).title}”, "
            f"with {count(passages, 'passage')} in common."
        )
        earlier = (
            "Which of the two came first is undecided."
            if row.earlier is None
            else f"“{name(row.earlier, names).title}” appears to be the earlier."
        )
        remarks = [opening, earlier]
    else:
        groups = f", in {count(len(audit.clusters), 'cluster')}" if audit.clusters else ""
        remarks = [f"They form {count(len(derived), 'pair')}{groups}."]
    if others := _sharing(audit):
        subject = "One other pair shares" if others == 1 else f"{cardinal(others).capitalize()} other pairs share"
        remarks.append(f"{subject} single passages, too little to call one text derived from the other.")
    elif len(names) > 2 and len(derived) < len(names) * (len(names) - 1) // 2:
        remarks.append("No other pair of documents shows a sign of it.")
    return remarks


def _sharing(audit: Audit) -> int:
    """Give the number of pairs that have a match and are not derived."""
    derived = {key(row.a, row.b) for row in audit.relations if row.derived}
    sharing = {key(row.a, row.b) for row in audit.relations if row.kind == "shares_passages"}
    sharing |= {key(match.a.doc, match.b.doc) for match in audit.matches}
    return len(sharing - derived)


def _nothing(audit: Audit) -> tuple[str, tuple[str, ...]]:
    if not audit.documents:
        return "No document could be read.", ("What was wrong with each input is listed below.",)
    if all("insufficient_text" in row.flags for row in audit.documents):
        return "There is too little text to say anything.", ("A few words recur everywhere; they prove nothing.",)
    if len(audit.documents) == 1 and not audit.relations:
        return "One document was read; nothing in it was found elsewhere.", ()
    headline = "No document was found to be copied or rewritten from another."
    if others := _sharing(audit):
        subject = "One pair shares" if others == 1 else f"{cardinal(others).capitalize()} pairs share"
        return headline, (f"{subject} single passages, too little to call one text derived from the other.",)
    return headline, ("That no sign of it was found does not show that it did not happen.",)
