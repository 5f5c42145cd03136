"""Transposes of NumPy functions that NumPy itself has no name for: emitted code calls these, and each has a rule.

All of them take the cotangent first and leave their arguments unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def unbroadcast(wide: Any, like: Any) -> Any:
    """Sum over the dimensions that broadcasting `like` to the shape of `wide` stretched.

    Parameters
    ----------
    wide : array
        Values in the shape of a broadcast result.
    like : array or number
        The operand; only its shape matters.

    Returns
    -------
    array or number
        Sums in the shape of `like`.

    Examples
    --------
    >>> unbroadcast(np.ones((2, 3)), np.zeros((1, 3)))
    array([[2., 2., 2.]])
    """
    try:
        if wide.shape == like.shape:
            return wide
    except AttributeError:
        pass  # Python's own numbers have no shape
    shape = np.shape(like)
    if np.shape(wide) == shape:
        return wide
    extra = np.ndim(wide) - len(shape)
    if extra < 0:
        if any(size != 1 for size in shape[:-extra]):  # a broadcastable cotangent, spread out
            return np.broadcast_to(wide, shape)
        # what was stored in a place of fewer axes
        return np.reshape(unbroadcast(wide, np.empty(shape[-extra:])), shape)
    sizes = np.shape(wide)[extra:]
    stretched = [extra + k for k, size in enumerate(shape) if size == 1 and sizes[k] != 1]
    if any(size not in (1, sizes[k]) and sizes[k] != 1 for k, size in enumerate(shape)):
        raise ValueError(f"a cotangent of shape {np.shape(wide)} for an operand of shape {shape}")
    summed = np.sum(wide, axis=(*range(extra), *stretched))
    kept = [1 if size == 1 else sizes[k] for k, size in enumerate(shape)]
    return np.reshape(summed, kept) if shape else summed


def split_like(whole: Any, parts: Sequence[Any], axis: int | None = 0) -> list[Any]:
    """Cut an array where `np.concatenate(parts, axis)` joined it.

    Parameters
    ----------
    whole : array
        What is cut.
    parts : sequence of arrays
        Arrays with the shapes of the pieces.
    axis : int or None
        The axis of the concatenation; None where the parts were flattened first.

    Returns
    -------
    list of arrays
        Copies of the pieces.

    Examples
    --------
    >>> split_like(np.arange(3), [np.zeros(1), np.zeros(2)])
    [array([0]), array([1, 2])]
    """
    if axis is None:
        ends = np.cumsum([np.size(part) for part in parts])[:-1]
        return [np.reshape(piece, np.shape(part)).copy() for piece, part in zip(np.split(whole, ends), parts)]
    ends = np.cumsum([np.shape(part)[axis] for part in parts])[:-1]
    return [piece.copy() for piece in np.split(whole, ends, axis)]


def numbers_of(whole: Any) -> list[Any]:
    """The items of an array of one dimension as Python's own numbers.

    Examples
    --------
    >>> numbers_of(np.array([1.0, 2.0]))
    [1.0, 2.0]
    """
    return whole.tolist()  # type: ignore[no-any-return]


def unstack(whole: Any, axis: int = 0) -> list[Any]:
    """Take an array apart along an axis: what `np.stack` put together.

    Parameters
    ----------
    whole : array
        What is taken apart.
    axis : int
        The axis that goes away.

    Returns
    -------
    list of arrays or numbers
        Copies of the items.

    Examples
    --------
    >>> unstack(np.eye(2))
    [array([1., 0.]), array([0., 1.])]
    """
    return [item.copy() for item in np.moveaxis(whole, axis, 0)]


def embed_diagonal(
    diagonal: Any, shape: Sequence[int], offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Any:
    """Zeros but for one diagonal: the transpose of `np.diagonal`.

    Parameters
    ----------
    diagonal : array
        The diagonal's elements, along the last axis.
    shape : sequence of int
        Shape of the result.
    offset, axis1, axis2 : int
        As for `np.diagonal`.

    Returns
    -------
    array

    Examples
    --------
    >>> embed_diagonal(np.array([1.0, 2.0]), (2, 3), 1)
    array([[0., 1., 0.],
           [0., 0., 2.]])
    """
    out = np.zeros(shape, np.asarray(diagonal).dtype)
    moved = np.moveaxis(out, (axis1, axis2), (-2, -1))
    k = np.arange(np.shape(diagonal)[-1])
    moved[..., k + max(-offset, 0), k + max(offset, 0)] = diagonal
    return out


def scatter(values: Any, index: Any, shape: Sequence[int]) -> Any:
    """Zeros with `values` added at `index`: the transpose of ``a[index]``.

    Parameters
    ----------
    values : array
        What is added; where the index repeats, terms accumulate.
    index : index
        Anything that may stand between brackets.
    shape : sequence of int
        Shape of the result.

    Returns
    -------
    array

    Examples
    --------
    >>> scatter(np.array([1.0, 2.0, 3.0]), np.array([0, 2, 0]), (3,))
    array([4., 0., 2.])
    """
    out = np.zeros(shape, np.asarray(values).dtype)
    np.add.at(out, index, values)
    return out


def untake(
    values: Any, indices: Any, shape: Sequence[int], axis: int | None = None, mode: Any = "raise"
) -> Any:
    """Zeros with `values` added where `np.take` would read: its transpose.

    Parameters
    ----------
    values : array
        What is added.
    indices, axis, mode
        As for `np.take`.
    shape : sequence of int
        Shape of the result.

    Returns
    -------
    array

    Examples
    --------
    >>> untake(np.array([1.0, 2.0]), [1, 1], (2, 2))
    array([[0., 3.],
           [0., 0.]])
    """
    out = np.zeros(shape, np.asarray(values).dtype)
    if axis is None or not out.ndim:
        places = np.take(np.arange(out.size), indices, mode=mode)
        np.add.at(out.reshape(-1), places, values)
        return out
    axis %= out.ndim
    places = np.take(np.arange(out.shape[axis]), indices, mode=mode)
    np.add.at(out, (slice(None),) * axis + (places,), values)
    return out


def scatter_along(values: Any, indices: Any, shape: Sequence[int], axis: int | None = -1) -> Any:
    """Zeros with `values` added where `np.take_along_axis` would read: its transpose.

    Parameters
    ----------
    values : array
        What is added.
    indices, axis
        As for `np.take_along_axis`.
    shape : sequence of int
        Shape of the result.

    Returns
    -------
    array

    Examples
    --------
    >>> scatter_along(np.array([[1.0], [2.0]]), np.array([[1], [0]]), (2, 2), 1)
    array([[0., 1.],
           [2., 0.]])
    """
    out = np.zeros(shape, np.asarray(values).dtype)
    if axis is None:
        np.add.at(out.reshape(-1), indices, values)
        return out
    axis %= out.ndim
    grid = [np.arange(size).reshape((-1,) + (1,) * (out.ndim - 1 - k)) for k, size in enumerate(out.shape)]
    grid[axis] = np.asarray(indices)
    np.add.at(out, tuple(grid), values)
    return out


def untile(tiled: Any, shape: Sequence[int], reps: int | Sequence[int]) -> Any:
    """Sum over the copies that `np.tile` made.

    Parameters
    ----------
    tiled : array
        Values in the shape of the tiled array.
    shape : sequence of int
        Shape of the tile.
    reps : int or sequence of int
        As for `np.tile`.

    Returns
    -------
    array

    Examples
    --------
    >>> untile(np.array([1.0, 2.0, 3.0, 4.0]), (2,), 2)
    array([4., 6.])
    """
    counts = tuple(int(count) for count in np.atleast_1d(reps))
    rank = max(len(shape), len(counts))
    counts = (1,) * (rank - len(counts)) + counts
    sizes = (1,) * (rank - len(shape)) + tuple(shape)
    pairs = [size for pair in zip(counts, sizes) for size in pair]
    return np.reshape(np.sum(np.reshape(tiled, pairs), axis=tuple(range(0, 2 * rank, 2))), shape)


def unrepeat(repeated: Any, repeats: Any, shape: Sequence[int], axis: int | None = None) -> Any:
    """Sum over the copies that `np.repeat` made.

    Parameters
    ----------
    repeated : array
        Values in the shape of the repeated array.
    repeats, axis
        As for `np.repeat`.
    shape : sequence of int
        Shape of the array that was repeated.

    Returns
    -------
    array

    Examples
    --------
    >>> unrepeat(np.array([1.0, 2.0, 3.0]), [1, 2], (2,))
    array([1., 5.])
    """
    count = int(np.prod(shape)) if axis is None else shape[axis]
    return untake(repeated, np.repeat(np.arange(count), repeats), shape, axis)


def unpad(padded: Any, shape: Sequence[int], pad_width: Any, mode: str = "constant", **options: Any) -> Any:
    """Sum over the copies that `np.pad` made; constants are dropped.

    Parameters
    ----------
    padded : array
        Values in the shape of the padded array.
    shape : sequence of int
        Shape of the array that was padded.
    pad_width, mode
        As for `np.pad`; `mode` is one that copies elements (``edge``, ``wrap``, ``reflect``, ``symmetric``) or
        ``constant``.
    **options
        What else `np.pad` takes.

    Returns
    -------
    array

    Examples
    --------
    >>> unpad(np.ones(5), (3,), 1, "edge")
    array([2., 1., 2.])
    """
    if mode == "constant":
        widths = np.broadcast_to(pad_width, (len(shape), 2))
        return padded[tuple(slice(before, before + size) for (before, _), size in zip(widths, shape))]
    places = np.pad(np.arange(int(np.prod(shape))).reshape(shape), pad_width, mode, **options)  # type: ignore[call-overload]
    return untake(padded, places, shape)


def undiff(differences: Any, n: int = 1, axis: int = -1) -> Any:
    """The transpose of `np.diff`.

    Parameters
    ----------
    differences : array
        Values in the shape of the differences.
    n, axis : int
        As for `np.diff`.

    Returns
    -------
    array

    Examples
    --------
    >>> undiff(np.array([1.0, 3.0]))
    array([-1., -2.,  3.])
    """
    differences = np.asarray(differences)
    edge = np.zeros_like(differences, shape=[1 if k == axis % differences.ndim else size
                                             for k, size in enumerate(differences.shape)])  # fmt: skip
    for _ in range(n):
        differences = -np.diff(differences, axis=axis, prepend=edge, append=edge)
    return differences


def flattened(array: Any, order: str = "C") -> Any:
    """A copy of an array in one dimension: the method `flatten`.

    Parameters
    ----------
    array : array
        Any array.
    order : str
        As for `np.ravel`.

    Returns
    -------
    array

    Examples
    --------
    >>> flattened(np.eye(2))
    array([1., 0., 0., 1.])
    """
    return np.array(np.ravel(array, order=order))  # type: ignore[call-overload]


def middle(whole: Any, m: int, n: int, mode: str) -> Any:
    """What ``np.convolve`` keeps of a whole convolution.

    Parameters
    ----------
    whole : array
        A convolution of sequences of lengths `m` and `n` in the mode ``"full"``.
    m, n : int
        The lengths.
    mode : {"full", "same", "valid"}
        What is kept.

    Returns
    -------
    array

    Examples
    --------
    >>> middle(np.arange(4.0), 3, 2, "same"), middle(np.arange(4.0), 3, 2, "valid")
    (array([0., 1., 2.]), array([1., 2.]))
    """
    start, stop = _kept(m, n, mode)
    return whole[start:stop].copy()


def uncut(part: Any, m: int, n: int, mode: str) -> Any:
    """What `middle` kept, put back among zeros: its transpose.

    Examples
    --------
    >>> uncut(np.array([5.0, 6.0]), 3, 2, "valid")
    array([0., 5., 6., 0.])
    """
    start, stop = _kept(m, n, mode)
    whole = np.zeros_like(part, shape=m + n - 1)
    whole[start:stop] = part
    return whole


def _kept(m: int, n: int, mode: str) -> tuple[int, int]:
    """Where the middle of a whole convolution begins and ends."""
    short, long = min(m, n), max(m, n)
    if mode == "same":
        return (short - 1) // 2, (short - 1) // 2 + long
    return (short - 1, long) if mode == "valid" else (0, m + n - 1)


def kron_first(blocks: Any, second: Any, shape: Sequence[int]) -> Any:
    """Sum over the blocks of a Kronecker product, each times the second operand: transpose in the first one.

    Parameters
    ----------
    blocks : array
        Values in the shape of ``np.kron(first, second)``.
    second : array
        The second operand.
    shape : sequence of int
        Shape of the first operand.

    Returns
    -------
    array

    Examples
    --------
    >>> kron_first(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 10.0]), (2,))
    array([21., 43.])
    """
    rank = max(len(shape), np.ndim(second))
    outer, inner = _padded(shape, rank), _padded(np.shape(second), rank)
    paired = np.reshape(blocks, [size for pair in zip(outer, inner) for size in pair])
    spread = np.reshape(second, [size for n in inner for size in (1, n)])
    return np.reshape(np.sum(paired * spread, axis=tuple(range(1, 2 * rank, 2))), shape)


def kron_second(blocks: Any, first: Any, shape: Sequence[int]) -> Any:
    """Sum of the blocks of a Kronecker product, each times its element of the first operand.

    Parameters
    ----------
    blocks : array
        Values in the shape of ``np.kron(first, second)``.
    first : array
        The first operand.
    shape : sequence of int
        Shape of the second operand.

    Returns
    -------
    array

    Examples
    --------
    >>> kron_second(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 10.0]), (2,))
    array([31., 42.])
    """
    rank = max(len(shape), np.ndim(first))
    outer, inner = _padded(np.shape(first), rank), _padded(shape, rank)
    paired = np.reshape(blocks, [size for pair in zip(outer, inner) for size in pair])
    spread = np.reshape(first, [size for n in outer for size in (n, 1)])
    return np.reshape(np.sum(paired * spread, axis=tuple(range(0, 2 * rank, 2))), shape)


def _padded(shape: Sequence[int], rank: int) -> tuple[int, ...]:
    return (1,) * (rank - len(shape)) + tuple(shape)


def last_write(array: Any, index: Any) -> Any:
    """Which of the values that ``array[index] = values`` stores stay: with a repeated index, the last one.

    Parameters
    ----------
    array : array
        What is written to; only its shape matters.
    index : index
        Any index.

    Returns
    -------
    array of bool
        True for each value that is there afterwards, in the shape of ``array[index]``.

    Examples
    --------
    >>> last_write(np.zeros(3), np.array([1, 1, 2]))
    array([False,  True,  True])
    """
    shape = np.shape(array[index])
    order = np.arange(int(np.prod(shape))).reshape(shape)
    seen = np.empty(np.shape(array), dtype=order.dtype)
    seen[index] = order
    return seen[index] == order
