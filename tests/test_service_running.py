"""The service as it is run: stopped under load it loses no request, killed it loses no batch."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException

import pytest
from services import CHOIR, STORY, running

CLIENTS = 8
BODY = json.dumps({"text": STORY}).encode()


class Load(threading.Thread):
    """A client that asks again and again, over a connection each time, and counts what becomes of it.

    A connection that is refused was never begun; one that was made and brought no whole answer is a loss.
    """

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.found = Counter()
        self.ending = threading.Event()

    def run(self):
        while not self.ending.is_set():
            self.found[self.once()] += 1

    def once(self):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.connect()
        except OSError:
            self.ending.set()
            return "refused"
        try:
            connection.request("POST", "/v1/clean", BODY, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException) as error:
            return f"lost: {error!r}"
        else:
            return str(answer.status)
        finally:
            connection.close()


def stopped_under_load(folder):
    """Stop a service that is being asked; give what became of the requests."""
    with running(folder, "--rate", "1000000", "--batch-workers", "0") as service:
        load = [Load(service.port) for _ in range(CLIENTS)]
        for one in load:
            one.start()
        while sum(one.found["200"] for one in load) < 2 * CLIENTS:
            time.sleep(0.02)
        time.sleep(random.uniform(0, 0.3))
        assert service.stop() == 0
        for one in load:
            one.ending.set()
            one.join(60)
    return sum((one.found for one in load), Counter())


def test_a_service_stopped_under_load_loses_no_request(tmp_path):
    found = stopped_under_load(tmp_path / "data")
    assert found.keys() <= {"200", "refused"}, found


@pytest.mark.soak
def test_a_service_stopped_under_load_often_loses_no_request(tmp_path):
    found = sum((stopped_under_load(tmp_path / str(number)) for number in range(50)), Counter())
    assert found.keys() <= {"200", "refused"}, found


def kept(folder, kills):
    """Kill processes of a service while batches come in; give how often each accepted one was done."""
    draw = random.Random(7)
    with running(folder, "--rate", "1000000", "--batch-workers", "2") as service:
        accepted = {}
        killed = Counter()
        while sum(killed.values()) < kills:
            name = draw.choice(["web", "worker", "worker"])
            hand_in(service, accepted, draw)
            time.sleep(draw.uniform(0.2, 1.5))
            if pids := service.children(name):
                os.kill(draw.choice(pids), signal.SIGKILL)
                killed[name] += 1
        for place, rows in accepted.items():
            while state(service, place) in {None, "queued", "running"}:
                time.sleep(0.25)
            status, _, body = service.ask("GET", f"{place}/results")
            assert (status, len(body.splitlines())) == (200, rows)
        assert service.stop() == 0
    assert killed["web"]
    assert killed["worker"]
    done = Counter(row["batch"] for row in service.lines() if row["event"] == "batch is done")
    return {place: done[place.rpartition("/")[2]] for place in accepted}


def hand_in(service, accepted, draw):
    rows = [{"id": str(number), "text": f"{draw.choice([STORY, CHOIR])} {number}"} for number in range(60)]
    body = "".join(json.dumps(row) + "\n" for row in rows).encode()
    try:
        answer = service.ask("POST", "/v1/batches", body, {"Content-Type": "application/x-ndjson"})
    except (OSError, HTTPException):
        return  # the process that it went to was killed: it was not accepted
    if answer[0] == 202:
        accepted[answer[1]["Location"]] = len(rows)


def state(service, place):
    try:
        status, _, body = service.ask("GET", place)
    except (OSError, HTTPException):
        return None
    return json.loads(body)["state"] if status == 200 else None


def test_every_accepted_batch_is_done_once_whatever_is_killed(tmp_path):
    done = kept(tmp_path / "data", 5)
    assert set(done.values()) == {1}, done


@pytest.mark.soak
def test_every_accepted_batch_is_done_once_however_often_something_is_killed(tmp_path):
    done = kept(tmp_path / "data", 100)
    assert set(done.values()) == {1}, done


def test_without_keys_only_this_machine_is_listened_to(tmp_path):
    with running(tmp_path / "data", "--batch-workers", "0") as service:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address_elsewhere(), service.port), timeout=5)
        assert service.ask("GET", "/healthz")[1]["X-Request-Id"]
        assert service.ask("GET", "/", headers={"Host": "evil.example"})[0] == 403


def address_elsewhere():
    """Give an address of this machine that is not its loopback's usual one."""
    return "127.0.0.2"


def test_what_is_kept_is_for_nobody_else_whatever_the_mode_of_its_folder(tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    with running(data, "--workers", "1") as service:
        assert service.ask("PUT", "/v1/documents/a", {"text": STORY})[0] == 201
        assert service.ask("POST", "/v1/documents", {"id": "b", "text": CHOIR}, {"Idempotency-Key": "b"})[0] == 201
        answer = service.ask("POST", "/v1/batches", BODY + b"\n", {"Content-Type": "application/x-ndjson"})
        while state(service, answer[1]["Location"]) != "done":
            time.sleep(0.1)
    kept = {path.name: path.stat().st_mode & 0o077 for path in data.rglob("*")}
    assert {"index.db", "once.db", "queue.db", "rows.jsonl", "report.html", "results.ndjson"} <= kept.keys()
    assert {name for name, mode in kept.items() if mode} == set()


def worker(folder, *options):
    command = [sys.executable, "-m", "provenance", "worker", "--data", "data", *options]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)


def test_a_service_and_a_worker_apart_on_a_folder_told_by_a_relative_path(tmp_path):
    assert worker(tmp_path, "--healthy").wait(60) != 0
    with running("data", "--batch-workers", "0", "--workers", "1", cwd=tmp_path) as service:
        answer = service.ask("POST", "/v1/batches", BODY + b"\n", {"Content-Type": "application/x-ndjson"})
        assert answer[0] == 202
        assert 'provenance_batches{state="queued"} 1.0' in service.ask("GET", "/metrics")[2].decode()
        apart = worker(tmp_path)
        try:
            place = answer[1]["Location"]
            while state(service, place) != "done":
                time.sleep(0.1)
            assert worker(tmp_path, "--healthy").wait(60) == 0
            for part in ("results", "report.json", "report.html"):
                assert service.ask("GET", f"{place}/{part}")[0] == 200
        finally:
            apart.terminate()
            apart.wait(60)
        told = service.ask("GET", "/metrics")[2].decode()
    assert 'provenance_batches{state="done"} 1.0' in told
    assert "provenance_batch_wait_seconds 0.0" in told


def test_figures_are_those_of_all_processes(tmp_path):
    with running(tmp_path / "data", "--workers", "2", "--batch-workers", "0", "--rate", "100000") as service:
        for _ in range(20):
            service.ask("POST", "/v1/clean", {"text": "a"})
        told = {
            service.ask("GET", "/metrics")[2].decode().split('route="/v1/clean",status="200"} ')[1].split()[0]
            for _ in range(4)
        }
    assert told == {"20.0"}
