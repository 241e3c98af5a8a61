"""What the tests of the command line have in common: two unrelated articles, and ways to run it."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from functools import partial

from click.testing import CliRunner

from provenance.cli import main

ARTICLE = (
    "The harbour of the town was closed on Tuesday after a storm had torn two ferries from their moorings.\n\n"
    "Engineers worked through the night to free the larger one, which had run aground near the lighthouse.\n\n"
    "“We have never seen waves like these,” said the harbour master, who has held the post for thirty years.\n\n"
    "Schools on the islands will stay shut until the boats run again, the council said on its website.\n"
)
OTHER = (
    "Prices for wheat fell for a third week as rain in the southern provinces raised hopes of a good crop.\n\n"
    "Traders in the capital said that stores were full and that mills had bought all they need until spring.\n\n"
    "A farmer from the delta complained that diesel had become dearer than the grain which it helps to cut.\n"
)


def run(*arguments, stdin=None, env=None):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin, env=env)


def records(text):
    return [json.loads(line) for line in text.splitlines()]


@contextmanager
def process(*arguments):
    """Give a running command with pipes to it; one that a failed test leaves behind is ended."""
    command = [sys.executable, "-m", "provenance", *map(str, arguments)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # Where the tests run in the background of a shell, they and their children would ignore Ctrl-C.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, preexec_fn=heed, **pipes) as running:  # noqa: PLW1509
        try:
            yield running
        finally:
            running.kill()
