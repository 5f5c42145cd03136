"""Products of every rank and form, einsum, and linear algebra."""

import numpy as np

from tests.programs.corpus import normal, positive, program, well_conditioned


@program(normal(4), normal(4), numba=True)
def dot_vectors(x, y):
    return np.dot(x, y) * x.dot(y)


@program(normal(3, 4), normal(4), numba=True)
def matrix_vector(a, x):
    return np.sum((a @ x) ** 2)


@program(normal(3), normal(3, 4), numba=True)
def vector_matrix(x, a):
    return np.sum((x @ a) ** 3)


@program(normal(3, 4), normal(4, 2), numba=True)
def matrix_matrix(a, b):
    return np.sum((a @ b) ** 2)


@program(normal(3, 4), normal(4, 2))
def dot_matrices(a, b):
    return np.sum(a.dot(b) * np.dot(a, b)) + np.sum(np.matmul(a, b))


@program(normal(2, 3, 4), normal(4, 2))
def dot_high_rank(a, b):
    return np.sum(np.dot(a, b) ** 2)


@program(normal(2, 3), 1.5)
def dot_scalar(a, s):
    return np.sum(np.dot(a, s) ** 2)


@program(normal(5, 3, 4), normal(5, 4, 2))
def batched(a, b):
    return np.sum((a @ b) ** 2)


@program(normal(5, 3, 4), normal(4, 2))
def batched_broadcast(a, b):
    return np.sum(np.matmul(a, b) ** 2)


@program(normal(5, 3, 4), normal(4))
def batched_vector(a, x):
    return np.sum((a @ x) ** 2)


@program(normal(1, 3, 4), normal(5, 4, 2))
def batched_size_one(a, b):
    return np.sum((a @ b) ** 2)


@program(normal(3), normal(4), numba=True)
def outer(x, y):
    return np.sum(np.outer(x, y) ** 2)


@program(normal(2, 3), normal(4, 3))
def inner(a, b):
    return np.sum(np.inner(a, b) ** 2)


@program(normal(2, 3), normal(2, 3))
def vdot(a, b):
    return np.vdot(a, b) ** 2


@program(normal(2, 3, 4), normal(4, 3, 2))
def tensordot(a, b):
    return np.sum(np.tensordot(a, b, axes=([1, 2], [1, 0])) ** 2) + np.sum(np.tensordot(a, b, axes=1))


@program(normal(3, 4), normal(4, 2))
def einsum_matmul(a, b):
    return np.sum(np.einsum("ij,jk->ik", a, b) ** 2)


@program(normal(3, 3))
def einsum_trace(a):
    return np.einsum("ii", a) ** 2 + np.sum(np.einsum("ii->i", a) ** 3)


@program(normal(3, 4), normal(3))
def einsum_bilinear(a, x):
    return np.sum(np.einsum("i,ij->j", x, a) ** 2) + np.einsum("ij->", a)


@program(normal(2, 3, 4), normal(2, 4))
def einsum_batch(a, b):
    return np.sum(np.einsum("bij,bj->bi", a, b) ** 2)


@program(normal(3), normal(4), normal(3, 4))
def einsum_three(x, y, a):
    return np.einsum("i,j,ij", x, y, a) ** 2


@program(normal(2, 3, 4))
def einsum_ellipsis(a):
    return np.sum(np.einsum("...ij->...ji", a)[0] ** 2) + np.sum(np.einsum("...j->...", a) ** 2)


@program(well_conditioned(3), normal(3))
def solve(a, b):
    return np.sum(np.linalg.solve(a, b) ** 2)


@program(well_conditioned(3), normal(3, 2))
def solve_matrix(a, b):
    return np.sum(np.linalg.solve(a, b) ** 2)


@program(well_conditioned(3))
def inverse(a):
    return np.sum(np.linalg.inv(a) ** 2)


@program(well_conditioned(3))
def determinant(a):
    return np.log(np.abs(np.linalg.det(a))) + np.trace(a)


@program(normal(3), normal(3, 3))
def quadratic_form(x, a):
    return x @ (a + a.T) @ x


@program(normal(6, 3), normal(6), 0.1)
def ridge_regression(x, y, penalty):
    w = np.linalg.solve(x.T @ x + penalty * np.eye(3), x.T @ y)
    residual = y - x @ w
    return residual @ residual


@program(normal(3), normal(8, 3), positive(8))
def logistic_regression(w, x, y):
    z = x @ w
    return np.sum(np.logaddexp(0.0, z) - y * z)


@program(normal(3), normal(3), numba=True)
def cosine_similarity(x, y):
    return np.dot(x, y) / np.sqrt(np.dot(x, x) * np.dot(y, y))


@program(normal(3, 3), 4)
def matrix_power(a, n):
    p = np.eye(3)
    for k in range(n):
        p = p @ a
    return np.trace(p)


@program(normal(4, 3), normal(4, 3))
def frobenius(a, b):
    return np.sum((a - b) ** 2) + np.trace(a.T @ b)


@program(normal(5, 2), normal(5))
def gaussian_process(x, y):
    d = x[:, None, :] - x[None, :, :]
    k = np.exp(-0.5 * np.sum(d**2, axis=-1)) + np.eye(5)
    return y @ np.linalg.solve(k, y)
