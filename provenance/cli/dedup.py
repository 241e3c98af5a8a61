"""`provenance dedup`: a corpus in, the same without its copies out, on one machine or a cluster."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.exits import DONE, ERROR, FINDINGS, complain, debugging
from provenance.cli.progress import staged

if TYPE_CHECKING:
    from provenance.dedup import Deduplicated

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", re.IGNORECASE)
_SHOWN = 20  # refused rows that are told one by one; all are in rejected.json


class Size(click.ParamType):  # type: ignore[type-arg] # click of old has no argument
    """A number of bytes: 512MB, 4G."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Give the bytes."""
        if isinstance(value, int):
            return value
        found = _SIZE.fullmatch(value.strip())
        if not found:
            self.fail(f"{value!r} is no size, as 512MB or 4GB are", param, ctx)
        return int(float(found[1]) * 1024 ** " kmgt".index(found[2].lower() or " "))


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCES...")
@click.option("-o", "--out", required=True, metavar="FOLDER", help="Where the results go: a new folder, or a URL.")
@click.option("--against", multiple=True, metavar="CORPUS", help="Remove what is in CORPUS too. Repeatable.")
@click.option(
    "--level",
    type=click.Choice(["document", "passage"]),
    default="document",
    show_default=True,
    help="What is removed: whole documents, or passages (paragraphs) out of them.",
)
@click.option(
    "--keep",
    type=click.Choice(["first", "longest", "earliest", "none"]),
    default="first",
    show_default=True,
    help="Which of several copies stays; earliest goes by the date, none having one last.",
)
@click.option(
    "--threshold", type=float, default=0.7, show_default=True, help="Least Jaccard similarity of copies."
)
@click.option(
    "--shingle",
    type=click.Choice(["word", "character"]),
    default="word",
    show_default=True,
    help="Compare by 5 neighbouring words or characters.",
)
@click.option(
    "--passage-words", type=click.IntRange(5), default=20, show_default=True, help="Of the shortest passage."
)
@click.option(
    "--memory",
    type=Size(),
    default="2GB",
    show_default=True,
    help="That keys are grouped in at one time, roughly.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Run on this machine, or on a Ray cluster.",
)
@click.option("--address", metavar="ADDRESS", help="Of the Ray cluster; without one, Ray is started here.")
@click.option("--resume", is_flag=True, help="Go on with the unfinished run in FOLDER.")
@click.option(
    "--fail-on", multiple=True, type=click.Choice(["removed", "rejected"]), help="End with status 1 on these."
)
@click.option(
    "--text-field", default="text", show_default=True, metavar="NAME", help="Column or field with the text."
)
@click.option("--id-field", default="id", show_default=True, metavar="NAME", help="With the id.")
@click.option("--date-field", default="published", show_default=True, metavar="NAME", help="With the date.")
@click.option("--encoding", metavar="NAME", help="Encoding of text and CSV that are not UTF-8.")
@debugging
def dedup(
    *,
    sources: tuple[str, ...],
    out: str,
    engine: str,
    address: str | None,
    resume: bool,
    fail_on: tuple[str, ...],
    **values: Any,
) -> int:
    """Find the copies in SOURCES, exact and near, and write what is left without them.

    SOURCES are files, folders, globs ('news/**/*.parquet') or URLs (s3://, gs://) of Parquet, CSV, JSON Lines,
    WARC and WET (all but Parquet also packed), text and pages. FOLDER gets kept/, removed/ (what each one matched,
    the score and the spans), clusters.parquet, sources.json, rejected.json and summary.json, which is written last
    and to standard output.
    """
    if address and engine != "ray":
        raise click.UsageError("--address goes with --engine ray")
    try:
        from provenance.dedup import dedup as run  # noqa: PLC0415 (see provenance.cli)
    except ModuleNotFoundError as error:
        complain(f"{error.name} is not installed: pip install 'provenance[dedup]'")
        return ERROR
    from provenance.engine.settings import DedupSettings  # noqa: PLC0415
    from provenance.readers import ReadOptions  # noqa: PLC0415

    fields = {name: values.pop(name) for name in ("text_field", "id_field", "date_field", "encoding")}
    chosen = (address or "local") if engine == "ray" else None
    settings = DedupSettings(sources, address=chosen, reading=ReadOptions(**fields), **values)
    try:
        with staged() as show:
            done = run(settings, out, resume=resume, show=show)
    except KeyboardInterrupt:
        complain("interrupted; --resume goes on from here")
        raise
    _tell(done)
    return _status(done, set(fail_on))


def _status(done: Deduplicated, fail_on: set[str]) -> int:
    if not done.rows:
        return ERROR
    found = {"removed"} if done.removed_units else set()
    found |= {"rejected"} if done.refused or done.cut_short else set()
    return FINDINGS if found & fail_on else DONE


def _tell(done: Deduplicated) -> None:
    for source, error, rows in done.errors[:_SHOWN]:
        complain(f"{source}: {error}" + (f" ({rows:,} rows)" if rows and rows > 1 else ""))
    if len(done.errors) > _SHOWN:
        complain(f"{done.refused:,} rows could not be used; rejected.json has them all")
    click.echo(json.dumps({name: value for name, value in asdict(done).items() if name != "errors"}))
