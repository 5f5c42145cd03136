"""`AmbiguousAlias` names the statements that are in each other's way, with their lines, and the way out."""

import numpy as np
import pytest

from s2sad import grad
from s2sad.errors import AmbiguousAlias

V = np.linspace(0.2, 0.9, 4)


def line_of(function, text):
    """The line of a function's source in which a text stands."""
    import inspect

    lines, first = inspect.getsourcelines(function)
    return first + next(k for k, line in enumerate(lines) if text in line)


def bump(v):
    v += 1.0


def writes_one(x, y):
    s = 2.0
    x[0] = 5.0
    return np.sum(x * y) * s


def writes_in_a_callee(x, p):
    bump(p["w"])
    t = x * 2
    return np.sum(p["w"] * t)


def writes_both(a, b):
    b[:] = a
    if a[0] > 0:
        a += b
    return np.sum(a)


class Model:
    """Holds a weight."""

    def __init__(self, w):
        self.w = w


def changes_an_object(x, one, other):
    one.w = one.w * x
    return one.w * other.w


def views_by_einsum(m):
    a = m * 1
    d = np.einsum("ii->i", a)
    a[0, 0] = 3.0
    return np.sum(d)


def views_by_meshgrid(x):
    y = x * 1
    a, b = np.meshgrid(y, y, copy=False)
    y[0] = 3.0
    return np.sum(a * b)


def updates_what_is_kept(x, n):
    total = 0.0
    for _ in range(n):
        total = total + x
    kept = total
    total += 1.0
    return np.sum(kept)


ONE = Model(2.0)


@pytest.mark.parametrize(
    ("function", "arguments", "parts"),
    [
        (writes_one, (V[1:], V[:3]), ["x[0] = 5.0", "np.sum(x * y)"]),
        (writes_in_a_callee, (V, {"w": V[1:]}), ["t = x * 2"]),
        (writes_both, (V, V), ["b[:] = a", "a += b"]),
        (changes_an_object, (1.5, ONE, ONE), ["one.w = one.w * x"]),
        (views_by_einsum, (np.outer(V, V),), ["np.einsum", "a[0, 0] = 3.0"]),
        (views_by_meshgrid, (V,), ["np.meshgrid", "y[0] = 3.0"]),
        (updates_what_is_kept, (V, 2), ["kept = total", "total += 1.0"]),
    ],
)
def test_both_statements_and_the_way_out(function, arguments, parts):
    with pytest.raises(AmbiguousAlias) as info:
        grad(function)(*arguments)
    message = str(info.value)
    for part in parts:
        line = line_of(function, part)
        assert f"line {line}" in message or f":{line}:" in message
    assert "copy" in message or "x = x + y" in message or "new object" in message


def test_the_callee_that_writes_is_named():
    with pytest.raises(AmbiguousAlias, match=rf"line {line_of(bump, 'v += 1.0')} \(`v \+= 1.0`\) writes into p"):
        grad(writes_in_a_callee)(V, {"w": V[1:]})


def test_arguments_apart_are_accepted():
    assert np.array_equal(grad(writes_one)(V[1:].copy(), V[:3]), np.append(0.0, 2.0 * V[1:3]))


STATE = V.copy()
TAIL = STATE[1:]


def total_of_tail(s):
    return s * np.sum(TAIL)


def writes_what_lives_outside(x):
    STATE[:] = x
    return total_of_tail(STATE[0])


@pytest.mark.parametrize(
    ("x", "told"),
    [
        (V, r"STATE and TAIL share memory: .*writes into STATE, and TAIL lives outside of the function; "
            r"make a copy of one of them \(`STATE.copy\(\)`\)"),
        (TAIL[:1], r"x and STATE share memory: .*reads x .*writes into STATE; pass a copy of one of them \(`x.copy\(\)`\)"),
    ],
)  # fmt: skip
def test_what_lives_outside_is_not_called_an_argument(x, told):
    with pytest.raises(AmbiguousAlias, match=told):
        grad(writes_what_lives_outside)(x)
