"""Batches on their way in: one that is sent again, files that are damaged, a disk that is full."""

import errno
import gzip
import io
import json
import os
import pickle
import shutil
import time
from datetime import datetime

import pytest
from services import CHOIR, STORY, problem

from service import ServiceSettings, create_app, disk
from service.jobs import folders, run
from service.jobs.queue import CUT_OFF, queue_of, sweep
from service.once import KEPT, Once

NDJSON = "application/x-ndjson"
LINE = json.dumps({"id": "a", "text": STORY}).encode() + b"\n"
ONCE = {"Idempotency-Key": "monday"}


@pytest.fixture
def settings(tmp_path):
    return ServiceSettings(data=tmp_path / "data", rate=10**9, pending=2, text_length=5_000)


@pytest.fixture
def client(settings):
    return create_app(settings).test_client()


def hand_in(client, data=LINE, content_type=NDJSON, **headers):
    return client.post("/v1/batches", data=data, content_type=content_type, headers=headers)


def form(*files, **fields):
    return fields | {"files": [(io.BytesIO(data), name) for name, data in files]}


def done(settings):
    """Work on the one batch there is; give its report."""
    (folder,) = folders.Folders(settings.data / "batches").all()
    assert run.work(folder, settings)
    return json.loads((folder / "report" / "report.json").read_bytes())


# --- sent again -------------------------------------------------------------------------------------------


def test_a_batch_whose_answer_was_not_kept_is_one_batch_all_the_same(client, monkeypatch):
    def killed(*_given):
        raise KeyboardInterrupt  # as a process ends that is killed

    with monkeypatch.context() as patch:
        patch.setattr(Once, "keep", killed)
        with pytest.raises(KeyboardInterrupt):
            hand_in(client, **ONCE)
    (kept,) = client.get("/v1/batches").get_json()["batches"]
    again = hand_in(client, **ONCE)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (202, "true")
    assert again.headers["Location"] == f"/v1/batches/{kept['id']}"
    assert len(client.get("/v1/batches").get_json()["batches"]) == 1
    problem(hand_in(client, LINE * 2, **ONCE), 409)
    assert hand_in(client, **{"Idempotency-Key": "tuesday"}).get_json()["id"] != kept["id"]


def test_a_batch_sent_again_is_answered_where_no_more_may_wait(client):
    first = hand_in(client, **ONCE)
    assert hand_in(client).status_code == 202
    problem(hand_in(client), 429)
    again = hand_in(client, **ONCE)
    assert (again.status_code, again.data) == (202, first.data)
    problem(hand_in(client, **{"Idempotency-Key": "tuesday"}), 429)


def test_after_a_day_a_key_is_free_again(client, monkeypatch):
    first, now = hand_in(client, **ONCE), time.time()
    monkeypatch.setattr("time.time", lambda: now + KEPT + 1)
    assert hand_in(client, **ONCE).get_json()["id"] != first.get_json()["id"]


def test_the_bytes_that_wait_are_bounded(tmp_path):
    client = create_app(ServiceSettings(data=tmp_path, pending_bytes=len(LINE) + 1)).test_client()
    assert [hand_in(client).status_code for _ in range(3)] == [202, 202, 429]


# --- files of a form --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bad.jsonl.gz", b"no gzip"),
        ("bad.jsonl.gz", gzip.compress(LINE)[:-5]),
        ("bad.jsonl.gz", gzip.compress(LINE)[:40]),
        ("bad.txt.gz", gzip.compress(CHOIR.encode())[:-5]),
        ("bad.html.gz", gzip.compress(CHOIR.encode())[:20] + b"\x00" * 50_000),
    ],
    ids=["no gzip", "its end is missing", "most is missing", "a text", "a page"],  # packed bytes name the time
)
def test_a_damaged_file_is_rejected_and_the_others_are_none_the_worse(client, settings, name, data):
    files = form(("good.txt", STORY.encode()), (name, data), ("more.jsonl", json.dumps({"text": CHOIR}).encode()))
    answer = hand_in(client, files, "multipart/form-data")
    assert answer.status_code == 202, answer.text
    report = done(settings)
    rejected = [row for row in report["rejected"] if row["source"] == name]
    assert ["cannot be unpacked" in row["error"] for row in rejected] == [True]
    assert len(report["rejected"]) == 1
    assert {STORY, CHOIR} <= {row["text"].strip() for row in report["documents"]}


def test_a_text_over_the_limit_is_rejected_in_a_batch_too(client, settings):
    rows = [
        {"id": "long", "text": "storm " * 1_000},
        {"id": "long page", "html": f"<p>{'storm ' * 1_000}</p>"},
        {"id": "x" * 501, "text": STORY},
        {"id": 10**600, "text": STORY},
        {"id": "good", "text": STORY},
        {"id": "page", "html": f"<script>{'storm ' * 1_000}</script><p>{STORY}</p>"},
    ]
    hand_in(client, "".join(json.dumps(row) + "\n" for row in rows).encode())
    report = done(settings)
    assert [row["id"] for row in report["documents"]] == ["good", "page"]
    assert [row["source"] for row in report["rejected"]] == [f"rows.jsonl:{number}" for number in (1, 2, 3, 4)]
    assert "5,000 characters" in report["rejected"][0]["error"]
    assert "500" in report["rejected"][2]["error"]


