"""The log: a JSON object a line, on standard error, with neither texts nor keys nor ids of documents in it."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

# What a record of the service may say beside its message; nothing else gets out, whatever is logged.
FIELDS = (
    *("request_id", "method", "route", "status", "ms", "received", "sent", "tenant", "key"),
    *("batch", "state", "rows", "attempt", "error", "where", "part", "process"),
)


class Lines(logging.Formatter):
    """Gives a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        row = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **{name: getattr(record, name) for name in FIELDS if hasattr(record, name)},
        }
        if record.exc_info and record.exc_info[0]:  # its message may quote a document
            row["error"] = record.exc_info[0].__name__
        return json.dumps(row, ensure_ascii=True)


def configure(level: int = logging.INFO) -> None:
    """Send the log of the service, its server and its queue to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    for name in ("provenance.service", "gunicorn.error", "huey"):
        log = logging.getLogger(name)
        log.handlers[:] = [handler]
        log.setLevel(level if name == "provenance.service" else logging.WARNING)
        log.propagate = False
