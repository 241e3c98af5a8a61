"""What a processor does to many bytes or values at one time, spelled out for the compiler.

Each kernel here is a plain function, which says what it gives, and a form of it in the compiler's own language
(LLVM): there 64 bytes or 16 numbers are one value, on any processor, where a loop is not always made into that.
They are for kernels to call, and read what stands at a place without looking whether the array is as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    Array = np.ndarray[Any, np.dtype[Any]]  # numbers of a width that compiled code keeps, and Python has not

    Bytes = Array
    Words = Array

_BYTES = 64  # that are looked at together
_LANES = 16  # 32-bit numbers that are permuted together: a vector of AVX-512, two of AVX2
_HELD = 4  # such vectors of permutations, whose least values stay in registers


class Wide(Kernel):
    """A kernel whose compiled form is written by `emit`, which gives numbers of the type `gives`."""

    def __init__(self, function: Callable[..., Any], gives: str, emit: Callable[..., Any]) -> None:
        super().__init__(function)
        self.gives, self.emit = gives, emit

    @property
    def compiled(self) -> Callable[..., Any]:
        """The form for other kernels to call; from Python it cannot be called."""
        if self._compiled is None:
            self._compiled = _intrinsic(self.function, self.gives, self.emit)
        return self._compiled


def wide(gives: str, emit: Callable[..., Any]) -> Callable[[Callable[..., Any]], Wide]:
    """Make a function a kernel that is compiled to what `emit` writes."""
    return lambda function: Wide(function, gives, emit)


def _intrinsic(function: Callable[..., Any], gives: str, emit: Callable[..., Any]) -> Callable[..., Any]:
    import inspect  # noqa: PLC0415 (what only compiling takes)

    from numba import types  # noqa: PLC0415 (half a second)
    from numba.core import cgutils  # noqa: PLC0415
    from numba.extending import intrinsic  # noqa: PLC0415

    kinds_of: Any = types
    known: Any = cgutils  # without types of its own

    def generated(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        values = [
            context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
            for kind, value in zip(signature.args, given, strict=True)
        ]
        made = emit(builder, *values)
        return known.pack_array(builder, made) if isinstance(made, list) else made

    def typed(_: Any, *kinds: Any) -> Any:
        result = kinds_of.UniTuple(types.uint64, 3) if gives == "three masks" else getattr(types, gives)
        taken = [kind if isinstance(kind, types.Array) else types.int64 for kind in kinds]
        return result(*taken), generated

    named = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    taken = inspect.signature(function).parameters.values()
    typed.__signature__ = inspect.Signature([named, *taken])  # type: ignore[attr-defined] # where numba looks
    made: Callable[..., Any] = intrinsic(typed)
    return made


def _vector(builder: Any, data: Any, at: Any, lanes: int) -> Any:
    """Give a pointer to so many neighbouring values."""
    from llvmlite import ir  # noqa: PLC0415

    place = builder.gep(data, [at])
    return builder.bitcast(place, ir.VectorType(data.type.pointee, lanes).as_pointer())


def _loaded(builder: Any, data: Any, at: Any, lanes: int) -> Any:
    return builder.load(_vector(builder, data, at, lanes), align=1)


def _all(value: int) -> Any:
    """Give 64 bytes of one value."""
    from llvmlite import ir  # noqa: PLC0415

    return ir.Constant(ir.VectorType(ir.IntType(8), _BYTES), [value] * _BYTES)


def _mask(builder: Any, truths: Any) -> Any:
    from llvmlite import ir  # noqa: PLC0415

    return builder.bitcast(truths, ir.IntType(_BYTES))


def _eight(builder: Any, text: Any, at: Any) -> Any:
    from llvmlite import ir  # noqa: PLC0415

    place = builder.bitcast(builder.gep(text, [at]), ir.IntType(64).as_pointer())
    return builder.load(place, align=1)


@wide("uint64", _eight)
def eight(text: Bytes, at: int) -> int:
    """Give the eight bytes from `at` on, the first one lowest."""
    return int.from_bytes(bytes(text[at : at + 8]), "little")


def _lowest(builder: Any, mask: Any) -> Any:
    from llvmlite import ir  # noqa: PLC0415

    return builder.cttz(mask, ir.Constant(ir.IntType(1), 0))


@wide("int64", _lowest)
def lowest(mask: int) -> int:
    """Give the place of the lowest bit of 64 that is set; 64 if none is."""
    return (mask & -mask).bit_length() - 1 if mask else 64


def _copied(builder: Any, text: Any, at: Any, out: Any, to: Any) -> Any:
    from llvmlite import ir  # noqa: PLC0415

    builder.store(_loaded(builder, text, at, 16), _vector(builder, out, to, 16), align=1)
    return ir.Constant(ir.IntType(64), 0)


@wide("int64", _copied)
def copied(text: Bytes, at: int, out: Bytes, to: int) -> int:
    """Copy 16 bytes; give 0."""
    out[to : to + 16] = text[at : at + 16]
    return 0


def _lowered(builder: Any, text: Any, at: Any, low: Any, to: Any) -> Any:
    found = _loaded(builder, text, at, _BYTES)
    capital = builder.icmp_unsigned("<", builder.sub(found, _all(65)), _all(26))
    made = builder.or_(found, builder.and_(builder.sext(capital, found.type), _all(32)))
    builder.store(made, _vector(builder, low, to, _BYTES), align=1)
    odd = builder.or_(builder.icmp_signed("<", found, _all(0)), builder.icmp_unsigned("==", found, _all(10)))
    return _mask(builder, odd)


@wide("uint64", _lowered)
def lowered(text: Bytes, at: int, low: Bytes, to: int) -> int:
    """Write 64 bytes from `at` on in lower case, as if all were ASCII; give which are not, or are line breaks."""
    found = bytes(text[at : at + _BYTES])
    low[to : to + _BYTES] = np.frombuffer(found.lower(), np.uint8)
    return sum((byte >= 0x80 or byte == 10) << place for place, byte in enumerate(found))


def _spread(builder: Any, text: Any, at: Any, out: Any, to: Any) -> Any:
    from llvmlite import ir  # noqa: PLC0415

    found = _loaded(builder, text, at, _BYTES)
    made = builder.zext(found, ir.VectorType(ir.IntType(32), _BYTES))
    builder.store(made, _vector(builder, out, to, _BYTES), align=1)
    return _mask(builder, builder.icmp_signed("<", found, _all(0)))


@wide("uint64", _spread)
def spread(text: Bytes, at: int, out: Words, to: int) -> int:
    """Write 64 bytes from `at` on as as many numbers; give which are not ASCII."""
    found = text[at : at + _BYTES]
    out[to : to + _BYTES] = found
    return sum(bool(byte >= 0x80) << place for place, byte in enumerate(found.tolist()))


def _kinds(builder: Any, low: Any, at: Any) -> Any:
    found = _loaded(builder, low, at, _BYTES)
    small = builder.icmp_unsigned("<", builder.sub(found, _all(97)), _all(26))
    digit = builder.icmp_unsigned("<", builder.sub(found, _all(48)), _all(10))
    other = builder.or_(digit, builder.icmp_signed("<", found, _all(0)))
    breaks = builder.icmp_unsigned("==", found, _all(10))
    return [_mask(builder, builder.or_(small, other)), _mask(builder, other), _mask(builder, breaks)]


@wide("three masks", _kinds)
def kinds(low: Bytes, at: int) -> tuple[int, int, int]:
    """Tell of 64 folded bytes which may be of words, which of those are no a to z, and which are line breaks."""
    found = list(enumerate(bytes(low[at : at + _BYTES])))
    small = sum((97 <= byte <= 122) << place for place, byte in found)
    other = sum((48 <= byte <= 57 or byte >= 0x80) << place for place, byte in found)
    return small | other, other, sum((byte == 10) << place for place, byte in found)


def _least(builder: Any, *given: Any) -> Any:
    from llvmlite import ir  # noqa: PLC0415
    from numba.core import cgutils  # noqa: PLC0415

    values, count, factors, terms, out = given
    number, vector = ir.IntType(64), ir.VectorType(ir.IntType(32), _LANES)
    tools: Any = cgutils
    found = [tools.alloca_once(builder, vector) for _ in range(_HELD)]  # registers, when it is compiled
    blocks = ir.Constant(number, 128 // (_LANES * _HELD))
    with cgutils.for_range(builder, blocks) as block:
        first = builder.mul(block.index, ir.Constant(number, _LANES * _HELD))
        places = [builder.add(first, ir.Constant(number, _LANES * one)) for one in range(_HELD)]
        own = [[_loaded(builder, data, place, _LANES) for place in places] for data in (factors, terms)]
        for one in found:
            builder.store(ir.Constant(vector, [0xFFFFFFFF] * _LANES), one)
        with cgutils.for_range(builder, count) as loop:
            value = _repeated(builder, builder.load(builder.gep(values, [loop.index])), vector)
            for one, factor, term in zip(found, *own, strict=True):
                made, least = builder.add(builder.mul(factor, value), term), builder.load(one)
                builder.store(builder.select(builder.icmp_unsigned("<", made, least), made, least), one)
        for one, place in zip(found, places, strict=True):
            builder.store(builder.load(one), _vector(builder, out, place, _LANES), align=1)
    return ir.Constant(number, 0)


def _repeated(builder: Any, value: Any, vector: Any) -> Any:
    from llvmlite import ir  # noqa: PLC0415

    alone = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(alone, alone, ir.Constant(vector, [0] * vector.count))


@wide("int64", _least)
def least(values: Words, count: int, factors: Words, terms: Words, out: Words) -> int:
    """Write the least of factor * value + term (mod 2**32) over the values, for each of 128 permutations; give 0.

    Permutations are the lanes of vectors: their least values stay in registers from the first value to the last.
    """
    for number in range(128):
        made = values[:count] * factors[number] + terms[number]
        out[number] = made.min(initial=np.uint32(0xFFFFFFFF))
    return 0
