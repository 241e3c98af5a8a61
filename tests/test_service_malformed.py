"""Requests that are no well-formed HTTP, over sockets: answered as all problems are, quoted and logged nowhere."""

import json
import socket

import pytest
from services import STORY, problem_of, running

POST = b"POST /v1/clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = json.dumps({"text": STORY}).encode()


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    options = ("--workers", "1", "--batch-workers", "0", "--rate", "1000000")
    with running(tmp_path_factory.mktemp("service") / "data", *options) as found:
        yield found


def told(service, request):
    """Send bytes; give the status, the headers and the body of the answer, all of which must be a problem's."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Request-Id"]
    assert b"secret" not in answer
    return problem_of(int(first.split()[1]), headers["Content-Type"], body)


MALFORMED = {
    "no request": (b"secret\r\n\r\n", 400),
    "a version": (b"GET /v1/documents/a secret HTTP/1.1\r\n\r\n", 400),
    "no colon": (b"GET / HTTP/1.1\r\nAuthorization prov_secret\r\n\r\n", 400),
    "a long address": (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "many headers": (b"GET / HTTP/1.1\r\n" + b"X-A: secret\r\n" * 100 + b"\r\n", 431),
    "a long header": (b"GET / HTTP/1.1\r\nX-A: " + b"secret" * 2_000 + b"\r\n\r\n", 431),
    "a head without end": (b"GET / HTTP/1.1\r\n" + b"X-A: secret\r\n" * 20_000, 431),
    "two lengths": (POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc", 400),
    "a length below zero": (POST + b"Content-Length: -3\r\n\r\nabc", 400),
    "another coding": (POST + b"Transfer-Encoding: xchunked\r\n\r\nabc", 400),
    "two codings": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    "an expectation": (POST + b"Expect: secret\r\nContent-Length: 3\r\n\r\nabc", 417),
    "no chunk": (CHUNKED + b"secret\r\nabc", 400),
    "a chunk below zero": (CHUNKED + b"-5\r\nabcde\r\n0\r\n\r\n", 400),
    "a chunk without end": (CHUNKED + b"3\r\nabcsecret\r\n0\r\n\r\n", 400),
    "a long chunk extension": (CHUNKED + b"3;" + b"a" * 1_000_000 + b"\r\nabc\r\n0\r\n\r\n", 400),
    "a long size of a chunk": (CHUNKED + b"0" * 1_000_000 + b"3\r\nabc\r\n0\r\n\r\n", 400),
    "many trailers": (CHUNKED + b"2\r\n{}\r\n0\r\n" + b"X-A: secret\r\n" * 10_000 + b"\r\n", 400),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_is_a_problem(service, name):
    request, status = MALFORMED[name]
    assert told(service, request)["status"] == status


def test_what_a_proxy_would_say_of_a_client_is_not_believed(service):
    headers = {"SCRIPT_NAME": "/secret", "PATH_INFO": "/secret", "REMOTE_USER": "secret"}
    assert service.ask("GET", "/healthz", headers=headers)[0] == 200


def test_nothing_of_what_is_malformed_is_logged(service):
    for request, _ in MALFORMED.values():
        told(service, request)
    assert "secret" not in service.log.read_text("utf-8")
    assert all(row["event"] != "unexpected error" for row in service.lines())


def test_a_head_may_come_in_pieces(service):
    request = POST + b"Content-Length: %d\r\n\r\n" % len(WHOLE) + WHOLE
    for size in (1, 7, 100):
        with socket.create_connection(("127.0.0.1", service.port), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for start in range(0, len(request), size):
                connection.sendall(request[start : start + size])
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_does_not_close_holds_nobody_up(service):
    held = []
    for _ in range(40):  # read to the end of the answer, and left open: each would cost the server two seconds
        connection = socket.create_connection(("127.0.0.1", service.port), timeout=60)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        held.append(connection)
    assert all(connection.recv(65_536).startswith(b"HTTP/1.1 200 ") for connection in held)
    assert service.ask("GET", "/healthz", timeout=30)[0] == 200
    for connection in held:
        connection.close()
