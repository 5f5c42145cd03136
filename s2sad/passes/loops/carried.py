"""An element that a turn stores and the next turn looks up is a variable (backend ``numba``).

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(carried(core('''
... def f(x, n):
...     y = np.zeros_like(x)
...     for i in range(1, n):
...         t = x[i]
...         y[i] = 0.5 * y[i - 1] + t * t
...     return y
... ''', np.ones(3), 3)))
def f(x, n):
    y = np.zeros_like(x)
    y_last = y[0] if n > 1 else 0.0
    for i in range(1, n):
        t = x[i]
        y_last = 0.5 * y_last + t * t
        y[i] = y_last
    return y

What is stored has to be there before it can be looked up: a processor waits longer for that than for the arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gast

from s2sad.analysis.memory import Memory, is_append
from s2sad.names import unused
from s2sad.program import Program
from s2sad.signature import Array, Scalar
from s2sad.tree.algebra import folded, literal
from s2sad.tree.build import assign, binary, clone, constant, dotted, name, placed, substitute
from s2sad.tree.dataflow import (
    DEFERRED,
    binds,
    blocks,
    bound_within,
    headers,
    map_blocks,
    map_headers,
    parameters,
    reads,
    rewrite,
    walk,
    with_fields,
)
from s2sad.tree.indices import index_parts, looks_up_item, shifted
from s2sad.tree.parts import key_of, nodes


def carried(program: Program) -> Program:
    """Carry in variables what the next turn looks up."""
    carrying = _Carried(program)
    body = tuple(carrying.block(program.body))
    return program.replace(body=body, types=carrying.types) if carrying.found else program


class _Carried:
    def __init__(self, program: Program) -> None:
        self.types = dict(program.types)
        self.memory = Memory(program)
        self.found = False
        parts = [part for node in walk(program.body) for whole in headers(node) for part in nodes(whole)]
        self.taken = {part.id for part in parts if isinstance(part, gast.Name)} | set(program.types)
        self.taken |= {key for node in walk(program.body) for key in binds(node)}
        self.taken |= {*parameters(program.args), program.name}

    def block(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        out: list[gast.stmt] = []
        for node in body:
            if isinstance(node, gast.For) and not any(blocks(part) for part in node.body):
                out += self.loop(node)
            else:
                out.append(map_blocks(node, self.block))
        return out

    def loop(self, node: gast.For) -> list[gast.stmt]:
        """A loop, and what goes before it."""
        step = _step(node)
        if step is None or not all(map(self.is_plain, node.body)):
            return [node]
        before: list[gast.stmt] = []
        done: set[str] = set()
        while True:
            stores = [part for part in node.body if _is_store(part) and _target(part).value.id not in done]
            if not stores:
                return [*before, node]
            store, owner = stores[0], _target(stores[0]).value.id
            done.add(owner)
            first = self.first(store, node, step) if self.is_alone(owner, store, node.body) else None
            made = self.replaced(store, node, step) if first is not None else None
            if made is not None:
                node, last = made
                before.append(placed(assign(last, first), store))

    # ---- whether ------------------------------------------------------------------------------------------------

    def is_plain(self, node: Any) -> bool:
        """Whether a statement stores a number, records one or names something, and does nothing else."""
        if isinstance(node, gast.Expr):
            return is_append(node.value) and all(map(self.memory.is_pure, node.value.args))
        if isinstance(node, gast.AugAssign):
            known = isinstance(node.target, (gast.Name, gast.Subscript))
        else:
            known = isinstance(node, gast.Assign) and isinstance(node.targets[0], (gast.Name, gast.Subscript))
        # what stands behind a condition may be out of bounds in the first turn
        parts = [part for whole in headers(node) for part in nodes(whole)]
        certain = not any(isinstance(part, (gast.IfExp, gast.BoolOp, *DEFERRED)) for part in parts)
        return known and certain and all(map(self.memory.is_pure, headers(node)))

    def is_alone(self, owner: str, store: Any, body: Sequence[gast.stmt]) -> bool:
        """Whether nothing else in a loop writes to the memory of an array of floats."""
        known = self.types.get(owner)
        if not isinstance(known, Array) or known.dtype != "float64":
            return False
        if known.shape is None or known.rank != len(index_parts(_target(store))):
            return False
        root = self.memory.root(owner)
        others = [written for part in body if part is not store for written, _ in self.memory.writes(part)]
        return root not in others and not any(owner in binds(part) for part in body)

    def first(self, store: Any, loop: Any, step: int) -> Any:
        """The element that the first turn looks up; None where its place is not known before the loop."""
        counter = loop.target.id
        bound = {*bound_within(loop.body), counter}
        parts = index_parts(_target(store))
        running = [part for part in parts if counter in reads(part)]
        if len(running) != 1 or (shifted(running[0]) or ("", 0))[0] != counter:
            return None
        if any(set(reads(part)) & bound for part in parts if part is not running[0]):
            return None
        if not all(isinstance(part, (gast.Name, gast.Constant, gast.BinOp, gast.UnaryOp)) for part in parts):
            return None
        args = loop.iter.args
        start, stop = (constant(0), args[0]) if len(args) == 1 else args[:2]
        if any(looks_up_item(part) for arg in (start, stop) for part in nodes(arg)):
            return None
        element = _folded(
            substitute(_loaded(_previous(_target(store), counter, step)), {counter: clone(start)})
        )
        test = gast.Compare(
            left=clone(stop), ops=[gast.Gt() if step > 0 else gast.Lt()], comparators=[clone(start)]
        )
        if literal(start) is not None and literal(stop) is not None:
            return element if step * ((literal(stop) or 0) - (literal(start) or 0)) > 0 else None
        return gast.IfExp(test=test, body=element, orelse=constant(0.0))

    # ---- how ----------------------------------------------------------------------------------------------------

    def replaced(self, store: Any, loop: Any, step: int) -> tuple[gast.For, str] | None:
        """The loop with a variable for what was stored, None where no turn looks that up."""
        owner = _target(store).value.id
        wanted = key_of(_loaded(_previous(_target(store), loop.target.id, step)))
        last = unused(f"{owner}_last", self.taken)
        seen = False

        def leave(part: Any) -> Any:
            nonlocal seen
            if (
                isinstance(part, gast.Subscript)
                and isinstance(part.ctx, gast.Load)
                and key_of(_folded(part)) == wanted
            ):
                seen = True
                return name(last)
            return part

        body: list[gast.stmt] = []
        passed = False
        for part in loop.body:
            if part is store:
                passed = True
                value: Any = part.value
                if isinstance(part, gast.AugAssign):
                    value = binary(_loaded(part.target), type(part.op), value)
                body.append(placed(assign(last, rewrite(value, leave)), part))
                kept = gast.Assign(targets=[_target(part)], value=name(last), type_comment=None)
                body.append(placed(kept, part))
            else:
                body.append(part if passed else map_headers(part, lambda whole: rewrite(whole, leave)))
        if not seen:
            self.taken.discard(last)
            return None
        self.found = True
        self.types[last] = Scalar("float64")
        return with_fields(loop, body=body), last


def _step(loop: gast.For) -> int | None:
    """By how much a loop counts, if that is one."""
    args = loop.iter.args if isinstance(loop.iter, gast.Call) and dotted(loop.iter.func) == "range" else []
    if not args or not isinstance(loop.target, gast.Name) or loop.target.id in bound_within(loop.body):
        return None
    step = literal(args[2]) if len(args) == 3 else 1
    return step if step in (1, -1) else None


def _is_store(node: Any) -> bool:
    target = None if isinstance(node, gast.Expr) else _target(node)
    return isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name)


def _target(node: Any) -> Any:
    return node.target if isinstance(node, gast.AugAssign) else node.targets[0]


def _previous(node: Any, counter: str, step: int) -> Any:
    """The element that the turn before stored."""
    before = binary(name(counter), gast.Sub if step > 0 else gast.Add, constant(1))
    return _folded(substitute(node, {counter: before}))


def _folded(node: Any) -> Any:
    """An element with its indices as short as they can be."""
    parts = [folded(part) for part in index_parts(node)]
    whole = parts[0] if len(parts) == 1 else gast.Tuple(elts=parts, ctx=gast.Load())
    return with_fields(node, slice=whole)


def _loaded(node: Any) -> Any:
    return with_fields(node, ctx=gast.Load())
