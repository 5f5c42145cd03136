"""Python's `statistics`, as plain Python that the compiler differentiates like a user's function.

>>> mean([1.0, 2.0, 6.0]), median([1.0, 5.0, 2.0]), stdev([1.0, 2.0, 3.0])
(3.0, 2.0, 1.0)
"""

from __future__ import annotations

import math
import statistics
from typing import Any


def mean(data: Any) -> Any:
    """``statistics.mean``."""
    if len(data) < 1:
        raise statistics.StatisticsError("mean requires at least one data point")
    return sum(data) / len(data)


def fmean(data: Any, weights: Any = None) -> Any:
    """``statistics.fmean``."""
    if len(data) < 1:
        raise statistics.StatisticsError("fmean requires at least one data point")
    if weights is None:
        return sum(data) / len(data)
    if len(weights) != len(data):
        raise statistics.StatisticsError("data and weights must be the same length")
    return sum(value * weight for value, weight in zip(data, weights)) / sum(weights)


def geometric_mean(data: Any) -> Any:
    """``statistics.geometric_mean``."""
    if len(data) < 1:
        raise statistics.StatisticsError("geometric_mean requires a non-empty dataset")
    return math.exp(sum(math.log(value) for value in data) / len(data))


def harmonic_mean(data: Any, weights: Any = None) -> Any:
    """``statistics.harmonic_mean`` of positive numbers."""
    if len(data) < 1:
        raise statistics.StatisticsError("harmonic_mean requires at least one data point")
    if any(value < 0 for value in data):
        raise statistics.StatisticsError("harmonic mean does not support negative values")
    if weights is None:
        return len(data) / sum(1 / value for value in data)
    if len(weights) != len(data):
        raise statistics.StatisticsError("Number of weights does not match data size")
    return sum(weights) / sum(weight / value for value, weight in zip(data, weights))


def squares_about(data: Any, center: Any) -> Any:
    """The sum of the squares of the deviations; from the mean if no center is given.

    >>> squares_about([1.0, 3.0], None)
    2.0
    """
    if center is None:
        center = sum(data) / len(data)
    return sum((value - center) ** 2 for value in data)


def pvariance(data: Any, mu: Any = None) -> Any:
    """``statistics.pvariance``."""
    if len(data) < 1:
        raise statistics.StatisticsError("pvariance requires at least one data point")
    return squares_about(data, mu) / len(data)


def variance(data: Any, xbar: Any = None) -> Any:
    """``statistics.variance``."""
    if len(data) < 2:
        raise statistics.StatisticsError("variance requires at least two data points")
    return squares_about(data, xbar) / (len(data) - 1)


def pstdev(data: Any, mu: Any = None) -> Any:
    """``statistics.pstdev``."""
    if len(data) < 1:
        raise statistics.StatisticsError("pstdev requires at least one data point")
    return math.sqrt(squares_about(data, mu) / len(data))


def stdev(data: Any, xbar: Any = None) -> Any:
    """``statistics.stdev``."""
    if len(data) < 2:
        raise statistics.StatisticsError("stdev requires at least two data points")
    return math.sqrt(squares_about(data, xbar) / (len(data) - 1))


def median(data: Any) -> Any:
    """``statistics.median``."""
    if len(data) < 1:
        raise statistics.StatisticsError("no median for empty data")
    ordered = sorted(data)
    half = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def covariance(x: Any, y: Any, /) -> Any:
    """``statistics.covariance``."""
    if len(y) != len(x):
        raise statistics.StatisticsError(
            "covariance requires that both inputs have same number of data points"
        )
    if len(x) < 2:
        raise statistics.StatisticsError("covariance requires at least two data points")
    center_x, center_y = sum(x) / len(x), sum(y) / len(y)
    return sum((p - center_x) * (q - center_y) for p, q in zip(x, y)) / (len(x) - 1)


def correlation(x: Any, y: Any, /) -> Any:
    """``statistics.correlation``, Pearson's."""
    if len(y) != len(x):
        raise statistics.StatisticsError(
            "correlation requires that both inputs have same number of data points"
        )
    if len(x) < 2:
        raise statistics.StatisticsError("correlation requires at least two data points")
    center_x, center_y = sum(x) / len(x), sum(y) / len(y)
    together = sum((p - center_x) * (q - center_y) for p, q in zip(x, y))
    return together / math.sqrt(squares_about(x, center_x) * squares_about(y, center_y))
