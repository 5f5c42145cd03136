"""Whole derivatives as Python text: the function that seeds all directions, runs the sweep, and arranges the result.

>>> import numpy as np
>>> from s2sad.signature import Array, Dim, Scalar
>>> vector = Array("float64", (Dim("x.0", one=False),))
>>> print(forward_text(Plan("f_jacobian", "f_tangents", ("x", "n"), {"x": vector}, vector, "Jacobian of f.")))
def f_jacobian(x, n):
    \"\"\"Jacobian of f.\"\"\"
    x_dot = np.eye(len(x))
    y_dot = f_tangents(x, n, x_dot)
    return y_dot.T
<BLANKLINE>

The text is plain NumPy, so that it is shown, and differentiated again, like any other function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from s2sad.errors import NonScalarOutput, NotDifferentiable
from s2sad.names import unused
from s2sad.signature import WEAK, Array, Scalar, Sequence, Type, kind_of
from s2sad.signature import Mapping as MappingType


@dataclass(frozen=True)
class Plan:
    """What a whole derivative is made of.

    Attributes
    ----------
    name : str
        The function that is made.
    sweep : str
        The emitted function that takes several directions; in reverse mode that of the reverse sweep.
    parameters : tuple of str
        The primal's parameters.
    wrt : mapping from str to Type
        Those it is taken with respect to.
    result : Type
        Type of the primal's result; with `has_aux` of its first item.
    doc : str
        The docstring.
    single : bool
        Whether one parameter was chosen, not a sequence of them.
    has_aux : bool
        Whether the primal returns ``(value, aux)``.
    forward : str
        In reverse mode, the emitted function of the forward sweep.
    one_by_one : bool
        Whether the sweep takes one direction only.
    chunk : int or None
        How many directions the sweep takes at once; None for all.
    """

    name: str
    sweep: str
    parameters: tuple[str, ...]
    wrt: Mapping[str, Type]
    result: Type
    doc: str = ""
    single: bool = True
    has_aux: bool = False
    forward: str = ""
    one_by_one: bool = False
    chunk: int | None = None


@dataclass(frozen=True)
class Leaf:
    """A number or array in the arguments or in the result: how it is reached, and what it is."""

    path: str
    type: Scalar | Array

    @property
    def size(self) -> str:
        """The text of its number of elements."""
        if self.type.rank == 0:
            return "1"
        return f"len({self.path})" if self.type.rank == 1 else f"np.size({self.path})"

    @property
    def shape(self) -> list[str]:
        """The text of its sizes, or of ``*`` its shape."""
        rank = self.type.rank
        if rank is None:
            return [f"*np.shape({self.path})"]
        return [self.size] if rank == 1 else [f"{self.path}.shape[{k}]" for k in range(rank)]


class Writer:
    """Lines of a function, with names that are free in it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.taken = {*plan.parameters, plan.sweep, plan.forward, "np"}
        self.lines: list[str] = []

    def name(self, wanted: str) -> str:
        """A name that nothing else has."""
        return unused(wanted, self.taken)

    def add(self, line: str) -> None:
        """One more line of the body."""
        self.lines.append(f"    {line}")

    def text(self) -> str:
        """The whole definition."""
        head = f"def {self.plan.name}({', '.join(self.plan.parameters)}):"
        return "\n".join([head, f'    """{self.plan.doc}"""', *self.lines]) + "\n"


def identifier(primal: str, label: str) -> str:
    """The name of what is emitted for a function of this name."""
    return f"{primal}_{label}" if primal.isidentifier() else label


# ---- structures -------------------------------------------------------------------------------------------------
def leaves_of(known: Type, path: str, what: str) -> list[Leaf]:
    """The leaves of a value, in order; refuses what has no derivative."""
    if isinstance(known, (Scalar, Array)) and kind_of(known.dtype) in ("float", "complex"):
        return [Leaf(path, known)]
    if isinstance(known, (Sequence, MappingType)):
        return [leaf for part, item in _parts(known, path) for leaf in leaves_of(item, part, what)]
    raise NotDifferentiable(
        f"{what} is {'an integer or a bool' if isinstance(known, (Scalar, Array)) else 'no number or array'}, which "
        "has no Jacobian: return floats and arrays of floats, or containers of these whose structure is known"
    )


