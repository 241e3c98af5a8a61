"""LangChain: a document transformer, for between a loader and a splitter.

from provenance.adapters.langchain import ProvenanceTransformer

documents = ProvenanceTransformer().transform_documents(loader.load())
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.documents import BaseDocumentTransformer, Document

from provenance.rows import ABOUT, clean_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.model import Strictness


class ProvenanceTransformer(BaseDocumentTransformer):
    """Takes what is not the article out of documents; the ledger goes to their metadata as `removals`.

    With `html`, contents are pages. The metadata's `publisher`, `url` or, where it is an address, `source` tell
    publishers apart: what one repeats among the documents of a call is taken out too.
    """

    def __init__(self, *, html: bool = False, strictness: Strictness = "balanced") -> None:
        self.field = "html" if html else "text"
        self.strictness: Strictness = strictness

    def transform_documents(self, documents: Sequence[Document], **_: Any) -> list[Document]:
        """Give the documents cleaned, in order, each with its id and metadata."""
        cleaned = clean_rows([self._row(document) for document in documents], strictness=self.strictness)
        return [_document(document, row) for document, row in zip(documents, cleaned, strict=True)]

    def _row(self, document: Document) -> dict[str, Any]:
        about = {name: document.metadata.get(name) for name in ABOUT}
        source = document.metadata.get("source")
        if not about["url"] and isinstance(source, str) and source.startswith(("http://", "https://")):
            about["url"] = source
        return {self.field: document.page_content, **about}


def _document(document: Document, row: dict[str, Any]) -> Document:
    """Give a document with the text and metadata of its cleaned row, but no empty field that it had not."""
    said = {name: row[name] for name in ABOUT if row[name] and not document.metadata.get(name)}
    metadata = {**document.metadata, **said, "removals": row["removals"], "flags": row["flags"]}
    return Document(page_content=row["text"], metadata=metadata, id=document.id)
