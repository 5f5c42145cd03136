"""`einsum`, every form: implicit and explicit, ellipsis, repeated labels, operands given with lists of axes.

The subscripts are rewritten at compile time with one label per axis, so that the transpose in one operand is again an
`einsum`, of the cotangent and the other operands.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2sad.errors import NotDifferentiable
from s2sad.rules.record import Operand, rule, sample
from s2sad.rules.sizes import dtype_of, is_double, lenient, number, promote_arrays, shape_of, static_axis
from s2sad.runtime.arrays import unbroadcast
from s2sad.signature import NO_VALUE, Array, Sequence, Size, Type, kind_of, may_be_one, static_value


@dataclass(frozen=True)
class Subscripts:
    """Labels of the axes of the operands and of the result; no ellipsis is left."""

    inputs: tuple[str, ...]
    output: str

    def __str__(self) -> str:
        return ",".join(self.inputs) + "->" + self.output


def subscripts(text: str, ranks: Iterable[int]) -> Subscripts:
    """Read subscripts as NumPy does.

    >>> str(subscripts("ij,jk", (2, 2))), str(subscripts("...i,i", (3, 1))), str(subscripts("ba", (2,)))
    ('ij,jk->ik', 'ABi,i->AB', 'ba->ab')
    """
    text = text.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    spare = [label for label in string.ascii_uppercase + string.ascii_lowercase if label not in text]
    widths = [rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks)]
    widest = max((width for term, width in zip(terms, widths) if "..." in term), default=0)
    labels = "".join(spare[:widest])
    inputs = tuple(term.replace("...", labels[widest - width :]) for term, width in zip(terms, widths))
    if arrow:
        return Subscripts(inputs, right.replace("...", labels))
    plain = left.replace(",", "").replace(".", "")
    return Subscripts(
        inputs, labels + "".join(sorted(label for label in set(plain) if plain.count(label) == 1))
    )


@dataclass(frozen=True)
class Form:
    """A call of `einsum`: its subscripts, and which of its arguments are the operands."""

    subscripts: Subscripts
    places: tuple[int, ...]
    types: tuple[Type, ...]


def form_of(types: tuple[Type, ...]) -> Form | None:
    """The form of a call; None where it is not known at compile time."""
    text = static_value(types[0]) if types else NO_VALUE
    if isinstance(text, str):
        places = tuple(range(1, len(types)))
    else:
        places = tuple(range(0, len(types) - 1, 2))
        lists = [
            static_value(known) for known in (*types[1 : 2 * len(places) : 2], *types[2 * len(places) :])
        ]
        if any(value is NO_VALUE for value in lists):
            return None
        terms = [_from_list(value) for value in lists]
        given = ",".join(terms[: len(places)])
        text = given + "->" + terms[-1] if len(terms) > len(places) else given
    chosen = tuple(types[place] for place in places)
    ranks = [None if shape_of(known) is None else len(shape_of(known) or ()) for known in chosen]
    if any(rank is None for rank in ranks):
        return None
    return Form(subscripts(text, [rank or 0 for rank in ranks]), places, chosen)


def _from_list(labels: Any) -> str:
    return "".join("..." if label is Ellipsis else string.ascii_letters[label] for label in labels)


def _size_of(label: str, form: Form) -> Size:
    """The size that a label stands for: of all axes that have it, one that is not stretched."""
    sizes = [
        size
        for term, known in zip(form.subscripts.inputs, form.types)
        for name, size in zip(term, shape_of(known) or ())
        if name == label
    ]
    return min(sizes, key=lambda size: (size == 1, may_be_one(size), not isinstance(size, int)))


@lenient
def _einsum_type(*types: Type, **options: Type) -> Type:
    form = form_of(types)
    operands = types[1:] if isinstance(static_axis(types[0], None), str) else types[::2]
    numbers = [known for known in operands if not isinstance(known, Sequence)]
    dtype = promote_arrays(*(form.types if form else numbers))
    if form is None:
        return Array(dtype, None)
    return number(dtype, tuple(_size_of(label, form) for label in form.subscripts.output))


_A, _B, _T = (
    np.arange(6.0).reshape(2, 3) - 2.5,
    np.linspace(-1.0, 1.0, 12).reshape(3, 4),
    np.linspace(0.0, 1.0, 24),
)
_T = _T.reshape(2, 3, 4)


@rule(
    np.einsum, template=True, infer=_einsum_type,
    at=[
        sample("ij,jk->ik", _A, _B), sample("ij,jk", _A, _B), sample("ij->", _A), sample("ij->j", _A), sample("ji", _A),
        sample("ii->i", _A[:, :2]), sample("ii", _A[:, :2]), sample("i,i->", _A[0], _A[1]), sample("...j,jk", _A, _B),
        sample("i,j->ij", _A[0], _A[1]), sample("...jk,...kl->...jl", _T, np.ones((4, 2))),
        sample("ijk,jk,i", _T, _T[0], _A[:, 0]),
        sample(_A, [0, 1], _B, [1, 2], [0, 2]), sample(_A, [0, 1], _B, [1, 2]), sample("...,...", _A, _A[:1]),
        sample("ij,ij,ij->i", _A, _A, _A), sample("iij,j->i", np.linspace(0.0, 1.0, 12).reshape(2, 2, 3), _A[0]),
    ],
)  # fmt: skip
class einsum:
    """Sums of products by labelled axes."""

    def jvp(*operands, y, **options):
        form = _form(operands)
        terms = []
        for place in form.places:
            if operands[place].active:
                sources = [one.dot if k == place else one.source for k, one in enumerate(operands)]
                terms.append(f"np.einsum({', '.join(sources)})")
        return " + ".join(terms)

    def vjp(*operands, y, y_bar, **options):
        form = _form(operands)
        factors = [operands[place] for place in form.places]
        return {
            f"operands[{place}]": _transposed(form, k, factors, y_bar)
            for k, place in enumerate(form.places)
            if operands[place].active
        }


def _form(args: tuple[Operand, ...]) -> Form:
    form = form_of(tuple(arg.type for arg in args))
    if form is None:
        raise NotDifferentiable("the subscripts of einsum, and the ranks of its operands, must be known")
    return form


def _transposed(form: Form, k: int, operands: list[Operand], y_bar: str) -> str:
    """The cotangent of operand `k`, as text."""
    written = form.subscripts
    mine, extra = _without_repeats(written, k)
    others = [j for j in range(len(operands)) if j != k]
    terms = [written.output, *(written.inputs[j] for j in others), *(pair for _, pair in extra)]
    sources = [y_bar, *(_conj(operands[j]) for j in others)]
    source = operands[k].source
    dtype = "" if is_double(operands[k].type) else f", dtype={source}.dtype"
    sources += [f"np.eye({source}.shape[{axis}]{dtype})" for axis, _ in extra]
    seen = "".join(terms)
    found = "".join(label for label in mine if label in seen)
    text = _product(terms, sources, found)
    if found != mine:
        index = ", ".join(":" if label in seen else "None" for label in mine)
        text = f"{text}[{index}]" if found else text
    return f"unbroadcast({text}, {source})" if _stretched(form, k, found) else text


def _product(terms: list[str], sources: list[str], found: str) -> str:
    if len(terms) == 1 and terms[0] == found:
        return sources[0]
    if len(terms) == 1 and sorted(terms[0]) == sorted(found) and len(set(found)) == len(found):
        axes = ", ".join(str(terms[0].index(label)) for label in found)
        return f"np.transpose({sources[0]}, ({axes}))"
    if terms[0] == "" and len(terms) > 1:  # a single number: plain multiplication reads better
        rest = _product(terms[1:], sources[1:], found)
        return f"{sources[0]} * {rest}"
    return f"np.einsum('{','.join(terms)}->{found}', {', '.join(sources)})"


def _conj(operand: Operand) -> str:
    known = operand.type
    is_complex = kind_of(dtype_of(known)) == "complex"
    return f"np.conj({operand.source})" if is_complex else operand.source


def _without_repeats(written: Subscripts, k: int) -> tuple[str, list[tuple[int, str]]]:
    """The labels of operand `k` made distinct, and the unit matrices that tie the new labels to the old."""
    spare = iter(label for label in string.ascii_letters if label not in str(written))
    mine = ""
    ties: list[tuple[int, str]] = []
    for axis, label in enumerate(written.inputs[k]):
        if label in mine:
            new = next(spare)
            ties.append((axis, label + new))
            label = new
        mine += label
    return mine, ties


def _stretched(form: Form, k: int, found: str) -> bool:
    """Whether an axis of operand `k` may have size 1 where the same label is longer elsewhere."""
    for label, size in zip(form.subscripts.inputs[k], shape_of(form.types[k]) or ()):
        if label in found and may_be_one(size) and _size_of(label, form) != size:
            return True
    return False


__all__ = ["Form", "Subscripts", "form_of", "subscripts", "unbroadcast"]
