"""Whole functions of the kind that libraries have, differentiated as they are, against central differences."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from s2sad.testing.grads import compare

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "models"
RNG = np.random.default_rng(5)


def module(name):
    """A model's module, imported from its file."""
    spec = importlib.util.spec_from_file_location(f"model_{name}", FOLDER / f"{name}.py")
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


SIGNAL = np.sin(np.arange(24.0) * 0.4) + 0.3 * RNG.normal(size=24)
PLACES = [[48.1, 11.6], [52.5, 13.4], [45.4, 9.2]]
LENGTHS = np.array([0.1, -0.2])
POINTS, VALUES = RNG.normal(size=(6, 2)), RNG.normal(size=6)
SERIES = RNG.normal(size=8)
MEASURED = np.array([[0.9, 0.02, 0.08], [0.8, 0.02, 0.18], [0.7, 0.01, 0.29]])
KNOTS = np.array([0.0, 0.4, 1.1, 1.7, 2.5])

CASES = {
    "filter": ("signal_filters", "band_misfit", (3.0, SIGNAL, 0.9 * SIGNAL, 24.0), (0, 1)),
    "filter out of range": ("signal_filters", "band_misfit", (13.0, SIGNAL, 0.9 * SIGNAL, 24.0), (1,)),
    "band power": ("signal_filters", "band_power", (np.array([2.0, 5.0]), SIGNAL, 24.0, 0.3), (0, 1, 3)),
    "solar yield": ("solar_position", "daily_yield", (35.0, 175.0, 48.0), (0, 1, 2)),
    "option premium": ("american_option", "early_exercise_premium", (95.0, 0.25), (0, 1)),
    "option with a finer tree": ("american_option", "american_price", (95.0, 100.0, 0.02, 0.12, 2.0), (0, 2)),
    "gaussian process": ("likelihoods", "gaussian_process", (LENGTHS, 0.2, -1.0, POINTS, VALUES), (0, 1, 2, 4)),
    "arma": ("likelihoods", "arma_log_likelihood", ([0.5, -0.2], [0.3], 0.1, SERIES), (0, 1, 2)),
    "weibull": (
        "likelihoods", "weibull_log_likelihood", (1.4, 2.0, [0.5, 1.5, 2.5], [True, False, True]), (0, 1),
    ),
    "mixture": (
        "likelihoods", "mixture_log_likelihood",
        (np.array([0.1, 0.5]), np.array([-1.0, 1.2]), np.array([0.1, -0.3]), SERIES), (0, 1, 2),
    ),
    "composite": (
        "likelihoods", "composite",
        ({"lengths": LENGTHS, "scale": 0.2, "noise": -1.0, "phi": [0.5, -0.2], "theta": [0.3], "log_sigma": 0.1},
         POINTS, VALUES, SERIES), (0,),
    ),
    "spline": (
        "spline_interpolation", "roughness_and_misfit",
        (np.array([0.3, 1.0, 0.2, -0.5, 0.1]), KNOTS, [0.2, 0.7, 1.9, 2.7], [0.5, 0.9, -0.4, 0.2]), (0,),
    ),
    "implied volatility": (
        "root_finding", "smile_curvature", ([12.0, 9.5, 8.0], 100.0, [95.0, 100.0, 104.0], 0.02, 1.0), (0, 1),
    ),
    "bouncing ball": ("bouncing_ball", "distance_of_bounce", (0.9, 6.0), (0, 1)),
    "tour": ("geodesic", "tour_length", (PLACES,), (0,)),
    "antipodes": ("geodesic", "distance", ([0.3, 0.2], [-0.1, 179.8]), (0, 1)),
    "kinetics": (
        "reaction_kinetics", "misfit",
        (np.log([0.8, 3.0, 5.0]), np.array([1.0, 0.0, 0.0]), [0.1, 0.3, 0.6], MEASURED), (0, 1),
    ),
    "alignment": (
        "sequence_alignment", "barycentre_objective",
        ([0.1, 0.5, 0.2], [[0.2, 0.6, 0.1], [0.0, 0.4, 0.4, 0.1]], [0.6, 0.4]), (0,),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_model(case):
    file, name, args, wrt = CASES[case]
    model = getattr(module(file), name)
    reports = compare(model, args, wrt)
    assert not [str(mismatch) for report in reports for mismatch in report.mismatches]
