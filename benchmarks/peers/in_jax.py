"""The workloads in JAX: loops as `scan` and `fori_loop`, writes as new arrays, scalar code over items as `vmap`."""

import jax
import jax.numpy as jnp
from jax import lax

jax.config.update("jax_enable_x64", True)

h, d = 20.0, 10.0
v1, v2, v3 = 0.7, 0.3, 0.45

# data-dependent loops have no reverse mode in JAX
FORWARD = {"newton_sqrt"}


def crossing(x1, x2):
    return jnp.sqrt(x1**2 + d**2) / v1 + jnp.sqrt(x2**2 + d**2) / v2 + jnp.sqrt((h - x1 - x2) ** 2 + d**2) / v3


def newton_sqrt(a):
    def step(y, y_next):
        return 0.5 * (y_next + a / y_next)

    first = 0.5 * (a + a / a)
    _, y = lax.while_loop(
        lambda ys: jnp.abs(ys[1] - ys[0]) >= 1e-12, lambda ys: (ys[1], step(*ys)), (a, first)
    )
    return y * y * a


def recurrence(x, n):
    return lax.fori_loop(0, n, lambda i, s: s * x + jnp.sin(s), 0.5)


def smooth(x):
    def step(y, t):
        y = 0.5 * y + t * t
        return y, y

    _, ys = lax.scan(step, x[0], x[1:])
    return x[0] + jnp.sum(ys)


def rk4(field, y, steps, dt):
    def step(i, y):
        k1 = field(y)
        k2 = field(y + 0.5 * dt * k1)
        k3 = field(y + 0.5 * dt * k2)
        k4 = field(y + dt * k3)
        return y + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)

    return lax.fori_loop(0, steps, step, y)


def lorenz(u, steps, dt):
    def field(u):
        x, y, z = u
        return jnp.array([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])

    u = rk4(field, u, steps, dt)
    return jnp.sum(u * u)


def brusselator(y, steps, dt):
    def field(y):
        u, v = y
        reaction = u * u * v
        ring = 0.2 * (jnp.roll(y, 1, axis=1) - 2.0 * y + jnp.roll(y, -1, axis=1))
        return jnp.array([1.0 - 4.0 * u + reaction, 3.0 * u - reaction]) + ring

    y = rk4(field, y, steps, dt)
    return jnp.sum(y * y)


def heat(u, k, steps):
    def step(t, u):
        around = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        return u.at[1:-1, 1:-1].add(k * (around - 4.0 * u[1:-1, 1:-1]))

    u = lax.fori_loop(0, steps, step, u)
    return jnp.sum(u * u)


def gauss_seidel(b, sweeps):
    def column(left, inputs):
        above, below, right, source = inputs
        new = 0.25 * (above + below + left + right + source)
        return new, new

    def row(above, inputs):
        here, below, source = inputs
        _, inner = lax.scan(column, here[0], (above[1:-1], below[1:-1], here[2:], source[1:-1]))
        new = here.at[1:-1].set(inner)
        return new, new

    def sweep(s, u):
        _, inner = lax.scan(row, u[0], (u[1:-1], u[2:], b[1:-1]))
        return u.at[1:-1].set(inner)

    u = lax.fori_loop(0, sweeps, sweep, jnp.zeros_like(b))
    return jnp.sum(u * u)


def n_body(q, v, masses, steps):
    dt = 0.01

    def step(t, state):
        q, v = state
        r = q[None, :, :] - q[:, None, :]
        s = jnp.sum(r * r, axis=2) + 0.05
        w = masses / (s * jnp.sqrt(s))
        v = v + dt * jnp.sum(w[:, :, None] * r, axis=1)
        return q + dt * v, v

    q, v = lax.fori_loop(0, steps, step, (q, v))
    return jnp.sum(v * v) + jnp.sum(q * q)


def mixture(weights, means, log_scales, x):
    z = (x[:, None, :] - means) * jnp.exp(-log_scales)
    terms = weights - jnp.sum(log_scales, axis=1) - 0.5 * jnp.sum(z**2, axis=2)
    log_sum_exp = jax.scipy.special.logsumexp
    return jnp.sum(log_sum_exp(terms, axis=1)) - len(x) * log_sum_exp(weights)


def normal_cdf(x):
    return 0.5 * (1.0 + jnp.tanh(0.79788456 * (x + 0.044715 * x**3)))


def black_scholes(spot, strike, volatility, rate, maturity):
    root = volatility * jnp.sqrt(maturity)
    d1 = (jnp.log(spot / strike) + (rate + 0.5 * volatility**2) * maturity) / root
    d2 = d1 - root
    return jnp.sum(spot * normal_cdf(d1) - strike * jnp.exp(-rate * maturity) * normal_cdf(d2))


def project(camera, point):
    rx, ry, rz = camera[0], camera[1], camera[2]
    x, y, z = point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]
    theta = jnp.sqrt(rx * rx + ry * ry + rz * rz)
    kx, ky, kz = rx / theta, ry / theta, rz / theta
    s, c = jnp.sin(theta), jnp.cos(theta)
    k = (kx * x + ky * y + kz * z) * (1.0 - c)
    px = c * x + s * (ky * z - kz * y) + k * kx
    py = c * y + s * (kz * x - kx * z) + k * ky
    pz = c * z + s * (kx * y - ky * x) + k * kz
    u, v = px / pz, py / pz
    rr = u * u + v * v
    scale = camera[6] * (1.0 + camera[9] * rr + camera[10] * rr * rr)
    return scale * u + camera[7], scale * v + camera[8]


