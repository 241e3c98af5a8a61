"""What sources are: names, globs, URLs, columns; CSV as it stands, WET, bytes that are not UTF-8."""

import csv
import gzip
import json
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from test_dedup import TEXTS, pairs_of, read, run, write_parquet
from test_dedup_rows import lines_of, text

from provenance.cli import main
from provenance.engine import delimited
from provenance.engine.finding import files_of, kind_of
from provenance.engine.folder import Folder, located


def names(source, but=""):
    found = [url for url, _ in files_of(str(source), str(but))]
    assert all(located(url)[0].get_file_info(located(url)[1]).size for url in found)
    return sorted(unquote(url.rpartition("/")[2]) for url in found)


@pytest.fixture
def tree(tmp_path):
    for name in (
        "news/part1.jsonl",
        "news/sub/part2.jsonl",
        "news/sub/apart1.jsonl",
        "news/sub/deep/part3.jsonl",
        "odd[1].jsonl",
        "what?.jsonl",
        "news/a part.jsonl",
        "[a]/x.jsonl",
        "[a]/.hidden/x.jsonl",
    ):
        (tmp_path / "of it" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "of it" / name).write_text("{}")
    return tmp_path / "of it"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("news/**/part*.jsonl", ["part1", "part2", "part3"]),
        ("news/*/part*.jsonl", ["part2"]),
        ("news/**/sub/*.jsonl", ["apart1", "part2"]),
        ("**/deep/**", ["part3"]),
        ("*/*/*/*.jsonl", ["part3"]),
        ("odd[1].jsonl", ["odd[1]"]),
        ("what?.jsonl", ["what?"]),
        ("news/a part.jsonl", ["a part"]),
        ("odd?1?.jsonl", ["odd[1]"]),
        ("[a]", ["x"]),
        ("[a]/*.jsonl", []),  # the folder a: the name is not there as a whole
        ("none*", []),
        ("none", []),
    ],
)
def test_globs_go_by_the_parts_of_a_path(tree, source, found, monkeypatch):
    assert [name.removesuffix(".jsonl") for name in names(tree / source)] == found
    assert [name.removesuffix(".jsonl") for name in names(f"file://{tree}/{source}")] == found
    assert [
        name.removesuffix(".jsonl") for name in names(f"file://{quote(str(tree))}/{quote(source, '/*?[]')}")
    ] == found
    monkeypatch.chdir(tree)
    assert [name.removesuffix(".jsonl") for name in names(source)] == found


def test_a_glob_in_a_folder_of_an_odd_name(tree, monkeypatch):
    monkeypatch.chdir(tree / "[a]")
    assert names("*.jsonl") == ["x.jsonl"]


def test_what_a_url_asks_for_is_no_pattern(monkeypatch):
    from pyarrow import fs

    from provenance.engine import finding, folder

    system = (
        fs._MockFileSystem() if hasattr(fs, "_MockFileSystem") else fs.SubTreeFileSystem("/", fs.LocalFileSystem())
    )
    asked = []

    def located(url):
        asked.append(url)
        return system, "/none/" + url.partition("://")[2].partition("?")[0]

    monkeypatch.setattr(finding, "located", located)
    url = "s3://bucket/x.parquet?endpoint_override=localhost:9000&scheme=http"
    assert list(files_of(url)) == []
    assert asked == [url]
    assert kind_of(url) == "parquet"
    assert Folder("s3://b/out?region=x").below(".work").url == "s3://b/out/.work?region=x"
    assert folder.Folder("a?b").below("c").url == "a?b/c"


def test_the_folder_of_the_results_is_no_source(tmp_path):
    write_parquet(tmp_path / "in.parquet")
    lines_of(tmp_path / "in.jsonl", {"text": text(1)})
    done = run(tmp_path, "-o", tmp_path / "out")
    assert names(tmp_path, tmp_path / "out") == ["in.jsonl", "in.parquet"]
    assert done["rows"] == len(TEXTS) + 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("CC-MAIN-1.warc.wet.gz", "warc"),
        ("a.wet", "warc"),
        ("a.json", "jsonl"),
        ("A.TSV.gz", "csv"),
        ("a.warc.gz", "warc"),
        ("a.arc", None),
    ],
)
def test_kinds_go_by_names(name, kind):
    assert kind_of(name) == kind


def test_wet_as_it_is_named_is_read(tmp_path):
    with gzip.open(tmp_path / "x.warc.wet.gz", "wb") as file:
        for number in (1, 2, 1):
            body = text(number).encode()
            head = f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
            head += f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
            file.write(head.encode() + body + b"\r\n\r\n")
    done = run(tmp_path / "x.warc.wet.gz", "-o", tmp_path / "out")
    assert (done["rows"], done["removed"]) == (3, 1)