def _parts(known: Sequence | MappingType, path: str) -> list[tuple[str, Type]]:
    fields = getattr(getattr(known, "cls", None), "_fields", None)
    if fields:
        return [(f"{path}.{field}", item) for field, item in zip(fields, known.items)]
    keys = known.keys if isinstance(known, MappingType) else range(len(known.items))
    return [(f"{path}[{key!r}]", item) for key, item in zip(keys, known.items)]


def structured(known: Type, path: str, of_leaf: Callable[[Leaf], str]) -> str:
    """The text of a container like this one, with something else for each leaf."""
    if not isinstance(known, (Sequence, MappingType)):
        return of_leaf(Leaf(path, known))  # type: ignore[arg-type]
    items = [structured(item, part, of_leaf) for part, item in _parts(known, path)]
    if isinstance(known, MappingType):
        return "{" + ", ".join(f"{key!r}: {item}" for key, item in zip(known.keys, items)) + "}"
    if hasattr(known.cls, "_fields"):
        return f"{known.cls.__name__}({', '.join(items)})"
    if known.cls is list:
        return f"[{', '.join(items)}]"
    return f"({', '.join(items)},)" if len(items) == 1 else f"({', '.join(items)})"


def namedtuples_in(*kinds: Type) -> dict[str, Any]:
    """The NamedTuple classes that a text mentions, by name."""
    found: dict[str, Any] = {}
    for known in kinds:
        if isinstance(known, (Sequence, MappingType)):
            if isinstance(known, Sequence) and hasattr(known.cls, "_fields"):
                found[known.cls.__name__] = known.cls
            found.update(namedtuples_in(*known.items))
    return found


# ---- seeds ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Seeded:
    """A value whose leaves are all seeded: where each leaf's directions lie, and how many there are."""

    count: str
    spans: Mapping[str, tuple[str, str]]


def seeded(writer: Writer, known: Mapping[str, Type], suffix: str) -> tuple[Seeded, list[str]]:
    """Lines that make the standard basis of some values; the names of the seeds, one for each value."""
    leaves = {key: leaves_of(item, key, key) for key, item in known.items()}
    flat = [leaf for group in leaves.values() for leaf in group]
    if len(flat) == 1:
        (leaf,) = flat
        count = leaf.size
        if leaf.type.rank not in (0, 1) and writer.plan.chunk is None:
            count = writer.name("count")
            writer.add(f"{count} = {leaf.size}")
        spans = {leaf.path: ("0", count)}
        basis = _basis(leaf, count)
    else:
        count, spans = _spans(writer, flat)
        whole = writer.name("basis")
        writer.add(f"{whole} = np.eye({count})")
        basis = ""
    names = []
    for key, item in known.items():
        name = writer.name(f"{key}{suffix}")

        def part(leaf: Leaf) -> str:
            return basis or _columns(leaf, whole, count, spans[leaf.path], count)

        writer.add(f"{name} = {structured(item, key, part)}")
        names.append(name)
    return Seeded(count, spans), names


def _spans(writer: Writer, flat: list[Leaf]) -> tuple[str, dict[str, tuple[str, str]]]:
    """Where the directions of each leaf start and end."""
    spans: dict[str, tuple[str, str]] = {}
    number, before = 0, ""
    for k, leaf in enumerate(flat):
        start = _sum(before, number)
        if leaf.type.rank == 0:
            number += 1
            spans[leaf.path] = (start, _sum(before, number))
            continue
        end = writer.name("count" if k == len(flat) - 1 else f"end_{k}")
        writer.add(f"{end} = {leaf.size}" if start == "0" else f"{end} = {start} + {leaf.size}")
        before, number = end, 0
        spans[leaf.path] = (start, end)
    return _sum(before, number), spans


def _sum(before: str, number: int) -> str:
    if not before:
        return str(number)
    return f"{before} + {number}" if number else before


