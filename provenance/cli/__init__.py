"""The command line: `provenance clean | audit | compare | dedup | index | serve | worker | keys`.

Results go to standard output and all else to standard error. The exit status is 0 when done, 1 when
`--fail-on` found what it was asked to look for, 2 for an error or a named source that could not be opened, 130
after Ctrl-C. The commands import what
they work with when they run, so that `--help` is there at once.
"""

from __future__ import annotations

import gc

import click

from provenance.cli.audit import audit
from provenance.cli.clean import clean
from provenance.cli.compare import compare
from provenance.cli.dedup import dedup
from provenance.cli.exits import Program, debugging
from provenance.cli.index import index
from provenance.cli.serve import keys, serve, worker

EPILOG = """Exit status: 0 done, 1 findings (with --fail-on), 2 error, or a named source could not
be opened. Results are on standard output, all else on standard error. NO_COLOR is respected."""
_SELDOM = 100_000  # new objects between two looks for garbage


def _version(context: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415 (takes a tenth of the time of --help)

        click.echo(f"provenance {version('provenance')}")
        context.exit()


@click.group(cls=Program, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
@debugging
def main() -> None:
    """Clean news text with a ledger of every removal, and find where its passages have been before."""
    # What is imported stays: to look through it for garbage is a tenth of a short command's time.
    gc.set_threshold(_SELDOM, *gc.get_threshold()[1:])


main.add_command(clean)
main.add_command(audit)
main.add_command(compare)
main.add_command(dedup)
main.add_command(index)
main.add_command(serve)
main.add_command(worker)
main.add_command(keys)
