"""Which names may share memory, what a statement writes to, and which calls are pure.

Names are put in classes by one walk (a copy, a view, an item and the container it is taken from or put into are
together).  An *array* and a *container* (list, dict, object) are never the same object, so that ``tape.append(w)``
writes to the containers of the class and leaves the memory of the array ``w`` alone.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

import gast
import numpy as np

from s2sad.analysis.expression_types import type_of_expression
from s2sad.names import base
from s2sad.program import Program
from s2sad.rules.record import is_hashable, rule_of
from s2sad.runtime.checkpoints import random_state, random_state_now, set_random_state
from s2sad.runtime.schedules import forward_run
from s2sad.signature import Array, ListOf, Scalar, Static, Type, is_joined
from s2sad.tree.dataflow import (
    DEFERRED,
    assigned,
    binds,
    captured,
    children,
    headers,
    is_comment,
    parameters,
    reads,
    stored,
    walk,
)
from s2sad.tree.parts import nodes

ARRAYS, CONTAINERS, BOTH = 1, 2, 3

_PURE_BUILTINS: frozenset[Any] = frozenset(
    {
        abs, all, any, bool, bytes, callable, chr, complex, dict, divmod, enumerate, filter, float, format, frozenset,
        getattr, hasattr, hash, id, int, isinstance, issubclass, len, list, map, max, min, ord, pow, range, repr,
        reversed, round, set, slice, sorted, str, sum, tuple, type, zip,
    }
)  # fmt: skip
_PURE_NUMPY: frozenset[Any] = frozenset(
    {
        np.arange, np.argmax, np.argmin, np.argsort, np.array, np.asarray, np.broadcast_to, np.concatenate, np.copy,
        np.diff, np.empty, np.empty_like, np.errstate, np.expand_dims, np.eye, np.finfo, np.full, np.full_like,
        np.identity, np.iinfo, np.indices, np.isscalar, np.linspace, np.logspace, np.meshgrid, np.moveaxis, np.ndim,
        np.ones, np.ones_like, np.prod, np.ravel, np.reshape, np.result_type, np.searchsorted, np.shape, np.size,
        np.squeeze, np.stack, np.sum, np.swapaxes, np.tile, np.transpose, np.tri, np.unique, np.where, np.zeros,
        np.zeros_like,
    }
)  # fmt: skip
_VIEWING: frozenset[Any] = frozenset(
    {
        np.array, np.array_split, np.asanyarray, np.asarray, np.ascontiguousarray, np.asfortranarray, np.atleast_1d,
        np.atleast_2d, np.atleast_3d, np.broadcast_arrays, np.broadcast_to, np.diag, np.diagonal, np.dsplit, np.einsum,
        np.expand_dims, np.flip, np.fliplr, np.flipud, np.hsplit, np.imag, np.matrix_transpose, np.meshgrid,
        np.moveaxis, np.nan_to_num, np.permute_dims, np.ravel, np.real, np.real_if_close, np.require, np.reshape,
        np.rollaxis, np.rot90, np.split, np.squeeze, np.swapaxes, np.transpose, np.trim_zeros, np.vsplit,
        *([np.unstack] if hasattr(np, "unstack") else []),
    }
)  # fmt: skip
_READ_ONLY: frozenset[Any] = frozenset({np.broadcast_to, np.broadcast_arrays, np.diagonal})
"""Functions whose results NumPy does not let one write into."""
_WRITERS = frozenset(
    [
        forward_run,
        random_state,
        random_state_now,
        set_random_state,
        np.copyto,
        np.put,
        np.place,
        np.putmask,
        np.fill_diagonal,
        np.put_along_axis,
        np.seterr,
        np.save,
        np.savetxt,
    ]
)
_FRESH_METHODS = frozenset(
    {
        "all", "any", "argmax", "argmin", "argsort", "astype", "clip", "conj", "conjugate", "copy", "cumprod",
        "cumsum", "dot", "flatten", "item", "max", "mean", "min", "nonzero", "prod", "repeat", "round",
        "searchsorted", "std", "sum", "take", "tolist", "trace", "var",
    }
)  # fmt: skip
_PURE_METHODS = _FRESH_METHODS | frozenset(
    {
        "count", "diagonal", "endswith", "format", "get", "index", "items", "join", "keys", "lower", "ravel",
        "replace", "reshape", "split", "squeeze", "startswith", "strip", "swapaxes", "transpose", "upper",
        "values", "view",
    }
)  # fmt: skip
_FACTS = frozenset(["shape", "size", "ndim", "dtype", "itemsize", "nbytes", "__name__"])
_ATOMS = frozenset([gast.Name, gast.Constant])
_IMPURE = frozenset([gast.NamedExpr, gast.Await, gast.Yield, gast.YieldFrom])
_RANDOM = (np.random.Generator, np.random.RandomState)


class Memory:
    """What the statements of a program do to memory."""

    def __init__(self, program: Program) -> None:
        self.types: Mapping[str, Type] = program.types
        self.objects = program.objects
        self._parent: dict[str, str] = {}
        self._kinds: dict[str, int] = {}
        self._pure: dict[int, bool] = {}
        self._seen: list[Any] = []
        # functions that we emit copy what they write to
        self.emitted = {program.name, *_emitted(program)}
        statements = walk(program.body)
        named = [(node, assigned(node)) for node in statements]
        self.locals = set(parameters(program.args))
        for node, name in named:
            if name is None:
                self.locals.update(binds(node))
            else:
                self.locals.add(name)
        self.lists = _lists(program, statements)
        self.parameters = set(parameters(program.args))
        # the caller may pass one array twice
        self._unite([name for name in parameters(program.args) if self.kind(name)])
        self.written: dict[str, int] = {}
        statements = [node for node, name in named if not self._gives_number(node, name)]
        for node in statements:
            self._link(node)
        for node in statements:
            for root, kind in self.writes(node):
                self.written[root] = self.written.get(root, 0) | kind

    def gives_number(self, node: gast.stmt) -> bool:
        """Whether a statement only gives a name a value that nothing can be written to, or does nothing."""
        return self._gives_number(node, assigned(node))

    def _gives_number(self, node: gast.stmt, name: str | None) -> bool:
        if name is None:
            return is_comment(node)
        return not self.kind(name) and self.is_pure(node.value)  # type: ignore[attr-defined]

    # ---- classes ------------------------------------------------------------------------------------------------

    def root(self, name: str) -> str:
        """The representative of a name's class."""
        parent = self._parent
        top = name
        while parent.get(top, top) != top:
            top = parent[top]
        while parent.get(name, name) != top:
            parent[name], name = top, parent[name]
        return top

    def kind(self, name: str) -> int:
        """What a name may refer to: nothing that can be written to, `ARRAYS`, `CONTAINERS` or `BOTH`."""
        kind = self._kinds.get(name)
        if kind is None:
            kind = self._kinds[name] = self._kind(name)
        return kind

    def _kind(self, name: str) -> int:
        if name not in self.locals:
            return 0 if self._is_known_object(name) else BOTH
        if name in self.lists:
            return CONTAINERS
        known = self.types.get(name)
        if known.__class__ is Scalar:
            return 0
        if known is None:
            return BOTH
        if isinstance(known, (Scalar, Static)):
            return 0
        return ARRAYS if isinstance(known, Array) else BOTH

    def _is_known_object(self, name: str) -> bool:
        value = self.objects.get(name, getattr(builtins, name, None))
        return (
            callable(value)
            or isinstance(value, (ModuleType, type(None)))
            or any(path.startswith(name + ".") for path in self.objects)
        )

    def is_written(self, name: str, kind: int = BOTH) -> bool:
        """Whether anything in the program writes to memory that a name refers to."""
        return bool(self.written.get(self.root(name), 0) & kind & self.kind(name))

    def _unite(self, names: Iterable[str]) -> None:
        first: str | None = None
        for name in names:
            root = self.root(name)
            first = root if first is None else first
            self._parent[root] = first

    def _link(self, node: gast.stmt) -> None:
        """Put together the names that a statement makes share memory."""
        if isinstance(node, (gast.Assign, gast.For)):
            value = node.value if isinstance(node, gast.Assign) else node.iter
            targets = [name for name in binds(node) if self.kind(name)]
            if isinstance(node, gast.Assign) and not targets:
                into = stored(node)
                targets = [into] if into is not None and self.kind(into) & CONTAINERS else []
            if targets and not self._gives_derivative(value, targets):
                self._unite([*targets, *self.shared(value, self._is_array(targets))])
        elif isinstance(node, gast.Expr):
            self._unite(name for name in self._call_arguments(node.value) if self.kind(name))
        elif isinstance(node, gast.With):
            read = [name for part in headers(node) for name in reads(part)]
            self._unite(name for name in [*binds(node), *read] if self.kind(name))

    def _gives_derivative(self, value: Any, targets: list[str]) -> bool:
        """Whether an emitted function gives cotangents or tangents: those share memory with nothing (pass `own`)."""
        called = (
            isinstance(value, gast.Call)
            and isinstance(value.func, gast.Name)
            and value.func.id in self.emitted
        )
        return called and all(base(name).endswith(("_bar", "_dot")) for name in targets)

    def _is_array(self, names: list[str]) -> bool:
        return all(self.kind(name) == ARRAYS for name in names)

    def _call_arguments(self, value: Any) -> list[str]:
        if not isinstance(value, gast.Call):
            return []
        if self.is_pure(value):
            return []
        func = [name for name in reads(value.func) if name in self.locals]
        given = [*value.args, *(keyword.value for keyword in value.keywords)]
        return func + [name for part in given for name in self.shared(part, False)]

    def shared(self, node: Any, array: bool = False) -> list[str]:
        """The names whose memory the value of an expression may share; `array`: the value is known to be an array."""
        if isinstance(node, gast.Name):
            return [node.id] if self.kind(node.id) else []
        if isinstance(node, (gast.Constant, gast.Compare, gast.JoinedStr, gast.Slice)):
            return []
        if isinstance(node, (gast.BinOp, gast.UnaryOp)):
            if array or not self._may_be_list(node):
                return []
            return [name for part in children(node) for name in self.shared(part)]
        if isinstance(node, gast.Subscript):
            return self.shared(node.value)
        if isinstance(node, gast.Attribute):
            return [] if node.attr in _FACTS else self.shared(node.value, array)
        if isinstance(node, gast.Call):
            return self._shared_by_call(node, array)
        if isinstance(node, DEFERRED):
            return [name for name in captured(node) if self.kind(name)]
        return [name for part in children(node) for name in self.shared(part)]

    def _may_be_list(self, node: Any) -> bool:
        return any(self.kind(name) & CONTAINERS for name in reads(node)) or any(
            isinstance(part, (gast.List, gast.Tuple)) for part in children(node)
        )

    def _shared_by_call(self, node: Any, array: bool) -> list[str]:
        if isinstance(node.func, gast.Attribute) and self.object_of(node.func) is None:
            owner = self.shared(node.func.value)
            if node.func.attr in _FRESH_METHODS and not any(self.kind(name) & CONTAINERS for name in owner):
                return []
        elif self.makes_fresh(node):
            return []
        parts = [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
        return [name for part in parts for name in self.shared(part)]

    def makes_fresh(self, node: Any) -> bool:
        """Whether a call surely gives new memory, or none."""
        target = self.object_of(node.func)
        if target is None or any(keyword.arg in ("out", "copy", None) for keyword in node.keywords):
            return False
        if isinstance(target, np.ufunc):
            return len(node.args) <= target.nin
        if target in (len, float, int, complex, bool, str, range, abs, repr, round):
            return True
        if target is np.array and not node.keywords:
            return True
        if getattr(target, "__module__", None) == "math":
            return True
        if not is_hashable(target) or target in _VIEWING:
            return False
        record = rule_of(target)
        is_numpy = (getattr(target, "__module__", None) or "").startswith("numpy")
        return is_numpy and (target in _PURE_NUMPY or (record is not None and not record.view))

    # ---- effects ------------------------------------------------------------------------------------------------

    def is_read_only(self, value: Any) -> bool:
        """Whether NumPy does not let one write into a value, be it a part of what has a name or not."""
        target = self.object_of(value.func) if isinstance(value, gast.Call) else None
        return is_hashable(target) and target in _READ_ONLY

    def object_of(self, func: Any) -> Any:
        """The object that a called expression names, None where it is local or unknown."""
        path: list[str] = []
        while isinstance(func, gast.Attribute):
            path.append(func.attr)
            func = func.value
        if not isinstance(func, gast.Name) or func.id in self.locals:
            return None
        dotted = ".".join([func.id, *reversed(path)])
        if dotted in self.objects:
            return self.objects[dotted]
        value = self.objects.get(func.id, _MODULES.get(func.id, getattr(builtins, func.id, None)))
        for attribute in reversed(path):
            value = getattr(value, attribute, None)
        return value

    def is_pure(self, node: Any) -> bool:
        """Whether evaluating an expression has no effect but its value (or an exception)."""
        cls = node.__class__
        while cls is gast.BinOp:  # down the left operands; the right ones are short in most cases
            right = node.right
            if right.__class__ not in _ATOMS and not self.is_pure(right):
                return False
            node = node.left
            cls = node.__class__
        if cls in _ATOMS:
            return True
        known = self._pure.get(id(node))
        if known is None:
            known = self._pure[id(node)] = self._is_pure(node, cls)
            self._seen.append(node)  # an id is only good as long as its node lives
        return known

    def _is_pure(self, node: Any, cls: type) -> bool:
        if cls is gast.UnaryOp:
            return self.is_pure(node.operand)
        if cls is gast.Call and not self._is_pure_call(node):
            return False
        if cls in _IMPURE:
            return False
        return all(map(self.is_pure, children(node)))

    def _is_pure_call(self, node: Any) -> bool:
        if any(keyword.arg in ("out", "where", None) for keyword in node.keywords):
            return False
        target = self.object_of(node.func)
        if target is not None:
            in_place = isinstance(target, np.ufunc) and len(node.args) > target.nin
            return not in_place and is_pure_function(target)
        if not isinstance(node.func, gast.Attribute) or node.func.attr not in _PURE_METHODS:
            return False
        if isinstance(node.func.value, gast.Constant):
            return True
        roots = reads(node.func.value)
        return all(
            not isinstance(self.types.get(name), Static) and _has_type(self.types.get(name)) for name in roots
        )

    def writes(self, node: gast.stmt) -> Iterator[tuple[str, int]]:
        """The memory that a statement itself may write to: pairs of a class and one kind, as `touches` has them."""
        for root, kind in self._written_by(node):
            for one in (ARRAYS, CONTAINERS):
                if kind & one:
                    yield root, one

    def _written_by(self, node: gast.stmt) -> Iterator[tuple[str, int]]:
        if assigned(node) is not None:
            if not self.is_pure(node.value):  # type: ignore[attr-defined]
                yield from self._writes_of(node.value)  # type: ignore[attr-defined]
            return
        into = stored(node)
        if into is not None:
            yield self.root(into), self._store_kind(node, into)
        elif isinstance(node, gast.AugAssign):
            yield self.root(node.target.id), self.kind(node.target.id)
        for part in headers(node):
            if not self.is_pure(part):
                yield from self._writes_of(part)

    def _store_kind(self, node: Any, into: str) -> int:
        if isinstance(node, gast.Assign) and self.kind(into) == CONTAINERS:
            through = not isinstance(node.targets[0].value, gast.Name)
            return BOTH if through and may_hold_arrays(self.types.get(into)) else CONTAINERS
        return self.kind(into) | (ARRAYS if isinstance(node, gast.AugAssign) else 0)

    def _writes_of(self, node: Any) -> Iterator[tuple[str, int]]:
        if isinstance(node, gast.Call) and not self._is_pure_call(node):
            append = is_append(node)
            names = reads(node.func.value) if append else reads(node)
            if isinstance(node.func, gast.Name) and node.func.id in self.emitted:
                names = []
            for name in names:
                if self.kind(name):
                    yield self.root(name), CONTAINERS if append else BOTH
        for child in children(node):
            yield from self._writes_of(child)

    def touches(self, node: Any) -> set[tuple[str, int]]:
        """The memory that evaluating an expression may read: pairs of a class and one kind."""
        found = set()
        for name in set(reads(node)):
            kind = self.kind(name)
            kind = BOTH if kind & CONTAINERS else kind  # what a container holds is read with it
            for one in (ARRAYS, CONTAINERS):
                if kind & one:
                    found.add((self.root(name), one))
        return found

    def may_refuse(self, node: Any) -> bool:
        """Whether NumPy or `math` may refuse what an expression is given: sizes that do not fit, or a domain error.

        An error of the primal is part of its value.  What an index or a division by zero raises, the reverse sweep
        raises too.
        """
        return any(
            self._may_refuse(part) for part in nodes(node) if isinstance(part, (gast.BinOp, gast.Call))
        )

    def _may_refuse(self, node: Any) -> bool:
        if isinstance(node, gast.BinOp):
            sides = [self._shape_of(node.left), self._shape_of(node.right)]
            return not (_match(sides) if isinstance(node.op, gast.MatMult) else _broadcast(sides))
        function = self.object_of(node.func)
        if function in _DOMAINS:
            return True
        shapes = [shape for shape in map(self._shape_of, node.args) if shape != ()]
        if isinstance(function, np.ufunc) and function is not np.matmul:
            return not _broadcast(shapes)
        if function in _FITTING:
            return not (_match(shapes) if len(shapes) == 2 else len(shapes) < 2)
        return function in _REFUSING

    def _shape_of(self, node: Any) -> Any:
        """The shape of an operand; None where it is not known."""
        known = type_of_expression(node, self.types)
        return known.shape if isinstance(known, (Scalar, Array)) else ()

    def cannot_raise(self, node: Any) -> bool:
        """Whether an expression cannot raise: sums and products of numbers and arrays of one shape, ufuncs of such."""
        if isinstance(node, gast.Constant):
            return isinstance(node.value, (int, float))
        if isinstance(node, gast.Name):
            return isinstance(self.types.get(node.id), (Scalar, Array))
        if isinstance(node, gast.UnaryOp):
            return isinstance(node.op, gast.USub) and self.cannot_raise(node.operand)
        if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Add, gast.Sub, gast.Mult)):
            return self._fit(node.left, node.right)
        if isinstance(node, gast.Call) and len(node.args) == 1 and not node.keywords:
            return isinstance(self.object_of(node.func), np.ufunc) and self.cannot_raise(node.args[0])
        return False

    def _fit(self, *operands: Any) -> bool:
        if not all(self.cannot_raise(part) for part in operands):
            return False
        arrays = {
            self.types[name].shape  # type: ignore[attr-defined]
            for part in operands
            for name in reads(part)
            if isinstance(self.types.get(name), Array)
        }
        return len(arrays) <= 1 and None not in arrays


