"""10,000 Black-Scholes calls, with Page's approximation of the normal distribution: element-wise arithmetic."""

import math

import numpy as np

from benchmarks.workload import Workload


def normal_cdf(x):
    return 0.5 * (1.0 + np.tanh(0.79788456 * (x + 0.044715 * x**3)))


def black_scholes(spot, strike, volatility, rate, maturity):
    root = volatility * np.sqrt(maturity)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility**2) * maturity) / root
    d2 = d1 - root
    return np.sum(spot * normal_cdf(d1) - strike * np.exp(-rate * maturity) * normal_cdf(d2))


def by_hand(spot, strike, volatility, rate, maturity):
    root_maturity = math.sqrt(maturity)
    root = volatility * root_maturity
    d1 = (np.log(spot / strike) + (rate + 0.5 * (volatility * volatility)) * maturity) / root
    d2 = d1 - root
    d1_squared, d2_squared = d1 * d1, d2 * d2
    t1 = np.tanh(d1 * (0.79788456 + 0.79788456 * 0.044715 * d1_squared))
    t2 = np.tanh(d2 * (0.79788456 + 0.79788456 * 0.044715 * d2_squared))
    n1 = 0.5 + 0.5 * t1
    discounted = strike * math.exp(-rate * maturity)
    value = np.dot(spot, n1) - np.dot(discounted, 0.5 + 0.5 * t2)
    c, c3 = 0.5 * 0.79788456, 1.5 * 0.79788456 * 0.044715
    d1_bar = spot * (1.0 - t1 * t1) * (c + c3 * d1_squared)
    d2_bar = discounted * (1.0 - t2 * t2) * (c + c3 * d2_squared)  # enters with a minus
    ratio_bar = (d1_bar - d2_bar) / root
    volatility_bar = root_maturity * (d2_bar - ratio_bar * d1) + maturity * (ratio_bar * volatility)
    return value, (n1 + ratio_bar / spot, volatility_bar)


def arguments(small):
    n = 6 if small else 10_000
    rng = np.random.default_rng(7)
    return rng.uniform(80.0, 120.0, n), rng.uniform(80.0, 120.0, n), rng.uniform(0.1, 0.5, n), 0.03, 1.5


WORKLOAD = Workload(black_scholes, by_hand, arguments, wrt=(0, 2), kinds={"array"})
