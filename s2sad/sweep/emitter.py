"""What both transforms share: emission of typed statements, shapes of contributions, application of rules."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gast
import numpy as np

from s2sad.abstract.callees import Callees, Emitted
from s2sad.abstract.interpreter import Interpreted
from s2sad.abstract.operators import BINARY, UNARY
from s2sad.abstract.state import State
from s2sad.abstract.written import display, parts_of, shown_parts
from s2sad.analysis.nones import may_be_none
from s2sad.errors import CustomRuleError
from s2sad.names import Names, base
from s2sad.rules.quote import Binding, Quoter
from s2sad.rules.record import Operand, Rule, parameters_of, rule_of
from s2sad.runtime.arrays import unbroadcast
from s2sad.runtime.custom import checked_like
from s2sad.signature import (
    Array,
    DictOf,
    ListOf,
    Mapping,
    Never,
    Optional,
    Record,
    Scalar,
    Sequence,
    Size,
    Type,
    is_joined,
    item_type,
    kind_of,
    may_be_one,
    without_none,
)
from s2sad.sweep.memory import survey
from s2sad.sweep.typer import Typer
from s2sad.tree.build import (
    assign,
    binary,
    call,
    clone,
    constant,
    dotted,
    expression,
    is_none,
    name,
    names_in,
    placed,
    subscript,
)
from s2sad.tree.dataflow import walk

PURE = {
    len,
    range,
    int,
    float,
    abs,
    min,
    max,
    bool,
    isinstance,
    tuple,
    list,
    print,
    str,
    repr,
    zip,
    enumerate,
}
_DTYPES = {"float64": float, "complex128": complex}
MUTATING = {"sort", "fill", "put", "partition", "resize", "setfield", "itemset"}


@functools.lru_cache(maxsize=1024)
def _places(body: Any) -> tuple[list[inspect.Parameter], list[inspect.Parameter]]:
    """The parameters of a rule's body that take one argument by its place, and the one that takes the rest."""
    every = parameters_of(body).values()
    plain = [p for p in every if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return plain, [p for p in every if p.kind is p.VAR_POSITIONAL]


class Bound:
    """A primitive call in core: its rule, and what its rule's parameters stand for."""

    def __init__(self, function: Any, rule: Rule, bindings: dict[str, Binding]) -> None:
        self.function, self.rule, self.bindings = function, rule, bindings


class Emitter:
    """Emits core statements with types; the base of both transforms."""

    def __init__(self, core: Interpreted, taken: set[str]) -> None:
        self.core = core
        self.types: dict[str, Type] = dict(core.types)
        self.objects: dict[str, Any] = dict(core.objects)
        self.sites = dict(core.sites)
        self.typer = Typer(self.types, self.objects)
        varied = [core.sites.get(key, frozenset()) for key in core.varied]
        self.memory = survey(core.body, core.sites, self.is_pure_call, frozenset().union(*varied))
        self.names = Names()
        for known in [*core.types, *taken]:
            self.names.reserve(base(known))
        self._counters(core)
        self.out: list[gast.stmt] = []
        self.at: gast.AST | None = None
        self._paths = State.__new__(State)
        self._paths.objects = self.objects
        self._paths.callees = Callees(paths=core.paths)

        class _Nowhere:
            globals: dict[str, Any] = {}

        self._paths.frame = _Nowhere()  # type: ignore[assignment]

    def _counters(self, core: Interpreted) -> None:
        """Go on counting versions where the interpreter stopped."""
        for known in core.types:
            stem, _, version = known.partition("~")
            while self.names._next.get(stem, 0) <= int(version or 0):
                self.names.fresh(stem)

    def is_pure_call(self, node: gast.Call) -> bool:
        """Whether a call can be made again, or be given an array, without a difference."""
        import builtins

        path = dotted(node.func)
        function = self.objects.get(path) if path in self.objects else getattr(builtins, path or "", None)
        if function is None and isinstance(node.func, gast.Attribute):
            owner = self.typer(node.func.value)
            return isinstance(owner, (Array, Scalar, ListOf)) and node.func.attr not in MUTATING
        if isinstance(function, Emitted):
            return True
        try:
            return function in PURE or rule_of(function) is not None
        except TypeError:
            return False

    # ---- emission -------------------------------------------------------------------------------
    def fresh(self, hint: str) -> str:
        """A new versioned name."""
        stem = base(hint)
        self.names.reserve(stem)
        return self.names.fresh(stem)

    def emit(self, statement: gast.stmt) -> None:
        """Append a statement, at the line of the primal statement that it belongs to."""
        if self.at is not None:
            placed(statement, self.at)
        if isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
            made = statement.targets[0].id
            if made not in self.types:
                self.types[made] = self.typer(statement.value)
        self.out.append(statement)

    def bind(self, node: gast.expr, hint: str, known: Type | None = None) -> gast.expr:
        """Emit ``name = node`` and give the name."""
        new = self.fresh(hint)
        if known is not None:
            self.types[new] = known
        self.emit(assign(new, node))
        return name(new)

    def atom(self, node: gast.expr, hint: str) -> gast.expr:
        """The expression as a name or constant."""
        return node if isinstance(node, (gast.Name, gast.Constant)) else self.bind(node, hint)

    @contextmanager
    def emitting_into(self, out: list[gast.stmt]) -> Iterator[list[gast.stmt]]:
        """Inside, statements go to another list."""
        before, self.out = self.out, out
        try:
            yield out
        finally:
            self.out = before

    def object_node(self, value: Any, hint: str = "function") -> gast.expr:
        """A path by which emitted code reaches an object."""
        return self._paths.object_node(value, hint)

    def np(self, function: str, *args: gast.expr, **keywords: gast.expr) -> gast.expr:
        """A call of a NumPy function."""
        return call(self.object_node(getattr(np, function)), *args, **keywords)

    # ---- primitives -----------------------------------------------------------------------------
    def bound(self, node: gast.expr) -> Bound | None:
        """The primitive that an expression applies; None where it is not one."""
        function, args, keywords = self._application(node)
        if function is None:
            return None
        rule = rule_of(function)
        if rule is None or rule.vjp is None:
            return None if rule is None else Bound(function, rule, {})
        return Bound(function, rule, self._bindings(rule, args, keywords))

    def _application(self, node: gast.expr) -> tuple[Any, list[gast.expr], dict[str, gast.expr]]:
        if isinstance(node, gast.BinOp):
            return BINARY[type(node.op)], [node.left, node.right], {}
        if isinstance(node, gast.UnaryOp):
            return UNARY[type(node.op)], [node.operand], {}
        if isinstance(node, gast.Attribute) and node.attr == "T":
            return np.transpose, [node.value], {}
        if isinstance(node, gast.Call):
            import builtins

            path = dotted(node.func)
            function = self.objects[path] if path in self.objects else getattr(builtins, path or "", None)
            return function, list(node.args), {k.arg: k.value for k in node.keywords if k.arg is not None}
        return None, [], {}

    def _bindings(
        self, rule: Rule, args: list[gast.expr], keywords: dict[str, gast.expr]
    ) -> dict[str, Binding]:
        plain, variadic = _places(rule.vjp)
        given: dict[str, gast.expr] = {p.name: arg for p, arg in zip(plain, args)}
        if variadic:
            given[variadic[0].name] = gast.Tuple(elts=list(args[len(plain) :]), ctx=gast.Load())
        given.update(keywords)
        bindings = {key: Binding(node, self.typer(node)) for key, node in given.items()}
        for p in plain:
            if p.name not in bindings and p.default is not p.empty:
                node = constant(p.default) if _is_literal(p.default) else self.object_node(p.default)
                bindings[p.name] = Binding(node, self.typer(node))
        return bindings

    def binding(self, node: gast.expr) -> Binding:
        """An expression and its type, as a rule's parameter stands for it."""
        return Binding(node, self.typer(node))

    def quote(
        self, body: Any, bindings: dict[str, Binding], wrt: tuple[str, ...], wanted: list[str]
    ) -> list[gast.expr]:
        """A rule's body in place: its results as expressions, and the statements that those of `wanted` need."""
        parameters = parameters_of(body)
        chosen = {key: value for key, value in bindings.items() if key in parameters}
        with self.emitting_into([]) as out:
            results = Quoter(body, chosen, self.fresh, self.emit, self.object_node).results()
        if len(results) != len(wrt):
            raise CustomRuleError(
                f"the rule {body.__qualname__} returns {len(results)} derivatives, not {len(wrt)}: one for each of "
                f"{', '.join(wrt)}"
            )
        if not out:
            return results
        needed = names_in([result for p, result in zip(wrt, results) if p in wanted])
        kept: list[gast.stmt] = []
        for statement in reversed(out):
            if isinstance(statement, gast.Assign) and not names_in(statement.targets) & needed:
                continue
            needed |= names_in(statement)
            kept.append(statement)
        self.out.extend(reversed(kept))
        return results

    def operand(self, node: gast.expr, dots: dict[str, gast.expr] | None = None) -> Operand:
        """What a template rule sees of an argument."""
        items: tuple[Operand, ...] = ()
        if (shown := self.shown_parts(node)) is not None:
            items = tuple(self.operand(part, dots) for part in shown)
        active = any(item.active for item in items) or (
            isinstance(node, gast.Name) and self.is_active(node.id)
        )
        dot = ""
        if dots is not None and isinstance(node, gast.Name) and node.id in dots:
            dot = source_of(dots[node.id])
        return Operand(source_of(node), self.typer(node), active, items, dot)

    def template(
        self, body: Any, bindings: dict[str, Binding], operands: dict[str, Operand], **given: str
    ) -> Any:
        """What a template rule's body returns for these operands."""
        args: list[Operand] = []
        named: dict[str, Operand] = {}
        for p in parameters_of(body).values():
            if p.kind is p.VAR_POSITIONAL:
                args.extend(operands[p.name].items if p.name in operands else ())
            elif p.kind is p.VAR_KEYWORD:
                known = parameters_of(body)
                named.update({key: value for key, value in operands.items() if key not in known})
            elif p.name in operands:
                if p.kind is p.KEYWORD_ONLY or args == [] and p.name in named:
                    named[p.name] = operands[p.name]
                else:
                    args.append(operands[p.name])
        return body(*args, **named, **given)

    def parsed(self, text: str) -> gast.expr:
        """The expression of a template's text, its NumPy paths made reachable."""
        return _Restore(self).visit(expression(text))

    def is_active(self, key: str) -> bool:
        raise NotImplementedError

    # ---- shapes ---------------------------------------------------------------------------------
    def fitting(self, bound: Bound, node: gast.expr, like: gast.expr) -> gast.expr:
        """What a user's rule gives for a value, which must have its shape: checked where types do not tell."""
        body = bound.rule.jvp or bound.rule.vjp
        if (body.__module__ or "").startswith("s2sad.rules."):  # type: ignore[union-attr]
            return node
        have, want = self.typer(node), self.typer(like)
        if same_shape(have, want) or not isinstance(want, (Scalar, Array)):
            return node
        label = getattr(bound.function, "__name__", "a function")
        if (
            isinstance(have, (Scalar, Array))
            and None not in (have.rank, want.rank)
            and have.rank != want.rank
        ):
            raise CustomRuleError(
                f"the rule of {label} gives a derivative of rank {have.rank} for a value of rank {want.rank}"
            )
        return call(self.object_node(checked_like), node, clone(like), constant(label))

    def full(self, node: gast.expr, like: gast.expr) -> gast.expr:
        """A cotangent or tangent in the shape of the value that it belongs to."""
        have, want = self.typer(node), self.typer(like)
        if isinstance(want, (Sequence, Mapping)):
            items = node.values if isinstance(node, gast.Dict) else self.shown_parts(node)
            if items is None:
                return node
            return self.display(
                want, [self.full(part, place) for part, place in zip(items, self.parts_of(want, like))]
            )
        if isinstance(want, Scalar) or same_shape(have, want):
            return node
        if not isinstance(want, Array):
            return node
        if want.shape is None:  # equal types tell nothing of the shapes then
            if self._is_reduced_to(node, like):
                return node
            return binary(self.np("zeros_like", clone(like)), gast.Add, node)
        if have == want:
            return node
        if isinstance(have, Scalar) and want.dtype != "float64":
            return self.np("full_like", clone(like), node)
        if isinstance(have, Scalar):
            return self.np("full", gast.Attribute(value=clone(like), attr="shape", ctx=gast.Load()), node)
        return self.np("broadcast_to", node, gast.Attribute(value=clone(like), attr="shape", ctx=gast.Load()))

    def reduced(self, node: gast.expr, result: gast.expr | None, operand: gast.expr) -> gast.expr:
        """A contribution summed over the dimensions along which the operand was broadcast to the result."""
        want = self.typer(operand)
        whole = self.typer(result) if result is not None else self.typer(node)
        if not isinstance(want, (Scalar, Array)) or not isinstance(whole, (Scalar, Array)):
            return node
        if want.shape is not None and whole.shape is not None:
            if result is None and len(want.shape) > len(whole.shape):
                return self._reduced_to_more_axes(node, operand, want, whole)
            if not _may_shrink(want.shape, whole.shape):
                return self.real_part(node, want)
            if result is not None:
                node = self._spread(node, result)
            if self._certain(want.shape, whole.shape):
                return self.real_part(self._summed(node, want.shape, whole.shape), want)
        elif isinstance(self.typer(node), Scalar) and isinstance(want, Scalar) and result is None:
            return node
        if result is not None:
            node = self._spread(node, result)
        return self.real_part(call(self.object_node(unbroadcast), node, clone(operand)), want)

    def _reduced_to_more_axes(
        self, node: gast.expr, operand: gast.expr, want: Scalar | Array, whole: Scalar | Array
    ) -> gast.expr:
        """A contribution to what is stored in a place of fewer axes: its first axes have one item each."""
        assert want.shape is not None and whole.shape is not None
        inner = want.shape[len(want.shape) - len(whole.shape) :]
        if not self._certain(inner, whole.shape):
            return self.real_part(call(self.object_node(unbroadcast), node, clone(operand)), want)
        if _may_shrink(inner, whole.shape):
            node = self._summed(node, inner, whole.shape)
        whole_shape = gast.Attribute(value=clone(operand), attr="shape", ctx=gast.Load())
        return self.real_part(self.np("reshape", node, whole_shape), want)

    def _spread(self, node: gast.expr, result: gast.expr) -> gast.expr:
        """An unexpanded cotangent that is about to be summed stands for each element of the result."""
        have, whole = self.typer(node), self.typer(result)
        if same_shape(have, whole):
            return node
        return self.full(node, result)

    def _is_reduced_to(self, node: gast.expr, like: gast.expr) -> bool:
        """Whether an expression sums to the shape of a value."""
        called = isinstance(node, gast.Call) and self.objects.get(dotted(node.func) or "") is unbroadcast
        return called and getattr(node.args[1], "id", None) == getattr(like, "id", "")  # type: ignore[attr-defined]

    def _certain(self, want: tuple[Size, ...], whole: tuple[Size, ...]) -> bool:
        extra = len(whole) - len(want)
        for axis, size in enumerate(want):
            other = whole[axis + extra]
            if size != 1 and (size != other or is_joined(size)) and may_be_one(size):
                return False
        return True

    def _summed(self, node: gast.expr, want: tuple[Size, ...], whole: tuple[Size, ...]) -> gast.expr:
        extra = len(whole) - len(want)
        if all(size == 1 for size in want):  # one number, which stands for the one element
            return self.np("sum", node)
        for _ in range(extra):
            node = self.np("sum", node, axis=constant(0))
        for axis, size in enumerate(want):
            if size == 1 and whole[axis + extra] != 1:
                index = [gast.Slice(None, None, None) for _ in want]
                kept: list[gast.expr] = list(index)
                kept[axis] = gast.Constant(None, None)
                while len(kept) > 1 and isinstance(kept[-1], gast.Slice):
                    kept.pop()
                where = gast.Tuple(elts=kept, ctx=gast.Load()) if len(kept) > 1 else kept[0]
                node = subscript(self.np("sum", node, axis=constant(axis)), where)
        return node

    def real_part(self, node: gast.expr, want: Type) -> gast.expr:
        """What flows to a real operand of a complex result is real."""
        have = self.typer(node)
        if isinstance(have, (Scalar, Array)) and isinstance(want, (Scalar, Array)):
            if kind_of(have.dtype) == "complex" and kind_of(want.dtype) != "complex":
                return self.np("real", node)
        return node

    def zero(self, known: Type, like: gast.expr) -> gast.expr:
        """The zero cotangent or tangent of a value."""
        if is_none(like):
            return clone(like)  # type: ignore[no-any-return]
        if isinstance(known, Optional):
            here = self.typer(like)  # among what may be None, this value may be known to be something
            if isinstance(known.item, Scalar):
                known = known.item
            elif here.is_real and not isinstance(here, Optional):
                known = here
        if isinstance(known, Scalar):
            return constant(0.0)
        if (
            isinstance(known, Sequence)
            and len(known.items) > 4
            and all(isinstance(i, Scalar) for i in known.items)
        ):
            return binary(gast.List([constant(0.0)], gast.Load()), gast.Mult, call("len", clone(like)))
        if isinstance(known, (Sequence, Mapping)):
            return self.zero_parts(known, like)
        if isinstance(known, DictOf):
            return self.zero_table(known, like)
        if isinstance(known, ListOf):
            if isinstance(known.item, Scalar):
                return binary(gast.List([constant(0.0)], gast.Load()), gast.Mult, call("len", clone(like)))
            element = self.fresh("v")
            self.types[element] = known.item
            inner = self.zero(known.item, name(element))
            generator = gast.comprehension(target=_store(element), iter=clone(like), ifs=[], is_async=0)
            return gast.ListComp(elt=inner, generators=[generator])
        maybe = isinstance(known, Optional) or (isinstance(like, gast.Name) and like.id in self.nones)
        dtype = _DTYPES.get(getattr(without_none(known), "dtype", "")) if maybe else None
        if dtype is None:
            return self.np("zeros_like", clone(like))
        return self.np("zeros_like", clone(like), dtype=self.object_node(dtype))  # like None, it is a number

    @functools.cached_property
    def nones(self) -> frozenset[str]:
        """The names that may be None."""
        return may_be_none(walk(self.core.body))

    def zero_table(self, known: DictOf, like: gast.expr) -> gast.expr:
        """The zero cotangent of a dict that is changed in place: what it does not hold is zero."""
        return gast.Dict(keys=[], values=[])

    def zeros_in_table(self, known: DictOf, like: gast.expr) -> gast.expr:
        """A dict of zeros under the same keys."""
        held = item_type(known)
        if isinstance(held, Never):
            return gast.Dict(keys=[], values=[])
        key = self.fresh("key")
        where: gast.expr = _store(key)
        given: gast.expr = clone(like)
        zero: gast.expr = constant(0.0)
        if not isinstance(held, Scalar):
            item = self.fresh("item")
            self.types[item] = held
            zero = self.zero(held, name(item))
            where = gast.Tuple([where, _store(item)], gast.Store())
            given = call(gast.Attribute(given, "items", gast.Load()))
        each = gast.comprehension(target=where, iter=given, ifs=[], is_async=0)
        return gast.DictComp(name(key), zero, [each])

    def zero_of(self, key: str, value: gast.expr, like: gast.expr | None = None) -> gast.expr:
        """The zero of a name for what it is given: a number here, though it may be an array on another path.

        It is made `like` the value itself, or like what the name holds.
        What is None, at first or on one path, has a shadow that is None.
        """
        known = self.types[key]
        if is_none(value) and isinstance(known, (Array, ListOf, DictOf)):
            return constant(None)
        if isinstance(known, DictOf) and isinstance(value, gast.Dict):
            return self.zero_table(known, value)
        if isinstance(known, Array) and isinstance(self.typer(value), Scalar):
            return self.np("zeros", gast.Tuple([], gast.Load()))  # of an integer, `zeros_like` makes integers
        return self.zero(known, name(key) if like is None else clone(like))

    def zero_parts(self, known: Sequence | Mapping, like: gast.expr) -> gast.expr:
        """The zero of a container, part by part."""
        parts = [self.zero(item, part) for item, part in zip(known.items, self.parts_of(known, like))]
        return self.display(known, parts)

    def display(self, known: Sequence | Mapping | Record, parts: list[gast.expr]) -> gast.expr:
        """A container of the same class and keys."""
        return display(known, parts, self.object_node)

    def shown_parts(self, node: gast.expr) -> list[gast.expr] | None:
        """The parts of a tuple, a list or a named tuple that is written out."""
        return shown_parts(node, self.objects)

    def parts_like(self, node: gast.expr, whole: gast.expr) -> list[gast.expr]:
        """The parts of a whole that has the structure of a tuple, list or named tuple that is written out."""
        known = self.typer(node)
        assert isinstance(known, Sequence)
        return self.parts_of(known, whole)

    def parts_of(self, known: Sequence | Mapping | Record, node: gast.expr) -> list[gast.expr]:
        """Expressions for the parts of a container."""
        return parts_of(known, node, self.object_node)


class _Restore(gast.NodeTransformer):
    """Makes NumPy paths in a template's text reachable."""

    def __init__(self, emitter: Emitter) -> None:
        self.emitter = emitter

    def visit_Attribute(self, node: gast.Attribute) -> gast.expr:
        path = dotted(node)
        if (
            path is not None
            and path.split(".")[0] in ("np", "math")
            and path.split(".")[0] not in self.emitter.types
        ):
            import math

            value: Any = {"np": np, "math": math}[path.split(".")[0]]
            for part in path.split(".")[1:]:
                value = getattr(value, part)
            return self.emitter.object_node(value)
        self.generic_visit(node)
        return node

    def visit_Name(self, node: gast.Name) -> gast.expr:
        from s2sad.runtime import arrays

        stem, mark, version = node.id.rpartition("__v")
        if mark and f"{stem}~{version}" in self.emitter.types:
            return replace_id(node, f"{stem}~{version}")

        if node.id not in self.emitter.types and hasattr(arrays, node.id):
            return self.emitter.object_node(getattr(arrays, node.id))
        return node


def same_shape(one: Type, other: Type) -> bool:
    """Whether two types are certain to have the same shape."""
    if not isinstance(one, (Scalar, Array)) or not isinstance(other, (Scalar, Array)):
        return False
    if one.shape is None or other.shape is None or len(one.shape) != len(other.shape):
        return False
    return all((p == q and not is_joined(p)) or not may_be_one(p) for p, q in zip(one.shape, other.shape))


def _may_shrink(want: tuple[Size, ...], whole: tuple[Size, ...]) -> bool:
    extra = len(whole) - len(want)
    if extra > 0:
        return True
    return any((size != other or is_joined(size)) and may_be_one(size) for size, other in zip(want, whole))


def _is_literal(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(_is_literal(item) for item in value)
    return value is None or value is Ellipsis or isinstance(value, (bool, int, float, complex, str))


def _store(identifier: str) -> gast.Name:
    return gast.Name(id=identifier, ctx=gast.Store(), annotation=None, type_comment=None)


def mangled(identifier: str) -> str:
    """A versioned name as Python text."""
    return identifier.replace("~", "__v")


def source_of(node: gast.expr) -> str:
    """The text of an expression, versions written as ``__vN``."""
    import ast

    return ast.unparse(ast.fix_missing_locations(gast.gast_to_ast(_Mangle().visit(clone(node)))))


class _Mangle(gast.NodeTransformer):
    def visit_Name(self, node: gast.Name) -> gast.expr:
        return replace_id(node, mangled(node.id))


def replace_id(node: gast.Name, identifier: str) -> gast.Name:
    """The same name node with another identifier."""
    return gast.Name(id=identifier, ctx=node.ctx, annotation=None, type_comment=None)
