"""The programs that are timed, each with the adjoint that a careful colleague writes by hand in NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Workload:
    """A primal, where it is run, and its gradient by hand.

    Attributes
    ----------
    primal : callable
        The program.
    by_hand : callable
        Takes the primal's arguments, returns the gradient with respect to `wrt`: a tuple.
    arguments : callable
        Makes the arguments.
    wrt : tuple of int
        The positions of the differentiated arguments.
    writes : bool
        Whether the program writes into arrays.
    """

    primal: Callable[..., Any]
    by_hand: Callable[..., tuple[Any, ...]]
    arguments: Callable[[], tuple[Any, ...]]
    wrt: tuple[int, ...]
    writes: bool = False


WORKLOADS: dict[str, Workload] = {}


def workload(
    primal: Callable[..., Any], *arguments: Any, wrt: tuple[int, ...] = (0,), writes: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated adjoint for `primal`."""

    def register(by_hand: Callable[..., Any]) -> Callable[..., Any]:
        WORKLOADS[primal.__name__] = Workload(primal, by_hand, lambda: arguments, wrt, writes)
        return by_hand

    return register


_rng = np.random.default_rng(11)

# ---- scalars -----------------------------------------------------------------------------------------------------
h, d, v1, v2, v3 = 20.0, 10.0, 0.7, 0.3, 0.45


def crossing(x1, x2):
    return sqrt(x1**2 + d**2) / v1 + sqrt(x2**2 + d**2) / v2 + sqrt((h - x1 - x2) ** 2 + d**2) / v3


@workload(crossing, 2.0, 17.0, wrt=(0, 1))
def crossing_by_hand(x1, x2):
    t = h - x1 - x2
    r1 = sqrt(x1**2 + d**2)
    r2 = sqrt(x2**2 + d**2)
    r3 = sqrt(t**2 + d**2)
    t_bar = 1.0 / v3 / (2.0 * r3) * (2 * t)
    return 1.0 / v1 / (2.0 * r1) * (2 * x1) - t_bar, 1.0 / v2 / (2.0 * r2) * (2 * x2) - t_bar


def iterate(x, n):
    s = 0.5
    for i in range(n):
        s = s * x + math.sin(s)
    return s


@workload(iterate, 0.4, 1000)
def iterate_by_hand(x, n):
    s = 0.5
    tape = []
    for _ in range(n):
        tape.append(s)
        s = s * x + math.sin(s)
    x_bar, s_bar = 0.0, 1.0
    for k in range(n - 1, -1, -1):
        s = tape[k]
        x_bar += s_bar * s
        s_bar = s_bar * (x + math.cos(s))
    return (x_bar,)


def newton_sqrt(a):
    y = a
    while True:
        y_next = 0.5 * (y + a / y)
        if abs(y_next - y) < 1e-12:
            break
        y = y_next
    return y_next * y_next * a


@workload(newton_sqrt, 3.3e6)
def newton_sqrt_by_hand(a):
    y = a
    tape = []
    while True:
        tape.append(y)
        y_next = 0.5 * (y + a / y)
        if abs(y_next - y) < 1e-12:
            break
        y = y_next
    a_bar = y_next * y_next
    bar = 2.0 * a * y_next
    for k in range(len(tape) - 1, -1, -1):
        y = tape[k]
        t = 0.5 * bar
        a_bar += t / y
        bar = t - t * a / (y * y)
    return (a_bar + bar,)


def horner(x, coefficients):
    y = 0.0
    for c in coefficients:
        y = y * x + c
    return y


@workload(horner, 0.7, [math.cos(k) for k in range(20)], wrt=(0,))
def horner_by_hand(x, coefficients):
    y = 0.0
    tape = []
    for c in coefficients:
        tape.append(y)
        y = y * x + c
    x_bar, y_bar = 0.0, 1.0
    for k in range(len(tape) - 1, -1, -1):
        x_bar += y_bar * tape[k]
        y_bar = y_bar * x
    return (x_bar,)


