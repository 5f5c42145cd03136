"""Rules of Python's builtins that are primitives; those over containers are plain Python to the compiler."""

from __future__ import annotations

import builtins

import numpy as np

from s2sad.rules.kinks import KINKS
from s2sad.rules.probe import probe
from s2sad.rules.record import Operand, linear, nondifferentiable, rule, zero_derivative
from s2sad.rules.samples import reals
from s2sad.signature import Array, Opaque, Scalar, Type, join, without_value


# ---- conversions ------------------------------------------------------------------------------------
@linear(float, at=reals(), infer=lambda *args: Scalar("float"))
def float_(x, *, y_bar):
    return y_bar


@linear(complex, wrt=("real", "imag"), at=reals(2), infer=lambda *args, **named: Scalar("complex"))
def complex_(real, imag=0.0, *, y_bar):
    return np.real(y_bar), np.imag(y_bar)


@linear(np.float64, at=reals(), infer=lambda x: _cast("float64", x))
def float64(x, *, y_bar):
    return y_bar


@linear(np.float32, infer=lambda x: _cast("float32", x))
def float32(x, *, y_bar):
    return y_bar


def _cast(dtype: str, x: Type) -> Type:
    return Array(dtype, x.shape) if isinstance(x, Array) and x.shape != () else Scalar(dtype)


# ---- extrema of several numbers ---------------------------------------------------------------------
def _extremum_type(*args: Type, **named: Type) -> Type:
    """Any of the numbers may be the result, as it is."""
    if len(args) < 2 or not all(isinstance(arg, Scalar) for arg in args):
        return probe(builtins.max, args, named)
    covered = without_value(args[0])
    for arg in args[1:]:
        covered = join(covered, without_value(arg))
    return covered


def _shares(operands: tuple[Operand, ...], y: str, sign: str) -> list[str]:
    """What part of the result each operand is: the one that is largest all, and operands that tie equal parts."""
    if len(operands) == 2:
        p, q = (operand.source for operand in operands)
        tie = f"0.5 * ({p} == {q})"
        return [f"(({p} {sign} {q}) + {tie})", f"(({q} {sign} {p}) + {tie})"]
    hits = [f"({operand.source} == {y})" for operand in operands]
    return [f"{hit} / ({' + '.join(hits)})" for hit in hits]


def _tangent(operands: tuple[Operand, ...], y: str, sign: str) -> str:
    pairs = zip(operands, _shares(operands, y, sign))
    return " + ".join(f"{operand.dot} * {share}" for operand, share in pairs if operand.active)


def _cotangents(operands: tuple[Operand, ...], y: str, y_bar: str, sign: str) -> dict[str, str]:
    shares = enumerate(_shares(operands, y, sign))
    return {f"numbers[{k}]": f"{y_bar} * {share}" for k, share in shares if operands[k].active}


@rule(max, template=True, at=[*reals(2), *reals(3), (1.5, 1.5)], infer=_extremum_type)
class max_:
    kink = KINKS["largest"].condition

    def jvp(*numbers, y):
        return _tangent(numbers, y, ">")

    def vjp(*numbers, y, y_bar):
        return _cotangents(numbers, y, y_bar, ">")


@rule(min, template=True, at=[*reals(2), *reals(3), (1.5, 1.5)], infer=_extremum_type)
class min_:
    kink = KINKS["largest"].condition

    def jvp(*numbers, y):
        return _tangent(numbers, y, "<")

    def vjp(*numbers, y, y_bar):
        return _cotangents(numbers, y, y_bar, "<")


@rule(divmod, template=True, at=reals(2))
class divmod_:
    """Only the remainder has a derivative."""

    def jvp(a, b, *, y):
        terms = ([a.dot] if a.active else []) + ([f"-{y}[0] * {b.dot}"] if b.active else [])
        return f"(0.0, {' + '.join(terms)})"

    def vjp(a, b, *, y, y_bar):
        of_a = {"a": f"{y_bar}[1]"} if a.active else {}
        return of_a | ({"b": f"-{y}[0] * {y_bar}[1]"} if b.active else {})


# ---- no derivative ----------------------------------------------------------------------------------
def _round_type(number: Type, ndigits: Type | None = None) -> Type:
    """``round(x)`` is an int where ``round(x, 2)`` is a float."""
    return probe(round, [number] if ndigits is None else [number, ndigits])


zero_derivative(round, at=[*reals(), (1.234, 2)], infer=_round_type)

nondifferentiable(
    int, bool, len, any, all, isinstance, issubclass, callable, hasattr, id, hash, type, str, repr, ascii, format,
    chr, ord, bin, hex, oct, range, slice, np.int64, np.int32, np.bool_,
)  # fmt: skip
nondifferentiable(np.random.default_rng, infer=lambda *args, **keywords: Opaque(np.random.Generator))
nondifferentiable(print, input, infer=lambda *args, **keywords: Opaque())  # never tried: they would be seen
