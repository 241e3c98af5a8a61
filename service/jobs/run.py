"""The work on one batch: an audit as the command line makes it, put in its place when all of it is written."""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections import defaultdict
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from provenance.errors import ProvenanceError, StoreError
from provenance.index import Index
from provenance.model import Rejected
from provenance.pipeline import audit
from provenance.readers import ReadOptions
from provenance.readers import read as read_rows
from service import schemas
from service.checks import verdict_of
from service.jobs.folders import flush, meta_of, put, working
from service.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from provenance.model import Document
    from provenance.report.audit import Audit
    from service.jobs.folders import Meta
    from service.settings import ServiceSettings

ATTEMPTS = 30  # times that a batch is begun: one that ends its process each time is given up
OFTEN = 0.5  # seconds between two marks of progress
STAGES = {
    "clean": 0.0,
    "read": 0.4,
    "fingerprint": 0.5,
    "compare": 0.6,
    "report": 0.9,
}  # where each begins, as a share of the whole
_LOG = logging.getLogger("provenance.service")


def work(folder: Path, settings: ServiceSettings) -> bool:
    """Work on a batch to its end; False where there is nothing to do: it is done, removed, or another's."""
    with working(folder, tries=10) as mine:
        if not mine or (folder / "report").exists() or (folder / "failed.json").exists():
            return False
        try:
            meta = meta_of(folder)
            attempt = _begun(folder)
            if attempt > ATTEMPTS:
                return _given_up(folder, meta, f"it was begun {ATTEMPTS} times and never came to an end")
            _LOG.info("batch begins", extra={"batch": meta.id, "tenant": meta.tenant, "attempt": attempt})
            _done(folder, meta, _audited(folder, meta, settings))
        except FileNotFoundError:
            return False  # it was removed meanwhile
        except ProvenanceError as error:
            if isinstance(error, StoreError):  # it is asked again later, however long that is
                _forgotten(folder)
                raise
            if attempt < ATTEMPTS:
                raise
            return _given_up(folder, meta, str(error))
    return True


def read(folder: Path, meta: Meta, settings: ServiceSettings) -> Iterator[Document | Rejected]:
    """Give the documents of a batch as any reader does; they were read from `rows.jsonl`, wherever that is.

    A text or an id that no other request may have is rejected here.
    """
    here = f"{folder}/"
    options = ReadOptions(format="jsonl", root=str(folder))
    yield from (Rejected(name, why) for name, why in meta.refused)
    if not (folder / "rows.jsonl").stat().st_size:
        return
    for row in read_rows([str(folder / "rows.jsonl")], options):
        own = (row.source or "").removeprefix(here)
        if isinstance(row, Rejected):
            yield replace(row, source=own)
            continue
        named = replace(row, source=own, id=row.id.removeprefix(here))
        try:
            schemas.validated(schemas.Called, {"id": named.id})
            yield schemas.bounded(named, settings)
        except Problem as problem:
            yield Rejected(own, problem.detail)


def results(found: Audit) -> Iterator[dict[str, Any]]:
    """Give for each document what was found in it and of it, for programs that read line by line."""
    relations: defaultdict[str, list[Any]] = defaultdict(list)
    matches: defaultdict[str, list[Any]] = defaultdict(list)
    for relation in found.relations:
        for name in {relation.a, relation.b}:
            relations[name].append(relation)
    for match in found.matches:
        for name in {match.a.doc, match.b.doc}:
            matches[name].append(match)
    for row in found.documents:
        name = row.document.id
        own = replace(found, documents=(row,), relations=tuple(relations[name]), matches=(), clusters=())
        (told,) = own.to_dict()["documents"]
        yield {
            "verdict": verdict_of(own, row),
            **told,
            "relations": [asdict(one) | {"evidence": dict(one.evidence)} for one in relations[name]],
            "matches": [asdict(one) for one in matches[name]],
        }
    for refused in found.rejected:
        yield {"verdict": "rejected", "source": refused.source, "error": refused.error}


def _audited(folder: Path, meta: Meta, settings: ServiceSettings) -> Audit:
    marked = 0.0

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal marked
        if time.monotonic() - marked >= OFTEN:
            marked = time.monotonic()
            _mark(folder, stage, done / max(1, total))

    rows = read(folder, meta, settings)
    with Index.open(settings.index_url, meta.tenant) as index:
        found = audit(rows, index=index, strictness=meta.strictness, progress=progress, jobs=1)
    _mark(folder, "report", 0.0)
    return found


def _mark(folder: Path, stage: str, share: float) -> None:
    """Tell how far a batch is: the stage, and the share of that."""
    ends = [*STAGES.values(), 1.0]
    begin = STAGES.get(stage, 0.0)
    whole = begin + (ends[ends.index(begin) + 1] - begin) * share
    (folder / "progress.json").write_text(json.dumps({"stage": stage, "share": round(whole, 3)}))


def _done(folder: Path, meta: Meta, found: Audit) -> None:
    # Beside the batch and not in it: so a batch that is removed meanwhile does not come back.
    beside = folder.with_name(f".report-{folder.name}")
    shutil.rmtree(beside, ignore_errors=True)  # of an attempt that was cut off
    try:
        _written(beside, found)
        beside.rename(folder / "report")
    except FileNotFoundError:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    flush(folder)
    _LOG.info("batch is done", extra={"batch": meta.id, "tenant": meta.tenant, "rows": len(found.documents)})


def _written(beside: Path, found: Audit) -> None:
    """Write the whole outcome to the disk."""
    found.write(beside)
    with (beside / "results.ndjson").open("xb") as file:
        for row in results(found):
            file.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
        file.flush()
        os.fsync(file.fileno())
    own = {row.document.id for row in found.documents}
    derived = {name for row in found.relations if row.derived for name in (row.a, row.b)} & own
    counts = {"documents": len(own), "rejected": len(found.rejected), "derived": len(derived)}
    put(beside / "summary.json", counts | {"finished": time.time()})
    flush(beside)


def _begun(folder: Path) -> int:
    """Count this attempt, durably; give its number."""
    with (folder / "attempts").open("ab") as file:
        file.write(b".")
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _forgotten(folder: Path) -> None:
    """Count this attempt no more: it was no fault of the batch's."""
    path = folder / "attempts"
    os.truncate(path, max(0, path.stat().st_size - 1))


def _given_up(folder: Path, meta: Meta, why: str) -> bool:
    put(folder / "failed.json", {"error": why, "finished": time.time()})
    _LOG.error("batch failed", extra={"batch": meta.id, "tenant": meta.tenant})
    return True
