"""`provenance dedup`: what it keeps and removes, from every format, and through faults."""

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from corpora import corpus

from provenance.cli import main
from provenance.dedup import dedup
from provenance.engine.settings import DedupSettings
from provenance.errors import ProvenanceError, SettingsError

TEXTS, TRUTH = corpus()
PAIRS = TRUTH["exact"] + TRUTH["edited"]


def rows(texts=TEXTS):
    return [
        {"id": f"d{number}", "text": text, "published": f"2025-{90 - number % 90:03}"}
        for number, text in enumerate(texts)
    ]


def write_parquet(path, texts=TEXTS, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows(texts)), path, **{"row_group_size": 16, **options})
    return str(path)


def run(*arguments):
    done = CliRunner().invoke(main, ["dedup", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def read(out, part):
    tables = [pq.read_table(path) for path in sorted((out / part).glob("*.parquet"))]
    lines = [
        json.loads(line)
        for path in sorted((out / part).glob("*.jsonl"))
        for line in path.read_text("utf-8").split("\n")
        if line
    ]
    return [row for table in tables for row in table.to_pylist()] + lines


def pairs_of(out):
    return {(row["match_id"], row["id"]) for row in read(out, "removed")}


def expected(pairs=PAIRS):
    return {(f"d{a}", f"d{b}") for a, b in pairs}


def test_copies_go_and_the_counts_reconcile(tmp_path):
    source = write_parquet(tmp_path / "in.parquet")
    out = tmp_path / "out"
    done = run(source, "-o", out)
    assert pairs_of(out) == expected()
    assert done["rows"] == len(TEXTS) == done["kept"] + done["removed"]
    assert done["removed"] == len(PAIRS) == done["pairs"] == done["clusters"]
    kept = read(out, "kept")
    assert [row["id"] for row in kept] == [f"d{n}" for n in range(len(TEXTS)) if n not in {b for _, b in PAIRS}]
    assert set(kept[0]) == {"id", "text", "published"}
    assert json.loads((out / "summary.json").read_text()) == done
    assert {path.name for path in out.iterdir()} == {
        "kept",
        "removed",
        "clusters.parquet",
        "rejected.json",
        "sources.json",
        "summary.json",
    }
    members = pq.read_table(out / "clusters.parquet").to_pylist()
    assert sum(not one["kept"] for one in members) == len(PAIRS)


def test_spans_say_where_in_both_texts(tmp_path):
    a, b = (
        TEXTS[2],
        "A new beginning that nobody has seen. Étude ﬁn.\n\n"
        + TEXTS[2].replace(TEXTS[2].split()[70], "other words"),
    )
    out = tmp_path / "out"
    run(write_parquet(tmp_path / "in.parquet", [b, a]), "-o", out)
    (row,) = read(out, "removed")
    assert (row["start"], row["end"], row["match_start"]) == (0, len(a) - 1, 0)  # to its last word
    (span,) = row["spans"]
    assert a[span["start"] : span["end"]] == a[:-1]
    assert b[span["match_start"] : span["match_end"]] == b[b.index(a[:20]) : -1]
    assert 0.7 <= row["score"] < 1


def csv_of(path):
    from pyarrow import csv

    csv.write_csv(pa.Table.from_pylist(rows()), path)


def jsonl_of(path):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({**row, "other": [1]}) + "\n" for row in rows())


def text_of(folder):
    folder.mkdir()
    for row in rows():
        (folder / f"{row['id']}.txt").write_text(row["text"], encoding="utf-8")


def warc_of(path):
    with gzip.open(path, "wb") as file:
        for number, text in enumerate(TEXTS):
            page = (
                "<html><body><article>"
                + "".join(f"<p>{one}</p>" for one in text.split("\n\n"))
                + "</article></body></html>"
            )
            body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}".encode()
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:08}>\r\n"
                f"WARC-Target-URI: https://news.example/{number}\r\nWARC-Date: 2025-01-01T00:00:00Z\r\n"
                f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            file.write(head.encode() + body + b"\r\n\r\n")


