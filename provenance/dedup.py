"""Deduplicating a corpus of any size: fingerprints, clusters, and what is kept and removed, in a folder.

Every step leaves its results in the folder and takes those of an earlier run, so a run that was stopped goes on.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from provenance.engine import deciding, output, plan, printing, spans
from provenance.engine.arrays import numbers
from provenance.engine.folder import Folder, located
from provenance.engine.shards import Refused, Shard, shards
from provenance.engine.tasks import rows_of, running
from provenance.errors import ProvenanceError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from provenance.engine.settings import DedupSettings

    Show = Callable[[str, int, int], None]

WORK = ".work"
_OFTEN = 0.25  # seconds between two looks at how far a stage is


@dataclass(frozen=True, slots=True)
class Deduplicated:
    """What a run did, in numbers.

    `rows` were read, and `refused` beside them could not be; rows of the sources are `kept`, `removed` or, where
    passages are, `emptied`. `units` are what was compared: rows, or passages, of which `removed_units` went.
    """

    rows: int
    refused: int
    reference: int
    kept: int
    removed: int
    emptied: int
    removed_units: int
    pairs: int
    clusters: int
    errors: tuple[tuple[str, str, int], ...] = ()


def dedup(settings: DedupSettings, out: str, *, resume: bool = False, show: Show | None = None) -> Deduplicated:
    """Deduplicate a corpus into the folder `out`: kept/, removed/, clusters.parquet, rejected.json, summary.json.

    Raises SettingsError where the folder is in use or `resume` finds another run there; ProvenanceError, with what
    is done so far left in place, where something cannot be written.
    """
    every = list(_sources(settings))
    parts = [one for one in every if isinstance(one, Shard)]
    place = Folder(out)
    work = Folder(place.below(WORK).url, _begin(settings, parts, place, resume=resume))
    try:
        with running(settings.address):
            edges, labels = _watched(
                show, work, "prints", len(parts), partial(plan.clusters, parts, settings, work)
            )
            _decide(edges, labels, parts, settings, work)
            _write(parts, settings, place, work, show)
    except ProvenanceError:
        raise
    except Exception as error:
        raise ProvenanceError(f"stopped, to be gone on with by --resume: {_cause(error)}") from error
    return _end(parts, [one for one in every if isinstance(one, Refused)], place, work)


def _sources(settings: DedupSettings) -> Iterator[Shard | Refused]:
    """Give the shards of what is compared with, then of the sources."""
    number = 0
    for names, reference in ((settings.against, True), (settings.sources, False)):
        for one in shards(names, reference=reference, start=number):
            number += isinstance(one, Shard)
            yield one


def _begin(settings: DedupSettings, parts: Sequence[Shard], place: Folder, *, resume: bool) -> str:
    """Begin a run or go on with one; give what tells it from others."""
    work = place.below(WORK)
    sizes = [located(url)[0].get_file_info(located(url)[1]).size for part in parts for url in part.urls]
    about = _plain({"settings": settings.signature, "shards": [asdict(one) for one in parts], "sizes": sizes})
    if "run.json" not in work.names():
        if place.names() - {WORK}:
            raise SettingsError(f"{place.url}: there are files in it already")
        work.put_json("run.json", {"run": uuid4().hex, **about})
    elif not resume:
        raise SettingsError(f"{place.url}: an unfinished run is in it; --resume goes on with it")
    begun = work.get_json("run.json")
    if {name: begun[name] for name in about} != about:
        raise SettingsError(f"{place.url}: the run in it had other settings or sources; it cannot go on")
    return str(begun["run"])


def _plain(value: Any) -> Any:
    import json  # noqa: PLC0415

    return json.loads(json.dumps(value))


def _decide(
    edges: pa.Table, labels: pa.Table, parts: Sequence[Shard], settings: DedupSettings, work: Folder
) -> None:
    if "removed.arrow" not in work.names():
        members = numbers(labels["member"])
        work.put("removed.arrow", deciding.removed(edges, members, parts, settings, work))
    if "runs.arrow" not in work.names():
        count = -(-len(work.get("removed.arrow")) // spans.PAIRS)
        made = rows_of(partial(spans.runs, settings=settings, work=work), range(count), spans.RUNS).to_arrow()
        work.put(
            "runs.arrow", made.cast(spans.RUNS).sort_by([(name, "ascending") for name in spans.RUNS.names[:1]])
        )


def _write(
    parts: Sequence[Shard], settings: DedupSettings, place: Folder, work: Folder, show: Show | None
) -> None:
    own = [one for one in parts if not one.reference]
    locate = rows_of(partial(spans.placed, settings=settings, work=work), parts, spans.PLACED)
    _watched(show, work, "placed", len(parts), locate.count_rows)
    if {f"{one.name}.arrow" for one in parts} - work.names("gone"):
        output.gone(parts, work)
    write = rows_of(partial(output.written, settings=settings, work=work, out=place), own, output.WRITTEN)
    _watched(show, work, "written", len(own), write.count_rows)
    if "clusters.parquet" not in place.names():
        place.put("clusters.parquet", output.clusters(parts, work))


def _end(parts: Sequence[Shard], refused: list[Refused], place: Folder, work: Folder) -> Deduplicated:
    said = [(one, printing.told(one, work)) for one in parts]
    errors = [(one.source, one.error, one.rows) for one in refused]
    errors += [tuple(error) for _, told in said for error in told["refused"]]
    counts = [work.get_json(f"written/{one.name}.json") for one in parts if not one.reference]
    rows = sum(told["rows"] for one, told in said if not one.reference)
    kept, gone, emptied = (sum(one[name][0] for one in counts) for name in ("kept", "removed", "emptied"))
    labels = work.get("clusters.arrow")["label"]
    done = Deduplicated(
        rows=rows,
        refused=sum(count for _, _, count in errors),
        reference=sum(told["rows"] for one, told in said if one.reference),
        kept=kept,
        removed=rows - kept - emptied,
        emptied=emptied,
        removed_units=gone,
        pairs=len(work.get("edges.arrow", ["a"])),
        clusters=len(labels.unique()),
        errors=tuple(errors),
    )
    place.put_json("rejected.json", [{"source": a, "error": b, "rows": c} for a, b, c in errors])
    place.put_json("summary.json", {name: value for name, value in asdict(done).items() if name != "errors"})
    place.remove(WORK)
    return done


def _watched(show: Show | None, work: Folder, stage: str, total: int, run: Callable[[], Any]) -> Any:
    """Run a stage and show how many of its marks are there, which works wherever its tasks run."""
    if show is None:
        return run()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_OFTEN):
            show(stage, len(work.names(stage)), total)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return run()
    finally:
        ended.set()
        watcher.join()
        show(stage, total, total)


def _cause(error: BaseException) -> str:
    """Give what an engine's error says was wrong: the last line that it has."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__
