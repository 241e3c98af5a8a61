"""A run that is killed goes on, wherever it was."""

import subprocess
import sys

import pytest
from test_dedup import TEXTS, read, run, write_parquet


@pytest.mark.parametrize("tries", [3, pytest.param(20, marks=pytest.mark.soak)])
def test_a_killed_run_goes_on_to_the_same_result(tmp_path, tries):
    for number in range(3):
        write_parquet(tmp_path / "in" / f"{number}.parquet", TEXTS[number::3])
    run(tmp_path / "in", "-o", tmp_path / "whole")
    command = [sys.executable, "-m", "provenance", "dedup", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    killed = 0
    for number in range(tries):
        process = subprocess.Popen([*command, *(["--resume"] if number else [])], stdout=subprocess.DEVNULL)
        try:
            process.wait(1.5 + 2.5 * number / tries)
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
    if not (tmp_path / "out" / "summary.json").exists():
        subprocess.run([*command, "--resume"], check=True, stdout=subprocess.DEVNULL)
    for part in ("kept", "removed"):
        assert read(tmp_path / "out", part) == read(tmp_path / "whole", part)
    assert killed
