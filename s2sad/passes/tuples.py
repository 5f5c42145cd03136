"""Containers of known items become tuples, which is how compiled code holds them (backend ``numba``).

>>> from s2sad.testing.core import core, show
>>> show(tuples(core('''
... def f(p, x):
...     t = p["w"] * x
...     return {"w": t * x, "b": t + p["b"]}
... ''', {"w": 2.0, "b": 1.0}, 3.0)))
def f(p, x):
    t = p[0] * x
    return t * x, t + p[1]

A list that comes in and is used as a list is made one first; what is returned is put back in its containers outside.
A list comprehension is a loop: where Numba inlines one, it removes what it takes for dead code, and does not know that
an array in a list is still read.
"""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.analysis.layouts import layout_dependent
from s2sad.errors import BackendError, problem_at
from s2sad.names import unused
from s2sad.program import Program
from s2sad.signature import (
    NO_VALUE,
    Array,
    ListOf,
    Mapping,
    Scalar,
    Sequence,
    Type,
    item_type,
    static_value,
)
from s2sad.sweep.typer import Typer
from s2sad.tree.build import assign, call, constant, dotted, name
from s2sad.tree.dataflow import (
    DEFERRED,
    children,
    headers,
    map_blocks,
    map_headers,
    parameters,
    rename,
    rewrite,
    walk,
    with_fields,
)


def tuples(program: Program) -> Program:
    """Write dicts, NamedTuples and lists of known items as tuples."""
    refuse_layouts(program)
    spelling = _Spelling(program)
    body = spelling.block(program.body)
    types = {key: as_tuple(known) for key, known in spelling.types.items()}
    args, prologue = _parameters(program, body, types)
    objects = {**program.objects, "np.array": np.array, "np.copy": np.copy, "np.stack": np.stack}
    return program.replace(body=(*prologue, *body), types=types, args=args, objects=objects)


def refuse_layouts(program: Program) -> None:
    """Arrays that loops make lie in memory row by row: what is a view here may be a copy in NumPy."""
    text = (
        "whether this is a view depends on how an array lies in memory, which is not the same in code that Numba "
        "compiles, and the array is written"
    )
    problems = [
        problem_at(node, "S501", text, ADVICE, program.filename, program.source_lines)
        for node in layout_dependent(program)
    ]
    if problems:
        raise BackendError("", sorted(set(problems), key=lambda problem: problem.lineno))


def as_tuple(known: Type) -> Type:
    """The type of a value once it is spelled so."""
    if isinstance(known, Mapping):
        return Sequence(tuple, tuple(map(as_tuple, known.items)))
    if isinstance(known, Sequence):
        return Sequence(known.cls if known.cls is list else tuple, tuple(map(as_tuple, known.items)))
    return ListOf(as_tuple(known.item)) if isinstance(known, ListOf) else known


_JOINING = (np.concatenate, np.stack, np.hstack, np.vstack, np.column_stack, np.dstack)


ADVICE = 'use backend="numpy", or backend="auto", which chooses for each function'


