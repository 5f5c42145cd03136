"""Fit a logistic regression by a trust-region Newton method: SciPy takes s2sad's gradient and Hessian products.

Run: ``python examples/logistic_regression.py [--plot DIR]`` (needs the scipy extra)
"""

import argparse
from pathlib import Path

import numpy as np

from s2sad import hessian, hvp, value_and_grad

TRUE = np.array([1.5, -2.0, 0.5])  # weights of two features, and the bias


def make_data(n=400, seed=4):
    """Points in the plane, a column of ones beside them, and the class of each."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(size=(n, 2)), np.ones(n)])
    return x, (rng.uniform(size=n) < 1.0 / (1.0 + np.exp(-x @ TRUE))).astype(float)


def negative_log_likelihood(w, x, y, ridge=1e-3):
    """Mean cross-entropy, and a little ridge."""
    z = x @ w
    return np.mean(np.logaddexp(0.0, z) - y * z) + 0.5 * ridge * np.sum(w * w)


loss = value_and_grad(negative_log_likelihood)
loss_hvp = hvp(negative_log_likelihood)
loss_hessian = hessian(negative_log_likelihood)


def fit(x, y):
    """SciPy's result: the Hessian is never made, only multiplied."""
    from scipy.optimize import minimize

    return minimize(loss, np.zeros(x.shape[1]), args=(x, y), jac=True, hessp=loss_hvp, method="trust-ncg",
                    options={"gtol": 1e-9})  # fmt: skip


def standard_errors(w, x, y):
    """Of the weights: the Hessian at the optimum is the information of one observation."""
    return np.sqrt(np.diag(np.linalg.inv(loss_hessian(w, x, y)))) / np.sqrt(len(y))


def write_plot(w, x, y, folder):
    """Write the figure; returns its file."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    file = Path(folder) / "logistic_regression.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    figure, ax = pyplot.subplots(figsize=(5.5, 4.5), layout="constrained")
    a, b = np.meshgrid(np.linspace(-3.0, 3.0, 100), np.linspace(-3.0, 3.0, 100))
    p = 1.0 / (1.0 + np.exp(-(w[0] * a + w[1] * b + w[2])))
    filled = ax.contourf(a, b, p, levels=np.linspace(0.0, 1.0, 11), cmap="coolwarm", alpha=0.6)
    figure.colorbar(filled, label="probability of class 1")
    for label, marker in ((0.0, "o"), (1.0, "^")):
        ax.plot(*x[y == label, :2].T, marker, ms=4, color="k", mfc="none", label=f"class {label:.0f}")
    ax.set(xlabel="first feature", ylabel="second feature")
    ax.legend()
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
    return file


def main(arguments=None):
    """Fit and print; returns the weights and their standard errors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", metavar="DIR", help="write a figure there (needs the plot extra)")
    options = parser.parse_args(arguments)

    x, y = make_data()
    found = fit(x, y)
    errors = standard_errors(found.x, x, y)
    print(loss_hvp.source)
    for name, weight, error, true in zip(("first", "second", "bias"), found.x, errors, TRUE):
        print(f"{name:>6}: {weight:7.4f} +- {error:.4f}  (true {true})")
    print(f"{found.nit} Newton steps, {found.nhev} products with the Hessian")
    if options.plot:
        print(f"wrote {write_plot(found.x, x, y, options.plot)}")
    return found.x, errors


if __name__ == "__main__":
    main()
