"""Every row is accounted for, and what stays is what was read: damage, changes, formats, line breaks."""

import gzip
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from test_dedup import TEXTS, read, run, write_parquet

from provenance.cli import main
from provenance.dedup import dedup
from provenance.engine import output
from provenance.engine.joining import by_shard, scores
from provenance.engine.output import BREAKS, without_lines
from provenance.engine.settings import DedupSettings
from provenance.errors import ProvenanceError
from provenance.normalize import fold
from provenance.prints import Scratch, word_places


def words(count, draw):
    return " ".join("".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(count))


def text(seed, count=60):
    return words(count, random.Random(seed)).capitalize() + "."


def lines_of(path, *rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def damaged(path, texts, group):
    """Write a table of which a column that is not the text is damaged in one row group."""
    rows = [{"id": f"d{n}", "text": one, "extra": text(1000 + n, 30)} for n, one in enumerate(texts)]
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=10, compression="snappy", use_dictionary=False)
    about = pq.read_metadata(path).row_group(group).column(2)
    data = bytearray(path.read_bytes())
    for place in range(about.data_page_offset + 60, about.data_page_offset + about.total_compressed_size - 10):
        data[place] ^= 0x5A
    path.write_bytes(data)
    return str(path)


def assert_whole(out, done):
    """Hold that the counts are those of the rows that were written."""
    assert done["rows"] == done["kept"] + done["removed"] + done["emptied"]
    assert len(read(out, "kept")) == done["kept"]
    assert len(read(out, "removed")) == done["removed_units"]
    said = json.loads((out / "rejected.json").read_text())
    assert done["refused"] == sum(one["rows"] or 0 for one in said)
    assert done["cut_short"] == sum(one["rows"] is None for one in said)
    assert sum(one["rows"] for one in json.loads((out / "sources.json").read_text())) == done["rows"]


def test_rows_lost_to_the_second_reading_are_refused_and_their_copies_stay(tmp_path):
    texts = [text(n) for n in range(30)]
    texts[25] = texts[12]  # whose original is damaged: it must not go
    texts[26] = texts[3]
    done = run(damaged(tmp_path / "in.parquet", texts, 1), "-o", tmp_path / "out")
    assert (done["rows"], done["refused"], done["removed"], done["kept"]) == (20, 10, 1, 19)
    assert_whole(tmp_path / "out", done)
    ids = {row["id"] for row in read(tmp_path / "out", "kept")}
    assert "d25" in ids
    assert "d26" not in ids
    (said,) = json.loads((tmp_path / "out" / "rejected.json").read_text())
    assert "row group 1 is damaged" in said["error"]


def test_a_source_that_changes_between_the_readings_ends_the_run(tmp_path, monkeypatch):
    rows = [{"id": str(n), "text": text(n)} for n in range(6)]
    rows[5]["text"] = rows[2]["text"]
    source = lines_of(tmp_path / "in.jsonl", *rows)
    put = output.written

    def late(shard, **given):
        lines_of(tmp_path / "in.jsonl", *reversed(rows))
        return put(shard, **given)

    monkeypatch.setattr(output, "written", late)
    with pytest.raises(ProvenanceError, match="changed since it was read first"):
        dedup(DedupSettings((source,)), str(tmp_path / "out"))
    assert not (tmp_path / "out" / "summary.json").exists()


@pytest.mark.parametrize("level", ["document", "passage"])
@pytest.mark.parametrize("texts", [["one two three four five six"], [text(1), text(2)], ["…", "?"]])
def test_a_corpus_without_copies_is_kept_as_it_is(tmp_path, level, texts):
    source = lines_of(tmp_path / "in.jsonl", *({"text": one} for one in texts))
    done = run(source, "-o", tmp_path / "out", "--level", level)
    assert (done["kept"], done["removed"], done["pairs"], done["clusters"]) == (len(texts), 0, 0, 0)
    assert (tmp_path / "out" / "kept" / "000000.jsonl").read_bytes() == (tmp_path / "in.jsonl").read_bytes()
    assert_whole(tmp_path / "out", done)


def test_candidates_of_which_none_is_alike_go_nowhere(tmp_path):
    other = text(1).split()
    other[::3] = [one[::-1] for one in other[::3]]
    source = lines_of(tmp_path / "in.jsonl", {"text": text(1)}, {"text": text(1) + " " + text(2, 45)})
    done = run(source, "-o", tmp_path / "out", "--threshold", "0.9")
    assert (done["kept"], done["pairs"]) == (2, 0)


