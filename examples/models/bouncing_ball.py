"""A ball that bounces: an integrator that stops at events, found to the precision of the step by Newton's method."""

import math

import numpy as np

GRAVITY = 9.81


def right_side(state, drag):
    """Velocity and acceleration of a ball in air."""
    _, _, vx, vy = state
    speed = np.sqrt(vx * vx + vy * vy + 1e-12)
    return np.array([vx, vy, -drag * speed * vx, -GRAVITY - drag * speed * vy])


def runge_kutta(state, step, drag):
    """One step of fourth order."""
    k1 = right_side(state, drag)
    k2 = right_side(state + 0.5 * step * k1, drag)
    k3 = right_side(state + 0.5 * step * k2, drag)
    k4 = right_side(state + step * k3, drag)
    return state + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


def time_of_impact(state, step, drag, rounds=6):
    """How long after the start of the step the ball is on the ground."""
    after = step * state[1] / (state[1] - runge_kutta(state, step, drag)[1])
    for _ in range(rounds):
        there = runge_kutta(state, after, drag)
        if there[3] == 0.0:
            raise ArithmeticError("the ball only touches the ground")
        after -= there[1] / there[3]
    return after


def flight(start, drag, restitution, friction, step=0.02, most=400):
    """The states of a flight, with the times at which the ball bounced."""
    state, time = start, 0.0
    for _ in range(most):
        new = runge_kutta(state, step, drag)
        if new[1] < 0.0 and state[1] > 0.0:
            after = time_of_impact(state, step, drag)
            hit = runge_kutta(state, after, drag)
            state = np.array([hit[0], 1e-9, friction * hit[2], -restitution * hit[3]])
            time += after
            yield "bounce", time, state
            continue
        state = new
        time += step
        yield "flight", time, state


def distance_of_bounce(angle, speed, restitution=0.7, drag=0.02, wanted=2):
    """How far the ball has come when it bounces for the n-th time."""
    start = np.array([0.0, 0.1, speed * math.cos(angle), speed * math.sin(angle)])
    bounces = 0
    for kind, _, (x, *_) in flight(start, drag, restitution, 0.9):
        if kind != "bounce":
            continue
        bounces += 1
        if bounces == wanted:
            return x
    raise RuntimeError("the ball is still in the air")
