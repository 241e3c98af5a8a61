"""What an audit finds of planted copies, edits and passages, and what it finds besides.

    python benchmarks/planted.py FOLDER

FOLDER holds corpus.jsonl (id, text) and truth.jsonl (kind: exact, edit or passage; a, b; and for a passage its
a_start, a_end). A planted document counts as found where its relation is called derived or a cluster joins it with
its source, a planted passage where a match lies on it. Matches between documents that no planting connects are
counted by how much of the shorter passage's words stand in the other, in order: sentences drawn from real news
resemble each other without having been planted.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter, defaultdict
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.pipeline import audit

if TYPE_CHECKING:
    from provenance.model import Match
    from provenance.report.audit import Audit

ALIKE = 0.6  # share of the shorter passage's words in the other from which two passages are near-duplicates


def rows(path: Path) -> list[dict[str, Any]]:
    """Give the JSON objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def families(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Give each document in the pairs a name that it shares with all that it is connected with."""
    neighbours = defaultdict(set)
    for a, b in pairs:
        neighbours[a].add(b)
        neighbours[b].add(a)
    family: dict[str, str] = {}
    for start in neighbours:
        waiting = [start]
        while waiting:
            one = waiting.pop()
            if one not in family:
                family[one] = start
                waiting += neighbours[one]
    return family


def found(truth: list[dict[str, Any]], result: Audit) -> dict[str, list[bool]]:
    """Say of each planted document or passage, by kind, whether the audit has it."""
    cluster = {document: one.id for one in result.clusters for document in one.documents}
    derived = {frozenset((row.a, row.b)) for row in result.relations if row.derived}
    matches = defaultdict(list)
    for match in result.matches:
        matches[frozenset((match.a.doc, match.b.doc))] += [match.a, match.b]
    kinds = defaultdict(list)
    for row in truth:
        pair = frozenset((row["a"], row["b"]))
        if row["kind"] == "passage":
            sides = [side for side in matches[pair] if side.doc == row["a"]]
            hit = any(side.start < row["a_end"] and side.end > row["a_start"] for side in sides)
        else:
            hit = pair in derived or cluster.get(row["a"], row["a"]) == cluster.get(row["b"], row["b"])
        kinds[row["kind"]].append(hit)
    return kinds


def alike(match: Match) -> float:
    """Give the share of the shorter passage's words that stand in the other in the same order."""
    a, b = (re.findall(r"\w+", side.text.lower()) for side in (match.a, match.b))
    equal = sum(block.size for block in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks())
    return equal / max(1, min(len(a), len(b)))


def main() -> None:
    """Audit the corpus and print recall by kind, false derived relations, and what else matched."""
    if len(sys.argv) < 2:
        print("skipped: name a folder with corpus.jsonl and truth.jsonl")
        return
    folder = Path(sys.argv[1])
    documents, truth = rows(folder / "corpus.jsonl"), rows(folder / "truth.jsonl")
    marks: dict[str, float] = {}
    begin = time.perf_counter()
    result = audit(
        documents, progress=lambda stage, _done, _total: marks.update({stage: time.perf_counter() - begin})
    )
    wall = time.perf_counter() - begin
    print(f"{len(documents)} documents, {wall:.1f} s:", {name: round(mark, 1) for name, mark in marks.items()})
    for kind, hits in found(truth, result).items():
        print(f"recall {kind:8} {sum(hits) / len(hits):.4f} of {len(hits)}")
    family = families([(row["a"], row["b"]) for row in truth])
    derived = [row for row in result.relations if row.derived]
    false = sum(family.get(row.a, row.a) != family.get(row.b, row.b) for row in derived)
    print(f"precision derived {1 - false / max(1, len(derived)):.4f} of {len(derived)}")
    others = [m for m in result.matches if family.get(m.a.doc, m.a.doc) != family.get(m.b.doc, m.b.doc)]
    unlike = sum(alike(match) < ALIKE for match in others)
    print(f"matches {len(result.matches)}, on planted pairs {len(result.matches) - len(others)}")
    print("others by kind", dict(Counter(match.kind for match in others)))
    print(
        f"of these with under {ALIKE} of their words in common {unlike}: precision by content "
        f"{1 - unlike / max(1, len(result.matches)):.4f}"
    )


if __name__ == "__main__":
    main()
