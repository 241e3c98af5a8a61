"""Idempotency keys: a request sent again with its key gets the answer that it got, and is not done again."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import time
from contextlib import closing
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from provenance.errors import StoreError
from service.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from werkzeug.datastructures import Headers

KEPT = 86_400.0  # seconds for which an answer is given again
HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_TABLE = """
CREATE TABLE IF NOT EXISTS answer (
    made REAL NOT NULL, tenant TEXT NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL, status INTEGER NOT NULL,
    headers TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (tenant, key));
CREATE INDEX IF NOT EXISTS answer_made ON answer (made);
"""
FORGOTTEN = 20  # old answers that go when one is kept


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
        query = "SELECT request, status, headers, body FROM answer WHERE tenant = ? AND key = ? AND made > ?"
        with closing(self._opened()) as db:
            row = db.execute(query, (tenant, key, time.time() - KEPT)).fetchone()
        if row is None:
            return None
        if row[0] != _digest(request):
            raise Problem(HTTPStatus.CONFLICT, f"This {HEADER} was used for another request.")
        return Given(row[1], json.loads(row[2]) | {"Idempotency-Replayed": "true"}, row[3])

    def keep(self, tenant: str, key: str | None, request: bytes, answer: Given) -> None:
        """Keep an answer, and forget those that are too old."""
        if key is None:
            return
        told = (answer.status, json.dumps(dict(answer.headers)), answer.body)
        old = "SELECT rowid FROM answer WHERE made <= ? ORDER BY made LIMIT ?"
        with closing(self._opened()) as db, db:
            db.execute(f"DELETE FROM answer WHERE rowid IN ({old})", (time.time() - KEPT, FORGOTTEN))  # noqa: S608
            row = (time.time(), tenant, key, _digest(request), *told)
            db.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def _opened(self) -> sqlite3.Connection:
        try:
            db = sqlite3.connect(self.path, timeout=10)
            db.executescript(_TABLE)
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}") from error
        return db


def _digest(request: bytes) -> bytes:
    return hashlib.sha256(request).digest()