def lorenz_rk4(x, y, z, n):
    sigma, rho, beta, dt = 10.0, 28.0, 8.0 / 3.0, 0.01
    for i in range(n):
        k1x = sigma * (y - x)
        k1y = x * (rho - z) - y
        k1z = x * y - beta * z
        ax = x + 0.5 * dt * k1x
        ay = y + 0.5 * dt * k1y
        az = z + 0.5 * dt * k1z
        k2x = sigma * (ay - ax)
        k2y = ax * (rho - az) - ay
        k2z = ax * ay - beta * az
        bx = x + 0.5 * dt * k2x
        by = y + 0.5 * dt * k2y
        bz = z + 0.5 * dt * k2z
        k3x = sigma * (by - bx)
        k3y = bx * (rho - bz) - by
        k3z = bx * by - beta * bz
        cx = x + dt * k3x
        cy = y + dt * k3y
        cz = z + dt * k3z
        k4x = sigma * (cy - cx)
        k4y = cx * (rho - cz) - cy
        k4z = cx * cy - beta * cz
        x = x + dt / 6.0 * (k1x + 2.0 * k2x + 2.0 * k3x + k4x)
        y = y + dt / 6.0 * (k1y + 2.0 * k2y + 2.0 * k3y + k4y)
        z = z + dt / 6.0 * (k1z + 2.0 * k2z + 2.0 * k3z + k4z)
    return x * x + y * y + z * z


def _lorenz(x, y, z):
    return 10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z


def _lorenz_transposed(x, y, z, gx, gy, gz):
    return -10.0 * gx + (28.0 - z) * gy + y * gz, 10.0 * gx - gy + x * gz, -x * gy - 8.0 / 3.0 * gz


@workload(lorenz_rk4, 1.0, 0.5, 0.8, 100, wrt=(0, 1, 2))
def lorenz_rk4_by_hand(x, y, z, n):
    dt = 0.01
    tape = []
    for _ in range(n):
        k1x, k1y, k1z = _lorenz(x, y, z)
        ax, ay, az = x + 0.5 * dt * k1x, y + 0.5 * dt * k1y, z + 0.5 * dt * k1z
        k2x, k2y, k2z = _lorenz(ax, ay, az)
        bx, by, bz = x + 0.5 * dt * k2x, y + 0.5 * dt * k2y, z + 0.5 * dt * k2z
        k3x, k3y, k3z = _lorenz(bx, by, bz)
        cx, cy, cz = x + dt * k3x, y + dt * k3y, z + dt * k3z
        k4x, k4y, k4z = _lorenz(cx, cy, cz)
        tape.append((x, y, z, ax, ay, az, bx, by, bz, cx, cy, cz))
        x = x + dt / 6.0 * (k1x + 2.0 * k2x + 2.0 * k3x + k4x)
        y = y + dt / 6.0 * (k1y + 2.0 * k2y + 2.0 * k3y + k4y)
        z = z + dt / 6.0 * (k1z + 2.0 * k2z + 2.0 * k3z + k4z)
    gx, gy, gz = 2.0 * x, 2.0 * y, 2.0 * z
    for k in range(n - 1, -1, -1):
        x, y, z, ax, ay, az, bx, by, bz, cx, cy, cz = tape[k]
        s = dt / 6.0
        px, py, pz = _lorenz_transposed(cx, cy, cz, s * gx, s * gy, s * gz)
        sx, sy, sz = gx + px, gy + py, gz + pz
        qx, qy, qz = _lorenz_transposed(
            bx, by, bz, 2.0 * s * gx + dt * px, 2.0 * s * gy + dt * py, 2.0 * s * gz + dt * pz
        )
        sx, sy, sz = sx + qx, sy + qy, sz + qz
        half = 0.5 * dt
        rx, ry, rz = _lorenz_transposed(
            ax, ay, az, 2.0 * s * gx + half * qx, 2.0 * s * gy + half * qy, 2.0 * s * gz + half * qz
        )
        sx, sy, sz = sx + rx, sy + ry, sz + rz
        ux, uy, uz = _lorenz_transposed(x, y, z, s * gx + half * rx, s * gy + half * ry, s * gz + half * rz)
        gx, gy, gz = sx + ux, sy + uy, sz + uz
    return gx, gy, gz


# ---- arrays ------------------------------------------------------------------------------------------------------
def layer(p, x):
    return np.tanh(x @ p["w"] + p["b"])


def mlp(params, x, target):
    hidden = layer(params["first"], x)
    hidden = layer(params["second"], hidden)
    out = hidden @ params["last"]["w"] + params["last"]["b"]
    return np.mean((out - target) ** 2)


def _dense(rows, columns):
    return {"w": _rng.normal(size=(rows, columns)) / sqrt(rows), "b": _rng.normal(size=columns)}


