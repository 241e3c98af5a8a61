"""Who stays: by rank in buckets of any size, by dates as moments, and whatever order things come in."""

import random
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_dedup import pairs_of, read, run
from test_dedup_rows import lines_of, text

from provenance.engine.joining import MOST
from provenance.engine.ranks import NEVER, moments


def family(count, seed=1):
    """Give near copies of one text, three of its 300 words changed in each, newest and shortest first."""
    draw = random.Random(seed)
    template = text(seed, 300).split()
    made = []
    for number in range(count):
        words = list(template)
        for _ in range(3):
            words[draw.randrange(300)] = "".join(draw.choices("abcdef", k=7))
        day = date(2024, 12, 31) - timedelta(days=number)
        made.append(
            {"id": f"d{number}", "text": " ".join([*words, *["more"] * (number // 20)]), "published": str(day)}
        )
    return made


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    """Give a corpus of two families of 120 near copies, each other's rows in between, in three files."""
    place = tmp_path_factory.mktemp("families")
    rows = [row for pair in zip(family(120), family(120, 2), strict=True) for row in pair]
    for number in range(240):
        rows[number] = {**rows[number], "id": f"{number % 2}-{number // 2}"}
    for number in range(3):
        pq.write_table(pa.Table.from_pylist(rows[number * 80 : (number + 1) * 80]), place / f"{number}.parquet")
    return place


@pytest.mark.parametrize(("keep", "stays"), [("first", 0), ("earliest", 119), ("longest", 119)])
def test_of_a_large_family_the_one_to_be_kept_stays_alone(families, tmp_path, keep, stays):
    done = run(families, "-o", tmp_path / "out", "--keep", keep)
    kept = {row["id"] for row in read(tmp_path / "out", "kept")}
    if keep == "longest":  # of those that are equally long, the first
        assert kept == {f"{side}-{119 // 20 * 20}" for side in (0, 1)}
    else:
        assert kept == {f"{side}-{stays}" for side in (0, 1)}
    assert done["removed"] == 238


def test_those_that_the_first_of_a_bucket_are_unlike_find_one_another(tmp_path):
    """All passages share a phrase, and so a bucket; MOST and more long ones come first, short ones are alike."""
    phrase = text(0, 30)[:-1]
    rows = [{"id": f"long{n}", "text": f"{phrase} {text(n, 200)}"} for n in range(1, MOST + 5)]
    rows += [{"id": f"short{n}", "text": f"{phrase} {text(100 + n, 10)}"} for n in range(MOST + 4)]
    done = run(
        lines_of(tmp_path / "in.jsonl", *rows),
        *("-o", tmp_path / "out", "--level", "passage", "--threshold", "0.3"),
    )
    assert pairs_of(tmp_path / "out") == {("short0", f"short{n}") for n in range(1, MOST + 4)}
    assert done["kept"] == MOST + 5


def test_the_same_stays_whatever_order_tasks_end_in(families, tmp_path, monkeypatch):
    from provenance.engine import plan

    run(families, "-o", tmp_path / "one", "--keep", "earliest")
    pairs = plan._pairs

    def shuffled(rows, *given):
        table = rows.to_arrow()
        order = np.random.default_rng(7).permutation(len(table))
        import daft

        return pairs(daft.from_arrow(table.take(pa.array(order.tolist()))), *given)

    monkeypatch.setattr(plan, "_pairs", shuffled)
    run(families, "-o", tmp_path / "two", "--keep", "earliest")
    assert read(tmp_path / "one", "removed") == read(tmp_path / "two", "removed")
    assert (tmp_path / "one" / "clusters.parquet").read_bytes() == (
        tmp_path / "two" / "clusters.parquet"
    ).read_bytes()


@pytest.mark.parametrize(
    ("dates", "stays"),
    [
        (["", "2001-01-01", "2024-01-01"], 1),
        ([None, "2024-05", "2024"], 2),
        (["no date", "Mon, 01 Jan 2024 10:00:00 +0000", "2024-01-01T09:00:00Z"], 2),
        ([1_000_000_000, 999_999_999, None], 1),
        (["2024-01-01T12:00:00-08:00", "2024-01-01T13:00:00+09:00", "2025-001"], 1),
        ([datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC), None], 1),
        ([date(2024, 1, 2), None, date(2024, 1, 1)], 2),
    ],
)
def test_the_earliest_is_the_earliest_moment(dates, stays):
    found = moments(pa.array(dates))
    assert int(found.argmin()) == stays
    assert [one == NEVER for one in found.tolist()] == [one in (None, "", "no date") for one in dates]


@given(st.integers(-(2 * 10**15), 4 * 10**15), st.integers(-12, 12))
def test_a_moment_is_the_same_however_it_is_written(micros, hours):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    there = moment.astimezone(timezone(timedelta(hours=hours)))
    assert moments(pa.array([there.isoformat()])).tolist() == [micros]
    assert moments(pa.array([moment], pa.timestamp("ns", "UTC"))).tolist() == [micros]


def test_copies_without_a_date_go_and_are_counted(tmp_path):
    copies = [{"id": one, "text": text(1), "published": day} for one, day in (("none", ""), ("old", "2001-01-01"))]
    done = run(lines_of(tmp_path / "in.jsonl", *copies), "-o", tmp_path / "out", "--keep", "earliest")
    assert done["undated"] == 1
    assert pairs_of(tmp_path / "out") == {("old", "none")}
