"""`provenance serve`, `worker` and `keys`: the same answers over HTTP, batches, and who may ask."""

from __future__ import annotations

import json
import time
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.exits import DONE, ERROR, FINDINGS, Command, complain, debugging
from provenance.errors import SettingsError

if TYPE_CHECKING:
    from service.keys import Keys
    from service.settings import ServiceSettings

SILENT = 30.0  # seconds after which a worker that gives no sign is none
SCOPES = ("check", "read", "write", "batches", "metrics")


def placed(command: Command) -> Command:
    """Add the options that say where a service keeps what."""
    for option in (
        click.option(
            "--data",
            type=click.Path(path_type=Path, file_okay=False),
            default=Path("provenance-data"),
            show_default=True,
            envvar="PROVENANCE_DATA",
            help="Folder of index, keys, queue and batches (or set PROVENANCE_DATA).",
        ),
        click.option(
            "--index",
            metavar="URL",
            envvar="PROVENANCE_INDEX",
            help="Where the index is: sqlite:PATH or redis://…; by default in the folder of the data.",
        ),
        click.option(
            "--redis",
            metavar="URL",
            envvar="PROVENANCE_REDIS",
            help="Redis for queue and rate limits, and for the index unless --index says otherwise.",
        ),
    ):
        command = option(command)
    return debugging(command)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port, or 0 for any.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 256), help="Web processes.")
@click.option(
    "--threads", default=32, show_default=True, type=click.IntRange(4, 256), help="Requests of each at a time."
)
@click.option(
    "--batch-workers",
    default=1,
    show_default=True,
    type=click.IntRange(0, 64),
    help="Processes that work on batches.",
)
@click.option(
    "--rate", default=600, show_default=True, type=click.IntRange(1), help="Requests a minute of a client."
)
@click.option(
    "--proxies", default=0, show_default=True, type=click.IntRange(0, 9), help="Proxies before it to trust."
)
@click.option("--body-mb", default=5, show_default=True, type=click.IntRange(1, 1000), help="Largest body, in MB.")
@placed
def serve(host: str, port: int, body_mb: int, **values: Any) -> int:
    """Serve the API and its pages, and work on batches.

    As long as no key was made (`provenance keys add`), it listens on this machine's own loopback only, and whoever
    reaches the port is served. Once there is one, every request needs one. SIGTERM ends it when all requests that
    were begun are answered.
    """
    settings = _settings(body_bytes=body_mb * 1_000_000, **values)
    if not settings.keys and not _is_loopback(host):
        raise click.UsageError(
            f"{host!r} can be reached from elsewhere, and no key was made: see provenance keys add --help"
        )
    if not settings.keys and settings.proxies:
        raise click.UsageError("through a proxy others can reach it, and no key was made: see provenance keys add")
    supervise = _service("service.supervise")
    listener = supervise.listen(host, port)
    complain(f"serving on {supervise.shown(listener)}{'' if settings.keys else ', without keys'}")
    supervise.run(settings, listener)
    return DONE


@click.command()
@click.option("--batch-workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--healthy", is_flag=True, help="Only tell, by the exit status, whether one works on this machine.")
@placed
def worker(healthy: bool, **values: Any) -> int:
    """Work on batches that a service beside it takes in, in the same folder of data."""
    if healthy:
        beat = _service("service.jobs.folders").beat_of(values["data"])
        return DONE if beat.exists() and time.time() - beat.stat().st_mtime < SILENT else FINDINGS
    settings = _settings(**values)
    _service("service.supervise").run(settings, None)
    return DONE


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def keys() -> None:
    """Make, list and revoke the keys of a service; it heeds them from the next request on."""


@keys.command()
@click.argument("tenant")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    help="What the key is for, repeatable; by default all but metrics.",
)
@click.option("--label", default="", help="Whose it is, for the list.")
@placed
def add(tenant: str, scopes: tuple[Any, ...], label: str, **values: Any) -> int:
    """Make a key for TENANT and write it to standard output, once: only a hash of it is kept.

    Tenants see nothing of one another; a tenant is a namespace of the index.
    """
    made, token = _keys(values).add(tenant, scopes or SCOPES[:-1], label)
    click.echo(token)
    complain(f"key {made.id} of {tenant}: {', '.join(sorted(made.scopes))}")
    return DONE


@keys.command("list")
@placed
def listed(**values: Any) -> int:
    """List the keys, a JSON record a line; never what would let one in."""
    for one in _keys(values).all():
        row = {"id": one.id, "tenant": one.tenant, "scopes": sorted(one.scopes), "label": one.label}
        click.echo(json.dumps(row | {"made": one.made, "revoked": one.revoked}))
    return DONE


@keys.command()
@click.argument("ids", nargs=-1, required=True, metavar="IDS...")
@placed
def revoke(ids: tuple[str, ...], **values: Any) -> int:
    """End the keys of these ids."""
    opened, status = _keys(values), DONE
    for name in ids:
        if not opened.revoke(name):
            complain(f"{name}: no such key, or it was revoked before")
            status = ERROR
    return status


def _settings(**values: Any) -> ServiceSettings:
    made = _service("service.keys").Keys(values["data"] / "keys.db").made()
    settings: ServiceSettings = _service("service.settings").ServiceSettings(keys=made, **values)
    return settings


def _keys(values: dict[str, Any]) -> Keys:
    folder: Path = values["data"]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    opened: Keys = _service("service.keys").Keys(folder / "keys.db")
    return opened


def _service(name: str) -> Any:
    from importlib import import_module  # noqa: PLC0415

    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise SettingsError(f"{error.name} is not installed: pip install 'provenance[service]'") from None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
