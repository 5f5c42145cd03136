"""Distances on the ellipsoid of the earth: Vincenty's iteration, and the sphere where it does not converge."""

import functools
import itertools
import math

EQUATOR = 6378137.0
FLATTENING = 1.0 / 298.257223563


class NotConverged(ArithmeticError):
    """Vincenty's iteration goes round in circles near the antipodes."""


def haversine(one, other, radius=6371008.8):
    """The distance on a sphere, in metres; places are latitude and longitude in degrees."""
    p1, l1 = map(math.radians, one)
    p2, l2 = map(math.radians, other)
    half = math.sin(0.5 * (p2 - p1)) ** 2 + math.cos(p1) * math.cos(p2) * math.sin(0.5 * (l2 - l1)) ** 2
    return 2.0 * radius * math.asin(math.sqrt(half))


def vincenty(one, other, tolerance=1e-13, rounds=60):
    """The distance on the ellipsoid, in metres."""
    polar = EQUATOR * (1.0 - FLATTENING)
    u1, u2 = (math.atan((1.0 - FLATTENING) * math.tan(math.radians(place[0]))) for place in (one, other))
    difference = math.radians(other[1] - one[1])
    s1, c1, s2, c2 = math.sin(u1), math.cos(u1), math.sin(u2), math.cos(u2)
    lam = difference
    for _ in range(rounds):
        sine = math.sqrt((c2 * math.sin(lam)) ** 2 + (c1 * s2 - s1 * c2 * math.cos(lam)) ** 2)
        if sine == 0.0:
            return 0.0
        cosine = s1 * s2 + c1 * c2 * math.cos(lam)
        sigma = math.atan2(sine, cosine)
        alpha = c1 * c2 * math.sin(lam) / sine
        squared = 1.0 - alpha * alpha
        middle = cosine - 2.0 * s1 * s2 / squared if squared != 0.0 else 0.0
        c = FLATTENING / 16.0 * squared * (4.0 + FLATTENING * (4.0 - 3.0 * squared))
        before = lam
        lam = difference + (1.0 - c) * FLATTENING * alpha * (
            sigma + c * sine * (middle + c * cosine * (-1.0 + 2.0 * middle * middle))
        )
        if abs(lam - before) < tolerance:
            break
    else:
        raise NotConverged(f"no distance after {rounds} rounds")
    u = squared * (EQUATOR**2 - polar**2) / polar**2
    a = 1.0 + u / 16384.0 * (4096.0 + u * (-768.0 + u * (320.0 - 175.0 * u)))
    b = u / 1024.0 * (256.0 + u * (-128.0 + u * (74.0 - 47.0 * u)))
    correction = b * sine * (middle + b / 4.0 * (cosine * (-1.0 + 2.0 * middle * middle)))
    return polar * a * (sigma - correction)


def distance(one, other):
    """The distance in kilometres."""
    try:
        return vincenty(one, other) / 1000.0
    except NotConverged:
        return haversine(one, other) / 1000.0


def tour_length(places, weights=None):
    """The length of a closed tour, legs weighted."""
    legs = [distance(a, b) for a, b in itertools.pairwise([*places, places[0]])]
    if weights is None:
        return functools.reduce(lambda total, leg: total + leg, legs, 0.0)
    return sum(weight * leg for weight, leg in zip(weights, legs))
