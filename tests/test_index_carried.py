"""An index exported, migrated and verified; its settings, records and keys."""

import json

import numpy as np
import pytest
from newspaper import article, document

from provenance.errors import InputError, SettingsError, StoreError
from provenance.index import Index, header
from provenance.index import settings as module
from provenance.index.carry import export, import_, migrate
from provenance.index.keys import anchors, sketches
from provenance.index.records import unpacked
from provenance.index.verify import verify
from provenance.model import Document
from provenance.spread import Blocks
from provenance.words import Vocabulary, read


def relations(audit):
    return {row.b: (row.kind, row.derived) for row in audit.relations}


# --- settings, export, migration --------------------------------------------------------------------------


def test_other_settings_are_refused_with_both_named(place, kind, monkeypatch):
    url, name = place(kind)
    with Index.open(url, name) as index:
        index.add(document(1))
    monkeypatch.setattr(module, "SHINGLE", 7)
    with pytest.raises(SettingsError, match=r"shingle is 5 there and 7 here.*migrate"):
        Index.open(url, name)
    with Index.open(*place(kind, "anew")) as anew:
        assert [row.status for row in migrate(url, name, anew)] == ["added"]
        assert anew.header["shingle"] == 7
        assert relations(anew.check(Document("new", article(1))))["d1"] == ("exact", True)
        assert verify(anew).faults == 0


def test_there_is_nothing_to_migrate_without_texts(place, kind):
    url, name = place(kind)
    Index.open(url, name, text=False).close()
    with Index.open(*place(kind, "anew")) as anew, pytest.raises(SettingsError, match="keeps no texts"):
        list(migrate(url, name, anew))


def test_the_header_says_how_texts_are_fingerprinted():
    assert set(header()) >= {"normaliser", "shingle", "hash", "scheme", "seed", "bands", "library", "anchors"}
    assert json.loads(json.dumps(header())) == header()


def test_an_index_that_is_not_there(place, kind):
    with pytest.raises(StoreError, match=r"no index|no such index"):
        Index.open(*place(kind, "absent"), create=False)


@pytest.mark.parametrize("text", [True, False])
def test_an_export_comes_back_as_it_was(place, kind, tmp_path, text):
    with Index.open(*place(kind), text=text) as index, Index.open(*place(kind, "copy"), text=text) as copy:
        for number in range(12):
            index.add(document(number))
        index.remove(["d2"])
        assert export(index, tmp_path / "all.parquet") == 11
        assert {row.status for row in import_(copy, tmp_path / "all.parquet")} == {"added"}
        assert {row.status for row in import_(copy, tmp_path / "all.parquet")} == {"known"}
        assert verify(copy).postings == verify(index).postings
        assert copy.get("d3").seen == index.get("d3").seen
        new = Document("new", article(3))
        assert relations(copy.check(new)) == relations(index.check(new)) == {"d3": ("exact", True)}
        with Index.open(*place(kind, "other"), text=not text) as other:
            if text:
                assert len(list(import_(other, tmp_path / "all.parquet"))) == 11, "texts are left out"
                assert (other.get("d3").text, other.get("d3").removed) == (None, ())
                assert verify(other).faults == 0
            else:
                with pytest.raises(SettingsError, match="text is"):
                    list(import_(other, tmp_path / "all.parquet"))


