"""Nothing is read or written out of bounds: tests before loops where the types do not show it (backend ``numba``).

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(bounds(core('''
... def f(x, n):
...     s = x[0]
...     for i in range(1, n):
...         s = s + x[i] * x[i - 1]
...     return s
... ''', np.zeros(5), 3)))
def f(x, n):
    if x.shape[0] < 1:
        raise IndexError("index is out of bounds")
    s = x[0]
    if n > 1 and n > x.shape[0]:
        raise IndexError("index is out of bounds")
    for i in range(1, n):
        s = s + x[i] * x[i - 1]
    return s

Compiled code does not look whether an index fits.  Where it is a sum of loop variables, sizes and numbers, one test
before the innermost loop stands for all of its turns.  What cannot be shown so (an index that is read from an array)
has Numba test each access of the function.
"""

from __future__ import annotations

from collections.abc import Sequence as Statements
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad.analysis.linear import Form, add, is_nonnegative, number, substitute, symbol
from s2sad.program import Program
from s2sad.rules.sizes import Length
from s2sad.signature import Array, Dim, Scalar, Sequence, Size, is_joined, kind_of, static_value
from s2sad.sweep.typer import Typer
from s2sad.tree.build import binary, call, constant, dotted, is_none, name, subscript
from s2sad.tree.dataflow import (
    DEFERRED,
    binds,
    blocks,
    bound_within,
    children,
    headers,
    is_comment,
    parameters,
    reads,
    walk,
    with_fields,
)
from s2sad.tree.indices import index_parts, spread
from s2sad.tree.printer import expression_text

MESSAGE = "index is out of bounds"


def bounds(program: Program) -> Program:
    """Put tests where an index may be out of bounds; note on the program whether some are left to Numba."""
    checker = _Checker(program)
    body = checker.block(program.body, _Here())
    return program.replace(body=tuple(body), checked=checker.left_over)


@dataclass
class _Here:
    """Where a statement stands."""

    loop: _Loop | None = None
    facts: list[Form] = field(default_factory=list)
    each_turn: bool = True


@dataclass
class _Loop:
    """A loop around a statement: its variable, the variable's range, and whether a test may stand before it."""

    outer: _Loop | None
    variable: str
    low: Form | None
    high: Form | None
    plain: bool
    bound: set[str]
    wanted: list[tuple[Form, Any, Any]] = field(default_factory=list)


