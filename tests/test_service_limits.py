"""The limit on a request's body, over sockets against servers that run."""

import json
import socket
import threading
from contextlib import contextmanager

import pytest
import waitress
from werkzeug.serving import make_server

from service import ServiceSettings, create_app

LIMIT = 20_000


@contextmanager
def running_waitress():
    server = waitress.create_server(
        create_app(settings=ServiceSettings(body_bytes=LIMIT)), host="127.0.0.1", port=0
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        server.trigger.pull_trigger(server.close)
        server.task_dispatcher.shutdown()
        thread.join(10)


@contextmanager
def running_werkzeug():
    server = make_server("127.0.0.1", 0, create_app(settings=ServiceSettings(body_bytes=LIMIT)), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture(scope="module", params=[running_waitress, running_werkzeug], ids=["waitress", "werkzeug"])
def port(request):
    with request.param() as number:
        yield number


def chunked(body, size=4_096):
    """Give a body in chunks, as they go over the wire."""
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def exchange(port, head, payload):
    """Send a request over a socket of our own; give the status (0: no answer), the content types and the body."""
    request = (
        f"POST /v1/clean HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}\r\n\r\n".encode() + payload
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
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
    assert json.loads(answer)["detail"] == "The body is larger than 20,000 bytes."


def test_a_chunked_body_up_to_the_limit_is_read_whole(port):
    text = "word " * 3_900
    body = json.dumps({"text": text}).encode()
    body += b" " * (LIMIT - len(body))
    status, types, answer = exchange(port, JSON_CHUNKED, chunked(body, 1_000))
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
    assert status in {0, 400}  # waitress closes the connection without a word
