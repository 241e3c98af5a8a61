"""What a service is run with, frozen."""

from dataclasses import dataclass

from provenance.model import Strictness


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Bounds on one request, and what applies where a request does not say."""

    body_bytes: int = 10_000_000
    documents: int = 1_000
    strictness: Strictness = "balanced"
