"""A client of the service, in the standard library alone: copy this page into any program.

client = Client("http://localhost:8000", key="prov_…")
found = client.check({"text": article})
for line in client.results(client.hand_in(records)):
    print(line["verdict"])
"""

from __future__ import annotations

import gzip
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from http.client import HTTPResponse

Record = dict[str, Any]
LATER = {429, 503}  # the service says when to ask again


class ServiceError(Exception):
    """A request that was refused: its status, and what was wrong with it."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status, self.detail = status, detail


@dataclass(frozen=True, slots=True)
class Client:
    """A service at an address; `patience` is for how many seconds it is asked again while it is busy."""

    url: str
    key: str | None = None
    timeout: float = 60.0
    patience: float = 120.0

    def check(self, record: Mapping[str, Any]) -> Record:
        """Check one record (`text` or `html`, …), or several as `{"documents": [...]}`; nothing is stored."""
        return self._json("POST", "/v1/check", record)

    def clean(self, record: Mapping[str, Any]) -> Record:
        """Take what is not the article out of a record."""
        return self._json("POST", "/v1/clean", record)

    def compare(self, a: str | Record, b: str | Record) -> Record:
        """Compare two texts or records."""
        return self._json("POST", "/v1/compare", {"a": a, "b": b})

    def add(self, record: Mapping[str, Any], once: str | None = None) -> Record:
        """Check a record, then add it under its `id`; with `once`, not a second time when sent again."""
        return self._json("POST", "/v1/documents", record, {"Idempotency-Key": once} if once else {})

    def put(self, name: str, record: Mapping[str, Any]) -> Record:
        """Put a record in the place of the one of that id, if there is one."""
        return self._json("PUT", f"/v1/documents/{quote(name, safe='')}", record)

    def get(self, name: str) -> Record:
        """Give a document as it is kept."""
        return self._json("GET", f"/v1/documents/{quote(name, safe='')}")

    def remove(self, name: str) -> None:
        """Remove a document."""
        self._ask("DELETE", f"/v1/documents/{quote(name, safe='')}").close()

    def hand_in(self, records: Iterable[Mapping[str, Any]]) -> str:
        """Hand in a batch, and give its id; it is on the service's disk by then."""
        body = gzip.compress("".join(json.dumps(row) + "\n" for row in records).encode())
        headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
        with self._ask("POST", "/v1/batches", body, headers) as answer:
            name: str = json.load(answer)["id"]
        return name

    def results(self, batch: str) -> Iterator[Record]:
        """Wait until a batch is done, and give what was found in each of its documents."""
        while (state := self._json("GET", f"/v1/batches/{batch}"))["state"] in {"queued", "running"}:
            time.sleep(2.0)
        if state["state"] == "failed":
            raise ServiceError(409, state["error"])
        with self._ask("GET", f"/v1/batches/{batch}/results") as answer:
            yield from map(json.loads, answer)

    def _json(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Record:
        data = None if body is None else json.dumps(body).encode()
        with self._ask(method, path, data, {"Content-Type": "application/json", **(headers or {})}) as answer:
            value: Record = json.load(answer)
        return value

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> HTTPResponse:
        known = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        request = urllib.request.Request(self.url + path, body, {**known, **(headers or {})}, method=method)  # noqa: S310
        until = time.monotonic() + self.patience
        while True:
            try:
                answer: HTTPResponse = urllib.request.urlopen(request, timeout=self.timeout)  # noqa: S310 (as given)
            except urllib.error.HTTPError as error:
                with error:
                    wait = float(error.headers.get("Retry-After", "1"))
                    if error.code not in LATER or time.monotonic() + wait > until:
                        raise ServiceError(error.code, _detail(error.read())) from None
                time.sleep(wait)
            else:
                return answer


def _detail(body: bytes) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, LookupError, TypeError):
        return body[:200].decode("utf-8", "replace")
