"""A PID controller with anti-windup on a simulated motor: the tracking cost, to be tuned by its gradient."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class PID:
    """Proportional, integral and derivative action with a filtered derivative and clamped output."""

    kp: float
    ki: float
    kd: float
    limit: float = 12.0
    tau: float = 0.02
    setpoint: float = 0.0
    _integral: float = field(default=0.0, repr=False)
    _last_error: float = field(default=None, repr=False)
    _slope: float = field(default=0.0, repr=False)

    def reset(self):
        self._integral = 0.0
        self._last_error = None
        self._slope = 0.0

    @property
    def components(self):
        error = 0.0 if self._last_error is None else self._last_error
        return self.kp * error, self._integral, self.kd * self._slope

    def __call__(self, measured, dt):
        if dt <= 0.0:
            raise ValueError(f"dt must be positive, not {dt}")
        error = self.setpoint - measured
        if self._last_error is not None:
            raw = (error - self._last_error) / dt
            alpha = dt / (self.tau + dt)
            self._slope += alpha * (raw - self._slope)
        self._last_error = error
        self._integral += self.ki * error * dt
        # keep the integral within what the actuator can give
        self._integral = max(-self.limit, min(self.limit, self._integral))
        output = sum(self.components)
        return self.limit * np.tanh(output / self.limit)


class Motor:
    """A DC motor with inertia, friction and an elastic load."""

    def __init__(self, inertia=0.02, friction=0.1, torque=0.5, resistance=1.2, stiffness=0.4):
        self.inertia = inertia
        self.friction = friction
        self.torque = torque
        self.resistance = resistance
        self.stiffness = stiffness
        self.angle = 0.0
        self.speed = 0.0
        self.energy = 0.0

    def acceleration(self, voltage):
        current = (voltage - self.torque * self.speed) / self.resistance
        load = self.stiffness * self.angle
        return (self.torque * current - self.friction * self.speed - load) / self.inertia

    def step(self, voltage, dt):
        # semi-implicit Euler: stable for the stiff load
        self.speed += dt * self.acceleration(voltage)
        self.angle += dt * self.speed
        self.energy += dt * voltage**2 / self.resistance
        return self.angle


class Simulation:
    def __init__(self, controller, plant, dt=0.01):
        self.controller = controller
        self.plant = plant
        self.dt = dt
        self.log = []

    def run(self, profile):
        """The integrated squared tracking error over a profile of set points."""
        cost = 0.0
        for target in profile:
            self.controller.setpoint = target
            voltage = self.controller(self.plant.angle, self.dt)
            angle = self.plant.step(voltage, self.dt)
            cost += self.dt * (target - angle) ** 2
            self.log.append(angle)
        return cost


def tracking_cost(controller, profile, effort=1e-3):
    """Tracking error and effort of a controller on a fresh motor."""
    motor = Motor()
    simulation = Simulation(controller, motor)
    error = simulation.run(profile)
    overshoot = max(0.0, max(simulation.log) - profile[-1])
    return error + effort * motor.energy + 0.1 * overshoot**2


def profile(n=60):
    """A ramp, then a constant angle."""
    return np.minimum(np.linspace(0.0, 2.0, n), 1.0)


POINT = (PID(kp=8.0, ki=4.0, kd=0.4), profile())
ENTRY = tracking_cost
