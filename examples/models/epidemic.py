"""An epidemic in age groups with contact reductions, and the likelihood of the cases that were reported."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


class Compartments(NamedTuple):
    """People by age group."""

    susceptible: np.ndarray
    exposed: np.ndarray
    infectious: np.ndarray
    recovered: np.ndarray

    @property
    def population(self):
        return self.susceptible + self.exposed + self.infectious + self.recovered

    def moved(self, infections, onsets, recoveries):
        return self._replace(
            susceptible=self.susceptible - infections,
            exposed=self.exposed + infections - onsets,
            infectious=self.infectious + onsets - recoveries,
            recovered=self.recovered + recoveries,
        )


@dataclass(frozen=True)
class Intervention:
    """Contacts are cut by a share from one day on, over a week."""

    day: float
    reduction: float

    def factor(self, day):
        started = 1.0 / (1.0 + np.exp(-(day - self.day) / 2.0))
        return 1.0 - self.reduction * started


@dataclass
class Parameters:
    transmission: float
    latent: float = 3.0
    duration: float = 5.0
    reporting: np.ndarray = field(default_factory=lambda: np.array([0.2, 0.4, 0.6]))

    @property
    def rates(self):
        return 1.0 / self.latent, 1.0 / self.duration

    def reproduction_number(self, contacts):
        return self.transmission * self.duration * contacts.sum(axis=1).mean()


class EpidemicModel:
    contacts = np.array([[8.0, 3.0, 1.0], [3.0, 6.0, 2.0], [1.0, 2.0, 3.0]])

    def __init__(self, parameters, interventions, population, seeds=10.0):
        self.parameters = parameters
        self.interventions = list(interventions)
        none = np.zeros_like(population)
        self.state = Compartments(population - seeds, np.full_like(population, seeds), none, none)
        self.day = 0
        self.reported = []

    def force_of_infection(self):
        factor = 1.0
        for intervention in self.interventions:
            factor *= intervention.factor(self.day)
        prevalence = self.state.infectious / self.state.population
        return self.parameters.transmission * factor * (self.contacts @ prevalence)

    def step(self):
        """One day."""
        onset, recovery = self.parameters.rates
        infections = self.state.susceptible * (1.0 - np.exp(-self.force_of_infection()))
        onsets = onset * self.state.exposed
        self.state = self.state.moved(infections, onsets, recovery * self.state.infectious)
        self.day += 1
        return onsets

    def run(self, days):
        for _ in range(days):
            onsets = self.step()
            self.reported.append(self.parameters.reporting @ onsets)
        return np.array(self.reported)


def deviance(parameters, interventions, population, cases):
    """Poisson deviance of the reported cases, with a prior that keeps the reproduction number plausible."""
    model = EpidemicModel(parameters, interventions, population)
    expected = model.run(len(cases))
    fit = np.sum(expected - cases + cases * np.log((cases + 0.5) / (expected + 0.5)))
    prior = (parameters.reproduction_number(EpidemicModel.contacts) - 2.5) ** 2
    return 2.0 * fit / len(cases) + prior


POPULATION = np.array([20e3, 50e3, 15e3])
CASES = np.array([5.0, 6.0, 8.0, 11.0, 14.0, 18.0, 24.0, 30.0, 37.0, 44.0, 50.0, 55.0])
POINT = (
    Parameters(0.06),
    [Intervention(5.0, 0.4), Intervention(9.0, 0.2)],
    POPULATION,
    CASES,
)
ENTRY = deviance
