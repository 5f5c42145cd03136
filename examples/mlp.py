"""Train a three-layer network on two interleaved spirals, its parameters in a dict of dicts.

Run: ``python examples/mlp.py [--plot DIR]``
"""

import argparse
from pathlib import Path

import numpy as np

from s2sad import value_and_grad

WIDTH = 24


def make_spirals(n=100, noise=0.08, seed=1):
    """Points of two spirals, `n` on each, and 0 or 1 for the spiral that each is on."""
    rng = np.random.default_rng(seed)
    angle = np.sqrt(rng.uniform(0.05, 1.0, n)) * 2.5 * np.pi
    arm = np.column_stack([angle * np.cos(angle), angle * np.sin(angle)]) / (2.5 * np.pi)
    points = np.concatenate([arm, -arm]) + noise * 0.3 * rng.normal(size=(2 * n, 2))
    return points, np.repeat([0.0, 1.0], n)


def make_parameters(width=WIDTH, seed=2):
    """Small random weights and zero biases."""
    rng = np.random.default_rng(seed)

    def dense(rows, columns):
        return {"w": rng.normal(size=(rows, columns)) * np.sqrt(2.0 / rows), "b": np.zeros(columns)}

    return {"first": dense(2, width), "second": dense(width, width), "last": dense(width, 1)}


def layer(p, x):
    return x @ p["w"] + p["b"]


def logits(params, x):
    hidden = np.tanh(layer(params["first"], x))
    hidden = np.tanh(layer(params["second"], hidden))
    return layer(params["last"], hidden)[:, 0]


@value_and_grad
def loss(params, x, target):
    """Mean cross-entropy of the two classes, with a little weight decay."""
    z = logits(params, x)
    decay = 0.0
    for p in params.values():
        decay = decay + np.sum(p["w"] ** 2)
    return np.mean(np.logaddexp(0.0, z) - target * z) + 1e-5 * decay


def accuracy(params, x, target):
    return float(np.mean((logits(params, x) > 0.0) == (target > 0.5)))


def train(params, x, target, steps=600, rate=0.02):
    """Adam; returns the trained parameters and the loss at every step."""
    beta1, beta2, epsilon = 0.9, 0.999, 1e-8
    moments = {name: {key: (0.0 * v, 0.0 * v) for key, v in p.items()} for name, p in params.items()}
    history = []
    for step in range(1, steps + 1):
        value, gradient = loss(params, x, target)
        history.append(float(value))
        moved = {}
        for name, p in params.items():
            moved[name] = {}
            for key, v in p.items():
                g = gradient[name][key]
                m = beta1 * moments[name][key][0] + (1.0 - beta1) * g
                s = beta2 * moments[name][key][1] + (1.0 - beta2) * g * g
                moments[name][key] = (m, s)
                scale = np.sqrt(s / (1.0 - beta2**step)) + epsilon
                moved[name][key] = v - rate * m / (1.0 - beta1**step) / scale
        params = moved
    return params, history


def write_plot(params, x, target, history, folder):
    """Write the figure; returns its file."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    file = Path(folder) / "mlp.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9.0, 4.0), layout="constrained")
    a, b = np.meshgrid(np.linspace(-1.2, 1.2, 150), np.linspace(-1.2, 1.2, 150))
    surface = logits(params, np.column_stack([a.ravel(), b.ravel()])).reshape(a.shape)
    left.contourf(a, b, np.tanh(surface), levels=20, cmap="RdBu")
    left.scatter(x[:, 0], x[:, 1], c=target, cmap="RdBu", edgecolors="k", s=18)
    left.set(title="classes")
    right.semilogy(history)
    right.set(xlabel="step", ylabel="loss")
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
    return file


def main(arguments=None):
    """Train and print; returns the accuracy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", metavar="DIR", help="write a figure there (needs the plot extra)")
    options = parser.parse_args(arguments)

    x, target = make_spirals()
    params, history = train(make_parameters(), x, target)
    right = accuracy(params, x, target)
    print(loss.source)
    print(f"loss {history[0]:.4f} -> {history[-1]:.4f}, accuracy {right:.1%} on {len(x)} points")
    if options.plot:
        print(f"wrote {write_plot(params, x, target, history, options.plot)}")
    return right


if __name__ == "__main__":
    main()
