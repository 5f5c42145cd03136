"""Digital filters as signal-processing libraries write them: direct-form IIR, FIR design, zero-phase filtering."""

import math

import numpy as np


def butterworth_lowpass(cutoff, rate):
    """Coefficients of a second-order Butterworth low-pass filter by the bilinear transform."""
    if not 0.0 < cutoff < 0.5 * rate:
        raise ValueError(f"cutoff {cutoff} is not between 0 and {0.5 * rate}")
    warped = math.tan(math.pi * cutoff / rate)
    norm = 1.0 / (1.0 + math.sqrt(2.0) * warped + warped**2)
    b = norm * warped**2 * np.array([1.0, 2.0, 1.0])
    a = np.array([1.0, 2.0 * norm * (warped**2 - 1.0), norm * (1.0 - math.sqrt(2.0) * warped + warped**2)])
    return b, a


def normalized(b, a):
    """Numerator and denominator of one length, so that the denominator starts with one."""
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    if a[0] != 1.0:
        b = b / a[0]
        a = a / a[0]
    n = max(len(a), len(b))
    if len(a) < n:
        a = np.r_[a, np.zeros(n - len(a))]
    elif len(b) < n:
        b = np.r_[b, np.zeros(n - len(b))]
    return b, a


def lfilter(b, a, x, zi=None):
    """Filter a signal by a rational transfer function, in the transposed direct form II."""
    b, a = normalized(b, a)
    z = np.zeros(len(a) - 1) if zi is None else np.array(zi)
    y = np.empty_like(x)
    for n, value in enumerate(x):
        y[n] = b[0] * value + z[0]
        z[:-1] = z[1:] + b[1:-1] * value - a[1:-1] * y[n]
        z[-1] = b[-1] * value - a[-1] * y[n]
    return y


def lfilter_zi(b, a):
    """The state of a filter that has settled on a constant signal of one."""
    b, a = normalized(b, a)
    n = len(a)
    zi = np.zeros(n - 1)
    zi[0] = np.sum(b[1:] - a[1:] * b[0]) / np.sum(a)
    asum, csum = 1.0, 0.0
    for k in range(1, n - 1):
        asum += a[k]
        csum += b[k] - a[k] * b[0]
        zi[k] = asum * zi[0] - csum
    return zi


def odd_ext(x, n):
    """A signal, extended at both ends by its reflection about the end point."""
    if n < 1:
        return x
    if n > len(x) - 1:
        raise ValueError("the extension is longer than the signal")
    left = 2 * x[:1] - x[n:0:-1]
    right = 2 * x[-1:] - x[-2 : -(n + 2) : -1]
    return np.concatenate((left, x, right))


def filtfilt(b, a, x, padlen=None):
    """Filter forwards and backwards, so that the phase does not change."""
    if padlen is None:
        padlen = 3 * max(len(a), len(b))
    ext = odd_ext(x, padlen)
    zi = lfilter_zi(b, a)
    y = lfilter(b, a, ext, zi=zi * ext[0])
    y = lfilter(b, a, y[::-1], zi=zi * y[-1])[::-1]
    return y[padlen:-padlen] if padlen > 0 else y


def get_window(window, n):
    """A symmetric window by its name."""
    match window:
        case "hann":
            a = [0.5, 0.5]
        case "hamming":
            a = [0.54, 0.46]
        case "blackman":
            a = [0.42, 0.50, 0.08]
        case "boxcar" | None:
            return np.ones(n)
        case _:
            raise ValueError(f"unknown window {window!r}")
    fac = np.linspace(-np.pi, np.pi, n)
    w = np.zeros(n)
    for k, weight in enumerate(a):
        w += weight * np.cos(k * fac)
    return w


def firwin(numtaps, cutoff, *, window="hamming", pass_zero=True, scale=True, fs=2.0):
    """A linear-phase FIR filter by the window method; `cutoff` has the edges of its bands."""
    cutoff = np.atleast_1d(cutoff) / (0.5 * fs)
    if np.any(cutoff <= 0.0) or np.any(cutoff >= 1.0):
        raise ValueError("a cutoff is not between 0 and half the sampling rate")
    pass_nyquist = bool(cutoff.size & 1) ^ pass_zero
    bands = np.hstack(([0.0] * pass_zero, cutoff, [1.0] * pass_nyquist)).reshape(-1, 2)
    m = np.arange(numtaps) - 0.5 * (numtaps - 1)
    h = 0
    for left, right in bands:
        h += right * np.sinc(right * m)
        h -= left * np.sinc(left * m)
    h *= get_window(window, numtaps)
    if scale:
        left, right = bands[0]
        if left == 0:
            scale_frequency = 0.0
        elif right == 1:
            scale_frequency = 1.0
        else:
            scale_frequency = 0.5 * (left + right)
        h /= np.sum(h * np.cos(np.pi * m * scale_frequency))
    return h


def savgol_coeffs(window_length, polyorder, deriv=0, delta=1.0):
    """Coefficients of a Savitzky-Golay filter, which fits a polynomial around each point."""
    if polyorder >= window_length:
        raise ValueError("polyorder must be less than window_length")
    halflen, rem = divmod(window_length, 2)
    pos = halflen - 0.5 if rem == 0 else halflen
    x = np.arange(-pos, window_length - pos, dtype=float)[::-1]
    A = x ** np.arange(polyorder + 1).reshape(-1, 1)
    y = np.zeros(polyorder + 1)
    y[deriv] = math.factorial(deriv) / delta**deriv
    coeffs, _, _, _ = np.linalg.lstsq(A, y, rcond=None)
    return coeffs


def band_misfit(cutoff, signal, reference, rate):
    """How far a filtered signal is from a reference, with a penalty on what a window leaves."""
    try:
        b, a = butterworth_lowpass(cutoff, rate)
    except ValueError:
        b, a = np.array([1.0, 0.0, 0.0]), np.array([1.0, 0.0, 0.0])
    smooth = filtfilt(b, a, signal, padlen=6)
    taps = firwin(5, 0.4)
    rest = np.convolve(signal - smooth, taps, mode="valid")
    return np.mean((smooth - reference) ** 2) + 0.1 * np.mean(rest**2)


def band_power(edges, signal, rate, delta):
    """The power of a signal in a band, and that of its slope there."""
    low, high = edges
    inside = np.convolve(signal, firwin(7, [low, high], pass_zero=False, window="hann", fs=rate), mode="same")
    slope = np.convolve(inside, savgol_coeffs(5, 2, deriv=1, delta=delta), mode="valid")
    return np.mean(inside**2) + np.mean(slope**2)
