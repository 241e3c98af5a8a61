"""SQLite as it fails: a full disk, a damaged or cut file, a file of another program; and several processes."""

import multiprocessing
import shutil
import sqlite3
import warnings

import numpy as np
import pytest
from stored import entry

from provenance.errors import SettingsError, StoreError
from provenance.index import Index
from provenance.index.carry import export
from provenance.index.verify import verify
from provenance.model import Document
from provenance.stores import State, open_store, sqlite_file
from provenance.stores.segments import Segments
from provenance.stores.sqlite_file import APPLICATION, MIGRATIONS, PAGE
from provenance.stores.upkeep import tidy

OWN = np.array([1, 2, 3], np.uint64)
STORY = (
    "The harbour of Lindow was closed on Monday after a storm tore crane number {0} from its rails. "
    "Nobody was hurt, the harbour master told reporters, but crane {0} will be missing for {0} weeks.\n\n"
    "The council of district {0} meets on Thursday to talk about the damage, which is put at {0} million.\n"
)


def opened(path, **options):
    store = open_store(f"sqlite:{path}", "one", **options)
    store.begin(b"a header")
    return store


def test_a_file_is_not_made_by_asking(tmp_path):
    with pytest.raises(StoreError, match="no such index"):
        open_store(f"sqlite:{tmp_path / 'index.db'}", "one", create=False)
    assert not (tmp_path / "index.db").exists()
    with pytest.raises(StoreError):
        open_store(f"sqlite:{tmp_path / 'no' / 'folder' / 'index.db'}", "one")


def test_acknowledged_is_flushed_to_the_disk(tmp_path):
    store = opened(tmp_path / "index.db")
    assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.close()


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path):
    store = opened(tmp_path / "index.db")
    store.write([entry("a", OWN)])
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(StoreError, match="disk is full"):
        store.write([entry(str(number), np.arange(5_000, dtype=np.uint64)) for number in range(20)])
    assert store.documents([b"0", b"a"]) == [None, (1, b"the record of a")]
    assert Segments(store).find(OWN).counts.tolist() == [1, 1, 1]
    store._db.execute("PRAGMA max_page_count = 100000")
    assert store.write([entry("b", OWN)]) == [("added", 2)]
    store.close()


def test_a_file_of_another_program_is_left_alone(tmp_path):
    for version in (0, 1, 99):
        path = tmp_path / f"other{version}.db"
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE theirs (x)")
            db.execute(f"PRAGMA user_version = {version}")
        db.close()
        before = path.read_bytes()
        for create in (True, False):
            with pytest.raises(StoreError, match="not one of ours"):
                opened(path, create=create)
        assert path.read_bytes() == before
        assert [one.name for one in tmp_path.glob(f"{path.name}*")] == [path.name], "no log is begun beside it"
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="holds nothing"):
        opened(tmp_path / "empty.db", create=False)
    assert (tmp_path / "empty.db").stat().st_size == 0
    (tmp_path / "text.db").write_text("These are notes, and no database at all.\n" * 40)
    with pytest.raises(StoreError, match="not an index"):
        opened(tmp_path / "text.db")


def test_a_file_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "index.db"
    opened(path).close()
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(StoreError, match="newer version"):
        opened(path)


def test_an_empty_path_is_refused():
    with pytest.raises(SettingsError):
        open_store("sqlite:", "one")


def test_nothing_is_mapped_into_memory_and_what_is_removed_is_overwritten(tmp_path):
    store = opened(tmp_path / "index.db")
    assert store._db.execute("PRAGMA mmap_size").fetchone() in ((0,), None)
    assert store._db.execute("PRAGMA secure_delete").fetchone() == (1,)
    store.close()


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_goes_while_it_is_open_is_not_written_to(tmp_path, replaced):
    path = tmp_path / "index.db"
    store = opened(path)
    store.write([entry("a", OWN)])
    path.rename(tmp_path / "moved.db")
    if replaced:
        opened(path).close()
    for call in (lambda: store.write([entry("b", OWN)]), lambda: store.documents([1])):
        with pytest.raises(StoreError, match="replaced" if replaced else "deleted"):
            call()
    store.close()


def test_a_namespace_that_is_gone_is_said_to_be(tmp_path):
    store = opened(tmp_path / "index.db")
    store._db.execute("DELETE FROM space")
    for call in (lambda: store.write([entry("a", OWN)]), lambda: store.read(State(), {})):
        with pytest.raises(StoreError, match="the index is gone"):
            call()
    store.close()


