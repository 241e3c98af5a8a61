"""What can go wrong, as one tree; the doors translate it once, to an exit status or a problem+json.

ProvenanceError
├── InputError        an input that cannot be used; names where it stood (`source`) and what is wrong
├── SettingsError     a setting, option or request that makes no sense
└── StoreError        an index that cannot be reached, written or believed; says what is wrong with it
"""


class ProvenanceError(Exception):
    """The root of every error this package raises on purpose."""


class InputError(ProvenanceError):
    """An input that cannot be used; the rest of its batch goes on."""

    def __init__(self, source: str, error: str) -> None:
        super().__init__(f"{source}: {error}")
        self.source = source
        self.error = error


class SettingsError(ProvenanceError):
    """A setting that makes no sense."""


class StoreError(ProvenanceError):
    """An index that cannot be reached, written or believed."""


class DamageWarning(UserWarning):
    """Something of an index is damaged and was passed over; what it was is named."""