def bundle_adjustment(cameras, points, weights, observations, features):
    u, v = jax.vmap(project)(cameras[observations[:, 0]], points[observations[:, 1]])
    return jnp.sum((weights * (u - features[:, 0])) ** 2 + (weights * (v - features[:, 1])) ** 2)


def lstm(w, r, b, out, xs, ys):
    n = out.shape[0]

    def step(state, inputs):
        h, c, loss = state
        x, y = inputs
        gates = w @ x + r @ h + b
        i, f, o = jax.nn.sigmoid(gates[: 3 * n]).reshape(3, n)
        c = f * c + i * jnp.tanh(gates[3 * n :])
        h = o * jnp.tanh(c)
        return (h, c, loss + (h @ out - y) ** 2), None

    (_, _, loss), _ = lax.scan(step, (jnp.zeros(n), jnp.zeros(n), 0.0), (xs, ys))
    return loss / len(xs)


def mlp(params, x, target):
    hidden = jnp.tanh(x @ params["first"]["w"] + params["first"]["b"])
    hidden = jnp.tanh(hidden @ params["second"]["w"] + params["second"]["b"])
    out = hidden @ params["last"]["w"] + params["last"]["b"]
    return jnp.mean((out - target) ** 2)


def greeks(spot, volatility, rate, strike, maturity, z):
    dt = maturity / len(z)
    drift = (rate - 0.5 * volatility**2) * dt

    def step(state, z):
        s, total = state
        s = s * jnp.exp(drift + volatility * jnp.sqrt(dt) * z)
        return (s, total + s), None

    start = spot * jnp.ones(z.shape[1])
    (_, total), _ = lax.scan(step, (start, jnp.zeros(z.shape[1])), z)
    return jnp.exp(-rate * maturity) * jnp.mean(jnp.maximum(total / len(z) - strike, 0.0))


def soft_life(grid, target, generations):
    def step(t, grid):
        rows = jnp.roll(grid, 1, axis=0) + grid + jnp.roll(grid, -1, axis=0)
        s = jnp.roll(rows, 1, axis=1) + rows + jnp.roll(rows, -1, axis=1) - 0.5 * grid
        return jax.nn.sigmoid(4.0 * (s - 2.25)) * jax.nn.sigmoid(4.0 * (3.75 - s))

    grid = lax.fori_loop(0, generations, step, grid)
    return jnp.sum((grid - target) ** 2)


def kalman(transition, log_q, log_r, observations):
    n, m = transition.shape[0], observations.shape[1]
    observe = jnp.eye(m, n)
    q = jnp.exp(log_q) * jnp.eye(n)
    r = jnp.exp(log_r) * jnp.eye(m)

    def step(state, observation):
        x, p, loss = state
        x = transition @ x
        p = transition @ p @ transition.T + q
        miss = observation - observe @ x
        s = observe @ p @ observe.T + r
        s_inverse = jnp.linalg.inv(s)
        gain = p @ observe.T @ s_inverse
        loss = loss + 0.5 * (jnp.log(jnp.linalg.det(s)) + miss @ s_inverse @ miss)
        return (x + gain @ miss, p - gain @ observe @ p, loss), None

    (_, _, loss), _ = lax.scan(step, (jnp.zeros(n), jnp.eye(n), 0.0), observations)
    return loss


def banded_solve(lower, diagonal, upper, rhs):
    def eliminate(state, inputs):
        d, x = state
        below, diagonal, above, rhs = inputs
        w = below / d
        d, x = diagonal - w * above, rhs - w * x
        return (d, x), (d, x)

    def substitute(x, inputs):
        d, rhs, above = inputs
        x = (rhs - above * x) / d
        return x, x

    first = diagonal[0], rhs[0]
    (d, x), (ds, xs) = lax.scan(eliminate, first, (lower, diagonal[1:], upper, rhs[1:]))
    ds, xs = jnp.concatenate((diagonal[:1], ds)), jnp.concatenate((rhs[:1], xs))
    last = x / d
    _, rest = lax.scan(substitute, last, (ds[:-1], xs[:-1], upper), reverse=True)
    return jnp.sum(rest * rest) + last * last


def value_and_gradient(name, wrt, arguments):
    """A compiled call, that waits for its result."""
    function = globals()[name]
    static = {k: argument for k, argument in enumerate(arguments) if isinstance(argument, int)}
    moving = [k for k in range(len(arguments)) if k not in static]
    given = jax.tree.map(jnp.asarray, [arguments[k] for k in moving])

    def of_moving(*values):
        every = dict(zip(moving, values)) | static
        return function(*(every[k] for k in range(len(arguments))))

    if name in FORWARD:
        made = jax.jit(lambda a: jax.jvp(of_moving, (a,), (1.0,)))
    else:
        made = jax.jit(jax.value_and_grad(of_moving, argnums=tuple(moving.index(k) for k in wrt)))
    return lambda: jax.block_until_ready(made(*given))