@workload(
    mlp,
    {"first": _dense(784, 128), "second": _dense(128, 128), "last": _dense(128, 10)},
    _rng.normal(size=(128, 784)),
    _rng.normal(size=(128, 10)),
)
def mlp_by_hand(params, x, target):
    first, second, last = params["first"], params["second"], params["last"]
    a = np.tanh(x @ first["w"] + first["b"])
    b = np.tanh(a @ second["w"] + second["b"])
    out = b @ last["w"] + last["b"]
    out_bar = (2.0 / out.size) * (out - target)
    z_bar = (out_bar @ last["w"].T) * (1.0 - b * b)
    y_bar = (z_bar @ second["w"].T) * (1.0 - a * a)
    return (
        {
            "first": {"w": x.T @ y_bar, "b": np.sum(y_bar, axis=0)},
            "second": {"w": a.T @ z_bar, "b": np.sum(z_bar, axis=0)},
            "last": {"w": b.T @ out_bar, "b": np.sum(out_bar, axis=0)},
        },
    )


def black_scholes(spot, strike, volatility, rate, maturity):
    root = volatility * np.sqrt(maturity)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility**2) * maturity) / root
    d2 = d1 - root
    n1 = 0.5 * (1.0 + np.tanh(0.79788456 * (d1 + 0.044715 * d1**3)))
    n2 = 0.5 * (1.0 + np.tanh(0.79788456 * (d2 + 0.044715 * d2**3)))
    return np.sum(spot * n1 - strike * np.exp(-rate * maturity) * n2)


@workload(
    black_scholes,
    _rng.uniform(80.0, 120.0, 10_000),
    _rng.uniform(80.0, 120.0, 10_000),
    _rng.uniform(0.1, 0.5, 10_000),
    0.03,
    1.5,
    wrt=(0, 2),
)
def black_scholes_by_hand(spot, strike, volatility, rate, maturity):
    root_maturity = math.sqrt(maturity)
    root = volatility * root_maturity
    ratio = np.log(spot / strike)
    d1 = (ratio + (rate + 0.5 * volatility**2) * maturity) / root
    d2 = d1 - root
    t1 = np.tanh(0.79788456 * (d1 + 0.044715 * d1**3))
    t2 = np.tanh(0.79788456 * (d2 + 0.044715 * d2**3))
    discounted = strike * math.exp(-rate * maturity)
    d1_bar = spot * (0.5 * 0.79788456) * (1.0 - t1 * t1) * (1.0 + 0.134145 * d1 * d1)
    d2_bar = -discounted * (0.5 * 0.79788456) * (1.0 - t2 * t2) * (1.0 + 0.134145 * d2 * d2)
    d1_bar = d1_bar + d2_bar
    spot_bar = 0.5 * (1.0 + t1) + d1_bar / root / spot
    root_bar = -d2_bar - d1_bar * d1 / root
    volatility_bar = d1_bar / root * volatility * maturity + root_bar * root_maturity
    return spot_bar, volatility_bar


def gaussian_mixture(weights, means, log_scales, x):
    z = (x[:, None] - means) / np.exp(log_scales)
    log_weights = weights - np.log(np.sum(np.exp(weights)))
    terms = log_weights - log_scales - 0.5 * z**2
    return np.sum(np.log(np.sum(np.exp(terms), axis=1)))


@workload(
    gaussian_mixture,
    _rng.normal(size=8),
    _rng.normal(size=8),
    0.3 * _rng.normal(size=8),
    _rng.normal(size=2_000),
    wrt=(0, 1, 2),
)
def gaussian_mixture_by_hand(weights, means, log_scales, x):
    scale = np.exp(log_scales)
    z = (x[:, None] - means) / scale
    e = np.exp(weights)
    total = np.sum(e)
    terms = weights - np.log(total) - log_scales - 0.5 * z**2
    likelihood = np.exp(terms)
    share = likelihood / np.sum(likelihood, axis=1)[:, None]
    summed = np.sum(share, axis=0)
    pulled = share * z
    return (
        summed - e * (np.sum(summed) / total),
        np.sum(pulled, axis=0) / scale,
        np.sum(pulled * z, axis=0) - summed,
    )


def logistic_regression(w, b, x, y):
    z = x @ w + b
    return np.mean(np.logaddexp(0.0, z) - y * z) + 0.01 * np.sum(w**2)


