"""Connections to a Redis server that end in time, and what its errors mean."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from provenance.errors import SettingsError
from provenance.stores import shown

CONNECT, ANSWER = 0.5, 1.5  # seconds that the server has
RATE = 4_000_000  # bytes of an answer that give it another second
CONNECTIONS = 32  # of one process

# What an error means, by its kind and how it begins; the first that fits.
_MEANINGS: tuple[tuple[type[Exception], str, str], ...] = (
    (redis.exceptions.OutOfMemoryError, "", "the server is out of memory; nothing was written"),
    (redis.exceptions.ReadOnlyError, "", "the server only reads; nothing was written"),
    (redis.AuthenticationError, "", "the server does not know this user and password"),
    (redis.exceptions.NoPermissionError, "", "the server does not let this user do that"),
    (redis.ResponseError, "GONE", "the index is gone: the server came back empty, or someone deleted it"),
    (
        redis.ResponseError,
        "HEADLESS",
        "the header of the index is gone, and documents are there: nothing was changed",
    ),
    (redis.ResponseError, "TORN", "the server dropped blocks that were being written; nothing was changed"),
    (redis.ResponseError, "MISCONF", "the server cannot save; nothing was written"),
    (redis.ResponseError, "WRONGTYPE", "a key of the index holds a foreign value"),
    (redis.ResponseError, "MOVED", "the address is a node of a cluster that does not hold this namespace"),
    (redis.exceptions.MaxConnectionsError, "", "all connections of this process are in use"),
    (redis.TimeoutError, "", f"the server did not answer within {ANSWER} s"),
    (redis.ConnectionError, "", "the server cannot be reached"),
    (TypeError, "", "a key of the index holds a foreign value"),
    (ValueError, "", "a key of the index holds a foreign value"),
)


def told(error: Exception) -> str:
    """Say what an error means."""
    text = str(error).strip()[:200]
    for kind, beginning, meaning in _MEANINGS:
        if isinstance(error, kind) and text.startswith(beginning):
            return meaning if text == beginning else f"{meaning} ({text})"
    return text


class _Hurried:
    """A socket on which a whole answer has `ANSWER` seconds, and one more for each `RATE` bytes of it.

    A timeout of Python's is for each piece: a server that sends a byte a second would never be given up.
    """

    def __init__(self, socket: Any) -> None:
        self._socket, self._limit = socket, socket.gettimeout()
        self._until: float | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def settimeout(self, seconds: float | None) -> None:
        """Take another timeout for each piece."""
        self._limit = seconds
        self._socket.settimeout(seconds)

    def sendall(self, data: Any) -> None:
        """Send, and begin to wait for an answer."""
        self._until = None
        self._socket.settimeout(self._limit)
        self._socket.sendall(data)

    def recv(self, *arguments: Any) -> Any:
        """Give the next piece."""
        self._hurry()
        piece = self._socket.recv(*arguments)
        self._came(len(piece))
        return piece

    def recv_into(self, *arguments: Any) -> Any:
        """Give the size of the next piece."""
        self._hurry()
        size = self._socket.recv_into(*arguments)
        self._came(size)
        return size

    def _hurry(self) -> None:
        if self._limit == 0:
            return  # it is only asked whether something is there
        now = time.monotonic()
        self._until = self._until or now + ANSWER
        left = self._until - now
        if left <= 0:
            raise TimeoutError("the answer is too slow")
        self._socket.settimeout(left if self._limit is None else min(left, self._limit))

    def _came(self, size: int) -> None:
        if self._until is not None:
            self._until += size / RATE


class _Plain(redis.Connection):
    def _connect(self) -> Any:
        return _Hurried(super()._connect())  # type: ignore[no-untyped-call]


class _Encrypted(redis.SSLConnection):
    def _connect(self) -> Any:
        return _Hurried(super()._connect())  # type: ignore[no-untyped-call]


def connected(url: str) -> Any:
    """Give a client of the server at an address, which is first spoken to when it is asked something.

    Raises SettingsError for what is no address.
    """
    try:
        parts = urlsplit(url)
        int(parts.path.strip("/") or 0)  # which the client would pass over
        pool = redis.BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=ANSWER,
            socket_connect_timeout=CONNECT,
            socket_timeout=ANSWER,
            # A connection that idled through a restart fails once: no news.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )
        pool.connection_class = _Encrypted if parts.scheme == "rediss" else _Plain
        pool.connection_class(**pool.connection_kwargs)
    except (ValueError, TypeError) as error:
        raise SettingsError(f"{shown(url)} is no address of a Redis server: {error}") from error
    return redis.Redis(connection_pool=pool)  # typed for every protocol and both colours at once
