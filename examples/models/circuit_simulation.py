"""A small circuit simulator: components stamp themselves into the nodal equations, which are solved step by step."""

import math

import numpy as np

GROUND = 0


class Component:
    """Something between two nodes."""

    def __init__(self, name, plus, minus):
        self.name = name
        self.plus = plus
        self.minus = minus

    def voltage(self, v):
        return v[self.plus] - v[self.minus]

    def stamp(self, system, v, dt):
        raise NotImplementedError

    def advance(self, v, dt):
        """Take over the state at the end of a step."""

    def _conductance(self, system, g):
        system.matrix[self.plus, self.plus] += g
        system.matrix[self.minus, self.minus] += g
        system.matrix[self.plus, self.minus] -= g
        system.matrix[self.minus, self.plus] -= g

    def _current(self, system, i):
        system.rhs[self.plus] -= i
        system.rhs[self.minus] += i


class Resistor(Component):
    def __init__(self, name, plus, minus, resistance):
        super().__init__(name, plus, minus)
        self.resistance = resistance

    def stamp(self, system, v, dt):
        self._conductance(system, 1.0 / self.resistance)


class Capacitor(Component):
    """Backward Euler companion model."""

    def __init__(self, name, plus, minus, capacitance, initial=0.0):
        super().__init__(name, plus, minus)
        self.capacitance = capacitance
        self.charge_voltage = initial

    def stamp(self, system, v, dt):
        g = self.capacitance / dt
        self._conductance(system, g)
        self._current(system, -g * self.charge_voltage)

    def advance(self, v, dt):
        self.charge_voltage = self.voltage(v)


class Diode(Component):
    """Shockley's law, linearised at the present voltage."""

    thermal = 0.02585

    def __init__(self, name, plus, minus, saturation, ideality=1.8):
        super().__init__(name, plus, minus)
        self.saturation = saturation
        self.ideality = ideality

    def stamp(self, system, v, dt):
        scale = self.ideality * self.thermal
        u = min(self.voltage(v), 0.8)
        current = self.saturation * (math.exp(u / scale) - 1.0)
        g = self.saturation / scale * math.exp(u / scale) + 1e-9
        self._conductance(system, g)
        self._current(system, current - g * u)


class SineSource(Component):
    """A voltage source with an inner conductance, so that nodal analysis is enough."""

    def __init__(self, name, plus, minus, amplitude, frequency, conductance=10.0):
        super().__init__(name, plus, minus)
        self.amplitude, self.frequency = amplitude, frequency
        self.conductance = conductance
        self.time = 0.0

    def stamp(self, system, v, dt):
        level = self.amplitude * math.sin(2.0 * math.pi * self.frequency * (self.time + dt))
        self._conductance(system, self.conductance)
        self._current(system, -self.conductance * level)

    def advance(self, v, dt):
        self.time += dt


class Circuit:
    def __init__(self, nodes):
        self.nodes = nodes
        self.components = []
        self.voltages = np.zeros(nodes)
        self.matrix = None
        self.rhs = None

    def add(self, component):
        self.components.append(component)
        return component

    def _assemble(self, v, dt):
        self.matrix = np.zeros((self.nodes, self.nodes))
        self.rhs = np.zeros(self.nodes)
        for component in self.components:
            component.stamp(self, v, dt)
        # the ground node stays at zero
        self.matrix[GROUND, :] = 0.0
        self.matrix[GROUND, GROUND] = 1.0
        self.rhs[GROUND] = 0.0

    def step(self, dt, newton=4):
        """One implicit step, by Newton's method."""
        v = self.voltages
        for _ in range(newton):
            self._assemble(v, dt)
            v = np.linalg.solve(self.matrix, self.rhs)
        self.voltages = v
        for component in self.components:
            component.advance(v, dt)


def ripple(parameters, steps=25, dt=4e-4):
    """Variance of a rectifier's output, and its distance from 0.5 V; resistance and capacitance in kOhm and uF."""
    load, smoothing, log_saturation = parameters
    circuit = Circuit(nodes=3)
    circuit.add(SineSource("V1", 1, GROUND, amplitude=1.5, frequency=100.0))
    circuit.add(Diode("D1", 1, 2, saturation=1e-9 * np.exp(log_saturation)))
    circuit.add(Resistor("R1", 2, GROUND, resistance=1e3 * load))
    output = circuit.add(Capacitor("C1", 2, GROUND, capacitance=1e-6 * smoothing))
    total = squares = 0.0
    for _ in range(steps):
        circuit.step(dt)
        level = output.charge_voltage
        total += level
        squares += level**2
    mean = total / steps
    return squares / steps - mean**2 + 0.1 * (mean - 0.5) ** 2


POINT = (np.array([1.2, 3.0, 1.0]),)
ENTRY = ripple
