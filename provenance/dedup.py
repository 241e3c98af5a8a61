"""Deduplicating a corpus of any size: fingerprints, clusters, and what is kept and removed, in a folder.

Every step leaves its results in the folder and takes those of an earlier run, so a run that was stopped goes on.
"""

from __future__ import annotations

import builtins
import re
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from provenance.engine import deciding, gone, output, plan, printing, spans
from provenance.engine.arrays import numbers
from provenance.engine.begun import DONE, WORK, begin, finish, finished
from provenance.engine.folder import Folder
from provenance.engine.shards import Refused, Shard, shards
from provenance.engine.tasks import rows_of, running
from provenance.errors import ProvenanceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from provenance.engine.settings import DedupSettings

    Show = Callable[[str, int, int], None]

_OFTEN = 0.25  # seconds between two looks at how far a stage is
# What rests on the rows of a shard: made anew where some of them turn out not to be there.
_RESTING = (
    *("edges.arrow", "clusters.arrow", "removed.arrow", "runs.arrow", "asked.json", "asked", "placed", "gone"),
    *("written", "left", "waiting", "pairs"),
)


@dataclass(frozen=True, slots=True)
class Deduplicated:
    """What a run did, in numbers.

    `rows` were read, and `refused` beside them could not be; of `cut_short` files more could not, and nobody knows
    how many. Rows of the sources are `kept`, `removed` or, where passages are, `emptied`; `undated` ones have no
    date, where that decides. `units` are what was compared: rows, or passages, of which `removed_units` went.
    """

    rows: int
    refused: int
    cut_short: int
    undated: int
    reference: int
    kept: int
    removed: int
    emptied: int
    removed_units: int
    pairs: int
    clusters: int
    errors: tuple[tuple[str, str, int | None], ...] = ()


def dedup(settings: DedupSettings, out: str, *, resume: bool = False, show: Show | None = None) -> Deduplicated:
    """Deduplicate a corpus into the folder `out`: kept/, removed/, clusters.parquet, rejected.json, summary.json.

    Raises SettingsError where the folder is in use or `resume` finds another run there; ProvenanceError, with what
    is done so far left in place, where something cannot be written.
    """
    place = Folder(out)
    if finished(place, resume=resume):
        return _remembered(place)
    every = list(_sources(settings, out))
    parts = [one for one in every if isinstance(one, Shard)]
    with place.below(WORK).locked():
        begin(settings, parts, place, resume=resume)
        with _told(), running(settings.address):
            while True:
                work = Folder(place.below(WORK).url, uuid4().hex)
                edges, labels = _watched(
                    show, work, "prints", len(parts), partial(plan.clusters, parts, settings, work)
                )
                _decide(edges, labels, parts, settings, work)
                _write(parts, settings, place, work, show)
                if not _lost(parts, place, work):
                    break
        return _end(parts, [one for one in every if isinstance(one, Refused)], place, work)


def _sources(settings: DedupSettings, out: str) -> Iterator[Shard | Refused]:
    """Give the shards of what is compared with, then of the sources, without what is in the folder `out`."""
    number = 0
    for names, reference in ((settings.against, True), (settings.sources, False)):
        for one in shards(names, reference=reference, start=number, but=out):
            number += isinstance(one, Shard)
            yield one


@contextmanager
def _told() -> Iterator[None]:
    """Give the engine's errors as ours, and its Ctrl-C as Python's."""
    try:
        yield
    except (ProvenanceError, KeyboardInterrupt):
        raise
    except BaseException as error:
        text = _cause(error)
        if "KeyboardInterrupt" in str(error):
            raise KeyboardInterrupt from error
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise ProvenanceError(text) from error


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
    if not work.has("asked.json"):
        spans.ask(work)


def _lost(parts: Sequence[Shard], place: Folder, work: Folder) -> bool:
    """Tell whether rows were lost to the second reading; all that rests on them is then to be made anew."""
    names = [one.name for one in parts if not one.reference and not work.has(f"written/{one.name}.json")]
    if not names:
        return False
    place.remove("kept", "removed", "clusters.parquet")
    work.remove(*_RESTING, *(f"prints/{name}.arrow" for name in names))
    return True


def _write(
    parts: Sequence[Shard], settings: DedupSettings, place: Folder, work: Folder, show: Show | None
) -> None:
    own = [one for one in parts if not one.reference]
    locate = rows_of(partial(spans.placed, settings=settings, work=work), parts, spans.PLACED)
    _watched(show, work, "placed", len(parts), locate.count_rows)
    if {f"{one.name}.arrow" for one in parts} - work.names("gone"):
        gone.gone(parts, work)
    write = rows_of(partial(output.written, settings=settings, work=work, out=place), own, output.WRITTEN)
    _watched(show, work, "written", len(own), write.count_rows)
    if "clusters.parquet" not in place.names():
        place.put("clusters.parquet", gone.clusters(parts, work))


def _end(parts: Sequence[Shard], refused: list[Refused], place: Folder, work: Folder) -> Deduplicated:
    said = [(one, printing.told(one, work)) for one in parts]
    own = [told for one, told in said if not one.reference]
    errors = [(one.source, one.error, one.rows) for one in refused]
    errors += [tuple(error) for _, told in said for error in told["refused"]]
    counts = [work.get_json(f"written/{one.name}.json") for one in parts if not one.reference]
    kept, removed, emptied, units = (sum(one[name][0] for one in counts) for name in output.WRITTEN.names)
    done = Deduplicated(
        rows=sum(told["rows"] for told in own),
        refused=sum(count or 0 for _, _, count in errors),
        cut_short=sum(count is None for _, _, count in errors),
        undated=sum(told["undated"] for told in own),
        reference=sum(told["rows"] for one, told in said if one.reference),
        kept=kept,
        removed=removed,
        emptied=emptied,
        removed_units=units,
        pairs=len(work.get("edges.arrow", ["a"])),
        clusters=len(work.get("clusters.arrow")["label"].unique()),
        errors=tuple(errors),
    )
    if done.rows != kept + removed + emptied:
        raise ProvenanceError(f"{done.rows} rows were read, and {kept} + {removed} + {emptied} accounted for")
    place.put_json("rejected.json", [{"source": a, "error": b, "rows": c} for a, b, c in errors])
    place.put_json("sources.json", [_shard(one, told["rows"]) for one, told in said])
    place.put_json(DONE, {name: value for name, value in asdict(done).items() if name != "errors"})
    finish(place)
    return done


def _shard(shard: Shard, rows: int) -> dict[str, Any]:
    about = {"sources": shard.urls, "first_row": shard.before, "rows": rows, "against": shard.reference}
    return {"shard": shard.name, **about}


def _remembered(place: Folder) -> Deduplicated:
    """Give what a run did that had been stopped when all but its clearing up was done."""
    errors = tuple((one["source"], one["error"], one["rows"]) for one in place.get_json("rejected.json"))
    done = Deduplicated(**place.get_json(DONE), errors=errors)
    finish(place)
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
    """Give what an engine's error says was wrong, its last line; --resume is named where it may help."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = re.sub(r"^\d+: ", "", lines[-1])[:300] if lines else type(error).__name__
    name = said.partition(":")[0]
    kind = getattr(builtins, name, type(error))
    if isinstance(kind, type) and issubclass(kind, OSError):
        return f"stopped, to be gone on with by --resume: {said.removeprefix('OSError: ')}"
    return f"stopped: {said}"
