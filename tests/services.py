"""The service for tests: in this process, and as `provenance serve` runs it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

STORY = (
    "The harbour of Lindow was closed on Monday after a storm tore three cranes from their rails and threw "
    "two of them into the basin, the harbour master Ilse Brandt said. Nobody was hurt, but the cranes will be "
    "missing for weeks, and eleven freighters have been sent on to Kessel and Arnau."
)
CHOIR = (
    "A choir of two hundred voices sang in the old theatre on Sunday evening, and the mayor, who had once been "
    "a tenor there, sang with them until the lamps went out shortly before midnight."
)


def problem(response, status):
    """Give the body of a response that must be a problem of this status."""
    assert response.status_code == status, response.text
    return problem_of(status, response.content_type, response.data)


def problem_of(status, content_type, data):
    """Give the body of an answer that must be a problem of this status."""
    assert content_type == "application/problem+json"
    body = json.loads(data)
    assert {"type", "title", "status", "detail", "instance", "request_id"} <= body.keys()
    assert body["status"] == status
    assert b"Traceback" not in data
    return body


class Service:
    """A service that runs: `ask` sends it a request over a connection of its own."""

    def __init__(self, data, *options, cwd=None):
        self.data = Path(data)
        self.log = (Path(cwd or ".") / self.data).with_suffix(".log")
        command = [sys.executable, "-m", "provenance", "serve", "--port", "0", "--data", str(data), *options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=cwd)
        self.port = self._until(self._listening)
        self._until(self._answers)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method, path, body=None, headers=None, timeout=60):
        """Give status, headers and body of an answer; an exception where there is none."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            if body is not None and not isinstance(body, bytes):
                body, headers = json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})}
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def children(self, name=None):
        """Give the processes below it: of the web server, or of those that work on batches."""
        parts = _children(self.process.pid)
        web = [pid for pid in parts if _children(pid)]
        workers = [pid for pid in parts if pid not in web]
        return {"web": web + [one for pid in web for one in _children(pid)], "worker": workers}.get(name, parts)

    def stop(self):
        """End it as an operator does, and give how it ended."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)

    def lines(self):
        """Give what it logged, as values."""
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines() if line.startswith("{")]

    def _listening(self):
        found = re.search(r"serving on http://[^ ]*:(\d+)", self.log.read_text("utf-8", "replace"))
        return int(found[1]) if found else None

    def _answers(self):
        try:
            return self.ask("GET", "/healthz", timeout=10)[0] == 200
        except (OSError, HTTPException):
            return False

    def _until(self, look):
        for _ in range(600):
            if found := look():
                return found
            assert self.process.poll() is None, self.log.read_text("utf-8", "replace")
            time.sleep(0.05)
        raise AssertionError(self.log.read_text("utf-8", "replace"))


@contextmanager
def running(data, *options, cwd=None):
    """Give a service that runs, and end it."""
    service = Service(data, *options, cwd=cwd)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.stop()


def _children(pid):
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        found = [int(word) for word in path.read_text().split()]
    except OSError:
        return []
    return [one for one in found if _alive(one)]


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
