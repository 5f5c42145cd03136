"""A rocket lands upright: thrust and gimbal angle over time, found through a simulation of 1,000 steps.

The engine at the foot of the rocket pushes along the rocket's axis, tilted by the gimbal angle: that turns the rocket,
and the tilted rocket moves sideways.  Thrust and gimbal angle are given at 11 times, with straight lines between
them; the gradient of the landing's quality with respect to all 22 numbers comes from one reverse sweep through the
simulation.  The loop is *checkpointed*: 32 states are kept instead of a thousand.
"""

import argparse
import math
from pathlib import Path

import numpy as np

from s2sad import checkpointed, value_and_grad

STEPS, DURATION, KNOTS = 1_000, 10.0, 11
GRAVITY, LENGTH, LARGEST_THRUST, LARGEST_GIMBAL = 9.81, 10.0, 20.0, 0.2
ITERATIONS, STEP_SIZE = 400, 0.07


def start():
    """High above the spot and to its right, falling."""
    return {"x": 40.0, "y": 200.0, "angle": 0.1, "vx": -6.0, "vy": -25.0, "spin": 0.0}


def steered(controls, t):
    """Thrust per mass and gimbal angle at a step, within what the engine can do."""
    stretch = STEPS // (KNOTS - 1)
    k, w = t // stretch, (t % stretch) / stretch
    throttle = (1.0 - w) * controls[k, 0] + w * controls[k + 1, 0]
    tilt = (1.0 - w) * controls[k, 1] + w * controls[k + 1, 1]
    return LARGEST_THRUST / (1.0 + math.exp(-throttle)), LARGEST_GIMBAL * math.tanh(tilt)


def moved(state, thrust, gimbal, dt):
    """The rocket a moment later."""
    direction = state["angle"] + gimbal
    vx = state["vx"] + dt * thrust * math.sin(direction)
    vy = state["vy"] + dt * (thrust * math.cos(direction) - GRAVITY)
    spin = state["spin"] - dt * 6.0 / LENGTH * thrust * math.sin(gimbal)
    return {
        "x": state["x"] + dt * vx, "y": state["y"] + dt * vy, "angle": state["angle"] + dt * spin,
        "vx": vx, "vy": vy, "spin": spin,
    }  # fmt: skip


def flown(controls):
    """The rocket's state at the end, and the impulse that the engine gave."""
    state, impulse = start(), 0.0
    dt = DURATION / STEPS
    for t in checkpointed(range(STEPS)):
        thrust, gimbal = steered(controls, t)
        state = moved(state, thrust, gimbal, dt)
        impulse = impulse + dt * thrust
    return state, impulse


def landing_cost(controls):
    """Zero for a landing on the spot, upright and at rest; a little for the impulse and for rough steering."""
    end, impulse = flown(controls)
    place = end["x"] ** 2 + end["y"] ** 2
    speed = end["vx"] ** 2 + end["vy"] ** 2
    upright = 400.0 * (end["angle"] ** 2 + end["spin"] ** 2)
    rough = controls[1:] - controls[:-1]
    return 0.2 * place + speed + upright + 1e-3 * impulse + 1e-3 * np.sum(rough * rough)


def land(iterations=ITERATIONS):
    """Controls by Adam, and the costs on the way."""
    gradient = value_and_grad(landing_cost)
    controls, mean, square = np.zeros((KNOTS, 2)), np.zeros((KNOTS, 2)), np.zeros((KNOTS, 2))
    costs = []
    for k in range(1, iterations + 1):
        cost, slope = gradient(controls)
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope * slope
        step = STEP_SIZE * (mean / (1.0 - 0.9**k)) / (np.sqrt(square / (1.0 - 0.99**k)) + 1e-8)
        controls = controls - step * min(1.0, 2.0 * (1.0 - k / (iterations + 1.0)))
        costs.append(float(cost))
    return controls, costs


def flight(controls):
    """The rocket's states on the way, for a figure."""
    state, states = start(), [start()]
    for t in range(STEPS):
        state = moved(state, *steered(controls, t), DURATION / STEPS)
        states.append(state)
    return states


def write_plots(controls, costs, folder):
    """Write the figure; returns its file."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    states = flight(controls)
    figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(12.0, 4.5), layout="constrained")
    left.plot([s["x"] for s in states], [s["y"] for s in states], color="0.6", lw=1.0)
    for s in states[::100]:
        tip = s["x"] + LENGTH * math.sin(s["angle"]), s["y"] + LENGTH * math.cos(s["angle"])
        left.plot([s["x"], tip[0]], [s["y"], tip[1]], color="crimson", lw=3.0)
    left.set(xlabel="x [m]", ylabel="height [m]", title="Flight", aspect="equal")
    times = np.linspace(0.0, DURATION, STEPS, endpoint=False)
    steering = np.array([steered(controls, t) for t in range(STEPS)])
    middle.plot(times, steering[:, 0], label="thrust [m/s²]")
    middle.plot(times, np.degrees(steering[:, 1]), label="gimbal [°]")
    middle.set(xlabel="time [s]", title="Steering")
    middle.legend()
    right.semilogy(costs, color="crimson")
    right.set(xlabel="iteration", ylabel="cost", title="Progress")
    file = folder / "rocket_landing.png"
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
    return file


def main(arguments=None):
    """Find the controls, print the landing; returns the final state."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, default=ITERATIONS)
    parser.add_argument("--plot", metavar="DIR", help="write a figure there (needs the plot extra)")
    options = parser.parse_args(arguments)

    controls, costs = land(options.iterations)
    end, impulse = flown(controls)
    print(f"cost {costs[0]:.1f} at first, {costs[-1]:.4f} after {options.iterations} iterations")
    print(f"touches down {end['x']:+.2f} m from the spot at height {end['y']:+.2f} m")
    print(f"speed {math.hypot(end['vx'], end['vy']):.2f} m/s, angle {math.degrees(end['angle']):+.2f}°")
    print(f"impulse {impulse:.1f} m/s")
    if options.plot:
        print(f"wrote {write_plots(controls, costs, options.plot)}")
    return end


if __name__ == "__main__":
    main()
