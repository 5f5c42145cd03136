"""Implied volatility: Newton's method, guarded by bisection where it fails, as pricing libraries do it."""

import itertools
import math


class NoConvergence(RuntimeError):
    """The iteration did not come close enough."""


def normal_cdf(x):
    """The distribution function of the standard normal distribution."""
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def call_price(spot, strike, sigma, rate, maturity):
    """Black and Scholes."""
    width = sigma * math.sqrt(maturity)
    d1 = (math.log(spot / strike) + (rate + 0.5 * sigma * sigma) * maturity) / width
    return spot * normal_cdf(d1) - strike * math.exp(-rate * maturity) * normal_cdf(d1 - width)


def vega(spot, strike, sigma, rate, maturity):
    """How the price changes with the volatility."""
    width = sigma * math.sqrt(maturity)
    d1 = (math.log(spot / strike) + (rate + 0.5 * sigma * sigma) * maturity) / width
    return spot * math.sqrt(maturity) * math.exp(-0.5 * d1 * d1) / math.sqrt(2.0 * math.pi)


def newton(function, slope, start, tolerance=1e-12, steps=25):
    """The root near a start."""
    x = start
    for _ in range(steps):
        value = function(x)
        if abs(value) < tolerance:
            return x - value / slope(x)
        x -= value / slope(x)
        if not 1e-4 < x < 10.0:
            raise NoConvergence(f"left the interval at {x}")
    raise NoConvergence(f"no root after {steps} steps")


def bisection(function, low, high, steps=40):
    """A root between two bounds at which the signs differ."""
    if function(low) * function(high) > 0.0:
        raise ValueError("the function has the same sign at both ends")
    for _ in range(steps):
        middle = 0.5 * (low + high)
        if function(low) * function(middle) <= 0.0:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


def implied_volatility(price, spot, strike, rate, maturity, start=0.2):
    """The volatility at which the model gives a price."""

    def mismatch(sigma):
        return call_price(spot, strike, sigma, rate, maturity) - price

    def slope(sigma):
        return vega(spot, strike, sigma, rate, maturity)

    try:
        return newton(mismatch, slope, start)
    except NoConvergence:
        near = bisection(mismatch, 1e-3, 5.0)
        return near - mismatch(near) / slope(near)


def smile_curvature(prices, spot, strikes, rate, maturity):
    """How much the implied volatility bends over the strikes."""
    smile = [implied_volatility(price, spot, strike, rate, maturity) for price, strike in zip(prices, strikes)]
    return sum((b - a) ** 2 for a, b in itertools.pairwise(smile)) + smile[0] * smile[-1]
