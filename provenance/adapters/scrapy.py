"""Scrapy: an item pipeline, for `ITEM_PIPELINES`.

ITEM_PIPELINES = {"provenance.adapters.scrapy.ProvenancePipeline": 300}
PROVENANCE_STRICTNESS = "balanced"
PROVENANCE_TEXT_FIELD, PROVENANCE_HTML_FIELD = "text", "html"
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from itemadapter import ItemAdapter

from provenance.rows import clean_rows

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from provenance.model import Strictness


logger = logging.getLogger(__name__)


class ProvenancePipeline:
    """Takes what is not the article out of items, and puts the ledger beside it, where an item has the field.

    Items come one by one, so what a publisher repeats is not known here: clean the crawl's output for that
    (`provenance clean --house 1000 items.jsonl`).
    """

    def __init__(self, *, text: str = "text", html: str = "html", strictness: Strictness = "balanced") -> None:
        self.text, self.html = text, html
        self.strictness: Strictness = strictness

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ProvenancePipeline:
        """Make the pipeline that a crawler's settings ask for."""
        settings = crawler.settings
        return cls(
            text=settings.get("PROVENANCE_TEXT_FIELD", "text"),
            html=settings.get("PROVENANCE_HTML_FIELD", "html"),
            strictness=settings.get("PROVENANCE_STRICTNESS", "balanced"),
        )

    def process_item(self, item: Any) -> Any:
        """Give the item with its text cleaned; one with neither text nor page is left as it is, and logged.
        So is an item of a class that has no field for the text.
        """
        adapter = ItemAdapter(item)
        (row,) = clean_rows([adapter.asdict()], text=self.text, html=self.html, strictness=self.strictness)
        fields = set(adapter.field_names()) if not isinstance(item, dict) else row.keys()
        if not isinstance(item, dict) and self.text not in fields:
            logger.info("%s has no field %r; it is left as it is", type(item).__name__, self.text)
        elif "no_text" in row["flags"]:
            logger.info("an item has neither %r nor %r; it is left as it is", self.text, self.html)
        else:
            adapter.update({name: value for name, value in row.items() if name in fields})
        return item
