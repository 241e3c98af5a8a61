"""What a result was made with beside its settings: trained weights and word lists, and the libraries that count.

With the same of these and the same input a run gives the same again; a report says them, so that whoever repeats
it can tell what differs.
"""

from __future__ import annotations

import hashlib
import platform
import unicodedata
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

WEIGHTS = (
    "cues.json",
    "html/blocks.json",
    "lines/model.npz",
    "outlets.json",
    "relation.json",
    "rules/phrases.json",
)
# Those whose versions may change what is read, removed, compared or written.
LIBRARIES = (
    *("beautifulsoup4", "iscc-lib", "lxml", "numba", "numpy"),
    *("prov", "publicsuffixlist", "selectolax", "wordfreq", "xxhash"),
)


@lru_cache(maxsize=1)
def weights() -> dict[str, str]:
    """Give the SHA-256 of each file of weights and words that comes with the package."""
    here = files("provenance")
    return {name: hashlib.sha256(here.joinpath(name).read_bytes()).hexdigest() for name in WEIGHTS}


@lru_cache(maxsize=1)
def libraries() -> dict[str, str]:
    """Give the versions of Python, of Unicode as it knows it, and of the libraries; "" for one without."""
    own = {"python": platform.python_version(), "unicode": unicodedata.unidata_version}
    return own | {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # installed without its metadata
        return ""
