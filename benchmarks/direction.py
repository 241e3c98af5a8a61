"""How often quotations and numbers tell an original from its rewriting, and how often rightly.

    python benchmarks/direction.py FILE.jsonl[.gz]

Each line of the file has a text and its rewriting (`original`, `rewrite`), and may say how it was made (`kind`)
and what it is about (`domain`). Dates and publishers are unknown here, so that only the texts themselves decide.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

from provenance.compare import compare


def main() -> None:
    """Print, for each kind of rewriting, the share decided and the share of those that is right."""
    if len(sys.argv) < 2:
        print("skipped: name a file of originals and rewritings")
        return
    path = Path(sys.argv[1])
    found: defaultdict[str, Counter[str | None]] = defaultdict(Counter)
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for row in map(json.loads, lines):
            relation = compare(row["original"], row["rewrite"])
            if relation.derived:
                found[f"{row.get('domain', '')} {row.get('kind', '')}"][relation.earlier] += 1
    print(f"{'':40} derived  decided  right")
    for kind, count in sorted(found.items()):
        decided = count["a"] + count["b"]
        print(f"{kind:40} {count.total():7}  {decided / count.total():7.2f}  {count['a'] / max(1, decided):5.2f}")


if __name__ == "__main__":
    main()
