"""The workloads in autograd: no writes, so that new values go into lists; scalar code over many items as arrays."""

import autograd.numpy as np
from autograd import value_and_grad
from autograd.numpy.linalg import det, inv
from autograd.scipy.special import logsumexp

h, d = 20.0, 10.0
v1, v2, v3 = 0.7, 0.3, 0.45


def crossing(x1, x2):
    return np.sqrt(x1**2 + d**2) / v1 + np.sqrt(x2**2 + d**2) / v2 + np.sqrt((h - x1 - x2) ** 2 + d**2) / v3


def newton_sqrt(a):
    y = a
    while True:
        y_next = 0.5 * (y + a / y)
        if abs(y_next - y) < 1e-12:
            break
        y = y_next
    return y_next * y_next * a


def recurrence(x, n):
    s = 0.5
    for _ in range(n):
        s = s * x + np.sin(s)
    return s


def smooth(x):
    squares = x * x
    y = x[0]
    total = y
    for i in range(1, len(x)):
        y = 0.5 * y + squares[i]
        total = total + y
    return total


def rk4(field, y, steps, dt):
    for _ in range(steps):
        k1 = field(y)
        k2 = field(y + 0.5 * dt * k1)
        k3 = field(y + 0.5 * dt * k2)
        k4 = field(y + dt * k3)
        y = y + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return y


def lorenz(u, steps, dt):
    def field(u):
        x, y, z = u
        return np.array([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])

    u = rk4(field, u, steps, dt)
    return np.sum(u * u)


def brusselator(y, steps, dt):
    def field(y):
        u, v = y
        reaction = u * u * v
        ring = 0.2 * (np.roll(y, 1, axis=1) - 2.0 * y + np.roll(y, -1, axis=1))
        return np.array([1.0 - 4.0 * u + reaction, 3.0 * u - reaction]) + ring

    y = rk4(field, y, steps, dt)
    return np.sum(y * y)


def heat(u, k, steps):
    for _ in range(steps):
        around = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        inner = u[1:-1, 1:-1] + k * (around - 4.0 * u[1:-1, 1:-1])
        middle = np.concatenate((u[1:-1, :1], inner, u[1:-1, -1:]), axis=1)
        u = np.concatenate((u[:1], middle, u[-1:]))
    return np.sum(u * u)


def gauss_seidel(b, sweeps):
    n = b.shape[0]
    source = [[b[i, j] for j in range(n)] for i in range(n)]
    u = [[0.0] * n for _ in range(n)]
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                u[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1] + source[i][j])
    return sum(t * t for row in u for t in row)


def n_body(q, v, masses, steps):
    dt = 0.01
    for _ in range(steps):
        r = q[None, :, :] - q[:, None, :]
        s = np.sum(r * r, axis=2) + 0.05
        w = masses / (s * np.sqrt(s))
        v = v + dt * np.sum(w[:, :, None] * r, axis=1)
        q = q + dt * v
    return np.sum(v * v) + np.sum(q * q)


def mixture(weights, means, log_scales, x):
    z = (x[:, None, :] - means) * np.exp(-log_scales)
    terms = weights - np.sum(log_scales, axis=1) - 0.5 * np.sum(z**2, axis=2)
    return np.sum(logsumexp(terms, axis=1)) - len(x) * logsumexp(weights)


def normal_cdf(x):
    return 0.5 * (1.0 + np.tanh(0.79788456 * (x + 0.044715 * x**3)))


def black_scholes(spot, strike, volatility, rate, maturity):
    root = volatility * np.sqrt(maturity)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility**2) * maturity) / root
    d2 = d1 - root
    return np.sum(spot * normal_cdf(d1) - strike * np.exp(-rate * maturity) * normal_cdf(d2))


