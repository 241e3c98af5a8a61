"""When a kernel is interpreted, and when compiled.

To import numba and load what it compiled takes half a second to a second; a few pairs of articles are long done by
then. So kernels are interpreted until as much was done as compiling is worth, and compiled from then on (who rents
skis until he has paid their price pays no more than twice the least; Karlin et al., 1988). Work is counted in
steps and not in seconds: the same calls go the same way on every machine.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

PATIENCE = 300_000  # steps that are interpreted in all: about a third of a second


class Kernel:
    """A function over numbers, and its compiled form when it has come to that; kernels may call one another."""

    steps = 0  # that kernels were interpreted for, in this process

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self._compiled: Callable[..., int] | None = None

    def __call__(self, *given: Any) -> Any:
        """Run the function as it stands."""
        return self.function(*given)

    @property
    def compiled(self) -> Callable[..., int]:
        """The function compiled by numba, at its first use for types of arguments or from numba's cache."""
        if self._compiled is None:
            self._compiled = _compiled(self.function)
        return self._compiled

    def run(self, steps: int, given: Sequence[Any], out: tuple[NDArray[Any], ...]) -> int:
        """Call the function with `given`, then `out`, a tuple of arrays to be written; give what it gives.

        `given` are numbers, arrays and tuples of arrays; `steps` is how often the inner loop runs, roughly.
        """
        if foresee(steps):
            return self.compiled(*given, out)
        Kernel.steps += steps
        lists = tuple(array.tolist() for array in out)
        result = self.function(*map(_listed, given), lists)
        for array, values in zip(out, lists, strict=True):
            array[:] = values
        return result


def foresee(steps: int) -> bool:
    """Tell whether so many more steps are worth compiling for; if so, kernels are compiled from here on."""
    if Kernel.steps + steps <= PATIENCE:
        return False
    Kernel.steps = PATIENCE
    return True


def worth(steps: int) -> bool:
    """Tell the same where NumPy does the work in as much time as so many interpreted steps; if not, count them."""
    if foresee(steps):
        return True
    Kernel.steps += steps
    return False


def _listed(value: Any) -> Any:
    """Give an array as a list: the interpreter takes several times as long to look into an array."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return tuple(map(_listed, value)) if isinstance(value, tuple) else value


def _compiled(function: Callable[..., int]) -> Callable[..., int]:
    import numba  # noqa: PLC0415 (half a second)

    known = function.__globals__
    parts = {name: known[name] for name in function.__code__.co_names if isinstance(known.get(name), Kernel)}
    if parts:
        names = known | {name: part.compiled for name, part in parts.items()}
        function = FunctionType(function.__code__, names, function.__name__)
    make: Any = numba.njit  # without references to count: kernels take no memory, and counting is a tenth of them
    try:
        compiled: Callable[..., int] = make(function, cache=True, nogil=True, _nrt=False)
    except RuntimeError:  # numba finds no folder that it may write to: compiled anew in each process
        compiled = make(function, nogil=True, _nrt=False)
    return compiled
