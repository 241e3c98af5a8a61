"""The body of a request, read whole or in blocks, or refused."""

from __future__ import annotations

import codecs
import json
import math
import re
import time
import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn, cast

from werkzeug.exceptions import ClientDisconnected

from provenance.readers import html, text
from service.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Request

    from service.settings import ServiceSettings

BLOCK = 1 << 16
PACKED = {"gzip": 31, "deflate": 15}  # window bits that tell zlib what wrapping to expect
READ = "service.read"  # in the environment: what is to be told when a body was read to its end
DAMAGED = "service.damaged"  # there too: the error that the server raises where chunks are none
DIGITS = 4_000  # of a number: to read one takes time with the square of them, and Python reads some more
_HALF_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")
_HALF = re.compile("[\ud800-\udfff]")
_BRACKET = re.compile(r"[\[{]")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # one that is not ended, too: so it is linear
# The encodings of the web (encoding.spec.whatwg.org), by Python's names of their codecs. Python has others, some
# of which take quadratic time, and some give what is no Unicode.
CHARSETS = frozenset(
    "ascii big5 big5hkscs cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp866 cp874 cp932 cp949 "
    "euc_jp euc_kr gb18030 gb2312 gbk iso2022_jp iso8859-1 iso8859-10 iso8859-11 iso8859-13 iso8859-14 iso8859-15 "
    "iso8859-16 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 koi8-r koi8-u "
    "mac-cyrillic mac-roman shift_jis utf-16 utf-16-be utf-16-le utf-8 utf-8-sig".split()
)


def blocks(request: Request, limit: int, seconds: float) -> Iterator[bytes]:
    """Give the body block by block, unpacked; 413 once it is over `limit` bytes, 408 once it takes too long.

    The limit holds for the body as it was sent and as it is unpacked, whether its length was announced or it came
    in chunks. Flask's own limit is not used: with it a chunked body that is too long can be cut at the limit and
    then taken for whole.
    """
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in {"", "identity", *PACKED}:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The Content-Encoding must be one of {', '.join(PACKED)}, or none.",
            headers={"Accept-Encoding": ", ".join(PACKED)},
        )
    if request.content_length is not None and request.content_length > limit:
        raise _too_large(limit)
    transfer = request.headers.get("Transfer-Encoding", "chunked").strip().lower()
    if transfer != "chunked":
        raise Problem(HTTPStatus.BAD_REQUEST, "Of the transfer codings, only chunked is read.")
    if "Transfer-Encoding" in request.headers and not request.environ.get("wsgi.input_terminated"):
        raise Problem(HTTPStatus.LENGTH_REQUIRED, "This server needs a Content-Length.")
    sent = _within(_sent(request, time.monotonic() + seconds), limit)
    return sent if coding in {"", "identity"} else _within(unpacked(sent, coding), limit)


def read_body(request: Request, limit: int, seconds: float = 30.0) -> bytes:
    """Give the whole body; see `blocks`."""
    return b"".join(blocks(request, limit, seconds))