def _basis(leaf: Leaf, count: str) -> str:
    dtype = _dtype(leaf)
    if leaf.type.rank == 0:
        return f"np.ones(1{dtype})"
    eye = f"np.eye({count}{dtype})"
    return eye if leaf.type.rank == 1 else f"np.reshape({eye}, {_tuple([count, *leaf.shape])})"


def _dtype(leaf: Leaf) -> str:
    plain = leaf.type.dtype in WEAK or leaf.type.dtype == "float64"
    return "" if plain else f", dtype=np.{leaf.type.dtype}"


def _columns(leaf: Leaf, whole: str, count: str, span: tuple[str, str], rows: str) -> str:
    """A leaf's part of a basis, or of so many rows of it."""
    start, end = span
    if leaf.type.rank == 0:
        made = f"{whole}[:, {start}]"
    else:
        every = start == "0" and end == count
        made = (
            whole if every else f"{whole}[:, {'' if start == '0' else start}:{'' if end == count else end}]"
        )
        if leaf.type.rank != 1:
            made = f"np.reshape({made}, {_tuple([rows, *leaf.shape])})"
    return f"{made}.astype(np.{leaf.type.dtype})" if _dtype(leaf) else made


def picked(rows: str, leaf: Leaf, span: tuple[str, str], alone: bool, total: str) -> str:
    """The directions that belong to a leaf."""
    start, end = span
    if leaf.type.rank == 0:
        return f"{rows}[{start}]"
    if alone:
        return rows
    return f"{rows}[{'' if start == '0' else start}:{'' if end == total else end}]"


# ---- forward ----------------------------------------------------------------------------------------------------
def forward_text(plan: Plan) -> str:
    """The Jacobian by columns: the tangents of the result in the directions of all inputs."""
    writer = Writer(plan)
    result = writer.name("y_dot")
    if plan.chunk is None:
        basis, dots = seeded(writer, plan.wrt, "_dot")
        called = _call(plan, plan.sweep, [*plan.parameters], dots)
        if plan.has_aux:
            value = writer.name("value")
            writer.add(f"{value}, {result} = {called}")
        else:
            writer.add(f"{result} = {called}")
    else:
        basis, value = _chunked_forward(writer, result)
    aux = ""
    if plan.has_aux:
        aux = f", {value}[1]"
        writer.add(f"{result} = {result}[0]")
    alone = len(basis.spans) == 1

    def block(leaf: Leaf) -> str:
        parts = {
            key: structured(item, key, lambda of: _column_block(leaf, of, basis, alone))
            for key, item in plan.wrt.items()
        }
        return _bare(plan, list(parts.values()))

    whole = structured(plan.result, result, block)
    writer.add(f"return {whole}{aux}")
    return writer.text()


def _call(plan: Plan, function: str, plain: list[str], directions: list[str]) -> str:
    if not plan.one_by_one:
        return f"{function}({', '.join([*plain, *directions])})"
    given = [f"({', '.join(names)},)" if names else "()" for names in (plain, directions)]
    paired = ", paired=True" if plan.has_aux and not plan.forward else ""
    return f"by_directions({function}, {given[0]}, {given[1]}{paired})"


def _bare(plan: Plan, parts: list[str]) -> str:
    if plan.single:
        return parts[0]
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def _column_block(out: Leaf, of: Leaf, basis: Seeded, alone: bool) -> str:
    """The part of the Jacobian for one leaf of the result and one of the arguments."""
    rows = picked(out.path, of, basis.spans[of.path], alone, basis.count)
    if of.type.rank == 0 or (out.type.rank == 0 and of.type.rank == 1):
        return rows
    if out.type.rank == 1 and of.type.rank == 1:
        return f"{rows}.T"
    moved = f"np.moveaxis({rows}, 0, -1)" if out.type.rank != 0 else rows
    if of.type.rank == 1:
        return moved
    inner = [f"{out.path}.shape[{k + 1}]" for k in range(out.type.rank)] if out.type.rank is not None else [
        f"*{out.path}.shape[1:]"
    ]  # fmt: skip
    return f"np.reshape({moved}, {_tuple([*inner, *of.shape])})"


