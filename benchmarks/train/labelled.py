"""The labelled pages that the line model learns from: their lines, their sites, and what the rules say."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
from publicsuffixlist import PublicSuffixList
from views import furnished

from provenance.rules import Lines, findings, read

if TYPE_CHECKING:
    from pathlib import Path

FOLDS = 5
LABELS = {"body": 0, "junk": 1, "headline": 2, "mixed": 3}


@dataclass
class Page:
    """One page: its lines, their labels, and how sure the rules are of each."""

    site: str
    fold: int
    lines: Lines
    labels: np.ndarray
    ruled: np.ndarray


def pages(data: Path) -> list[Page]:
    """Read the labelled pages; pages of one registered domain are of one site."""
    suffixes, sites = PublicSuffixList(), {}
    for row in rows(data / "pages/truth.jsonl.gz"):
        host = urlsplit(row["url"] or "").hostname
        sites[row["id"]] = (suffixes.privatesuffix(host) if host else None) or row["id"]
    found = []
    for row in rows(data / "lines/extracted.jsonl.gz"):
        given = [line for line in row["lines"] if len(line["text"].strip().splitlines()) == 1]
        if not given:
            continue
        lines = read("\n".join(line["text"] for line in given))
        site = sites.get(row["id"], row["id"])
        labels = np.array([LABELS[line["label"]] for line in given])
        found.append(Page(site, zlib.crc32(site.encode()) % FOLDS, lines, labels, surest(lines)))
    return found


def surest(lines: Lines) -> np.ndarray:
    """Say for each line how sure the surest rule is that it is furniture, or 0."""
    ruled = np.zeros(len(lines), np.float32)
    for _, one in findings(lines):
        ruled[one.first : one.last] = np.maximum(ruled[one.first : one.last], one.confidence)
    return ruled


def in_furniture(every: list[Page]) -> list[Page]:
    """Give the bodies of pages in other furniture."""
    found = []
    for page in every:
        seed = zlib.crc32(page.lines.texts[0].encode())
        view = furnished(page.lines.texts, page.labels.tolist(), seed)
        if view is not None:
            lines = read("\n".join(view.texts))
            found.append(Page(page.site, page.fold, lines, np.array(view.labels), surest(lines)))
    return found


def rows(path: Path) -> list[dict]:
    """Read JSON Lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