def bundle_adjustment(cameras, points, weights, observations, features):
    camera, point = cameras[observations[:, 0]].T, points[observations[:, 1]].T
    rx, ry, rz = camera[0], camera[1], camera[2]
    x, y, z = point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]
    theta = np.sqrt(rx * rx + ry * ry + rz * rz)
    kx, ky, kz = rx / theta, ry / theta, rz / theta
    s, c = np.sin(theta), np.cos(theta)
    k = (kx * x + ky * y + kz * z) * (1.0 - c)
    px = c * x + s * (ky * z - kz * y) + k * kx
    py = c * y + s * (kz * x - kx * z) + k * ky
    pz = c * z + s * (kx * y - ky * x) + k * kz
    u, v = px / pz, py / pz
    rr = u * u + v * v
    scale = camera[6] * (1.0 + camera[9] * rr + camera[10] * rr * rr)
    eu = weights * (scale * u + camera[7] - features[:, 0])
    ev = weights * (scale * v + camera[8] - features[:, 1])
    return np.sum(eu * eu + ev * ev)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def lstm(w, r, b, out, xs, ys):
    n = out.shape[0]
    h, c = np.zeros(n), np.zeros(n)
    loss = 0.0
    for x, y in zip(xs, ys):
        gates = np.dot(w, x) + np.dot(r, h) + b
        i, f, o = np.reshape(sigmoid(gates[: 3 * n]), (3, n))
        c = f * c + i * np.tanh(gates[3 * n :])
        h = o * np.tanh(c)
        loss = loss + (np.dot(h, out) - y) ** 2
    return loss / len(xs)


def mlp(params, x, target):
    hidden = np.tanh(np.dot(x, params["first"]["w"]) + params["first"]["b"])
    hidden = np.tanh(np.dot(hidden, params["second"]["w"]) + params["second"]["b"])
    out = np.dot(hidden, params["last"]["w"]) + params["last"]["b"]
    return np.mean((out - target) ** 2)


def greeks(spot, volatility, rate, strike, maturity, z):
    dt = maturity / len(z)
    drift = (rate - 0.5 * volatility**2) * dt
    s = spot * np.ones(z.shape[1])
    total = np.zeros(z.shape[1])
    for row in z:
        s = s * np.exp(drift + volatility * np.sqrt(dt) * row)
        total = total + s
    return np.exp(-rate * maturity) * np.mean(np.maximum(total / len(z) - strike, 0.0))


def soft_life(grid, target, generations):
    for _ in range(generations):
        rows = np.roll(grid, 1, axis=0) + grid + np.roll(grid, -1, axis=0)
        s = np.roll(rows, 1, axis=1) + rows + np.roll(rows, -1, axis=1) - 0.5 * grid
        grid = sigmoid(4.0 * (s - 2.25)) * sigmoid(4.0 * (3.75 - s))
    return np.sum((grid - target) ** 2)


def kalman(transition, log_q, log_r, observations):
    n, m = transition.shape[0], observations.shape[1]
    observe = np.eye(m, n)
    q = np.exp(log_q) * np.eye(n)
    r = np.exp(log_r) * np.eye(m)
    x, p = np.zeros(n), np.eye(n)
    loss = 0.0
    for observation in observations:
        x = np.dot(transition, x)
        p = np.dot(np.dot(transition, p), transition.T) + q
        miss = observation - np.dot(observe, x)
        s = np.dot(np.dot(observe, p), observe.T) + r
        s_inverse = inv(s)
        gain = np.dot(np.dot(p, observe.T), s_inverse)
        x = x + np.dot(gain, miss)
        p = p - np.dot(np.dot(gain, observe), p)
        loss = loss + 0.5 * (np.log(det(s)) + np.dot(np.dot(miss, s_inverse), miss))
    return loss


def banded_solve(lower, diagonal, upper, rhs):
    n = len(diagonal)
    ds, ys = [diagonal[0]], [rhs[0]]
    for i in range(1, n):
        w = lower[i - 1] / ds[-1]
        ds.append(diagonal[i] - w * upper[i - 1])
        ys.append(rhs[i] - w * ys[-1])
    x = ys[-1] / ds[-1]
    total = x * x
    for i in range(n - 2, -1, -1):
        x = (ys[i] - upper[i] * x) / ds[i]
        total = total + x * x
    return total


def value_and_gradient(name, wrt, arguments):
    """A call of `autograd.value_and_grad`."""
    call = value_and_grad(globals()[name], argnum=wrt)
    return lambda: call(*arguments)