def _chunked_forward(writer: Writer, result: str) -> tuple[Seeded, str]:
    """A loop over so many directions at a time, each with its rows of the basis."""
    plan = writer.plan
    groups = {key: leaves_of(item, key, key) for key, item in plan.wrt.items()}
    flat = [leaf for group in groups.values() for leaf in group]
    if len(flat) == 1:
        count, spans = flat[0].size, {flat[0].path: ("0", flat[0].size)}
    else:
        count, spans = _spans(writer, flat)
    parts, k, rows = writer.name("parts"), writer.name("k"), writer.name("basis")
    writer.add(f"{parts} = []")
    writer.add(f"for {k} in range(0, {count}, {plan.chunk}):")
    writer.add(f"    {rows} = np.eye(min({plan.chunk}, {count} - {k}), {count}, {k})")
    dots = []
    for key, item in plan.wrt.items():
        name = writer.name(f"{key}_dot")
        made = structured(
            item, key, lambda leaf: _columns(leaf, rows, count, spans[leaf.path], f"len({rows})")
        )
        writer.add(f"    {name} = {made}")
        dots.append(name)
    called = _call(plan, plan.sweep, [*plan.parameters], dots)
    value = writer.name("value") if plan.has_aux else ""
    if plan.has_aux:
        writer.add(f"    {value}, {result} = {called}")
        writer.add(f"    {parts}.append({result}[0])")
    else:
        writer.add(f"    {parts}.append({called})")
    writer.add(f"{result} = {_joined(plan.result, parts, writer)}")
    if plan.has_aux:
        writer.add(f"{result} = ({result},)")
    return Seeded(count, spans), value


def _joined(known: Type, parts: str, writer: Writer) -> str:
    part = writer.name("part")
    return structured(known, part, lambda leaf: (
        f"np.concatenate({parts})" if leaf.path == part else f"np.concatenate([{leaf.path} for {part} in {parts}])"
    ))  # fmt: skip


# ---- reverse ----------------------------------------------------------------------------------------------------
def reverse_text(plan: Plan) -> str:
    """The Jacobian by rows: the pullbacks of the directions of all results; the forward sweep runs once."""
    writer = Writer(plan)
    y, saved = writer.name("y"), writer.name("saved")
    first = f"({y}, {writer.name('aux')})" if plan.has_aux else y
    aux = first.rpartition(" ")[2].rstrip(")") if plan.has_aux else ""
    writer.add(f"{first}, {saved} = {plan.forward}({', '.join(plan.parameters)})")
    bars = [writer.name(f"{key}_bar") for key in plan.wrt]
    targets = f"{', '.join(bars)}{',' if len(bars) == 1 else ''}"
    if plan.chunk is None:
        basis, (seed,) = seeded(writer, {y: plan.result}, "_bar")
        given = f"({seed}, no_cotangents({aux}, {basis.count}))" if plan.has_aux else seed
        writer.add(f"{targets} = {_call(plan, plan.sweep, [saved], [given])}")
    else:
        basis = _chunked_reverse(writer, y, saved, aux, bars, targets)
    alone = len(basis.spans) == 1

    def block(out: Leaf) -> str:
        parts = [
            structured(item, bar, lambda leaf: _row_block(out, leaf, basis, alone))
            for bar, item in zip(bars, plan.wrt.values())
        ]
        return _bare(plan, parts)

    whole = structured(plan.result, y, block)
    writer.add(f"return {whole}{', ' + aux if plan.has_aux else ''}")
    return writer.text()


def _tuple(sizes: list[str]) -> str:
    """The text of a shape.

    >>> _tuple(["3", "len(x)"]), _tuple(["*np.shape(y)"])
    ('(3, len(x))', '(*np.shape(y),)')
    """
    alone = len(sizes) == 1 and sizes[0].startswith("*")
    return f"({', '.join(sizes)}{',' if alone else ''})"


def _row_block(out: Leaf, of: Leaf, basis: Seeded, alone: bool) -> str:
    rows = picked(of.path, out, basis.spans[out.path], alone, basis.count)
    if out.type.rank in (0, 1):
        return rows
    inner = [f"{of.path}.shape[{k + 1}]" for k in range(of.type.rank or 0)]
    return f"np.reshape({rows}, {_tuple([*out.shape, *inner])})"


