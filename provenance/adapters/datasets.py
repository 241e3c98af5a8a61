"""Hugging Face datasets: a dataset with its texts cleaned.

from provenance.adapters.datasets import clean_dataset

dataset = clean_dataset(load_dataset("json", data_files="news.jsonl", split="train"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from datasets import Dataset, Features, IterableDataset, List, Value

from provenance.rows import ABOUT, clean_rows

if TYPE_CHECKING:
    from provenance.model import Strictness

Data = TypeVar("Data", Dataset, IterableDataset)

_OFFSET, _WORDS = Value("int64"), Value("string")
REMOVAL = {
    **dict.fromkeys(("start", "end", "documents"), _OFFSET),
    **dict.fromkeys(("text", "reason", "rule"), _WORDS),
    "confidence": Value("float64"),
}


def clean_dataset(
    dataset: Data, *, text: str = "text", html: str = "html", strictness: Strictness = "balanced", **options: Any
) -> Data:
    """Give a dataset, or a stream of one, with the columns that `clean_rows` adds; the others as they are.

    `options` go to its `map`: `num_proc`, and `batch_size` (1,000), among how many rows house boilerplate is
    sought. Rows of one publisher should therefore stand together.
    """
    known = dict(dataset.features or {})
    empty = {name for name, kind in known.items() if getattr(kind, "dtype", None) == "null"}
    about = dict.fromkeys(ABOUT, _WORDS) if html in known else {}
    added = {text: _WORDS, "removals": List(REMOVAL), "flags": List(_WORDS)}
    settings = {"text": text, "html": html, "strictness": strictness}
    # A column of nothing but None has no type, and would have no room for what a page says.
    typed = {name: _WORDS if name in empty and name in about else kind for name, kind in known.items()}
    options |= {"features": Features(about | typed | added)} if known else {}
    return dataset.map(clean_columns, batched=True, fn_kwargs=settings, **options)


def clean_columns(columns: dict[str, list[Any]], **settings: Any) -> dict[str, list[Any]]:
    """Give a batch's columns cleaned: the function for `map(..., batched=True)` itself."""
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    cleaned = clean_rows(rows, **settings)
    names = dict.fromkeys(name for row in cleaned for name in row)
    return {name: [row.get(name) for row in cleaned] for name in names}
