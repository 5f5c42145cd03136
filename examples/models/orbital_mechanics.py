"""A spacecraft around the Earth: how far it misses a rendezvous after two burns, by their size and time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

MU = 398600.4418  # km^3/s^2
RADIUS = 6378.137  # km
J2 = 1.08263e-3


@dataclass(frozen=True)
class StateVector:
    """Position in km, velocity in km/s, time in s, mass in kg."""

    r: np.ndarray
    v: np.ndarray
    t: float = 0.0
    mass: float = 500.0

    @property
    def energy(self):
        return 0.5 * self.v @ self.v - MU / np.linalg.norm(self.r)

    @property
    def angular_momentum(self):
        return np.cross(self.r, self.v)

    @property
    def semi_major_axis(self):
        return -MU / (2.0 * self.energy)

    @property
    def eccentricity(self):
        e = np.cross(self.v, self.angular_momentum) / MU - self.r / np.linalg.norm(self.r)
        return np.linalg.norm(e)

    @classmethod
    def circular(cls, altitude, inclination):
        """A circular orbit that passes its node at t = 0."""
        radius = RADIUS + altitude
        speed = math.sqrt(MU / radius)
        i = math.radians(inclination)
        r = np.array([radius, 0.0, 0.0])
        v = speed * np.array([0.0, math.cos(i), math.sin(i)])
        return cls(r, v)


@dataclass(frozen=True)
class Burn:
    """An impulse along the velocity and across it."""

    prograde: float
    normal: float

    @property
    def size(self):
        return math.hypot(self.prograde, self.normal)

    def apply(self, state: StateVector, exhaust_speed=3.0) -> StateVector:
        forward = state.v / np.linalg.norm(state.v)
        h = state.angular_momentum
        across = h / np.linalg.norm(h)
        burnt = state.mass * (1.0 - math.exp(-self.size / exhaust_speed))
        return replace(
            state, v=state.v + self.prograde * forward + self.normal * across, mass=state.mass - burnt
        )


class Propagator:
    """Cowell's method: Runge-Kutta steps with the force of an oblate Earth and a little drag."""

    def __init__(self, steps=40, drag=1e-6, oblate=True):
        self.steps = steps
        self.drag = drag
        self.oblate = oblate

    def acceleration(self, r, v):
        distance = np.linalg.norm(r)
        a = -MU / distance**3 * r
        if self.oblate:
            z2 = (r[2] / distance) ** 2
            factor = 1.5 * J2 * MU * RADIUS**2 / distance**5
            a += factor * r * (5.0 * z2 - np.array([1.0, 1.0, 3.0]))
        a -= self.drag * np.linalg.norm(v) * v
        return a

    def _step(self, state, dt):
        r, v = state.r, state.v
        k1r, k1v = v, self.acceleration(r, v)
        k2r, k2v = v + 0.5 * dt * k1v, self.acceleration(r + 0.5 * dt * k1r, v + 0.5 * dt * k1v)
        k3r, k3v = v + 0.5 * dt * k2v, self.acceleration(r + 0.5 * dt * k2r, v + 0.5 * dt * k2v)
        k4r, k4v = v + dt * k3v, self.acceleration(r + dt * k3r, v + dt * k3v)
        return replace(
            state,
            r=r + dt / 6.0 * (k1r + 2.0 * k2r + 2.0 * k3r + k4r),
            v=v + dt / 6.0 * (k1v + 2.0 * k2v + 2.0 * k3v + k4v),
            t=state.t + dt,
        )

    def __call__(self, state, duration):
        dt = duration / self.steps
        for _ in range(self.steps):
            state = self._step(state, dt)
        return state


def miss(plan, start, target, hours=(0.4, 0.5)):
    """Squared distance from the target after two burns, and the propellant used; `plan` has their components."""
    propagate = Propagator()
    first, second = Burn(plan[0], plan[1]), Burn(plan[2], plan[3])
    craft = propagate(first.apply(start), 3600.0 * hours[0])
    craft = propagate(second.apply(craft), 3600.0 * hours[1])
    goal = propagate(target, 3600.0 * sum(hours))
    gap = (craft.r - goal.r) / 1000.0
    used = start.mass - craft.mass
    return gap @ gap + 1e-3 * used + 0.1 * (craft.eccentricity - goal.eccentricity) ** 2


START = StateVector.circular(500.0, 51.6)
TARGET = StateVector.circular(560.0, 51.9)
POINT = (np.array([0.03, 0.01, 0.02, -0.01]), START, TARGET)
ENTRY = miss
