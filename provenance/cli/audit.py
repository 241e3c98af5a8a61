"""`provenance audit`: a batch in, a report out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.exits import complain, status, visible
from provenance.cli.findings import WRITERS, name_rejected, name_stale
from provenance.cli.index import seen_before
from provenance.cli.inputs import STRICTNESS, read_options, reading, told
from provenance.cli.progress import staged
from provenance.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model import Input, Strictness
    from provenance.report.audit import Audit
    from provenance.report.conditions import Condition


def _conditions(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> list[Condition]:
    from provenance.report.conditions import condition  # noqa: PLC0415 (see provenance.cli)

    try:
        return [condition(value) for value in values]
    except SettingsError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCES...")
@click.option(
    "--against",
    multiple=True,
    metavar="PATH",
    help="Documents to compare with, but not to report on among themselves. Repeatable.",
)
@click.option(
    "--index",
    "index_url",
    metavar="URL",
    help="Compare with what was seen before: sqlite:PATH or redis://… (see `provenance index`).",
)
@click.option("--namespace", default="default", metavar="NAME", help="Of several indexes in one place, which.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="report",
    show_default=True,
    metavar="FOLDER",
    help="Where the report and its records go; made if it is not there.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["summary", "json", "jsonl"]),
    default="summary",
    show_default=True,
    help="On standard output: a summary, the whole report, or one relation a line.",
)
@STRICTNESS
@click.option(
    "--review",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A reviewer's decisions, to be applied: JSON Lines or a JSON array.",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="An earlier report.json; the report then says what is new since.",
)
@click.option(
    "--fail-on",
    multiple=True,
    metavar="CONDITION",
    callback=_conditions,
    help="End with status 1 when NAME, 'NAME>NUMBER' or 'NAME>=NUMBER' holds; NAME is derived, new (derived, and "
    "not so in the baseline), undecided (derived, without a reviewer's decision), matches, removed, junk (share "
    "of characters removed, 0 to 1), rejected, stale (decisions that find no place). Repeatable.",
)
@reading
def audit(
    *,
    sources: tuple[str, ...],
    against: tuple[str, ...],
    out: Path,
    form: str,
    strictness: Strictness,
    review: Path | None,
    baseline: Path | None,
    fail_on: list[Condition],
    **values: Any,
) -> int:
    """Find what is not the article in SOURCES, and which passages they share.

    SOURCES are files, folders, or - for standard input.
    """
    files: list[Input] = []
    followed = _following(review, baseline, files)  # what is wrong with these is said before the work begins
    from provenance.pipeline import audit as audit_batch  # noqa: PLC0415 (see provenance.cli)
    from provenance.readers import Unopened, read  # noqa: PLC0415
    from provenance.report.conditions import met  # noqa: PLC0415

    options = read_options(values, (*sources, *against))
    with seen_before(values["index_url"], values["namespace"]) as index, staged() as progress:
        batch = read(sources, options, files.append)
        others = read(against, options, lambda file: files.append(replace(file, role="against")))
        found = audit_batch(batch, against=others, index=index, strictness=strictness, progress=progress)
    parameters = {**found.parameters, "reading": told(options)}
    result = followed(replace(found, inputs=tuple(sorted(files, key=_role)), parameters=parameters))
    name_rejected(result)
    name_stale(result)
    reasons = met(fail_on, result)
    for reason in reasons:
        complain(f"--fail-on: {reason}")
    folder = result.write(out)
    WRITERS[form](result)
    click.echo(f"report: {visible(str(Path(folder, 'report.html')))}", err=True)
    unopened = any(isinstance(row, Unopened) for row in result.rejected)
    return status(reasons, reasons, used=len(result.documents), unopened=unopened)


def _role(file: Input) -> int:
    return ("batch", "against", "review", "baseline").index(file.role)


def _following(review: Path | None, baseline: Path | None, files: list[Input]) -> Callable[[Audit], Audit]:
    """Read the files that an audit is held against, and give what adds them to it; `files` gets their digests.

    A SOURCE_DATE_EPOCH that is no time is refused here, before libraries that read it too are loaded and fail.
    """
    from provenance.report.baseline import read_report, since  # noqa: PLC0415 (see provenance.cli)
    from provenance.report.decisions import read_decisions  # noqa: PLC0415
    from provenance.report.review import reviewed  # noqa: PLC0415
    from provenance.report.write import now  # noqa: PLC0415

    now()
    decisions = read_decisions(review, files.append) if review else None
    old = read_report(baseline, files.append) if baseline else None

    def followed(result: Audit) -> Audit:
        result = reviewed(result, decisions) if decisions is not None else result
        return since(result, old) if old is not None else result

    return followed
