"""A quarter car on a rough road: comfort and grip by the spring, the damper and the bump stop."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Damper:
    """Different rates in bump and rebound, blended around zero speed."""

    bump: float
    rebound: float
    blend: float = 0.05

    def force(self, speed):
        share = 0.5 * (1.0 + np.tanh(speed / self.blend))
        return (share * self.bump + (1.0 - share) * self.rebound) * speed


@dataclass
class Spring:
    rate: float
    progressive: float = 0.0
    travel: float = 0.08

    def force(self, deflection):
        value = self.rate * deflection + self.progressive * deflection**3
        if deflection > self.travel:
            value += 20.0 * self.rate * (deflection - self.travel) ** 2 / self.travel
        return value


@dataclass
class Setup:
    """What can be tuned."""

    spring: Spring
    damper: Damper
    tyre: float = 180e3


class Mass:
    """A body that moves up and down."""

    __slots__ = ("acceleration", "mass", "position", "velocity")

    def __init__(self, mass):
        self.mass = mass
        self.position = 0.0
        self.velocity = 0.0
        self.acceleration = 0.0

    def push(self, force, dt):
        self.acceleration = force / self.mass
        self.velocity += dt * self.acceleration
        self.position += dt * self.velocity


class QuarterCar:
    def __init__(self, setup, sprung=320.0, unsprung=40.0):
        self.setup = setup
        self.body = Mass(sprung)
        self.wheel = Mass(unsprung)

    def step(self, road, dt):
        spring, damper = self.setup.spring, self.setup.damper
        deflection = self.wheel.position - self.body.position
        rate = self.wheel.velocity - self.body.velocity
        strut = spring.force(deflection) + damper.force(rate)
        tyre = self.setup.tyre * (road - self.wheel.position)
        self.body.push(strut, dt)
        self.wheel.push(tyre - strut, dt)
        return tyre


class Ride:
    """Collects what the passengers and the tyres feel."""

    def __init__(self, static_load):
        self.static_load = static_load
        self.discomfort = 0.0
        self.slip = 0.0
        self.samples = 0

    def observe(self, car, tyre_force):
        self.discomfort += car.body.acceleration**2
        self.slip += (tyre_force / self.static_load) ** 2
        self.samples += 1

    @property
    def score(self):
        return (self.discomfort + 50.0 * self.slip) / self.samples


def ride_cost(setup, road, dt=0.002):
    """Mean discomfort and loss of grip over a stretch of road."""
    car = QuarterCar(setup)
    ride = Ride(static_load=9.81 * (car.body.mass + car.wheel.mass))
    for height in road:
        force = car.step(height, dt)
        ride.observe(car, force)
    return ride.score


def bumpy_road(n=150, seed=1):
    rng = np.random.default_rng(seed)
    smooth = np.convolve(rng.normal(size=n + 20), np.ones(21) / 21.0, mode="valid")
    road = 0.02 * smooth
    road[60:80] += 0.05
    return road


POINT = (Setup(Spring(22e3, 2e5), Damper(900.0, 2200.0)), bumpy_road())
ENTRY = ride_cost
