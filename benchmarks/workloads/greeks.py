"""Monte-Carlo Greeks of an Asian call: 100,000 paths of 50 steps, arrays that no cache holds."""

import math

import numpy as np

from benchmarks.workload import Workload


def greeks(spot, volatility, rate, strike, maturity, z):
    steps = len(z)
    dt = maturity / steps
    drift = (rate - 0.5 * volatility**2) * dt
    s = spot * np.ones(z.shape[1])
    total = np.zeros(z.shape[1])
    for t in range(steps):
        s = s * np.exp(drift + volatility * np.sqrt(dt) * z[t])
        total += s
    payoff = np.maximum(total / steps - strike, 0.0)
    return np.exp(-rate * maturity) * np.mean(payoff)


def by_hand(spot, volatility, rate, strike, maturity, z):
    steps, paths = z.shape
    dt = maturity / steps
    root = math.sqrt(dt)
    drift = (rate - 0.5 * volatility * volatility) * dt
    sigma = volatility * root
    s = np.full(paths, spot)
    total = np.zeros(paths)
    tape = []
    for t in range(steps):
        growth = np.exp(drift + sigma * z[t])
        s = s * growth
        total += s
        tape.append((growth, s))
    miss = total / steps - strike
    mean = np.maximum(miss, 0.0).sum() / paths
    discount = math.exp(-rate * maturity)
    # a tie with the strike shares its slope
    total_bar = (discount / (paths * steps)) * ((miss > 0.0) + 0.5 * (miss == 0.0))
    s_bar = np.zeros(paths)
    drift_bar = sigma_bar = 0.0
    for t in range(steps - 1, -1, -1):
        growth, s = tape[t]
        s_bar += total_bar
        e_bar = s_bar * s
        drift_bar += e_bar.sum()
        sigma_bar += np.dot(e_bar, z[t])
        s_bar *= growth
    value = discount * mean
    volatility_bar = sigma_bar * root - drift_bar * volatility * dt
    return value, (s_bar.sum(), volatility_bar, drift_bar * dt - maturity * value)


def arguments(small):
    paths, steps = (20, 4) if small else (100_000, 50)
    return 100.0, 0.2, 0.05, 101.0, 1.0, np.random.default_rng(11).normal(size=(steps, paths))


WORKLOAD = Workload(greeks, by_hand, arguments, wrt=(0, 1, 2), kinds={"loop", "array"})
