"""The adjoint: typed core to a forward sweep, a reverse sweep, and the gradient in the structure of the arguments.

Joint (`gradient`): one function.  Split (`pullback`): a forward function that also gives what is saved, and a reverse
function of what was saved and the result's cotangent, which may be called many times.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import gast
import numpy as np

from s2sad.abstract.interpreter import Interpreted
from s2sad.abstract.state import constant_type
from s2sad.abstract.values import Value
from s2sad.abstract.written import parts_of
from s2sad.analysis.kinds import is_derivative
from s2sad.analysis.memory import is_append
from s2sad.analysis.nones import may_be_none
from s2sad.errors import problem_at, raise_problems
from s2sad.names import unused
from s2sad.program import Program
from s2sad.rules.quote import RuleRefuses
from s2sad.runtime.control import relisted
from s2sad.runtime.objects import replaced
from s2sad.signature import Array, DictOf, ListOf, Scalar, Sequence, Type, kind_of  # fmt: skip
from s2sad.signature import Mapping as MappingType
from s2sad.signature import Record as RecordType
from s2sad.sweep.cotangents import Cotangent, NeedsAlias
from s2sad.sweep.hooks import without_hooks
from s2sad.sweep.keeping import Record
from s2sad.sweep.nesting import definitions_in
from s2sad.sweep.record import Recorder, take_edits
from s2sad.sweep.reverse import Reverse
from s2sad.tree.build import assign, call, clone, constant, dotted, name, names_in, path, substitute
from s2sad.tree.dataflow import assigned, comment, definitions, stored, walk
from s2sad.tree.parts import nodes

SEED = "result_bar"
MEMORY = (Array, ListOf, DictOf)
WIDTH = 88


class Adjoint:
    """Both sweeps of one function, before they are put into functions."""

    def __init__(
        self, core: Interpreted, wrt: tuple[str, ...], filename: str, lines: Mapping[int, str], masked: bool = True,
        closed: bool = False,
    ) -> None:  # fmt: skip
        core = dataclasses.replace(core, body=tuple(clone(list(core.body))))
        self.core, self.wrt = core, wrt
        self.seed = _free(SEED, core)
        seeds: dict[str, gast.expr] = {}
        seeds_of(core, core.result, name(self.seed), seeds)
        self.reverse = Reverse(core, seeds, {self.seed, "t"}, masked, closed)
        self.reverse.types[self.seed] = _seed_type(core.result.type)
        statements = list(core.body)
        self._check_tuples(core, filename, lines)
        try:
            with self.reverse.emitting_into([]) as backward:
                self.reverse.block(statements)
        except NeedsAlias as error:
            _refuse(error.statement, core, filename, lines)
        except RuleRefuses as error:
            raise_problems([problem_at(self.reverse.at, "S201", str(error), error.advice, filename, lines)])
        self.reverse.at = None
        entry = self.reverse.parameter_shadows()
        with self.reverse.emitting_into(backward):
            self.gradients = [self._gradient(core.inputs[key]) for key in wrt]
        forward = take_edits([s for s in statements if not isinstance(s, gast.Return)], self.reverse.edits)
        recorder = Recorder(self.reverse)
        recorder.run(forward, backward)
        self.forward = without_hooks([*entry, *take_edits(forward, self.reverse.edits)], self.objects())
        self.backward = backward
        self.unsure = core.unsure  # what is None on some paths
        self.early: frozenset[str] = frozenset()  # what is saved of shadows that the forward sweep makes
        self.saved: list[str] = []

    @property
    def records(self) -> Mapping[str, Record]:
        """What the forward sweep records, by the name in core under which it is kept."""
        return self.reverse.edits.records

    # ---- gradients ------------------------------------------------------------------------------
    def _gradient(self, value: Value) -> gast.expr:
        """The gradient of a parameter, in its structure."""
        if value.items is None:
            return self._leaf_gradient(value, self.core.leaf(value))
        whole = self._whole(value)
        known = value.type
        if isinstance(known, RecordType):
            return self._object_gradient(value, known)
        assert isinstance(known, (Sequence, MappingType))
        if whole is not None and not any(self._has_cotangent(item) for item in value.items):
            return self._converted(whole, known)
        parts = [self._gradient(item) for item in value.items]
        if whole is not None:
            held = self.reverse.atom(whole, "t_bar")
            parts = [
                self.reverse._plus(p, w, item.type) if item.type.is_real else p
                for p, w, item in zip(parts, self.reverse.parts_of(known, held), value.items)
            ]
        return self.reverse.display(known, parts)

    def _object_gradient(self, value: Value, known: RecordType) -> gast.expr:
        """An object like the argument, its numbers replaced by their gradients."""
        parts = {
            key: self._gradient(item) for key, item in zip(known.keys, value.items or ()) if item.type.is_real
        }  # fmt: skip
        keywords = [gast.keyword(arg=key, value=part) for key, part in parts.items()]
        return gast.Call(self.reverse.object_node(replaced), [clone(value.node)], keywords)

    def _converted(self, whole: gast.expr, known: Any) -> gast.expr:
        if isinstance(known, Sequence) and isinstance(self.reverse.typer(whole), Array):
            return self._of_array(whole, known)  # NumPy made an array of the container
        shown = whole.values if isinstance(whole, gast.Dict) else self.reverse.shown_parts(whole)
        if shown is not None and isinstance(known, (Sequence, MappingType)):
            return self.reverse.display(known, [self._converted(p, k) for p, k in zip(shown, known.items)])
        if isinstance(known, Sequence) and known.cls is tuple:
            return call("tuple", whole)
        if isinstance(known, Sequence) and known.cls is not list:
            return gast.Call(self.reverse.object_node(known.cls), [gast.Starred(whole, gast.Load())], [])
        return whole

    def _of_array(self, whole: gast.expr, known: Sequence) -> gast.expr:
        """The parts of an array in the structure of a container."""
        if known.cls is list and all(isinstance(item, Scalar) for item in known.items):
            return call(gast.Attribute(whole, "tolist", gast.Load()))
        places = self.reverse.parts_of(known, self.reverse.atom(whole, "t_bar"))
        return self.reverse.display(known, [self._converted(p, k) for p, k in zip(places, known.items)])

    def _whole(self, value: Value) -> gast.expr | None:
        """The cotangent of a container that was indexed at run time."""
        keys = [
            key
            for other, key in self.core.leaves.items()
            if other.origin == value.origin and other.items is None
        ]
        if isinstance(value.node, gast.Name):
            keys.append(value.node.id)
        found = [key for key in dict.fromkeys(keys) if self.reverse.bars.get(key) is not None]
        assert len(found) <= 1, "a container is read under two names"
        return self.reverse._assembled(found[0], self.reverse.bars[found[0]]) if found else None

    def _has_cotangent(self, value: Value) -> bool:
        if value.items is not None:
            return self._whole(value) is not None or any(self._has_cotangent(item) for item in value.items)
        key = self._key(value)
        return key is not None and (key in self.reverse.bars or key in self.reverse.shadows)

    def _key(self, value: Value) -> str | None:
        leaf = self.core.leaf(value)
        if leaf is not None:
            return leaf
        return value.node.id if isinstance(value.node, gast.Name) else None

    def _leaf_gradient(self, value: Value, leaf: str | None) -> gast.expr:
        reverse = self.reverse
        if not value.type.is_real:
            return clone(value.node)
        key = self._key(value)
        origin = value.origin[1] if value.origin[0] == "parameter" else None
        like = name(origin) if isinstance(origin, str) else clone(value.node)
        for candidate in (origin, key):
            if candidate in reverse.bars:
                held: Cotangent = reverse.bars[candidate]
                return self._in_shape(reverse._assembled(candidate, held), value, like)
        if key in reverse.early and (leaf is not None or key == origin):
            return reverse.emptied(key)
        if key in reverse.shadows and leaf is not None:
            return name(reverse.shadows[key])
        return self._in_shape(reverse.zero(value.type, like), value, like)

    def _in_shape(self, node: gast.expr, value: Value, like: gast.expr) -> gast.expr:
        """A gradient has the shape and the dtype of what it is the gradient of."""
        reverse = self.reverse
        node = reverse.full(node, like)
        if isinstance(node, gast.Call) and reverse.objects.get(dotted(node.func) or "") is np.broadcast_to:
            node = gast.Call(gast.Attribute(node, "copy", gast.Load()), [], [])  # the caller may write to it
        have, want = reverse.typer(node), value.type
        if not isinstance(have, (Scalar, Array)) or not isinstance(want, Array):
            return node
        if have.dtype != want.dtype or (isinstance(node, gast.Name) and self._may_be_wider(want)):
            kinds = kind_of(have.dtype), kind_of(want.dtype)
            if isinstance(have, Array) and (kinds[0] == kinds[1] or kinds == ("float", "complex")):
                dtype = gast.Attribute(value=clone(like), attr="dtype", ctx=gast.Load())
                return gast.Call(
                    gast.Attribute(reverse.atom(node, "t_bar"), "astype", gast.Load()), [dtype], []
                )
        return node

    def _may_be_wider(self, known: Array) -> bool:
        """Whether what a loop adds up may have more digits than the type of its name says."""
        if known.dtype not in ("float32", "complex64"):
            return False
        types = self.core.types.values()
        return any(
            isinstance(one, (Array, Scalar)) and one.dtype in ("float64", "complex128") for one in types
        )

    # ---- programs -------------------------------------------------------------------------------
    def objects(self) -> dict[str, Any]:
        return {**self.core.objects, **self.reverse.objects}

    def joint(
        self,
        primal: str,
        with_value: bool,
        doc: str,
        lines: Mapping[int, str],
        filename: str,
        seeded: bool = True,
    ) -> Program:
        """``f_grad`` or ``f_value_and_grad``; the cotangent of the value is a parameter if it is `seeded`, else 1."""
        gradients = self.gradients
        bare = gradients[0] if len(gradients) == 1 else gast.Tuple(elts=list(gradients), ctx=gast.Load())
        value = self.reverse_result()
        returned = gast.Tuple(elts=[value, bare], ctx=gast.Load()) if with_value else bare
        known = self.core.result.type  # what has no gradient is refused when this is compiled
        seeded = seeded or known.is_container or getattr(known, "rank", 0) not in (0, None)
        args = parameters(self.core.args, {self.seed: constant(1.0)} if seeded else {})
        body = [
            comment("forward sweep"), *self.forward, comment("reverse sweep"), *annotated(self.backward, lines),
            gast.Return(value=returned),
        ]  # fmt: skip
        if not seeded:
            body = with_units(body, self.seed)
        return Program(
            f"{primal}_value_and_grad" if with_value else f"{primal}_grad", args, tuple(body), self.reverse.types,
            self.objects(), doc, (), filename, lines,
        )  # fmt: skip

    def thin(self, clean: Callable[[Program], Program]) -> None:
        """Let a pass over both sweeps, in one block, take out what is recorded without need."""
        between = comment("reverse sweep")
        gradients = gast.Tuple(elts=list(self.gradients), ctx=gast.Load())
        body = (*self.forward, between, *self.backward, gast.Return(value=gradients))
        whole = Program("sweeps", self.core.args, body, self.reverse.types, self.objects(), "", (), "", {})
        thinned = list(clean(whole).body)
        k = next(k for k, node in enumerate(thinned) if node is between)
        self.forward, self.backward = thinned[:k], thinned[k + 1 : -1]

    def _check_tuples(self, core: Interpreted, filename: str, lines: Mapping[int, str]) -> None:
        """Refuse arrays that tuples in a list hold, and that are written in place: no shadow of a list has those."""
        reverse = self.reverse
        for statement in walk(core.body):
            key = _filled(statement)
            if key is not None and key in reverse.active and _has_memory_in_tuples(reverse.types[key]):
                held = reverse.reached_from(key) - core.sites.get(key, frozenset())
                if reverse.memory.written_after(held, statement):
                    _refuse(statement, core, filename, lines)

    def reverse_result(self) -> gast.expr:
        """The primal's result, as its return statement gives it."""
        statement = self.core.body[-1]
        assert isinstance(statement, gast.Return)
        return clone(statement.value)

    def _unpacked(self, saved: list[str]) -> list[gast.stmt]:
        """What the forward function saved, by name; lists of cotangents anew: the reverse sweep consumes them."""

        def part(whole: gast.expr, k: int) -> gast.expr:
            return gast.Subscript(value=whole, slice=constant(k), ctx=gast.Load())

        lists = [key for key in saved if isinstance(self.reverse.types[key], (ListOf, DictOf))]
        if not self.reverse.has_early_lists():
            lists = []
        unpack = [assign(key, part(name("saved"), k)) for k, key in enumerate(saved) if key not in lists]
        if lists:
            held = self.reverse.fresh("lists")
            old = gast.Tuple(elts=[part(name("saved"), saved.index(key)) for key in lists], ctx=gast.Load())
            unpack.append(assign(held, call(self.reverse.object_node(relisted), old)))
            unpack += [assign(key, part(name(held), k)) for k, key in enumerate(lists)]
        return unpack

    def _made_of_shadows(self) -> frozenset[str]:
        """The shadows that the forward sweep makes, and what holds them: their views, lists and tapes."""
        reverse = self.reverse
        found = {reverse.shadows[key] for key in reverse.early} | set(reverse.first_items.values())
        before = -1
        while before != len(found):
            before = len(found)
            for statement in walk(self.forward):
                if isinstance(statement, gast.Expr) and is_append(statement.value):
                    owner, value = statement.value.func.value.id, statement.value.args[0]  # type: ignore[attr-defined]
                elif isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
                    owner, value = statement.targets[0].id, statement.value
                else:
                    continue
                if names_in(value) & found and isinstance(
                    reverse.types.get(owner), (*MEMORY, Sequence, MappingType)
                ):
                    found.add(owner)
        return frozenset(found)

    def split(
        self, primal: str, doc: str, lines: Mapping[int, str], filename: str, mode: str = "vjp"
    ) -> tuple[Program, Program]:
        """``f_forward`` and ``f_reverse``; with mode ``vjps`` the second is to take several cotangents."""
        self.backward = [*self.backward, *self.reverse.clear_parameters()]
        backward, (gradients,), outside = self._apart(lines)
        made = definitions_in(self.forward)
        parameters_ = [arg.id for arg in _all_parameters(self.core.args)]
        read = names_in([*backward, gradients]) - set(definitions_in(backward)) - {self.seed}
        saved = [key for key in [*parameters_, *made] if key in read]
        self.saved = saved
        certain = {
            s.targets[0].id
            for s in self.forward
            if isinstance(s, gast.Assign) and isinstance(s.targets[0], gast.Name)
        }
        maybe = [key for key in saved if key in made and key not in certain]
        complete(self.forward, set(maybe))
        self.unsure |= may_be_none(walk(self.forward), {*self.unsure, *maybe})
        self.early = self._made_of_shadows() & set(saved)
        taken = [path(place) for place in outside]
        kept = gast.Tuple(elts=[*map(name, saved), *taken], ctx=gast.Load())
        value = gast.Tuple(elts=[self.reverse_result(), kept], ctx=gast.Load())
        first = Program(
            f"{primal}_forward", parameters(self.core.args, {}),
            (comment("forward sweep"), *_cloned(self.forward), gast.Return(value=value)),
            self.reverse.types, self.objects(), doc.replace("Forward and reverse", "Forward"), (), filename, lines,
        )  # fmt: skip
        unpack = self._unpacked([*saved, *outside.values()])
        second = Program(
            f"{primal}_reverse" if mode == "vjp" else f"{primal}_cotangents", gast.arguments(
                args=[_argument("saved"), _argument(self.seed)], posonlyargs=[], vararg=None, kwonlyargs=[],
                kw_defaults=[], kwarg=None, defaults=[],
            ),
            (comment("reverse sweep"), *unpack, *backward, gast.Return(value=gradients)), self.reverse.types,
            {place: value for place, value in self.objects().items() if place not in outside},
            doc.replace("Forward and reverse", "Reverse"), (), filename, lines,
        )  # fmt: skip
        return first, second

    def _apart(self, lines: Mapping[int, str]) -> tuple[list[gast.stmt], list[gast.expr], dict[str, str]]:
        """The reverse sweep and the gradients as a function of their own, and what they take from outside, by name.

        Between the two calls what lives outside may change; the derivative is that at the point of the first.
        """
        backward = _cloned(annotated(self.backward, lines))
        gradients: list[gast.expr] = [
            gast.Tuple(elts=[clone(node) for node in self.gradients], ctx=gast.Load())
        ]
        objects, outside = self.objects(), {}
        for node in [part for statement in [*backward, *gradients] for part in nodes(statement)]:
            place = dotted(node) if isinstance(node, (gast.Name, gast.Attribute)) else None
            if place in objects and place not in outside and _may_change(objects[place], place):
                outside[place] = self.reverse.fresh(place.split(".")[-1])
                self.reverse.types[outside[place]] = constant_type(objects[place], place)
        if outside:
            backward = [_with_names(statement, outside) for statement in backward]
            gradients = [_with_names(node, outside) for node in gradients]
        return backward, gradients, outside


