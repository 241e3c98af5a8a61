"""Connections of the web server: bounded in time whoever is at the other end, and stopped without a loss."""

from __future__ import annotations

import contextlib
import logging
import secrets
import selectors
import socket
import time
from collections import deque
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from gunicorn.http.errors import (
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    ParseException,
)
from gunicorn.workers.gthread import TConn, ThreadWorker

from service import bodies, problems

if TYPE_CHECKING:
    from collections.abc import Callable

DRAIN = 0.4  # seconds for which a stopping server takes the connections that were on their way
HEAD_SECONDS = 10.0  # for a request's head to arrive
HEAD_BYTES = 65_536
HEADS = 256  # connections of a process whose head has not arrived
SLOW = 2.0  # seconds after which a body that is still arriving is a slow one; few threads wait for such
LINGER = 2.0  # seconds for which an answered connection, on which more may come, is read on
LEFT = 8_000_000  # bytes read so
SILENT = 20.0  # seconds after which a client that neither sends nor reads is let go
# What the parser of HTTP refuses, by the name of its error: some of them not every version of it has.
REFUSED = {
    "LimitRequestLine": (HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long."),
    "LimitRequestHeaders": (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "There are too many headers, or too long.",
    ),
    "ExpectationFailed": (HTTPStatus.EXPECTATION_FAILED, "Only 100-continue may be expected."),
    "UnsupportedTransferCoding": (HTTPStatus.BAD_REQUEST, "Of the transfer codings, only chunked is read."),
    "TimeoutError": (HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive."),
}
MALFORMED = HTTPStatus.BAD_REQUEST, "This is no well-formed HTTP request."
_LOG = logging.getLogger("provenance.service")


class Connection(TConn):
    """A connection: how much of a head was `seen`, whether the `whole` request was read, how much was `left`."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.timeout: float
        self.seen = self.left = 0
        self.whole = False
        self.data_ready = True  # no thread has to wait for it


class Patient(ThreadWorker):
    """A worker with threads, none of which waits for a client that has not yet sent a whole head.

    The loop in the main thread looks at the heads as they come and at the ends of connections: it never waits for
    one client. Threads read bodies and answer, within bounds of time. Where more than a quarter of them read slow
    bodies, those that began first are let go.
    """

    read_seconds = 30.0
    request_seconds = 60.0

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._arriving: dict[Any, tuple[float, float]] = {}  # since when, and until when at most
        self._answering: dict[Any, float] = {}
        self._lingering: deque[Connection] = deque()
        self._accepted = 0
        self._stops = 0.0
        self.alive: bool
        self.wsgi: Callable[..., Any]

    def load_wsgi(self) -> None:
        """Load the application; it tells when a body was read."""
        super().load_wsgi()
        plain = self.wsgi

        def told(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
            environ[bodies.DAMAGED] = ParseException
            environ[bodies.READ] = partial(self._arrived, environ.get("gunicorn.socket"))
            return plain(environ, start)

        self.wsgi = told

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, if there is one."""
        try:
            sock, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self._accepted += 1
        conn = Connection(self.cfg, sock, address, listener.getsockname())
        conn.timeout = time.monotonic() + min(HEAD_SECONDS, self.read_seconds)
        self.pending_conns.append(conn)
        self.poller.register(sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))
        self.on_pending_socket_readable(conn, sock)
        if len(self.pending_conns) > HEADS:  # an honest client's head comes in one piece; the oldest is none
            self._turn_away(self.pending_conns[0], TimeoutError())

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Give a connection to a thread when the head of its request is here; let go of one that brings none."""
        try:
            head = client.recv(HEAD_BYTES, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            head = b""
        before, conn.seen = conn.seen, len(head)
        if b"\r\n\r\n" in head:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
            self._forget(conn)
            self.enqueue_req(conn)
        elif len(head) == HEAD_BYTES:
            self._turn_away(conn, LimitRequestHeaders("the head is too long"))
        elif conn.seen == before:  # readable, and nothing new: the client has ended it
            self._end(conn)
        else:  # the system tells when there is more than what was seen
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, conn.seen + 1)

    def handle(self, conn: Connection) -> Any:
        """Read a request and answer it."""
        self._expect(conn.sock, self.read_seconds)
        try:
            return super().handle(conn)
        finally:
            self._arriving.pop(conn.sock, None)
            self._answering.pop(conn.sock, None)

    def handle_request(self, req: Any, conn: Connection) -> Any:
        """Answer a request whose head was read."""
        conn.sock.settimeout(SILENT)
        if not _has_body(req):
            self._arrived(conn.sock)
        elif "/batches" in req.path:  # a batch may be large
            self._expect(conn.sock, self.read_seconds * 10)
        try:
            return super().handle_request(req, conn)
        finally:
            conn.whole = conn.sock not in self._arriving

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:  # noqa: ARG002
        """Answer what did not come to the application, in the shape of all its problems."""
        with contextlib.suppress(OSError):
            client.sendall(refusal(exc))

    def finish_request(self, conn: Connection, fs: Any) -> None:  # noqa: ARG002 (as the server calls it)
        """End the connection of a request that was answered."""
        if conn.whole:
            self._end(conn)
        else:
            self._linger(conn)

    def murder_pending(self) -> None:
        """Let go of connections that have had their time."""
        now = time.monotonic()
        while self.pending_conns and now > self.pending_conns[0].timeout:
            self._turn_away(self.pending_conns[0], TimeoutError())
        while self._lingering and now > self._lingering[0].timeout:
            self._end(self._lingering[0])

    def notify(self) -> None:
        """Say that this process lives; let go of who is too slow. Called at least once a second."""
        super().notify()
        now = time.monotonic()
        arriving = list(self._arriving.items())
        slow = sorted((since, sock.fileno(), sock) for sock, (since, _) in arriving if since < now - SLOW)
        late = [sock for sock, (_, until) in arriving if now > until]
        late += [sock for _, _, sock in slow[: max(0, len(slow) - max(1, self.cfg.threads // 4))]]
        for sock in late:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RD)
        if self.alive and any(now > until for until in list(self._answering.values())):
            _LOG.error("a request takes too long; this process ends, another begins", extra={"part": "web"})
            self.alive = False
        if self._stops and now > self._stops:
            self.alive = False

    def handle_exit(self, sig: int, frame: Any) -> None:  # noqa: ARG002 (as a signal handler is called)
        """Begin to stop: what was on its way is still taken."""
        if not self._stops:
            self._stops = time.monotonic() + DRAIN
            self.method_queue.defer(lambda: None)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Before the last look away, take every connection that waits."""
        if not enabled and not self.alive:
            for listener in self.sockets:
                listener.setblocking(False)
                before = -1
                while before != self._accepted:
                    before = self._accepted
                    self.accept(listener)
        super().set_accept_enabled(enabled)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait, and less long while stopping."""
        super().wait_for_and_dispatch_events(min(timeout, 0.05) if self._stops else timeout)

    def _expect(self, sock: Any, seconds: float) -> None:
        now = time.monotonic()
        self._arriving[sock] = now, now + seconds
        self._answering[sock] = now + seconds + self.request_seconds

    def _arrived(self, sock: Any) -> None:
        if self._arriving.pop(sock, None):
            self._answering[sock] = time.monotonic() + self.request_seconds

    def _turn_away(self, conn: Connection, error: Exception) -> None:
        """Let go of a client whose head is not here; one that sent something is told why."""
        self._forget(conn)
        if conn.seen:
            self.handle_error(None, conn.sock, conn.client, error)
        self._linger(conn)

    def _linger(self, conn: Connection) -> None:
        """Say that there is no more, and read on for a while.

        To close while the client still sends would reset the connection, and it might never see its answer.
        """
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._drain, conn))
        except OSError:
            self._end(conn)
            return
        conn.timeout = time.monotonic() + LINGER
        self._lingering.append(conn)

    def _drain(self, conn: Connection, client: socket.socket) -> None:
        try:
            data = client.recv(bodies.BLOCK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        conn.left += len(data)
        if not data or conn.left > LEFT:
            self._end(conn)

    def _end(self, conn: Connection) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    def _forget(self, conn: Connection) -> None:
        """Look at a connection no more, if it was looked at."""
        for waiting in (self.pending_conns, self._lingering):
            with contextlib.suppress(ValueError):
                waiting.remove(conn)
        with contextlib.suppress(KeyError, ValueError):
            self.poller.unregister(conn.sock)


def refusal(error: Exception) -> bytes:
    """Give the answer to what the server could not hand to the application, as that would give it.

    What was sent is neither quoted nor logged: an address may name a document.
    """
    request_id = secrets.token_hex(16)
    mine = (InvalidResponseHeader, InvalidResponseHeaderName)
    if isinstance(error, (ParseException, TimeoutError)) and not isinstance(error, mine):
        status, detail = REFUSED.get(type(error).__name__, MALFORMED)
        _LOG.info("request", extra={"request_id": request_id, "route": "none", "status": status.value})
    else:
        status, detail = HTTPStatus.INTERNAL_SERVER_ERROR, problems.UNEXPECTED
        told = {"request_id": request_id, "error": type(error).__name__, "where": problems.where(error)}
        _LOG.error("unexpected error", extra=told)
    body = problems.encoded(problems.Problem(status, detail), "", request_id)
    headers = {
        "Connection": "close",
        "Content-Type": problems.TYPE,
        "Content-Length": str(len(body)),
        **problems.HEADERS,
        "X-Request-Id": request_id,
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _has_body(req: Any) -> bool:
    return any(name in {"CONTENT-LENGTH", "TRANSFER-ENCODING"} for name, _ in req.headers)