@pytest.mark.parametrize(
    ("name", "make"), [("in.csv", csv_of), ("in.jsonl.gz", jsonl_of), ("texts", text_of), ("in.warc.gz", warc_of)]
)
def test_every_format_is_read(tmp_path, name, make):
    make(tmp_path / name)
    done = run(tmp_path / name, "-o", tmp_path / "out")
    assert (done["rows"], done["refused"], done["removed"]) == (len(TEXTS), 0, len(PAIRS))
    kept = read(tmp_path / "out", "kept")
    assert len(kept) == len(TEXTS) - len(PAIRS)
    if "jsonl" in name:
        assert kept[0]["other"] == [1]


def test_globs_folders_and_what_is_compared_with(tmp_path):
    half = len(TEXTS) // 2
    write_parquet(tmp_path / "a" / "x" / "1.parquet", TEXTS[:half])
    write_parquet(tmp_path / "a" / "y" / "2.parquet", TEXTS[half:])
    write_parquet(tmp_path / "seen.parquet", [TEXTS[0], TEXTS[7]])
    done = run(tmp_path / "a" / "**" / "*.parquet", "-o", tmp_path / "one")
    assert done["rows"] == len(TEXTS)
    done = run(tmp_path / "a", "--against", tmp_path / "seen.parquet", "-o", tmp_path / "two")
    assert (done["rows"], done["reference"], done["removed"]) == (len(TEXTS), 2, len(PAIRS) + 2)
    kept = [row["text"] for row in read(tmp_path / "two", "kept")]
    assert not {TEXTS[0], TEXTS[7]} & set(kept)
    assert len(kept) == len(TEXTS) - len(PAIRS) - 2


def test_which_copy_stays(tmp_path):
    source = write_parquet(
        tmp_path / "in.parquet", [TEXTS[0], TEXTS[0] + " One sentence more than the other.", TEXTS[3]]
    )
    for keep, stays in (
        ("first", ["d0", "d2"]),
        ("longest", ["d1", "d2"]),
        ("earliest", ["d1", "d2"]),
        ("none", ["d2"]),
    ):
        run(source, "-o", tmp_path / keep, "--keep", keep)
        assert [row["id"] for row in read(tmp_path / keep, "kept")] == stays


def test_short_texts_go_only_when_they_are_the_same(tmp_path):
    source = write_parquet(tmp_path / "in.parquet", ["Two words", "two WORDS!", "Two other", "…", "…"])
    run(source, "-o", tmp_path / "out")
    assert [row["text"] for row in read(tmp_path / "out", "kept")] == ["Two words", "Two other", "…", "…"]


def test_passages_go_out_of_their_documents(tmp_path):
    out = tmp_path / "out"
    done = run(write_parquet(tmp_path / "in.parquet"), "-o", out, "--level", "passage")
    found = {(row["match_id"], row["id"]) for row in read(out, "removed") if row["score"] == 1}
    assert expected([(a, b) for (a, _), (b, _) in TRUTH["passage"]]) <= found
    kept = {row["id"]: row["text"] for row in read(out, "kept")}
    for (a, taken), (b, place) in TRUTH["passage"]:
        passage = TEXTS[a].split("\n\n")[taken]
        assert passage in kept[f"d{a}"]
        assert passage not in kept[f"d{b}"]
        assert TEXTS[b].split("\n\n")[place - 1] in kept[f"d{b}"]
    assert done["rows"] == done["kept"] + done["emptied"] + done["removed"]
    assert done["emptied"] >= len(TRUTH["exact"])