@pytest.mark.parametrize("logged", [False, True])
def test_where_nothing_may_be_written_is_read(tmp_path, monkeypatch, logged):
    path = tmp_path / "index.db"
    store = opened(path)
    store.write([entry("a", OWN)])
    if not logged:
        store.close()
    open_ = sqlite_file._opened

    def unwritable(path, mode):
        if mode.startswith("rw"):
            error = sqlite3.OperationalError("attempt to write a readonly database")
            error.sqlite_errorcode = sqlite3.SQLITE_READONLY
            raise error
        return open_(path, mode)

    monkeypatch.setattr(sqlite_file, "_opened", unwritable)
    before = sorted(one.name for one in tmp_path.iterdir())
    with pytest.raises(StoreError, match="may not be written"):
        open_store(f"sqlite:{path}", "one")
    reader = open_store(f"sqlite:{path}", "one", create=False)
    assert reader.begin(b"") == b"a header"
    assert Segments(reader).find(OWN).counts.tolist() == [1, 1, 1]
    with pytest.raises(StoreError, match="may not be written"):
        reader.write([entry("b", OWN)])
    reader.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == before
    store.close() if logged else None


# --- damage -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Give the file of an index of two hundred documents, half of them in a run."""
    path = tmp_path_factory.mktemp("whole") / "index.db"
    with Index.open(f"sqlite:{path}") as index:
        for start in (0, 100):
            rows = [Document(f"d{n}", STORY.format(n)) for n in range(start, start + 100)]
            index.write(index.prepare(rows))
            tidy(index.segments, longest=100 if start == 0 else 1_000)
        assert len(index.segments.manifest.runs) == 1
        index.store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def damaged(whole, tmp_path):
    return shutil.copy(whole, tmp_path / "index.db")


def test_a_whole_file_has_no_faults(damaged):
    with Index.open(f"sqlite:{damaged}") as index:
        found = verify(index)
    assert (found.documents, found.faults, found.told) == (200, 0, [])
    assert found.postings > 200 * 40


@pytest.mark.parametrize(
    ("table", "column", "named"), [("document", "record", 1), ("tail", "keys", 0), ("block", "data", 0)]
)
def test_a_damaged_value_is_named(damaged, table, column, named):
    with sqlite3.connect(damaged) as db:
        place, value = db.execute(f"SELECT min(place), {column} FROM {table}").fetchone()  # noqa: S608
        broken = value[:-3] + bytes([value[-3] ^ 1]) + value[-2:]
        db.execute(f"UPDATE {table} SET {column} = ? WHERE place = ?", (broken, place))  # noqa: S608
    db.close()
    with Index.open(f"sqlite:{damaged}") as index:
        found = verify(index)
        assert found.faults
        assert any("checksum" in line for line in found.told)
        assert found.documents == 200 - named
        lost = []
        assert (
            export(index, damaged.with_suffix(".parquet"), lambda number, _why: lost.append(number)) == 200 - named
        )
        assert len(lost) == named


@pytest.mark.parametrize("left", [0.95, 0.75, 0.5])
def test_of_a_cut_file_the_rest_is_read_and_the_loss_named(damaged, left):
    size = damaged.stat().st_size
    with damaged.open("r+b") as file:
        file.truncate(int(size * left))
    told = {}
    with Index.open(f"sqlite:{damaged}") as index:
        readable = export(index, damaged.with_suffix(".parquet"), told.__setitem__)
        assert readable + len(told) == 200 or "missing" in told[0]
        assert readable > 0
        assert all("damaged" in why or "missing" in why for why in told.values())
        assert verify(index).faults >= len(told)
        assert told or left > 0.5
        with pytest.raises(StoreError, match="cut"):
            index.add(Document("new", STORY.format(99)))


def test_every_damaged_page_is_an_error_of_ours_or_harmless(damaged, tmp_path):
    data = damaged.read_bytes()
    with Index.open(f"sqlite:{damaged}") as index:
        right = index.check(Document("x", STORY.format(7))).relations
    assert right
    for page in range(0, len(data) // PAGE, 3):
        path = tmp_path / f"page{page}.db"
        path.write_bytes(data[: page * PAGE] + bytes([0xA5]) * PAGE + data[(page + 1) * PAGE :])
        try:
            with Index.open(f"sqlite:{path}") as index:
                faults = verify(index).faults
                with warnings.catch_warnings(record=True) as warned:
                    found = index.check(Document("x", STORY.format(7))).relations
        except (StoreError, SettingsError):
            continue
        assert found == right or warned or faults, f"page {page}: another answer, and no word"


# --- several processes ------------------------------------------------------------------------------------


def _write(path, own, count):
    store = opened(path)
    for number in range(count):
        store.write([entry(f"{own}/{number}", OWN), entry("shared", OWN)])
    store.close()


def test_processes_write_in_turns_and_lose_nothing(tmp_path):
    path = tmp_path / "index.db"
    opened(path).close()
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write, args=(path, own, 25)) for own in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    store = opened(path)
    segments = Segments(store)
    assert segments.find(OWN).counts.tolist() == [76, 76, 76]
    tidy(segments, longest=1)
    assert segments.find(OWN).counts.tolist() == [76, 76, 76]
    store.close()
