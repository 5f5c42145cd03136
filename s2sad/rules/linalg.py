"""Linear algebra: solve, inv, det, norm, and the factorisations."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2sad.errors import NotDifferentiable
from s2sad.rules.facts import is_complex
from s2sad.rules.kinks import KINKS
from s2sad.rules.products import batch_axes
from s2sad.rules.record import conj, kept_axes, rank, rule, sample, static
from s2sad.rules.sizes import (
    Shape,
    broadcast_shapes,
    dtype_of,
    lenient,
    number,
    promote_arrays,
    shape_of,
    static_axis,
    strong,
)
from s2sad.runtime.arrays import unbroadcast
from s2sad.signature import NO_VALUE, Array, Dim, Scalar, Sequence, Size, Type, kind_of

_S = np.array([[2.0, 0.3, -0.5], [0.1, -1.5, 0.4], [0.7, 0.2, 1.8]])
_B = np.stack([_S, _S.T + np.eye(3)])
_P = np.array([[2.0, 0.3, -0.5], [0.3, 1.5, 0.4], [-0.5, 0.4, 1.8]])
_M = np.array([[1.0, -2.0, 0.5], [0.3, 0.8, -1.2]])
_V = np.array([1.0, -2.0, 0.5])
_T = np.random.default_rng(3).normal(size=(2, 3, 4))  # no two sums of columns or rows are equal


SlogdetResult = type(np.linalg.slogdet(np.eye(1)))
EighResult = type(np.linalg.eigh(np.eye(1)))
QRResult = type(np.linalg.qr(np.eye(1)))
SVDResult = type(np.linalg.svd(np.eye(1)))


def _inexact(*known: Type) -> str:
    """The dtype that linear algebra works in: integers become double precision."""
    dtype = promote_arrays(*known)
    return dtype if kind_of(dtype) in ("float", "complex") else "float64"


def _magnitude(dtype: str) -> str:
    return {"complex128": "float64", "complex64": "float32"}.get(strong(dtype), strong(dtype))


# ---- solve and inv --------------------------------------------------------------------------------
@lenient
def _solve_type(a: Type, b: Type) -> Type:
    dtype, p, q = _inexact(a, b), shape_of(a), shape_of(b)
    if p is None or q is None:
        return Array(dtype, None)
    if len(q) == 1:
        return Array(dtype, (*p[:-2], p[-1]))
    batch = broadcast_shapes(p[:-2], q[:-2])
    assert batch is not None
    return Array(dtype, (*batch, p[-1], q[-1]))


@rule(
    np.linalg.solve, infer=_solve_type,
    at=[(_S, _V), (_S, _M.T), (_B, _V), (_B, _T), (_S, _T), (_B, _M.T), (_B[:1], _T)],
)  # fmt: skip
class solve:
    """``a`` divided into ``b``."""

    def jvp(a, b, *, a_dot, b_dot, y):
        if rank(b) == 1 and rank(a) != 2:
            return -np.linalg.solve(a, a_dot @ y[..., None])[..., 0], np.linalg.solve(a, b_dot)
        return -np.linalg.solve(a, a_dot @ y), np.linalg.solve(a, b_dot)

    def vjp(a, b, *, y, y_bar):
        if rank(a) is None or rank(b) is None:
            raise NotDifferentiable(
                "the ranks of the operands of np.linalg.solve must be known at compile time"
            )
        if rank(a) == 2 and rank(b) == 1:
            b_bar = np.linalg.solve(conj(a).T, y_bar)
            a_bar = -np.outer(b_bar, conj(y))
        elif rank(a) == 2 and rank(b) == 2:
            b_bar = np.linalg.solve(conj(a).T, y_bar)
            a_bar = -b_bar @ conj(y).T
        elif rank(b) == 1:
            column = np.linalg.solve(np.swapaxes(conj(a), -1, -2), y_bar[..., None])
            a_bar = -column * conj(y)[..., None, :]
            b_bar = unbroadcast(column[..., 0], b)
        else:
            b_bar = np.linalg.solve(np.swapaxes(conj(a), -1, -2), y_bar)
            a_bar = -b_bar @ np.swapaxes(conj(y), -1, -2)
            if batch_axes(a, b) != ():
                a_bar = unbroadcast(a_bar, a)
            if batch_axes(b, a) != ():
                b_bar = unbroadcast(b_bar, b)
        return a_bar, b_bar


@lenient
def _inv_type(a: Type) -> Type:
    return Array(_inexact(a), shape_of(a))


@rule(np.linalg.inv, infer=_inv_type, at=[(_S,), (_B,)])
class inv:
    """Inverse matrices."""

    def jvp(a, *, a_dot, y):
        return -y @ a_dot @ y

    def vjp(a, *, y, y_bar):
        if rank(a) == 2:
            return -conj(y).T @ y_bar @ conj(y).T
        transposed = np.swapaxes(conj(y), -1, -2)
        return -transposed @ y_bar @ transposed


@lenient
def _pinv_type(a: Type, rcond: Any = None, hermitian: Any = None, **options: Type) -> Type:
    shape = shape_of(a)
    return Array(_inexact(a), None if shape is None else (*shape[:-2], shape[-1], shape[-2]))


@rule(np.linalg.pinv, infer=_pinv_type, at=[(_S,), (_M,), (_M.T,)])
class pinv:
    """Pseudo-inverse matrices, where the rank does not change."""

    def jvp(a, rcond=None, hermitian=False, *, a_dot, y):
        if rank(a) != 2:
            raise NotDifferentiable("np.linalg.pinv is differentiated for single matrices")
        turned = conj(a_dot).T
        inside = np.eye(a.shape[1], dtype=y.dtype) - y @ a
        outside = np.eye(a.shape[0], dtype=y.dtype) - a @ y
        return y @ conj(y).T @ turned @ outside + inside @ turned @ conj(y).T @ y - y @ a_dot @ y

    def vjp(a, rcond=None, hermitian=False, *, y, y_bar):
        if rank(a) != 2:
            raise NotDifferentiable("np.linalg.pinv is differentiated for single matrices")
        flat = conj(y).T
        turned = conj(y_bar).T
        inside = np.eye(a.shape[1], dtype=y.dtype) - y @ a
        outside = np.eye(a.shape[0], dtype=y.dtype) - a @ y
        return outside @ turned @ y @ flat + flat @ y @ turned @ inside - flat @ y_bar @ flat


# ---- determinants ---------------------------------------------------------------------------------
@lenient
def _det_type(a: Type) -> Type:
    shape = shape_of(a)
    return number(_inexact(a), None if shape is None else shape[:-2])


@rule(np.linalg.det, infer=_det_type, at=[(_S,), (_B,)])
class det:
    """Determinants."""

    def jvp(a, *, a_dot, y):
        return y * np.trace(np.linalg.solve(a, a_dot), axis1=-2, axis2=-1)

    def vjp(a, *, y, y_bar):
        if rank(a) == 2:
            return y_bar * conj(y) * np.linalg.inv(conj(a)).T
        return (y_bar * conj(y))[..., None, None] * np.swapaxes(np.linalg.inv(conj(a)), -1, -2)


@lenient
def _slogdet_type(a: Type) -> Type:
    shape, dtype = shape_of(a), _inexact(a)
    rest = None if shape is None else shape[:-2]
    return Sequence(SlogdetResult, (number(dtype, rest), number(_magnitude(dtype), rest)))


@rule(np.linalg.slogdet, infer=_slogdet_type, at=[(_S,), (_B,)])
class slogdet:
    """Signs and logarithms of determinants."""

    def jvp(a, *, a_dot, y):
        if is_complex(a):
            raise NotDifferentiable("np.linalg.slogdet is differentiated for real matrices")
        return SlogdetResult(np.zeros_like(y[0]), np.trace(np.linalg.solve(a, a_dot), axis1=-2, axis2=-1))

    def vjp(a, *, y_bar):
        if is_complex(a):
            raise NotDifferentiable("np.linalg.slogdet is differentiated for real matrices")
        if rank(a) == 2:
            return y_bar[1] * np.linalg.inv(a).T
        return y_bar[1][..., None, None] * np.swapaxes(np.linalg.inv(a), -1, -2)


# ---- norms ----------------------------------------------------------------------------------------
_VECTOR = {None: "euclid", 2: "euclid", np.inf: "max", -np.inf: "min", 1: "sum", 0: "count"}
_MATRIX = {
    None: "euclid", "fro": "euclid", 1: "columns max", -1: "columns min", np.inf: "rows max", -np.inf: "rows min",
    2: "largest", -2: "smallest", "nuc": "nuclear",
}  # fmt: skip


@static
def norm_form(x: Any, ord: Any, axis: Any) -> str:
    """Which of the norms of `np.linalg.norm` this is.

    >>> norm_form(np.eye(2), None, None), norm_form(np.eye(2), 2, None), norm_form(np.eye(2), 3, -1)
    ('euclid', 'largest', 'power')
    """
    if isinstance(ord, Type) or isinstance(axis, Type) or rank(x) is None:
        return "unknown"
    axes = (
        tuple(range(rank(x) or 0))
        if axis is None
        else (axis,)
        if isinstance(axis, (int, np.integer))
        else axis
    )
    if axis is None and ord is None:
        return "euclid"
    if len(axes) == 1:
        return _VECTOR.get(ord, "power")
    return _MATRIX.get(ord, "unknown") if len(axes) == 2 else "unknown"


@static
def is_total(x: Any, axis: Any) -> bool:
    """Whether a reduction over `axis` leaves a single number."""
    if axis is None:
        return True
    return len({axis} if isinstance(axis, (int, np.integer)) else set(axis)) == rank(x)


@static
def nth(x: Any, axis: Any, k: int) -> int:
    """The k-th axis of the matrices whose norm is taken."""
    axes = range(rank(x) or 0) if axis is None else (axis,) if isinstance(axis, (int, np.integer)) else axis
    return int(axes[k]) % (rank(x) or 1)


@static
def matrix_axes(x: Any, axis: Any) -> tuple[int, int]:
    """The two axes of the matrices whose norm is taken."""
    return nth(x, axis, 0), nth(x, axis, 1)


@static
def at_end(x: Any, axis: Any) -> bool:
    """Whether the matrices are in the last two axes."""
    ndim = rank(x) or 0
    return matrix_axes(x, axis) == (ndim - 2, ndim - 1)


@lenient
def _norm_type(x: Type, ord: Any = None, axis: Type | None = None, keepdims: Type | None = None) -> Type:
    dtype, shape = _magnitude(_inexact(x)), shape_of(x)
    where, kept = static_axis(axis, None), static_axis(keepdims, False)
    if where is None and not kept:
        return Scalar(dtype)
    if shape is None or where is NO_VALUE or kept is NO_VALUE:
        return Array(dtype, None)
    axes = range(len(shape)) if where is None else (where,) if isinstance(where, int) else where
    gone = {axis % len(shape) for axis in axes}
    return number(
        dtype, tuple(1 if k in gone else size for k, size in enumerate(shape) if kept or k not in gone)
    )


def _norm_samples() -> list[Any]:
    samples = [sample(x) for x in (_V, _M, _T)]
    samples += [sample(_V, p) for p in (1, 2, 3, 0.5, -1, np.inf, -np.inf)]
    samples += [sample(_M, p) for p in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)]
    samples += [sample(_M, p, axis) for p in (None, 1, 2, 3.5, np.inf, -np.inf) for axis in (0, -1)]
    samples += [sample(_T, p, (0, 2)) for p in (None, "fro", "nuc", 1, -1, 2, np.inf)]
    samples += [sample(_M, None, 1, True), sample(_M, keepdims=True), sample(_M, 1, (0, 1), True)]
    samples += [sample(_M, 3, 0, True), sample(_T, 2, (2, 1), keepdims=True), sample(_T, -2, (1, 2))]
    return [*samples, sample(_V, 3, 0), sample(_V, axis=0)]


@rule(np.linalg.norm, infer=_norm_type, at=_norm_samples())
class norm:
    """Norms of vectors and matrices; the derivative at zero is zero."""

    kink = KINKS["norm"].condition

    def jvp(x, ord=None, axis=None, keepdims=False, *, x_dot, y):
        form = norm_form(x, ord, axis)
        if form == "unknown":
            raise NotDifferentiable("the order and the axes of np.linalg.norm must be known at compile time")
        if axis is None or keepdims or is_total(x, axis):
            whole = y
        else:
            whole = y[kept_axes(axis, rank(x))]
        if form == "euclid":
            slope = conj(x)
        elif form == "count":
            slope = np.zeros_like(x)
        elif form == "sum":
            slope = np.sign(conj(x))
        elif form in ("max", "min"):
            hit = np.abs(x) == whole
            slope = np.sign(conj(x)) * hit / np.sum(hit, axis=axis, keepdims=True, dtype=y.dtype)
        elif form == "power":
            slope = np.sign(conj(x)) * (np.abs(x) + (x == 0)) ** (ord - 1)
        elif form in ("columns max", "columns min"):
            totals = np.sum(np.abs(x), axis=nth(x, axis, 0), keepdims=True)
            hit = totals == np.reshape(whole, np.shape(np.sum(totals, axis=nth(x, axis, 1), keepdims=True)))
            slope = np.sign(conj(x)) * hit / np.sum(hit, axis=nth(x, axis, 1), keepdims=True, dtype=y.dtype)
        elif form in ("rows max", "rows min"):
            totals = np.sum(np.abs(x), axis=nth(x, axis, 1), keepdims=True)
            hit = totals == np.reshape(whole, np.shape(np.sum(totals, axis=nth(x, axis, 0), keepdims=True)))
            slope = np.sign(conj(x)) * hit / np.sum(hit, axis=nth(x, axis, 0), keepdims=True, dtype=y.dtype)
        else:
            if at_end(x, axis):
                factors = np.linalg.svd(x, False)
            else:
                factors = np.linalg.svd(np.moveaxis(x, matrix_axes(x, axis), (-2, -1)), False)
            if form == "largest":
                outer = factors[0][..., :, :1] * factors[2][..., :1, :]
            elif form == "smallest":
                outer = factors[0][..., :, -1:] * factors[2][..., -1:, :]
            else:
                outer = factors[0] @ factors[2]
            if at_end(x, axis):
                slope = conj(outer)
            else:
                slope = np.moveaxis(conj(outer), (-2, -1), matrix_axes(x, axis))
        product = np.real(slope * x_dot)
        if axis is None and keepdims:
            summed = np.reshape(np.sum(product), y.shape)
        elif axis is None:
            summed = np.sum(product)
        elif keepdims:
            summed = np.sum(product, axis=axis, keepdims=True)
        else:
            summed = np.sum(product, axis=axis)
        if form == "euclid":
            return summed / (y + (y == 0.0))
        if form == "power":
            return summed / (y + (y == 0.0)) ** (ord - 1)
        return summed

    def vjp(x, ord=None, axis=None, keepdims=False, *, y, y_bar):
        form = norm_form(x, ord, axis)
        if form == "unknown":
            raise NotDifferentiable("the order and the axes of np.linalg.norm must be known at compile time")
        if form == "euclid":
            share = y_bar / (y + (y == 0.0))
        elif form == "power":
            share = y_bar / (y + (y == 0.0)) ** (ord - 1)
        else:
            share = y_bar
        if axis is None or keepdims or is_total(x, axis):
            whole = y
            spread = share
        else:
            whole = y[kept_axes(axis, rank(x))]
            spread = share[kept_axes(axis, rank(x))]
        if form == "euclid":
            return spread * x
        if form == "count":
            return np.zeros_like(x)
        if form == "sum":
            return spread * np.sign(x)
        if form in ("max", "min"):
            hit = np.abs(x) == whole
            return spread * np.sign(x) * hit / np.sum(hit, axis=axis, keepdims=True, dtype=y.dtype)
        if form == "power":
            return spread * np.sign(x) * (np.abs(x) + (x == 0)) ** (ord - 1)
        if form in ("columns max", "columns min"):
            totals = np.sum(np.abs(x), axis=nth(x, axis, 0), keepdims=True)
            hit = totals == np.reshape(whole, np.shape(np.sum(totals, axis=nth(x, axis, 1), keepdims=True)))
            return spread * np.sign(x) * hit / np.sum(hit, axis=nth(x, axis, 1), keepdims=True, dtype=y.dtype)
        if form in ("rows max", "rows min"):
            totals = np.sum(np.abs(x), axis=nth(x, axis, 1), keepdims=True)
            hit = totals == np.reshape(whole, np.shape(np.sum(totals, axis=nth(x, axis, 0), keepdims=True)))
            return spread * np.sign(x) * hit / np.sum(hit, axis=nth(x, axis, 0), keepdims=True, dtype=y.dtype)
        if at_end(x, axis):
            factors = np.linalg.svd(x, False)
        else:
            factors = np.linalg.svd(np.moveaxis(x, matrix_axes(x, axis), (-2, -1)), False)
        if form == "largest":
            outer = factors[0][..., :, :1] * factors[2][..., :1, :]
        elif form == "smallest":
            outer = factors[0][..., :, -1:] * factors[2][..., -1:, :]
        else:
            outer = factors[0] @ factors[2]
        if at_end(x, axis):
            return spread * outer
        return spread * np.moveaxis(outer, (-2, -1), matrix_axes(x, axis))


# ---- factorisations -------------------------------------------------------------------------------
@static
def is_one_real_matrix(a: Any) -> bool:
    """Whether an operand is a single matrix of real numbers: what the factorisations are differentiated for."""
    dtype = dtype_of(a) if isinstance(a, Type) else np.asarray(a).dtype.name
    return rank(a) == 2 and kind_of(dtype) != "complex"


@lenient
def _cholesky_type(a: Type, upper: Any = None) -> Type:
    return Array(_inexact(a), shape_of(a))


@rule(np.linalg.cholesky, infer=_cholesky_type, at=[(_P,)])
class cholesky:
    """The lower triangular factor; only the lower triangle of `a` is read, so only there is a derivative."""

    def jvp(a, upper=False, *, a_dot, y):
        if upper or not is_one_real_matrix(a):
            raise NotDifferentiable(
                "np.linalg.cholesky is differentiated for single real matrices, lower factor"
            )
        inverse = np.linalg.inv(y)
        inner = inverse @ (np.tril(a_dot) + np.tril(a_dot, -1).T) @ inverse.T
        return y @ (np.tril(inner) - 0.5 * np.diag(np.diag(inner)))

    def vjp(a, upper=False, *, y, y_bar):
        if upper or not is_one_real_matrix(a):
            raise NotDifferentiable(
                "np.linalg.cholesky is differentiated for single real matrices, lower factor"
            )
        inverse = np.linalg.inv(y)
        inner = y.T @ y_bar
        outer = inverse.T @ (np.tril(inner) - 0.5 * np.diag(np.diag(inner))) @ inverse
        return np.tril(outer) + np.triu(outer, 1).T


@lenient
def _eigh_type(a: Type, UPLO: Any = None) -> Type:
    shape, dtype = shape_of(a), _inexact(a)
    values = None if shape is None else shape[:-1]
    return Sequence(EighResult, (Array(_magnitude(dtype), values), Array(dtype, shape)))


@rule(np.linalg.eigh, infer=_eigh_type, at=[(_P,), sample(_P, "U")])
class eigh:
    """Eigenvalues and eigenvectors of a symmetric matrix, of which one triangle is read."""

    def jvp(a, UPLO="L", *, a_dot, y):
        if not is_one_real_matrix(a):
            raise NotDifferentiable("np.linalg.eigh is differentiated for single real matrices")
        if UPLO == "L":
            symmetric = np.tril(a_dot) + np.tril(a_dot, -1).T
        else:
            symmetric = np.triu(a_dot) + np.triu(a_dot, 1).T
        inner = y[1].T @ symmetric @ y[1]
        values_dot = np.copy(np.diag(inner))
        mixed = inner - np.diag(values_dot)
        gaps = y[0] - y[0][:, None]
        # a value that comes twice has no vectors of its own: harmless where they are not mixed
        return EighResult(values_dot, y[1] @ (mixed / np.where((gaps == 0.0) & (mixed == 0.0), 1.0, gaps)))

    def vjp(a, UPLO="L", *, y, y_bar):
        if not is_one_real_matrix(a):
            raise NotDifferentiable("np.linalg.eigh is differentiated for single real matrices")
        inner = y[1].T @ y_bar[1]
        mixed = inner - np.diag(np.diag(inner))
        gaps = y[0] - y[0][:, None]
        mixed = mixed / np.where((gaps == 0.0) & (mixed == 0.0), 1.0, gaps)
        outer = y[1] @ (np.diag(y_bar[0]) + mixed) @ y[1].T
        if UPLO == "L":
            return np.tril(outer) + np.triu(outer, 1).T
        return np.triu(outer) + np.tril(outer, -1).T


@lenient
def _eigvalsh_type(a: Type, UPLO: Any = None) -> Type:
    shape = shape_of(a)
    return Array(_magnitude(_inexact(a)), None if shape is None else shape[:-1])


@rule(np.linalg.eigvalsh, infer=_eigvalsh_type, at=[(_P,), sample(_P, UPLO="U")])
class eigvalsh:
    """Eigenvalues of a symmetric matrix."""

    def jvp(a, UPLO="L", *, a_dot):
        if not is_one_real_matrix(a):
            raise NotDifferentiable("np.linalg.eigvalsh is differentiated for single real matrices")
        vectors = np.linalg.eigh(a, UPLO)[1]
        if UPLO == "L":
            symmetric = np.tril(a_dot) + np.tril(a_dot, -1).T
        else:
            symmetric = np.triu(a_dot) + np.triu(a_dot, 1).T
        return np.sum(vectors * (symmetric @ vectors), axis=0)

    def vjp(a, UPLO="L", *, y_bar):
        if not is_one_real_matrix(a):
            raise NotDifferentiable("np.linalg.eigvalsh is differentiated for single real matrices")
        vectors = np.linalg.eigh(a, UPLO)[1]
        outer = vectors * y_bar @ vectors.T
        if UPLO == "L":
            return np.tril(outer) + np.triu(outer, 1).T
        return np.triu(outer) + np.tril(outer, -1).T


def _lesser(p: Size, q: Size) -> Size:
    if isinstance(p, int) and isinstance(q, int):
        return min(p, q)
    return p if p == q else Dim(f"min({p},{q})")


@lenient
def _qr_type(a: Type, mode: Any = None) -> Type:
    shape, dtype = shape_of(a), _inexact(a)
    if static_axis(mode, "reduced") != "reduced" or shape is None:
        unknown = Array(dtype, None)
        return unknown if static_axis(mode, "reduced") == "r" else Sequence(QRResult, (unknown, unknown))
    least = _lesser(shape[-2], shape[-1])
    return Sequence(
        QRResult, (Array(dtype, (*shape[:-1], least)), Array(dtype, (*shape[:-2], least, shape[-1])))
    )


@rule(np.linalg.qr, infer=_qr_type, at=[(_S,), (_M.T,)])
class qr:
    """Orthogonal and triangular factor of a matrix with at least as many rows as columns."""

    def jvp(a, mode="reduced", *, a_dot, y):
        if mode != "reduced" or not is_one_real_matrix(a):
            raise NotDifferentiable(
                "np.linalg.qr is differentiated for single real matrices and mode='reduced'"
            )
        scaled = np.linalg.solve(y[1].T, a_dot.T).T
        inner = y[0].T @ scaled
        turn = np.tril(inner, -1) - np.tril(inner, -1).T
        return QRResult(scaled + y[0] @ (turn - inner), (inner - turn) @ y[1])

    def vjp(a, mode="reduced", *, y, y_bar):
        if mode != "reduced" or not is_one_real_matrix(a):
            raise NotDifferentiable(
                "np.linalg.qr is differentiated for single real matrices and mode='reduced'"
            )
        inner = y[1] @ y_bar[1].T - y_bar[0].T @ y[0]
        symmetric = np.tril(inner) + np.tril(inner, -1).T
        return np.linalg.solve(y[1], (y_bar[0] + y[0] @ symmetric).T).T


@lenient
def _svd_type(
    a: Type, full_matrices: Type | None = None, compute_uv: Type | None = None, hermitian: Any = None
) -> Type:
    shape, dtype = shape_of(a), _inexact(a)
    full, vectors = static_axis(full_matrices, True), static_axis(compute_uv, True)
    least: Shape | None = None if shape is None else (*shape[:-2], _lesser(shape[-2], shape[-1]))
    values = Array(_magnitude(dtype), least)
    if not vectors:
        return values
    if shape is None or least is None:
        return Sequence(SVDResult, (Array(dtype, None), values, Array(dtype, None)))
    left, right = (shape[-2], shape[-1]) if full else (least[-1], least[-1])
    u, v = Array(dtype, (*shape[:-1], left)), Array(dtype, (*shape[:-2], right, shape[-1]))
    return Sequence(SVDResult, (u, values, v))


@rule(
    np.linalg.svd, infer=_svd_type,
    at=[sample(_S, False), sample(_M, False), sample(_M.T, full_matrices=False), sample(_M, compute_uv=False)],
)  # fmt: skip
class svd:
    """Singular values and vectors; the vectors of the reduced form only."""

    def jvp(a, full_matrices=True, compute_uv=True, hermitian=False, *, a_dot, y):
        if not is_one_real_matrix(a) or (full_matrices and compute_uv):
            raise NotDifferentiable("np.linalg.svd: single real matrices, full_matrices=False only")
        if not compute_uv:
            factors = np.linalg.svd(a, False)
            return np.sum(factors[0] * (a_dot @ factors[2].T), axis=0)
        u, s, v = y[0], y[1], y[2].T
        inner = u.T @ a_dot @ v
        s_dot = np.copy(np.diag(inner))
        off = inner - np.diag(s_dot)
        gaps = s * s - (s * s)[:, None]
        gaps = np.where((gaps == 0.0) & (off == 0.0) & (off.T == 0.0), 1.0, gaps)
        u_dot = u @ ((off * s + s[:, None] * off.T) / gaps) + (a_dot @ v - u @ inner) / s
        v_dot = v @ ((s[:, None] * off + off.T * s) / gaps) + (a_dot.T @ u - v @ inner.T) / s
        return SVDResult(u_dot, s_dot, v_dot.T)

    def vjp(a, full_matrices=True, compute_uv=True, hermitian=False, *, y, y_bar):
        if not is_one_real_matrix(a) or (full_matrices and compute_uv):
            raise NotDifferentiable("np.linalg.svd: single real matrices, full_matrices=False only")
        if not compute_uv:
            factors = np.linalg.svd(a, False)
            return factors[0] * y_bar @ factors[2]
        u, s, v = y[0], y[1], y[2].T
        u_bar, v_bar = y_bar[0], y_bar[2].T
        left, right = u.T @ u_bar, v.T @ v_bar
        mixed = (left - left.T) * s + s[:, None] * (right - right.T)
        gaps = s * s - (s * s)[:, None]
        inner = mixed / np.where((gaps == 0.0) & (mixed == 0.0), 1.0, gaps) + np.diag(y_bar[1])
        return u @ inner @ v.T + (u_bar - u @ left) / s @ v.T + u / s @ (v_bar - v @ right).T


__all__ = ["norm_form"]
