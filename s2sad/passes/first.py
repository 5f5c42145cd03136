"""The first contribution to a cotangent's buffer makes the buffer; the only one to a slot is stored.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(first(core('''
... def f(x, y_bar):
...     z_bar = np.zeros_like(x)
...     x_bar = np.zeros_like(x)
...     z_bar[...] += y_bar * x
...     w_bar = np.zeros_like(x)
...     w_bar[:1] += z_bar[:1]
...     w_bar[1:] += z_bar[:2]
...     for i in range(len(x)):
...         x_bar[i] += z_bar[i] * 2.0
...     return x_bar, w_bar
... ''', np.ones(3), np.ones(3))))
def f(x, y_bar):
    x_bar = np.zeros_like(x)
    z_bar = y_bar * x
    w_bar = np.zeros_like(x)
    w_bar[:1] = z_bar[:1]
    w_bar[1:] = z_bar[:2]
    for i in range(len(x)):
        x_bar[i] = z_bar[i] * 2.0
    return x_bar, w_bar
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import gast
import numpy as np

from s2sad.analysis.kinds import is_derivative
from s2sad.analysis.places import are_apart
from s2sad.program import Program
from s2sad.signature import Array, Scalar, kind_of
from s2sad.sweep.emitter import same_shape
from s2sad.sweep.typer import Typer
from s2sad.tree.algebra import literal
from s2sad.tree.build import call, dotted, names_in
from s2sad.tree.dataflow import assigned, blocks, definitions, map_blocks, walk, with_fields
from s2sad.tree.indices import shifted
from s2sad.tree.parts import nodes

_LAYOUT = frozenset(["reshape", "ravel", "flat", "view"])
_MAKES = (gast.BinOp, gast.UnaryOp)


def first(program: Program) -> Program:
    """Assign first contributions."""
    passing = _First(program)
    body = tuple(passing.block(program.body))
    return program.replace(body=body, objects=passing.objects)


class _First:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.types = program.types
        self.objects = dict(program.objects)
        self.typer = Typer(program.types, self.objects)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many statements bind each name."""
        return definitions(self.program.body)

    @cached_property
    def any_layout(self) -> bool:
        """Whether a buffer may lie in memory otherwise than the primal: not where memory is seen in another shape."""
        parts = (part for node in self.program.body for part in nodes(node))
        return not any(isinstance(part, gast.Attribute) and part.attr in _LAYOUT for part in parts)

    def block(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        out: list[Any] = [map_blocks(node, self.block) for node in body]
        for k, node in enumerate(out):
            name = self.made(node)
            if name is not None:
                self.contribute(out, k, name)
        return [node for node in out if node is not None]

    def made(self, node: Any) -> str | None:
        """The buffer of zeros that a statement makes and that no other statement assigns."""
        name = None if node is None else assigned(node)
        known = None if name is None else self.types.get(name)
        if not isinstance(known, Array) or not known.shape or not isinstance(node.value, gast.Call):
            return None
        if name is None or not is_derivative(name) or self.counts[name] != 1:
            return None
        is_zeros = self.objects.get(dotted(node.value.func) or "") is np.zeros_like
        return name if is_zeros and len(node.value.args) == 1 and not node.value.keywords else None

    def contribute(self, out: list[Any], k: int, name: str) -> None:
        """Look at the first statement that mentions a buffer of zeros, apart from views of it."""
        views: list[int] = []
        family, place = {name}, None
        for j in range(k + 1, len(out)):
            if out[j] is not None and any(_mentions(out[j], one) for one in family):
                if not self.is_view(out[j], family):
                    place = j
                    break
                views.append(j)
                family.add(assigned(out[j]) or "")
        if place is None:
            return
        node = self.as_sum(out[place])
        if views:
            self.whole_before_views(out, k, place, views, family)
            return
        if isinstance(node, gast.AugAssign) and not _is_everything(getattr(node.target, "slice", None)):
            self.store_parts(out, place, name)
        elif isinstance(node, gast.AugAssign):
            value = self.whole(node, name, out[k].value)
            if value is not None and not _binds_any(out[k + 1 : place], names_in(out[k].value)):
                new = with_fields(out[k], value=value)
                out[place] = gast.copy_location(new, node)
                out[k] = None
        elif isinstance(node, gast.For):
            out[place] = self.stored(node, name)

    def is_view(self, node: Any, family: set[str]) -> bool:
        """Whether a statement names a part of a buffer."""
        key = assigned(node)
        if key is None or self.counts[key] != 1 or not isinstance(node.value, gast.Subscript):
            return False
        owner = node.value.value
        alone = (
            isinstance(owner, gast.Name) and owner.id in family and not family & names_in(node.value.slice)
        )
        return alone and isinstance(self.types.get(key), Array)

    def whole_before_views(
        self, out: list[Any], k: int, place: int, views: list[int], family: set[str]
    ) -> None:
        """A contribution to the whole of a buffer makes it before the views of it that stood before."""
        name, node = assigned(out[k]) or "", self.as_sum(out[place])
        if not isinstance(node, gast.AugAssign) or not _is_everything(getattr(node.target, "slice", None)):
            return
        indices = set().union(*(names_in(out[j].value.slice) for j in views))
        steady = names_in(out[k].value) | indices
        value = None if family & names_in(node.value) else self.whole(node, name, out[k].value)
        if value is None or _binds_any(out[k + 1 : place], steady):
            return
        made = gast.copy_location(with_fields(out[k], value=value), node)
        moved = [out[j] for j in views]
        for j in (k, *views):
            out[j] = None
        out[place : place + 1] = [made, *moved]

    # ---- the whole buffer ---------------------------------------------------------------------------------------

    def whole(self, node: gast.AugAssign, name: str, zeros: gast.Call) -> Any:
        """What ``zeros[...] += e`` makes of a buffer, None where that is not known."""
        target = node.target
        if (
            not isinstance(node.op, gast.Add)
            or not _is_item(target, name)
            or not _is_everything(target.slice)
        ):
            return None
        if name in names_in(node.value):
            return None
        known, value = self.types[name], self.typer(node.value)
        if isinstance(value, Scalar) and value.dtype != "complex":
            func = with_fields(zeros.func, attr="full_like")
            if not isinstance(func, gast.Attribute):
                return None
            self.objects.setdefault(dotted(func) or "", np.full_like)
            return call(func, zeros.args[0], node.value)
        assert isinstance(known, Array)
        fits = isinstance(value, Array) and value.dtype == known.dtype and same_shape(value, known)
        layout = self.any_layout or len(known.shape or ()) == 1
        return node.value if fits and layout and isinstance(node.value, _MAKES) else None

    # ---- parts --------------------------------------------------------------------------------------------------

    def as_sum(self, node: Any) -> Any:
        """``a[i] -= e`` as ``a[i] += -e``; any other statement as it is."""
        if not isinstance(node, gast.AugAssign) or not isinstance(node.op, gast.Sub):
            return node
        return (
            with_fields(node, op=gast.Add(), value=self.negative(node.value))
            if self.is_float(node.value)
            else node
        )

    def negative(self, node: Any) -> Any:
        """A number with a minus sign, that of a product at its first factor: not of a mask, or of an unsigned count."""
        product = isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Mult, gast.Div))
        if product and self.is_float(node.left):
            return with_fields(node, left=self.negative(node.left))
        return gast.UnaryOp(op=gast.USub(), operand=node)

    def is_float(self, node: Any) -> bool:
        """Whether an expression is certain to be of floats, or of complex numbers."""
        known = self.typer(node)
        return isinstance(known, (Scalar, Array)) and kind_of(known.dtype) in ("float", "complex")

    def store_parts(self, out: list[Any], place: int, name: str) -> None:
        """Updates of parts of a buffer of zeros, as stores where they lie apart."""
        parts: list[Any] = []
        for k in range(place, len(out)):
            node = out[k]
            if node is None or not _mentions(node, name):
                continue
            node = self.as_sum(node)
            if not isinstance(node, gast.AugAssign) or not isinstance(node.op, gast.Add):
                return
            if not _is_item(node.target, name) or name in names_in([node.value, node.target.slice]):
                return
            part = node.target.slice
            if not all(are_apart(part, other, self.types) for other in parts):
                return
            parts.append(part)
            out[k] = self.assigned_slot(node)

    # ---- single slots -------------------------------------------------------------------------------------------

    def stored(self, loop: gast.For, name: str) -> gast.stmt:
        """A loop nest with ``zeros[i, j] += e`` as ``zeros[i, j] = e`` where no slot is met twice."""
        mentions = [node for node in walk([loop]) if _mentions_itself(node, name)]
        if len(mentions) != 1 or not isinstance(mentions[0], gast.AugAssign):
            return loop
        update: Any = self.as_sum(mentions[0])
        if (
            not isinstance(update.op, gast.Add)
            or not _is_item(update.target, name)
            or name in names_in(update.value)
        ):
            return loop
        around = _around([loop], mentions[0]) or []
        loops = [node for node in around if isinstance(node, gast.For)]
        in_loops = all(isinstance(node, (gast.For, gast.If)) for node in around)
        if not in_loops or not self.meets_once(update.target.slice, loops, name):
            return loop

        def change(body: list[gast.stmt]) -> list[gast.stmt]:
            return [
                self.assigned_slot(update) if node is mentions[0] else map_blocks(node, change)
                for node in body
            ]

        return map_blocks(loop, change)

    def assigned_slot(self, update: Any) -> gast.stmt:
        target = with_fields(update.target, ctx=gast.Store())
        return gast.copy_location(gast.Assign([target], update.value, None), update)

    def meets_once(self, index: Any, loops: list[Any], name: str) -> bool:
        """Whether an index holds each loop's own counter once, shifted or not, and all else is slices or numbers."""
        known = self.types[name]
        assert isinstance(known, Array)
        parts = index.elts if isinstance(index, gast.Tuple) else [index]
        counters = {loop.target.id: loop for loop in loops}
        running = [found for found in map(shifted, parts) if found is not None]
        if sorted(key for key, _ in running) != sorted(counters) or len(parts) > len(known.shape or ()):
            return False
        if any(self.counts[counter] != 1 for counter in counters) or len(counters) < len(loops):
            return False
        others = [part for part in parts if shifted(part) is None]
        plain = all(isinstance(part, gast.Slice) or literal(part) is not None for part in others)
        return plain and all(_counts_from_the_start(counters[key], offset) for key, offset in running)


