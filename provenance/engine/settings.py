"""What is to be deduplicated, and how, as one frozen value."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from provenance.errors import SettingsError
from provenance.readers.options import ReadOptions

Keep = Literal["first", "longest", "earliest", "none"]
Level = Literal["document", "passage"]

FOUND = 0.98  # chance that a pair at the threshold shares a band
_MOST_BANDS, _MOST_ROWS = 16, 8


@dataclass(frozen=True, slots=True)
class DedupSettings:
    """Settings of a run; raises SettingsError when they make no sense.

    threshold   least Jaccard similarity of two copies' shingles
    passage_words   of the shortest passage that is looked for
    memory      bytes that a run may take, roughly; larger batches are spilled to the folder it works in
    address     of a Ray cluster; "local" for one that is started for the run; None to run here, without Ray
    """

    sources: tuple[str, ...]
    against: tuple[str, ...] = ()
    level: Level = "document"
    keep: Keep = "first"
    threshold: float = 0.7
    shingle: Literal["word", "character"] = "word"
    passage_words: int = 20
    memory: int = 2 << 30
    address: str | None = None
    reading: ReadOptions = field(default_factory=ReadOptions)

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if not self.sources:
            raise SettingsError("there is nothing to deduplicate: no sources")
        if not 0.3 <= self.threshold <= 1:
            raise SettingsError(f"the threshold is {self.threshold}, not between 0.3 and 1")
        if self.memory < 256 << 20:
            raise SettingsError("a run takes 256 MB of memory at least")
        if self.level == "passage" and self.shingle == "character":
            raise SettingsError("passages are compared by words only")

    @property
    def bands(self) -> tuple[int, int]:
        """The number of bands, and of the values in each: as many as 16 bands may have and still find pairs."""
        for rows in range(_MOST_ROWS, 0, -1):
            bands = math.ceil(math.log(1 - FOUND) / math.log(1 - min(self.threshold, 0.99) ** rows))
            if bands <= _MOST_BANDS:
                break
        return bands, rows

    @property
    def signature(self) -> dict[str, Any]:
        """What must not change between a run and its going on: all but memory and place."""
        values = asdict(self)
        del values["memory"], values["address"]
        return values
