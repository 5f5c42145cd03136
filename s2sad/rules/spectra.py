"""Fourier transforms: linear, and their transposes are the inverse transforms with the scale on the other side."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2sad.rules.fresh import fresh_dim
from s2sad.rules.probe import probe
from s2sad.rules.record import linear, sample, static
from s2sad.rules.samples import array
from s2sad.rules.sizes import dtype_of, lenient, shape_of, strong, to_shape
from s2sad.runtime.spectra import fitted, scale_pairs
from s2sad.signature import NO_VALUE, Array, Dim, Size, Static, Type, static_value

_Z = array((5,)) + 1j * array((5,), shift=0.4)
_ZZ = array((3, 4)) + 1j * array((3, 4), shift=0.4)
_X, _XX = array((5,)), array((3, 4))


# ---- static facts ---------------------------------------------------------------------------------
@static
def transposed_norm(norm: str | None) -> str | None:
    """The `norm` of the transposed transform.

    >>> transposed_norm(None), transposed_norm("ortho"), transposed_norm("forward")
    ('forward', 'ortho', 'backward')
    """
    if isinstance(norm, Type):
        raise TypeError("known at run time only")
    return {"forward": "backward", "ortho": "ortho"}.get(norm or "backward", "forward")


@static
def last_axes(s: Any) -> tuple[int, ...]:
    """The axes that a transform runs over which is given sizes only.

    >>> last_axes((4, 4))
    (-2, -1)
    """
    count = len(s) if not isinstance(s, Type) else (shape_of(s) or (None,))[0]
    if not isinstance(count, int):
        raise TypeError("known at run time only")
    return tuple(range(-count, 0))


@static
def is_last(axis: Any) -> bool:
    """Whether an axis is the last one, which is the default."""
    return isinstance(axis, int) and axis == -1


# ---- types ----------------------------------------------------------------------------------------
def _dtype(function: Any, a: Type) -> str:
    tried = probe(function, [Array(strong(dtype_of(a)), (2, 2))], {})
    return tried.dtype if isinstance(tried, Array) else "complex128"


def _sized(a: Type, lengths: dict[int, Size] | None, dtype: str) -> Type:
    """The type of a result, by the lengths of the axes that a transform changes."""
    shape = shape_of(a)
    if shape is None or lengths is None:
        return Array(dtype, shape and tuple(fresh_dim("fft") for _ in shape))
    sizes = list(shape)
    for axis, size in lengths.items():
        sizes[axis] = size
    return Array(dtype, tuple(sizes))


def _along_one(function: Any) -> Any:
    """The type of a transform along one axis; `n` is the length of what is transformed, or of the result."""

    @lenient
    def infer(
        a: Type,
        n: Type = Static(None),
        axis: Type = Static(-1),
        norm: Type = Static(None),
        out: Type = Static(None),
    ) -> Type:
        dtype, along, count = _dtype(function, a), static_value(axis), static_value(n)
        if along is NO_VALUE:
            return _sized(a, None, dtype)
        if function in (np.fft.fft, np.fft.ifft) and count is None:
            return Array(dtype, shape_of(a))
        (size,) = (fresh_dim("fft"),) if count is None else to_shape(n, "fft") or (fresh_dim("fft"),)
        if function is np.fft.rfft:
            shape = shape_of(a)
            size = _half(size if count is not None or shape is None else shape[along])
        return _sized(a, {along: size}, dtype)

    return infer


def _half(size: Size) -> Size:
    """The length of half a spectrum; equal symbols are equal sizes."""
    return size // 2 + 1 if isinstance(size, int) else Dim(f"({size}//2+1)")


@lenient
def _along_several(
    a: Type,
    s: Type = Static(None),
    axes: Type = Static(None),
    norm: Type = Static(None),
    out: Type = Static(None),
) -> Type:
    dtype = _dtype(np.fft.fftn, a)
    return Array(dtype, shape_of(a)) if static_value(s) is None else _sized(a, None, dtype)


@lenient
def _as_before(a: Type, *rest: Type, **options: Type) -> Type:
    return Array(strong(dtype_of(a)), shape_of(a))


# ---- one axis -------------------------------------------------------------------------------------
_ONE = [
    sample(_Z), sample(_X), sample(_ZZ, axis=0), sample(_XX, norm="ortho"), sample(_Z, norm="forward"),
    sample(_Z, 7), sample(_ZZ, 2, axis=0), sample(_ZZ, 6, -1, "ortho"),
]  # fmt: skip


@linear(np.fft.fft, at=_ONE, infer=_along_one(np.fft.fft))
def fft(a, n=None, axis=-1, norm=None, out=None, *, y_bar):
    if is_last(axis):
        a_bar = np.fft.ifft(y_bar, norm=transposed_norm(norm))
    else:
        a_bar = np.fft.ifft(y_bar, axis=axis, norm=transposed_norm(norm))
    if n is None:
        return a_bar
    return fitted(a_bar, a.shape)


@linear(np.fft.ifft, at=_ONE, infer=_along_one(np.fft.ifft))
def ifft(a, n=None, axis=-1, norm=None, out=None, *, y_bar):
    if is_last(axis):
        a_bar = np.fft.fft(y_bar, norm=transposed_norm(norm))
    else:
        a_bar = np.fft.fft(y_bar, axis=axis, norm=transposed_norm(norm))
    if n is None:
        return a_bar
    return fitted(a_bar, a.shape)


@linear(
    np.fft.rfft, infer=_along_one(np.fft.rfft),
    at=[sample(_X), sample(array((6,))), sample(_XX, axis=0), sample(_XX, norm="ortho"), sample(_X, norm="forward"),
        sample(_X, 8), sample(_XX, 3), sample(_XX, 2, 0, "ortho")],
)  # fmt: skip
def rfft(a, n=None, axis=-1, norm=None, out=None, *, y_bar):
    if n is None:
        size = a.shape[axis]
    else:
        size = n
    halves = scale_pairs(y_bar, size, axis, 0.5)
    if is_last(axis):
        a_bar = np.fft.irfft(halves, size, norm=transposed_norm(norm))
    else:
        a_bar = np.fft.irfft(halves, size, axis=axis, norm=transposed_norm(norm))
    if n is None:
        return a_bar
    return fitted(a_bar, a.shape)


@linear(
    np.fft.irfft, infer=_along_one(np.fft.irfft),
    at=[sample(_Z), sample(_Z, 9), sample(_X), sample(_ZZ, axis=0), sample(_ZZ, norm="ortho"),
        sample(_Z, norm="forward"), sample(_Z, 14), sample(_ZZ, 3), sample(_ZZ, 2, 0, "ortho")],
)  # fmt: skip
def irfft(a, n=None, axis=-1, norm=None, out=None, *, y_bar):
    if is_last(axis):
        halves = np.fft.rfft(y_bar, norm=transposed_norm(norm))
    else:
        halves = np.fft.rfft(y_bar, axis=axis, norm=transposed_norm(norm))
    if n is None:
        return scale_pairs(halves, y_bar.shape[axis], axis, 2.0)
    return fitted(scale_pairs(halves, n, axis, 2.0), a.shape)


# ---- several axes ---------------------------------------------------------------------------------
_SEVERAL = [
    sample(_ZZ),
    sample(_XX, norm="ortho"),
    sample(_ZZ, axes=(0,)),
    sample(_ZZ, (2, 5), (0, 1), "forward"),
]


@linear(np.fft.fftn, at=[*_SEVERAL, sample(_Z), sample(_Z, (7,))], infer=_along_several)
def fftn(a, s=None, axes=None, norm=None, out=None, *, y_bar):
    if s is None and axes is None:
        return np.fft.ifftn(y_bar, norm=transposed_norm(norm))
    if s is None:
        return np.fft.ifftn(y_bar, axes=axes, norm=transposed_norm(norm))
    if axes is None:
        return fitted(np.fft.ifftn(y_bar, axes=last_axes(s), norm=transposed_norm(norm)), a.shape)
    return fitted(np.fft.ifftn(y_bar, axes=axes, norm=transposed_norm(norm)), a.shape)


@linear(np.fft.ifftn, at=[*_SEVERAL, sample(_Z), sample(_Z, (7,))], infer=_along_several)
def ifftn(a, s=None, axes=None, norm=None, out=None, *, y_bar):
    if s is None and axes is None:
        return np.fft.fftn(y_bar, norm=transposed_norm(norm))
    if s is None:
        return np.fft.fftn(y_bar, axes=axes, norm=transposed_norm(norm))
    if axes is None:
        return fitted(np.fft.fftn(y_bar, axes=last_axes(s), norm=transposed_norm(norm)), a.shape)
    return fitted(np.fft.fftn(y_bar, axes=axes, norm=transposed_norm(norm)), a.shape)


@linear(np.fft.fft2, at=_SEVERAL, infer=_along_several)
def fft2(a, s=None, axes=(-2, -1), norm=None, out=None, *, y_bar):
    if s is None:
        return np.fft.ifft2(y_bar, axes=axes, norm=transposed_norm(norm))
    return fitted(np.fft.ifft2(y_bar, axes=axes, norm=transposed_norm(norm)), a.shape)


@linear(np.fft.ifft2, at=_SEVERAL, infer=_along_several)
def ifft2(a, s=None, axes=(-2, -1), norm=None, out=None, *, y_bar):
    if s is None:
        return np.fft.fft2(y_bar, axes=axes, norm=transposed_norm(norm))
    return fitted(np.fft.fft2(y_bar, axes=axes, norm=transposed_norm(norm)), a.shape)


# ---- shifts, and the helpers above ----------------------------------------------------------------
_SHIFTS = [sample(_Z), sample(_X), sample(_ZZ, 0), sample(_XX, axes=(0, 1)), sample(_XX)]


@linear(np.fft.fftshift, at=_SHIFTS, infer=_as_before)
def fftshift(x, axes=None, *, y_bar):
    return np.fft.ifftshift(y_bar, axes)


@linear(np.fft.ifftshift, at=_SHIFTS, infer=_as_before)
def ifftshift(x, axes=None, *, y_bar):
    return np.fft.fftshift(y_bar, axes)


@lenient
def _fitted_type(a: Type, shape: Type) -> Type:
    return Array(strong(dtype_of(a)), to_shape(shape, "fft"))


@linear(fitted, at=[sample(_Z, (7,)), sample(_XX, (2, 6)), sample(_XX, (3, 4))], infer=_fitted_type)
def fitted_(array, shape, *, y_bar):
    return fitted(y_bar, array.shape)


@linear(
    scale_pairs, infer=_as_before,
    at=[sample(_Z, 9, 0, 2.0), sample(_Z, 8, -1, 0.5), sample(_ZZ, 5, 0, 2.0)],
)  # fmt: skip
def scale_pairs_(half, n, axis, factor, *, y_bar):
    return scale_pairs(y_bar, n, axis, factor)
