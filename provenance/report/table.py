"""The related pairs of an audit as a table for spreadsheets: CSV (RFC 4180), UTF-8 with a byte order mark.

A spreadsheet takes a cell that begins with certain characters for a formula and carries it out; ids, titles and
publishers come from others. Such a cell, and what may become one, gets an apostrophe in front, which spreadsheets
show as text. The mark at the start is what makes them read UTF-8.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model import AuditedDocument
    from provenance.report.audit import Audit

COLUMNS = (
    *("a", "b", "kind", "derived", "decision", "score", "chance", "earlier", "reason", "passages"),
    *("a_title", "b_title", "a_author", "b_author", "a_publisher", "b_publisher", "a_published", "b_published"),
    *("a_sha256", "b_sha256", "a_iscc", "b_iscc"),
)
# Of ASCII, and the wide forms that some programs take for the same; line feed begins a cell as return does.
# Where `;` or a tab divides cells, as in much of Europe, quotes that began before hold nothing together: what
# follows one, or a line's end, may be a cell of its own.
_FORMULA = re.compile(
    r"""^ (?= [ \u00a0]* [=+\-@\t\r\n＝＋－＠] ) | (?<= [;\t\r\n] ) (?= [ \u00a0"]* [=+\-@＝＋－＠] )""",
    re.VERBOSE,
)


def pairs(audit: Audit) -> bytes:
    """Give the pairs as CSV, the surest first; every cell with words in it is quoted."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    rows.writerows(_rows(audit))
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _rows(audit: Audit) -> Iterator[list[str | float]]:
    documents = {row.document.id: row for row in (*audit.documents, *audit.compared_with)}
    passages = Counter(frozenset((match.a.doc, match.b.doc)) for match in audit.matches)
    for row in sorted(audit.relations, key=lambda row: (not row.derived, -row.score, row.a, row.b)):
        a, b = _described(documents.get(row.a)), _described(documents.get(row.b))
        values: dict[str, Any] = {
            **{name: getattr(row, name) for name in ("a", "b", "kind", "decision", "score", "chance", "reason")},
            "derived": "yes" if row.derived else "no",
            "earlier": row.earlier,
            "passages": passages[frozenset((row.a, row.b))],
            **{f"a_{name}": value for name, value in a.items()},
            **{f"b_{name}": value for name, value in b.items()},
        }
        yield [_cell(values[name]) for name in COLUMNS]


def _described(row: AuditedDocument | None) -> dict[str, str | None]:
    """Give what is told of a document."""
    document, cleaned = (row.document, row.cleaned) if row else (None, None)
    known = {
        name: getattr(document, name, None) or getattr(cleaned, name, None)
        for name in ("title", "author", "publisher", "published")
    }
    return {**known, "sha256": row.sha256 if row else None, "iscc": row.iscc if row else None}


def _cell(value: str | float | None) -> str | float:
    """Give a cell that no spreadsheet carries out."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _FORMULA.sub("'", value.replace("\0", ""))
    return value
