"""Settings, frozen; the defaults are what the measured figures were taken with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is read, in code points unless a name says otherwise."""

    document_bytes: int = 100_000_000
    line_bytes: int = 100_000_000
    tree_depth: int = 5_000
    min_words: int = 8
