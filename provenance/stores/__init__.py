"""Where an index keeps its bytes: one small contract, and a store for each kind of address.

A store keeps *documents* (packed records by number), a *tail* (the keys of the documents added last), *runs*
(sorted postings in blocks, made of tails) and the *dead* (what was removed from runs that were not yet rewritten).
It knows neither texts nor keys: what they mean is said once, above it (`provenance.stores.segments`), so all
stores give the same answers. Every method is atomic: it is done wholly or not at all, and durable when it returns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import parse_qs, urlsplit

from provenance.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

Status = Literal["added", "replaced", "removed", "known", "conflict", "changed", "absent", "lost", "superseded"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A document to be written; with `old`, in place of the one of that number; without `record`, only that goes.

    digest  32 bytes that stand for the text: an id met again with the same is no news
    keys    packed keys, which go to the tail
    dead    packed keys of the document that goes, with its number
    """

    id: bytes
    digest: bytes = b""
    record: bytes = b""
    keys: bytes = b""
    old: int = 0
    dead: bytes = b""


@dataclass(frozen=True, slots=True)
class State:
    """How much of a store its reader has seen: no manifest before generation 0, the tail up to `next`.

    `proof` is what the store gave with the snapshot: by it the store knows whether what was seen is still so.
    """

    generation: int = -1
    next: int = 0
    dead: int = 0
    proof: bytes = b""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a store holds at one moment; `tail`, `dead` and `blocks` only where the reader's generation still is.

    tail    the packed keys of the documents numbered from the reader's `next` up to `next`
    dead    the packed keys of documents removed, from the reader's place in that list on
    blocks  the blocks asked for, in the order they were; b"" for one that is empty
    """

    generation: int
    manifest: bytes
    next: int
    tail: Sequence[bytes] = ()
    dead: Sequence[bytes] = ()
    blocks: Sequence[bytes] = ()
    proof: bytes = b""


@dataclass(frozen=True, slots=True)
class Change:
    """A run in place of others (`gone`; None: all that there are), and of the tail before number `upto`.

    manifest    gives the new manifest once the blocks were taken: it says what they hold
    dead        what stays of the first state.dead of the dead; later ones stay in any case
    """

    state: State
    manifest: Callable[[], bytes]
    run: int
    blocks: Iterable[tuple[int, bytes]]
    gone: Sequence[int] | None
    upto: int
    dead: Sequence[bytes]


class IndexStore(Protocol):
    """What an index asks of a store, in bytes; the numbers of documents begin at 1 and are never given twice."""

    block: int  # postings that a block should hold

    def begin(self, header: bytes) -> bytes:
        """Give the header of the namespace; where there is none, it begins with this one, if there is one."""

    def write(self, entries: Sequence[Entry]) -> list[tuple[Status, int]]:
        """Write all entries in one transaction: what became of each, and the number it has.

        `conflict`: the id has another text. `changed`: the document is not the one of number `old` any more.
        `lost`: the id has this text, but what was kept of the document is gone: it has to be replaced.
        """

    def read(self, state: State, wanted: Mapping[int, Sequence[int]]) -> Snapshot:
        """Give what changed since `state`, and blocks by run, in one round trip.

        Raises StoreError, once, where the store has lost what this reader had seen of it.
        """

    def documents(self, wanted: Sequence[int | bytes]) -> list[tuple[int, bytes] | None]:
        """Give numbers and records by number (in one round trip) or by id; None for those not there.

        A record that was lost is b"" by the document's id, which is there.
        """

    def names(self) -> Iterator[tuple[bytes, int, bytes]]:
        """Give all ids, with the numbers of their documents and the digests that stand for the texts."""

    def swap(self, change: Change) -> bool:
        """Put runs in place of others; False, and nothing done, where the generation is another by now."""

    def compact(self) -> None:
        """Drop what nothing refers to, and give back space."""

    def figures(self) -> Mapping[str, int]:
        """Give the number of documents by their ids, and the bytes that are held."""

    def close(self) -> None:
        """Let go of files and connections."""


class _Opens(Protocol):
    def open_store(self, url: str, namespace: str, *, create: bool) -> IndexStore:
        """Open the namespace of the store at an address; StoreError where there is none, unless it may be made."""


# What an address begins with, and the module that opens it; what a store needs is imported with its module.
SCHEMES = {"memory": "memory", "sqlite": "sqlite", "redis": "redis", "rediss": "redis"}


def shown(url: str) -> str:
    """Give an address as it may be shown: without the password, wherever one may stand and whatever is in it."""
    url = re.sub(r"(?<=//)([^/:@]*):.*@", r"\1:***@", url, flags=re.DOTALL)
    return re.sub(r"(?i)(?<=[?&])((?:ssl_)?password)=[^&]*", r"\1=***", url)


def same_place(url: str, other: str) -> bool:
    """Say whether two addresses are of one place: one file by two names, one server with its port named or not."""
    sides = [one.partition(":") for one in (url, other)]
    if all(scheme == "sqlite" for scheme, _, _ in sides):
        here, there = (Path(path) for _, _, path in sides)
        return here.resolve() == there.resolve() or (here.exists() and there.exists() and here.samefile(there))
    if all(scheme in ("redis", "rediss") for scheme, _, _ in sides):
        return _server(url) == _server(other)
    return url == other


def _server(url: str) -> tuple[str | None, int, str]:
    """Give host, port and number of a database; who asks, and how, is nothing to it."""
    parts = urlsplit(url)
    return parts.hostname, parts.port or 6379, parse_qs(parts.query).get("db", [parts.path.strip("/") or "0"])[0]


def open_store(url: str, namespace: str, *, create: bool = True) -> IndexStore:
    """Open the store at `url` (memory:, sqlite:PATH, redis://…, rediss://…); SettingsError for other addresses."""
    scheme = url.partition(":")[0]
    if scheme not in SCHEMES or ":" not in url:
        raise SettingsError(f"an index is at {', '.join(f'{name}:…' for name in SCHEMES)}, not at {shown(url)!r}")
    module: _Opens = import_module(f"provenance.stores.{SCHEMES[scheme]}")
    return module.open_store(url, namespace, create=create)
