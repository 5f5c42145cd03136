"""The batched form of each primitive: it is taken, and gives what one direction at a time gives."""

import numpy as np
import pytest

from s2sad import jacfwd, jacrev, jvp

M = np.array([[1.0, -2.0, 0.5], [0.3, 0.8, -1.1]])
S = np.array([[2.0, 0.3, 0.1], [0.4, 3.0, -0.2], [0.0, 0.5, 1.5]])
T = np.arange(12.0).reshape(2, 3, 2) / 7.0
V = np.array([0.5, -1.5, 2.0])
X = np.array([0.7, 0.2, -0.4])
Y = np.array([[0.1, 0.9, -0.3], [1.2, -0.6, 0.4]])
I = np.array([2, 0, 2])  # noqa: E741

OF_A_VECTOR = {
    "sum": lambda x: np.sum(x),
    "mean": lambda x: np.mean(x * V),
    "cumsum": lambda x: np.cumsum(x),
    "flip": lambda x: np.flip(x) * V,
    "roll": lambda x: np.roll(x, 1),
    "diff": lambda x: np.diff(x),
    "scalar times array": lambda x: x[0] * M,
    "array times scalar": lambda x: x * x[1],
    "none in an index": lambda x: x[:, None] * V,
    "ellipsis": lambda x: x[..., None] + M.T,
    "integer array": lambda x: x[I],
    "mask": lambda x: x[V > 0.0],
    "array": lambda x: np.array([x[0], 2.0, x[2] * x[1]]),
    "array of rows": lambda x: np.array([[x[0], 0.0], [x[1], x[2]]]),
    "reshape": lambda x: np.reshape(x, (3, 1)),
    "ravel": lambda x: np.ravel(np.outer(x, V)),
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 3)) * M,
    "full": lambda x: np.full((2, 2), x[0]),
    "concatenate": lambda x: np.concatenate((x, V, x[:1])),
    "stack": lambda x: np.stack([x, V]),
    "stack, last": lambda x: np.stack([x, V], axis=-1),
    "split": lambda x: np.split(x, 3)[1],
    "where": lambda x: np.where(V > 0.0, x, 2.0 * x[0]),
    "take": lambda x: np.take(x, I),
    "repeat": lambda x: np.repeat(x, 2),
    "pad": lambda x: np.pad(x, 1),
    "matrix times vector": lambda x: M @ x,
    "vector times matrix": lambda x: x @ S,
    "vector times vector": lambda x: V @ x,
    "dot": lambda x: np.dot(S, x),
    "outer, first": lambda x: np.outer(x, V),
    "outer, second": lambda x: np.outer(V, x),
    "einsum": lambda x: np.einsum("ij,j->i", M, x),
    "solve": lambda x: np.linalg.solve(S, x),
    "negative": lambda x: -x + V,
    "power": lambda x: x**3,
    "expand_dims": lambda x: np.expand_dims(x, 0),
    "astype": lambda x: x.astype(np.float64) * 2.0,
    "copy": lambda x: x.copy() * V,
}
OF_A_MATRIX = {
    "sum of all": lambda x: np.sum(x),
    "sum of an axis": lambda x: np.sum(x, axis=0),
    "sum of the last": lambda x: np.sum(x, axis=-1),
    "sum of both": lambda x: np.sum(x, axis=(0, 1)),
    "sum that keeps": lambda x: np.sum(x, axis=1, keepdims=True),
    "mean": lambda x: np.mean(x, axis=0),
    "cumsum": lambda x: np.cumsum(x, axis=1),
    "transpose": lambda x: x.T @ M,
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "moveaxis": lambda x: np.moveaxis(x[:, :, None] * T, 0, -1),
    "transpose of three": lambda x: np.transpose(x[:, :, None] * T, (2, 0, 1)),
    "column": lambda x: x[:, 1],
    "element": lambda x: x[1, 2] * V,
    "rows by integers": lambda x: x[np.array([1, 0, 1])],
    "integers and a slice": lambda x: x[:, I],
    "squeeze": lambda x: np.squeeze(x[:1], axis=0),
    "ravel": lambda x: x.ravel(),
    "reshape": lambda x: x.reshape(3, 2),
    "diagonal": lambda x: np.diagonal(x),
    "trace": lambda x: np.trace(x),
    "triu": lambda x: np.triu(x),
    "tril": lambda x: np.tril(x, -1),
    "matrix times matrix": lambda x: x @ S,
    "matrix times matrix, second": lambda x: M.T @ x,
    "matrix times vector": lambda x: x @ V,
    "vector times matrix": lambda x: V[:2] @ x,
    "matrix times many": lambda x: x @ np.stack([S, S * S]),
    "tensordot": lambda x: np.tensordot(x, S, axes=1),
    "solve": lambda x: np.linalg.solve(S, x.T),
    "row against matrix": lambda x: x + x[0],
    "take": lambda x: np.take(x, I, axis=1),
    "take_along_axis": lambda x: np.take_along_axis(x, np.argsort(M, axis=1), axis=1),
    "repeat": lambda x: np.repeat(x, 2, axis=0),
    "pad": lambda x: np.pad(x, ((1, 0), (0, 2))),
    "concatenate": lambda x: np.concatenate((x, M), axis=1),
}
CASES = [(name, fun, X) for name, fun in OF_A_VECTOR.items()] + [(name, fun, Y) for name, fun in OF_A_MATRIX.items()]