def test_faults_are_named_and_counted_and_the_rest_is_done(tmp_path):
    good = write_parquet(tmp_path / "in" / "a.parquet", TEXTS[:40])
    data = bytearray((tmp_path / "in" / "a.parquet").read_bytes())
    about = pq.read_metadata(good).row_group(1)
    place = about.column(1).data_page_offset or about.column(1).dictionary_page_offset
    data[place : place + 400] = b"\xff" * 400
    (tmp_path / "in" / "b.parquet").write_bytes(data)
    (tmp_path / "in" / "c.parquet").write_bytes(data[: len(data) // 2])
    whole = io.BytesIO()
    with gzip.GzipFile(fileobj=whole, mode="wb") as file:
        file.write("".join(json.dumps(row) + "\n" for row in rows()).encode())
    (tmp_path / "in" / "d.jsonl.gz").write_bytes(whole.getvalue()[:-3000])
    (tmp_path / "in" / "e.jsonl").write_bytes(
        b'{"id": "x", "text": "One good row of text here."}\nno json\n{"text": "\xff"}\n'
    )
    table = pa.table({"id": ["a", "b", "c"], "text": pa.array([b"good text", b"bad \xff", None], pa.binary())})
    pq.write_table(table, tmp_path / "in" / "f.parquet")
    done = CliRunner().invoke(main, ["dedup", str(tmp_path / "in"), "-o", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    said = json.loads((tmp_path / "out" / "rejected.json").read_text())
    assert found["refused"] == sum(one["rows"] or 0 for one in said)
    assert found["cut_short"] == sum(one["rows"] is None for one in said) == 2
    assert found["rows"] == found["kept"] + found["removed"]
    told = {one["source"].rpartition("/")[2]: (one["error"], one["rows"]) for one in said}
    assert told["b.parquet"][0].startswith("row group 1 is damaged")
    assert told["b.parquet"][1] == 16
    assert "not a Parquet file that can be read" in told["c.parquet"][0]
    assert any("gzip data end early" in error for error, _ in told.values())
    assert told["e.jsonl:2"][0].startswith("line 2 is not JSON")
    assert told["f.parquet:1"][0] == "is not UTF-8 at its byte 4"
    assert told["f.parquet:2"][0] == "has no text"
    assert "b.parquet: row group 1 is damaged" in done.stderr


def test_a_folder_in_use_is_refused(tmp_path):
    source = write_parquet(tmp_path / "in.parquet")
    dedup(DedupSettings((source,)), str(tmp_path / "out"))
    with pytest.raises(SettingsError, match="files in it"):
        dedup(DedupSettings((source,)), str(tmp_path / "out"))


def test_a_full_disk_ends_the_run_with_nothing_half_written(tmp_path, monkeypatch):
    from provenance.engine import folder

    source = write_parquet(tmp_path / "in.parquet")
    put = folder.Folder.put

    def full(self, name, table):
        if name.startswith("removed/"):
            raise OSError(28, "No space left on device")
        put(self, name, table)

    monkeypatch.setattr(folder.Folder, "put", full)
    with pytest.raises(ProvenanceError, match="No space left"):
        dedup(DedupSettings((source,)), str(tmp_path / "out"))
    assert not (tmp_path / "out" / "summary.json").exists()
    assert not list((tmp_path / "out").rglob("*.part"))
    monkeypatch.undo()
    with pytest.raises(SettingsError, match="--resume"):
        dedup(DedupSettings((source,)), str(tmp_path / "out"))
    with pytest.raises(SettingsError, match="other settings"):
        dedup(DedupSettings((source,), threshold=0.9), str(tmp_path / "out"), resume=True)
    dedup(DedupSettings((source,)), str(tmp_path / "out"), resume=True)
    assert pairs_of(tmp_path / "out") == expected()


def test_many_parts_give_what_one_gives(tmp_path, monkeypatch):
    from provenance.engine import plan

    source = write_parquet(tmp_path / "in.parquet")
    run(source, "-o", tmp_path / "one")
    monkeypatch.setattr(plan, "_KEY_BYTES", 1 << 22)
    run(source, "-o", tmp_path / "many")
    assert read(tmp_path / "one", "removed") == read(tmp_path / "many", "removed")
