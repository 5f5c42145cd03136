"""Cubic splines: natural and clamped ends, the tridiagonal solver, evaluation, and a curve fit through knots."""

import bisect

import numpy as np


def solve_tridiagonal(lower, diagonal, upper, right):
    """The algorithm of Thomas."""
    n = len(diagonal)
    c, d = np.zeros(n), np.zeros(n)
    if abs(diagonal[0]) < 1e-300:
        raise ZeroDivisionError("the first pivot is zero")
    c[0] = upper[0] / diagonal[0]
    d[0] = right[0] / diagonal[0]
    for i in range(1, n):
        pivot = diagonal[i] - lower[i - 1] * c[i - 1]
        if i < n - 1:
            c[i] = upper[i] / pivot
        d[i] = (right[i] - lower[i - 1] * d[i - 1]) / pivot
    x = np.zeros(n)
    x[-1] = d[-1]
    for i in range(n - 2, -1, -1):
        x[i] = d[i] - c[i] * x[i + 1]
    return x


def second_derivatives(knots, values, ends=None):
    """The spline's second derivatives at the knots; `ends` are slopes, or None for natural ends."""
    h = np.diff(knots)
    slopes = np.diff(values) / h
    n = len(knots)
    diagonal, right = np.ones(n), np.zeros(n)
    lower, upper = np.zeros(n - 1), np.zeros(n - 1)
    diagonal[1:-1] = 2.0 * (h[:-1] + h[1:])
    lower[:-1], upper[1:] = h[:-1], h[1:]
    right[1:-1] = 6.0 * (slopes[1:] - slopes[:-1])
    if ends is not None:
        left_slope, right_slope = ends
        diagonal[0], upper[0], right[0] = 2.0 * h[0], h[0], 6.0 * (slopes[0] - left_slope)
        diagonal[-1], lower[-1], right[-1] = 2.0 * h[-1], h[-1], 6.0 * (right_slope - slopes[-1])
    return solve_tridiagonal(lower, diagonal, upper, right)


def evaluate(knots, values, moments, x):
    """The spline at a point; outside of the knots it goes on straight."""
    i = min(max(bisect.bisect_right(knots, x) - 1, 0), len(knots) - 2)
    h = knots[i + 1] - knots[i]
    p, q = (knots[i + 1] - x) / h, (x - knots[i]) / h
    straight = p * values[i] + q * values[i + 1]
    if x < knots[0] or x > knots[-1]:
        return straight
    return straight + ((p**3 - p) * moments[i] + (q**3 - q) * moments[i + 1]) * h * h / 6.0


def roughness_and_misfit(values, knots, points, data, weight=0.01, ends=None):
    """How far a spline is from data, and how much it bends."""
    moments = second_derivatives(knots, values, ends)
    misfit = sum((evaluate(knots, values, moments, x) - y) ** 2 for x, y in zip(points, data))
    h = np.diff(knots)
    bending = np.sum(h * (moments[:-1] ** 2 + moments[:-1] * moments[1:] + moments[1:] ** 2)) / 3.0
    return misfit + weight * bending
