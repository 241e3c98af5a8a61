"""Going on: whose folder it is, what must not have changed, what is said, and what is missing."""

import importlib
import json
import os
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner
from test_dedup import TEXTS, read, run, write_parquet
from test_dedup_rows import lines_of, text

from provenance.cli import main
from provenance.dedup import dedup
from provenance.engine import begun, output
from provenance.engine.folder import Folder
from provenance.engine.settings import DedupSettings
from provenance.errors import ProvenanceError, SettingsError


def stopped(source, out, monkeypatch, at):
    """Run until a table is written; then it is there, and the run is not."""
    put = Folder.put

    def putting(self, name, table):
        put(self, name, table)
        if name.startswith(at):
            raise OSError(5, f"stopped at {at}")

    monkeypatch.setattr(Folder, "put", putting)
    with pytest.raises(ProvenanceError, match=r"by --resume: .*stopped at"):
        dedup(DedupSettings((str(source),)), str(out))
    monkeypatch.setattr(Folder, "put", put)


def rows():
    made = [{"id": str(n), "text": text(n)} for n in range(8)]
    made[6]["text"] = made[2]["text"]
    return made


def test_another_source_of_the_same_size_is_refused(tmp_path, monkeypatch):
    source = lines_of(tmp_path / "in.jsonl", *rows())
    stopped(source, tmp_path / "out", monkeypatch, "removed.arrow")
    time = (tmp_path / "in.jsonl").stat().st_mtime_ns
    lines_of(tmp_path / "in.jsonl", *reversed(rows()))
    os.utime(source, ns=(time, time + 1))
    with pytest.raises(SettingsError, match=r"in\.jsonl is another"):
        dedup(DedupSettings((source,)), str(tmp_path / "out"), resume=True)
    os.utime(source, ns=(time, time))  # a copy that keeps the time is told by what is in it
    with pytest.raises(ProvenanceError, match="changed since it was read first"):
        dedup(DedupSettings((source,)), str(tmp_path / "out"), resume=True)


def test_fingerprints_that_a_lost_disk_had_are_made_again(tmp_path, monkeypatch):
    source = lines_of(tmp_path / "in.jsonl", *rows())
    stopped(source, tmp_path / "out", monkeypatch, "clusters.arrow")
    for name in ("prints", "shingles"):
        shutil.rmtree(tmp_path / "out" / ".work" / name)
    done = dedup(DedupSettings((source,)), str(tmp_path / "out"), resume=True)
    assert (done.rows, done.removed) == (8, 1)


def test_a_run_that_was_stopped_while_clearing_up_is_done(tmp_path, monkeypatch):
    source = lines_of(tmp_path / "in.jsonl", *rows())

    def half(place):
        place.remove(".work/prints")
        raise OSError(5, "stopped")

    monkeypatch.setattr(importlib.import_module("provenance.dedup"), "finish", half)
    with pytest.raises(OSError, match="stopped"):
        dedup(DedupSettings((source,)), str(tmp_path / "out"))
    monkeypatch.undo()
    with pytest.raises(SettingsError, match="--resume"):
        dedup(DedupSettings((source,)), str(tmp_path / "out"))
    done = dedup(DedupSettings((source,)), str(tmp_path / "out"), resume=True)
    assert (done.rows, done.removed) == (8, 1)
    assert not (tmp_path / "out" / ".work").exists()


def test_what_tells_of_a_run_goes_last(tmp_path):
    place = Folder(str(tmp_path))
    for name in (".work/run.json", ".work/a/b.json", ".work/c.json"):
        place.put_json(name, 1)
    gone = []
    remove = Folder.remove

    def removing(self, *names):
        gone.append((self.url, names))
        remove(self, *names)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Folder, "remove", removing)
        begun.finish(place)
    assert gone == [(f"{tmp_path}/.work", ("a", "c.json")), (str(tmp_path), (".work",))]
    assert not list(tmp_path.iterdir())


def test_two_runs_do_not_share_a_folder(tmp_path):
    source = lines_of(tmp_path / "in.jsonl", *rows())
    place = Folder(str(tmp_path / "out" / ".work"))
    with place.locked(), pytest.raises(SettingsError, match="another run is at work"):
        dedup(DedupSettings((source,)), str(tmp_path / "out"))
    assert dedup(DedupSettings((source,)), str(tmp_path / "out")).removed == 1


def test_results_in_the_sources_folder_can_be_gone_on_with(tmp_path, monkeypatch):
    lines_of(tmp_path / "in.jsonl", *rows())
    stopped(tmp_path, tmp_path / "out", monkeypatch, "removed/")
    assert list((tmp_path / "out" / "kept").iterdir())
    assert dedup(DedupSettings((str(tmp_path),)), str(tmp_path / "out"), resume=True).rows == 8


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "out").write_text("x")
    source = lines_of(tmp_path / "in.jsonl", *rows())
    with pytest.raises(SettingsError, match="is a file, not a folder"):
        dedup(DedupSettings((source,)), str(tmp_path / "out"))


def test_errors_are_told_in_one_line(tmp_path):
    """As a process of its own, for the engine's threads write past what a test captures."""
    source = lines_of(tmp_path / "in.jsonl", *rows())
    (tmp_path / "out" / ".work" / "prints").mkdir(parents=True)
    (tmp_path / "out" / ".work" / "prints" / "000000.arrow.part").mkdir()  # where a file is to be
    command = [sys.executable, "-m", "provenance", "dedup", source, "-o", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "stopped, to be gone on with by --resume: " in done.stderr


def test_a_resume_is_named_only_where_it_helps(tmp_path, monkeypatch):
    source = lines_of(tmp_path / "in.jsonl", *rows())

    def broken(*_, **__):
        raise KeyError("Field")

    monkeypatch.setattr(output, "_put", broken)
    done = CliRunner().invoke(main, ["dedup", source, "-o", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "stopped: KeyError: 'Field'" in done.stderr
    assert "--resume" not in done.stderr


class PanicException(BaseException):
    """What the engine's own threads end with."""


@pytest.mark.parametrize("error", [KeyboardInterrupt(), PanicException("never fails: KeyboardInterrupt: ")])
def test_ctrl_c_ends_as_it_should_and_says_how_to_go_on(tmp_path, monkeypatch, error):
    source = lines_of(tmp_path / "in.jsonl", *rows())

    def interrupted(*_):
        raise error

    monkeypatch.setattr("provenance.engine.deciding.removed", interrupted)
    done = CliRunner().invoke(main, ["dedup", source, "-o", str(tmp_path / "out")])
    assert done.exit_code == 130
    assert "--resume goes on" in done.stderr
    monkeypatch.undo()
    assert run(source, "-o", tmp_path / "out", "--resume")["removed"] == 1


def test_each_step_goes_on_from_its_marks(tmp_path, monkeypatch):
    source = write_parquet(tmp_path / "in.parquet")
    run(source, "-o", tmp_path / "whole")
    steps = ("prints/", "pairs/", "edges", "runs", "asked/", "placed/", "gone/", "clusters.parquet")
    for number, at in enumerate(steps):
        out = tmp_path / str(number)
        stopped(source, out, monkeypatch, at)
        assert list((out / ".work").rglob("*.arrow"))
        done = run(source, "-o", out, "--resume")
        assert done["rows"] == len(TEXTS)
        for part in ("kept", "removed"):
            assert read(out, part) == read(tmp_path / "whole", part)
        assert json.loads((out / "summary.json").read_text()) == done
