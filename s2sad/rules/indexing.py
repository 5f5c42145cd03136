"""Reading from arrays: the type that a load has, and the functions that select by index or mask.

A load itself has no rule here: the compiler turns ``t = a[index]`` into ``a_bar[index] += t_bar``.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

import gast
import numpy as np

from s2sad.errors import NotDifferentiable
from s2sad.rules.fresh import fresh_dim
from s2sad.rules.record import Operand, linear, nondifferentiable, rank, rule, sample
from s2sad.rules.sizes import (
    Length,
    Shape,
    broadcast_shapes,
    dtype_of,
    lenient,
    number,
    promote_arrays,
    shape_of,
    slice_size,
    smaller,
    static_axis,
    strong,
    to_shape,
)
from s2sad.runtime.arrays import last_write, scatter, scatter_along, unbroadcast, untake
from s2sad.signature import (
    NO_VALUE,
    Array,
    Dim,
    ListOf,
    Opaque,
    Scalar,
    Sequence,
    Size,
    Static,
    Type,
    kind_of,
    literal,
    static_value,
)
from s2sad.tree.parts import nodes

Types = Mapping[str, Type]
INTEGER, NEWAXIS, ELLIPSIS, SLICE, ARRAY, MASK, UNKNOWN = (
    "integer", "newaxis", "ellipsis", "slice", "array", "mask", "unknown",
)  # fmt: skip
BASIC = {INTEGER, NEWAXIS, ELLIPSIS, SLICE}


def index_type(
    array: Type, index: gast.expr, types: Types, known: Type | None = None, stable: Container[str] = ()
) -> Type:
    """The type of ``array[index]``.

    Parameters
    ----------
    array : Array
        What is known of the array.
    index : gast.expr
        The index as it stands in the program.
    types : mapping from str to Type
        The types of the names in the index.
    known : Type, optional
        The type of the whole index, where the caller has it.
    stable : container of str
        Names of masks that are never written: two loads with one of them have the same size.

    Examples
    --------
    >>> from s2sad.signature import Dim
    >>> x = Array("float64", (Dim("x.0", one=False), Dim("x.1", one=False)))
    >>> read = lambda text: index_type(x, gast.parse(text, mode="eval").body.slice, {})
    >>> read("x[1:-1]"), read("x[0]"), read("x[..., None]"), read("x[0, 1]")
    (Array('float64', (x.0-2, x.1)), Array('float64', (x.1,)), Array('float64', (x.0, x.1, 1)), Scalar('float64'))
    >>> n = Length("int", size=Dim("y.0", one=False))
    >>> index_type(x, gast.parse("x[:n]", mode="eval").body.slice, {"n": n})
    Array('float64', (min(x.0,y.0), x.1))
    """
    assert isinstance(array, Array)
    parts = _parts(index, types, known)
    kinds = [_kind(part) for part, _ in parts]
    if array.shape is None or UNKNOWN in kinds:
        return Array(array.dtype, None)
    consumed = sum(_consumed(kind, part) for kind, (part, _) in zip(kinds, parts))
    missing = len(array.shape) - consumed
    if missing < 0 or kinds.count(ELLIPSIS) > 1:
        return Array(array.dtype, None)  # NumPy will say so
    shape = _indexed(array.shape, list(zip(kinds, parts)), missing, types, stable)
    if shape == () and ELLIPSIS in kinds:
        return Array(array.dtype, ())
    return Array(array.dtype, None) if shape is None else number(array.dtype, shape)


def is_basic(index: gast.expr, types: Types, known: Type | None = None) -> bool:
    """Whether an index is certain to select a view: integers, slices, ``None`` and ``...`` only."""
    return all(_kind(part) in BASIC for part, _ in _parts(index, types, known))


def is_unknown(index: gast.expr, types: Types, known: Type | None = None) -> bool:
    """Whether only the run tells if an index selects a view."""
    return any(_kind(part) == UNKNOWN for part, _ in _parts(index, types, known))


def may_repeat(index: gast.expr, types: Types, known: Type | None = None) -> bool:
    """Whether an index may select the same element twice, so that ``a[index] += b`` would lose a term."""
    parts = [part for part, _ in _parts(index, types, known)]
    return any(_kind(part) == UNKNOWN or (_kind(part) == ARRAY and not _distinct(part)) for part in parts)


def _parts(index: gast.expr, types: Types, known: Type | None) -> list[tuple[Type, gast.expr | None]]:
    """The items of an index: their types, and their nodes where they are written out."""
    if known is None:
        known = _type_of(index, types)
    if isinstance(known, Sequence) and issubclass(known.cls, tuple):
        written = isinstance(index, gast.Tuple) and len(index.elts) == len(known.items)
        nodes = index.elts if written else [None] * len(known.items)
        return list(zip(known.items, nodes))
    return [(known, index)]


def _type_of(node: gast.expr | None, types: Types) -> Type:
    """What is known of an index from its text and the types of its names."""
    if node is None or isinstance(node, gast.Constant):
        return literal(node.value if node is not None else None)
    if isinstance(node, gast.Name):
        return types.get(node.id, Opaque())
    if isinstance(node, (gast.Tuple, gast.List)):
        cls = tuple if isinstance(node, gast.Tuple) else list
        return Sequence(cls, tuple(_type_of(elt, types) for elt in node.elts))
    if isinstance(node, gast.Slice):
        values = [static_value(_type_of(part, types)) for part in (node.lower, node.upper, node.step)]
        return Opaque(slice) if NO_VALUE in values else Static(slice(*values))
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        known = _type_of(node.operand, types)
        value = static_value(known)
        return known if value is NO_VALUE or not isinstance(known, Scalar) else literal(-value)
    if isinstance(node, gast.BinOp):
        sides = [_type_of(node.left, types), _type_of(node.right, types)]
        whole = not isinstance(node.op, gast.Div) and all(map(_is_integer, sides))
        return Scalar("int") if whole else Opaque()
    if isinstance(node, gast.Call) and isinstance(node.func, gast.Name) and node.func.id in ("len", "int"):
        return Scalar("int")
    return Opaque()


def _is_integer(known: Type) -> bool:
    return isinstance(known, Scalar) and kind_of(known.dtype) == "int"


def _kind(part: Type) -> str:
    """What one item of an index does."""
    if isinstance(part, Static):
        cases = {type(None): NEWAXIS, type(Ellipsis): ELLIPSIS, slice: SLICE}
        return cases.get(type(part.value), UNKNOWN)
    if isinstance(part, Opaque):
        return SLICE if part.cls is slice else UNKNOWN
    if isinstance(part, Scalar):
        return INTEGER if kind_of(part.dtype) == "int" else UNKNOWN
    if isinstance(part, (Sequence, ListOf)):
        part = Array(dtype_of(part) if part != Sequence(list, ()) else "int64", shape_of(part))
    if not isinstance(part, Array) or part.shape is None:
        return UNKNOWN
    kind = kind_of(part.dtype)
    if kind == "int":
        return ARRAY if part.shape else INTEGER
    return MASK if kind == "bool" and part.shape else UNKNOWN


def _consumed(kind: str, part: Type) -> int:
    """How many dimensions an item of an index is about."""
    if kind == MASK:
        return len(shape_of(part) or ())
    return 1 if kind in (INTEGER, SLICE, ARRAY) else 0


def _distinct(part: Type) -> bool:
    """Whether an integer array is known to hold no number twice."""
    values = static_value(part)
    if values is NO_VALUE or not all(isinstance(value, int) for value in values):
        return False
    return len(set(values)) == len(values) and (min(values, default=0) >= 0 or max(values) < 0)


def _indexed(
    shape: Shape, items: list[tuple[str, Any]], missing: int, types: Types, stable: Container[str]
) -> Shape | None:
    """The shape that is left: NumPy puts the dimensions of arrays and masks where they stand together, else first."""
    if not any(kind == ELLIPSIS for kind, _ in items):
        items = [*items, (ELLIPSIS, (Static(Ellipsis), None))]
    gathers = any(kind in (ARRAY, MASK) for kind, _ in items)
    out: list[Size] = []
    gathered: list[Shape | None] = []
    places: list[int] = []
    axis = first = 0
    for position, (kind, (part, node)) in enumerate(items):
        if kind == NEWAXIS:
            out.append(1)
        elif kind == ELLIPSIS:
            out.extend(shape[axis : axis + missing])
            axis += missing
        elif kind == SLICE:
            out.append(_sliced(shape[axis], part, node, types))
            axis += 1
        else:
            if gathers:
                places.append(position)
                first = len(out) if len(places) == 1 else first
            gathered.append(_selected(kind, part, node, stable))
            axis += _consumed(kind, part)
    if not gathers:
        return tuple(out)
    block = broadcast_shapes(*gathered)
    if block is None:
        return None
    together = places == list(range(places[0], places[-1] + 1))
    at = first if together else 0
    return (*out[:at], *block, *out[at:])


def _selected(kind: str, part: Type, node: gast.expr | None, stable: Container[str]) -> Shape | None:
    """The shape of the indices that an integer, an array of integers or a mask stands for."""
    if kind == INTEGER:
        return ()
    if kind == ARRAY:
        return shape_of(part)
    if isinstance(node, gast.Name) and node.id in stable:
        return (Dim(f"count({node.id})"),)
    return (fresh_dim("mask"),)


def _sliced(size: Size, part: Type, node: gast.expr | None, types: Types) -> Size:
    """What a slice leaves of a dimension."""
    if isinstance(node, gast.Slice) and not isinstance(part, Static):
        part = _type_of(node, types)
    if isinstance(part, Static):
        bounds = (part.value.start, part.value.stop, part.value.step)
        if all(bound is None or isinstance(bound, (int, np.integer)) for bound in bounds):
            return slice_size(size, *(None if bound is None else int(bound) for bound in bounds))
    stop = _length_of(node, types)
    if stop is not None and isinstance(size, Dim):
        return smaller(size, stop)
    if isinstance(node, gast.Slice) and _is_pure(node, types):
        return Dim(f"slice({size},{gast.unparse(node)})")
    return fresh_dim("slice")


def _length_of(node: gast.expr | None, types: Types) -> Dim | None:
    """The size that `n` stands for in a slice ``:n``, None for any other slice."""
    if not isinstance(node, gast.Slice) or not isinstance(node.upper, gast.Name):
        return None
    known = types.get(node.upper.id)
    return known.size if node.lower is None and node.step is None and isinstance(known, Length) else None


def _is_pure(node: gast.Slice, types: Types) -> bool:
    """Whether the bounds of a slice are the same whenever their names have the same values."""
    plain = (gast.Slice, gast.Constant, gast.Name, gast.BinOp, gast.UnaryOp, gast.operator, gast.unaryop)
    inner = [part for part in nodes(node) if not isinstance(part, gast.expr_context)]
    names = [part.id for part in inner if isinstance(part, gast.Name)]
    return all(isinstance(part, plain) for part in inner) and all(
        _is_integer(types.get(n, Opaque())) for n in names
    )


# ---- functions that select ----------------------------------------------------------------------
@lenient
def _take_type(a: Type, indices: Type, axis: Type | None = None, out: Any = None, mode: Any = None) -> Type:
    where = static_axis(axis, None)
    shape, chosen = shape_of(a), shape_of(indices)
    if where is NO_VALUE or chosen is None or (where is not None and shape is None):
        return Array(dtype_of(a), None)
    if where is None:
        return number(dtype_of(a), chosen)
    assert shape is not None
    where %= len(shape)
    return number(dtype_of(a), shape[:where] + chosen + shape[where + 1 :])


@linear(
    np.take, infer=_take_type,
    at=[
        sample(np.arange(6.0).reshape(2, 3), np.array([2, 0, 2]), axis=1),
        sample(np.arange(6.0), np.array([[1], [1]])),
    ],
)  # fmt: skip
def take(a, indices, axis=None, out=None, mode="raise", *, y_bar):
    if mode == "raise" and axis is None:
        return untake(y_bar, indices, a.shape)
    if mode == "raise":
        return untake(y_bar, indices, a.shape, axis)
    return untake(y_bar, indices, a.shape, axis, mode)


@lenient
def _untake_type(values: Type, indices: Type, shape: Type, axis: Any = None, mode: Any = None) -> Type:
    return Array(dtype_of(values), to_shape(shape, "shape"))


@linear(untake, infer=_untake_type, at=[sample(np.arange(3.0), np.array([2, 0, 2]), (4,))])
def untake_(values, indices, shape, axis=None, mode="raise", *, y_bar):
    if mode == "raise" and axis is None:
        return np.take(y_bar, indices)
    if mode == "raise":
        return np.take(y_bar, indices, axis)
    return np.take(y_bar, indices, axis, mode=mode)


@lenient
def _scatter_type(values: Type, index: Type, shape: Type) -> Type:
    return Array(dtype_of(values), to_shape(shape, "shape"))


@linear(scatter, infer=_scatter_type, at=[sample(np.arange(3.0), np.array([1, 1, 0]), (2,))])
def scatter_(values, index, shape, *, y_bar):
    return y_bar[index]


@lenient
def _along_type(arr: Type, indices: Type, axis: Type | None = None) -> Type:
    where = static_axis(axis, -1)
    shape, chosen = shape_of(arr), shape_of(indices)
    if where is None or chosen is None or shape is None or where is NO_VALUE:
        return Array(dtype_of(arr), chosen)
    sizes = broadcast_shapes(
        tuple(size for k, size in enumerate(shape) if k != where % len(shape)),
        tuple(size for k, size in enumerate(chosen) if k != where % len(shape)),
    )
    if sizes is None:
        return Array(dtype_of(arr), None)
    where %= len(shape)
    return Array(dtype_of(arr), (*sizes[:where], chosen[where], *sizes[where:]))


_ORDER = np.array([[1, 0, 0], [2, 2, 1]])


@linear(
    np.take_along_axis, infer=_along_type,
    at=[sample(np.arange(6.0).reshape(2, 3), _ORDER, 1), sample(np.arange(6.0).reshape(2, 3), _ORDER[0], None)],
)  # fmt: skip
def take_along_axis(arr, indices, axis=-1, *, y_bar):
    return scatter_along(y_bar, indices, arr.shape, axis)


@linear(scatter_along, infer=_untake_type, at=[sample(np.ones((2, 3)), _ORDER, (2, 4), 1)])
def scatter_along_(values, indices, shape, axis=-1, *, y_bar):
    return np.take_along_axis(y_bar, indices, axis)


@lenient
def _compress_type(condition: Type, a: Type, axis: Type | None = None, out: Any = None) -> Type:
    where, shape = static_axis(axis, None), shape_of(a)
    if where is None:
        return Array(dtype_of(a), (fresh_dim("mask"),))
    if where is NO_VALUE or shape is None:
        return Array(dtype_of(a), None)
    where %= len(shape)
    return Array(dtype_of(a), (*shape[:where], fresh_dim("mask"), *shape[where + 1 :]))


@linear(
    np.compress, wrt=("a",), infer=_compress_type,
    at=[
        sample(np.array([True, False, True]), np.arange(6.0).reshape(2, 3), axis=1),
        sample(np.array([True, False, True]), np.arange(6.0).reshape(2, 3)),
    ],
)  # fmt: skip
def compress(condition, a, axis=None, out=None, *, y_bar):
    if axis is None:
        return untake(y_bar, np.flatnonzero(condition), a.shape)
    return untake(y_bar, np.flatnonzero(condition), a.shape, axis)


@lenient
def _extract_type(condition: Type, arr: Type) -> Type:
    return Array(dtype_of(arr), (fresh_dim("mask"),))


@linear(
    np.extract, wrt=("arr",), infer=_extract_type,
    at=[sample(np.array([[True, False, True], [False, True, True]]), np.arange(6.0).reshape(2, 3))],
)  # fmt: skip
def extract(condition, arr, *, y_bar):
    return untake(y_bar, np.flatnonzero(condition), arr.shape)


@lenient
def _choose_type(a: Type, choices: Type, out: Any = None, mode: Any = None) -> Type:
    items = choices.items if isinstance(choices, Sequence) else ()
    if isinstance(choices, Array) and choices.shape is not None:
        return number(strong(choices.dtype), broadcast_shapes(shape_of(a), choices.shape[1:]))
    if not items:
        return Array(dtype_of(choices), None)
    return number(promote_arrays(*items), broadcast_shapes(shape_of(a), *(shape_of(item) for item in items)))


def _rows(a: Operand, choices: Operand) -> Operand:
    """Choices that are the rows of an array, of the result's rank."""
    places, rows = shape_of(a.type), shape_of(choices.type)
    if isinstance(choices.type, Array) and places is not None and rows and len(places) < len(rows):
        return choices
    raise NotDifferentiable("np.choose of a list that is not written out: write `[a, b]`, or index an array")


