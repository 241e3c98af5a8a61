"""A run that is killed goes on, wherever it was: at moments drawn anew, from a seed that a failure shows."""

import os
import random
import subprocess
import sys
import time

import pytest
from test_dedup import TEXTS, read, run, write_parquet


def finished(command, seconds=None):
    """Run a command; give whether it came to its end in so many seconds, else it is killed."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        assert process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


@pytest.mark.parametrize("tries", [3, pytest.param(20, marks=pytest.mark.soak)])
def test_a_killed_run_goes_on_to_the_same_result(tmp_path, tries):
    seed = int(os.environ.get("KILL_SEED", random.SystemRandom().randrange(2**32)))
    sys.stdout.write(f"the same moments again: KILL_SEED={seed}\n")
    draw = random.Random(seed)
    for number in range(3):
        write_parquet(tmp_path / "in" / f"{number}.parquet", TEXTS[number::3])
    command = [sys.executable, "-m", "provenance", "dedup", str(tmp_path / "in"), "-o"]
    begin = time.perf_counter()
    assert finished([*command, str(tmp_path / "whole")])
    whole = time.perf_counter() - begin
    killed, turn = 0, 0
    while killed < tries:  # what comes to its end is begun anew: many kills are of few runs else
        out = tmp_path / f"out{turn}"
        options = ["--resume"] if (out / ".work").exists() else []
        if not finished([*command, str(out), *options], draw.uniform(0, whole)):
            killed += 1
            if not (out / "summary.json").exists() or (out / ".work").exists():
                continue  # else it was killed as it ended
        assert_same(out, tmp_path / "whole")
        turn += 1
    out = tmp_path / f"out{turn}"
    if out.exists():
        assert finished([*command, str(out), "--resume"]) if (out / ".work").exists() else True
        assert_same(out, tmp_path / "whole")


def assert_same(out, whole):
    """Hold that no row is lost or doubled, and that all else is the same."""
    assert (out / "summary.json").read_bytes() == (whole / "summary.json").read_bytes()
    for part in ("kept", "removed"):
        assert read(out, part) == read(whole, part)
    assert len(read(out, "kept")) + len(read(out, "removed")) == len(TEXTS)


def test_a_run_that_was_killed_before_it_had_begun_begins(tmp_path):
    (tmp_path / "out" / ".work").mkdir(parents=True)
    (tmp_path / "out" / ".work" / "run.json.part").write_text("{")
    assert run(write_parquet(tmp_path / "in.parquet"), "-o", tmp_path / "out")["rows"] == len(TEXTS)
