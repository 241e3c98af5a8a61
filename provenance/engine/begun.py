"""A run's beginning and its end: whose folder it is, whether it may go on, and clearing up."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pyarrow import fs

from provenance.engine.folder import Folder, located
from provenance.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.engine.settings import DedupSettings
    from provenance.engine.shards import Shard

WORK = ".work"
DONE = "summary.json"
_RUN = "run.json"


def finished(place: Folder, *, resume: bool) -> bool:
    """Tell whether a run in the folder is done but for clearing up; raises SettingsError where it is in use."""
    system, path = located(place.url)
    if system.get_file_info(path).type == fs.FileType.File:
        raise SettingsError(f"{place.url}: is a file, not a folder")
    names, begun = place.names(), place.below(WORK).has(_RUN)
    if resume and {WORK, DONE} <= names:
        return True
    if begun and not resume:
        raise SettingsError(f"{place.url}: an unfinished run is in it; --resume goes on with it")
    if not begun and names - {WORK}:
        raise SettingsError(f"{place.url}: there are files in it already")
    return False


def begin(settings: DedupSettings, parts: Sequence[Shard], place: Folder, *, resume: bool) -> None:
    """Begin a run or go on with one; raises SettingsError where that cannot be."""
    work = place.below(WORK)
    shards = [asdict(one) for one in parts]
    about = _plain({"settings": settings.signature, "shards": shards, "files": _files(parts)})
    if not work.has(_RUN):
        work.put_json(_RUN, about)
    elif not resume:
        raise SettingsError(f"{place.url}: an unfinished run is in it; --resume goes on with it")
    begun = work.get_json(_RUN)
    if begun.get("settings") != about["settings"]:
        raise SettingsError(f"{place.url}: the run in it had other settings or sources; it cannot go on")
    files, now = begun.get("files", {}), about["files"]
    other = next((name for name in {**files, **now} if files.get(name) != now.get(name)), None)
    if other or begun.get("shards") != about["shards"]:
        named = f" ({other} is another)" if other else ""
        raise SettingsError(f"{place.url}: the run in it had other settings or sources{named}; it cannot go on")


def finish(place: Folder) -> None:
    """Remove what a run worked with, last what tells that it is not finished."""
    work = place.below(WORK)
    work.remove(*sorted(work.names() - {_RUN}))
    place.remove(WORK)


def _files(parts: Sequence[Shard]) -> dict[str, tuple[int, int]]:
    """Give the size of each file and when it was changed, in nanoseconds, or in what the place it is in tells."""
    urls = list(dict.fromkeys(url for part in parts for url in part.urls))
    infos = [located(url)[0].get_file_info(located(url)[1]) for url in urls]
    return {url: (one.size, one.mtime_ns or 0) for url, one in zip(urls, infos, strict=True)}


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))
