"""API keys: made once and shown once, kept as hashes, each for one tenant and for some kinds of request."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from provenance.errors import SettingsError, StoreError
from service.operations import Scope

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

SCOPES: tuple[Scope, ...] = get_args(Scope)
_TOKEN = re.compile(r"prov_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")
_TENANT = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_TABLE = """
CREATE TABLE IF NOT EXISTS key (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL, tenant TEXT NOT NULL, scopes TEXT NOT NULL,
    label TEXT NOT NULL, made REAL NOT NULL, revoked REAL)
"""


@dataclass(frozen=True, slots=True)
class Key:
    """What a key allows: requests of these scopes, on the index of this tenant."""

    id: str
    tenant: str
    scopes: frozenset[Scope]
    label: str = ""
    made: str = ""
    revoked: str | None = None


# Who asks where no keys are asked for.
ANYONE = Key("", "default", frozenset(SCOPES))


class Keys:
    """The keys in a file; every call opens it anew, so that threads, processes and the command line share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._made = False

    def add(self, tenant: str, scopes: Collection[Scope] = SCOPES, label: str = "") -> tuple[Key, str]:
        """Make a key; give it, and the token that stands for it, which is kept nowhere.

        The token has 256 random bits, so that a plain hash of it tells nothing.
        """
        if not _TENANT.fullmatch(tenant):
            raise SettingsError(
                f"a tenant is named with a-z, 0-9, '.', '_' and '-', at most 63 of them: not {tenant!r}"
            )
        if unknown := set(scopes) - set(SCOPES):
            raise SettingsError(f"there is no scope {min(unknown)!r}, only {', '.join(SCOPES)}")
        name = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(12))
        secret = secrets.token_urlsafe(32)
        row = (name, _hashed(secret), tenant, " ".join(sorted(scopes)), label[:200], time.time())
        with self._opened() as db:
            db.execute("INSERT INTO key (id, hash, tenant, scopes, label, made) VALUES (?, ?, ?, ?, ?, ?)", row)
        return Key(name, tenant, frozenset(scopes), label, _told(row[5])), f"prov_{name}_{secret}"

    def all(self) -> list[Key]:
        """Give all keys, the oldest first, those revoked among them."""
        with self._opened() as db:
            rows = db.execute("SELECT id, tenant, scopes, label, made, revoked FROM key ORDER BY made").fetchall()
        return [
            Key(name, tenant, frozenset(scopes.split()), label, _told(made), _told(gone) if gone else None)
            for name, tenant, scopes, label, made, gone in rows
        ]

    def revoke(self, name: str) -> bool:
        """End a key from the next request on; False where there is none of this id that was good."""
        with self._opened() as db:
            done = db.execute("UPDATE key SET revoked = ? WHERE id = ? AND revoked IS NULL", (time.time(), name))
            return done.rowcount == 1

    def find(self, token: str) -> Key | None:
        """Give what a token allows, or None."""
        match = _TOKEN.fullmatch(token)
        if not match:
            return None
        query = "SELECT hash, tenant, scopes, label FROM key WHERE id = ? AND revoked IS NULL"
        with self._opened() as db:
            row = db.execute(query, (match[1],)).fetchone()
        if row is None or not hmac.compare_digest(row[0], _hashed(match[2])):
            return None
        return Key(match[1], row[1], frozenset(row[2].split()), row[3])

    def made(self) -> bool:
        """Tell whether a key was ever made: from then on requests need one, be all of them revoked."""
        if not self._made and self.path.exists():
            with self._opened() as db:
                self._made = db.execute("SELECT 1 FROM key LIMIT 1").fetchone() is not None
        return self._made

    def _opened(self) -> _Opened:
        return _Opened(self.path)


class _Opened:
    """A transaction of its own connection."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> sqlite3.Connection:
        try:
            new = not self._path.exists()
            self._db = sqlite3.connect(self._path, timeout=10)
            if new:
                self._path.chmod(0o600)
            self._db.execute(_TABLE)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"the keys in {self._path}: {error}") from error
        return self._db

    def __exit__(self, kind: object, *_rest: object) -> None:
        with closing(self._db):
            if kind is None:
                self._db.commit()


def _hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _told(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
