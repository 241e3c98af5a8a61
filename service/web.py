"""The web server: gunicorn with threads, which slow clients do not hold up, and which stops without a loss."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import socket
import struct
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import TConn, ThreadWorker

from service import bodies, logs, metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.settings import ServiceSettings

GRACE = 30  # seconds that a stopping server gives the requests it has
STUCK = 30  # seconds without a sign of life after which a process is killed
DRAIN = 0.4  # seconds for which a stopping server takes the connections that were on their way
SILENT = 20.0  # seconds after which a client that neither sends nor reads is let go
_LOG = logging.getLogger("provenance.service")

_STORY = (
    "The harbour of Lindow was closed on Monday after a storm tore three cranes from their rails and threw two "
    "of them into the basin, the harbour master Ilse Brandt said. Nobody was hurt, but the cranes will be missing "
    "for weeks, and eleven freighters have been sent on to Kessel and Arnau."
)

# For the socket that listens: of TCP segments, drop those that begin a connection (SYN without ACK).
_BEGINS = ((0x30, 0, 0, 13), (0x54, 0, 0, 0x12), (0x15, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))
_SO_ATTACH_FILTER = 26


class Patient(ThreadWorker):
    """A worker with threads, with a bound on how long a request may take to arrive, and to be answered."""

    read_seconds = 30.0
    request_seconds = 60.0

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._arriving: dict[Any, float] = {}
        self._answering: dict[Any, float] = {}
        self._stops = 0.0
        self.alive: bool
        self.wsgi: Callable[..., Any]

    def load_wsgi(self) -> None:
        """Load the application; it tells when a body was read."""
        super().load_wsgi()
        plain = self.wsgi

        def told(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
            environ[bodies.READ] = partial(self._arriving.pop, environ.get("gunicorn.socket"), None)
            return plain(environ, start)

        self.wsgi = told

    def handle(self, conn: TConn) -> Any:
        """Read a request and answer it."""
        self._arriving[conn.sock] = time.monotonic() + self.read_seconds
        try:
            return super().handle(conn)
        finally:
            self._arriving.pop(conn.sock, None)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request whose head was read."""
        conn.sock.settimeout(SILENT)
        self._answering[conn.sock] = time.monotonic() + self.request_seconds + self.read_seconds * 10
        if not _has_body(req):
            self._arriving.pop(conn.sock, None)
        elif "/batches" in req.path:  # a batch may be large
            self._arriving[conn.sock] = time.monotonic() + self.read_seconds * 10
        try:
            return super().handle_request(req, conn)
        finally:
            self._answering.pop(conn.sock, None)

    def notify(self) -> None:
        """Say that this process lives; let go of who is too slow. Called at least once a second."""
        super().notify()
        now = time.monotonic()
        for sock, until in list(self._arriving.items()):
            if now > until:
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
                while before != self.nr_conns:  # accepting one counts it
                    before = self.nr_conns
                    self.accept(listener)
        super().set_accept_enabled(enabled)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait, and less long while stopping."""
        super().wait_for_and_dispatch_events(min(timeout, 0.05) if self._stops else timeout)


class Web(BaseApplication):
    """The server of an application, on a socket that listens already."""

    def __init__(self, settings: ServiceSettings, listener: socket.socket) -> None:
        self._settings, self._listener = settings, listener
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn up."""
        settings = self._settings
        chosen = {
            "bind": f"fd://{self._listener.fileno()}",
            "worker_class": f"{__name__}.Patient",
            "workers": settings.workers,
            "threads": settings.threads,
            "timeout": STUCK,
            "graceful_timeout": GRACE,
            "keepalive": 0,  # a connection carries one request: then a stop can lose none that was begun
            "limit_request_line": 8190,
            "limit_request_fields": 64,
            "max_requests": 100_000,
            "max_requests_jitter": 10_000,
            "preload_app": True,
            "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108, PTH112
            "child_exit": lambda _server, worker: metrics.gone(worker.pid),
            "when_ready": lambda _server: gc.freeze(),  # what is loaded is shared with the workers, and stays so
            "proc_name": "provenance",
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Give the application; every worker inherits what is loaded by now, and opens its own files."""
        from service import create_app  # noqa: PLC0415 (which imports all there is)

        app = create_app(self._settings)
        warm()
        return app


def serve(settings: ServiceSettings, listener: socket.socket) -> None:
    """Serve until told to stop; the process ends with it."""
    Patient.read_seconds, Patient.request_seconds = settings.read_seconds, settings.request_seconds
    arbiter = Arbiter(Web(settings, listener))
    logs.configure()  # once more: the server set up a log of its own
    arbiter.run()


def warm() -> None:
    """Load and compile what the first request would wait for."""
    from provenance.index import Index  # noqa: PLC0415
    from provenance.index.prepare import probe  # noqa: PLC0415
    from provenance.kernels.running import PATIENCE, Kernel  # noqa: PLC0415
    from provenance.model import Document  # noqa: PLC0415
    from provenance.pipeline import audit  # noqa: PLC0415

    Kernel.steps = PATIENCE  # a server lives long enough for compiling to be worth it
    paragraphs = [f"{_STORY} It was storm number {number} of {1900 + number}." for number in range(12)]
    text = "\n\n".join([*paragraphs, "Share this article on Facebook", "Read more: Harbour opens again"])
    rows = "".join(f"<p>{one}</p>" for one in paragraphs)
    links = "".join(f"<li><a href='/{number}'>Harbour {number}</a></li>" for number in range(9))
    page = f"<html><body><nav><ul>{links}</ul></nav><article><h1>Harbour</h1>{rows}</article>{links}</body></html>"
    probe()
    with Index.open("memory:") as index:
        index.add(Document("a", text, publisher="Lindow Post"))
        audit(
            [{"id": "b", "html": page}, {"id": "c", "text": text.replace("cranes", "masts")}], index=index, jobs=1
        )


def refuse(listener: socket.socket) -> bool:
    """Let no new connection begin, while those that have begun go on; False where the system cannot.

    To close the socket would reset those that wait to be accepted. A client whose first segment is dropped sends
    it again a second later, and finds the socket closed, or another server.
    """
    if not sys.platform.startswith("linux"):
        return False
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in _BEGINS))
    program = struct.pack("HL", len(_BEGINS), ctypes.addressof(code))
    try:
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
    except OSError:
        return False
    return True


def _has_body(req: Any) -> bool:
    return any(name in {"CONTENT-LENGTH", "TRANSFER-ENCODING"} for name, _ in req.headers)
