"""The documents that a batch is only compared with, as they are told of."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.model import AuditedDocument
from provenance.report.iscc import text_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from provenance.index.look import Look
    from provenance.model import DocumentRelation

_FILLER = re.compile(r"\n{3,}")  # what stands for a removal in a text of an index


def outside(
    rows: Sequence[AuditedDocument], look: Look | None, estimated: Iterable[DocumentRelation]
) -> tuple[tuple[AuditedDocument, ...], int]:
    """Give the documents that the batch was held against, and how many more an index has that were not read.

    `rows` are those given and after them those of an index that have their text; of those that it knows by their
    fingerprints alone, such as the estimated relations name are added. An index has texts cleaned, and with them
    the digests of what was given; an ISCC is told only of such as were stored as they were.
    """
    stored = look.against if look else []
    first = len(rows) - len(stored)
    given = [replace(row, origin="against") for row in rows[:first]]
    known = [_stored(row) for row in rows[first:]]
    if look is None:
        return tuple(given), 0
    named = {row.b for row in estimated}
    for _, one in sorted(look.stored.items()):
        if one.text is None and one.id in named:
            known.append(AuditedDocument(one.document, one.cleaned, (), one.digest.hex(), origin="index"))
    return (*given, *known), look.size - len(known)


def _stored(row: AuditedDocument) -> AuditedDocument:
    text = row.cleaned.source
    as_given = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() == row.sha256
    cleaned = replace(row.cleaned, text=_FILLER.sub("\n\n", text))
    return replace(row, cleaned=cleaned, iscc=text_code(text) if as_given else None, origin="index")
