"""What the tests of the stores write into them: documents as bytes, without any text behind them."""

import numpy as np

from provenance.stores import Entry
from provenance.stores.dead import obituary
from provenance.stores.frames import framed
from provenance.stores.postings import KEY, pack


def keys(draw, count=20, pool=4_000):
    """Give distinct keys, some of which other documents have."""
    rare = draw.integers(1, 1 << KEY, count, dtype=np.uint64)
    common = draw.integers(1, pool, count // 4, dtype=np.uint64) << np.uint64(KEY - 14)
    return np.unique(np.concatenate((rare, common)))


def entry(name, own, *, digest=b"", old=0, gone=None):
    """Give a document to be written; `gone` are the keys of the one of number `old` that it replaces."""
    record = f"the record of {name}".encode()
    dead = obituary(old, gone) if old else b""
    return Entry(name.encode(), digest or name.encode().ljust(16), record, framed(b"T", pack(own)), old, dead)


def removal(name, old, gone):
    """Give the removal of a document of a number and keys."""
    return Entry(name.encode(), old=old, dead=obituary(old, gone))
