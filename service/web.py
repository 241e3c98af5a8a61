"""The web server: gunicorn with threads, which slow clients do not hold up, and which stops without a loss."""

from __future__ import annotations

import ctypes
import gc
import os
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from service import logs, metrics
from service.connections import Patient

if TYPE_CHECKING:
    from service.settings import ServiceSettings

GRACE = 30  # seconds that a stopping server gives the requests it has
STUCK = 30  # seconds without a sign of life after which a process is killed

_STORY = (
    "The harbour of Lindow was closed on Monday after a storm tore three cranes from their rails and threw two "
    "of them into the basin, the harbour master Ilse Brandt said. Nobody was hurt, but the cranes will be missing "
    "for weeks, and eleven freighters have been sent on to Kessel and Arnau."
)

# For the socket that listens: of TCP segments, drop those that begin a connection (SYN without ACK).
_BEGINS = ((0x30, 0, 0, 13), (0x54, 0, 0, 0x12), (0x15, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))
_SO_ATTACH_FILTER = 26


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
            "worker_class": f"{Patient.__module__}.Patient",
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
            # Who asks, and of what scheme, is the application's to find out: see ServiceSettings.proxies.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
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
