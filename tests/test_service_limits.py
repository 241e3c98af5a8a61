"""The limits on a request, over sockets against servers that run: gunicorn as it is served, and Werkzeug's own."""

import gzip
import json
import socket
import sys
import threading
from contextlib import contextmanager
from subprocess import PIPE, Popen

import pytest
from services import STORY, running
from werkzeug.serving import make_server

from service import ServiceSettings, create_app

LIMIT = 1_000_000


@contextmanager
def running_gunicorn(folder):
    with running(folder / "data", "--body-mb", "1", "--workers", "1", "--batch-workers", "0") as service:
        yield service.port


@contextmanager
def running_werkzeug(folder):
    app = create_app(ServiceSettings(data=folder / "data", body_bytes=LIMIT))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture(scope="module", params=[running_gunicorn, running_werkzeug], ids=["gunicorn", "werkzeug"])
def port(request, tmp_path_factory):
    with request.param(tmp_path_factory.mktemp("service")) as number:
        yield number


def chunked(body, size=4_096):
    """Give a body in chunks, as they go over the wire."""
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def exchange(port, head, payload, path="/v1/clean"):
    """Send a request over a socket of our own; give the status (0: no answer), the content types and the body."""
    request = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}\r\n\r\n".encode() + payload
    with socket.create_connection(("127.0.0.1", port), timeout=240) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    if not answer:
        return 0, [], b""
    headers, _, body = answer.partition(b"\r\n\r\n")
    lines = headers.decode("latin-1").split("\r\n")
    types = [line.split(": ", 1)[1] for line in lines if line.lower().startswith("content-type:")]
    return int(lines[0].split()[1]), types, body


JSON_CHUNKED = "Content-Type: application/json\r\nTransfer-Encoding: chunked"


@pytest.mark.parametrize("over", [1, 100, LIMIT])
def test_a_chunked_body_over_the_limit_is_refused_and_never_cut(port, over):
    # The first `LIMIT` bytes are a whole JSON text: cut there, the body would be accepted.
    whole = json.dumps({"text": ""}).encode()
    body = whole + b" " * (LIMIT - len(whole)) + b" " * over
    status, types, answer = exchange(port, JSON_CHUNKED, chunked(body))
    assert (status, types) == (413, ["application/problem+json"])
    assert json.loads(answer)["detail"] == "The body is larger than 1,000,000 bytes."


def test_a_chunked_body_up_to_the_limit_is_read_whole(port):
    text = "word " * 50_000
    body = json.dumps({"text": text}).encode()
    body += b" " * (LIMIT - len(body))
    status, types, answer = exchange(port, JSON_CHUNKED, chunked(body, 10_000))
    assert (status, types) == (200, ["application/json"])
    assert json.loads(answer)["source"] == text


def test_an_announced_body_over_the_limit_is_refused(port):
    body = b" " * (LIMIT + 1)
    head = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
    status, types, _ = exchange(port, head, body)
    assert (status, types) == (413, ["application/problem+json"])


def test_a_chunked_body_that_ends_early_is_not_accepted(port):
    body = json.dumps({"text": "a"}).encode()
    status, _, _ = exchange(port, JSON_CHUNKED, chunked(body).removesuffix(b"0\r\n\r\n"))
    assert status in {0, 400}


def test_what_a_chunked_body_unpacks_to_is_limited_too(port):
    packed = gzip.compress(json.dumps({"text": " " * 2 * LIMIT}).encode())
    head = f"{JSON_CHUNKED}\r\nContent-Encoding: gzip"
    assert exchange(port, head, chunked(packed))[:2] == (413, ["application/problem+json"])


def test_an_address_that_is_no_utf_8_is_refused(port):
    assert exchange(port, "Content-Length: 0", b"", path="/v1/documents/%ff%fe")[0] in {400, 405}


SLOW = """
from pathlib import Path
from service import ServiceSettings, supervise
settings = ServiceSettings(data=Path({data!r}), read_seconds=5.0, threads=4, batch_workers=0)
listener = supervise.listen("127.0.0.1", 0)
print(listener.getsockname()[1], flush=True)
supervise.run(settings, listener)
"""
HEAD = b"POST /v1/clean HTTP/1.1\r\nHost: localhost\r\n"
STARTS = {
    "nothing": b"",
    "a head": HEAD,
    "a body": HEAD + b"Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{",
    "chunks": HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
}


def test_slow_clients_are_let_go_and_hold_nobody_up(tmp_path):
    command = [sys.executable, "-c", SLOW.format(data=str(tmp_path / "data"))]
    with Popen(command, stdout=PIPE) as process:
        try:
            port = int(process.stdout.readline())
            slow = []
            for name, start in STARTS.items():
                for _ in range(8):  # of each more than there are threads
                    connection = socket.create_connection(("127.0.0.1", port), timeout=240)
                    connection.sendall(start)
                    slow.append((name, connection))
            body = json.dumps({"text": STORY}).encode()
            head = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
            assert exchange(port, head, body)[0] == 200
            for name, connection in slow:
                with connection:
                    answer = connection.recv(100)
                    assert answer == b"" or answer.split()[1] in {b"400", b"408"}, (name, answer)
        finally:
            process.terminate()