class _Spelling:
    def __init__(self, program: Program) -> None:
        self.types = dict(program.types)
        self.typer = Typer(self.types, program.objects)
        self.objects = program.objects
        self.filename, self.lines = program.filename, program.source_lines
        self.place: Any = None
        self.taken = {
            *self.types,
            *parameters(program.args),
            *(path.split(".")[0] for path in program.objects),
        }

    def block(self, body: Any) -> list[gast.stmt]:
        out = []
        for node in body:
            self.place = node
            if self.is_errstate(node):
                out += self.block(node.body)  # compiled arithmetic warns of nothing
                continue
            node = self.without_comprehensions(node, out)
            if isinstance(node, gast.Return) and node.value is not None:
                node = with_fields(node, value=self.returned(node.value))
            else:
                node = self.with_slices(map_headers(node, self.spelled))
            out.append(map_blocks(node, self.block))
        return out

    def without_comprehensions(self, node: Any, out: list[gast.stmt]) -> Any:
        """A statement with its list comprehensions made by loops before it."""

        def leave(part: Any) -> Any:
            if not isinstance(part, gast.ListComp) or len(part.generators) != 1:
                return part
            (loop,) = part.generators
            if not isinstance(loop.target, gast.Name):
                return part
            known = self.typer(loop.iter)
            item = unused("item", self.taken)
            made = unused("items", self.taken)
            self.types[item] = _item(known) if isinstance(known, (ListOf, Sequence)) else item_type(known)
            self.types[made] = ListOf(self.typer(rename(part.elt, {loop.target.id: item})))
            put: Any = gast.Expr(
                value=call(
                    gast.Attribute(value=name(made), attr="append", ctx=gast.Load()),
                    rename(part.elt, {loop.target.id: item}),
                )
            )
            for test in reversed(loop.ifs):
                put = gast.If(test=rename(test, {loop.target.id: item}), body=[put], orelse=[])
            variable = gast.Name(id=item, ctx=gast.Store(), annotation=None, type_comment=None)
            each = gast.For(target=variable, iter=loop.iter, body=[put], orelse=[], type_comment=None)
            start = assign(made, gast.List(elts=[], ctx=gast.Load()))
            before = [gast.copy_location(one, node) for one in (start, each, put)]
            out.extend(self.block(before[:2]))
            return name(made)

        if isinstance(node, (gast.While, gast.FunctionDef)) or not any(map(_has_closure, headers(node))):
            return node
        return map_headers(node, lambda part: rewrite(part, leave))

    def with_slices(self, node: Any) -> Any:
        """``x[...] = e`` as ``x[:] = e``, which Numba takes in updates too."""
        target = node.target if isinstance(node, gast.AugAssign) else getattr(node, "targets", [None])[0]
        if not isinstance(target, gast.Subscript) or not _is_ellipsis(target.slice):
            return node
        known = self.typer(target.value)
        if not isinstance(known, Array) or not known.rank:  # it may have no axis
            return node
        new = with_fields(target, slice=gast.Slice(lower=None, upper=None, step=None))
        return with_fields(
            node, **({"target": new} if isinstance(node, gast.AugAssign) else {"targets": [new]})
        )

    def is_errstate(self, node: Any) -> bool:
        if not isinstance(node, gast.With):
            return False
        contexts = [item.context_expr for item in node.items if item.optional_vars is None]
        called = [self.objects.get(dotted(c.func) or "") for c in contexts if isinstance(c, gast.Call)]
        quiet = all(
            keyword.value.value in ("ignore", "warn", "print")
            for c in contexts
            if isinstance(c, gast.Call)
            for keyword in c.keywords
            if isinstance(keyword.value, gast.Constant)
        )
        return len(called) == len(node.items) and all(one is np.errstate for one in called) and quiet

    def returned(self, node: Any) -> Any:
        """A result: its containers are put back outside, so a tuple of the items does for each."""
        if isinstance(node, (gast.Tuple, gast.List)):
            return gast.Tuple(elts=[self.returned(item) for item in node.elts], ctx=gast.Load())
        if isinstance(node, gast.Dict):
            return gast.Tuple(elts=[self.returned(item) for item in node.values], ctx=gast.Load())
        if self.is_named_tuple(node):
            return gast.Tuple(elts=[self.returned(item) for item in node.args], ctx=gast.Load())
        if isinstance(node, gast.Call) and dotted(node.func) in ("tuple", "list") and len(node.args) == 1:
            return self.returned(node.args[0])
        return self.spelled(node)

    def is_named_tuple(self, node: Any) -> bool:
        target = self.objects.get(dotted(node.func) or "") if isinstance(node, gast.Call) else None
        named = isinstance(target, type) and issubclass(target, tuple) and hasattr(target, "_fields")
        return named and not node.keywords

    def spelled(self, node: Any) -> Any:
        """An expression with its displays and its reads of containers as those of tuples."""
        if isinstance(node, (gast.Name, gast.Constant, *DEFERRED)):
            return node
        if isinstance(node, gast.Call) and dotted(node.func) == "bool" and len(node.args) == 1:
            zero = gast.Compare(
                left=self.spelled(node.args[0]), ops=[gast.NotEq()], comparators=[constant(0)]
            )
            return gast.copy_location(zero, node)
        self.check_dicts(node)
        position = self.position(node)
        fields = {}
        for field in node._fields:
            value = node.__dict__.get(field)
            if isinstance(value, list):
                fields[field] = [self.spelled(part) if isinstance(part, gast.AST) else part for part in value]
            elif isinstance(value, gast.AST) and value._fields:
                fields[field] = self.spelled(value)
        new = with_fields(node, **fields)
        if position is not None:
            return gast.copy_location(
                gast.Subscript(value=new.value, slice=constant(position), ctx=gast.Load()), node
            )
        if isinstance(node, gast.Subscript) and _is_ellipsis(node.slice):
            known = self.typer(node.value)
            if (
                isinstance(known, Array) and known.shape
            ):  # Numba takes `...` in an index of arrays of other ranks only
                return with_fields(new, slice=gast.Slice(lower=None, upper=None, step=None))
        joins = isinstance(node, gast.Call) and self.objects.get(dotted(node.func) or "") in _JOINING
        if joins and node.args and isinstance(node.args[0], gast.List):
            whole = gast.Tuple(elts=new.args[0].elts, ctx=gast.Load())
            return with_fields(new, args=[whole, *new.args[1:]])
        if (
            isinstance(node, gast.Call)
            and dotted(node.func) == "np.add.at"
            and isinstance(new.args[1], gast.List)
        ):
            return with_fields(new, args=[new.args[0], call("np.array", new.args[1]), *new.args[2:]])
        if self.is_array_of_array(node):
            return gast.copy_location(_as_copy(new), node)
        if self.is_array_of_arrays(node):
            rows = gast.Tuple(elts=new.args[0].elts, ctx=gast.Load())
            return gast.copy_location(call("np.stack", rows), node)
        if isinstance(node, gast.Subscript) and isinstance(node.slice, gast.List):
            if isinstance(self.typer(node.value), Array):
                return with_fields(new, slice=call("np.array", new.slice))
        if isinstance(node, gast.Dict):
            return gast.copy_location(gast.Tuple(elts=new.values, ctx=gast.Load()), node)
        if self.is_named_tuple(node):
            return gast.copy_location(gast.Tuple(elts=new.args, ctx=gast.Load()), node)
        return new

    def is_array_of_array(self, node: Any) -> bool:
        """Whether an expression is ``np.array(a)`` of an array."""
        if not isinstance(node, gast.Call) or self.objects.get(dotted(node.func) or "") is not np.array:
            return False
        given = [keyword.arg for keyword in node.keywords]
        return (
            len(node.args) == 1 and given in ([], ["dtype"]) and isinstance(self.typer(node.args[0]), Array)
        )

    def is_array_of_arrays(self, node: Any) -> bool:
        """Whether an expression is ``np.array([a, b])`` of arrays."""
        if not isinstance(node, gast.Call) or self.objects.get(dotted(node.func) or "") is not np.array:
            return False
        if (
            node.keywords
            or len(node.args) != 1
            or not isinstance(node.args[0], gast.List)
            or not node.args[0].elts
        ):
            return False
        kinds = [self.typer(item) for item in node.args[0].elts]
        return all(isinstance(kind, Array) and bool(kind.shape) for kind in kinds)

    def check_dicts(self, node: Any) -> None:
        """A dict can be a tuple only where its keys are known when compiling."""
        looked_up = node.value if isinstance(node, gast.Subscript) else None
        if isinstance(node, gast.Compare) and any(isinstance(op, (gast.In, gast.NotIn)) for op in node.ops):
            looked_up = node.comparators[-1]
        if looked_up is not None and isinstance(self.typer(looked_up), Mapping):
            if isinstance(node, gast.Subscript) and self.position(node) is not None:
                return
            text = (
                "a dict is looked up by a key that is known only at run time, which compiled code cannot do"
            )
            place = node if getattr(node, "lineno", None) else self.place
            raise BackendError("", [problem_at(place, "S501", text, ADVICE, self.filename, self.lines)])

    def position(self, node: Any) -> int | None:
        """Which item of a tuple an expression reads: the place of a key, or of a field."""
        if isinstance(node, gast.Subscript) and isinstance(node.ctx, gast.Load):
            known = self.typer(node.value)
            key = static_value(self.typer(node.slice)) if not isinstance(node.slice, gast.Slice) else NO_VALUE
            if isinstance(known, Mapping) and key in known.keys:
                return known.keys.index(key)
        if isinstance(node, gast.Attribute) and dotted(node) not in self.objects:
            known = self.typer(node.value)
            fields = getattr(getattr(known, "cls", None), "_fields", ())
            if isinstance(known, Sequence) and node.attr in fields:
                return int(fields.index(node.attr))
        return None


