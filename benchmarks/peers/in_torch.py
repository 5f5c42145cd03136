"""The workloads in PyTorch: eager, writes where its autograd takes them, scalar code over many items as arrays."""

import functools

import torch

from benchmarks import threads

h, d = 20.0, 10.0
v1, v2, v3 = 0.7, 0.3, 0.45

torch.set_num_threads(threads.allowed() or torch.get_num_threads())

# loops of more than some hundred operations are unrolled, and take minutes to hours to compile
COMPILES = {"crossing", "mixture", "black_scholes", "bundle_adjustment", "mlp", "greeks", "soft_life"}


def crossing(x1, x2):
    return torch.sqrt(x1**2 + d**2) / v1 + torch.sqrt(x2**2 + d**2) / v2 + torch.sqrt((h - x1 - x2) ** 2 + d**2) / v3


def newton_sqrt(a):
    y = a
    while True:
        y_next = 0.5 * (y + a / y)
        if abs(y_next - y) < 1e-12:
            break
        y = y_next
    return y_next * y_next * a


def recurrence(x, n):
    s = torch.tensor(0.5, dtype=torch.float64)
    for _ in range(n):
        s = s * x + torch.sin(s)
    return s


def smooth(x):
    first, *squares = (x * x).unbind()
    y = x[0]
    ys = [y]
    for square in squares:
        y = 0.5 * y + square
        ys.append(y)
    return torch.stack(ys).sum()


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
        x, y, z = u.unbind()
        return torch.stack([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])

    u = rk4(field, u, steps, dt)
    return torch.sum(u * u)


def brusselator(y, steps, dt):
    def field(y):
        u, v = y.unbind()
        reaction = u * u * v
        ring = 0.2 * (torch.roll(y, 1, 1) - 2.0 * y + torch.roll(y, -1, 1))
        return torch.stack([1.0 - 4.0 * u + reaction, 3.0 * u - reaction]) + ring

    y = rk4(field, y, steps, dt)
    return torch.sum(y * y)


def heat(u, k, steps):
    u = u.clone()
    for _ in range(steps):
        u[1:-1, 1:-1] += k * (
            u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        )
    return torch.sum(u * u)


def gauss_seidel(b, sweeps):
    n = b.shape[0]
    source = [row.unbind() for row in b.unbind()]
    zero = torch.zeros((), dtype=torch.float64)
    u = [[zero] * n for _ in range(n)]
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                u[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1] + source[i][j])
    every = torch.stack([t for row in u for t in row])
    return torch.sum(every * every)


def n_body(q, v, masses, steps):
    dt = 0.01
    for _ in range(steps):
        r = q[None, :, :] - q[:, None, :]
        s = torch.sum(r * r, 2) + 0.05
        w = masses / (s * torch.sqrt(s))
        v = v + dt * torch.sum(w[:, :, None] * r, 1)
        q = q + dt * v
    return torch.sum(v * v) + torch.sum(q * q)


def mixture(weights, means, log_scales, x):
    z = (x[:, None, :] - means) * torch.exp(-log_scales)
    terms = weights - torch.sum(log_scales, 1) - 0.5 * torch.sum(z**2, 2)
    return torch.sum(torch.logsumexp(terms, 1)) - len(x) * torch.logsumexp(weights, 0)


def normal_cdf(x):
    return 0.5 * (1.0 + torch.tanh(0.79788456 * (x + 0.044715 * x**3)))


def black_scholes(spot, strike, volatility, rate, maturity):
    root = volatility * maturity**0.5
    d1 = (torch.log(spot / strike) + (rate + 0.5 * volatility**2) * maturity) / root
    d2 = d1 - root
    discount = 2.718281828459045 ** (-rate * maturity)
    return torch.sum(spot * normal_cdf(d1) - strike * discount * normal_cdf(d2))


def bundle_adjustment(cameras, points, weights, observations, features):
    camera, point = cameras[observations[:, 0]].unbind(1), points[observations[:, 1]].unbind(1)
    rx, ry, rz, x0, y0, z0, focal, cu, cv, k1, k2 = camera
    x, y, z = point[0] - x0, point[1] - y0, point[2] - z0
    theta = torch.sqrt(rx * rx + ry * ry + rz * rz)
    kx, ky, kz = rx / theta, ry / theta, rz / theta
    s, c = torch.sin(theta), torch.cos(theta)
    k = (kx * x + ky * y + kz * z) * (1.0 - c)
    px = c * x + s * (ky * z - kz * y) + k * kx
    py = c * y + s * (kz * x - kx * z) + k * ky
    pz = c * z + s * (kx * y - ky * x) + k * kz
    u, v = px / pz, py / pz
    rr = u * u + v * v
    scale = focal * (1.0 + k1 * rr + k2 * rr * rr)
    eu = weights * (scale * u + cu - features[:, 0])
    ev = weights * (scale * v + cv - features[:, 1])
    return torch.sum(eu * eu + ev * ev)