def _filled(statement: Any) -> str | None:
    """The list or dict that a statement makes of its items, or puts one into."""
    if isinstance(statement, gast.Expr):
        value = statement.value
        return value.func.value.id if is_append(value) else None
    made = assigned(statement)
    if made is not None:
        value = statement.value
        return made if isinstance(value, (gast.List, gast.Dict)) and names_in(value) else None
    return stored(statement)


def _has_memory_in_tuples(known: Type, inside: bool = False) -> bool:
    """Whether a list or dict holds tuples that hold arrays, lists or dicts."""
    if isinstance(known, (Sequence, MappingType)):
        return any(_has_memory_in_tuples(item, inside=inside) for item in known.items)
    if isinstance(known, ListOf):
        item = known.item
        within = isinstance(item, (Sequence, MappingType))
        return inside or _has_memory_in_tuples(item, inside=within)
    if isinstance(known, DictOf):
        items = [*known.items, *([known.rest] if known.rest is not None else [])]
        return inside or any(
            _has_memory_in_tuples(item, inside=isinstance(item, (Sequence, MappingType))) for item in items
        )
    return inside and isinstance(known, Array)


def _may_change(value: Any, place: str) -> bool:
    """Whether an object from outside is data of the user's; constants of libraries stay what they are."""
    leaf = place.split(".")[-1]
    constant_ = any(getattr(library, leaf, None) is value for library in (np, math))
    return (
        isinstance(value, (int, float, complex, np.generic, np.ndarray, list, dict, tuple)) and not constant_
    )


