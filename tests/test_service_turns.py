"""Tenants take turns with batches, nobody makes a process look again and again, a hung Redis holds nobody up."""

import json
import os
import socket

import pytest
from services import STORY, problem

from service import ServiceSettings, create_app
from service.glance import Glance
from service.jobs import run
from service.jobs.folders import Folders, Meta, put, working
from service.jobs.queue import queue_of
from service.jobs.turns import waiting
from service.keys import SCOPES, Keys

NDJSON = "application/x-ndjson"


@pytest.fixture
def folders(tmp_path):
    return Folders(tmp_path)


def handed_in(folders, tenant, number):
    """Put a batch in its place, the `number`th to come."""
    folder = folders.begin(tenant)
    name = f"{number:010d}-{folder.name.rpartition('-')[2]}"
    return folders.accept(folder, Meta(name, tenant, 1, "balanced", float(number)))


def begun(folder, times, when):
    """Say that work on a batch was begun so many times, the last at so many seconds since 1970."""
    path = folder / "attempts"
    path.write_bytes(b"." * times)
    os.utime(path, (when, when))


def test_one_who_hands_in_many_is_not_before_one_who_hands_in_few(folders):
    many = [handed_in(folders, "a", number) for number in range(5)]
    few = [handed_in(folders, "b", number) for number in range(7, 9)]
    assert list(waiting(folders)) == [many[0], few[0], many[1], few[1], *many[2:]]


def test_whose_last_batch_began_longest_ago_is_next(folders):
    done, first = handed_in(folders, "a", 1), handed_in(folders, "a", 2)
    other = handed_in(folders, "b", 3)
    begun(done, 1, 1_000)
    put(done / "failed.json", {})
    assert list(waiting(folders)) == [other, first]
    begun(other, 1, 900)
    assert list(waiting(folders)) == [other, first]
    begun(other, 1, 1_100)
    assert list(waiting(folders)) == [first, other]


def test_one_that_fails_again_and_again_is_behind_the_others_of_its_tenant(folders):
    bad, good = handed_in(folders, "a", 1), handed_in(folders, "a", 2)
    begun(bad, 3, 1_000)
    assert list(waiting(folders)) == [good, bad]


def test_what_is_worked_on_or_removed_is_nobody_s_next(folders):
    one, other = handed_in(folders, "a", 1), handed_in(folders, "b", 2)
    with working(one) as mine:
        assert mine
        assert list(waiting(folders)) == [other]
    left = waiting(folders)
    assert next(left) == one
    folders.remove(other)
    assert not list(left)


def test_a_message_is_for_whoever_s_turn_it_is(tmp_path, monkeypatch):
    settings = ServiceSettings(data=tmp_path / "data", keys=True)
    client = create_app(settings).test_client()
    keys = Keys(settings.data / "keys.db")
    for tenant, count in (("a", 3), ("b", 1)):
        key = {"Authorization": f"Bearer {keys.add(tenant, SCOPES)[1]}"}
        for number in range(count):
            line = json.dumps({"text": f"{STORY} {number}"})
            assert client.post("/v1/batches", data=line, content_type=NDJSON, headers=key).status_code == 202
    worked = []
    plain = run.work
    monkeypatch.setattr(
        "service.jobs.queue.work", lambda folder, own: plain(folder, own) and not worked.append(folder.parent.name)
    )
    huey = queue_of(settings).huey
    while (task := huey.dequeue()) is not None:
        huey.execute(task)
    assert worked == ["a", "b", "a", "a"]


def test_readiness_is_looked_at_once_a_second(monkeypatch):
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    looks = []
    glance = Glance()

    def look():
        looks.append(now)
        return {"index": glance.looked(look) is not None} if looks[1:] else {"index": True}

    assert [glance.looked(look) for _ in range(5)] == [{"index": True}] * 5
    now = 101.0
    assert glance.looked(look) == {"index": True}  # which asked while a look was taken, and was not held up
    assert looks == [100.0, 101.0]


def test_a_redis_that_accepts_and_never_answers(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        client = create_app(ServiceSettings(data=tmp_path / "data", redis=url)).test_client()
        assert problem(client.post("/v1/check", json={"text": STORY}), 503)
        line = json.dumps({"text": STORY}).encode()
        assert client.post("/v1/batches", data=line, content_type=NDJSON).status_code == 202
        assert client.get("/readyz").get_json()["checks"] == {"index": False, "disk": True}


def test_a_key_whose_batch_was_removed_is_for_no_other(tmp_path):
    client = create_app(ServiceSettings(data=tmp_path / "data")).test_client()
    again = {"data": json.dumps({"text": STORY}), "content_type": NDJSON, "headers": {"Idempotency-Key": "a"}}
    place = client.post("/v1/batches", **again).headers["Location"]
    assert client.post("/v1/batches", **again).headers["Location"] == place
    assert client.delete(place).status_code == 204
    problem(client.post("/v1/batches", **again), 409)


def test_the_bounds_of_a_number_as_id_are_described(tmp_path):
    client = create_app(ServiceSettings(data=tmp_path / "data")).test_client()
    described = client.get("/openapi.json").get_json()["components"]["schemas"]["Check"]["properties"]["id"]
    (whole,) = [one for one in described["anyOf"] if one["type"] == "integer"]
    assert (whole["minimum"], whole["exclusiveMaximum"]) == (-(2**63), 2**64)
