"""Fourier transforms: every function, along one axis and several, cut and filled, in each norm."""

import numpy as np

from tests.programs.corpus import normal, program


def power(z):
    return np.sum(np.abs(z) ** 2 * np.linspace(1.0, 2.0, z.size).reshape(z.shape))


@program(normal(5))
def fft_power(x):
    return power(np.fft.fft(x)) + power(np.fft.ifft(x * x, norm="ortho"))


@program(normal(4, 3))
def fft_sizes(x):
    return power(np.fft.fft(x, 6, axis=0)) * power(np.fft.ifft(x, 2, norm="forward"))


@program(normal(6))
def filtered(x):
    spectrum = np.fft.rfft(x)
    spectrum[2:] *= 0.5
    return np.sum(np.fft.irfft(spectrum, len(x)) ** 3)


@program(normal(6), normal(6))
def circular_convolution(x, y):
    return np.sum(np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(y), 6) ** 2 * x)


@program(normal(5), normal(3))
def linear_convolution(x, y):
    n = len(x) + len(y) - 1
    return np.sum(np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(y, n), n) ** 2 * np.arange(n))


@program(normal(3, 4) + 1j * normal(3, 4))
def complex_planes(z):
    return power(np.fft.fft2(z)) + power(np.fft.ifftn(z * z, axes=(0,))) * power(np.fft.fftn(z, (2, 5), (0, 1)))


@program(normal(3, 4))
def shifted(x):
    return power(np.fft.fftshift(np.fft.fft2(x), axes=0)[1:] * np.fft.ifftshift(x)[1:])


@program(normal(3, 4))
def real_planes(x):
    half = np.fft.rfft2(x)
    back = np.fft.irfft2(half * half, x.shape)
    return np.sum(back**2 * x) + power(np.fft.rfftn(x, (2, 5), (1, 0)))


@program(normal(4) + 1j * normal(4))
def hermitian(z):
    spectrum = np.fft.hfft(z)
    return np.sum(spectrum**3) + power(np.fft.ihfft(spectrum * spectrum, norm="ortho"))


@program(0.3, 1.2)
def frequencies(d, a):
    return np.sum(np.sin(a * np.fft.fftfreq(5, d)) ** 2) + np.sum(np.fft.rfftfreq(6, d=d) ** 2)


@program(normal(8), 0.01)
def heat_in_the_spectrum(u, dt):
    k = 2.0 * np.pi * np.fft.rfftfreq(len(u), 1.0 / len(u))
    spectrum = np.fft.rfft(u)
    for _ in range(3):
        spectrum = spectrum * np.exp(-(k**2) * dt)
    return np.sum(np.fft.irfft(spectrum, len(u)) ** 2)
