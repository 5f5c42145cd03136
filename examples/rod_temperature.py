"""The initial temperature of a rod, recovered from what is measured after 10,000 steps of diffusion.

A rod of 41 points starts with an unknown profile.  After a long time the temperature is measured, and the profile that
explains it best is found by gradient descent with momentum.  The gradient runs back through all of the steps; the loop
is *checkpointed*, so that about two hundred states are kept instead of ten thousand.
"""

import argparse
from pathlib import Path

import numpy as np

from s2sad import checkpointed, value_and_grad

POINTS, STEPS = 41, 10_000
DIFFUSIVITY = 2.5e-4  # per step, in units of the squared distance of the points
ITERATIONS, STEP_SIZE, MOMENTUM = 60, 1.0, 0.9
PLACES = np.linspace(0.0, 1.0, POINTS)


def diffused(u, steps, diffusivity):
    """The temperature after some steps; the ends of the rod are insulated."""
    u = u.copy()
    for _ in checkpointed(range(steps)):
        flow = diffusivity * (u[1:] - u[:-1])
        u[:-1] += flow
        u[1:] -= flow
    return u


def misfit(start, measured):
    """Half of the mean squared error of the final temperature, and a little weight on roughness."""
    error = diffused(start, STEPS, DIFFUSIVITY) - measured
    rough = start[1:] - start[:-1]
    return 0.5 * np.sum(error * error) + 1e-6 * np.sum(rough * rough)


def truth():
    """The profile to recover: a warm bump and a cold one."""
    return np.exp(-80.0 * (PLACES - 0.35) ** 2) - 0.6 * np.exp(-80.0 * (PLACES - 0.7) ** 2)


def recover(measured, iterations=ITERATIONS):
    """The profile found, and the misfits on the way."""
    gradient = value_and_grad(misfit)
    profile, velocity = np.zeros(POINTS), np.zeros(POINTS)
    misfits = []
    for _ in range(iterations):
        value, slope = gradient(profile, measured)
        velocity = MOMENTUM * velocity - STEP_SIZE * slope
        profile = profile + velocity
        misfits.append(value)
    return profile, misfits


def write_plots(profile, measured, misfits, folder):
    """Write the figure; returns its file."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9.0, 4.0), layout="constrained")
    left.plot(PLACES, truth(), color="0.5", lw=4.0, label="true start")
    left.plot(PLACES, profile, color="crimson", label="recovered start")
    left.plot(PLACES, measured, "--", color="tab:blue", label=f"measured after {STEPS:,} steps")
    left.set(xlabel="place", ylabel="temperature", title="Rod")
    left.legend()
    right.semilogy(misfits, color="crimson")
    right.set(xlabel="iteration", ylabel="misfit", title="Progress")
    file = folder / "rod_temperature.png"
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
    return file


def main(arguments=None):
    """Measure, recover, print; returns the profile."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, default=ITERATIONS)
    parser.add_argument("--plot", metavar="DIR", help="write a figure there (needs the plot extra)")
    options = parser.parse_args(arguments)

    measured = diffused(truth(), STEPS, DIFFUSIVITY)
    report = value_and_grad(misfit).explain(np.zeros(POINTS), measured)
    print(f"kept for the reverse sweep: {report.bytes / 1e6:.2f} MB of {STEPS:,} states of {POINTS} numbers")
    profile, misfits = recover(measured, options.iterations)
    print(f"misfit {misfits[0]:.6f} at first, {misfits[-1]:.3e} after {options.iterations} iterations")
    print(f"largest error of the recovered start: {np.max(np.abs(profile - truth())):.4f}")
    if options.plot:
        print(f"wrote {write_plots(profile, measured, misfits, options.plot)}")
    return profile


if __name__ == "__main__":
    main()