_DOMAINS = frozenset(
    [math.log, math.log2, math.log10, math.log1p, math.atanh, math.acosh, math.gamma, math.lgamma]
)
_FITTING = frozenset([np.dot, np.matmul, np.inner, np.vdot])
_REFUSING = frozenset([
    np.concatenate, np.stack, np.hstack, np.vstack, np.column_stack, np.tensordot, np.einsum, np.where, np.clip,
    np.linalg.solve, np.linalg.inv, np.linalg.cholesky, np.linalg.det,
])  # fmt: skip


def _broadcast(shapes: Sequence[Any]) -> bool:
    """Whether shapes are certain to broadcast together."""
    if None in shapes:
        return False
    rank = max(map(len, shapes), default=0)
    for axis in range(1, rank + 1):
        sizes = {shape[-axis] for shape in shapes if len(shape) >= axis} - {1}
        if len(sizes) > 1 or any(map(is_joined, sizes)):
            return False
    return True


def _match(shapes: Sequence[Any]) -> bool:
    """Whether the inner sizes of a product are certain to be equal."""
    if None in shapes or not all(shapes):
        return None not in shapes
    left, right = shapes
    outer = _broadcast([left[:-2], right[:-2]]) if len(left) > 2 or len(right) > 2 else True
    return outer and left[-1] == right[-2 if len(right) > 1 else -1]