def _with_names(node: Any, names: Mapping[str, str]) -> Any:
    """A tree with names in place of paths."""
    if isinstance(node, list):
        return [_with_names(item, names) for item in node]
    if not isinstance(node, gast.AST):
        return node
    place = dotted(node) if isinstance(node, (gast.Name, gast.Attribute)) else None
    if place is not None and place in names:
        return name(names[place])
    for key, value in node.__dict__.items():
        if isinstance(value, (list, gast.AST)):
            setattr(node, key, _with_names(value, names))
    return node


def complete(block: list[gast.stmt], wanted: set[str], certain: frozenset[str] = frozenset()) -> None:
    """Give a name that is saved a value on the paths that do not make it; `certain` are those that have one by now."""
    for statement in list(block):
        missing = (set(definitions_in([statement])) & wanted) - certain
        if isinstance(statement, gast.If):
            for part in (statement.body, statement.orelse):
                complete(part, wanted, certain)
                part.extend(_nothing(key) for key in sorted(missing - set(definitions_in(part))))
        elif isinstance(statement, (gast.For, gast.While, gast.Try)):
            place = next(k for k, item in enumerate(block) if item is statement)
            block[place:place] = [_nothing(key) for key in sorted(missing)]
            complete(statement.body, wanted, certain | missing)
        elif isinstance(statement, gast.With):
            complete(statement.body, wanted, certain)
        certain |= missing


