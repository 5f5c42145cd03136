"""Functions that make one array of several, or several of one: concatenate, stack, array, split, meshgrid, diff."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2sad.errors import NotDifferentiable
from s2sad.rules.fresh import fresh_dim
from s2sad.rules.record import Operand, linear, rank, rule, sample
from s2sad.rules.sizes import (
    Shape,
    dtype_argument,
    dtype_of,
    lenient,
    number,
    product,
    promote_arrays,
    same_sizes,
    shape_of,
    shift,
    slice_size,
    static_axis,
    strong,
    total,
)
from s2sad.runtime.arrays import numbers_of, split_like, unbroadcast, undiff, unstack
from s2sad.signature import NO_VALUE, Array, ListOf, Scalar, Sequence, Size, Type, kind_of, static_value

_V, _M = np.array([1.0, -2.0, 0.5]), np.arange(6.0).reshape(2, 3) - 2.5
_T = np.linspace(-1.0, 1.0, 24).reshape(2, 3, 4)


# ---- text -----------------------------------------------------------------------------------------
def tangents(operand: Operand) -> str:
    """The tangent of an operand as text: displays item by item, zeros where there is none."""
    if operand.items:
        inner = ", ".join(tangents(item) for item in operand.items)
        is_tuple = isinstance(operand.type, Sequence) and operand.type.cls is not list
        return (
            f"({inner},)"
            if is_tuple and len(operand.items) == 1
            else f"({inner})"
            if is_tuple
            else f"[{inner}]"
        )
    if operand.active:
        return operand.dot
    return "0.0" if isinstance(operand.type, Scalar) else f"np.zeros_like({operand.source})"


def along(axis: int, index: str) -> str:
    """An index for one axis as text.

    >>> along(0, "k"), along(2, "2:5")
    ('[k]', '[:, :, 2:5]')
    """
    return "[" + ", ".join([":"] * axis + [index]) + "]"


def _ndim(known: Type) -> int | None:
    """The rank of the array that NumPy makes of a value: lists have one, too."""
    shape = shape_of(known)
    return None if shape is None else len(shape)


def _size_text(item: Operand, axis: int) -> str:
    shape = shape_of(item.type)
    if shape is not None and isinstance(shape[axis], int):
        return str(shape[axis])
    if axis == 0:
        return f"len({item.source})"
    whole = item.source if isinstance(item.type, Array) else f"np.asarray({item.source})"
    return f"{whole}.shape[{axis}]"


class _Position:
    """Where the next piece starts: a known number and the texts of unknown sizes."""

    def __init__(self) -> None:
        self.known, self.texts = 0, []  # type: int, list[str]

    def __str__(self) -> str:
        parts = self.texts + ([str(self.known)] if self.known or not self.texts else [])
        return " + ".join(parts)

    def advance(self, size: str) -> None:
        if size.isdigit():
            self.known += int(size)
        else:
            self.texts.append(size)


def pieces(items: tuple[Operand, ...], axis: int, y_bar: str, name: str) -> dict[str, str]:
    """The slices of the cotangent that belong to arrays joined along an axis."""
    position = _Position()
    texts = {}
    for k, item in enumerate(items):
        start = str(position)
        position.advance(_size_text(item, axis))
        if item.active:
            first, last = "" if start == "0" else start, "" if k == len(items) - 1 else str(position)
            texts[f"{name}[{k}]"] = y_bar + along(axis, f"{first}:{last}")
    return texts


def _known(argument: Any) -> Any:
    """The value of an argument that is an operand, or a default left as it is."""
    return static_value(argument.type) if isinstance(argument, Operand) else argument


def _keyword(name: str, argument: Any, default: Any = None) -> str:
    """An argument passed on by name; nothing where it has its default."""
    if not isinstance(argument, Operand) or _known(argument) == default:
        return ""
    return f", {name}={argument.source}"


def _given(argument: Any) -> Operand | None:
    """An optional operand, where it was given."""
    return argument if isinstance(argument, Operand) and _known(argument) is not None else None


# ---- concatenate ----------------------------------------------------------------------------------
def joined_type(items: Any, axis: Any) -> Type:
    """The type of a concatenation."""
    dtype = promote_arrays(*items)
    shapes = [shape_of(item) for item in items]
    if axis is None:
        flat = [product(shape) for shape in shapes if shape is not None]
        return Array(dtype, (total(flat) if len(flat) == len(shapes) else fresh_dim("concatenate"),))
    if axis is NO_VALUE or any(shape is None for shape in shapes):
        return Array(dtype, None)
    known = [shape for shape in shapes if shape is not None]
    axis %= len(known[0])
    sizes = [same_sizes(column) if k != axis else total(column) for k, column in enumerate(zip(*known))]
    return Array(dtype, tuple(sizes))


@lenient
def _concatenate_type(arrays: Type, axis: Type | None = None, out: Any = None, **options: Type) -> Type:
    where = static_axis(axis, 0)
    if isinstance(arrays, Sequence):
        found = joined_type(arrays.items, where)
    elif isinstance(arrays, ListOf):
        found = _list_joined(arrays.item, where)
    else:
        whole = shape_of(arrays)
        found = Array(dtype_of(arrays), None if whole is None else (fresh_dim("concatenate"), *whole[2:]))
    return Array(dtype_argument(options.get("dtype"), strong(dtype_of(found))), shape_of(found))


def _list_joined(item: Type, axis: Any) -> Type:
    shape = shape_of(item)
    if axis is None:
        return Array(dtype_of(item), (fresh_dim("concatenate"),))
    if shape is None or axis is NO_VALUE:
        return Array(dtype_of(item), None)
    sizes = list(shape)
    sizes[axis] = fresh_dim("concatenate")
    return Array(dtype_of(item), tuple(sizes))


@rule(
    np.concatenate, template=True, infer=_concatenate_type,
    at=[
        sample((_V, _V[:2], _V)), sample([_M, _M[:1]]), sample((_M, _M), 1), sample((_M, _V), axis=None),
        sample((_T, _T), axis=-1),
    ],
)  # fmt: skip
class concatenate:
    """Arrays end to end."""

    def jvp(arrays, axis=0, out=None, *, y, dtype=None):
        return f"np.concatenate({tangents(arrays)}{_keyword('axis', axis, 0)})"

    def vjp(arrays, axis=0, out=None, *, y, y_bar, dtype=None):
        where = _known(axis)
        ranks = {_ndim(item.type) for item in arrays.items}
        if where is None and ranks == {1}:
            where = 0
        if arrays.items and isinstance(where, int) and None not in ranks:
            return pieces(arrays.items, where % ranks.pop(), y_bar, "arrays")
        text = f"split_like({y_bar}, {arrays.source}{_keyword('axis', axis, 0)})"
        if not arrays.items:
            return {"arrays": text}
        return {f"arrays[{k}]": f"{text}[{k}]" for k, item in enumerate(arrays.items) if item.active}


@lenient
def _split_like_type(whole: Type, parts: Type, axis: Any = None) -> Type:
    dtype = strong(dtype_of(whole))
    if isinstance(parts, Sequence):
        return Sequence(list, tuple(Array(dtype, shape_of(item)) for item in parts.items))
    return ListOf(Array(dtype, shape_of(parts.item) if isinstance(parts, ListOf) else None))


@linear(
    split_like,
    infer=_split_like_type,
    at=[sample(_V, (_V[:1], _V[:2])), sample(_M, [_M[:, :1], _M[:, :2]], 1)],
)
def split_like_(whole, parts, axis=0, *, y_bar):
    return np.concatenate(y_bar, axis=axis)


# ---- stack ----------------------------------------------------------------------------------------
def _with_axis(shape: Shape, axis: int, size: Size) -> Shape:
    axis %= len(shape) + 1
    return (*shape[:axis], size, *shape[axis:])


@lenient
def _stack_type(arrays: Type, axis: Type | None = None, out: Any = None, **options: Type) -> Type:
    where, whole = static_axis(axis, 0), shape_of(arrays)
    dtype = dtype_argument(options.get("dtype"), strong(dtype_of(arrays)))
    if whole is None or where is NO_VALUE:
        return Array(dtype, None)
    return Array(dtype, _with_axis(whole[1:], where, whole[0]))


@rule(
    np.stack, template=True, infer=_stack_type,
    at=[sample((_V, _V)), sample([_V, _V], 1), sample((_M, _M), axis=-1), sample([2.0, 3.0, 4.0]), sample((_M, _M), 1)],
)  # fmt: skip
class stack:
    """Arrays side by side along a new axis."""

    def jvp(arrays, axis=0, out=None, *, y, dtype=None):
        return f"np.stack({tangents(arrays)}{_keyword('axis', axis, 0)})"

    def vjp(arrays, axis=0, out=None, *, y, y_bar, dtype=None):
        where, ndim = _known(axis), rank(_stack_type(arrays.type, Scalar("int", 0)))
        if where is NO_VALUE or (ndim is None and where < 0):
            raise NotDifferentiable("the axis of np.stack must be known at compile time")
        if ndim is not None:
            where %= ndim
        if not arrays.items:
            return {"arrays": f"unstack({y_bar}, {where})"}
        return {
            f"arrays[{k}]": y_bar + along(where, str(k)) for k, item in enumerate(arrays.items) if item.active
        }


@lenient
def _unstack_type(whole: Type, axis: Type | None = None) -> Type:
    shape, where = shape_of(whole), static_axis(axis, 0)
    if shape is None or where is NO_VALUE:
        return ListOf(Array(dtype_of(whole), None))
    where %= len(shape)
    item = number(dtype_of(whole), shape[:where] + shape[where + 1 :])
    count = shape[where]
    return Sequence(list, (item,) * count) if isinstance(count, int) else ListOf(item)


@linear(unstack, infer=_unstack_type, at=[(_M,), sample(_M, 1)])
def unstack_(whole, axis=0, *, y_bar):
    return np.stack(y_bar, axis=axis)


def _numbers_type(whole: Type) -> Type:
    shape = shape_of(whole)
    item = Scalar(
        {"f": "float", "c": "complex", "i": "int", "u": "int", "b": "bool"}[
            np.dtype(strong(dtype_of(whole))).kind
        ]
    )
    count = shape[0] if shape else None
    return Sequence(list, (item,) * count) if isinstance(count, int) else ListOf(item)


@linear(numbers_of, infer=lenient(_numbers_type), at=[(_M[0],)])
def numbers_of_(whole, *, y_bar):
    return np.array(y_bar)


# ---- hstack, vstack, column_stack, dstack -----------------------------------------------------------
def _raised(known: Type, primitive: Any) -> Type:
    """The type of an item after the stacking function gave it the dimensions it needs."""
    shape = shape_of(known)
    dtype = strong(dtype_of(known))
    if shape is None:
        return Array(dtype, None)
    if primitive is np.hstack:
        return Array(dtype, shape or (1,))
    if primitive is np.vstack:
        return Array(dtype, (1,) * (2 - len(shape)) + shape)
    if primitive is np.dstack:
        raised = {0: (1, 1, 1), 1: (1, *shape, 1), 2: (*shape, 1)}
        return Array(dtype, raised.get(len(shape), shape))
    return Array(dtype, {0: (1, 1), 1: (*shape, 1)}.get(len(shape), shape))


def _axis_of(primitive: Any, raised: Type) -> Any:
    if primitive is np.vstack:
        return 0
    if primitive is np.hstack:
        return NO_VALUE if rank(raised) is None else 0 if rank(raised) == 1 else 1
    return 2 if primitive is np.dstack else 1


def _inside(primitive: Any, ndim: int, position: str) -> str | None:
    """The index of an item that was given a dimension; None where it only takes a slice."""
    rows = {np.vstack: ["{0}, 0", "{0}"], np.column_stack: ["0, {0}", ":, {0}"], np.hstack: ["{0}"]}
    rows[np.dstack] = ["0, 0, {0}", "0, :, {0}", ":, :, {0}"]
    forms = rows[primitive]
    return forms[ndim].format(position) if ndim < len(forms) else None


def _stacked_pieces(primitive: Any, items: tuple[Operand, ...], y_bar: str) -> dict[str, str]:
    position = _Position()
    texts = {}
    for k, item in enumerate(items):
        raised = _raised(item.type, primitive)
        ndim = _ndim(item.type)
        if ndim is None:
            raise NotDifferentiable(f"the rank of an operand of np.{primitive.__name__} is not known")
        start = str(position)
        index = _inside(primitive, ndim, start)
        axis = _axis_of(primitive, raised)
        position.advance("1" if index is not None else _size_text(item, axis))
        if index is None:
            first, last = "" if start == "0" else start, "" if k == len(items) - 1 else str(position)
            index = along(axis, f"{first}:{last}")[1:-1]
        if item.active:
            texts[f"tup[{k}]"] = f"{y_bar}[{index}]"
    return texts


def _stacker(primitive: Any, samples: list[Any]) -> None:
    name = f"np.{primitive.__name__}"

    @lenient
    def infer(tup: Type, **options: Type) -> Type:
        if isinstance(tup, Sequence):
            items = [_raised(item, primitive) for item in tup.items]
            return joined_type(items, _axis_of(primitive, items[0]))
        rows = Array(dtype_of(tup), (shape_of(tup) or ())[1:])
        item = _raised(tup.item if isinstance(tup, ListOf) else rows, primitive)
        return _list_joined(item, _axis_of(primitive, item))

    class stacker:
        """Arrays joined along a fixed axis."""

        def jvp(tup, *, y, dtype=None):
            return f"{name}({tangents(tup)})"

        def vjp(tup, *, y, y_bar, dtype=None):
            if tup.items:
                return _stacked_pieces(primitive, tup.items, y_bar)
            if isinstance(tup.type, ListOf) and rank(tup.type.item) == (
                1 if primitive is not np.hstack else 0
            ):
                return {"tup": f"unstack({y_bar}, {0 if primitive is not np.column_stack else 1})"}
            raise NotDifferentiable(f"{name} of a list of unknown length: use np.concatenate or np.stack")

    rule(primitive, template=True, infer=infer, at=samples)(stacker)


_stacker(np.hstack, [sample((_V, _V[:2])), sample([_M, _M]), sample((1.0, _V, 2.0))])
_stacker(np.vstack, [sample((_V, _V)), sample([_M, _V, _M]), sample((1.0, 2.0))])
_stacker(np.column_stack, [sample((_V, _V)), sample([_M, _V[:2], _M])])
_stacker(np.dstack, [sample((_V, _V)), sample([_M, _M]), sample([_T, _T])])


# ---- array ----------------------------------------------------------------------------------------
@lenient
def _array_type(known: Type, dtype: Type | None = None, **options: Type) -> Type:
    shape, least = shape_of(known), static_axis(options.get("ndmin"), 0)
    if shape is not None and isinstance(least, int) and least > len(shape):
        shape = (1,) * (least - len(shape)) + shape
    return Array(dtype_argument(dtype, strong(dtype_of(known))), shape)


def _array_jvp(operand: Operand, dtype: Any, name: str) -> str:
    return f"{name}({tangents(operand)}{_keyword('dtype', dtype)})"


def _array_vjp(operand: Operand, dtype: Any, ndmin: Any, y_bar: str, name: str) -> dict[str, str]:
    """Item by item for a display; else the cotangent itself, in the operand's own shape and dtype."""
    if operand.items:
        return _nested(operand, [], y_bar, name)
    if isinstance(operand.type, (ListOf, Sequence)):
        inner = operand.type.item if isinstance(operand.type, ListOf) else Scalar("float")
        return {name: f"{y_bar}.tolist()" if inner.is_container else f"unstack({y_bar})"}
    options = {"ndmin": Scalar("int", _known(ndmin))} if isinstance(_known(ndmin), int) else {}
    given = _given(dtype)
    return {
        name: _as_operand(operand, _array_type(operand.type, given.type if given else None, **options), y_bar)
    }