def test_what_is_no_export_is_refused(place, tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    (tmp_path / "a.parquet").write_text("no Parquet")
    parquet.write_table(pa.table({"id": ["a"]}), tmp_path / "b.parquet")
    with Index.open(*place("memory")) as index:
        for name in ("a", "b", "absent"):
            with pytest.raises(InputError):
                list(import_(index, tmp_path / f"{name}.parquet"))


def test_an_export_that_fails_leaves_the_last_good_one(place, tmp_path):
    path = tmp_path / "all.parquet"
    with Index.open(*place("memory")) as index:
        index.add(document(1))
        assert export(index, path) == 1
        before = path.read_bytes()
        index.add(document(2))
        index.store._records[2] = b"damaged"
        with pytest.raises(StoreError, match="record"):
            export(index, path)
        assert path.read_bytes() == before
        assert [one.name for one in tmp_path.iterdir() if one.suffix != ".db"] == ["all.parquet"]


def test_a_text_that_is_no_unicode_is_exported_and_comes_back(place, kind, tmp_path):
    odd = Document("half \ud800", article(1) + "\ud800 end", title="a \udfff title")
    with Index.open(*place(kind)) as index, Index.open(*place(kind, "copy")) as copy:
        index.add(odd)
        index.add(document(2))
        assert export(index, tmp_path / "all.parquet") == 2
        assert {row.status for row in import_(copy, tmp_path / "all.parquet")} == {"added"}
        assert copy.get(odd.id).text == index.get(odd.id).text
        assert copy.get(odd.id).fields["title"] == odd.title


def test_an_export_that_is_not_whole_is_refused(place, tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "all.parquet"
    with Index.open(*place("memory")) as index, Index.open(*place("memory", "copy")) as copy:
        for number in range(3):
            index.add(document(number))
        export(index, path)
        told = {**parquet.read_schema(path).metadata, **parquet.ParquetFile(path).metadata.metadata}
        table = parquet.read_table(path)
        parquet.write_table(table.slice(0, 2).replace_schema_metadata(told), path)
        with pytest.raises(InputError, match="not whole: 3"):
            list(import_(copy, path))
        del told[b"provenance.index.documents"]
        schema = table.schema.with_metadata(told)
        rows = [row | {"record": None} for row in table.to_pylist()]
        for broken in (
            table.drop_columns(["record"]).replace_schema_metadata(told),
            pa.Table.from_pylist(rows, schema),
        ):
            parquet.write_table(broken, path)
            with pytest.raises(InputError):
                list(import_(copy, path))
        assert copy.stats()["documents"] == 0


# --- verifying --------------------------------------------------------------------------------------------


def test_verify_finds_a_posting_that_is_missing_and_one_that_is_strange(place):
    with Index.open(*place("memory")) as index:
        index.add(document(1))
        index.add(document(2))
        tail = index.store._tail
        tail[0], tail[1] = tail[1], tail[0]
        told = verify(index)
    assert told.faults > 20
    assert {line.split(":")[0] for line in told.told} == {"document number 1", "document number 2"}
    assert {line.split(":")[1].split("(")[0].strip() for line in told.told} == {
        "has no posting for its key",
        "has a posting for a key that is not its",
    }


def test_verify_finds_a_list_that_is_counted_wrong(place, monkeypatch):
    monkeypatch.setattr("provenance.stores.postings.MANY", 4)
    with Index.open(*place("memory")) as index:
        rows = index.prepare([document(number, notice=True) for number in range(12)])
        index.write(rows)
        index.compact()
        assert verify(index).faults == 0
        run = index.segments.manifest.runs[0]
        assert len(run.more) >= 2, "the notice's line, and the publishers"
        key = next(iter(run.more))
        run.more[key] += 1
        assert any("overflow" in line or "posting for" in line for line in verify(index).told)


def test_records_that_are_no_records_are_refused(place):
    with Index.open(*place("memory")) as index:
        index.add(document(1))
        record = index.store._records[1]
        for broken in (
            b"",
            record[:-1],
            record[: len(record) // 2],
            b"\x02" + record[1:],
            record[:40] + record[41:],
        ):
            with pytest.raises(StoreError):
                unpacked(broken)


# --- keys -------------------------------------------------------------------------------------------------


def sketched(*texts):
    vocabulary = Vocabulary()
    rows = [read(text, vocabulary) for text in texts]
    return sketches(rows, vocabulary, [Blocks("House", ["a line"])] * len(texts), [bytes(32)] * len(texts))


def test_keys_are_of_the_text_and_not_of_its_company():
    alone = [sketched(article(number))[0].keys.tolist() for number in range(5)]
    together = [one.keys.tolist() for one in sketched(*(article(number) for number in range(5)))]
    assert alone == together


def test_a_text_of_no_words_has_keys_of_its_publisher_only():
    (empty,) = sketched("")
    assert len(empty.keys) == 4
    assert not len(empty.passages)
    vocabulary = Vocabulary()
    owners, keys, bits = anchors([read("", vocabulary)], vocabulary)
    assert len(owners) == len(keys) == len(bits) == 0


def test_keys_are_the_same_in_every_version():
    (one,) = sketched(article(1))
    assert [int(one.bands[0, 0]), int(one.anchors[0]), int(one.lines[0, 0]), one.house] == VECTOR
    assert one.keys.dtype == np.uint64


VECTOR = [254582609735503, 19409314719960, 219811509072174, 173420399012777]
