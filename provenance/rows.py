"""Records in, cleaned records out: the one function that other tools' adapters call."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from provenance.clean import clean_batch
from provenance.html import decoded
from provenance.model import Document, authors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from provenance.model import Strictness

ABOUT = ("title", "publisher", "url", "published", "language", "author")


def clean_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    text: str = "text",
    html: str = "html",
    strictness: Strictness = "balanced",
) -> list[dict[str, Any]]:
    r"""Give rows with their text cleaned: one row for each, in order, all other fields as they are.

    `text` and `html` name the fields with the text and, where that is blank or not there, with the page, as
    markup or bytes. A row gets the cleaned text in `text`; `removals`, a list of the ledger's entries; `flags`;
    and what a page says of itself in the fields `title`, `publisher`, `url`, `published`, `language` and
    `author`, where the row leaves them empty. `publisher` and `url` tell publishers apart: what one repeats
    among the rows is taken out too, so more rows find more. A row with neither text nor page is given back with
    the flag `no_text`, so that one bad row loses no others. Raises SettingsError for an unknown strictness. The
    function and its results can be pickled.

    >>> clean_rows([{"id": 7, "text": "The river rose.\n\n- Advertisement -"}])[0]["text"]
    'The river rose.\n\n'
    """
    rows = list(rows)
    documents = [_document(row, text, html) for row in rows]
    cleaned = iter(clean_batch([one for one in documents if one is not None], strictness=strictness))
    results = []
    for row, document in zip(rows, documents, strict=True):
        if document is None:
            results.append({**row, "removals": [], "flags": ["no_text"]})
            continue
        left = next(cleaned)
        said = {name: getattr(left, name) for name in ABOUT if document.html and not row.get(name)}
        removals = [asdict(removal) for removal in left.removals]
        results.append({**row, **said, text: left.text, "removals": removals, "flags": list(left.flags)})
    return results


def _document(row: Mapping[str, Any], text: str, html: str) -> Document | None:
    found = row.get(text)
    page = row.get(html)
    if isinstance(page, bytes):
        page = decoded(page)
    about = {name: row[name] for name in ABOUT if isinstance(row.get(name), str) and row[name]}
    about["author"] = authors(row.get("author"))
    is_page = isinstance(page, str)
    if isinstance(found, str) and (found.strip() or not is_page):
        return Document("", found, **about)
    return Document("", str(page), html=True, **about) if is_page else None
