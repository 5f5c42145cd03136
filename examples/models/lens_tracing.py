"""Rays through a train of spherical lenses: the size of the spot, as a function of curvatures and spacings."""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np


class Vec(NamedTuple):
    """A point or direction in the meridional plane."""

    z: float
    y: float

    def __add__(self, other):
        return Vec(self.z + other.z, self.y + other.y)

    def __sub__(self, other):
        return Vec(self.z - other.z, self.y - other.y)

    def scaled(self, k):
        return Vec(self.z * k, self.y * k)

    def dot(self, other):
        return self.z * other.z + self.y * other.y

    def unit(self):
        return self.scaled(1.0 / math.sqrt(self.dot(self)))


@dataclass(frozen=True)
class Ray:
    origin: Vec
    direction: Vec
    index: float = 1.0
    path: float = 0.0

    def at(self, t):
        return self.origin + self.direction.scaled(t)


@dataclass(frozen=True)
class Surface:
    """A spherical surface with its vertex on the axis; curvature 0 is a plane."""

    vertex: float
    curvature: float
    index: float

    def distance(self, ray):
        """How far along the ray the surface lies."""
        d, o = ray.direction, ray.origin - Vec(self.vertex, 0.0)
        c = self.curvature
        # quadratic in t without a division by the curvature
        b = d.z - c * o.dot(d)
        k = c * o.dot(o) - 2.0 * o.z
        root = b * b - c * k
        if root < 0.0:
            raise ValueError("the ray misses the surface")
        return k / (b + math.sqrt(root))

    def normal(self, point):
        p = point - Vec(self.vertex, 0.0)
        return Vec(1.0 - self.curvature * p.z, -self.curvature * p.y).unit()

    def refract(self, ray):
        """The ray behind the surface, by Snell's law in vector form."""
        t = self.distance(ray)
        point = ray.at(t)
        n = self.normal(point)
        mu = ray.index / self.index
        cos_in = n.dot(ray.direction)
        cos_out = math.sqrt(1.0 - mu**2 * (1.0 - cos_in**2))
        direction = ray.direction.scaled(mu) + n.scaled(cos_out - mu * cos_in)
        return Ray(point, direction.unit(), self.index, ray.path + t * ray.index)


class Lens:
    """Two surfaces with glass between."""

    def __init__(self, position, c1, c2, thickness, glass=1.5168):
        self.front = Surface(position, c1, glass)
        self.back = Surface(position + thickness, c2, 1.0)

    def __iter__(self):
        return iter((self.front, self.back))


class System:
    def __init__(self, lenses, screen):
        self.lenses = lenses
        self.screen = screen

    @property
    def surfaces(self):
        return [surface for lens in self.lenses for surface in lens]

    def trace(self, ray):
        for surface in self.surfaces:
            ray = surface.refract(ray)
        last = replace(ray, index=1.0)
        t = (self.screen - last.origin.z) / last.direction.z
        return last.at(t)

    def spot(self, heights):
        """Mean squared height of parallel rays on the screen."""
        total = 0.0
        for h in heights:
            hit = self.trace(Ray(Vec(0.0, h), Vec(1.0, 0.0)))
            total += hit.y**2
        return total / len(heights)


def spot_size(design, heights=(1.0, 2.0, 3.0, 4.0)):
    """Spot of a pair of lenses; `design` has four curvatures, the gap and the distance of the screen."""
    c1, c2, c3, c4, gap, back = design
    first = Lens(10.0, c1, c2, 4.0)
    second = Lens(14.0 + gap, c3, c4, 3.0, glass=1.62)
    system = System([first, second], 17.0 + gap + back)
    penalty = 1e-4 * np.sum(np.square(design[:4] * 50.0))
    return system.spot(heights) + penalty


POINT = (np.array([0.02, -0.02, 0.015, -0.008, 6.0, 30.0]),)
ENTRY = spot_size