def _as_operand(operand: Operand, made: Type, y_bar: str) -> str:
    own, found = rank(operand.type), rank(made)
    if own == 0:
        return f"np.sum({y_bar})" if found else y_bar
    text = y_bar if own == found else f"np.reshape({y_bar}, {operand.source}.shape)"
    differ = strong(dtype_of(made)) != strong(dtype_of(operand.type))
    same_kind = kind_of(dtype_of(made)) == kind_of(dtype_of(operand.type))
    return f"np.asarray({text}, dtype={operand.source}.dtype)" if differ and same_kind else text


def _nested(operand: Operand, path: list[int], y_bar: str, name: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for k, item in enumerate(operand.items):
        here = [*path, k]
        key = name + "".join(f"[{step}]" for step in here)
        if item.items:
            texts.update(_nested(item, here, y_bar, name))
        elif item.active:
            texts[key] = f"{y_bar}[{', '.join(map(str, here))}]"
    return texts


_ARRAYS = [(_M,), (2.0,), ([1.0, 2.0],), ([[1.0, 2.0], [3.0, 4.0]],), ([_V, _V],), ((_V, [1.0, 2.0, 3.0]),)]


@rule(np.array, template=True, infer=_array_type, at=[*(sample(*a) for a in _ARRAYS), sample(_V, ndmin=2)])
class array:
    """A new array of numbers, of nested lists, or of arrays."""

    def jvp(object, dtype=None, *, y, copy=True, order="K", subok=False, ndmin=0):
        extra = _keyword("dtype", dtype) + _keyword("ndmin", ndmin, 0)
        return f"np.array({tangents(object)}{extra})"

    def vjp(object, dtype=None, *, y, y_bar, copy=True, order="K", subok=False, ndmin=0):
        return _array_vjp(object, dtype, ndmin, y_bar, "object")


@rule(
    np.asarray, np.asanyarray, template=True, view=True, infer=_array_type,
    at=[sample(*a) for a in _ARRAYS],
)  # fmt: skip
class asarray:
    """An array as it is, or a new one of what is not one."""

    def jvp(a, dtype=None, order=None, *, y, copy=None, device=None):
        return _array_jvp(a, dtype, "np.asarray")

    def vjp(a, dtype=None, order=None, *, y, y_bar, copy=None, device=None):
        return _array_vjp(a, dtype, 0, y_bar, "a")


def _at_least_one(a: Type, dtype: Type | None = None) -> Type:
    """A number becomes an array of one."""
    known = _array_type(a) if dtype is None else _array_type(a, dtype)
    return Array(known.dtype, (1,)) if isinstance(known, (Scalar, Array)) and known.shape == () else known


@rule(
    np.ascontiguousarray, np.asfortranarray, template=True, view=True, infer=_at_least_one,
    at=[sample(*a) for a in _ARRAYS],
)  # fmt: skip
class ascontiguousarray:
    """As `asarray`, with at least one dimension."""

    def jvp(a, dtype=None, *, y):
        made = _array_jvp(a, dtype, "np.asarray")
        return f"np.atleast_1d({made})" if getattr(a.type, "shape", None) == () else made

    def vjp(a, dtype=None, *, y, y_bar):
        return _array_vjp(
            a, dtype, 0, f"np.sum({y_bar})" if getattr(a.type, "shape", None) == () else y_bar, "a"
        )


# ---- split ----------------------------------------------------------------------------------------
def _split_sizes(size: Size, sections: Any, stem: str) -> list[Size] | None:
    if isinstance(sections, int):
        if isinstance(size, int):
            return [len(part) for part in np.array_split(np.empty(size), sections)]
        return [fresh_dim(stem) for _ in range(sections)]
    if sections is NO_VALUE:
        return None
    bounds = [0, *sections, None]
    return [slice_size(size, bounds[k], bounds[k + 1]) for k in range(len(bounds) - 1)]


def _split_type(ary: Type, sections: Type, axis: int | Any) -> Type:
    shape, dtype = shape_of(ary), strong(dtype_of(ary))
    if shape is None or axis is NO_VALUE:
        return ListOf(Array(dtype, None))
    axis %= len(shape)
    sizes = _split_sizes(shape[axis], static_value(sections), "split")
    if sizes is None:
        return ListOf(Array(dtype, (*shape[:axis], fresh_dim("split"), *shape[axis + 1 :])))
    return Sequence(list, tuple(Array(dtype, (*shape[:axis], size, *shape[axis + 1 :])) for size in sizes))


@lenient
def _any_split_type(ary: Type, indices_or_sections: Type, axis: Type | None = None) -> Type:
    return _split_type(ary, indices_or_sections, static_axis(axis, 0))


@linear(
    np.split, np.array_split, infer=_any_split_type, view=True,
    at=[sample(_V, 3), sample(_M, [1]), sample(_M, [1, 2], axis=1), sample(_T, 2, -1)],
)  # fmt: skip
def split(ary, indices_or_sections, axis=0, *, y_bar):
    return np.concatenate(y_bar, axis=axis)


@lenient
def _hsplit_type(ary: Type, indices_or_sections: Type) -> Type:
    return _split_type(ary, indices_or_sections, 0 if rank(ary) == 1 else 1)


@linear(np.hsplit, infer=_hsplit_type, view=True, at=[sample(_V, 3), sample(_M, [1])])
def hsplit(ary, indices_or_sections, *, y_bar):
    return np.hstack(y_bar)


@lenient
def _vsplit_type(ary: Type, indices_or_sections: Type) -> Type:
    return _split_type(ary, indices_or_sections, 0)


@linear(np.vsplit, infer=_vsplit_type, view=True, at=[sample(_M, 2), sample(_M, [1])])
def vsplit(ary, indices_or_sections, *, y_bar):
    return np.concatenate(y_bar)


# ---- append ---------------------------------------------------------------------------------------
@lenient
def _append_type(arr: Type, values: Type, axis: Type | None = None) -> Type:
    return joined_type((arr, values), static_axis(axis, None))


@rule(
    np.append, template=True, infer=_append_type,
    at=[sample(_V, _V[:2]), sample(_M, _M, axis=1), sample(_V, 2.0), sample(_M, _V)],
)  # fmt: skip
class append:
    """An array and what follows it."""

    def jvp(arr, values, axis=None, *, y):
        return f"np.append({tangents(arr)}, {tangents(values)}{_keyword('axis', axis)})"

    def vjp(arr, values, axis=None, *, y, y_bar):
        where = _known(axis)
        if where is None:
            cut = f"np.size({arr.source})"
            first, second = f"{y_bar}[:{cut}]", f"{y_bar}[{cut}:]"
            if _ndim(arr.type) != 1:
                first = f"np.reshape({first}, np.shape({arr.source}))"
            if _ndim(values.type) != 1:
                second = f"np.reshape({second}, np.shape({values.source}))"
        else:
            ndim = _ndim(arr.type)
            if ndim is None:
                raise NotDifferentiable("the rank of an operand of np.append is not known")
            where %= ndim
            cut = f"{arr.source}.shape[{where}]"
            first, second = y_bar + along(where, f":{cut}"), y_bar + along(where, f"{cut}:")
        both = {"arr": (arr, first), "values": (values, second)}
        return {name: text for name, (operand, text) in both.items() if operand.active}


# ---- meshgrid -------------------------------------------------------------------------------------
def _grid_axes(count: int, indexing: Any) -> list[int]:
    """The axis of the grids along which each coordinate varies."""
    axes = list(range(count))
    if indexing == "xy" and count > 1:
        axes[:2] = [1, 0]
    return axes


@lenient
def _meshgrid_type(*xi: Type, **options: Type) -> Type:
    axes = _grid_axes(len(xi), static_axis(options.get("indexing"), "xy"))
    sparse = static_axis(options.get("sparse"), False)
    sizes: list[Size] = [1] * len(xi)
    for known, axis in zip(xi, axes):
        shape = shape_of(known)
        sizes[axis] = fresh_dim("meshgrid") if shape is None else product(shape)
    grids = []
    for known, axis in zip(xi, axes):
        shape = tuple(size if k == axis or not sparse else 1 for k, size in enumerate(sizes))
        grids.append(Array(strong(dtype_of(known)), shape))
    return Sequence(tuple, tuple(grids))


@rule(
    np.meshgrid, template=True, infer=_meshgrid_type,
    at=[sample(_V, _V[:2]), sample(_V, _V[:2], indexing="ij"), sample(_V, _V[:2], _V), sample(_V, _V[:2], sparse=True),
        sample(_M, _V), sample(_M)],
)  # fmt: skip
class meshgrid:
    """Coordinates as full grids."""

    def jvp(*xi, y, copy=True, sparse=False, indexing="xy"):
        dots = ", ".join(tangents(item) for item in xi)
        return f"np.meshgrid({dots}{_keyword('sparse', sparse, False)}{_keyword('indexing', indexing, 'xy')})"

    def vjp(*xi, y, y_bar, copy=True, sparse=False, indexing="xy"):
        axes = _grid_axes(len(xi), _known(indexing))
        texts = {}
        for k, (item, axis) in enumerate(zip(xi, axes)):
            others = tuple(other for other in range(len(xi)) if other != axis)
            if not item.active:
                continue
            if _ndim(item.type) == 0:
                texts[f"xi[{k}]"] = f"np.sum({y_bar}[{k}])"
                continue
            if _known(sparse) or not others:
                text = f"np.ravel({y_bar}[{k}])"
            else:
                chosen = others[0] if len(others) == 1 else others
                text = f"np.sum({y_bar}[{k}], axis={chosen})"
            texts[f"xi[{k}]"] = text if _ndim(item.type) == 1 else f"np.reshape({text}, {item.source}.shape)"
        return texts


# ---- diff -----------------------------------------------------------------------------------------
@lenient
def _diff_type(
    a: Type,
    n: Type | None = None,
    axis: Type | None = None,
    prepend: Type | None = None,
    append: Type | None = None,
) -> Type:
    shape, times, where = shape_of(a), static_axis(n, 1), static_axis(axis, -1)
    dtype = promote_arrays(*(known for known in (a, prepend, append) if known is not None))
    if shape is None or where is NO_VALUE:
        return Array(dtype, None)
    where %= len(shape)
    sizes = [shape[where]]
    for known in (prepend, append):
        extra = shape_of(known) if known is not None else None
        sizes += [] if known is None else [1] if not extra else [extra[where]]
    left = fresh_dim("diff") if times is NO_VALUE else shift(total(sizes), -times)
    return Array(dtype, (*shape[:where], left, *shape[where + 1 :]))


@rule(
    np.diff, template=True, infer=_diff_type,
    at=[
        sample(_V), sample(_M), sample(_M, axis=0), sample(_T, 2, 1), sample(_V, prepend=0.0), sample(_V, append=_V),
        sample(_M, 1, 0, prepend=_M[:1]), sample(_V, 1, -1, 0.5), sample(_M, 2, 0, _M[:1], _M),
    ],
)  # fmt: skip
class diff:
    """Differences of neighbours."""

    def jvp(a, n=1, axis=-1, prepend=None, append=None, *, y):
        both = (("prepend", _given(prepend)), ("append", _given(append)))
        ends = "".join(f", {name}={tangents(end)}" for name, end in both if end is not None)
        return f"np.diff({tangents(a)}{_keyword('n', n, 1)}{_keyword('axis', axis, -1)}{ends})"

    def vjp(a, n=1, axis=-1, prepend=None, append=None, *, y, y_bar):
        whole = f"undiff({y_bar}{_keyword('n', n, 1)}{_keyword('axis', axis, -1)})"
        prepend, append = _given(prepend), _given(append)
        if prepend is None and append is None:
            if _known(n) == 1 and strong(dtype_of(a.type)) == "float64":
                whole = f"-np.diff({y_bar}{_keyword('axis', axis, -1)}, prepend=0.0, append=0.0)"
            return {"a": whole}
        where = axis.source if isinstance(axis, Operand) else str(axis)
        first = "0" if prepend is None else _length(prepend, where)
        split = f"np.split({whole}, ({first}, {first} + {a.source}.shape[{where}]), axis={where})"
        texts = {}
        for k, (name, operand) in enumerate((("prepend", prepend), ("a", a), ("append", append))):
            if operand is not None and operand.active:
                texts[name] = (
                    f"{split}[{k}]" if name == "a" else f"unbroadcast({split}[{k}], {operand.source})"
                )
        return texts


def _length(operand: Operand, axis: str) -> str:
    return "1" if _ndim(operand.type) == 0 else f"{operand.source}.shape[{axis}]"


@lenient
def _undiff_type(differences: Type, n: Type | None = None, axis: Type | None = None) -> Type:
    shape, times, where = shape_of(differences), static_axis(n, 1), static_axis(axis, -1)
    if shape is None or where is NO_VALUE or times is NO_VALUE:
        return Array(dtype_of(differences), None)
    where %= len(shape)
    return Array(dtype_of(differences), (*shape[:where], shift(shape[where], times), *shape[where + 1 :]))


@linear(undiff, infer=_undiff_type, at=[(_V,), sample(_M, 2, 0)])
def undiff_(differences, n=1, axis=-1, *, y_bar):
    return np.diff(y_bar, n, axis)


__all__ = ["along", "joined_type", "pieces", "split_like", "tangents", "unbroadcast"]