def test_no_units_are_of_no_shard():
    import numpy as np

    nothing = np.zeros(0, np.uint64)
    assert by_shard(nothing) == []
    assert scores(nothing, nothing, None).tolist() == []


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\x85", "\u2028", "\u2029", "\n\n"])
def test_passages_end_where_the_kernels_end_them(tmp_path, mark):
    a, b, c, d, e = (text(n, 40) for n in range(5))
    source = lines_of(
        tmp_path / "in.jsonl", {"id": "1", "text": mark.join((a, b, c))}, {"id": "2", "text": mark.join((d, b, e))}
    )
    done = run(source, "-o", tmp_path / "out", "--level", "passage")
    assert (done["kept"], done["emptied"], done["removed_units"]) == (2, 0, 1)
    assert [row["text"] for row in read(tmp_path / "out", "kept")][1] == mark.join((d, e))


def test_the_kernels_breaks_are_those_that_passages_are_cut_at():
    found = [chr(one) for one in range(0x3000) if "\n" in fold(f"a{chr(one)}b").text]
    assert sorted(found) == sorted(BREAKS)


@given(
    st.lists(st.sampled_from(["One two.", "Three four five.", "Six"]), min_size=1, max_size=5),
    st.lists(st.sampled_from([*BREAKS, "\r\n", "\n\n"]), min_size=5, max_size=5),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_what_remains_and_what_is_taken_out_make_up_the_text(parts, breaks, data):
    whole = "".join(part + mark for part, mark in zip(parts, breaks, strict=False))
    chosen = data.draw(st.integers(0, len(parts) - 1))
    begin = sum(len(part) + len(mark) for part, mark in list(zip(parts, breaks, strict=False))[:chosen])
    starts, stops = word_places(parts[chosen].encode(), Scratch())
    left = without_lines(whole, begin + int(starts[0]), begin + int(stops[-1]))
    assert left == whole[:begin] + whole[begin + len(parts[chosen]) + len(breaks[chosen]) :]


def test_lines_stay_byte_for_byte(tmp_path):
    lines = [
        f'{{"url": "u1",  "body": "{text(1)}", "n": null, "big": 12345678901234567890123, "f": 1.10}}',
        f'{{"body":"{text(2)}","url":"u2","tags":[1,null]}}',
        f'{{"url":"u3","body":"{text(1)}"}}',
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n")
    fields = ("--text-field", "body", "--id-field", "url")
    run(tmp_path / "in.jsonl", "-o", tmp_path / "out", *fields)
    kept = tmp_path / "out" / "kept" / "000000.jsonl"
    assert kept.read_text().splitlines() == lines[:2]
    assert run(kept, "-o", tmp_path / "again", *fields)["rows"] == 2
    assert json.loads((tmp_path / "out" / "sources.json").read_text()) == [
        {"shard": "000000", "sources": [str(tmp_path / "in.jsonl")], "first_row": 0, "rows": 3, "against": False}
    ]


def test_a_passage_goes_out_of_a_line_and_nothing_else(tmp_path):
    shared = text(9, 40)
    rows = [
        {"url": "u1", "body": shared + "\n" + text(1, 40), "n": None},
        {"n": None, "body": text(2, 40) + "\n" + shared, "url": "u2", "published": ""},
    ]
    run(
        lines_of(tmp_path / "in.jsonl", *rows),
        *("-o", tmp_path / "out", "--level", "passage", "--text-field", "body", "--id-field", "url"),
    )
    kept = read(tmp_path / "out", "kept")
    assert kept == [rows[0], {**rows[1], "body": text(2, 40) + "\n"}]
    assert list(kept[1]) == list(rows[1])


def test_a_text_of_nothing_is_refused_whatever_the_format(tmp_path):
    texts = [text(1), "", " \n\u3000", text(2)]
    for name, write in (
        ("a.parquet", lambda path: write_parquet(path, texts)),
        ("b.jsonl", lambda path: lines_of(path, *({"text": one} for one in texts))),
    ):
        write(tmp_path / name)
        done = run(tmp_path / name, "-o", tmp_path / f"out-{name}")
        assert (done["rows"], done["refused"], done["kept"]) == (2, 2, 2)
        assert_whole(tmp_path / f"out-{name}", done)


def test_nobody_says_how_many_rows_a_file_that_ends_early_had(tmp_path):
    whole = gzip.compress("".join(json.dumps({"text": text(n)}) + "\n" for n in range(99)).encode())
    (tmp_path / "in.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    done = CliRunner().invoke(
        main, ["dedup", str(tmp_path / "in.jsonl.gz"), "-o", str(tmp_path / "out"), "--fail-on", "rejected"]
    )
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (found["refused"], found["cut_short"]) == (0, 1)
    assert_whole(tmp_path / "out", found)


def test_what_is_kept_is_written_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(output, "_GROUP", 4000)
    monkeypatch.setattr("provenance.engine.reading.BYTES", 4000)
    source = write_parquet(tmp_path / "in.parquet", row_group_size=60)
    run(source, "-o", tmp_path / "out")
    about = pq.read_metadata(tmp_path / "out" / "kept" / "000000.parquet")
    assert about.num_row_groups > 5
    assert about.num_rows < len(TEXTS)
