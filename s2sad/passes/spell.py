"""The cheaper of two spellings, by the table of costs (``python -m benchmarks costs``).

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(spell(core('''
... def f(a, b, m):
...     t = np.sum(a * b, axis=0) + a[0] @ m.T.T
...     u = np.roll(t, 1)
...     v = np.outer(u, t) + m ** 3
...     t_bar = np.sum(u * t)
...     return (m.T @ v).T, t_bar
... ''', np.ones((3, 3)), np.ones((3, 3)), np.ones((3, 3)))))
def f(a, b, m):
    t = (a * b).sum(axis=0) + a[0] @ m
    u = np.concatenate((t[-1:], t[:-1]))
    v = u[:, None] * t + m * m * m
    t_bar = np.dot(u, t)
    return v.T @ m, t_bar

Runs after expressions are put together, so that a value is spelled once for good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import gast
import numpy as np

from s2sad.analysis.kinds import is_derivative, is_temporary
from s2sad.analysis.memory import Memory
from s2sad.analysis.nones import may_be_none
from s2sad.names import base
from s2sad.program import Program
from s2sad.signature import Array, Scalar
from s2sad.sweep.emitter import same_shape
from s2sad.sweep.products import Products
from s2sad.sweep.terms import new_axes
from s2sad.sweep.typer import Typer
from s2sad.tree.algebra import signed_update
from s2sad.tree.build import binary, call, clone, constant, dotted, names_in, subscript
from s2sad.tree.dataflow import (
    assigned,
    definitions,
    is_comment,
    map_blocks,
    map_headers,
    parameters,
    reads,
    rewrite,
    statement_reads,
    stored,
    walk,
    with_fields,
)
from s2sad.tree.parts import nodes

MOST_FACTORS = 4
"""Powers up to this are written as products: the general power of an array costs twenty times a product."""
_ARITHMETIC = (
    gast.BinOp,
    gast.UnaryOp,
    gast.Name,
    gast.Constant,
    gast.operator,
    gast.unaryop,
    gast.expr_context,
)
_SPELLED = frozenset([np.sum, np.prod, np.max, np.min, np.outer, np.roll, np.zeros_like])
_METHODS = {np.sum: "sum", np.prod: "prod", np.max: "max", np.min: "min"}


def spell(program: Program) -> Program:
    """Write each expression as the cheaper of two that are the same."""
    return _spelled(program, False)


def spell_powers_as_they_are(program: Program) -> Program:
    """The same for what is differentiated again: a power of a number has the shorter derivative."""
    return _spelled(program, True)


def _spelled(program: Program, keeps_powers: bool) -> Program:
    speller = _Speller(program, keeps_powers)
    body = tuple(speller.block(program.body))
    return program.replace(body=body, objects=speller.objects)


class _Speller:
    def __init__(self, program: Program, keeps_powers: bool) -> None:
        self.keeps_powers = keeps_powers
        self.objects = dict(program.objects)
        self.typer = Typer(program.types, self.objects)
        self.products = Products(self.typer, _quotients(program))
        statements = walk(program.body)
        recorded = {assigned(node) or "" for node in statements if _may_give_none(node)}
        self.may_be_none = may_be_none(statements, recorded)
        self.of_derivative = self.is_tried = self.is_repeated = False
        self.once = _read_once(program)

    def block(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        out: list[gast.stmt | None] = []
        products: dict[str, int] = {}  # what is read once, by its place in `out`
        for node in body:
            outer = self.is_tried, self.is_repeated
            self.is_tried |= isinstance(node, gast.Try)
            self.is_repeated |= isinstance(node, (gast.For, gast.While))
            made = self.with_products(map_blocks(self.statement(node), self.block), products, out)
            self.is_tried, self.is_repeated = outer
            self.note(made, products, len(out))
            out.append(made)
        return [node for node in out if node is not None]

    def note(self, node: gast.stmt, products: dict[str, int], place: int) -> None:
        """Note a product that a later sum may be put together with; forget those that a statement changes."""
        name = assigned(node)
        if name is None and not is_comment(node):
            products.clear()  # it may write to memory
        for other in [key for key in products if name in self.once[key]]:
            del products[other]
        if name in self.once:
            products[name] = place

    def with_products(self, node: Any, products: dict[str, int], out: list[gast.stmt | None]) -> Any:
        """A sum, of which one term is a product that was computed just before: in one expression if that costs less."""
        if not products or assigned(node) is None or not is_derivative(assigned(node) or ""):
            return node
        for name in [key for key in reads(node.value) if key in products]:
            product: Any = out[products[name]]
            if not self.products.weight(product.value):
                continue

            def filled(part: Any, name: str = name, value: Any = product.value) -> Any:
                return value if isinstance(part, gast.Name) and part.id == name else part

            if not isinstance(node.value, gast.BinOp) or not isinstance(node.value.op, (gast.Add, gast.Sub)):
                return node
            whole = rewrite(rewrite(node.value, filled), self.products)
            apart = self.products.cost(node.value) + self.products.cost(product.value)
            if name not in reads(whole) and self.products.cost(whole) < apart:
                out[products.pop(name)] = None
                node = with_fields(node, value=rewrite(whole, self.spelled))
            self.products.forget()
        return node

    def statement(self, node: Any) -> gast.stmt:
        name = assigned(node) or stored(node)
        self.of_derivative = name is not None and is_derivative(name)
        if isinstance(node, gast.AugAssign):
            node = self.without_axes(node)
        if self.of_derivative:
            node = map_headers(node, lambda part: rewrite(part, self.products))
        elif isinstance(node, gast.Return):
            node = map_headers(node, lambda part: self.returned(part))
        self.products.forget()
        node = map_headers(node, lambda part: rewrite(part, self.spelled))
        return signed_update(node) if isinstance(node, gast.AugAssign) else node

    def spelled(self, node: Any) -> Any:
        """An expression whose parts are spelled already."""
        if isinstance(node, gast.Call):
            function = self.objects.get(dotted(node.func) or "")
            if isinstance(node.func, gast.Attribute) and function in _SPELLED:
                return self.call(node, function)
            return self.copied(node) if self.of_derivative else node
        if isinstance(node, gast.BinOp):
            if isinstance(node.op, gast.Pow):
                return self.power(node)
            if isinstance(node.op, gast.MatMult):
                return self.product(node)
        elif isinstance(node, gast.Attribute) and node.attr == "T":
            return self.transpose(node)
        return node

    def copied(self, node: Any) -> Any:
        """What arithmetic makes needs no copy: ``(g * y).copy()`` is ``g * y``."""
        if not isinstance(node.func, gast.Attribute) or node.func.attr != "copy" or node.args:
            return node
        whole = node.func.value
        return whole if isinstance(whole, gast.BinOp) and self.rank(whole) else node

    def returned(self, node: Any) -> Any:
        """A result, in which the parts are derivatives that are made of derivatives."""
        if isinstance(node, (gast.Tuple, gast.List)):
            return with_fields(node, elts=[self.returned(item) for item in node.elts])
        return rewrite(node, self.products) if any(map(is_derivative, names_in(node))) else node

    def without_axes(self, node: Any) -> Any:
        """``x[None, :] += e[None]`` as ``x[...] += e``."""
        target, value = node.target, node.value
        if not isinstance(target, gast.Subscript) or not isinstance(value, gast.Subscript):
            return node
        if isinstance(target.value, gast.Subscript) and _is_everything(target.slice):
            target = target.value
        known, added = self.typer(target.value), self.typer(value.value)
        if not same_shape(known, added) or not isinstance(known, Array):
            return node
        wanted = new_axes(target.slice, len(known.shape or ()))
        if wanted is None or wanted != new_axes(value.slice, len(known.shape or ())):
            return node
        whole = with_fields(target, slice=gast.Constant(Ellipsis, None), ctx=gast.Store())
        return with_fields(node, target=whole, value=value.value)

    def rank(self, node: Any) -> int | None:
        known = self.typer(node)
        return len(known.shape) if isinstance(known, Array) and known.shape is not None else None

    # ---- calls --------------------------------------------------------------------------------------------------

    def call(self, node: Any, function: Any) -> Any:
        if function in _METHODS and node.keywords:
            node = with_fields(node, keywords=[one for one in node.keywords if not _is_default(one)])
        if function is np.sum and self.of_derivative and len(node.args) == 1 and not node.keywords:
            dot = self.dot(node)
            if dot is not None:
                return dot
        if function is np.zeros_like and self.of_derivative and self.is_repeated:
            return self.zeros(node)
        if function is np.sum and isinstance(node.args[0], gast.UnaryOp):
            if isinstance(node.args[0].op, gast.USub):
                positive = with_fields(node, args=[node.args[0].operand, *node.args[1:]])
                return gast.UnaryOp(gast.USub(), self.call(positive, function))
        if function in _METHODS and len(node.args) == 1 and self.rank(node.args[0]):
            if all(keyword.arg in ("axis", "keepdims") for keyword in node.keywords):
                func = gast.Attribute(node.args[0], _METHODS[function], gast.Load())
                return with_fields(node, func=func, args=[])
        if function is np.outer and len(node.args) == 2 and not node.keywords:
            if [self.rank(arg) for arg in node.args] == [1, 1]:
                everything = gast.Slice(None, None, None)
                index = gast.Tuple(elts=[everything, gast.Constant(None, None)], ctx=gast.Load())
                return binary(subscript(node.args[0], index), gast.Mult, node.args[1])
        return self.rolled(node) if function is np.roll else node

    def zeros(self, node: Any) -> Any:
        """Zeros by their shape: a third of what ``zeros_like`` costs, which asks for more than that."""
        known = self.typer(node)
        is_vector = isinstance(known, Array) and known.dtype == "float64" and len(known.shape or ()) == 1
        if not is_vector or len(node.args) != 1 or node.keywords or not isinstance(node.args[0], gast.Name):
            return node
        of_list = not isinstance(self.typer(node.args[0]), Array)
        if of_list or node.args[0].id in self.may_be_none:  # `np.zeros_like` takes those too
            return node
        func = with_fields(node.func, attr="zeros")
        self.objects.setdefault(dotted(func) or "", np.zeros)
        return call(func, gast.Attribute(node.args[0], "shape", gast.Load()))

    def dot(self, node: Any) -> Any:
        """A sum of products of two vectors; only for derivatives, since it adds up in another order."""
        product = node.args[0]
        if not isinstance(product, gast.BinOp) or not isinstance(product.op, gast.Mult):
            return None
        left, right = self.typer(product.left), self.typer(product.right)
        if not isinstance(left, Array) or not isinstance(right, Array) or left.dtype != right.dtype:
            return None
        if left.shape is None or len(left.shape) != 1 or not _are_same(left, right):
            return None
        if left.dtype not in ("float64", "float32"):
            return None
        func = with_fields(node.func, attr="dot")
        self.objects.setdefault(dotted(func) or "", np.dot)
        return call(func, product.left, product.right)

    def rolled(self, node: Any) -> Any:
        """A shift by one as two slices."""
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        parts = [*node.args, *(given[key] for key in ("shift", "axis")[len(node.args) - 1 :] if key in given)]
        if not parts or not isinstance(parts[0], gast.Name) or len(parts) not in (2, 3):
            return node
        rank, shift = self.rank(parts[0]), _integer(parts[1])
        axis = _integer(parts[2]) if len(parts) == 3 else 0
        if rank is None or shift not in (1, -1) or axis is None or (len(parts) == 2 and rank != 1):
            return node
        if not -rank <= axis < rank:
            return node
        bound = constant(-shift)
        tail, head = (
            self.part(parts[0], axis % rank, a, b) for a, b in ((bound, None), (None, clone(bound)))
        )
        func = with_fields(node.func, attr="concatenate")
        self.objects.setdefault(dotted(func) or "", np.concatenate)
        keywords = {} if axis % rank == 0 else {"axis": constant(axis)}
        return call(func, gast.Tuple(elts=[tail, head], ctx=gast.Load()), **keywords)

    def part(self, array: Any, axis: int, lower: Any, upper: Any) -> Any:
        slices: list[Any] = [gast.Slice(None, None, None) for _ in range(axis)]
        index = [*slices, gast.Slice(lower, upper, None)]
        return subscript(clone(array), index[0] if axis == 0 else gast.Tuple(elts=index, ctx=gast.Load()))

    # ---- operators ----------------------------------------------------------------------------------------------

    def power(self, node: Any) -> Any:
        """A small power of an array or a number."""
        count = _integer(node.right)
        if not isinstance(node.left, gast.Name) or count is None or not 2 <= count <= MOST_FACTORS:
            return node
        known = self.typer(node.left)
        if isinstance(known, Scalar):
            if known.dtype not in ("float", "float64") or self.is_tried or self.keeps_powers:
                return node  # Python's own power raises where it overflows
        elif count == 2 or not self.rank(node.left):
            return node
        product = node.left
        for _ in range(count - 1):
            product = binary(product, gast.Mult, clone(node.left))
        return product

    def product(self, node: Any) -> Any:
        """``m.T @ v`` of a vector as ``v @ m``; what the user wrote stays."""
        left = node.left
        if not self.of_derivative:
            return node
        if isinstance(left, gast.Attribute) and left.attr == "T" and self.rank(left) == 2:
            if self.rank(node.right) == 1:
                return with_fields(node, left=node.right, right=left.value)
        return node

    def transpose(self, node: Any) -> Any:
        """``a.T.T`` as `a`, ``(a.T @ b).T`` as ``b.T @ a``."""
        inner = node.value
        if isinstance(inner, gast.Attribute) and inner.attr == "T" and self.rank(inner.value) is not None:
            return inner.value
        if isinstance(inner, gast.BinOp) and isinstance(inner.op, gast.MatMult):
            left = inner.left
            is_transposed = isinstance(left, gast.Attribute) and left.attr == "T"
            if is_transposed and self.rank(left) == 2 and self.rank(inner.right) == 2:
                right = self.transpose(gast.Attribute(inner.right, "T", gast.Load()))
                return with_fields(inner, left=right, right=left.value)
        return node


def _is_default(keyword: gast.keyword) -> bool:
    """Whether an argument of a reduction says what is so anyway."""
    value = keyword.value.value if isinstance(keyword.value, gast.Constant) else NotImplemented
    return (keyword.arg == "keepdims" and value is False) or (
        keyword.arg in ("axis", "out", "dtype") and value is None
    )


def _quotients(program: Program) -> dict[str, Any]:
    """Names that stand for a quotient of two others from where they are bound to the end."""
    if not any(assigned(node) and _is_quotient(node.value) for node in program.body):  # type: ignore[attr-defined]
        return {}
    counts, memory = definitions(program.body), Memory(program)
    steady = {
        key
        for key in [*parameters(program.args), *filter(None, map(assigned, program.body))]
        if counts.get(key, 0) + (key in parameters(program.args)) == 1 and not memory.is_written(key)
    }
    return {
        key: value
        for node in program.body
        if (key := assigned(node)) in steady and key is not None
        if _is_quotient(value := node.value) and set(reads(value)) <= steady  # type: ignore[attr-defined]
    }


def _is_quotient(node: Any) -> bool:
    """Whether an expression is ``a / b`` of names."""
    is_name = isinstance(node, gast.BinOp) and isinstance(node.op, gast.Div)
    return is_name and isinstance(node.left, gast.Name) and isinstance(node.right, gast.Name)


def _read_once(program: Program) -> dict[str, frozenset[str]]:
    """Products of cotangents that one statement reads, and no other: with the names that they are made of."""
    counts = definitions(program.body)
    read = Counter(name for node in walk(program.body) for name in statement_reads(node))
    found: dict[str, frozenset[str]] = {}
    for node in walk(program.body):
        name = assigned(node)
        if (
            name is None
            or counts[name] != 1
            or read[name] != 1
            or not (is_derivative(name) and is_temporary(name))
        ):
            continue
        value = node.value  # type: ignore[attr-defined]
        if isinstance(value, gast.BinOp) and all(isinstance(part, _ARITHMETIC) for part in nodes(value)):
            found[name] = frozenset(reads(value))
    return found


def _integer(node: Any) -> int | None:
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        inner = _integer(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, gast.Constant) and type(node.value) is int else None


def _is_everything(index: Any) -> bool:
    return isinstance(index, gast.Constant) and index.value is Ellipsis


def _are_same(one: Any, other: Any) -> bool:
    """Whether two shapes are equal, neither of them spread over the other."""
    return same_shape(one, other) and same_shape(other, one)


def _may_give_none(node: gast.stmt) -> bool:
    """Whether a statement names what was recorded, which is None on paths that did not make it."""
    if assigned(node) is None:
        return False
    value: Any = node.value  # type: ignore[attr-defined]
    if not isinstance(value, gast.Subscript) or not isinstance(value.value, gast.Name):
        return False
    return value.value.id == "saved" or base(value.value.id).endswith("_tape")