def _nothing(key: str) -> gast.stmt:
    return assign(key, gast.Constant(None, None))


def with_units(body: list[gast.stmt], seed: str) -> list[gast.stmt]:
    """Statements in which the seed, and cotangents that are copies of it, are 1."""
    units: dict[str, gast.expr] = {seed: constant(1.0)}
    counts = definitions(body)
    out: list[gast.stmt] = []
    for statement in body:
        new = substitute(statement, units)
        key = assigned(new)
        if key is not None and counts[key] == 1 and is_derivative(key) and is_one(new.value):
            units[key] = constant(1.0)
        out.append(new)
    return out


def is_one(node: gast.expr) -> bool:
    """Whether this is the constant 1.0."""
    return isinstance(node, gast.Constant) and type(node.value) is float and node.value == 1.0


def seeds_of(core: Interpreted, result: Value, seed: gast.expr, seeds: dict[str, gast.expr]) -> None:
    """Each differentiable part of the result gets its part of the seed."""
    if result.items is not None:
        assert isinstance(result.type, (Sequence, MappingType, RecordType))
        for item, part in zip(result.items, parts_of(result.type, seed, core.object_node)):
            seeds_of(core, item, part, seeds)
    elif result.varied and isinstance(result.node, gast.Name):
        if result.node.id in seeds:
            seed = gast.BinOp(left=seeds[result.node.id], op=gast.Add(), right=seed)
        seeds[result.node.id] = seed


