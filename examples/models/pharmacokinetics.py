"""A compartment model of a drug with oral doses, and the misfit to measured concentrations."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Parameters:
    """Rates per hour, volumes in litres."""

    absorption: float
    clearance: float
    central_volume: float
    exchange: float
    peripheral_volume: float
    bioavailability: float = 0.8

    @property
    def elimination(self):
        return self.clearance / self.central_volume

    def as_rates(self):
        return (
            self.absorption,
            self.elimination,
            self.exchange / self.central_volume,
            self.exchange / self.peripheral_volume,
        )


@dataclass(frozen=True)
class Dose:
    time: float
    amount: float
    route: str = "oral"


class TwoCompartmentModel:
    """Gut, central and peripheral amounts, integrated by Runge-Kutta steps of a fixed size."""

    def __init__(self, parameters, step=0.25):
        self.parameters = parameters
        self.step = step
        self.state = np.zeros(3)
        self.time = 0.0
        self.events = 0

    def rhs(self, amounts):
        ka, ke, k12, k21 = self.parameters.as_rates()
        gut, central, peripheral = amounts
        return np.array(
            [
                -ka * gut,
                ka * gut - (ke + k12) * central + k21 * peripheral,
                k12 * central - k21 * peripheral,
            ]
        )

    def _advance(self, dt):
        a = self.state
        k1 = self.rhs(a)
        k2 = self.rhs(a + 0.5 * dt * k1)
        k3 = self.rhs(a + 0.5 * dt * k2)
        k4 = self.rhs(a + dt * k3)
        self.state = a + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        self.time += dt

    def advance_to(self, time):
        """Integrate up to a time, in whole steps and a rest."""
        while time - self.time > self.step:
            self._advance(self.step)
        rest = time - self.time
        if rest > 1e-12:
            self._advance(rest)

    def apply(self, dose):
        if dose.route == "oral":
            self.state[0] += self.parameters.bioavailability * dose.amount
        elif dose.route == "iv":
            self.state[1] += dose.amount
        else:
            raise ValueError(f"unknown route {dose.route!r}")
        self.events += 1

    @property
    def concentration(self):
        return self.state[1] / self.parameters.central_volume


def simulate(parameters, doses, times):
    """Concentrations at the sampling times; both times and doses are in order."""
    model = TwoCompartmentModel(parameters)
    found = []
    before = -1.0
    for time in times:
        for dose in doses:
            if before < dose.time <= time:
                model.advance_to(dose.time)
                model.apply(dose)
        model.advance_to(time)
        found.append(model.concentration)
        before = time
    return np.array(found)


def misfit(parameters, doses, times, measured, prior=None):
    """Squared logarithmic residuals, and a weak prior on the clearance."""
    expected = simulate(parameters, doses, times)
    residuals = np.log(expected) - np.log(measured)
    value = np.sum(residuals**2)
    if prior is not None:
        value += ((parameters.clearance - prior.clearance) / (0.3 * prior.clearance)) ** 2
    return value


TYPICAL = Parameters(1.2, 5.0, 30.0, 4.0, 45.0)
DOSES = [Dose(0.0, 100.0), Dose(6.0, 50.0, "iv")]
TIMES = (0.5, 1.0, 2.0, 4.0, 7.0, 10.0)
MEASURED = np.array([0.9, 1.35, 1.5, 1.0, 1.9, 1.2])

POINT = (Parameters(1.0, 4.2, 28.0, 3.5, 40.0), DOSES, TIMES, MEASURED, TYPICAL)
ENTRY = misfit
