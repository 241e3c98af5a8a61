"""A document that was read, and a batch of them, as they are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from provenance.fingerprint import Fingerprint
    from provenance.model import AuditedDocument
    from provenance.words import Text


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One document, ready to be compared; of a stored one, whose partners are known, no passages."""

    audited: AuditedDocument
    text: Text
    print: Fingerprint
    passages: np.ndarray[Any, np.dtype[np.uint32]] | None  # a MinHash each: (n, 128)

    @property
    def id(self) -> str:
        """The document's id."""
        return self.audited.document.id

    @property
    def published(self) -> str | None:
        """When it was published, as the document says, or else its page."""
        return self.audited.document.published or self.audited.cleaned.published

    @property
    def publisher(self) -> str | None:
        """Who published it, as the document says, its page, or its address."""
        document = self.audited.document
        return document.publisher or self.audited.cleaned.publisher or document.url


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A batch, read: its documents, and each stem's chance to be in a sentence of theirs.

    The first `own` of the documents are the batch's, the others what it is held against.
    """

    entries: Sequence[Entry]
    chances: np.ndarray[Any, np.dtype[np.float64]]
    own: int = 0
