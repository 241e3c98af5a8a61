"""The documents that a batch is only compared with, as they are told of."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.model import AuditedDocument
from provenance.report.iscc import text_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.index.look import Look
    from provenance.model import DocumentRelation

_FILLER = re.compile(r"\n{3,}")  # what stands for a removal in a text of an index


def outside(
    given: Iterable[AuditedDocument],
    stored: Iterable[AuditedDocument],
    look: Look | None,
    estimated: Iterable[DocumentRelation],
) -> tuple[tuple[AuditedDocument, ...], int]:
    """Give the documents that the batch was held against, and how many more an index has.

    Of an index these are `stored`, which were compared passage by passage, and of those that it knows by their
    fingerprints alone such as the estimated relations name; the others were ruled out by their keys or at a first
    look. An index has texts cleaned, and with them the digests of what was given; an ISCC is told only of such as
    were stored as they were.
    """
    rows = tuple(replace(row, origin="against") for row in given)
    if look is None:
        return rows, 0
    known = [_stored(row) for row in stored]
    named = {row.b for row in estimated}
    for _, one in sorted(look.stored.items()):
        if one.text is None and one.id in named:
            known.append(AuditedDocument(one.document, one.cleaned, (), one.digest.hex(), origin="index"))
    return (*rows, *known), look.size - len(known)


def _stored(row: AuditedDocument) -> AuditedDocument:
    text = row.cleaned.source
    as_given = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() == row.sha256
    cleaned = replace(row.cleaned, text=_FILLER.sub("\n\n", text))
    return replace(row, cleaned=cleaned, iscc=text_code(text) if as_given else None, origin="index")
