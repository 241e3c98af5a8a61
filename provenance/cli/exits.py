"""How the program ends: errors as one line, exit statuses, closed pipes and Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from provenance.errors import ProvenanceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

Command = TypeVar("Command", bound="Callable[..., Any]")

DONE, FINDINGS, ERROR, INTERRUPTED = 0, 1, 2, 130

_DEBUG = "provenance.debug"

# What could move a terminal's cursor or break a line: C0 and C1 controls, line and paragraph separators.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Program(click.Group):
    """The group of all commands; ends the process with the status that a command gives."""

    def invoke(self, ctx: click.Context) -> NoReturn:
        """Run the command; errors become one line on standard error, and a status."""
        try:
            found = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            found = DONE
            _discard()
        except KeyboardInterrupt:
            found = INTERRUPTED
            _discard()
        except ProvenanceError as error:
            found = ERROR
            complain(str(error))
        except OSError as error:
            found = ERROR
            complain(f"{error.filename or 'output'}: {error.strerror or error}")
            _discard()
            _trace(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise  # wrong usage and --help, which click ends by itself
        except Exception as error:  # noqa: BLE001 (an error of ours must not look like a finding)
            found = ERROR
            told = ": ".join(filter(None, (type(error).__name__, str(error))))  # MemoryError says nothing
            complain(f"unexpected {told} (--debug shows where)")
            _discard()
            _trace(ctx)
        ctx.exit(found if isinstance(found, int) else DONE)


def debugging(command: Command) -> Command:
    """Add --debug to a command: where an unexpected error came from is then shown."""
    return click.option(
        "--debug",
        is_flag=True,
        envvar="PROVENANCE_DEBUG",
        expose_value=False,
        callback=_note,
        help="Show where an unexpected error came from (or set PROVENANCE_DEBUG=1).",
    )(command)


def _note(context: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked:
        context.meta[_DEBUG] = True  # seen by the contexts above as well


def _trace(context: click.Context) -> None:
    if _DEBUG in context.meta:
        traceback.print_exc()


def _discard() -> None:
    """Send what is not yet written nowhere: the interpreter flushes as it ends, and would complain again."""
    with contextlib.suppress(OSError, ValueError):  # what stands in for standard output may be no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(message: str) -> None:
    """Write one line to standard error, whatever is in the message."""
    line = f"provenance: {visible(message)}"
    print(line.encode("utf-8", "replace").decode("utf-8"), file=sys.stderr)  # noqa: T201


def visible(text: str) -> str:
    """Give a text with its control characters written out, so that it cannot act on a terminal."""
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def status(found: Collection[str], fail_on: Collection[str], *, used: int, unopened: bool) -> int:
    """Give the exit status of a run that used `used` inputs.

    An error when that is none, or when one that was named could not be opened: what was found then says
    nothing of it.
    """
    if unopened or not used:
        return ERROR
    return FINDINGS if set(found) & set(fail_on) else DONE
