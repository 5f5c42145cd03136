"""The workloads in CasADi: a step as a graph, of arrays where they are long, loops as `mapaccum`, called by buffer."""

import casadi
import numpy as np
from casadi import MX, SX, Function

h, d = 20.0, 10.0
v1, v2, v3 = 0.7, 0.3, 0.45

NOT_SUPPORTED = {"newton_sqrt": "CasADi has no loop that ends when a condition holds"}


def crossing(x1, x2):
    x, y = SX.sym("x"), SX.sym("y")
    return [x, y], casadi.sqrt(x**2 + d**2) / v1 + casadi.sqrt(y**2 + d**2) / v2 + casadi.sqrt(
        (h - x - y) ** 2 + d**2
    ) / v3


def repeated(step, count):
    """`step` applied `count` times to its first argument, the others the same every time."""
    others = [MX.sym(f"p{k}", *step.size_in(k)) for k in range(1, step.n_in())]
    state = MX.sym("state", *step.size_in(0))
    states = step.mapaccum("repeated", count)(state, *[casadi.repmat(p, 1, count) for p in others])
    return Function("repeated", [state, *others], [states[:, -step.size2_in(0) :]])


def recurrence(x, n):
    s, p = SX.sym("s"), SX.sym("p")
    step = Function("step", [s, p], [s * p + casadi.sin(s)])
    x = MX.sym("x")
    return [x], repeated(step, n)(0.5, x)


def smooth(x):
    t = SX.sym("x", len(x))
    y = t[0]
    total = y
    for i in range(1, len(x)):
        y = 0.5 * y + t[i] * t[i]
        total += y
    return [t], total


def rk4(field, y, dt):
    k1 = field(y)
    k2 = field(y + 0.5 * dt * k1)
    k3 = field(y + 0.5 * dt * k2)
    k4 = field(y + dt * k3)
    return Function("step", [y], [y + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)])


def lorenz(u, steps, dt):
    def field(u):
        x, y, z = u[0], u[1], u[2]
        return casadi.vertcat(10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z)

    start = MX.sym("u", 3)
    return [start], casadi.sumsqr(repeated(rk4(field, SX.sym("u", 3), dt), steps)(start))


def brusselator(y, steps, dt):
    def field(y):
        u, v = y[0, :], y[1, :]
        reaction = u * u * v
        left, right = casadi.horzcat(y[:, -1], y[:, :-1]), casadi.horzcat(y[:, 1:], y[:, 0])
        return casadi.vertcat(1.0 - 4.0 * u + reaction, 3.0 * u - reaction) + 0.2 * (left - 2.0 * y + right)

    start = MX.sym("y", *y.shape)
    return [start], casadi.sumsqr(repeated(rk4(field, MX.sym("y", *y.shape), dt), steps)(start))


def heat(u, k, steps):
    s = MX.sym("u", *u.shape)
    new = MX(s)
    new[1:-1, 1:-1] += k * (s[2:, 1:-1] + s[:-2, 1:-1] + s[1:-1, 2:] + s[1:-1, :-2] - 4.0 * s[1:-1, 1:-1])
    start = MX.sym("u", *u.shape)
    return [start], casadi.sumsqr(repeated(Function("step", [s], [new]), steps)(start))


def gauss_seidel(b, sweeps):
    n = b.shape[0]
    u, source = SX.sym("u", n, n), SX.sym("b", n, n)
    new = [[u[i, j] for j in range(n)] for i in range(n)]
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            new[i][j] = 0.25 * (new[i - 1][j] + new[i + 1][j] + new[i][j - 1] + new[i][j + 1] + source[i, j])
    columns = [new[i][j] for j in range(n) for i in range(n)]
    step = Function("step", [u, source], [casadi.reshape(casadi.vertcat(*columns), n, n)])
    start = MX.sym("b", n, n)
    return [start], casadi.sumsqr(repeated(step, sweeps)(MX.zeros(n, n), start))


def n_body(q, v, masses, steps):
    dt, n = 0.01, len(masses)
    state, m = SX.sym("state", n, 6), SX.sym("m", n)
    q, v = state[:, :3], state[:, 3:]
    pulls = []
    for i in range(n):
        r = q - casadi.repmat(q[i, :], n, 1)
        s = casadi.sum2(r * r) + 0.05
        pulls.append(casadi.sum1(casadi.repmat(m / (s * casadi.sqrt(s)), 1, 3) * r))
    v = v + dt * casadi.vertcat(*pulls)
    step = Function("step", [state, m], [casadi.horzcat(q + dt * v, v)])
    q, v, m = MX.sym("q", n, 3), MX.sym("v", n, 3), MX.sym("m", n)
    return [q, v, m], casadi.sumsqr(repeated(step, steps)(casadi.horzcat(q, v), m))