def lstm(w, r, b, out, xs, ys):
    n = out.shape[0]
    h, c = torch.zeros(n, dtype=torch.float64), torch.zeros(n, dtype=torch.float64)
    inputs = xs @ w.T + b
    outputs = []
    for x in inputs.unbind():
        gates = x + r @ h
        i, f, o = torch.sigmoid(gates[: 3 * n]).view(3, n).unbind()
        c = f * c + i * torch.tanh(gates[3 * n :])
        h = o * torch.tanh(c)
        outputs.append(h)
    return torch.mean((torch.stack(outputs) @ out - ys) ** 2)


def mlp(params, x, target):
    hidden = torch.tanh(torch.addmm(params["first"]["b"], x, params["first"]["w"]))
    hidden = torch.tanh(torch.addmm(params["second"]["b"], hidden, params["second"]["w"]))
    out = torch.addmm(params["last"]["b"], hidden, params["last"]["w"])
    return torch.mean((out - target) ** 2)


def greeks(spot, volatility, rate, strike, maturity, z):
    dt = maturity / len(z)
    drift = (rate - 0.5 * volatility**2) * dt
    s = spot * torch.ones(z.shape[1], dtype=torch.float64)
    total = torch.zeros(z.shape[1], dtype=torch.float64)
    for row in z.unbind():
        s = s * torch.exp(drift + volatility * dt**0.5 * row)
        total = total + s
    return torch.exp(-rate * maturity) * torch.mean(torch.relu(total / len(z) - strike))


def soft_life(grid, target, generations):
    for _ in range(generations):
        rows = torch.roll(grid, 1, 0) + grid + torch.roll(grid, -1, 0)
        s = torch.roll(rows, 1, 1) + rows + torch.roll(rows, -1, 1) - 0.5 * grid
        grid = torch.sigmoid(4.0 * (s - 2.25)) * torch.sigmoid(4.0 * (3.75 - s))
    return torch.sum((grid - target) ** 2)


def kalman(transition, log_q, log_r, observations):
    n, m = transition.shape[0], observations.shape[1]
    observe = torch.eye(m, n, dtype=torch.float64)
    q = torch.exp(log_q) * torch.eye(n, dtype=torch.float64)
    r = torch.exp(log_r) * torch.eye(m, dtype=torch.float64)
    x, p = torch.zeros(n, dtype=torch.float64), torch.eye(n, dtype=torch.float64)
    loss = torch.zeros((), dtype=torch.float64)
    for observation in observations.unbind():
        x = transition @ x
        p = transition @ p @ transition.T + q
        miss = observation - observe @ x
        s = observe @ p @ observe.T + r
        s_inverse = torch.linalg.inv(s)
        gain = p @ observe.T @ s_inverse
        x = x + gain @ miss
        p = p - gain @ observe @ p
        loss = loss + 0.5 * (torch.log(torch.linalg.det(s)) + miss @ s_inverse @ miss)
    return loss


def banded_solve(lower, diagonal, upper, rhs):
    lower, diagonal, upper, rhs = (t.unbind() for t in (lower, diagonal, upper, rhs))
    ds, ys = [diagonal[0]], [rhs[0]]
    for below, middle, above, y in zip(lower, diagonal[1:], upper, rhs[1:]):
        w = below / ds[-1]
        ds.append(middle - w * above)
        ys.append(y - w * ys[-1])
    xs = [ys[-1] / ds[-1]]
    for y, above, middle in zip(ys[-2::-1], upper[::-1], ds[-2::-1]):
        xs.append((y - above * xs[-1]) / middle)
    every = torch.stack(xs)
    return torch.sum(every * every)


def as_tensors(argument, differentiated):
    """Arrays and differentiated numbers as tensors, inside dicts too; other numbers as they are."""
    if isinstance(argument, dict):
        return {key: as_tensors(value, differentiated) for key, value in argument.items()}
    if isinstance(argument, (int, float)) and not differentiated:
        return argument
    dtype = torch.float64 if isinstance(argument, float) else None
    return torch.tensor(argument, dtype=dtype).requires_grad_(differentiated)


def tensors_of(argument):
    """The tensors of an argument, in order."""
    if isinstance(argument, dict):
        return [tensor for value in argument.values() for tensor in tensors_of(value)]
    return [argument]


def value_and_gradient(name, wrt, arguments, compiled=False):
    """A forward pass, and `torch.autograd.grad`."""
    function = globals()[name]
    if compiled:
        if name not in COMPILES:
            from benchmarks.variant import Unavailable

            raise Unavailable("not supported: the loop would be unrolled")
        function = torch.compile(function)
    given = [as_tensors(argument, k in wrt) for k, argument in enumerate(arguments)]
    leaves = [tensor for k in wrt for tensor in tensors_of(given[k])]
    return functools.partial(run, function, given, leaves)


def run(function, given, leaves):
    """The value and the gradients."""
    value = function(*given)
    return value, torch.autograd.grad(value, leaves)
