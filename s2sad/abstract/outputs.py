"""Where a result lies in memory, by what a call asks for: ``out=``, ``where=``, ``copy=``."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import gast
import numpy as np

from s2sad.abstract.structural import structural
from s2sad.abstract.values import Value
from s2sad.abstract.writers import EVERYTHING, numbers
from s2sad.signature import Array, Opaque, is_joined

_WITHOUT_SIGNATURE: dict[Any, tuple[str, ...]] = {
    np.concatenate: ("arrays", "axis", "out"),
    np.dot: ("a", "b", "out"),
}
"""The positional arguments of functions written in C, which do not tell them before NumPy 2.4."""


@functools.cache
def positional(function: Any) -> tuple[str, ...]:
    """The names of the arguments that a NumPy function takes by position, as far as it tells them."""
    if isinstance(function, np.ufunc):
        return (*(f"x{k + 1}" for k in range(function.nin)), "out")
    if function in _WITHOUT_SIGNATURE:
        return _WITHOUT_SIGNATURE[function]
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ()
    return tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))


@functools.cache
def position_of_out(function: Any) -> int | None:
    """Where `out` stands among the positional arguments of a NumPy function.

    >>> position_of_out(np.sin), position_of_out(np.sum), position_of_out(np.where)
    (1, 3, None)
    """
    names = positional(function)
    return names.index("out") if "out" in names else None


def out_by_name(
    function: Any, args: list[Value], keywords: dict[str, Value]
) -> tuple[list[Value], dict[str, Value]]:
    """The arguments of a call, with `out` and what comes after it by name."""
    place = position_of_out(function) if (getattr(function, "__module__", "") or "numpy") == "numpy" else None
    if place is None or len(args) <= place:
        return args, keywords
    return args[:place], {**dict(zip(positional(function)[place:], args[place:])), **keywords}


def asks_for_out(keywords: dict[str, Value]) -> bool:
    """Whether the result is to be written into an array that is given."""
    return "out" in keywords and keywords["out"].known is not None


def write_out(
    at: Any, function: Any, args: list[Value], keywords: dict[str, Value], node: gast.AST, func: Any
) -> Value:
    """``f(x, out=y)`` is ``y[...] = f(x)``; with ``where=`` the rest of `y` stays."""
    rest = {key: value for key, value in keywords.items() if key != "out"}
    out = keywords["out"]
    if out.items is not None and len(out.items) == 1:
        out = out.items[0]
    out = at.atom(out)
    where = rest.pop("where", None) if isinstance(function, np.ufunc) else None
    if where is not None and where.known is not True:
        mask = _spread(at, numbers(at, where, node), out, node)
        args = [at.item(_spread(at, arg, out, node), mask, None, node) for arg in args]
        at.store(out, mask, at.call_known(function, args, rest, None, node, func), node)
        return out
    if function in (np.concatenate, np.stack) and any(sites_in(arg) & out.sites for arg in args):
        raise at.refuse(
            "S202", "what is joined may share memory with the array that it is written to",
            "copy it first (`.copy()`): NumPy reads it while it writes", node,
        )  # fmt: skip
    value = at.call_known(function, args, rest, None, node, func)
    at.store(out, EVERYTHING, value, node)
    return out


def sites_in(value: Value) -> frozenset[Any]:
    """The memory that a value, or a part of it, may lie in."""
    return value.sites.union(*(sites_in(item) for item in value.items or ()))


def _spread(at: Any, value: Value, out: Value, node: gast.AST) -> Value:
    """An operand in the shape of the output: only where the mask is true is anything computed."""
    shape = getattr(value.type, "shape", None)
    if shape is not None and shape == getattr(out.type, "shape", None) and not any(map(is_joined, shape)):
        return at.atom(value)
    whole = Value(Opaque(tuple), gast.Attribute(value=at.whole(out), attr="shape", ctx=gast.Load()))
    return at.atom(at.call_known(np.broadcast_to, [value, whole], {}, None, node))


# ---- copy= --------------------------------------------------------------------------------------
def without_copy(at: Any, keywords: dict[str, Value], node: Any) -> tuple[dict[str, Value], Any]:
    """The other arguments, and the value of ``copy=``, which must be known."""
    rest = {key: value for key, value in keywords.items() if key != "copy"}
    copy = keywords.get("copy")
    if copy is not None and not (copy.is_static or isinstance(copy.known, bool)):
        raise at.refuse(
            "S109", "a `copy=` that is not known here", "write `copy=True`, or leave it out", node
        )
    return rest, None if copy is None else copy.known


@structural(np.array)
def _array(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    """``np.array(x, copy=None)`` is ``x`` itself where it need not be copied."""
    if "copy" not in keywords:
        return None
    rest, copy = without_copy(at, keywords, node)
    if copy is True:
        return at.call_known(np.array, args, rest, hint, node)
    if copy is False and len(args) + len(rest) > 1:
        raise at.refuse("S109", "np.array(copy=False) with more arguments", "use `np.asarray`", node)
    return at.call_known(np.asarray, args, rest, hint, node)


@structural(np.asarray, np.asanyarray)
def _asarray(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    """``np.asarray(x, copy=True)`` is ``np.array(x)``."""
    if "copy" not in keywords:
        return None
    rest, copy = without_copy(at, keywords, node)
    return at.call_known(np.array if copy is True else np.asarray, args, rest, hint, node)


@structural(np.nan_to_num)
def _nan_to_num(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    """``np.nan_to_num(x, copy=False)`` writes into `x`, and gives it."""
    names = ("x", "copy", "nan", "posinf", "neginf")
    named = {**dict(zip(names, args)), **keywords}
    rest, copy = without_copy(at, named, node)
    array = rest.pop("x")
    if copy in (True, None) and "copy" not in named:
        return None
    if copy is not False:
        return at.call_known(np.nan_to_num, [array], rest, hint, node)
    if not isinstance(array.type, Array):
        raise at.refuse("S109", "np.nan_to_num(copy=False) of this", "leave `copy=` out", node)
    array = at.atom(array)
    at.store(array, EVERYTHING, at.call_known(np.nan_to_num, [array], rest, None, node), node)
    return array


def astype_in_place(at: Any, owner: Value, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """``x.astype(t, copy=False)`` is ``np.asarray(x, dtype=t)``; None where a copy is made."""
    rest, copy = without_copy(at, keywords, node)
    if copy in (True, None):
        return None, rest
    dtype = args[0] if args else rest.get("dtype")
    if dtype is None or len(args) + len(rest) != 1:
        return None, keywords
    return at.call_known(np.asarray, [owner], {"dtype": dtype}, None, node), rest


# ---- views that no rule tells of ----------------------------------------------------------------
def is_untold_view(function: Any, args: list[Value], keywords: dict[str, Value]) -> bool:
    """Whether a result may be a view of an argument, although its rule does not follow it."""
    if function is np.einsum:
        return len(args) == 2 and may_be_view(args[0].known)
    copy = keywords.get("copy")
    return function is np.meshgrid and copy is not None and copy.known is not True


def may_be_view(subscripts: Any) -> bool:
    """Whether an einsum of one operand may be a view of it: no label is summed over.

    >>> may_be_view("ii->i"), may_be_view("ij->i"), may_be_view("ij"), may_be_view("ii")
    (True, False, True, False)
    """
    if not isinstance(subscripts, str):
        return True
    labels, arrow, out = subscripts.replace(" ", "").replace("...", "").partition("->")
    if not arrow:
        out = "".join(label for label in labels if labels.count(label) == 1)
    return set(labels) <= set(out)
