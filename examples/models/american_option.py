"""Options with early exercise: a binomial tree, and the price by which it is compared."""

import math

import numpy as np


def tree_parameters(sigma, rate, dividend, dt):
    """The factors and the probability of Cox, Ross and Rubinstein."""
    up = math.exp(sigma * math.sqrt(dt))
    down = 1.0 / up
    probability = (math.exp((rate - dividend) * dt) - down) / (up - down)
    if not 0.0 < probability < 1.0:
        raise ArithmeticError("the step is too long for this volatility")
    return up, down, probability


def payoff(kind):
    """What exercising gives."""
    payoffs = {
        "put": lambda spot, strike: np.maximum(strike - spot, 0.0),
        "call": lambda spot, strike: np.maximum(spot - strike, 0.0),
        "power": lambda spot, strike: np.maximum(spot**2 / strike - strike, 0.0),
    }
    return payoffs[kind]


def american_price(spot, strike, sigma, rate, maturity, kind="put", dividend=0.0, steps=24):
    """The price of an option that may be exercised at any step."""
    dt = maturity / steps
    try:
        up, down, p = tree_parameters(sigma, rate, dividend, dt)
    except ArithmeticError:
        steps *= 4
        dt = maturity / steps
        up, down, p = tree_parameters(sigma, rate, dividend, dt)
    discount = math.exp(-rate * dt)
    exercise = payoff(kind)
    powers = np.arange(steps + 1)
    prices = spot * up ** (steps - 2.0 * powers)
    values = exercise(prices, strike)
    for n in range(steps - 1, -1, -1):
        prices = spot * up ** (n - 2.0 * np.arange(n + 1))
        held = discount * (p * values[:-1] + (1.0 - p) * values[1:])
        values = np.maximum(held, exercise(prices, strike))
    return values[0]


def normal_cdf(x):
    """The distribution function of the standard normal distribution."""
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def european_put(spot, strike, sigma, rate, maturity):
    """Black and Scholes."""
    width = sigma * math.sqrt(maturity)
    d1 = (math.log(spot / strike) + (rate + 0.5 * sigma * sigma) * maturity) / width
    d2 = d1 - width
    return strike * math.exp(-rate * maturity) * normal_cdf(-d2) - spot * normal_cdf(-d1)


def early_exercise_premium(spot, sigma, strike=100.0, rate=0.05, maturity=1.0):
    """What the right to exercise early is worth; the tree's own error is taken off."""
    american = american_price(spot, strike, sigma, rate, maturity)
    return american - european_put(spot, strike, sigma, rate, maturity)


def book_value(spots, sigmas, positions):
    """A book of positions, each with a kind, a strike and a size."""
    total = 0.0
    for (kind, strike, size), spot, sigma in zip(positions, spots, sigmas):
        match kind:
            case "put" | "call" | "power":
                total += size * american_price(spot, strike, sigma, 0.03, 0.75, kind, steps=12)
            case "european":
                total += size * european_put(spot, strike, sigma, 0.03, 0.75)
            case _:
                raise ValueError(f"unknown kind {kind!r}")
    return total