_MODULES = {"np": np, "numpy": np, "math": math}


def is_append(node: Any) -> bool:
    """Whether an expression is ``name.append(value)``."""
    return (
        isinstance(node, gast.Call)
        and isinstance(node.func, gast.Attribute)
        and node.func.attr == "append"
        and isinstance(node.func.value, gast.Name)
        and len(node.args) == 1
    )


def is_pure_function(target: Any) -> bool:
    """Whether calling an object has no effect but its value.

    >>> is_pure_function(np.sin), is_pure_function(print), is_pure_function(np.random.rand)
    (True, False, False)
    """
    if (
        isinstance(getattr(target, "__self__", None), _RANDOM)
        or not is_hashable(target)
        or target in _WRITERS
    ):
        return False
    module = getattr(target, "__module__", None) or ""
    if module.startswith("numpy.random"):
        return False
    if isinstance(target, np.ufunc) or target in _PURE_BUILTINS or target in _PURE_NUMPY:
        return True
    if isinstance(target, type) and issubclass(target, np.generic):
        return True
    if module == "math" or module.startswith("s2sad.runtime"):
        return True
    record = rule_of(target)
    return record is not None and (record.kind != "nondifferentiable" or module.startswith("numpy"))


def may_hold_arrays(known: Type | None) -> bool:
    """Whether what a list of this type holds may be arrays, at any depth."""
    if isinstance(known, ListOf):
        return may_hold_arrays(known.item)
    return not isinstance(known, Scalar)


def _has_type(known: Type | None) -> bool:
    return known is None or type(known).__name__ != "Opaque"


def _emitted(program: Program) -> Iterator[str]:
    for part in program.parts:
        yield part.name
        yield from _emitted(part)


def _lists(program: Program, statements: Sequence[gast.stmt]) -> set[str]:
    """Names that are lists of this function's own: every definition is a list display or a tape."""
    displayed: dict[str, bool] = {}
    assignments: list[Any] = [node for node in statements if node.__class__ is gast.Assign]
    if any(node.value.__class__ is gast.List for node in assignments):
        for node in assignments:
            name = assigned(node)
            if name is not None:
                good = isinstance(node.value, gast.List)
                displayed[name] = displayed.get(name, True) and good
    typed = {
        name
        for name, known in program.types.items()
        if isinstance(known, ListOf)
        and isinstance(known.item, (Scalar, Array))
        and base(name).endswith("_tape")
    }
    return {name for name, good in displayed.items() if good} | typed
