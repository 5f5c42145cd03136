"""Digital filters as signal-processing libraries write them: direct-form IIR, FIR design, zero-phase filtering."""

import math

import numpy as np


def butterworth_lowpass(cutoff, rate):
    """Coefficients of a second-order Butterworth low-pass filter by the bilinear transform."""
    if not 0.0 < cutoff < 0.5 * rate:
        raise ValueError(f"cutoff {cutoff} is not between 0 and {0.5 * rate}")
    warped = math.tan(math.pi * cutoff / rate)
    norm = 1.0 / (1.0 + math.sqrt(2.0) * warped + warped * warped)
    b0 = warped * warped * norm
    b = [b0, 2.0 * b0, b0]
    a = [1.0, 2.0 * (warped * warped - 1.0) * norm, (1.0 - math.sqrt(2.0) * warped + warped * warped) * norm]
    return b, a


def lfilter(b, a, x, state=None):
    """Filter a signal by a rational transfer function, in the transposed direct form II."""
    if len(a) != len(b):
        raise ValueError("numerator and denominator differ in length")
    order = len(a) - 1
    z = np.zeros(order) if state is None else state.copy()
    y = np.zeros_like(x)
    for n in range(len(x)):
        y[n] = (b[0] * x[n] + z[0]) / a[0]
        for k in range(1, order):
            z[k - 1] = b[k] * x[n] + z[k] - a[k] * y[n]
        z[order - 1] = b[order] * x[n] - a[order] * y[n]
    return y


def windowed_sinc(cutoff, taps, window="hann"):
    """A low-pass FIR filter of unit gain at zero frequency."""
    middle = (taps - 1) / 2.0
    k = np.arange(taps) - middle
    ideal = 2.0 * cutoff * np.sinc(2.0 * cutoff * k)
    match window:
        case "hann":
            shape = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(taps) / (taps - 1))
        case "hamming":
            shape = 0.54 - 0.46 * np.cos(2.0 * np.pi * np.arange(taps) / (taps - 1))
        case "none" | None:
            shape = np.ones(taps)
        case _:
            raise ValueError(f"unknown window {window!r}")
    h = ideal * shape
    return h / np.sum(h)


def filtfilt(b, a, x, pad=6):
    """Filter forwards and backwards, so that the phase does not change; the ends are extended by reflection."""
    if len(x) <= pad:
        raise ValueError("the signal is too short")
    head = 2.0 * x[0] - x[pad:0:-1]
    tail = 2.0 * x[-1] - x[-2 : -pad - 2 : -1]
    extended = np.concatenate([head, x, tail])
    forward = lfilter(b, a, extended)
    backward = lfilter(b, a, forward[::-1])[::-1]
    return backward[pad:-pad]


def band_misfit(cutoff, signal, reference, rate):
    """How far a filtered signal is from a reference, with a penalty on what a moving average leaves."""
    try:
        b, a = butterworth_lowpass(cutoff, rate)
    except ValueError:
        b, a = [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]
    smooth = filtfilt(b, a, signal)
    taps = windowed_sinc(0.2, 5, "hamming")
    rest = np.convolve(signal - smooth, taps, mode="valid")
    return np.mean((smooth - reference) ** 2) + 0.1 * np.mean(rest**2)