class _Checker:
    def __init__(self, program: Program) -> None:
        self.typer = Typer(program.types, program.objects)
        self.nodes: dict[Any, Any] = {}
        self.sizes: set[Any] = set()
        self.fixed: set[Any] = set()
        self.versions: dict[str, int] = {}
        self.left_over = False
        self.place: Any = None
        for key in parameters(program.args):
            self.note_parameter(name(key), program.types.get(key))

    def note_parameter(self, node: Any, known: Any) -> None:
        """Where the sizes of the arguments can be read."""
        if isinstance(known, Array):
            for axis, size in enumerate(known.shape or ()):
                if isinstance(size, Dim) and not size.offset and _is_certain(size):
                    shape = gast.Attribute(value=node, attr="shape", ctx=gast.Load())
                    self.nodes.setdefault(size.symbol, subscript(shape, constant(axis)))
                    self.fixed.add(size.symbol)
        elif isinstance(known, Sequence):
            for k, item in enumerate(known.items):
                self.note_parameter(subscript(node, constant(k)), item)

    # ---- blocks -------------------------------------------------------------------------------------------------

    def block(self, body: Statements[Any], here: _Here) -> list[Any]:
        out: list[Any] = []
        here = _Here(here.loop, list(here.facts), here.each_turn)
        for node in body:
            if is_comment(node):
                out.append(node)
                continue
            self.place = node
            tests: list[tuple[Form, Any, Any]] = []
            for part in headers(node):
                self.expression(part, here, tests, not isinstance(node, gast.While))
            out += self.tests(tests, here)
            if isinstance(node, gast.For):
                out += self.counted(node, here)
            elif blocks(node):
                out.append(self.compound(node, here))
            else:
                out.append(node)
            self.rebind(binds(node))
        return out

    def compound(self, node: Any, here: _Here) -> Any:
        changed = sorted(bound_within([node]))
        inner = _Here(here.loop, here.facts, here.each_turn and isinstance(node, gast.With))
        if isinstance(node, gast.While):
            self.rebind(changed)
            inner.loop = _Loop(here.loop, "", None, None, False, set(changed))
        fields = {
            key: self.block(getattr(node, key), inner)
            for key in ("body", "orelse")
            if getattr(node, key, None)
        }
        self.rebind(changed)
        return with_fields(node, **fields)

    def counted(self, node: gast.For, here: _Here) -> list[Any]:
        """A for loop, after the tests for all of its turns."""
        changed = bound_within(node.body)
        low, high = self.range(node.iter)
        self.rebind(sorted(bound_within([node])))
        variable = node.target.id if isinstance(node.target, gast.Name) else ""
        breaks = any(isinstance(part, (gast.Break, gast.Raise, gast.Return)) for part in walk(node.body))
        known = low is not None and high is not None and bool(variable) and variable not in changed
        if not known:
            low = high = None
        loop = _Loop(here.loop, variable, low, high, known and not breaks, changed)
        facts = list(here.facts)
        spelled = {term: self.nodes[term] for form in (low, high) if form is not None for term, _ in form[0]}
        if low is not None and high is not None:
            turn = self.symbol((variable, ((variable, self.versions.get(variable, 0)),)), name(variable))
            facts += [add(high, low, -1), add(turn, low, -1), add(high, turn, -1)]
        body = self.block(node.body, _Here(loop, facts, True))
        self.nodes.update(spelled)  # an array of the body may have the same size: it is not there yet
        before = self.tests(loop.wanted, here, loop)
        self.rebind(sorted(bound_within([node])))
        return [*before, with_fields(node, body=body)]

    def rebind(self, names: Statements[str]) -> None:
        for key in names:
            self.versions[key] = self.versions.get(key, 0) + 1

    # ---- numbers ------------------------------------------------------------------------------------------------

    def range(self, node: Any) -> tuple[Form | None, Form | None]:
        """The least and the greatest value of a loop variable, where the loop runs at all."""
        if not isinstance(node, gast.Call) or dotted(node.func) != "range":
            return None, None
        forms = [self.form(arg) for arg in node.args]
        if any(form is None for form in forms):
            return None, None
        start, stop, step = number(0), forms[0], number(1)
        if len(forms) > 1:
            start, stop = forms[0], forms[1]  # type: ignore[assignment]
        if len(forms) > 2:
            step = forms[2]  # type: ignore[assignment]
        assert start is not None and stop is not None
        if step[0] or step[1] == 0:
            return None, None
        one = number(1)
        return (start, add(stop, one, -1)) if step[1] > 0 else (add(stop, one), start)

    def form(self, node: Any) -> Form | None:
        """An integer expression as a sum of symbols."""
        known = self.typer(node)
        value = static_value(known)
        if type(value) is int:
            return number(value)
        if isinstance(known, Length) and known.size is not None and _is_certain(known.size):
            return self.size_form(known.size, node)
        if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Add, gast.Sub)):
            left, right = self.form(node.left), self.form(node.right)
            sign = 1 if isinstance(node.op, gast.Add) else -1
            return None if left is None or right is None else add(left, right, sign)
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
            inner = self.form(node.operand)
            return None if inner is None else add(number(0), inner, -1)
        if isinstance(known, Scalar) and kind_of(known.dtype) == "int" and not _has_calls(node):
            versions = tuple((key, self.versions.get(key, 0)) for key in sorted(set(reads(node))))
            return self.symbol((expression_text(node), versions), node)
        if _is_length(node):
            versions = tuple((key, self.versions.get(key, 0)) for key in sorted(set(reads(node))))
            form = self.symbol((expression_text(node), versions), node)
            self.sizes.add(form[0][0][0])
            return form
        return None

    def symbol(self, key: Any, node: Any) -> Form:
        if key not in self.fixed:
            self.nodes[key] = node
        return symbol(key)

    def size_form(self, size: Size, node: Any) -> Form:
        """A size as the types know it; the node gives it at run time."""
        if isinstance(size, int):
            return number(size)
        base = node if not size.offset else _shifted(node, -size.offset)
        form = add(self.symbol(size.symbol, base), number(size.offset))
        self.sizes.add(size.symbol)
        return form

    def length(self, array: Any, axis: int, known: Array) -> Form:
        """A dimension of an array."""
        assert known.shape is not None
        shape = gast.Attribute(value=array, attr="shape", ctx=gast.Load())
        node = subscript(shape, constant(axis))
        size = known.shape[axis]
        if isinstance(size, int) or _is_certain(size):
            return self.size_form(size, node)
        versions = tuple((key, self.versions.get(key, 0)) for key in sorted(set(reads(array))))
        form = self.symbol((expression_text(node), versions), node)
        self.sizes.add(form[0][0][0])
        return form

    # ---- accesses -----------------------------------------------------------------------------------------------

    def expression(self, node: Any, here: _Here, tests: list[Any], sure: bool) -> None:
        """Look at every access in an expression; tests that must stand before the statement go to `tests`."""
        if isinstance(node, gast.Subscript):
            self.access(node, here, tests, sure)
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute) and node.func.attr == "at":
            self.left_over = True
        inside = sure and not isinstance(node, (gast.IfExp, gast.BoolOp, *DEFERRED))
        for child in children(node):
            self.expression(child, here, tests, inside)

    def access(self, node: gast.Subscript, here: _Here, tests: list[Any], sure: bool) -> None:
        known = self.typer(node.value)
        if not isinstance(known, Array):
            return
        if known.shape is None:
            self.left_over = self.left_over or not isinstance(node.slice, gast.Slice)
            return
        axis = 0
        for part in spread(index_parts(node), len(known.shape)):
            if is_none(part):
                continue
            if not isinstance(part, gast.Slice):
                if axis >= len(known.shape) or not self.integer(part):
                    self.left_over = self.left_over or not self.fits_mask(part, known, axis)
                    return
                self.place_of(part, self.length(node.value, axis, known), here, tests, sure)
            axis += 1

    def integer(self, part: Any) -> bool:
        known = self.typer(part)
        return isinstance(known, Scalar) and kind_of(known.dtype) == "int"

    def fits_mask(self, part: Any, known: Array, axis: int) -> bool:
        """Whether an index is a mask that certainly has the array's sizes."""
        mask = self.typer(part)
        if not isinstance(mask, Array) or kind_of(mask.dtype) != "bool" or mask.shape is None:
            return False
        assert known.shape is not None
        own = known.shape[axis : axis + len(mask.shape)]
        return own == mask.shape and all(isinstance(size, int) or _is_certain(size) for size in own)

    def place_of(self, part: Any, length: Form, here: _Here, tests: list[Any], sure: bool) -> None:
        """One number of an index: at least minus the length, and less than it."""
        form = self.form(part)
        if form is None:
            self.left_over = True
            return
        low, high = self.extremes(form, here.loop)
        last = add(length, number(1), -1)
        for need, now in (
            (add(length, low), add(length, form)), (add(last, high, -1), add(last, form, -1)),
        ):  # fmt: skip
            if not is_nonnegative(need, self.sizes, here.facts):
                self.demand(now, here, tests, sure)

    def extremes(self, form: Form, loop: _Loop | None) -> tuple[Form, Form]:
        """The least and the greatest value over the turns of the loops around."""
        low = high = form
        while loop is not None:
            if loop.low is not None and loop.high is not None:
                key = (loop.variable, ((loop.variable, self.versions.get(loop.variable, 0)),))
                factor = dict(low[0]).get(key, 0)
                low = substitute(low, key, loop.low if factor > 0 else loop.high)
                factor = dict(high[0]).get(key, 0)
                high = substitute(high, key, loop.high if factor > 0 else loop.low)
            loop = loop.outer
        return low, high

    def demand(self, need: Form, here: _Here, tests: list[Any], sure: bool) -> None:
        """Something that is not shown: tested before the statement, or before the innermost loop."""
        loop = here.loop
        if sure and loop is None:
            tests.append((need, self.negative(need), self.place))
            return
        if sure and loop is not None and loop.plain and here.each_turn:
            inner = self.over(need, loop)
            if self.is_known_before(inner, loop):
                loop.wanted.append((inner, self.negative(inner), self.place))
                return
        self.left_over = True

    def over(self, form: Form, loop: _Loop) -> Form:
        """The least value of a form over the turns of one loop."""
        assert loop.low is not None and loop.high is not None
        key = (loop.variable, ((loop.variable, self.versions.get(loop.variable, 0)),))
        factor = dict(form[0]).get(key, 0)
        return substitute(form, key, loop.low if factor > 0 else loop.high)

    def is_known_before(self, form: Form, loop: _Loop) -> bool:
        names = {key for term, _ in form[0] for key in reads(self.nodes[term])}
        return not names & (loop.bound | {loop.variable})

    # ---- tests --------------------------------------------------------------------------------------------------

    def tests(self, wanted: list[tuple[Form, Any, Any]], here: _Here, loop: _Loop | None = None) -> list[Any]:
        """One test for all that is not shown by now; it shows that from here on."""
        needs = self.strongest([need for need, _, _ in wanted], here.facts)
        parts: list[Any] = []
        for need in needs:
            test, place = next((test, place) for other, test, place in wanted if other == need)
            runs = None if loop is None else self.runs(loop, need)
            if runs is None:
                here.facts.append(need)
                parts.append(test)
            else:
                parts.append(gast.BoolOp(op=gast.And(), values=[runs, test]))
        if not parts:
            return []
        error = gast.copy_location(gast.Raise(exc=call("IndexError", constant(MESSAGE)), cause=None), place)
        whole = parts[0] if len(parts) == 1 else gast.BoolOp(op=gast.Or(), values=parts)
        return [gast.copy_location(gast.If(test=whole, body=[error], orelse=[]), place)]

    def strongest(self, needs: list[Form], facts: list[Form]) -> list[Form]:
        """The needs that neither the facts nor the other needs show."""
        left = list(dict.fromkeys(needs))
        for need in list(left):
            others = [other for other in left if other != need]
            if is_nonnegative(need, self.sizes, [*facts, *others]):
                left.remove(need)
        return left

    def negative(self, form: Form) -> Any:
        """``form < 0`` with the terms on the side where they are positive."""
        left, right = number(0), number(0)
        for key, factor in form[0]:
            if factor > 0:
                right = add(right, symbol(key), factor)
            else:
                left = add(left, symbol(key), -factor)
        if not left[0]:
            return gast.Compare(left=self.node(right), ops=[gast.Lt()], comparators=[constant(-form[1])])
        if form[1] >= 0:
            right = add(right, number(form[1]))
            return gast.Compare(left=self.node(left), ops=[gast.Gt()], comparators=[self.node(right)])
        if form[1] == -1:
            return gast.Compare(left=self.node(left), ops=[gast.GtE()], comparators=[self.node(right)])
        if not right[0]:
            return gast.Compare(left=self.node(left), ops=[gast.Gt()], comparators=[constant(form[1])])
        left = add(left, number(-form[1]))
        return gast.Compare(left=self.node(left), ops=[gast.Gt()], comparators=[self.node(right)])

    def node(self, form: Form) -> Any:
        out: Any = None
        for key, factor in form[0]:
            term = self.nodes[key]
            term = binary(constant(factor), gast.Mult, term) if factor != 1 else term
            out = term if out is None else binary(out, gast.Add, term)
        return constant(form[1]) if out is None else _shifted(out, form[1])

    def runs(self, loop: _Loop, need: Form) -> Any:
        """The test that a loop runs at all, unless what is needed holds or fails with it."""
        assert loop.low is not None and loop.high is not None
        span = add(loop.high, loop.low, -1)
        # need < 0 shows that the loop runs
        if is_nonnegative(span, self.sizes, [add(number(-1), need, -1)]):
            return None
        return self.negative(add(add(loop.low, loop.high, -1), number(1), -1))


def _is_certain(size: Size) -> bool:
    if isinstance(size, int):
        return True
    return not is_joined(size) and not set(size.symbol) & set("()#*/~:")


def _shifted(node: Any, by: int) -> Any:
    if by == 0:
        return node
    if isinstance(node, gast.BinOp) and isinstance(node.right, gast.Constant):
        if isinstance(node.op, (gast.Add, gast.Sub)) and type(node.right.value) is int:
            own = node.right.value if isinstance(node.op, gast.Add) else -node.right.value
            return _shifted(node.left, own + by)
    return binary(node, gast.Add if by > 0 else gast.Sub, constant(abs(by)))


def _is_length(node: Any) -> bool:
    """Whether an expression is a size: ``len(x)``, ``x.size``, ``x.shape[0]``."""
    if isinstance(node, gast.Call):
        return dotted(node.func) == "len" and isinstance(node.args[0], gast.Name)
    if isinstance(node, gast.Subscript):
        return isinstance(node.value, gast.Attribute) and node.value.attr == "shape"
    return isinstance(node, gast.Attribute) and node.attr == "size"


def _has_calls(node: Any) -> bool:
    return isinstance(node, gast.Call) or any(_has_calls(child) for child in children(node))