def _chunked_reverse(writer: Writer, y: str, saved: str, aux: str, bars: list[str], targets: str) -> Seeded:
    plan = writer.plan
    flat = leaves_of(plan.result, y, "the result")
    if len(flat) == 1:
        count, spans = flat[0].size, {flat[0].path: ("0", flat[0].size)}
    else:
        count, spans = _spans(writer, flat)
    parts, k, rows, seed = (writer.name(wanted) for wanted in ("parts", "k", "basis", f"{y}_bar"))
    writer.add(f"{parts} = []")
    writer.add(f"for {k} in range(0, max({count}, 1), {plan.chunk}):")
    writer.add(f"    {rows} = np.eye(min({plan.chunk}, {count} - {k}), {count}, {k})")
    made = structured(
        plan.result, y, lambda leaf: _columns(leaf, rows, count, spans[leaf.path], f"len({rows})")
    )
    writer.add(f"    {seed} = {made}")
    given = f"({seed}, no_cotangents({aux}, len({rows})))" if plan.has_aux else seed
    writer.add(f"    {parts}.append({_call(plan, plan.sweep, [saved], [given])})")
    part = writer.name("part")

    def joined(leaf: Leaf) -> str:
        return f"np.concatenate([{leaf.path} for {part} in {parts}])"

    for number, (bar, item) in enumerate(zip(bars, plan.wrt.values())):
        writer.add(f"{bar} = {structured(item, f'{part}[{number}]', joined)}")
    return Seeded(count, spans)


def of_primal(known: Type, has_aux: bool, name: str) -> Type:
    """The type of the value in what a primal returns."""
    if not has_aux:
        return known
    if not isinstance(known, Sequence) or known.cls is not tuple or len(known.items) != 2:
        raise TypeError(f"with has_aux=True, {name} must return (value, aux)")
    return known.items[0]


def gradient_with_aux(derivative: Any, compiled: Any, known: Mapping[str, Type]) -> str:
    """The gradient of a function that returns ``(value, aux)``, as one function."""
    primal = derivative.primal_name
    value_type = of_primal(compiled.result_type, True, primal)
    if not isinstance(value_type, (Scalar, Array)) or value_type.rank not in (0, None):
        raise NonScalarOutput(f"{primal} returns no scalar beside its aux: use jacobian")
    plan = Plan(
        identifier(primal, derivative.mode), compiled.reverse.__name__, tuple(known), {}, value_type,
        f"Gradient of {primal}.", forward=compiled.forward.__name__,
    )  # fmt: skip
    writer = Writer(plan)
    value, aux, saved = (writer.name(wanted) for wanted in ("value", "aux", "saved"))
    writer.add(f"({value}, {aux}), {saved} = {plan.forward}({', '.join(plan.parameters)})")
    bars = [writer.name(f"{name}_bar") for name in derivative.wrt]
    targets = f"{', '.join(bars)}{',' if len(bars) == 1 else ''}"
    writer.add(
        f"{targets} = {plan.sweep}({saved}, (1.0, {_no_cotangent(compiled.result_type.items[1], aux)}))"
    )
    gradient = bars[0] if derivative.single else f"({', '.join(bars)}{',' if len(bars) == 1 else ''})"
    first = gradient if derivative.mode == "grad" else f"(({value}, {aux}), {gradient})"
    writer.add(f"return {first}, {aux}" if derivative.mode == "grad" else f"return {first}")
    return writer.text()


def _no_cotangent(known: Type, path: str) -> str:
    """The text of a zero cotangent."""
    if isinstance(known, (Sequence, MappingType)):
        return structured(known, path, lambda leaf: _no_cotangent(leaf.type, leaf.path))
    if isinstance(known, Array) and known.is_real:
        return f"np.zeros_like({path})"
    return "0.0" if isinstance(known, Scalar) and known.is_real else "None"


__all__ = [
    "Plan",
    "gradient_with_aux",
    "forward_text",
    "leaves_of",
    "namedtuples_in",
    "of_primal",
    "reverse_text",
]