def mixture(weights, means, log_scales, x):
    (k, dims), n = means.shape, len(x)
    w, m, s, p = MX.sym("w", k), MX.sym("m", k, dims), MX.sym("s", k, dims), MX.sym("p", n, dims)
    terms = casadi.repmat((w - casadi.sum2(s)).T, n, 1)
    for a in range(dims):
        precision = casadi.repmat(casadi.exp(-s[:, a]).T, n, 1)
        z = (casadi.repmat(p[:, a], 1, k) - casadi.repmat(m[:, a].T, n, 1)) * precision
        terms = terms - 0.5 * z**2
    top = terms[:, 0]
    for c in range(1, k):
        top = casadi.fmax(top, terms[:, c])
    sums = casadi.sum2(casadi.exp(terms - casadi.repmat(top, 1, k)))
    return [w, m, s, p], casadi.sum1(top + casadi.log(sums)) - n * casadi.log(casadi.sum1(casadi.exp(w)))


def normal_cdf(x):
    return 0.5 * (1.0 + casadi.tanh(0.79788456 * (x + 0.044715 * x**3)))


def black_scholes(spot, strike, volatility, rate, maturity):
    s, k, v = (MX.sym(name, len(spot)) for name in ("s", "k", "v"))
    r, t = MX.sym("r"), MX.sym("t")
    root = v * casadi.sqrt(t)
    d1 = (casadi.log(s / k) + (r + 0.5 * v**2) * t) / root
    return [s, k, v, r, t], casadi.sum1(s * normal_cdf(d1) - k * casadi.exp(-r * t) * normal_cdf(d1 - root))


def bundle_adjustment(cameras, points, weights, observations, features):
    camera, point, w, f = SX.sym("camera", 11), SX.sym("point", 3), SX.sym("w"), SX.sym("f", 2)
    r = camera[:3]
    theta = casadi.sqrt(casadi.sumsqr(r))
    k = r / theta
    x = point - camera[3:6]
    s, c = casadi.sin(theta), casadi.cos(theta)
    p = c * x + s * casadi.cross(k, x) + casadi.dot(k, x) * (1.0 - c) * k
    uv = p[:2] / p[2]
    rr = casadi.sumsqr(uv)
    error = w * (camera[6] * (1.0 + camera[9] * rr + camera[10] * rr * rr) * uv + camera[7:9] - f)
    one = Function("one", [camera, point, w, f], [casadi.sumsqr(error)])
    a, b = observations[:, 0].tolist(), observations[:, 1].tolist()
    every = [MX.sym("cameras", *cameras.shape), MX.sym("points", *points.shape), MX.sym("weights", len(weights))]
    features_ = MX.sym("features", *features.shape)
    terms = one.map(len(a))(every[0].T[:, a], every[1].T[:, b], every[2].T, features_.T)
    return [*every, None, features_], casadi.sum2(terms)


def sigmoid(x):
    return 1.0 / (1.0 + casadi.exp(-x))


def lstm(w, r, b, out, xs, ys):
    n, steps, inputs = len(out), len(xs), xs.shape[1]
    parameters = [MX.sym("w", *w.shape), MX.sym("r", *r.shape), MX.sym("b", len(b)), MX.sym("out", n)]
    state, gate = SX.sym("state", 2 * n), SX.sym("gate", 4 * n)
    i, f, o = sigmoid(gate[:n]), sigmoid(gate[n : 2 * n]), sigmoid(gate[2 * n : 3 * n])
    c = f * state[n:] + i * casadi.tanh(gate[3 * n :])
    cell = Function("cell", [state, gate], [casadi.vertcat(o * casadi.tanh(c), c)])
    # the state, the recurrent weights and the input's share of the gates
    before, weights, share = MX.sym("before", 2 * n), MX.sym("r", *r.shape), MX.sym("share", 4 * n)
    step = Function("step", [before, weights, share], [cell(before, share + weights @ before[:n])])
    x, y = MX.sym("xs", steps, inputs), MX.sym("ys", steps)
    shares = parameters[0] @ x.T + casadi.repmat(parameters[2], 1, steps)
    states = step.mapaccum("steps", steps)(MX.zeros(2 * n), casadi.repmat(parameters[1], 1, steps), shares)
    return [*parameters, x, y], casadi.sumsqr(states[:n, :].T @ parameters[3] - y) / steps


def mlp(params, x, target):
    names = [(layer, key) for layer in params for key in params[layer]]
    symbols = {pair: MX.sym("_".join(pair), *np.atleast_2d(params[pair[0]][pair[1]]).shape) for pair in names}
    inputs, wanted = MX.sym("x", *x.shape), MX.sym("target", *target.shape)
    hidden = inputs
    for layer in params:
        hidden = hidden @ symbols[layer, "w"] + casadi.repmat(symbols[layer, "b"], len(x), 1)
        if layer != "last":
            hidden = casadi.tanh(hidden)
    loss = casadi.sumsqr(hidden - wanted) / (target.size)
    return [[symbols[pair] for pair in names], inputs, wanted], loss