def _has_closure(node: Any) -> bool:
    return isinstance(node, DEFERRED) or any(map(_has_closure, children(node)))


def _is_ellipsis(node: Any) -> bool:
    return isinstance(node, gast.Constant) and node.value is Ellipsis


def _parameters(
    program: Program, body: list[gast.stmt], types: dict[str, Type]
) -> tuple[Any, list[gast.stmt]]:
    """The parameters, and the statements that make lists of those that are used as lists."""
    wanted = [
        key
        for key in parameters(program.args)
        if isinstance(types.get(key), Sequence)
        and getattr(types[key], "cls", None) is list
        and _used_as_list(body, key)
    ]
    if not wanted:
        return program.args, []
    taken = set(program.types) | {part.id for node in walk(body) for part in _names(node)}
    renamed = {key: unused(f"{key}_items", taken) for key in wanted}
    for key, new in renamed.items():
        types[new], types[key] = types[key], ListOf(_item(types[key]))
    args = with_fields(
        program.args,
        args=[with_fields(arg, id=renamed.get(arg.id, arg.id)) for arg in program.args.args],
        posonlyargs=[with_fields(arg, id=renamed.get(arg.id, arg.id)) for arg in program.args.posonlyargs],
    )
    return args, [assign(key, call("list", name(new))) for key, new in renamed.items()]


