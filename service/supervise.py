"""`provenance serve`: one process that holds the socket, and keeps a web server and workers of batches running."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from provenance.errors import SettingsError
from service import logs
from service.jobs.folders import beat_of
from service.settings import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

    from service.settings import ServiceSettings

BACKLOG = 512
SOON = 1.0  # seconds that a part must have lived to be started again at once
_PR_SET_PDEATHSIG = 1
_LOG = logging.getLogger("provenance.service")


def listen(host: str, port: int) -> socket.socket:
    """Give a socket that listens; SettingsError where that cannot be."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    return listener


def run(settings: ServiceSettings, listener: socket.socket | None) -> None:
    """Serve on a socket, and work on batches, until told to stop; without a socket, only work on batches.

    A part that ends is started again; the socket stays open meanwhile, so that clients wait and are not refused.
    """
    logs.configure()
    os.umask(0o077)  # texts and hashes of keys are nobody else's, whatever the folder's own mode
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = tempfile.mkdtemp(prefix="provenance-metrics-")
    os.environ[METRICS] = folder
    try:
        Supervisor(settings, listener).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Supervisor:
    """The parts of a service, each a process."""

    def __init__(self, settings: ServiceSettings, listener: socket.socket | None) -> None:
        self._settings, self._listener = settings, listener
        self._parts: dict[str, Callable[[], None]] = {}
        if listener is not None:
            self._parts["web"] = self._web
        self._parts |= {f"worker {number + 1}": self._worker for number in range(settings.batch_workers)}
        self._running: dict[str, tuple[BaseProcess, float]] = {}
        self._stopping = False

    def run(self) -> None:
        """Keep all parts running until a signal says to stop."""
        reader, writer = os.pipe()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: os.write(writer, b"x"))
        preload(web="web" in self._parts)
        for name in self._parts:
            self._start(name)
        while not self._stopping:
            ready = wait([reader, *(process.sentinel for process, _ in self._running.values())])
            if reader in ready:
                self._stopping = True
                break
            self._restart()
        self._stop()

    def _start(self, name: str) -> None:
        process = multiprocessing.get_context("fork").Process(
            target=self._begin, args=(name, os.getpid()), name=name
        )
        process.start()
        self._running[name] = process, time.monotonic()

    def _restart(self) -> None:
        for name, (process, began) in list(self._running.items()):
            if process.is_alive():
                continue
            process.join()
            _forget(process.pid or 0)
            _LOG.error("a part ended and is started again", extra={"part": name, "state": process.exitcode})
            if time.monotonic() - began < SOON:
                time.sleep(SOON)
            self._start(name)

    def _stop(self) -> None:
        """Let the web server finish what it has, then the workers; what they have not done they do next time."""
        if self._listener is not None:
            from service.web import refuse  # noqa: PLC0415

            refuse(self._listener)
            self._listener.close()
        for name, (process, _) in self._running.items():
            if name == "web":
                _end(process, signal.SIGTERM, 60)
        for process, _ in self._running.values():
            _end(process, signal.SIGTERM, 10)

    def _begin(self, name: str, parent: int) -> None:
        """Become a part; it is told to stop when the supervisor ends, however it does."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        if sys.platform.startswith("linux"):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)
        self._parts[name]()

    def _web(self) -> None:
        from service.web import serve  # noqa: PLC0415

        if self._listener is not None:
            serve(self._settings, self._listener)

    def _worker(self) -> None:
        if self._listener is not None:
            self._listener.close()
        work(self._settings)


def work(settings: ServiceSettings) -> None:
    """Work on batches until told to stop."""
    from service.jobs.queue import Beating, queue_of  # noqa: PLC0415

    # One thread: a batch that is being worked on when this process is told to stop is begun anew later.
    consumer = Beating(queue_of(settings).huey, workers=1, worker_type="thread", max_delay=1.0, shutdown_timeout=1)
    consumer.beat = beat_of(settings.data)
    consumer.run()


def preload(*, web: bool) -> None:
    """Load what all parts need, once, to be shared by all."""
    import service.jobs.queue  # noqa: PLC0415

    assert service.jobs.queue  # noqa: S101 (imported for those that are forked)
    if web:
        import service.web  # noqa: PLC0415

        service.web.warm()


def _forget(process: int) -> None:
    from service.metrics import gone  # noqa: PLC0415 (decides when it is imported how it counts)

    gone(process)


def _end(process: BaseProcess, number: int, seconds: float) -> None:
    if process.is_alive() and process.pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()


def shown(listener: socket.socket) -> str:
    """Give the address that a socket listens on, as a URL."""
    address: Any = listener.getsockname()
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"http://{host}:{address[1]}"
