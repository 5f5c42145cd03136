"""The emission targets: primals and the adjoints that a careful colleague would write for them."""
import numpy as np
from math import sqrt

h, d, v1, v2, v3 = 20.0, 10.0, 0.7, 0.3, 0.45


# ---- 1. straight line -------------------------------------------------------
def crossing(x1, x2):
    return (
        sqrt(x1**2 + d**2) / v1
        + sqrt(x2**2 + d**2) / v2
        + sqrt((h - x1 - x2) ** 2 + d**2) / v3
    )


def crossing_grad(x1, x2, result_bar=1.0):
    # forward sweep
    t = h - x1 - x2
    r1 = sqrt(x1**2 + d**2)
    r2 = sqrt(x2**2 + d**2)
    r3 = sqrt(t**2 + d**2)
    # reverse sweep
    r1_bar = result_bar / v1
    r2_bar = result_bar / v2
    r3_bar = result_bar / v3
    t_bar = r3_bar / (2.0 * r3) * (2 * t)
    x1_bar = r1_bar / (2.0 * r1) * (2 * x1) - t_bar
    x2_bar = r2_bar / (2.0 * r2) * (2 * x2) - t_bar
    return x1_bar, x2_bar


# ---- 2. loop-carried scalar: one value recorded ------------------------------
def iterate(x, n):
    s = 0.5
    for i in range(n):
        s = s * x + np.sin(s)
    return s


def iterate_grad(x, n, result_bar=1.0):
    # forward sweep
    s = 0.5
    s_tape = []
    for i in range(n):
        s_tape.append(s)
        s = s * x + np.sin(s)
    # reverse sweep
    x_bar = 0.0
    s_bar = result_bar
    for i in range(n - 1, -1, -1):
        s = s_tape[i]
        x_bar += s_bar * s
        s_bar = s_bar * x + s_bar * np.cos(s)
    return x_bar


# ---- 3. data-dependent loop with break ---------------------------------------
def newton_sqrt(a):
    y = a
    while True:
        y_next = 0.5 * (y + a / y)
        if abs(y_next - y) < 1e-12:
            break
        y = y_next
    return y_next * y_next * a


def newton_sqrt_grad(a, result_bar=1.0):
    # forward sweep
    y = a
    y_tape = []
    while True:
        y_tape.append(y)
        y_next = 0.5 * (y + a / y)
        if abs(y_next - y) < 1e-12:
            break
        y = y_next
    # reverse sweep
    a_bar = result_bar * (y_next * y_next)
    y_next_bar = result_bar * a * (2.0 * y_next)
    y_bar = 0.0
    for k in range(len(y_tape) - 1, -1, -1):
        y = y_tape[k]
        y_next_bar += y_bar
        t_bar = 0.5 * y_next_bar
        a_bar += t_bar / y
        y_bar = t_bar - t_bar * a / (y * y)
        y_next_bar = 0.0
    return a_bar + y_bar


# ---- 4. element-wise recurrence in place: no tape at all ----------------------
def smooth(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i] * x[i]
    return np.sum(y)


def smooth_grad(x, result_bar=1.0):
    # reverse sweep
    y_bar = np.full(x.shape, result_bar)
    x_bar = np.zeros_like(x)
    for i in range(len(x) - 1, 0, -1):
        t = y_bar[i]
        y_bar[i - 1] += 0.5 * t
        x_bar[i] += t * (2.0 * x[i])
    x_bar[0] += y_bar[0]
    return x_bar


# ---- 5. stencil in place, nonlinear: the overwritten slice is recorded --------
def heat(u, k, steps):
    u = u.copy()
    for t in range(steps):
        u[1:-1] += k * np.tanh(u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def heat_grad(u, k, steps, result_bar=1.0):
    # forward sweep
    u = u.copy()
    w_tape = []
    for t in range(steps):
        w = np.tanh(u[2:] - 2.0 * u[1:-1] + u[:-2])
        w_tape.append(w)
        u[1:-1] += k * w
    # reverse sweep
    u_bar = (2.0 * result_bar) * u
    k_bar = 0.0
    for t in range(steps - 1, -1, -1):
        w = w_tape[t]
        s_bar = u_bar[1:-1]
        k_bar += np.sum(s_bar * w)
        z_bar = k * s_bar * (1.0 - w * w)
        u_bar[2:] += z_bar
        u_bar[1:-1] -= 2.0 * z_bar
        u_bar[:-2] += z_bar
    return u_bar, k_bar


# ---- 6. a view written through: the shadow of the view is a view of the shadow
def through_view(x):
    y = 2.0 * x
    tail = y[1:]
    tail *= x[:-1]
    return np.sum(y * y)


def through_view_grad(x, result_bar=1.0):
    # forward sweep
    y = 2.0 * x
    tail = y[1:]
    tail_tape = tail.copy()
    tail *= x[:-1]
    # reverse sweep
    y_bar = (2.0 * result_bar) * y
    x_bar = np.zeros_like(x)
    tail_bar = y_bar[1:]
    x_bar[:-1] += tail_bar * tail_tape
    tail_bar *= x[:-1]
    x_bar += 2.0 * y_bar
    return x_bar


# ---- 7. parameters in a dict, matrix products, a call that is not inlined ------
def layer(p, x):
    return np.tanh(x @ p["w"] + p["b"])


def mlp_loss(params, x, target):
    out = layer(params["hidden"], x) @ params["out"]
    return np.mean((out - target) ** 2)


def layer_forward(p, x):
    y = np.tanh(x @ p["w"] + p["b"])
    return y, y


def layer_reverse(y, p, x, y_bar):
    z_bar = y_bar * (1.0 - y * y)
    return {"w": x.T @ z_bar, "b": np.sum(z_bar, axis=0)}


def mlp_loss_grad(params, x, target, result_bar=1.0):
    # forward sweep
    y, layer_saved = layer_forward(params["hidden"], x)
    out = y @ params["out"]
    # reverse sweep
    out_bar = (2.0 * result_bar / out.size) * (out - target)
    y_bar = out_bar @ params["out"].T
    return {"hidden": layer_reverse(layer_saved, params["hidden"], x, y_bar), "out": y.T @ out_bar}
