"""The header of an index: how its documents were fingerprinted, and whether that is how this version does it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from provenance import __version__
from provenance.errors import SettingsError, StoreError
from provenance.fingerprint import PASSAGE_ROWS, PERMUTATIONS, ROWS, SHINGLE
from provenance.index.keys import KEY, SAMPLE
from provenance.index.prepare import probe
from provenance.stores import shown

if TYPE_CHECKING:
    from collections.abc import Mapping


def header(*, text: bool = True) -> dict[str, Any]:
    """Give how this version fingerprints: what an index must have been made with to be opened."""
    return {
        "format": 1,
        "normaliser": "fold-1",
        "shingle": SHINGLE,
        "hash": "xxh32",
        "scheme": f"affine32/{PERMUTATIONS}",
        "seed": 1,
        "bands": [ROWS, PASSAGE_ROWS],
        "anchors": f"1/{1 << SAMPLE} of {KEY} bits",
        "probe": probe(),
        "text": text,
        "library": __version__,
    }


def header_of(value: bytes, url: str, namespace: str = "") -> dict[str, Any]:
    """Read a header; raise StoreError for what is none, and where there is none."""
    if not value:
        raise StoreError(f"{shown(url)} has no index in the namespace {namespace!r}")
    try:
        read = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"the header of the index is damaged: {error}") from error
    if not isinstance(read, dict) or "format" not in read:
        raise StoreError("the header of the index is damaged: it is not one")
    return read


def refuse_texts(theirs: Mapping[str, Any], url: str, *, text: bool | None) -> None:
    """Raise SettingsError where an index keeps texts and should not, or should and does not."""
    if text is False and theirs.get("text"):
        raise SettingsError(
            f"{shown(url)} keeps texts: whether an index does is said when it is begun. Add without --no-text "
            "(text=False), or begin another namespace with it"
        )
    if text and not theirs.get("text"):
        raise SettingsError(f"{shown(url)} was begun without texts and cannot keep any: begin another namespace")


def refuse_other(theirs: Mapping[str, Any], ours: Mapping[str, Any], url: str) -> None:
    """Raise SettingsError where an index was made with other settings, naming both."""
    names = [name for name in ours if name != "library" and theirs.get(name) != ours[name]]
    if names:
        told = "; ".join(f"{name} is {theirs.get(name)!r} there and {ours[name]!r} here" for name in names)
        raise SettingsError(
            f"{shown(url)} was made with other settings by version {theirs.get('library')}: {told} "
            "(`provenance index migrate` makes an index of this version's from one with texts)"
        )