def _cloned(statements: list[gast.stmt]) -> list[gast.stmt]:
    return [clone(statement) for statement in statements]


def annotated(statements: list[gast.stmt], lines: Mapping[int, str]) -> list[gast.stmt]:
    """The reverse sweep, each group of statements under the primal line that it reverses."""
    out: list[gast.stmt] = []
    last: int | None = None
    for statement in statements:
        line = getattr(statement, "lineno", None)
        if line is not None and line != last and line in lines:
            out.append(comment(f"line {line}: {quoted(statement, lines)}"))
        last = line if line is not None else last
        out.append(statement)
    return out


def quoted(statement: gast.stmt, lines: Mapping[int, str]) -> str:
    """A statement of the user's on one line."""
    first, last = statement.lineno, getattr(statement, "end_lineno", None) or statement.lineno
    block = isinstance(statement, gast.For) or lines[first].rstrip().endswith(":")
    text = (
        lines[first].strip()
        if block
        else " ".join(lines[k].strip() for k in range(first, last + 1) if k in lines)
    )
    text = text.replace("( ", "(").replace(" )", ")")
    return text if len(text) <= WIDTH else text[: WIDTH - 4].rstrip() + " ..."


def parameters(args: gast.arguments, extra: dict[str, gast.expr]) -> gast.arguments:
    """The primal's parameters, each as a plain one, then more with defaults."""
    plain = [_argument(arg.id) for arg in _all_parameters(args)]
    more = [_argument(key) for key in extra]
    return gast.arguments(
        args=[*plain, *more], posonlyargs=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None,
        defaults=list(extra.values()),
    )  # fmt: skip


