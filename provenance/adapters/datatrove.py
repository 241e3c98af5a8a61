"""datatrove: a pipeline step, for after a reader or an extractor.

from provenance.adapters.datatrove import ProvenanceCleaner

LocalPipelineExecutor([JsonlReader("in/"), ProvenanceCleaner(), JsonlWriter("out/")]).run()
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from datatrove.pipeline.base import PipelineStep

from provenance.rows import ABOUT, clean_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from datatrove.data import Document, DocumentsPipeline

    from provenance.model import Strictness


class ProvenanceCleaner(PipelineStep):  # type: ignore[misc]
    """Takes what is not the article out of documents; the ledger goes to their metadata as `removals`.

    With `html`, texts are pages. What one publisher (`publisher` or `url` of the metadata) repeats among `batch`
    documents is taken out too. Documents of which nothing is left are dropped, and counted.
    """

    type = "🧹 - CLEANER"
    name = "Provenance"

    def __init__(self, *, html: bool = False, strictness: Strictness = "balanced", batch: int = 1000) -> None:
        super().__init__()
        self.field = "html" if html else "text"
        self.strictness: Strictness = strictness
        self.batch = batch

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:  # noqa: ARG002
        """Give the documents cleaned, in order."""
        documents = iter(data or ())
        while batch := list(islice(documents, self.batch)):
            with self.track_time("batch"):
                cleaned = clean_rows([self._row(document) for document in batch], strictness=self.strictness)
            for document, row in zip(batch, cleaned, strict=True):
                document.text = row["text"]
                document.metadata |= {name: row[name] for name in ABOUT if row[name]}
                document.metadata |= {"removals": row["removals"], "flags": row["flags"]}
                self.stat_update("removals", value=len(row["removals"]))
                self.stat_update("documents" if document.text.strip() else "dropped")
                if document.text.strip():
                    yield document

    def _row(self, document: Document) -> dict[str, Any]:
        return {self.field: document.text, **{name: document.metadata.get(name) for name in ABOUT}}
