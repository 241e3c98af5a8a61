"""Provenance: cleans news text with a ledger, finds copied and rewritten passages, says where they come from."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provenance.clean import clean, clean_batch
    from provenance.compare import compare
    from provenance.credits import credits
    from provenance.errors import InputError, ProvenanceError, SettingsError, StoreError
    from provenance.index import Index
    from provenance.model import Cleaned, Credit, Document, Match, Rejected, Relation, Removal, Span, SpanPair
    from provenance.pipeline import audit
    from provenance.report.audit import Audit
    from provenance.rows import clean_rows

__version__ = "0.1.0"

# What is public, and the module that loads when it is first asked for: importing the package costs nothing.
_HOMES = {
    "clean": "clean",
    "clean_batch": "clean",
    "clean_rows": "rows",
    "compare": "compare",
    "credits": "credits",
    "audit": "pipeline",
    "Audit": "report.audit",
    "Index": "index",
    **dict.fromkeys(("InputError", "ProvenanceError", "SettingsError", "StoreError"), "errors"),
    **dict.fromkeys(
        ("Cleaned", "Credit", "Document", "Match", "Rejected", "Relation", "Removal", "Span", "SpanPair"), "model"
    ),
}

__all__ = [
    "Audit",
    "Cleaned",
    "Credit",
    "Document",
    "Index",
    "InputError",
    "Match",
    "ProvenanceError",
    "Rejected",
    "Relation",
    "Removal",
    "SettingsError",
    "Span",
    "SpanPair",
    "StoreError",
    "audit",
    "clean",
    "clean_batch",
    "clean_rows",
    "compare",
    "credits",
]


def __getattr__(name: str) -> Any:
    """Load a public name's module on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'provenance' has no attribute {name!r}")
    value = getattr(import_module(f"provenance.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]


class _Package(ModuleType):
    """The package, where a public function and the module it lives in may have one name.

    Python sets a submodule as an attribute when it is imported; that would hide the function.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, unless it is a module with the name of a public function."""
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
