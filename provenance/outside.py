"""The documents that a batch is only compared with, as they are told of."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.model import AuditedDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from provenance.index_check import Look
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
    known = [_stored(row, one.digest.hex()) for row, one in zip(rows[first:], stored, strict=True)]
    if look is None:
        return tuple(given), 0
    named = {row.b for row in estimated}
    for _, one in sorted(look.stored.items()):
        if one.text is None and one.id in named:
            known.append(AuditedDocument(one.document, one.cleaned, (), one.digest.hex(), origin="index"))
    return (*given, *known), look.size - len(known)


def _stored(row: AuditedDocument, digest: str) -> AuditedDocument:
    cleaned = replace(row.cleaned, text=_FILLER.sub("\n\n", row.cleaned.source))
    iscc = row.iscc if row.sha256 == digest else None
    return replace(row, cleaned=cleaned, sha256=digest, iscc=iscc, origin="index")
