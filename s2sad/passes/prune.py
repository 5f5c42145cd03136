"""Work that nothing needs, or that was done before, goes: common expressions, loop-invariant code, dead statements.

>>> from s2sad.testing.core import core, show
>>> show(prune(core('''
... def f(x, n, result_bar=1.0):
...     s = np.exp(x)
...     y = s * x
...     for i in range(n):
...         print(i)
...     t = np.exp(x) * x
...     x_bar = result_bar * t
...     return x_bar + result_bar * np.exp(x)
... ''', 2.0, 3)))
def f(x, n, result_bar=1.0):
    s = np.exp(x)
    for i in range(n):
        print(i)
    t = s * x
    x_bar = result_bar * t
    return x_bar + result_bar * s

Nothing is taken away that prints, raises by a statement of the user, draws random numbers or writes to memory that
something reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gast

from s2sad.analysis.kinds import is_derivative, is_shadow, is_temporary
from s2sad.analysis.memory import CONTAINERS, Memory, is_append
from s2sad.analysis.values import Values
from s2sad.names import Names
from s2sad.program import Program
from s2sad.signature import Array, ListOf, Scalar
from s2sad.sweep.powers import small_power, with_powers_of_powers
from s2sad.tree.build import assign
from s2sad.tree.build import name as read_name
from s2sad.tree.copies import propagated
from s2sad.tree.dataflow import (
    DEFERRED,
    assigned,
    binds,
    blocks,
    bound_within,
    captured,
    definitions,
    headers,
    is_comment,
    map_blocks,
    map_headers,
    parameters,
    reads,
    rewrite,
    scopes,
    statement_reads,
    stored,
    upright,
    walk,
    with_fields,
)
from s2sad.tree.parts import FIELDS

_ATOMS = frozenset([gast.Name, gast.Constant, *DEFERRED])


def prune(program: Program) -> Program:
    """Share common expressions, move loop-invariant ones out, drop dead statements."""
    # first: what the reverse sweep may reuse is not needed by anything yet
    program = with_shared_values(with_powers_of_powers(program))
    if any(isinstance(node, (gast.For, gast.While)) for node in walk(program.body)):
        moved = with_invariants_outside(program)
        program = with_shared_values(moved) if moved is not program else program  # both sweeps may have them
    program = with_sizes_of_operands(program)
    return without_dead_code(program)


# ---- common expressions -----------------------------------------------------------------------------------------


def with_shared_values(program: Program) -> Program:
    """Expressions that a name already holds are read from it."""
    sharing = _Sharing(program)
    body = sharing.body(program.body)
    if not sharing.changed:
        return program
    counts = definitions(body)

    def wanted(name: str, source: str) -> bool:
        return name in sharing.copies and counts[name] == 1

    return program.replace(body=tuple(propagated(body, wanted)))


class _Sharing:
    """One walk that numbers values and replaces those that a name holds."""

    def __init__(self, program: Program) -> None:
        self.memory = Memory(program)
        self.types = program.types
        self.values = Values(self.memory)
        self.counts = definitions(program.body)
        self.holders: dict[int, tuple[str, int]] = {}
        self.changed = False
        self.copies: set[str] = set()
        self.escaping = {name for node in walk(program.body) for name in self.passed_on(node)}

    def passed_on(self, node: gast.stmt) -> list[str]:
        """The names whose objects a statement hands to something that may keep them."""
        if isinstance(node, gast.Assign):
            return [] if self.memory.gives_number(node) else self.memory.shared(node.value, array=False)
        if isinstance(node, (gast.Return, gast.Expr)):
            return [name for part in headers(node) for name in reads(part)]
        return []

    def body(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        return [self.statement(node) for node in body]

    def statement(self, node: gast.stmt) -> gast.stmt:
        inner = blocks(node)
        if isinstance(node, (gast.For, gast.While)):
            if isinstance(node, gast.For):
                node = map_headers(node, self.shared)
            self.values.leave([node])  # what an earlier iteration may have done
        elif not isinstance(node, gast.FunctionDef):
            node = self.simple(node)
        if inner:
            holders, fields = self.holders, {}
            for field, block in zip(("body", "orelse"), inner):
                self.holders = dict(holders)
                current, writes = dict(self.values.current), dict(self.values.writes)
                fields[field] = self.body(block)
                self.values.current, self.values.writes = current, writes
            self.holders = holders
            self.values.leave([node])
            return with_fields(node, **fields)
        return node

    def simple(self, node: Any) -> gast.stmt:
        name = assigned(node)
        if name is None or not self.memory.is_pure(node.value):
            changed = (
                map_headers(node, self.shared_apart) if all(map(self.memory.is_pure, headers(node))) else node
            )
            if not blocks(node):
                self.values.statement(changed)
            return changed
        kept = self.memory.is_written(name) or name in self.escaping
        value = self.shared_apart(node.value) if kept else self.shared(node.value)
        self.values.statement(node)
        if isinstance(value, gast.Name) and value is not node.value:
            self.copies.add(name)
        number = self.values.expression(value, {})
        power = small_power(value) is not None and isinstance(self.types.get(name), Array)
        if (power or is_worth_sharing(value)) and self.counts[name] == 1 and self.may_share(name):
            self.holders.setdefault(number, (name, self.values.name(name)))
        if isinstance(value, gast.Name):
            self.values.bind(name, self.values.name(value.id))
        return node if value is node.value else with_fields(node, value=value)

    def shared(self, node: Any) -> Any:
        """An expression with the parts that a name holds read from that name."""
        if not self.holders or not self.memory.is_pure(node):
            return node
        numbers: dict[int, int] = {}
        self.values.expression(node, numbers)
        return self._replaced(node, numbers)

    def shared_apart(self, node: Any) -> Any:
        """The same, unless the value would then share memory with a name that it did not share it with."""
        new = self.shared(node)
        if new is node or set(self.memory.shared(new)) <= set(self.memory.shared(node)):
            return new
        return node

    def _replaced(self, node: Any, numbers: dict[int, int]) -> Any:
        cls = node.__class__
        if cls in _ATOMS:
            return node
        holder = self.holders.get(numbers.get(id(node), -1))
        if holder is not None and self.values.name(holder[0]) == holder[1]:
            self.changed = True
            return read_name(holder[0])
        fields: dict[str, Any] = {}
        for field in FIELDS[cls]:
            value = node.__dict__.get(field)
            if value.__class__ is list:
                new: Any = [
                    self._replaced(item, numbers) if isinstance(item, gast.AST) else item for item in value
                ]
                if any(a is not b for a, b in zip(new, value)):
                    fields[field] = new
            elif value.__class__ not in _ATOMS and isinstance(value, gast.AST):
                new = self._replaced(value, numbers)
                if new is not value:
                    fields[field] = new
        return with_fields(node, **fields) if fields else node

    def may_share(self, name: str) -> bool:
        """Whether other names may hold the same object: a result that the caller gets must be its own."""
        if isinstance(self.types.get(name), Scalar):
            return True
        own = is_derivative(name) or is_shadow(name) or self.memory.is_written(name)
        return isinstance(self.types.get(name), Array) and not own


def is_worth_sharing(node: Any) -> bool:
    """Whether reading a name is better than writing an expression again: it has a call or two operators."""
    if isinstance(node, gast.Call):
        return True
    if not isinstance(node, gast.BinOp):
        return False
    if isinstance(node.op, gast.MatMult):
        return True
    return any(isinstance(side, (gast.BinOp, gast.Call)) for side in (node.left, node.right))


# ---- sizes ------------------------------------------------------------------------------------------------------

_SIZES = ("shape", "size", "ndim")


def with_sizes_of_operands(program: Program) -> Program:
    """The shape of an elementwise result is asked of the operand that gives it, so that the result need not be kept."""
    if not any(isinstance(known, Array) for known in program.types.values()):
        return program
    counts = definitions(program.body)
    givers: dict[str, str] = {}
    for node in walk(program.body):
        name = assigned(node)
        known = program.types.get(name or "")
        if name is None or counts[name] != 1 or not isinstance(known, Array) or known.shape is None:
            continue
        for operand in _operands(node.value):  # type: ignore[attr-defined]
            other = program.types.get(operand)
            if isinstance(other, Array) and other.shape == known.shape and counts.get(operand, 0) <= 1:
                givers[name] = givers.get(operand, operand)
                break
    if not givers:
        return program

    def leave(part: Any) -> Any:
        if isinstance(part, gast.Attribute) and part.attr in _SIZES and isinstance(part.value, gast.Name):
            giver = givers.get(part.value.id)
            return part if giver is None else with_fields(part, value=read_name(giver))
        return part

    return program.replace(body=tuple(_mapped(program.body, lambda part: rewrite(part, leave))))


def _operands(node: Any) -> list[str]:
    """The names that an elementwise expression is made of."""
    if isinstance(node, gast.Name):
        return [node.id]
    if isinstance(node, gast.UnaryOp):
        return _operands(node.operand)
    if isinstance(node, gast.BinOp) and not isinstance(node.op, gast.MatMult):
        return [*_operands(node.left), *_operands(node.right)]
    return []


def _mapped(body: Sequence[gast.stmt], change: Any) -> list[gast.stmt]:
    return [map_blocks(map_headers(node, change), lambda block: _mapped(block, change)) for node in body]


# ---- loop-invariant code ----------------------------------------------------------------------------------------


def with_invariants_outside(program: Program) -> Program:
    """Expressions of the reverse sweep whose value is the same in every iteration are evaluated before the loop."""
    mover = _Mover(program)
    body = mover.body(program.body)
    return program.replace(body=tuple(body), types=mover.types) if mover.moved else program


class _Mover:
    def __init__(self, program: Program) -> None:
        self.memory = Memory(program)
        self.types = dict(program.types)
        self.counts = definitions(program.body)
        self.names = Names.apart_from([*parameters(program.args), *self.counts])
        self.moved = False

    def body(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        out: list[gast.stmt] = []
        for node in body:
            fields = {field: self.body(block) for field, block in zip(("body", "orelse"), blocks(node))}
            node = with_fields(node, **fields) if fields else node
            if isinstance(node, (gast.For, gast.While)):
                before, node = self.loop(node)
                out.extend(before)
            out.append(node)
        return out

    def loop(self, node: Any) -> tuple[list[gast.stmt], gast.stmt]:
        """The statements to run before a loop, and the loop without them."""
        varying = bound_within([node])
        written = {part for statement in walk(node.body) for part in self.memory.writes(statement)}
        before: list[gast.stmt] = []
        kept: list[gast.stmt] = []
        for statement in node.body:
            name = assigned(statement)
            # memory that is written must be fresh each time
            if name is not None and is_ours(name) and not self.memory.is_written(name):
                if self.counts.get(name, 1) == 1 and self.is_invariant(statement.value, varying, written):
                    varying.discard(name)
                    before.append(statement)
                    continue
                statement = self.hoisted(statement, varying, written, before)
            kept.append(statement)
        if not before:
            return [], node
        self.moved = True
        return before, with_fields(node, body=kept)

    def hoisted(self, node: Any, varying: set[str], written: Any, before: list[gast.stmt]) -> gast.stmt:
        """A statement with its invariant calls read from names that are bound in `before`."""

        def leave(part: Any) -> Any:
            if not isinstance(part, gast.Call) or not self.is_invariant(part, varying, written):
                return part
            operand = self.types.get(reads(part)[-1])
            if not isinstance(operand, (Scalar, Array)):
                return part
            name = self.names.fresh("t")
            self.types[name] = operand if isinstance(operand, Array) else Scalar("float64")
            before.append(gast.copy_location(assign(name, part), node))
            return read_name(name)

        if not any(isinstance(part, gast.Call) for part in _parts(node.value)):
            return node
        return with_fields(node, value=rewrite(node.value, leave))

    def is_invariant(self, node: Any, varying: set[str], written: set[tuple[str, int]]) -> bool:
        """Whether an expression costs something, has one value in a loop, and may run though the loop does not."""
        if not isinstance(node, (gast.BinOp, gast.Call)):
            return False
        if not is_worth_moving(node, self.types):
            return False
        names = set(reads(node))
        if names & varying or not self.memory.is_pure(node) or not self.memory.cannot_raise(node):
            return False
        return not (self.memory.touches(node) & written)


def is_worth_moving(node: Any, types: Any) -> bool:
    """Whether an expression costs more than to look a name up: it has a call, two operators or an array."""
    if isinstance(node, gast.Call) or any(isinstance(types.get(name), Array) for name in reads(node)):
        return True
    return any(isinstance(side, (gast.BinOp, gast.Call)) for side in (node.left, node.right))


def _parts(node: Any) -> list[Any]:
    found, stack = [], [node]
    while stack:
        item = stack.pop()
        found.append(item)
        stack.extend(value for value in item.__dict__.values() if isinstance(value, gast.AST))
    return found


def is_ours(name: str) -> bool:
    """Whether a statement that binds this name was written by the compiler."""
    return is_derivative(name) or is_temporary(name)


# ---- dead code --------------------------------------------------------------------------------------------------


def without_dead_code(program: Program) -> Program:
    """The program without the statements whose results nothing needs."""
    needed = _Needed(program)
    return program.replace(body=tuple(needed.body(program.body)))


class _Needed:
    """Which names, memory and statements are needed, from the effects and the result backwards."""

    def __init__(self, program: Program) -> None:
        self.memory = Memory(program)
        self.parameters = set(parameters(program.args))
        self.parents: dict[int, gast.stmt] = {}
        self.makers: dict[Any, list[gast.stmt]] = {}
        self.live: set[int] = set()
        self.wanted: set[Any] = set()
        self.breaks: dict[int, list[gast.stmt]] = {}
        self.work: list[gast.stmt] = []
        self.guarded = False
        self.outside = {self.memory.root(name) for name in self.parameters if self.memory.kind(name)}
        self.outside |= {self.memory.root(n) for node in walk(program.body) for n in self._captured(node)}
        self._register(program.body, None, None)
        while self.work:
            self._need(self.work.pop())

    def _captured(self, node: gast.stmt) -> list[str]:
        if assigned(node) is not None:
            return [name for scope in scopes(node.value) for name in captured(scope)]  # type: ignore[attr-defined]
        if isinstance(node, gast.FunctionDef):
            return captured(node)
        return [name for part in headers(node) for scope in scopes(part) for name in captured(scope)]

    def _register(self, body: Sequence[gast.stmt], parent: gast.stmt | None, loop: gast.stmt | None) -> None:
        for node in body:
            if parent is not None:
                self.parents[id(node)] = parent
            for thing in self._makes(node):
                self.makers.setdefault(thing, []).append(node)
            if isinstance(node, gast.Break):
                self.breaks.setdefault(id(loop), []).append(node)
            elif self._is_root(node) or (self.guarded and self._may_raise(node)):
                self.work.append(node)
            inner = node if isinstance(node, (gast.For, gast.While)) else loop
            for block in blocks(node):
                outer, self.guarded = self.guarded, self.guarded or isinstance(node, gast.Try)
                self._register(block, node, inner)
                self.guarded = outer

    def _makes(self, node: gast.stmt) -> list[Any]:
        """What a statement provides: names, and memory of this function's own that it writes to."""
        name = assigned(node)
        if name is not None:
            return [name]
        made: list[Any] = list(binds(node))
        into = self._stores_into(node)
        if into is not None:
            made.append(self._cell(into))
            if self._writes_an_item(node, into):  # other names may stand for the item
                made.append(("class", self.memory.root(into)))
        if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
            made.append(self._cell(node.target.id))
        return made

    def _writes_an_item(self, node: Any, into: str) -> bool:
        """Whether a store into a list changes an array in it, rather than which one it holds."""
        if isinstance(node, gast.Expr) or not isinstance(self.memory.types.get(into), ListOf):
            return False
        if isinstance(node, gast.AugAssign):
            return not isinstance(self.memory.types[into].item, Scalar)  # type: ignore[attr-defined]
        return isinstance(node.targets[0].value, gast.Subscript)

    def _stores_into(self, node: gast.stmt) -> str | None:
        if isinstance(node, gast.Expr) and is_append(node.value):
            return str(node.value.func.value.id)
        return stored(node)

    def _cell(self, name: str) -> tuple[str, str]:
        """The memory behind a name; a list of our own is known apart from the arrays in it."""
        flat = isinstance(getattr(self.memory.types.get(name), "item", None), (Scalar, Array))
        if flat and name in self.memory.lists and self.memory.kind(name) == CONTAINERS:
            return "list", name
        return "class", self.memory.root(name)

    def _is_root(self, node: gast.stmt) -> bool:
        if node.__class__ is not gast.Assign and isinstance(
            node, (gast.Return, gast.Raise, gast.Assert, gast.With)
        ):
            return not isinstance(node, gast.With) or not self._is_plain_with(node)
        if isinstance(node, gast.Expr) and is_comment(node):
            return False
        name = assigned(node)
        if name is not None:
            value = node.value  # type: ignore[attr-defined]
            return not self.memory.is_pure(value) or (
                not is_derivative(name) and self.memory.may_refuse(value)
            )
        into = self._stores_into(node)
        parts = headers(node)
        if into is not None and isinstance(node, gast.Expr):
            parts = list(node.value.args)
        if not all(map(self.memory.is_pure, parts)):
            return True
        if into is None:
            return isinstance(node, gast.AugAssign) and self._is_outside(node.target.id)
        return self._is_outside(into)

    def _may_raise(self, node: gast.stmt) -> bool:
        """Whether a statement can raise: where that is caught, it shows."""
        return not is_comment(node) and not all(map(self.memory.cannot_raise, headers(node)))

    def _is_plain_with(self, node: Any) -> bool:
        """Whether a block only sets how floating-point errors are met: an empty one does nothing."""
        calls = [item.context_expr for item in node.items]
        return all(isinstance(part, gast.Call) and last_part(part.func) == "errstate" for part in calls)

    def _is_outside(self, name: str) -> bool:
        if name not in self.memory.locals:
            return True
        kind, root = self._cell(name)
        return kind == "class" and bool(self.memory.kind(name)) and root in self.outside

    def _need(self, node: gast.stmt) -> None:
        if id(node) in self.live:
            return
        self.live.add(id(node))
        parent = self.parents.get(id(node))
        if parent is not None:
            self.work.append(parent)
        if isinstance(node, (gast.For, gast.While)):
            self.work.extend(self.breaks.get(id(node), ()))
        into = self._stores_into(node)
        for name in statement_reads(node):
            self._want(name)
            if name != into and self.memory.kind(name):
                self._want(self._cell(name))
                self._want(("class", self.memory.root(name)))
        if into is not None:
            # the object itself must be there, whoever made it
            self._want(self._cell(into))

    def _want(self, thing: Any) -> None:
        if thing not in self.wanted:
            self.wanted.add(thing)
            self.work.extend(self.makers.get(thing, ()))

    def body(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        out: list[gast.stmt] = []
        for node in body:
            if is_comment(node) or id(node) in self.live:
                fields = {field: self.body(block) for field, block in zip(("body", "orelse"), blocks(node))}
                out.append(upright(with_fields(node, **fields)) if fields else node)
        return out


def last_part(node: Any) -> str:
    """The last part of a dotted path."""
    return str(getattr(node, "attr", getattr(node, "id", "")))
