"""`provenance serve`: the same answers over HTTP."""

from __future__ import annotations

import signal
import sys
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.exits import DONE, complain
from provenance.cli.inputs import read_options, reading
from provenance.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from provenance.model import Document

# Requests that the service itself refuses get its own answer; the server ends the far larger ones unread.
BODY_BYTES = 100_000_000


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port, or 0 for any.")
@click.option("--corpus", multiple=True, metavar="PATH", help="Documents to check requests against. Repeatable.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Requests at a time.")
@click.option("--allow-remote", is_flag=True, help="Listen on an address that other machines can reach.")
@reading
def serve(host: str, port: int, corpus: tuple[str, ...], threads: int, allow_remote: bool, **values: Any) -> int:
    """Serve POST /v1/check and /v1/clean, and GET /healthz.

    There are no keys yet: whoever reaches the port is served. So an address that is not this machine's own
    loopback needs --allow-remote, said by someone who knows what stands before it.
    """
    if not allow_remote and not _is_loopback(host):
        raise click.UsageError(f"{host!r} can be reached from elsewhere; say --allow-remote if that is meant")
    try:
        from waitress.server import create_server  # noqa: PLC0415 (see provenance.cli)

        from service import create_app  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SettingsError(f"{error.name} is not installed: pip install 'provenance[service]'") from None

    app = create_app(corpus=tuple(_documents(corpus, values)))
    try:
        server = create_server(app, host=host, port=port, threads=threads, max_request_body_size=BODY_BYTES)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    # A container's first process gets no default handler, and would ignore the signal.
    signal.signal(signal.SIGTERM, _stop)
    bound = getattr(server, "effective_port", port)  # of several sockets, each has the port that was asked for
    complain(f"serving on http://{f'[{host}]' if ':' in host else host}:{bound}")
    server.run()
    return DONE


def _documents(corpus: tuple[str, ...], values: dict[str, Any]) -> Iterator[Document]:
    from provenance.model import Rejected  # noqa: PLC0415 (see provenance.cli)
    from provenance.readers import Unopened, read  # noqa: PLC0415

    for item in read(corpus, read_options(values, corpus)):
        if isinstance(item, Unopened):  # no service is better than one that lacks half of its corpus
            raise InputError(item.source, item.error)
        if isinstance(item, Rejected):
            complain(f"{item.source}: {item.error}")
        else:
            yield item


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(DONE)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
