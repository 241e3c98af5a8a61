"""Check the law of the ledger on every page of a folder: kept and removed spans partition the source.

    python benchmarks/ledger.py FOLDER [--limit N]

Reads *.html and *.html.gz below the folder, cleans each at every strictness, prints what breaks the law, and
the counts. The exit status is 1 when anything does.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import provenance
from provenance.model import Strictness
from provenance.readers.html import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model import Cleaned


def broken(found: Cleaned) -> Iterator[str]:
    """Give in words what of a cleaned text breaks the law; nothing where it is kept."""
    at = 0
    for removal in found.removals:
        if not at <= removal.start < removal.end <= len(found.source):
            yield f"a removal at {removal.start}:{removal.end} overlaps, is empty, or is out of order"
        if found.source[removal.start : removal.end] != removal.text:
            yield f"the removal at {removal.start} does not say what stood there"
        at = removal.end
    spans = sorted([(span.start, span.end) for span in found.kept] + [(r.start, r.end) for r in found.removals])
    ends = [0, *(end for _, end in spans)]
    if [start for start, _ in spans] != ends[:-1] or ends[-1] != len(found.source):
        yield "kept and removed spans do not partition the source"
    if "".join(found.source[span.start : span.end] for span in found.kept) != found.text:
        yield "the text is not what was kept"


def main() -> int:
    """Check the pages, print the faults and the counts; give the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    paths = sorted([*options.folder.rglob("*.html"), *options.folder.rglob("*.html.gz")])[: options.limit]
    faults = removals = 0
    for path in paths:
        data = path.read_bytes()
        page = decode(gzip.decompress(data) if path.suffix == ".gz" else data)
        for strictness in get_args(Strictness):
            found = provenance.clean(page, html=True, strictness=strictness)
            removals += len(found.removals)
            for fault in broken(found):
                faults += 1
                print(f"{path.name}: {strictness}: {fault}")
    print(f"{len(paths)} pages, {len(get_args(Strictness))} strictnesses, {removals} removals, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
