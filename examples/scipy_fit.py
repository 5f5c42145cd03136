"""Fit a damped oscillation with SciPy: `minimize` takes s2sad's value and gradient, `least_squares` its Jacobian.

Run: ``python examples/scipy_fit.py [--plot DIR]`` (needs the scipy extra)
"""

import argparse
from pathlib import Path

import numpy as np

from s2sad import value_and_grad, vjp

TRUE = np.array([2.0, 0.4, 3.0, 0.5])  # amplitude, damping, frequency, phase
START = np.array([1.5, 0.3, 2.8, 0.3])


def model(p, t):
    amplitude, damping, frequency, phase = p
    return amplitude * np.exp(-damping * t) * np.cos(frequency * t + phase)


def residuals(p, t, y):
    return model(p, t) - y


@value_and_grad
def loss(p, t, y):
    r = residuals(p, t, y)
    return 0.5 * np.sum(r * r)


def jacobian_rows(p, t, y):
    """The Jacobian of the residuals, a row for each: the pullback of every unit cotangent."""
    r, pullback = vjp(residuals, p, t, y)
    return np.stack([pullback(row)[0] for row in np.eye(len(r))])


def make_data(n=60, noise=0.05):
    """Times and noisy observations."""
    t = np.linspace(0.0, 5.0, n)
    return t, model(TRUE, t) + noise * np.random.default_rng(3).normal(size=n)


def fit(t, y):
    """The parameters by `minimize` and by `least_squares`."""
    from scipy.optimize import least_squares, minimize

    by_gradient = minimize(loss, START, args=(t, y), jac=True, method="BFGS", options={"gtol": 1e-8})
    by_jacobian = least_squares(residuals, START, jac=jacobian_rows, args=(t, y), xtol=1e-12, ftol=1e-12, gtol=1e-12)
    return by_gradient.x, by_jacobian.x


def write_plot(t, y, p, folder):
    """Write the figure; returns its file."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    file = Path(folder) / "scipy_fit.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    figure, ax = pyplot.subplots(figsize=(6.0, 4.0), layout="constrained")
    fine = np.linspace(t[0], t[-1], 400)
    ax.plot(t, y, ".", label="data")
    ax.plot(fine, model(p, fine), label="fit")
    ax.plot(fine, model(START, fine), "--", color="0.6", label="start")
    ax.set(xlabel="time", ylabel="displacement")
    ax.legend()
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
    return file


def main(arguments=None):
    """Fit both ways and print; returns both fits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", metavar="DIR", help="write a figure there (needs the plot extra)")
    options = parser.parse_args(arguments)

    t, y = make_data()
    by_gradient, by_jacobian = fit(t, y)
    print(loss.source)
    print("true         ", TRUE)
    print("minimize     ", by_gradient.round(4))
    print("least_squares", by_jacobian.round(4))
    if options.plot:
        print(f"wrote {write_plot(t, y, by_gradient, options.plot)}")
    return by_gradient, by_jacobian


if __name__ == "__main__":
    main()
