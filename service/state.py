"""What the routes of one application share, opened once in each process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, g

from service.glance import Glance
from service.indexes import Indexes
from service.jobs.folders import Folders
from service.keys import Keys
from service.limits import Gate, Rates
from service.once import Once

if TYPE_CHECKING:
    from flask import Flask

    from service.keys import Key
    from service.settings import ServiceSettings

NAME = "provenance"


@dataclass(frozen=True, slots=True)
class State:
    """The settings, and what was opened by them."""

    settings: ServiceSettings
    keys: Keys
    rates: Rates
    gate: Gate
    indexes: Indexes
    batches: Folders
    once: Once
    glance: Glance

    @property
    def keyed(self) -> bool:
        """Whether requests need a key: as it was begun, or since the first key was made."""
        return self.settings.keys or self.keys.made()


def install(app: Flask, settings: ServiceSettings) -> State:
    """Open what the routes need, in the folder of the data, made if absent."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    state = State(
        settings,
        Keys(settings.data / "keys.db"),
        Rates(settings),
        Gate(settings),
        Indexes(settings.index_url, settings.data / "locks"),
        Folders(settings.data / "batches"),
        Once(settings.data / "once.db"),
        Glance(),
    )
    app.extensions[NAME] = state
    return state


def state() -> State:
    """Give what the application of this request shares."""
    return cast("State", current_app.extensions[NAME])


def key() -> Key:
    """Give who asks; only where an operation has a scope."""
    return cast("Key", g.key)
