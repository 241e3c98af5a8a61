"""Idempotency keys: a request sent again with its key gets the answer that it got, and is not done again."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import time
import zlib
from contextlib import closing, contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from provenance.errors import StoreError
from service.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from werkzeug.datastructures import Headers

KEPT = 86_400.0  # seconds for which an answer is given again
HEADER = "Idempotency-Key"
REPLAYED = {"Idempotency-Replayed": "true"}
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
MOST = 20_000  # answers of one tenant: beyond, the oldest go before their time
FORGOTTEN = 20  # answers that go at most when one is kept
# What is searched by stands in indexes, and a body behind all else: whoever looks for old answers reads none.
_TABLE = """
CREATE TABLE IF NOT EXISTS given (
    made REAL NOT NULL, tenant TEXT NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL, status INTEGER NOT NULL,
    headers TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (tenant, key));
CREATE INDEX IF NOT EXISTS given_made ON given (made);
CREATE INDEX IF NOT EXISTS given_of ON given (tenant, made);
DROP TABLE IF EXISTS answer;
"""
OLD = "SELECT rowid FROM given WHERE made <= ? ORDER BY made LIMIT ?"
OVER = "SELECT rowid FROM given WHERE tenant = ? ORDER BY made DESC LIMIT ? OFFSET ?"
FIND = "SELECT request, status, headers, body FROM given WHERE tenant = ? AND key = ? AND made > ?"


class Given(NamedTuple):
    """An answer as it was given."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def key_of(headers: Headers) -> str | None:
    """Give a request's key, if it has one; 400 for what is none."""
    value = headers.get(HEADER)
    if value is not None and not _KEY.fullmatch(value):
        raise Problem(HTTPStatus.BAD_REQUEST, f"An {HEADER} is 1 to 200 printable ASCII characters.")
    return value


class Once:
    """The answers of a day, in a file; whoever looks one up holds the tenant's lock until it is kept."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def given(self, tenant: str, key: str | None, request: bytes) -> Given | None:
        """Give the answer that this request got with this key; 409 where another request had the key."""
        if key is None:
            return None
        with self._opened() as db:
            row = db.execute(FIND, (tenant, key, time.time() - KEPT)).fetchone()
        if row is None:
            return None
        if row[0] != _digest(request):
            raise used()
        return Given(row[1], json.loads(row[2]) | REPLAYED, zlib.decompress(row[3]))

    def keep(self, tenant: str, key: str | None, request: bytes, answer: Given) -> None:
        """Keep an answer, and forget those that are too old."""
        if key is None:
            return
        told = (answer.status, json.dumps(dict(answer.headers)), zlib.compress(answer.body))
        row = (time.time(), tenant, key, _digest(request), *told)
        with self._opened() as db, db:
            db.execute("INSERT OR REPLACE INTO given VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            db.execute(f"DELETE FROM given WHERE rowid IN ({OLD})", (time.time() - KEPT, FORGOTTEN))  # noqa: S608
            db.execute(f"DELETE FROM given WHERE rowid IN ({OVER})", (tenant, FORGOTTEN, MOST))  # noqa: S608

    def has(self, tenant: str, key: str) -> bool:
        """Say whether any request got an answer with this key."""
        with self._opened() as db:
            return db.execute(FIND, (tenant, key, time.time() - KEPT)).fetchone() is not None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=10)) as db:
                db.executescript(_TABLE)
                yield db
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}") from error


def used() -> Problem:
    """Give the problem of a key that another request had."""
    return Problem(HTTPStatus.CONFLICT, f"This {HEADER} was used for another request.")


def mark_of(key: str) -> str:
    """Give the 16 digits that a batch has in its id, so that it is found by the key it was sent with."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _digest(request: bytes) -> bytes:
    return hashlib.sha256(request).digest()