@pytest.mark.parametrize("number", [10**400, -(10**400), 2**64])
def test_a_number_has_bounds_as_an_id(client, number):
    body = {"id": number, "text": STORY}
    assert problem(client.post("/v1/check", json=body), 422)["errors"][0]["pointer"] == "#/id"
    for good, told in ((2**63, str(2**63)), (7.0, "7")):
        body = client.post("/v1/check", json={"id": good, "text": STORY}).get_json()
        assert [row["id"] for row in body["documents"]] == [told]


def test_a_number_of_thousands_of_digits_is_refused_in_our_words(client, settings):
    digits = b'{"id": ' + b"7" * 5_000 + b', "text": "a"}'
    detail = problem(client.post("/v1/check", data=digits, content_type="application/json"), 400)["detail"]
    hand_in(client, digits + b"\n" + LINE)
    (rejected,) = done(settings)["rejected"]
    for told in (detail, rejected["error"]):
        assert "a number of 5,000 digits" in told
        assert "conversion" not in told


# --- the disk ---------------------------------------------------------------------------------------------


def test_a_full_disk_is_said_to_be_full(client, settings, monkeypatch):
    def full(*_given):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = hand_in(client)
    problem(answer, 507)
    assert answer.headers["Retry-After"]
    assert not [path for path in (settings.data / "batches").rglob("*") if path.is_file()]


def test_batches_leave_some_of_the_disk_free(client, settings, monkeypatch):
    monkeypatch.setattr("service.glance.FRESH", 0.0)
    plain, free = shutil.disk_usage(settings.data), settings.free_bytes + 2 * len(LINE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: plain._replace(free=free))
    assert hand_in(client).status_code == 202
    problem(hand_in(client, LINE * 3), 507)
    problem(hand_in(client, gzip.compress(LINE * 10_000), **{"Content-Encoding": "gzip"}), 507)
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: plain._replace(free=settings.free_bytes - 1))
    assert client.get("/readyz").get_json()["checks"] == {"index": True, "disk": False}


def test_a_disk_that_takes_no_block_is_not_ready(client, settings, monkeypatch):
    monkeypatch.setattr("service.glance.FRESH", 0.0)
    client.get("/readyz")  # the index has begun, and needs no new block

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["disk"]) == (503, False)
    assert not list(settings.data.glob(".ready*"))
    assert disk.BLOCK


def test_what_is_left_of_a_batch_goes_after_a_while(client, settings):
    hand_in(client)
    batches = settings.data / "batches" / "default"
    old, fresh = (batches / f"179529015{number}-4656325a589dcac9" for number in (7, 8))
    for folder in (old, fresh):
        (folder / "report").mkdir(parents=True)
    os.utime(old, (time.time() - 2 * CUT_OFF,) * 2)
    sweep(queue_of(settings), settings)
    assert (old.exists(), fresh.exists()) == (False, True)
    assert len(client.get("/v1/batches").get_json()["batches"]) == 1


# --- the queue --------------------------------------------------------------------------------------------


class Harm:
    """What runs code wherever a pickle of it is read."""

    def __reduce__(self):
        return (pytest.fail, ("a message of the queue was unpickled",))


@pytest.mark.server
def test_messages_are_json_in_a_queue_of_the_service_own(tmp_path, redis_server):
    both = [ServiceSettings(data=tmp_path / name, index="memory:", redis=redis_server.url) for name in "ab"]
    clients = [create_app(one).test_client() for one in both]
    queues = [queue_of(one).huey for one in both]
    answer = hand_in(clients[0])
    assert [len(queue) for queue in queues] == [1, 0]
    with redis_server.client() as server:
        (message,) = server.lrange(queues[0].storage.queue_key, 0, -1)
        assert json.loads(message)[-1] == ["default", answer.get_json()["id"]]
        server.lpush(queues[1].storage.queue_key, pickle.dumps(Harm()))
    with pytest.raises(ValueError, match=r"utf-8|Expecting"):
        queues[1].dequeue()
    task = queues[0].dequeue()
    task.eta = None
    queues[0].execute(task)
    assert clients[0].get(answer.headers["Location"]).get_json()["state"] == "done"


@pytest.mark.server
def test_rates_of_services_on_one_server_are_their_own(tmp_path, redis_server):
    both = [
        ServiceSettings(data=tmp_path / name, index="memory:", redis=redis_server.url, rate=1) for name in "ab"
    ]
    for one in both:
        client = create_app(one).test_client()
        assert [client.get("/v1/documents").status_code for _ in range(2)] == [200, 429]


def test_a_message_that_waits_for_its_time_keeps_it(settings, client):
    hand_in(client)
    queue = queue_of(settings).huey
    task = queue.dequeue()
    assert task.retries
    soon = datetime(2030, 1, 2, 3, 4, 5)  # noqa: DTZ001 (as the queue has it)
    queue.add_schedule(task.__class__(task.args, retries=2, retry_delay=7, eta=soon))
    (again,) = queue.scheduled()
    assert (again.eta, again.args, again.retries, again.retry_delay) == (soon, task.args, 2, 7)


def test_a_queue_that_is_gone_refuses_no_batch(tmp_path, own_server, caplog):
    settings = ServiceSettings(data=tmp_path, index="memory:gone", redis=own_server.url, rate=10**9)
    client = create_app(settings).test_client()
    own_server.kill()
    place = hand_in(client).headers["Location"]
    assert "the queue does not answer" in caplog.text
    assert client.get(place).get_json()["state"] == "queued"
