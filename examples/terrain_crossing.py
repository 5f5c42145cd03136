"""Cross three strips of terrain in the least time: gradient descent on a function that s2sad differentiates.

A walker starts at one corner of a field of three strips, each `d` deep, with a speed of its own, and wants to reach
a point `h` further along.  `x1` and `x2` are how far along they go within the first and the second strip.

Run: ``python examples/terrain_crossing.py [--plot DIR]``
"""

import argparse
from math import sqrt
from pathlib import Path

import numpy as np

from s2sad import grad

h, d = 20.0, 10.0
v1, v2, v3 = 0.7, 0.3, 0.45

START = [2.0, 17.0]
STEPS = 20
STEP_SIZE = 1.5


@grad
def calc_time(x):
    x1, x2 = x
    return sqrt(x1**2 + d**2) / v1 + sqrt(x2**2 + d**2) / v2 + sqrt((h - x1 - x2) ** 2 + d**2) / v3


def descend(x=START, steps=STEPS, step_size=STEP_SIZE):
    """The points that gradient descent visits, the start included."""
    path = [list(x)]
    for _ in range(steps):
        slope = calc_time(path[-1])
        path.append([xi - step_size * gi for xi, gi in zip(path[-1], slope)])
    return path


def plot_landscape(ax, path):
    """The travel time over x1 and x2, with the path of the descent."""
    x1, x2 = np.meshgrid(np.linspace(-2.0, 22.0, 120), np.linspace(-2.0, 22.0, 120))
    time = np.vectorize(lambda a, b: calc_time.primal([a, b]))(x1, x2)
    ax.figure.colorbar(ax.contourf(x1, x2, time, levels=30, cmap="viridis"), ax=ax, label="time")
    ax.plot(*zip(*path), "w.-", label="descent")
    ax.plot(*path[-1], "r*", markersize=12, label="optimum")
    ax.set(xlabel="x1", ylabel="x2", title="Travel time")
    ax.legend()


def plot_progress(ax, path):
    """The travel time after each step."""
    ax.plot([calc_time.primal(x) for x in path], ".-")
    ax.set(xlabel="step", ylabel="time", title="Descent")


def plot_routes(ax, path):
    """The ways across the field, from the first guess to the optimum."""
    for k, (x1, x2) in enumerate(path):
        last = k == len(path) - 1
        style = {"color": "crimson", "lw": 2.0} if last else {"color": "0.6", "lw": 0.8}
        ax.plot([0.0, x1, x1 + x2, h], [0.0, -d, -2 * d, -3 * d], **style)
    for depth, speed in zip((0.0, -d, -2 * d), (v1, v2, v3)):
        ax.axhspan(depth - d, depth, color="tab:green", alpha=0.5 * speed)
        ax.text(h - 0.5, depth - d / 2, f"speed {speed}", ha="right")
    ax.set(xlabel="along", ylabel="across", title="Routes")


def write_plots(path, folder):
    """Write the three figures; returns their files."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for draw in (plot_landscape, plot_progress, plot_routes):
        figure, ax = pyplot.subplots(figsize=(6.0, 4.5), layout="constrained")
        draw(ax, path)
        files.append(folder / f"terrain_{draw.__name__.removeprefix('plot_')}.png")
        figure.savefig(files[-1], dpi=120)
        pyplot.close(figure)
    return files


def main(arguments=None):
    """Differentiate, descend, print; returns the optimum."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", metavar="DIR", help="write three figures there (needs the plot extra)")
    options = parser.parse_args(arguments)

    calc_time.specialize(START)
    print(calc_time.source)
    path = descend()
    x1, x2 = path[-1]
    print(f"after {STEPS} steps of size {STEP_SIZE} from {tuple(START)}:")
    print(f"x1 = {x1:.6f}, x2 = {x2:.6f}, time = {calc_time.primal([x1, x2]):.6f}")
    if options.plot:
        for file in write_plots(path, options.plot):
            print(f"wrote {file}")
    return path[-1]


if __name__ == "__main__":
    main()
