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
    t_bar_rows = np.empty((len(xs), w_bar.shape[0]))
    h_rows = np.empty((len(xs), w_bar.shape[1]))
    for k in range(len(xs) - 1, -1, -1):
        h = h_tape[k]
        t_bar = h_bar * (1.0 - h * h)
        t_bar_rows[k] = t_bar
        h_rows[k] = h
        h_bar = w.T @ t_bar
    w_bar = w_bar + t_bar_rows.T @ h_rows
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
from s2sad.signature import Array
from s2sad.sweep.typer import Typer
from s2sad.tree.algebra import folded, literal
from s2sad.tree.build import assign, binary, call, clone, constant, dotted, placed, subscript
from s2sad.tree.build import name as read_name
from s2sad.tree.dataflow import (
    assigned,
    bound_within,
    definitions,
    is_copy,
    map_blocks,
    parameters,
    reads,
    statement_reads,
    walk,
    with_fields,
)
from s2sad.tree.indices import shifted
from s2sad.tree.parts import key_of, nodes


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
        self.counts = definitions(program.body)
        self.reads = Counter(key for node in walk(program.body) for key in statement_reads(node))
        self.types, self.objects = dict(program.types), dict(program.objects)
        self.typer = Typer(self.types, self.objects)
        self.memory = Memory(program)
        lengths = [node for node in walk(program.body) if _is_length(getattr(node, "value", None))]
        self.lengths = {key for key in map(assigned, lengths) if key is not None and self.counts[key] == 1}
        self.saved = {
            assigned(node) for node in program.body if "saved" in reads(getattr(node, "value", None))
        }
        self.names = Names.apart_from([*parameters(program.args), *self.counts])

    def block(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        out: list[gast.stmt] = []
        for node in body:
            node = map_blocks(node, self.block)
            out.extend(self.loop(node) if isinstance(node, gast.For) else [node])
        return out

    def loop(self, node: Any) -> list[gast.stmt]:
        """A loop with what goes before and behind it."""
        count = self.turns(node)
        if count is None or not any(map(self.is_recorded, node.body)):
            return [node]
        carried = {part.value.id: assigned(part) for part in node.body if is_copy(part)}
        rows: dict[Any, str] = {}  # by the text of what they hold, while that is as it was
        held: list[Any] = []
        before: list[gast.stmt] = []
        behind: list[gast.stmt] = []
        body: list[gast.stmt] = []
        for part in node.body:
            product = _outer(part, self.program)
            total = self.total(part, carried, node.body) if product is not None else None
            if product is None or total is None or not self.fits(total, product):
                body.append(part)
                if assigned(part) is None or {assigned(part)} & {key for one in held for key in reads(one)}:
                    rows, held = {}, []  # what they hold may be another value from here on
                continue
            standing = [self.standing(arg, node, count) for arg in product.args]
            for axis, arg in enumerate(product.args):
                if key_of(arg) in rows or standing[axis] is not None:
                    continue
                made = self.rows(product.func, arg, count, total, axis)
                rows[key_of(arg)] = assigned(made) or ""
                held.append(arg)
                before.append(placed(made, part))
                row = subscript(read_name(rows[key_of(arg)]), read_name(node.target.id), store=True)
                body.append(placed(gast.Assign(targets=[row], value=arg, type_comment=None), part))
            left, right = (
                read_name(rows[key_of(arg)]) if whole is None else whole
                for arg, whole in zip(product.args, standing)
            )
            turned = gast.Attribute(value=left, attr="T", ctx=gast.Load())
            whole = binary(read_name(total), gast.Add, binary(turned, gast.MatMult, right))
            behind.append(placed(assign(total, whole), part))
        sums = set(map(assigned, behind))
        body = [part for part in body if not (is_copy(part) and assigned(part) in sums)]
        return [*before, with_fields(node, body=body), *behind]

    def turns(self, loop: gast.For) -> Any:
        """How often a loop runs that counts down to zero, None for any other loop."""
        count = _turns(loop)
        is_length = isinstance(count, gast.Call) or literal(count) is not None
        if count is None or is_length or getattr(count, "id", None) in self.lengths:
            return count
        return call("max", count, constant(0))

    def total(self, node: Any, carried: dict[str, Any], body: Sequence[gast.stmt]) -> str | None:
        """The name of a sum that a loop carries, and reads nowhere but where it adds to it."""
        new = assigned(node)
        total: str | None = carried.get(new or "")
        if new is None or total is None or node.value.left.id != total:
            return None
        here = sum(total in statement_reads(part) for part in walk(body))
        bound = sum(assigned(part) == total for part in walk(body))
        alone = self.counts[new] == self.reads[new] == 1 and here == bound == 1
        known = self.types.get(total)
        return total if alone and isinstance(known, Array) and known == self.types.get(new) else None

    def is_recorded(self, node: gast.stmt) -> bool:
        """Whether a statement takes an array from a tape, or from an array that the forward sweep filled."""
        key = assigned(node)
        value: Any = getattr(node, "value", None)
        owner = value.value if isinstance(value, gast.Subscript) else None
        known = self.types.get(key or "")
        if not isinstance(owner, gast.Name) or not isinstance(known, Array) or not known.shape:
            return False
        if base(owner.id).endswith("_tape") or owner.id in self.saved:
            return True
        return not is_derivative(owner.id) and self.memory.is_written(owner.id)

    def standing(self, node: Any, loop: Any, count: Any) -> Any:
        """The rows that a vector is one of in each turn, where they are those of an array; else None."""
        made = [part.value for part in loop.body if isinstance(node, gast.Name) and assigned(part) == node.id]
        if len(made) == 1 and self.counts[node.id] == 1:
            node = made[0]
        if not isinstance(node, gast.Subscript) or not isinstance(node.value, gast.Name):
            return None
        owner, counter = node.value.id, loop.target.id
        known = self.types.get(owner)
        place = shifted(folded(node.slice))
        if place is None or place[0] != counter or place[1] < 0:
            return None
        if not isinstance(known, Array) or known.shape is None or known.rank != 2:
            return None
        first = place[1]
        written = {root for part in walk(loop.body) for root, _ in self.memory.writes(part)}
        if self.memory.root(owner) in written or owner in bound_within([loop]):
            return None
        last = folded(binary(clone(count), gast.Add, constant(first)))
        rows = gast.Slice(lower=constant(first) if first else None, upper=last, step=None)
        return subscript(read_name(owner), rows)

    def fits(self, total: str, product: gast.Call) -> bool:
        """Whether two vectors make a matrix of the sum's shape: what is added to a cotangent has its shape."""
        known = [self.typer(arg) for arg in product.args]
        whole = self.types[total]
        vectors = [one for one in known if isinstance(one, Array) and one.shape is not None and one.rank == 1]
        return len(vectors) == 2 and isinstance(whole, Array) and whole.rank == 2

    def rows(self, func: Any, node: Any, count: Any, total: str, axis: int) -> gast.Assign:
        """An array with a row for each turn."""
        vector = node
        while isinstance(vector, (gast.Subscript, gast.Attribute)):
            vector = vector.value
        stem = base(vector.id).removesuffix("_tape") if isinstance(vector, gast.Name) else "t"
        made = self.names.fresh(f"{stem}_rows")
        self.names.keep(made)
        whole: Any = self.types[total]
        self.types[made] = Array(whole.dtype, None)
        empty = with_fields(func, attr="empty")
        self.objects.setdefault(dotted(empty) or "", np.empty)
        size = subscript(gast.Attribute(read_name(total), "shape", gast.Load()), constant(axis))
        shape = gast.Tuple(elts=[clone(count), size], ctx=gast.Load())
        dtype = [] if whole.dtype == "float64" else [gast.Attribute(read_name(total), "dtype", gast.Load())]
        return assign(made, call(empty, shape, *dtype))


def _is_length(node: Any) -> bool:
    return isinstance(node, gast.Call) and dotted(node.func) == "len"


def _turns(loop: gast.For) -> Any:
    """How often a loop runs that counts down to zero, and of which all turns go through all statements; else None."""
    leaving = (gast.Break, gast.Continue, gast.Return, gast.Try, gast.While)
    args = loop.iter.args if isinstance(loop.iter, gast.Call) and dotted(loop.iter.func) == "range" else []
    if (
        len(args) != 3
        or not isinstance(loop.target, gast.Name)
        or not literal(args[1]) == literal(args[2]) == -1
    ):
        return None
    first = args[0]
    if any(isinstance(node, leaving) for node in walk(loop.body)) or loop.target.id in bound_within(
        loop.body
    ):
        return None
    if literal(first) is not None:
        return constant((literal(first) or 0) + 1)
    if not isinstance(first, gast.BinOp) or not isinstance(first.op, gast.Sub) or literal(first.right) != 1:
        return None
    calls = [part for part in nodes(first) if isinstance(part, gast.Call)]
    if any(dotted(part.func) != "len" for part in calls) or set(reads(first)) & bound_within(loop.body):
        return None
    return first.left