def test_arrays_of_records_and_tabs(tmp_path):
    records = [{"id": 7, "text": text(1)}, {"text": text(2), "x": None}]
    (tmp_path / "a.json").write_text(json.dumps(records, indent=1))
    (tmp_path / "b.tsv").write_text(f"id\ttext\n007\t{text(1)}\n")
    done = run(tmp_path / "a.json", tmp_path / "b.tsv", "-o", tmp_path / "out")
    assert (done["rows"], done["removed"]) == (3, 1)
    assert read(tmp_path / "out", "kept") == records
    (gone,) = read(tmp_path / "out", "removed")
    assert (gone["id"], gone["match_id"]) == ("007", "7")


def test_csv_stays_as_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "_BLOCK", 2000)
    rows = [
        {"id": f"{n:05}" if n < 90 else f"x{n}", "note": "" if n < 90 else "late", "zip": "01234"}
        for n in range(99)
    ]
    for number, row in enumerate(rows):
        row["text"] = text(3 if number in (3, 95) else 100 + number)
    with (tmp_path / "in.csv").open("w", newline="") as file:
        written = csv.DictWriter(file, ["id", "text", "note", "zip"])
        written.writeheader()
        written.writerows(rows)
    done = run(tmp_path / "in.csv", "-o", tmp_path / "out")
    assert (done["rows"], done["refused"], done["removed"]) == (99, 0, 1)
    assert pairs_of(tmp_path / "out") == {("00003", "x95")}
    kept = [rows[number] for number in range(99) if number != 95]
    assert read(tmp_path / "out", "kept") == [
        {name: row[name] for name in ("id", "text", "note", "zip")} for row in kept
    ]


def test_texts_of_digits_and_odd_lines(tmp_path):
    (tmp_path / "in.csv").write_text('"id","the\ntext"\n1,2024-01-01\n2,0123\n3,0123\n4\n')
    done = run(tmp_path / "in.csv", "-o", tmp_path / "out", "--text-field", "the\ntext")
    assert (done["rows"], done["refused"], done["removed"]) == (3, 1, 1)


def test_bytes_that_are_not_utf8_are_refused_or_read_by_the_encoding(tmp_path):
    rows = f"id,title,text\né1,tîtle,{text(1)}\né2,tîtle,{text(1)}\n3,title,{text(2)}\n"
    (tmp_path / "in.csv").write_bytes(rows.encode("latin-1"))
    done = run(tmp_path / "in.csv", "-o", tmp_path / "plain")
    assert (done["rows"], done["refused"]) == (1, 2)
    said = json.loads((tmp_path / "plain" / "rejected.json").read_text())
    assert said[0]["error"] == "column 'id' is not UTF-8 at its byte 0"
    done = run(tmp_path / "in.csv", "-o", tmp_path / "coded", "--encoding", "latin-1")
    assert (done["rows"], done["refused"], done["removed"]) == (3, 0, 1)
    assert pairs_of(tmp_path / "coded") == {("é1", "é2")}
    assert read(tmp_path / "coded", "kept")[0]["title"] == "tîtle"


def test_ids_of_any_kind_say_which_row_is_meant(tmp_path):
    texts = [text(1), text(1), text(2), text(2)]
    for name, ids, pair in (
        ("binary", pa.array([b"\xff1", b"\xff2", b"3", b"4"], pa.binary()), ("\ufffd1", "\ufffd2")),
        ("list", pa.array([[1], [2], [3], [4]]), ("[1]", "[2]")),
        ("null", pa.array([None, "b", "c", "d"], pa.string()), (f"{tmp_path}/null.parquet:0", "b")),
    ):
        pq.write_table(pa.table({"id": ids, "text": texts}), tmp_path / f"{name}.parquet")
        done = run(tmp_path / f"{name}.parquet", "-o", tmp_path / name)
        assert (done["rows"], done["refused"], done["removed"]) == (4, 0, 2)
        assert pair in pairs_of(tmp_path / name)


def test_columns_that_are_there_twice(tmp_path):
    column = pa.array([text(1), text(2)])
    pq.write_table(pa.table([column, column, column], ["text", "more", "more"]), tmp_path / "other.parquet")
    done = run(tmp_path / "other.parquet", "-o", tmp_path / "other")
    assert (done["rows"], done["kept"]) == (2, 2)
    assert pq.ParquetFile(tmp_path / "other" / "kept" / "000000.parquet").schema_arrow.names == [
        "text",
        "more",
        "more",
    ]
    pq.write_table(pa.table([column, column], ["text", "text"]), tmp_path / "text.parquet")
    (tmp_path / "text.csv").write_text("text,text\na,b\n")
    done = CliRunner().invoke(
        main, ["dedup", str(tmp_path / "text.parquet"), str(tmp_path / "text.csv"), "-o", str(tmp_path / "text")]
    )
    assert done.exit_code == 2
    assert "has 2 columns 'text' (2 rows)" in done.stderr
    assert "text.csv: has 2 columns 'text'" in done.stderr