@workload(
    logistic_regression,
    _rng.normal(size=50),
    0.3,
    _rng.normal(size=(2_000, 50)),
    (_rng.uniform(size=2_000) > 0.5).astype(float),
    wrt=(0, 1),
)
def logistic_regression_by_hand(w, b, x, y):
    z = x @ w + b
    z_bar = (np.exp(z - np.logaddexp(0.0, z)) - y) / len(y)
    return x.T @ z_bar + 0.02 * w, np.sum(z_bar)


# ---- programs that write into arrays -----------------------------------------------------------------------------
def recurrence(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i] * x[i]
    return np.sum(y)


@workload(recurrence, _rng.normal(size=2_000), writes=True)
def recurrence_by_hand(x):
    y_bar = np.ones_like(x)
    x_bar = np.zeros_like(x)
    for i in range(len(x) - 1, 0, -1):
        t = y_bar[i]
        y_bar[i - 1] += 0.5 * t
        x_bar[i] += t * (2.0 * x[i])
    x_bar[0] += y_bar[0]
    return (x_bar,)


def heat(u, k, steps):
    u = u.copy()
    for t in range(steps):
        u[1:-1, 1:-1] += k * (
            u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        )
    return np.sum(u * u)


@workload(heat, _rng.normal(size=(128, 128)), 0.1, 200, writes=True)
def heat_by_hand(u, k, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1, 1:-1] += k * (
            u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        )
    u_bar = 2.0 * u
    for _ in range(steps):
        z = k * u_bar[1:-1, 1:-1]
        u_bar[2:, 1:-1] += z
        u_bar[:-2, 1:-1] += z
        u_bar[1:-1, 2:] += z
        u_bar[1:-1, :-2] += z
        u_bar[1:-1, 1:-1] -= 4.0 * z
    return (u_bar,)


def gauss_seidel(b, sweeps):
    n = b.shape[0]
    u = np.zeros_like(b)
    for sweep in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] + b[i, j])
    return np.sum(u * u)


@workload(gauss_seidel, _rng.normal(size=(64, 64)), 20, writes=True)
def gauss_seidel_by_hand(b, sweeps):
    n = b.shape[0]
    u = np.zeros_like(b)
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] + b[i, j])
    u_bar = 2.0 * u
    b_bar = np.zeros_like(b)
    for _ in range(sweeps):
        for i in range(n - 2, 0, -1):
            for j in range(n - 2, 0, -1):
                t = 0.25 * u_bar[i, j]
                u_bar[i, j] = 0.0
                u_bar[i - 1, j] += t
                u_bar[i + 1, j] += t
                u_bar[i, j - 1] += t
                u_bar[i, j + 1] += t
                b_bar[i, j] += t
    return (b_bar,)


def n_body(q, v, masses, steps):
    q, v = q.copy(), v.copy()
    dt = 0.01
    for step in range(steps):
        r = q[None, :, :] - q[:, None, :]
        s = np.sum(r * r, axis=2) + 0.05
        w = masses / (s * np.sqrt(s))
        v += dt * np.sum(w[:, :, None] * r, axis=1)
        q += dt * v
    return np.sum(v * v) + np.sum(q * q)


@workload(
    n_body,
    _rng.normal(size=(16, 3)),
    _rng.normal(size=(16, 3)),
    _rng.uniform(0.5, 1.5, 16),
    100,
    wrt=(0, 1),
    writes=True,
)
def n_body_by_hand(q, v, masses, steps):
    q, v = q.copy(), v.copy()
    dt = 0.01
    tape = []
    for _ in range(steps):
        r = q[None, :, :] - q[:, None, :]
        s = np.sum(r * r, axis=2) + 0.05
        w = masses / (s * np.sqrt(s))
        tape.append((r, s, w))
        v += dt * np.sum(w[:, :, None] * r, axis=1)
        q += dt * v
    q_bar, v_bar = 2.0 * q, 2.0 * v
    for k in range(steps - 1, -1, -1):
        r, s, w = tape[k]
        v_bar += dt * q_bar
        f_bar = dt * v_bar[:, None, :]
        w_bar = np.sum(f_bar * r, axis=2)
        s_bar = w_bar * w * (-1.5) / s
        r_bar = w[:, :, None] * f_bar + (2.0 * s_bar)[:, :, None] * r
        q_bar += np.sum(r_bar, axis=0)
        q_bar -= np.sum(r_bar, axis=1)
    return q_bar, v_bar