def _all_parameters(args: gast.arguments) -> list[gast.Name]:
    rest = [args.vararg] if args.vararg is not None else []
    named = [args.kwarg] if args.kwarg is not None else []
    return [*args.posonlyargs, *args.args, *rest, *args.kwonlyargs, *named]


def _argument(identifier: str) -> gast.Name:
    return gast.Name(id=identifier, ctx=gast.Param(), annotation=None, type_comment=None)


def _seed_type(known: Type) -> Type:
    """The type of the result's cotangent: ``1.0``, which makes no float64 of what it is multiplied with."""
    return Scalar("float") if known == Scalar("float64") else known


def _free(wanted: str, core: Interpreted) -> str:
    taken = {key.split("~")[0] for key in core.types} | {path.split(".")[0] for path in core.objects}
    return unused(wanted, taken)


def _refuse(statement: gast.stmt, core: Interpreted, filename: str, lines: Mapping[int, str]) -> None:
    write = _write_to(statement, core)
    where = (
        f" in line {write.lineno}: {quoted(write, lines)}"
        if write is not None and write.lineno in lines
        else ""
    )
    raise_problems([
        problem_at(
            statement, "S202", f"this may or may not share memory with an array that is written in place{where}",
            "copy it (`.copy()`), or write to the array under one name only", filename, lines,
        )
    ])  # fmt: skip


def _write_to(statement: gast.stmt, core: Interpreted) -> gast.stmt | None:
    """The first statement that writes into memory that another one may share."""
    sites = frozenset().union(*(core.sites.get(key, frozenset()) for key in names_in(statement)))
    for node in walk(core.body):
        into = stored(node)
        if into is not None and core.sites.get(into, frozenset()) & sites:
            return node
    return None


__all__ = ["Adjoint"]
