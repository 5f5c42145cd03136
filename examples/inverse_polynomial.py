"""Find where a polynomial has the value 42: descent on the squared error, with s2sad's gradient.

Run: ``python examples/inverse_polynomial.py [--plot DIR]``
"""

import argparse
from pathlib import Path

import numpy as np

from s2sad import value_and_grad

TARGET = 42.0
START = 3.0
COEFFICIENTS = (1.0, -2.0, 3.0, 5.0)  # x**3 - 2 x**2 + 3 x + 5


def polynomial(x):
    """Horner's scheme, highest power first."""
    y = 0.0
    for c in COEFFICIENTS:
        y = y * x + c
    return y


@value_and_grad
def squared_error(x):
    return (polynomial(x) - TARGET) ** 2


def solve(x=START, step_size=2e-4, tolerance=1e-20, max_steps=10_000):
    """The points visited until the squared error is below the tolerance."""
    path = [x]
    for _ in range(max_steps):
        error, slope = squared_error(path[-1])
        if error < tolerance:
            break
        path.append(path[-1] - step_size * slope)
    return path


def write_plot(path, folder):
    """Write the figure; returns its file."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    file = Path(folder) / "inverse_polynomial.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9.0, 4.0), layout="constrained")
    x = np.linspace(min(path) - 1.0, max(path) + 1.0, 200)
    left.plot(x, [polynomial(v) for v in x])
    left.axhline(TARGET, color="0.6", ls="--")
    left.plot(path, [polynomial(v) for v in path], "r.")
    left.set(xlabel="x", ylabel="polynomial")
    right.semilogy([squared_error.primal(v) + 1e-32 for v in path])
    right.set(xlabel="step", ylabel="squared error")
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
    return file


def main(arguments=None):
    """Solve and print; returns the root."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", metavar="DIR", help="write a figure there (needs the plot extra)")
    options = parser.parse_args(arguments)

    path = solve()
    print(squared_error.source)
    x = path[-1]
    print(f"polynomial({x:.10f}) = {polynomial(x):.10f} after {len(path) - 1} steps")
    if options.plot:
        print(f"wrote {write_plot(path, options.plot)}")
    return x


if __name__ == "__main__":
    main()
