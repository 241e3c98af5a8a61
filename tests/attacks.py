"""What nobody sends who means well: bodies, forms, headers and whole requests that have broken services before."""

import gzip
import json
import random
import zlib
from typing import NamedTuple

from services import CHOIR, STORY

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
    yield from crowds()
    yield from charsets()
    yield from packings()
    yield from forms()
    yield from heads()


def crowds():
    """Give JSON of 4 MB that is many small values: as Python's they take a hundred times the room."""
    size = 4_000_000
    for piece, last in (
        ("{},", "1"),
        ("[],", "[]"),
        ("1,", "1"),
        ('"",', '""'),
        ('"\\ud83d\\ude00",', "1"),
        ("null,", "null"),
        ('{"a":[1]},', "{}"),
    ):
        many = piece * (size // len(piece)) + last
        yield "/v1/check", JSON, {}, f'{{"documents":[{many}]}}'.encode()
        yield "/v1/documents", JSON, {}, f'{{"text":"a","x":[{many}]}}'.encode()
    names = ",".join(f'"{number}":1' for number in range(300_000))
    yield "/v1/compare", JSON, {}, f'{{"a":"a","b":"b",{names}}}'.encode()
    packed = gzip.compress(f'{{"documents":[{"{}," * 1_300_000}1]}}'.encode())
    yield "/v1/check", JSON, {"Content-Encoding": "gzip"}, packed
    yield "/v1/batches", NDJSON, {}, b"{}\n" * 300_000
    yield "/v1/batches", NDJSON, {}, b'{"text":"a","x":[' + b"[]," * 1_300_000 + b"1]}\n"
    yield "/", "application/x-www-form-urlencoded", {}, b"text=a&" * 500_000


def charsets():
    """Give texts in codecs that Python has and the web has not, some of which take quadratic time."""
    for name in (
        "punycode",
        "idna",
        "unicode_escape",
        "raw_unicode_escape",
        "utf-7",
        "rot13",
        "hex",
        "zip",
        "bz2",
    ):
        for body in (b"-" + b"a" * 300_000, b"\\ud800" * 1_000, b"+2AA-" * 1_000, CHOIR.encode()):
            yield "/v1/clean", f"text/plain; charset={name}", {}, body
            yield "/v1/check", f"{HTML}; charset={name}", {}, body


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


def whole(path, content, headers, body):
    """Give a request as it goes over the wire, its length announced."""
    lines = {"Host": "localhost", "Connection": "close", "Content-Type": content, "Content-Length": str(len(body))}
    return _head(path, lines | headers) + body


def chunked(path, content, headers, body, size=4_096):
    """Give the same in chunks."""
    lines = {"Host": "localhost", "Connection": "close", "Content-Type": content, "Transfer-Encoding": "chunked"}
    return _head(path, lines | headers) + b"".join(
        b"%x\r\n%s\r\n" % (len(part), part)
        for part in (*(body[start : start + size] for start in range(0, len(body), size)), b"")
    )


def _head(path, lines):
    told = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{told}\r\n".encode("latin-1", "replace")


def broken():
    """Give requests that are no whole HTTP: heads cut at each place, chunks that are none, bodies cut short."""
    plain = whole("/v1/check", JSON, {}, json.dumps({"text": STORY}).encode())
    for end in range(1, plain.index(b"\r\n\r\n") + 4, 7):
        yield plain[:end]
    yield from (plain[:-1], plain[:-200], plain.replace(b"POST", b"post"), plain.replace(b"HTTP/1.1", b"HTTP/9"))
    yield from (
        plain.replace(b"\r\n", b"\n"),
        plain.replace(b": ", b" : "),
        b"\r\n" * 30_000,
        b"\x16\x03\x01" * 99,
    )
    yield plain.replace(b"localhost", b"a" * 7_000)
    yield plain.replace(b"Host", b"Host: a\r\nHost")
    yield plain.replace(b"Content-Type", b"SCRIPT_NAME: /x\r\nContent-Type")
    for number in (b"-1", b"+5", b"0x10", b"1e3", b"5,5", b" ", b"9" * 4_000):
        yield plain.replace(b"Content-Length: ", b"Content-Length: " + number)
    for coding in (
        b"xchunked",
        b"gzip, chunked",
        b"chunked, chunked",
        b"identity",
        b"chunked\r\nContent-Length: 5",
    ):
        yield chunked("/v1/clean", JSON, {}, b'{"text": "a"}').replace(b": chunked", b": " + coding)
    head = chunked("/v1/clean", JSON, {}, b"").removesuffix(b"0\r\n\r\n")
    for chunks in (
        b"ZZ\r\nabc",
        b"-5\r\nabcde\r\n0\r\n\r\n",
        b"5;" + b"a" * 1_000_000 + b"\r\nabcde\r\n0\r\n\r\n",
        b"0" * 1_000_000 + b"5\r\nabcde\r\n0\r\n\r\n",
        b"f" * 40 + b"\r\nabc",
        b"2\r\n{}0\r\n\r\n",
        b"2\r\n{}\r\n0\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
        b"\r\n\r\n",
        b"1\r\n{\r\n" * 100_000,
        b"1\r\n \r\n" * 300_000 + b"0\r\n\r\n",
        b"100000\r\n" + b" " * 500_000,
    ):
        yield head + chunks


class Attack(NamedTuple):
    """A request to send, and words that tell of it."""

    told: tuple
    request: bytes


def attacks():
    """Give all that is known, with announced length and, every third, in chunks; then what is no whole HTTP."""
    for number, one in enumerate(known()):
        told = (*one[:3], one[3][:60])
        yield Attack(told, whole(*one))
        if number % 3 == 0:
            yield Attack(told, chunked(*one))
    for request in broken():
        yield Attack((), request)


def changed(count):
    """Give so many made of the known ones, cut, joined and with bytes changed; the same ones every time."""
    draw, seeds = random.Random(11), [one for one in known() if len(one[3]) < 200_000]
    for _ in range(count):
        path, content, headers, body = draw.choice(seeds)
        path = draw.choice([path, path, draw.choice(TARGETS)])
        data = mutated(draw, body, seeds)
        told = (path, content, headers, data[:60])
        frame = draw.randrange(8)
        if frame == 0:  # changed where it is framed, too
            request = mutated(draw, chunked(path, content, headers, data, draw.choice([1_000, 50_000])), seeds)
        elif frame == 1:
            request = mutated(draw, whole(path, content, headers, data), seeds)
        elif frame == 2:
            request = chunked(path, content, headers, data, draw.choice([200, 50_000]))
        elif frame == 3:
            request = whole(path, content, headers, data)
            request = request[: draw.randrange(len(request))]
        else:
            request = whole(path, content, headers, data)
        yield Attack(told, request)


def mutated(draw, body, seeds):
    """Give bytes with some of them changed, cut out or put in."""
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
    return bytes(data)
