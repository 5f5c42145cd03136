"""Fourier transforms: precision, forms of the arguments, the convention for complex numbers, and refusals."""

import numpy as np
import pytest

from s2sad import check_grads, grad, jvp, value_and_grad

X = np.array([0.5, -1.0, 2.0, 0.3, 1.1])
Z = X + 1j * X[::-1]


def energy(z):
    return np.sum(z * np.conj(z)).real


@pytest.mark.parametrize("fun", [
    lambda x: energy(np.fft.fft(x)), lambda x: energy(np.fft.rfft(x, 8)), lambda x: energy(np.fft.irfft(x, 5)),
    lambda x: energy(np.fft.ifft2(np.outer(x, x))),
])  # fmt: skip
def test_single_precision_stays(fun):
    assert grad(fun)(X.astype("f")).dtype == np.float32
    assert value_and_grad(fun)(X.astype("f"))[0].dtype == fun(X.astype("f")).dtype


@pytest.mark.parametrize("fun", [
    lambda z: energy(np.fft.fft(z, n=3)), lambda z: energy(np.fft.fft(z[None, :], axis=1)),
    lambda z: energy(np.fft.fftn(z, s=(7,), axes=(0,))), lambda z: energy(np.fft.fftshift(z, axes=[0])[1:]),
    lambda z: energy(np.fft.hfft(z, 7)) + energy(np.fft.hfft(z, norm="forward")),
    lambda z: energy(np.fft.irfft(z)) * np.fft.irfft(z, 4, norm="backward")[1],
    lambda z: energy(np.fft.irfftn(np.outer(z, z))) + energy(np.fft.irfft2(np.outer(z, z), axes=(1, 0))),
])  # fmt: skip
def test_forms(fun):
    check_grads(fun, (Z,), order=2)


def test_lists():
    check_grads(lambda a, b: energy(np.fft.fft([a, b, a * b])) + energy(np.fft.rfftn([[a, b], [b, a]])), (0.3, 1.2), order=2)


def test_gradient_is_the_direction_of_steepest_ascent():
    assert np.allclose(grad(lambda z: energy(np.fft.fft(z, norm="ortho")))(Z), 2 * Z)


def test_tangent_is_the_transform_itself():
    assert np.array_equal(jvp(lambda x: np.fft.rfft(x), (X,), (X[::-1],))[1], np.fft.rfft(X[::-1]))


NORMS = {1: "ortho", 2: "forward", 3: None}


@pytest.mark.parametrize("k", NORMS)
def test_a_norm_that_is_known_at_run_time_only(k):
    check_grads(lambda x, k: energy(np.fft.fft(x, norm=NORMS[k])) * np.fft.hfft(x, norm=NORMS[k])[0], (X, k), order=2)


def test_sizes_that_are_known_at_run_time_only():
    sizes = np.array([4, 7])
    check_grads(lambda x: energy(np.fft.fftn(np.outer(x, x), sizes[sizes > 0], (0, 1))), (X,), order=2)
    check_grads(lambda x: energy(np.fft.irfft(x, sizes[1])), (Z,), order=2)
