"""Settings, frozen; the defaults are what the measured figures were taken with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is read."""

    document_bytes: int = 100_000_000
    line_bytes: int = 100_000_000
