"""What nobody sends who means well: no crash, no status of 5xx, no long wait, no growing memory."""

import gzip
import json
import os
import random
import socket
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from services import CHOIR, STORY, running

PATIENCE = 2.0  # seconds of a processor that an input may take
MEMORY = 1_500_000_000  # bytes of one process
TARGETS = ["/v1/check", "/v1/clean", "/v1/compare", "/v1/documents", "/v1/batches", "/", "/compare"]
JSON, NDJSON, HTML = "application/json", "application/x-ndjson", "text/html"


def deep(open_, close, times, middle=b""):
    return open_ * times + middle + close * times


def known():
    """Give (path, content type, headers, body) of inputs that have broken services before."""
    size = 60_000
    html = {
        "<a ": b"<a " * (size // 3),
        "<": b"<" * size,
        "<!--": b"<!--" * (size // 4),
        "<!": b"<!" * (size // 2),
        "</": b"</" * (size // 2),
        "&": b"&" * size,
        "&#": b"&#" * (size // 2),
        "attributes": b"<p " + b"a=1 " * (size // 4) + b">",
        "one attribute": b"<p a='" + b"x" * size,
        "nested": deep(b"<div>", b"</div>", size // 11, STORY.encode()),
        "tables": b"<table><tr><td>" * (size // 15),
        "formatting": b"<b><i><a><p>" * (size // 12),
        "scripts": b"<script>" * (size // 8),
        "cdata": b"<![CDATA[" * (size // 9),
        "textarea": b"<textarea>" * (size // 10),
        "select": b"<select><option>" * (size // 16),
        "entities": b"&lt;" * (size // 4),
        "null": b"\x00" * size,
        "quotes": b"\"'<p>" * (size // 5),
        "template": b"<template>" * (size // 10),
        "svg": b"<svg><foreignObject><math>" * (size // 26),
    }
    for data in html.values():
        yield "/v1/clean", HTML, {}, data
        yield "/v1/check", JSON, {}, json.dumps({"html": data.decode()}).encode()
    texts = [
        "a" * size,
        "\n" * size,
        " " * size,
        "a b " * (size // 4),
        "Sgt. " * (size // 5),
        "." * size,
        "- \n" * (size // 3),
        "\u0301" * size,
        "e\u0301\u0301\u0301 " * (size // 5),
        "\U0001f600" * (size // 4),
        "\u202e" * size,
        "\u200b" * size,
        "\ufdfa" * (size // 3),
        "İ" * size,
        "ß" * size,
        "ﬀ" * size,
        "漢" * size,
        "https://" * (size // 8),
        "@" * size,
        "According to " * (size // 13),
        "“" * size,
        "1" * size,
        "A. " * (size // 3),
        f"{STORY}\n\n" * (size // len(STORY)),
        "Advertisement\n\n" * (size // 15),
        "x" * 30 + "!" * size,
        "(" * size,
        "said " * (size // 5),
        "\t" * size,
        "\r\n" * (size // 2),
        "\x1b[31m" * (size // 5),
        "\ue000" * size,
        "\x85" * size,
        "_" * size,
        "|" * size,
        "©" * size,
        "Photo: " * (size // 7),
    ]
    for text in texts:
        yield "/v1/check", JSON, {}, json.dumps({"text": text}).encode()
        yield "/v1/compare", JSON, {}, json.dumps({"a": text, "b": text + STORY}).encode()
    yield from shapes()


def shapes():
    for times in (60, 1_000, 100_000):
        yield "/v1/check", JSON, {}, b"[" * times
        yield "/v1/check", JSON, {}, deep(b"[", b"]", times)
        yield "/v1/check", JSON, {}, b'{"a":' * times
        yield "/v1/check", JSON, {}, b'{"text": "a", "x": ' + deep(b"[", b"]", times) + b"}"
        yield "/v1/batches", NDJSON, {}, deep(b"[", b"]", times)
    for text in (r"\ud800", r"\udfff", r"\ud800\ud800", r"\udc00\ud800", r"\uD83D"):
        for body in (f'{{"text": "{text}"}}', f'{{"text": "a", "{text}": 1}}', f'{{"a": "{text}", "b": "x"}}'):
            for path in ("/v1/check", "/v1/clean", "/v1/compare"):
                yield path, JSON, {}, body.encode()
    for body in (
        b"",
        b"\x00",
        b"\xff\xfe",
        b"null",
        b"1e400",
        b"NaN",
        b'"\x01"',
        b"{" + b'"a":1,' * 50_000 + b'"text":"a"}',
        b"9" * 100_000,
        b'{"text": "a", "id": ' + b"9" * 5_000 + b"}",
        b'{"documents": [' + b"{}," * 50_000 + b"{}]}",
    ):
        yield "/v1/check", JSON, {}, body
        yield "/v1/documents", JSON, {}, body
    yield from packings()
    yield from forms()
    yield from heads()


def packings():
    for coding in ("gzip", "deflate", "br", "gzip, gzip", "x", ""):
        bomb = gzip.compress(b"0" * 30_000_000) if coding == "gzip" else zlib.compress(b"0" * 30_000_000)
        for body in (bomb, bomb[:-4], b"\x1f\x8b\x08", gzip.compress(bomb), b"\n" * 1_000):
            yield "/v1/clean", JSON, {"Content-Encoding": coding}, body
            yield "/v1/batches", NDJSON, {"Content-Encoding": coding}, body


def forms():
    for content in (
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 500,
        "multipart/form-data",
        "multipart/form-data; boundary=\xe9",
        "text/html; charset=utf-7",
        "text/html; charset=" + "a" * 5_000,
        "text/plain; charset=rot13",
        "application/json; charset=utf-16",
        ";",
        "a/b/c",
    ):
        for body in (b"--\r\n\r\n", b'--x\r\nContent-Disposition: form-data; name="\r\n\r\n--x--', CHOIR.encode()):
            for path in ("/v1/batches", "/v1/clean", "/"):
                yield path, content, {}, body
    parts = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="f%d"; filename="%d.txt"\r\n\r\na\r\n' % (n, n)
        for n in range(12_000)
    )
    for path in ("/v1/batches", "/", "/compare"):
        yield path, "multipart/form-data; boundary=x", {}, parts + b"--x--\r\n"
        yield path, "multipart/form-data; boundary=x", {}, b"--x\r\n" + b"X-H: y\r\n" * 20_000
        yield path, "multipart/form-data; boundary=x", {}, (b"\r\n--x" + b" " * 70) * 3_000


def heads():
    for name, value in {
        "If-Match": '"' * 5_000,
        "If-None-Match": ",".join('"a"' * 700),
        "X-Request-Id": "\x7f" * 64,
        "Idempotency-Key": "é" * 10,
        "Authorization": "Basic " + "A" * 6_000,
        "Accept": "text/html;q=" + "9" * 3_000,
        "Accept-Charset": "*" * 4_000,
        "Range": "bytes=0-,0-,0-",
        "Host": "[::1",
        "Cookie": "a=" * 3_000,
        "Content-Length": "9" * 30,
        "Transfer-Encoding": "gzip",
        "Expect": "100-continue",
        "Origin": "http://[",
        "X-Forwarded-For": "," * 3_000,
        "Content-Type": "application/json;" * 300,
    }.items():
        yield "/v1/check", JSON, {name: value}, json.dumps({"text": STORY}).encode()


def mutated(count):
    """Give inputs made of the known ones, cut, joined and with bytes changed; the same ones every time."""
    draw, seeds = random.Random(11), [one for one in known() if len(one[3]) < 200_000]
    for _ in range(count):
        path, content, headers, body = draw.choice(seeds)
        data = bytearray(body)
        for _ in range(draw.randint(1, 8)):
            at = draw.randrange(len(data) + 1)
            change = draw.randrange(4)
            if change == 0:
                data[at : at + 1] = draw.randbytes(1)
            elif change == 1:
                data[at:at] = draw.choice(seeds)[3][: draw.randint(0, 500)]
            elif change == 2:
                del data[at : at + draw.randint(0, 500)]
            else:
                data[at:at] = json.dumps({"text": STORY}).encode()
        yield draw.choice([path, path, draw.choice(TARGETS)]), content, headers, bytes(data)


def sent(port, one):
    """Send a request as it stands; give the status, 0 where the connection was closed without a word."""
    path, content, headers, body = one
    lines = {"Host": "localhost", "Connection": "close", "Content-Type": content, "Content-Length": str(len(body))}
    told = "".join(f"{name}: {value}\r\n" for name, value in (lines | headers).items())
    request = f"POST {path} HTTP/1.1\r\n{told}\r\n".encode("latin-1", "replace") + body
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it has heard enough
            connection.sendall(request)
        with suppress(ConnectionResetError):
            while block := connection.recv(65_536):
                answer = answer or block
    return int(answer.split()[1]) if answer else 0


def resident(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4_096


def spent(pids):
    """Give the seconds of a processor that processes have used; the clock would measure what else runs here."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(row[11]) + int(row[12]) for row in fields) / os.sysconf("SC_CLK_TCK")


def survives(folder, inputs):
    """Send inputs to a service and see that it lives; give the slowest of them."""
    slowest = (0.0, None)
    with running(folder, "--workers", "1", "--rate", "1000000", "--batch-workers", "0") as service:
        processes = service.children("web")
        for one in inputs:
            before = spent(processes)
            status = sent(service.port, one)
            assert status < 500 or status in {501, 505}, (status, one[:3], one[3][:200])
            found = (spent(processes) - before, (*one[:3], one[3][:60]))
            slowest = max(slowest, found, key=lambda row: row[0])
        assert service.children("web") == processes
        assert all(resident(pid) < MEMORY for pid in processes)
        assert service.ask("POST", "/v1/clean", {"text": STORY})[0] == 200
    return slowest


def test_known_attacks(tmp_path):
    survives(tmp_path / "data", known())


def test_known_attacks_changed(tmp_path):
    survives(tmp_path / "data", mutated(100))


@pytest.mark.soak
def test_two_thousand_attacks_none_of_which_takes_long(tmp_path):
    slowest = survives(tmp_path / "data", mutated(2_000))
    assert slowest[0] < PATIENCE, slowest
