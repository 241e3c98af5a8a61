"""What a run holds at one time: bounded, whatever the size of a file."""

import importlib
import json

import numpy as np
import pyarrow as pa
import pytest
from test_dedup import TEXTS, read, run, write_parquet
from test_dedup_rows import lines_of, text

from provenance.engine import joining, output, spans
from provenance.engine.columns import Batch
from provenance.engine.folder import Folder
from provenance.engine.reading import batches
from provenance.engine.shards import Shard
from provenance.prints import Wanted, prints
from provenance.readers import ReadOptions

module = importlib.import_module("provenance.prints")


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_batches_are_bounded_by_bytes(tmp_path, monkeypatch, kind):
    monkeypatch.setattr("provenance.engine.reading.BYTES", 10_000)
    texts = [text(n, 200) for n in range(40)]
    if kind == "parquet":
        source = write_parquet(tmp_path / "in.parquet", texts, row_group_size=40)
    else:
        source = lines_of(tmp_path / "in.jsonl", *({"text": one} for one in texts))
    found = list(batches(Shard(0, kind, (source,), 0, 1), ReadOptions(), whole=True))
    assert all(isinstance(one, Batch) and one.texts.nbytes < 20_000 for one in found)
    assert [row for one in found for row in one.rows.tolist()] == list(range(40))


def test_what_is_kept_is_written_as_it_comes(tmp_path):
    """The next rows are asked for only when those before are in the file, or in a row group of bounded size."""
    out, held = Folder(str(tmp_path)), []

    def pieces():
        for number in range(6):
            held.append((tmp_path / "kept" / "0.jsonl.part").exists() and number)
            yield pa.table({"document": pa.array([json.dumps({"n": number}).encode()], pa.large_binary())})

    output._put(out, "kept/0", pieces())
    assert held == [False, 1, 2, 3, 4, 5]
    assert len((tmp_path / "kept" / "0.jsonl").read_text().splitlines()) == 6


def test_pairs_are_verified_in_portions_and_places_forgotten(tmp_path, monkeypatch):
    source = write_parquet(tmp_path / "in.parquet")
    run(source, "-o", tmp_path / "one")
    sizes = []
    shingles = joining.shingles

    def counted(units, work):
        found = shingles(units, work)
        sizes.append(len(found[0]))
        return found

    monkeypatch.setattr(joining, "shingles", counted)
    monkeypatch.setattr(spans, "shingles", counted)
    monkeypatch.setattr(joining, "_SHINGLES", 400)
    monkeypatch.setattr(joining, "_REMEMBERED", 100)
    joining._columns.clear()
    run(source, "-o", tmp_path / "many")
    assert len(sizes) > 10
    assert max(sizes) < 1000
    assert sum(one.nbytes for one in list(joining._columns.values())[1:]) == 0
    assert read(tmp_path / "one", "removed") == read(tmp_path / "many", "removed")


def test_a_shard_reads_only_what_is_asked_of_it(tmp_path, monkeypatch):
    for number in range(4):
        write_parquet(tmp_path / "in" / f"{number}.parquet", TEXTS[number::4])
    got, get = [], Folder.get

    def getting(self, name, columns=None):
        got.append(name)
        return get(self, name, columns)

    monkeypatch.setattr(Folder, "get", getting)
    run(tmp_path / "in", "-o", tmp_path / "out")
    assert got.count("runs.arrow") == 2  # to ask, and to tell
    assert len([name for name in got if name.startswith("asked/")]) == 4


def test_calls_without_a_scratch_share_one(monkeypatch):
    data = np.frombuffer(b"one two three four five six seven", np.uint8)
    monkeypatch.setattr(module, "_free", [])
    for _ in range(2):
        prints(data, np.array([0, len(data)]), Wanted())
        (own,) = module._free
    monkeypatch.setattr(module, "Scratch", None)  # there is no need for another one
    prints(data, np.array([0, len(data)]), Wanted())
    assert module._free == [own]
