"""A stiff chemical reaction: implicit steps, each solved by Newton's method, halved where that fails."""

import numpy as np


class StepFailed(Exception):
    """Newton's method did not converge within a step."""


def rates(c, k):
    """Robertson's reaction, scaled."""
    a, b, d = c
    r1, r2, r3 = k[0] * a, k[1] * b * d, k[2] * b * b
    return np.array([-r1 + r2, r1 - r2 - r3, r3])


def jacobian(c, k):
    """The derivatives of the rates by the concentrations."""
    _, b, d = c
    return np.array([
        [-k[0], k[1] * d, k[1] * b],
        [k[0], -k[1] * d - 2.0 * k[2] * b, -k[1] * b],
        [0.0, 2.0 * k[2] * b, 0.0],
    ])  # fmt: skip


def implicit_step(c, step, k, tolerance=1e-10, rounds=8):
    """One step of the implicit Euler method."""
    new = c.copy()
    eye = np.eye(3)
    for _ in range(rounds):
        residual = new - c - step * rates(new, k)
        try:
            change = np.linalg.solve(eye - step * jacobian(new, k), residual)
        except np.linalg.LinAlgError as error:
            raise StepFailed("singular matrix") from error
        new -= change
        if np.max(np.abs(change)) < tolerance:
            return new
    raise StepFailed(f"no convergence in {rounds} rounds")


def concentrations(k, start, times):
    """The concentrations at given times."""
    c, now = start, 0.0
    for t in times:
        step = t - now
        try:
            c = implicit_step(c, step, k)
        except StepFailed:
            for _ in range(4):
                c = implicit_step(c, 0.25 * step, k)
        now = t
        yield c


def misfit(log_k, start, times, measured, weights=(1.0, 20.0, 1.0)):
    """How far the model is from measurements."""
    k = np.exp(log_k)
    total = 0.0
    for model, data in zip(concentrations(k, start, times), measured):
        total += sum(w * (m - d) ** 2 for w, m, d in zip(weights, model, data))
    return total
