"""Solve a boundary value problem with a small network: the loss holds the network's second derivative.

The equation is u''(x) + 4 pi**2 u(x) = -5 pi**2 sin(3 pi x) on [0, 1] with u(0) = u(1) = 0.3; its solution is
u(x) = sin(3 pi x) + 0.3 cos(2 pi x) + c sin(2 pi x), where u'(0) = 3 pi makes c zero.

Run: ``python examples/physics_informed.py [--plot DIR]`` (needs the scipy extra)
"""

import argparse
from pathlib import Path

import numpy as np

from s2sad import elementwise_grad, value_and_grad

WIDTH = 16
POINTS = np.linspace(0.0, 1.0, 40)


def make_parameters(width=WIDTH, seed=0):
    """All weights in one vector, as optimisers want them."""
    rng = np.random.default_rng(seed)
    first = np.concatenate([rng.normal(size=width) * 6.0, rng.uniform(-6.0, 6.0, width)])
    return np.concatenate([first, rng.normal(size=width) * 0.5, [0.0]])


def network(params, x):
    """One hidden layer of `WIDTH` units, for every x."""
    slopes, shifts, weights = params[:WIDTH], params[WIDTH : 2 * WIDTH], params[2 * WIDTH : 3 * WIDTH]
    return np.tanh(x[:, None] * slopes + shifts) @ weights + params[3 * WIDTH]


network_x = elementwise_grad(network, argnums="x")
network_xx = elementwise_grad(network_x, argnums="x")


def source_term(x):
    return -5.0 * np.pi**2 * np.sin(3.0 * np.pi * x)


@value_and_grad
def loss(params, x):
    """Squared residual of the equation, and of the values and the slope at the boundary."""
    residual = network_xx(params, x) + 4.0 * np.pi**2 * network(params, x) - source_term(x)
    ends = np.array([0.0, 1.0])
    values = network(params, ends) - 0.3 * np.cos(2.0 * np.pi * ends)
    slope = network_x(params, ends)[0] - 3.0 * np.pi
    return np.mean(residual**2) / 100.0 + 10.0 * np.sum(values**2) + slope**2


def solution(x):
    return np.sin(3.0 * np.pi * x) + 0.3 * np.cos(2.0 * np.pi * x)


def solve(params=None, steps=1000):
    """SciPy's result of L-BFGS."""
    from scipy.optimize import minimize

    start = make_parameters() if params is None else params
    return minimize(loss, start, args=(POINTS,), jac=True, method="L-BFGS-B",
                    options={"maxiter": steps, "maxfun": 2 * steps, "ftol": 1e-14, "gtol": 1e-8})  # fmt: skip


def write_plot(params, folder):
    """Write the figure; returns its file."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    file = Path(folder) / "physics_informed.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9.0, 4.0), layout="constrained")
    x = np.linspace(0.0, 1.0, 400)
    left.plot(x, solution(x), color="0.7", lw=4, label="solution")
    left.plot(x, network(params, x), label="network")
    left.plot(POINTS, network(params, POINTS), "k.", ms=3, label="points of the loss")
    left.set(xlabel="x", ylabel="u")
    left.legend()
    right.plot(x, network(params, x) - solution(x))
    right.set(xlabel="x", ylabel="error of u")
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
    return file


def main(arguments=None):
    """Solve and print; returns the largest error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", metavar="DIR", help="write a figure there (needs the plot extra)")
    options = parser.parse_args(arguments)

    found = solve()
    x = np.linspace(0.0, 1.0, 400)
    error = float(np.max(np.abs(network(found.x, x) - solution(x))))
    print(network_xx.specialize(found.x, x).source)
    print(f"loss {found.fun:.2e} after {found.nit} steps; largest error of u: {error:.1e}")
    if options.plot:
        print(f"wrote {write_plot(found.x, options.plot)}")
    return error


if __name__ == "__main__":
    main()
