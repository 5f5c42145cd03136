"""Parts of arrays as many as the code finds when it runs: views."""

import numpy as np

from tests.programs.corpus import program

X, Y = np.array([0.3, 0.7, 1.1]), np.array([1.0, 2.0, 0.5])
N = 3
AT = [1, 2]


@program(X, Y)
def split_at_a_number_of_the_module(x, y):
    z = np.split(x, N)
    x[...] = x * 0.5
    r = z[0]
    return (r * np.cos(r)).sum() + (z[2] * y[:1]).sum()


@program(X, Y)
def write_through(x, y):
    a = x * y
    for v in np.split(a, N):
        v *= 2
        v += y[0]
    return (a * x).sum()


@program(X, Y)
def write_item(x, y):
    a = x * y
    z = np.split(a, AT)
    z[0][0] = y[1] * x[1]
    z[1] *= z[0]
    a *= 2
    return (z[0] * a[:1]).sum() + (z[1] * z[2]).sum()


@program(X, Y)
def read_only(x, y):
    return sum((v * v).sum() * (k + 1) for k, v in enumerate(np.array_split(x * y, N)))


@program(X, Y)
def parts_joined(x, y):
    z = np.split(x * y, AT)
    a = np.concatenate(z[::-1])
    z[0][...] = 5.0
    return (a * x).sum() + np.concatenate(z).sum()


@program(X, Y)
def split_in_a_loop(x, y):
    a = x * y
    s = 0.0
    for k in range(2):
        p = np.split(a, AT)
        p[k] *= 3
        s = s + a.sum() * p[2].sum()
    return s


@program(X, Y)
def parts_replaced(x, y):
    p = np.split(x * y, AT)
    p[0] = p[1] * 2
    p[1][0] = 9.0
    p.append(x)
    return sum((v * v).sum() for v in p)


@program(X, Y)
def parts_swapped(x, y):
    p = np.split(x * y, N)
    p[0], p[1] = p[1], p[0]
    p[0] *= 2
    return sum((v * v * (k + 1)).sum() for k, v in enumerate(p))


@program(X, Y)
def hsplit(x, y):
    m = np.outer(x, y)
    l, r = np.hsplit(m, AT[:1])
    l += 1
    m *= 2
    return (l * r[:, :1]).sum()


@program(X, Y)
def j1(x, y):
    z = np.split(x * y, AT)
    a = np.concatenate(z)
    z[0][...] = 5.0
    return (a * x).sum()


@program(X, Y)
def j2(x, y):
    z = np.split(x * y, AT)
    z[0][...] = 5.0
    return np.concatenate(z) @ x


@program(X, Y)
def j3(x, y):
    z = np.split(x * y, [1, 2])
    a = np.concatenate(z)
    z[0][...] = 5.0
    return (a * x).sum()


@program(X, Y)
def j4(x, y):
    z = []
    for k in range(3):
        z.append(x[k:k + 1] * y[k])
    a = np.concatenate(z)
    z[0][...] = 5.0
    return (a * x).sum() + np.concatenate(z).sum()


@program(X, Y)
def j5(x, y):
    z = np.split(x * y, AT)
    w = z[::-1]
    z[0][...] = 5.0
    return (w[0] * x[:1]).sum() + (w[2] * x[1:2]).sum()


@program(X, Y)
def j6(x, y):
    z = np.split(x * y, AT)
    z[0][...] = 5.0
    return np.concatenate(z).sum()