def greeks(spot, volatility, rate, strike, maturity, z):
    steps, paths = z.shape
    every = [MX.sym(name) for name in ("spot", "volatility", "rate", "strike", "maturity")]
    start, sigma, r, wanted, end = every
    noise = MX.sym("z", steps, paths)
    dt = end / steps
    s, total = casadi.repmat(start, paths, 1), MX.zeros(paths)
    for row in casadi.horzsplit(noise.T):
        s = s * casadi.exp((r - 0.5 * sigma**2) * dt + sigma * casadi.sqrt(dt) * row)
        total = total + s
    payoffs = casadi.fmax(total / steps - wanted, 0.0)
    return [*every, noise], casadi.exp(-r * end) * casadi.sum1(payoffs) / paths


def soft_life(grid, target, generations):
    def around(g, axis):
        if axis == 0:
            return casadi.vertcat(g[-1, :], g[:-1, :]) + g + casadi.vertcat(g[1:, :], g[0, :])
        return casadi.horzcat(g[:, -1], g[:, :-1]) + g + casadi.horzcat(g[:, 1:], g[:, 0])

    g = MX.sym("g", *grid.shape)
    s = around(around(g, 0), 1) - 0.5 * g
    step = Function("step", [g], [sigmoid(4.0 * (s - 2.25)) * sigmoid(4.0 * (3.75 - s))])
    start, wanted = MX.sym("grid", *grid.shape), MX.sym("target", *grid.shape)
    return [start, wanted], casadi.sumsqr(repeated(step, generations)(start) - wanted)


def kalman(transition, log_q, log_r, observations):
    n, m = 4, 2
    state, f, noise, observation = SX.sym("s", n + n * n + 1), SX.sym("f", n, n), SX.sym("q", 2), SX.sym("y", m)
    x, p, loss = state[:n], casadi.reshape(state[n:-1], n, n), state[-1]
    observe = SX(np.eye(m, n))
    x = f @ x
    p = f @ p @ f.T + casadi.exp(noise[0]) * SX.eye(n)
    miss = observation - observe @ x
    s = observe @ p @ observe.T + casadi.exp(noise[1]) * SX.eye(m)
    s_inverse = casadi.inv(s)
    gain = p @ observe.T @ s_inverse
    loss = loss + 0.5 * (casadi.log(casadi.det(s)) + miss.T @ s_inverse @ miss)
    after = casadi.vertcat(x + gain @ miss, casadi.reshape(p - gain @ observe @ p, n * n, 1), loss)
    step = Function("step", [state, f, noise, observation], [after])
    steps = len(observations)
    every = [MX.sym("f", n, n), MX.sym("log_q"), MX.sym("log_r"), MX.sym("ys", steps, m)]
    start = casadi.vertcat(MX.zeros(n), casadi.reshape(MX.eye(n), n * n, 1), 0.0)
    states = step.mapaccum("steps", steps)(
        start,
        casadi.repmat(every[0], 1, steps),
        casadi.repmat(casadi.vertcat(every[1], every[2]), 1, steps),
        every[3].T,
    )
    return every, states[-1, -1]


def banded_solve(lower, diagonal, upper, rhs):
    n = len(diagonal)
    every = [SX.sym("l", n - 1), SX.sym("d", n), SX.sym("u", n - 1), SX.sym("y", n)]
    below, middle, above, y = every
    ds, ys = [middle[0]], [y[0]]
    for i in range(1, n):
        w = below[i - 1] / ds[-1]
        ds.append(middle[i] - w * above[i - 1])
        ys.append(y[i] - w * ys[-1])
    x = ys[-1] / ds[-1]
    total = x * x
    for i in range(n - 2, -1, -1):
        x = (ys[i] - above[i] * x) / ds[i]
        total += x * x
    return every, total


def leaves(value):
    """The numbers and arrays of dicts, in order."""
    return [leaf for item in value.values() for leaf in leaves(item)] if isinstance(value, dict) else [value]


def value_and_gradient(name, wrt, arguments):
    """A call of the compiled graph through its buffer: no conversion of inputs or outputs."""
    symbols, value = globals()[name](*arguments)
    pairs = [(s, a) for s, a in zip(symbols, arguments) if s is not None]
    flat = [(s, a) for group, a in pairs for s, a in zip(group if isinstance(group, list) else [group], leaves(a))]
    wanted = [s for k in wrt for s in (symbols[k] if isinstance(symbols[k], list) else [symbols[k]])]
    shapes = [np.shape(a) for k in wrt for a in leaves(arguments[k])]
    gradients = [casadi.gradient(value, s) for s in wanted]
    function = Function(name, [s for s, _ in flat], [casadi.densify(v) for v in (value, *gradients)])
    buffer, call = function.buffer()
    inputs = [np.array(a, dtype=float, order="F").ravel(order="K") for _, a in flat]
    for k, given in enumerate(inputs):
        buffer.set_arg(k, memoryview(given))
    results = [np.zeros(int(np.prod(shape))) for shape in [(), *shapes]]
    for k, result in enumerate(results):
        buffer.set_res(k, memoryview(result))

    def run(kept=(function, buffer, inputs)):
        call()
        value, *found = results
        return value[0], tuple([g.reshape(shape, order="F") for g, shape in zip(found, shapes)])

    return run