def _item(known: Type) -> Type:
    covered = item_type(known)
    return Scalar(covered.dtype) if isinstance(covered, Scalar) else covered


def _used_as_list(body: list[gast.stmt], key: str) -> bool:
    return any(_escapes(part, key) for node in walk(body) for part in headers(node))


def _escapes(node: Any, key: str) -> bool:
    """Whether an expression uses a list for more than its length and the items at known places."""
    if isinstance(node, gast.Name):
        return node.id == key
    if isinstance(node, gast.Subscript) and getattr(node.value, "id", None) == key:
        known = isinstance(node.slice, gast.Constant) or (
            isinstance(node.slice, gast.UnaryOp) and isinstance(node.slice.operand, gast.Constant)
        )
        return not known or isinstance(node.ctx, gast.Store)
    if isinstance(node, gast.Call) and dotted(node.func) == "len":
        return not isinstance(node.args[0], gast.Name) and _escapes(node.args[0], key)
    return any(_escapes(child, key) for child in children(node))


def _names(node: gast.stmt) -> list[gast.Name]:
    found: list[gast.Name] = []
    stack: list[Any] = list(headers(node))
    while stack:
        part = stack.pop()
        if isinstance(part, gast.Name):
            found.append(part)
        stack.extend(children(part))
    return found


def _as_copy(node: gast.Call) -> gast.Call:
    """``np.array`` of an array as Numba knows it."""
    if not node.keywords:
        return call("np.copy", node.args[0])
    return call(gast.Attribute(value=node.args[0], attr="astype", ctx=gast.Load()), node.keywords[0].value)
