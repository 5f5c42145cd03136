"""Time derivatives beyond the first: ``python -m benchmarks orders`` prints one JSON line per claim.

Each line has the ratio that is claimed, of one interleaved run, and the bound on it.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.machine import environment
from benchmarks.timing import interleaved
from s2sad import grad, hessian, hvp, jacfwd, jvp


@dataclass(frozen=True)
class Claim:
    """Two candidates, and how the time of one compares with that of the other.

    Attributes
    ----------
    candidates : dict from str to callable
        The two, with their arguments.
    over, under : str
        Which is divided by which.
    bound : float
        The ratio may not exceed it; for `at_least`, not fall below it.
    """

    candidates: dict[str, Callable[[], Any]]
    over: str
    under: str
    bound: float
    at_least: bool = False


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_hessian(x):
    """By hand, as SciPy's `rosen_hess`."""
    matrix = np.diag(-400.0 * x[:-1], 1) - np.diag(400.0 * x[:-1], -1)
    diagonal = np.zeros_like(x)
    diagonal[0] = 1200.0 * x[0] ** 2 - 400.0 * x[1] + 2.0
    diagonal[-1] = 200.0
    diagonal[1:-1] = 202.0 + 1200.0 * x[1:-1] ** 2 - 400.0 * x[2:]
    return matrix + np.diag(diagonal)


def chain(x):
    """50 inputs, 50 outputs: neighbours coupled, ten steps."""
    y = x
    for _ in range(10):
        y = y + 0.1 * (np.roll(y, 1) - 2.0 * y + np.roll(y, -1)) * np.cos(y)
    return y


def hessian_claim() -> Claim:
    """Hessian of 100 variables against the one by hand."""
    x = np.linspace(-1.0, 1.0, 100)
    made = hessian(rosenbrock)
    np.testing.assert_allclose(made(x), rosenbrock_hessian(x), atol=1e-9)
    return Claim({"s2sad": lambda: made(x), "by_hand": lambda: rosenbrock_hessian(x)}, "s2sad", "by_hand", 3.0)


def hvp_claim(size: int) -> Claim:
    """A product with the Hessian against the gradient."""
    x, p = np.linspace(-1.0, 1.0, size), np.ones(size)
    product, gradient = hvp(rosenbrock), grad(rosenbrock)
    short = slice(0, 50)
    np.testing.assert_allclose(product(x[short], p[short]), rosenbrock_hessian(x[short]) @ p[short], atol=1e-8)
    product(x, p), gradient(x)
    return Claim({"hvp": lambda: product(x, p), "gradient": lambda: gradient(x)}, "hvp", "gradient", 5.0)


def jacobian_claim() -> Claim:
    """A Jacobian with respect to 50 inputs against 50 calls of `jvp`."""
    x = np.linspace(-1.0, 1.0, 50)
    made = jacfwd(chain)

    def by_jvp() -> Any:
        return np.stack([jvp(chain, (x,), (direction,))[1] for direction in np.eye(50)], axis=-1)

    np.testing.assert_allclose(made(x), by_jvp(), atol=1e-12)
    return Claim({"jacfwd": lambda: made(x), "jvps": by_jvp}, "jvps", "jacfwd", 5.0, at_least=True)


CLAIMS: dict[str, Callable[[], Claim]] = {
    "hessian_of_100_variables": hessian_claim,
    "hvp_of_100_variables": lambda: hvp_claim(100),
    "hvp_of_100000_variables": lambda: hvp_claim(100_000),
    "jacfwd_of_50_inputs": jacobian_claim,
}


def measure(name: str, rounds: int = 15, seconds: float = 0.02) -> dict[str, Any]:
    """The figures of one claim."""
    claim = CLAIMS[name]()
    # glibc gives memory back to the system after every call until a larger array was freed once: all pay that, or none
    np.ones(1 << 20)
    times = interleaved(claim.candidates, rounds, seconds)
    ratio = statistics.median(p / q for p, q in zip(times[claim.over], times[claim.under]))
    return {
        "claim": name,
        "ratio": round(ratio, 3),
        "of": f"{claim.over} / {claim.under}",
        "bound": f"{'>=' if claim.at_least else '<='} {claim.bound:g}",
        "holds": bool(ratio >= claim.bound if claim.at_least else ratio <= claim.bound),
        **{f"{kind}_us": round(1e6 * sorted(series)[len(series) // 2], 2) for kind, series in times.items()},
        "rounds": rounds,
    }


def main(options: argparse.Namespace) -> int:
    """Print one JSON line per claim; the exit code tells whether all hold."""
    lines = [measure(name, options.rounds) for name in CLAIMS]
    for line in lines:
        print(json.dumps(line | {"environment": environment()}), flush=True)
    return 0 if all(line["holds"] for line in lines) else 1