@rule(
    np.choose, template=True, infer=_choose_type,
    at=[
        sample(np.array([0, 2, 1, 0]), [np.arange(4.0), 2.0 * np.ones(4), 3.0]),
        sample(np.array([1, 0, 1]), np.arange(6.0).reshape(2, 3)),
    ],
)  # fmt: skip
class choose:
    """Each element of the result is one element of one choice."""

    def jvp(a, choices, *, y):
        if not choices.items:
            return f"np.choose({a.source}, {_rows(a, choices).dot})"
        dots = ", ".join(item.dot if item.active else "0.0" for item in choices.items)
        return f"np.choose({a.source}, [{dots}])"

    def vjp(a, choices, *, y, y_bar):
        cotangents = {}
        if not choices.items:
            ones = ", 1" * (len(_rows(a, choices).type.shape) - 1)
            which = f"np.arange(len({choices.source})).reshape(-1{ones})"
            masked = f"np.where(np.equal({a.source}, {which}), {y_bar}, 0.0)"
            return {"choices": f"unbroadcast({masked}, {choices.source})"}
        for k, item in enumerate(choices.items):
            if item.active:
                chosen = (
                    f"np.equal({a.source}, {k})"
                    if isinstance(a.type, (Sequence, ListOf))
                    else f"{a.source} == {k}"
                )
                masked = f"np.where({chosen}, {y_bar}, 0.0)"
                cotangents[f"choices[{k}]"] = (
                    f"np.sum({masked})" if rank(item.type) == 0 else f"unbroadcast({masked}, {item.source})"
                )
        return cotangents


__all__ = ["index_type", "is_basic", "may_repeat", "unbroadcast"]


@lenient
def _last_write_type(array: Type, index: Type) -> Type:
    read = index_type(array, gast.Constant(None, None), {}, index)
    return number("bool", shape_of(read)) if shape_of(read) is not None else Array("bool", None)


nondifferentiable(last_write, infer=_last_write_type)
