"""Outer products that a reversed loop adds up become one product of matrices behind it.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(outers(core('''
... def f(w, xs, h, w_bar):
...     h_tape = []
...     for x in xs:
...         h_tape.append(h)
...         h = np.tanh(w @ h + x)
...     h_bar = h
...     for k in range(len(xs) - 1, -1, -1):
...         h = h_tape[k]
...         t_bar = h_bar * (1.0 - h * h)
...         w_bar__v1 = w_bar + np.outer(t_bar, h)
...         h_bar = w.T @ t_bar
...         w_bar = w_bar__v1
...     return w_bar
... ''', np.ones((3, 3)), np.ones((2, 3)), np.ones(3), np.ones((3, 3)))))
def f(w, xs, h, w_bar):
    h_tape = []
    for x in xs:
        h_tape.append(h)
        h = np.tanh(w @ h + x)
    h_bar = h
    t_bar_tape = []
    h_tape__v1 = []
    for k in range(len(xs) - 1, -1, -1):
        h = h_tape[k]
        t_bar = h_bar * (1.0 - h * h)
        t_bar_tape.append(t_bar)
        h_tape__v1.append(h)
        h_bar = w.T @ t_bar
    if t_bar_tape:
        w_bar = w_bar + np.array(t_bar_tape).T @ np.array(h_tape__v1)
    return w_bar

To write an array of the size of the matrix in each turn, and to read it again, is most of what a reversed loop over
products of a matrix and a vector does.  Only where the loop reads recorded arrays anyway: what is kept for the product
is not more than that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import gast
import numpy as np

from s2sad.analysis.kinds import is_derivative
from s2sad.analysis.memory import Memory
from s2sad.names import Names, base
from s2sad.program import Program
from s2sad.signature import Array, ListOf
from s2sad.sweep.typer import Typer
from s2sad.tree.build import assign, binary, call, clone, dotted, placed
from s2sad.tree.build import name as read_name
from s2sad.tree.dataflow import (
    assigned,
    blocks,
    definitions,
    is_copy,
    map_blocks,
    parameters,
    statement_reads,
    walk,
    with_fields,
)
from s2sad.tree.parts import key_of


def outers(program: Program) -> Program:
    """Put the outer products of reversed loops together."""
    if not any(_outer(node, program) is not None for node in walk(program.body)):
        return program
    collecting = _Outers(program)
    body = tuple(collecting.block(program.body))
    return program.replace(body=body, types=collecting.types, objects=collecting.objects)


def _outer(node: Any, program: Program) -> gast.Call | None:
    """The outer product that a statement adds to a cotangent."""
    key = assigned(node)
    value = node.value if key is not None and is_derivative(key) else None
    if not isinstance(value, gast.BinOp) or not isinstance(value.op, gast.Add):
        return None
    if not isinstance(value.left, gast.Name) or not isinstance(value.right, gast.Call):
        return None
    if program.objects.get(dotted(value.right.func) or "") is not np.outer:
        return None
    return value.right if len(value.right.args) == 2 and not value.right.keywords else None


class _Outers:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.memory = Memory(program)
        self.counts = definitions(program.body)
        self.reads = Counter(key for node in walk(program.body) for key in statement_reads(node))
        self.types, self.objects = dict(program.types), dict(program.objects)
        self.typer = Typer(self.types, self.objects)
        made = [(assigned(node), node) for node in walk(program.body)]
        self.fresh = {key for key, node in made if key is not None and self.is_made(node.value)}  # type: ignore[attr-defined]
        self.names = Names()
        for key in [*parameters(program.args), *self.counts]:
            self.names.keep(key)

    def block(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        out: list[gast.stmt] = []
        for node in body:
            node = map_blocks(node, self.block)
            out.extend(self.loop(node) if isinstance(node, gast.For) else [node])
        return out

    def loop(self, node: gast.For) -> list[gast.stmt]:
        """A loop with what goes before and behind it."""
        if not _is_plain(node.body) or not any(map(self.is_recorded, node.body)):
            return [node]
        carried = {part.value.id: assigned(part) for part in node.body if is_copy(part)}  # type: ignore[attr-defined]
        tapes: dict[Any, str] = {}  # by the text of what they hold
        before: list[gast.stmt] = []
        behind: list[gast.stmt] = []
        sums: set[str | None] = set()
        body: list[gast.stmt] = []
        for place, part in enumerate(node.body):
            product = _outer(part, self.program)
            total = self.total(part, carried, node.body) if product is not None else None
            if product is None or total is None:
                body.append(part)
                continue
            if not self.fits(total, product) or not all(
                self.is_kept(arg, node.body, place) for arg in product.args
            ):
                body.append(part)
                continue
            sides = []
            for arg in product.args:
                key = key_of(arg)
                if key not in tapes:
                    tapes[key] = tape = self.tape(arg)
                    before.append(placed(assign(tape, gast.List(elts=[], ctx=gast.Load())), part))
                    append = gast.Attribute(value=read_name(tape), attr="append", ctx=gast.Load())
                    body.append(placed(gast.Expr(call(append, clone(arg))), part))
                sides.append(self.matrix(product.func, tapes[key]))
            left = gast.Attribute(value=sides[0], attr="T", ctx=gast.Load())
            whole = binary(read_name(total), gast.Add, binary(left, gast.MatMult, sides[1]))
            update = placed(assign(total, whole), part)
            behind.append(
                placed(
                    gast.If(test=read_name(tapes[key_of(product.args[0])]), body=[update], orelse=[]), part
                )
            )
            sums.add(total)
        body = [part for part in body if not (is_copy(part) and assigned(part) in sums)]
        return [*before, with_fields(node, body=body), *_together(behind)]

    def total(self, node: gast.stmt, carried: dict[str, Any], body: Sequence[gast.stmt]) -> str | None:
        """The name of a sum that a loop carries, and reads nowhere but where it adds to it."""
        new = assigned(node)
        total: str | None = carried.get(new or "")
        if new is None or total is None or node.value.left.id != total:  # type: ignore[attr-defined]
            return None
        here = sum(total in statement_reads(part) for part in walk(body))
        bound = sum(assigned(part) == total for part in walk(body))
        alone = self.counts[new] == self.reads[new] == 1 and here == bound == 1
        known = self.types.get(total)
        return total if alone and isinstance(known, Array) and known == self.types.get(new) else None

    def is_recorded(self, node: gast.stmt) -> bool:
        """Whether a statement takes an array from a tape."""
        key = assigned(node)
        value: Any = getattr(node, "value", None)
        is_item = isinstance(value, gast.Subscript) and isinstance(value.value, gast.Name)
        known = self.types.get(key or "")
        return (
            is_item
            and base(value.value.id).endswith("_tape")
            and isinstance(known, Array)
            and bool(known.shape)
        )

    def is_kept(self, node: Any, body: Sequence[gast.stmt], place: int) -> bool:
        """Whether a vector is what it is now until the end of the loop."""
        if isinstance(node, gast.Subscript) and isinstance(node.value, gast.Name):
            return self.memory.is_pure(node) and not self.memory.is_written(node.value.id)
        if not isinstance(node, gast.Name) or not isinstance(self.types.get(node.id), Array):
            return False
        if not self.memory.is_written(node.id):
            return True
        root = self.memory.root(node.id)
        later = any(root == written for part in walk(body[place:]) for written, _ in self.memory.writes(part))
        of_turn = any(assigned(part) == node.id for part in body[:place])
        return of_turn and self.counts[node.id] == 1 and node.id in self.fresh and not later

    def is_made(self, value: Any) -> bool:
        """Whether an expression surely gives new memory."""
        return (
            self.memory.makes_fresh(value) if isinstance(value, gast.Call) else not self.memory.shared(value)
        )

    def fits(self, total: str, product: gast.Call) -> bool:
        """Whether two vectors make a matrix of the sum's shape: what is added to a cotangent has its shape."""
        known = [self.typer(arg) for arg in product.args]
        whole = self.types[total]
        vectors = [one for one in known if isinstance(one, Array) and one.shape is not None and one.rank == 1]
        return len(vectors) == 2 and isinstance(whole, Array) and whole.rank == 2

    def tape(self, node: Any) -> str:
        """A list for vectors."""
        stem = base(node.id if isinstance(node, gast.Name) else node.value.id)
        made = self.names.fresh(stem if stem.endswith("_tape") else f"{stem}_tape")
        self.types[made] = ListOf(self.typer(node))
        return made

    def matrix(self, func: Any, tape: str) -> gast.expr:
        """The vectors of a list, one below the other."""
        array = with_fields(func, attr="array")
        self.objects.setdefault(dotted(array) or "", np.array)
        return call(array, read_name(tape))


def _is_plain(body: Sequence[gast.stmt]) -> bool:
    """Whether all turns of a loop go through all of its statements."""
    leaving = (gast.Break, gast.Continue, gast.Return, gast.Try, gast.While)
    return not any(isinstance(node, leaving) for node in walk(body))


def _together(tests: list[gast.stmt]) -> list[gast.stmt]:
    """Updates under one test."""
    if not tests:
        return []
    first: Any = tests[0]
    return [with_fields(first, body=[part for test in tests for block in blocks(test) for part in block])]