def by_directions(fun, x):
    columns = [jvp(fun, (x,), (d.reshape(x.shape),))[1] for d in np.eye(x.size)]
    return np.moveaxis(np.array(columns), 0, -1).reshape(*np.shape(fun(x)), *x.shape)


@pytest.mark.parametrize("name, fun, x", CASES, ids=[f"{name} of rank {x.ndim}" for name, _, x in CASES])
def test_form(name, fun, x):
    expected = by_directions(fun, x)
    forward = jacfwd(fun)
    np.testing.assert_allclose(forward(x), expected, rtol=1e-12, atol=1e-12)
    assert " for " not in forward.source.split("jacobian(")[0].split('"""')[2], "goes one by one"
    np.testing.assert_allclose(jacrev(fun)(x), expected, rtol=1e-10, atol=1e-12)


ONE_BY_ONE = {
    "indices apart": lambda x: (x[:, :, None] * T)[np.array([0, 1]), :, np.array([1, 0])],
    "kron": lambda x: np.kron(x, V),
    "cross": lambda x: np.cross(x, V),
    "sort": lambda x: np.sort(x, axis=1),
    "solve by what varies": lambda x: np.linalg.solve(S + x[0, 0] * np.eye(3), V),
    "tile": lambda x: np.tile(x, (2, 1)),
    "order of columns": lambda x: np.reshape(x, (3, 2), order="F"),
}


@pytest.mark.parametrize("fun", ONE_BY_ONE.values(), ids=ONE_BY_ONE)
def test_without_a_form(fun):
    expected = by_directions(fun, Y)
    for whole in (jacfwd, jacrev):
        np.testing.assert_allclose(whole(fun)(Y), expected, rtol=1e-10, atol=1e-12)


# ---- memory -----------------------------------------------------------------------------------------------------
def scalar_read_then_overwritten(x):
    y = x * x
    t = y[0]
    y[0] = 3.0 * x[1]
    return t * y


def item_of_list_updated(x):
    total = [0.0, 0.0]
    other = total[0] + x[0]
    total[0] = other
    total[0] += x[1] * other
    total[1] += total[0] * x[2]
    return total[0] * total[1] * other


def view_written(x):
    y = np.outer(x, x)
    row = y[1]
    row *= x[0]
    y[:, 2] += row
    return y * np.sum(row)


def store_by_integers(x):
    y = np.zeros(4)
    y[np.array([0, 3])] = x[:2]
    y[1:3] += x[0] * V[:2]
    y[2] = x[2] * y[3]
    return y


def repeated_indices(x):
    return x[I] * x[np.array([1, 1, 0])]


def buffer_from_another(x):
    y = np.zeros_like(x)
    z = y
    z[1] = x[0] * x[2]
    y += x
    return z * y


def squeezed_view_written(x):
    y = np.stack([x, x * x])
    q = np.squeeze(y[:, :1])
    q[1] = x[2]
    return y


def numbers_in_a_dict(x):
    table = {"a": x[0]}
    table["a"] += x[1] * x[1]
    kept = table["a"]
    table["a"] *= x[2]
    return kept * table["a"]


@pytest.mark.parametrize(
    "fun",
    [scalar_read_then_overwritten, item_of_list_updated, view_written, store_by_integers, repeated_indices,
     buffer_from_another, squeezed_view_written, numbers_in_a_dict],
)  # fmt: skip
def test_memory(fun):
    """A number that becomes a vector must not become a view of something that changes."""
    columns = [(fun(X + d) - fun(X - d)) / 2e-6 for d in 1e-6 * np.eye(3)]
    expected = np.moveaxis(np.array(columns), 0, -1)
    for whole in (jacfwd, jacrev):
        np.testing.assert_allclose(whole(fun)(X), expected, rtol=1e-6, atol=1e-8)