def _counts_from_the_start(loop: gast.For, offset: int) -> bool:
    """Whether a loop runs over a range in which no number, with an offset, is negative and then wraps round."""
    if not isinstance(loop.iter, gast.Call) or dotted(loop.iter.func) != "range":
        return False
    args = loop.iter.args
    if len(args) == 1:
        return offset >= 0
    start, stop, step = map(literal, (*args, gast.Constant(1, None))[:3])
    if step is None or step == 0:
        return False
    least = start if step > 0 else None if stop is None else stop + 1
    return least is not None and least + offset >= 0


def _around(body: Sequence[gast.stmt], update: gast.stmt) -> list[gast.stmt] | None:
    """The compound statements that a statement stands in, outermost first."""
    for node in body:
        if node is update:
            return []
        for block in blocks(node):
            inner = _around(block, update)
            if inner is not None:
                return [node, *inner]
    return None


def _is_item(target: Any, name: str) -> bool:
    return (
        isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name) and target.value.id == name
    )


def _is_everything(index: Any) -> bool:
    return isinstance(index, gast.Constant) and index.value is Ellipsis


def _mentions(node: gast.stmt, name: str) -> bool:
    return any(isinstance(part, gast.Name) and part.id == name for part in nodes(node))


def _mentions_itself(node: gast.stmt, name: str) -> bool:
    """Whether a statement mentions a name apart from its bodies."""
    inner = {id(part) for block in blocks(node) for statement in block for part in nodes(statement)}
    return any(isinstance(p, gast.Name) and p.id == name and id(p) not in inner for p in nodes(node))


def _binds_any(body: Sequence[Any], names: set[str]) -> bool:
    return any(name in names for name in definitions([node for node in body if node is not None]))
