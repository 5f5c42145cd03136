"""The Lorenz system by RK4, 2,000 steps, its state a vector of 3: short arrays, where every NumPy call counts."""

import numpy as np

from benchmarks.workload import Workload


def field(u):
    x, y, z = u
    return np.array([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])


def lorenz(u, steps, dt):
    for _ in range(steps):
        k1 = field(u)
        k2 = field(u + 0.5 * dt * k1)
        k3 = field(u + 0.5 * dt * k2)
        k4 = field(u + dt * k3)
        u = u + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return np.sum(u * u)


def field_by_hand(u):
    x, y, z = u[0], u[1], u[2]  # unpacking costs three times as much
    return np.array([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])


def field_transposed(u, g):
    x, y, z = u[0], u[1], u[2]
    p, q, r = g[0], g[1], g[2]
    return np.array([(28.0 - z) * q - 10.0 * p + y * r, 10.0 * p - q + x * r, -x * q - 8.0 / 3.0 * r])


def by_hand(u, steps, dt):
    half, sixth, third = 0.5 * dt, dt / 6.0, dt / 3.0
    tape = []
    for _ in range(steps):
        k1 = field_by_hand(u)
        a = u + half * k1
        k2 = field_by_hand(a)
        b = u + half * k2
        k3 = field_by_hand(b)
        c = u + dt * k3
        tape.append((u, a, b, c))
        u = u + sixth * (k1 + 2.0 * (k2 + k3) + field_by_hand(c))
    u_bar = 2.0 * u
    for k in range(steps - 1, -1, -1):
        w, a, b, c = tape[k]
        g = third * u_bar
        c_bar = field_transposed(c, 0.5 * g)
        b_bar = field_transposed(b, g + dt * c_bar)
        a_bar = field_transposed(a, g + half * b_bar)
        u_bar = u_bar + a_bar + b_bar + c_bar + field_transposed(w, 0.5 * g + half * a_bar)
    return np.dot(u, u), (u_bar,)


def by_hand_scalars(u, steps, dt):
    x, y, z = u.tolist()
    half, sixth, third, beta = 0.5 * dt, dt / 6.0, dt / 3.0, 8.0 / 3.0
    tape = []
    for _ in range(steps):
        k1x, k1y, k1z = 10.0 * (y - x), x * (28.0 - z) - y, x * y - beta * z
        ax, ay, az = x + half * k1x, y + half * k1y, z + half * k1z
        k2x, k2y, k2z = 10.0 * (ay - ax), ax * (28.0 - az) - ay, ax * ay - beta * az
        bx, by, bz = x + half * k2x, y + half * k2y, z + half * k2z
        k3x, k3y, k3z = 10.0 * (by - bx), bx * (28.0 - bz) - by, bx * by - beta * bz
        cx, cy, cz = x + dt * k3x, y + dt * k3y, z + dt * k3z
        tape.append((x, y, z, ax, ay, az, bx, by, bz, cx, cy, cz))
        x = x + sixth * (k1x + 2.0 * (k2x + k3x) + 10.0 * (cy - cx))
        y = y + sixth * (k1y + 2.0 * (k2y + k3y) + cx * (28.0 - cz) - cy)
        z = z + sixth * (k1z + 2.0 * (k2z + k3z) + cx * cy - beta * cz)
    value = x * x + y * y + z * z
    p, q, r = 2.0 * x, 2.0 * y, 2.0 * z
    for k in range(steps - 1, -1, -1):
        x, y, z, ax, ay, az, bx, by, bz, cx, cy, cz = tape[k]
        gp, gq, gr = third * p, third * q, third * r
        sp, sq, sr = 0.5 * gp, 0.5 * gq, 0.5 * gr
        cp, cq, cr = (28.0 - cz) * sq - 10.0 * sp + cy * sr, 10.0 * sp - sq + cx * sr, -cx * sq - beta * sr
        tp, tq, tr = gp + dt * cp, gq + dt * cq, gr + dt * cr
        bp, bq, br = (28.0 - bz) * tq - 10.0 * tp + by * tr, 10.0 * tp - tq + bx * tr, -bx * tq - beta * tr
        tp, tq, tr = gp + half * bp, gq + half * bq, gr + half * br
        ap, aq, ar = (28.0 - az) * tq - 10.0 * tp + ay * tr, 10.0 * tp - tq + ax * tr, -ax * tq - beta * tr
        tp, tq, tr = sp + half * ap, sq + half * aq, sr + half * ar
        p = p + ap + bp + cp + (28.0 - z) * tq - 10.0 * tp + y * tr
        q = q + aq + bq + cq + 10.0 * tp - tq + x * tr
        r = r + ar + br + cr - x * tq - beta * tr
    return value, (np.array([p, q, r]),)


def arguments(small):
    return np.array([1.0, 0.5, 0.8]), 20 if small else 2_000, 0.005


WORKLOAD = Workload(lorenz, by_hand, arguments, kinds={"loop"}, by_hand_scalars=by_hand_scalars)