class Unpacker:
    """What zlib has packed, unpacked a bounded block at a time; a file may have several members."""

    def __init__(self, coding: str = "gzip") -> None:
        self._bits = PACKED[coding]
        self._stream, self._begun = zlib.decompressobj(self._bits), False

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Give what some bytes hold; zlib.error where they are damaged."""
        self._begun = self._begun or bool(packed)
        while packed or self._stream.unconsumed_tail:
            yield self._stream.decompress(self._stream.unconsumed_tail + packed, BLOCK)
            packed = self._stream.unused_data
            if self._stream.eof:
                self._stream, self._begun = zlib.decompressobj(self._bits), bool(packed)

    def end(self) -> bytes:
        """Give what is left; zlib.error where it ends early."""
        left = self._stream.flush()
        if self._begun and not self._stream.eof:
            raise zlib.error("it ends early")
        return left


def unpacked(packed: Iterator[bytes], coding: str) -> Iterator[bytes]:
    """Give what a body has packed; 400 where it is damaged or cut."""
    unpacker = Unpacker(coding)
    try:
        for block in packed:
            yield from unpacker.feed(block)
        yield unpacker.end()
    except zlib.error as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is not packed as its Content-Encoding says.") from error


def read_json(request: Request, settings: ServiceSettings) -> Any:
    """Give the body as a JSON value; 415 where it is not declared as JSON, 400 where it is none."""
    if not request.is_json:
        raise unsupported(request, "application/json")
    body = read_body(request, settings.body_bytes, settings.read_seconds)
    try:
        text = body.decode("utf-8")
        _refuse_crowds(text, settings.values)
        value = parsed(text, settings.depth)
    except UnicodeDecodeError as error:
        detail = f"The body is not UTF-8: {error.reason} at byte {error.start}."
        raise Problem(HTTPStatus.BAD_REQUEST, detail) from error
    except RecursionError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is nested too deeply.") from error
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body is not valid JSON: {error}.") from error
    if _HALF_ESCAPED.search(text) and (pointer := half_of_a_pair(value)) is not None:
        detail = "The body holds half of a surrogate pair, which is no character."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=[(pointer, detail)])
    return value


def _refuse_crowds(text: str, most: int) -> None:
    """Raise 413 for JSON of more values than any request has use for: each costs a hundred times its size.

    RecursionError for as many brackets with fewer commas: they stand within each other.
    """
    if sum(map(text.count, ",[{")) < most:
        return
    bare = _STRING.sub("", text)  # a comma in a text is none between values
    if bare.count(",") >= most:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body has more than {most:,} values.")
    if bare.count("[") + bare.count("{") > most:
        raise RecursionError


def half_of_a_pair(value: Any) -> str | None:
    """Give the pointer to a string, or to what holds a name, that is no Unicode; None where all is."""
    pending: list[tuple[str, Any]] = [("#", value)]
    while pending:
        where, one = pending.pop()
        if isinstance(one, str) and _HALF.search(one):
            return where
        if isinstance(one, list):
            pending += [(f"{where}/{place}", inner) for place, inner in enumerate(one)]
        elif isinstance(one, dict):
            if any(_HALF.search(name) for name in one):
                return where
            told = ((name.replace("~", "~0").replace("/", "~1"), inner) for name, inner in one.items())
            pending += [(f"{where}/{name}", inner) for name, inner in told]
    return None


def parsed(body: str, depth: int) -> Any:
    """Give a JSON text's value; ValueError for what is none, RecursionError for one nested deeper than `depth`."""
    value = json.loads(body, parse_constant=_constant, parse_float=_finite, parse_int=_whole)
    if len(_BRACKET.findall(body)) > depth:
        level = [value]
        for _ in range(depth):
            level = [inner for one in level for inner in _inner(one)]
        if any(isinstance(one, (dict, list)) for one in level):
            raise RecursionError
    return value


def read_text(request: Request, limit: int, seconds: float = 30.0) -> str:
    """Give a text/plain or text/html body as the command line reads such a file, by its declared charset first."""
    return decoded(
        read_body(request, limit, seconds),
        page=request.mimetype == "text/html",
        charset=request.mimetype_params.get("charset"),
    )


def decoded(data: bytes, *, page: bool, charset: str | None = None) -> str:
    """Give the text or page that bytes hold; 415 for an unknown charset, 400 for what cannot be read."""
    if charset is not None and not _of_the_web(charset):
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"The charset {charset[:40]!r} is not known.")
    decode = html.decode if page else text.decode
    try:
        return decode(data, charset)
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body cannot be read: {error}.") from error


def unsupported(request: Request, *accepted: str) -> Problem:
    """Give the problem of a body in a media type that is not taken."""
    given = request.mimetype or "none"
    told = f"The Content-Type must be {' or '.join(accepted)}; it is {given}."
    return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, told, headers={"Accept": ", ".join(accepted)})


def _of_the_web(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name in CHARSETS
    except (LookupError, ValueError):
        return False


def _sent(request: Request, until: float) -> Iterator[bytes]:
    try:
        while block := request.stream.read(BLOCK):
            if time.monotonic() > until:
                raise Problem(HTTPStatus.REQUEST_TIMEOUT, "The body took too long to arrive.")
            yield block
    except (OSError, ClientDisconnected, request.environ.get(DAMAGED, OSError)) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body ended early or was not well chunked.") from error
    told = cast("Callable[[], None] | None", request.environ.get(READ))
    if told is not None:
        told()


def _within(given: Iterator[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for block in given:
        size += len(block)
        if size > limit:
            raise _too_large(limit)
        yield block


def _too_large(limit: int) -> Problem:
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {limit:,} bytes.")


def _inner(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _whole(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError(f"a number of {len(digits):,} digits is out of range")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"the number {digits[:40]} is out of range")
    return value
