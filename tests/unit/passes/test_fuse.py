"""Temporaries back into expressions: what moves, and what must not."""

import numpy as np

from s2sad.passes.fuse import fuse
from s2sad.testing.core import core
from tests.unit.passes.rewriting import rewritten

X = np.array([1.0, 2.0, 4.0])


def test_users_names_stay():
    assert rewritten(fuse, "def f(x):\n    y = x * x\n    return y + 1.0", 2.0) == "y = x * x\nreturn y + 1.0"


def test_not_past_a_write():
    text = "def f(x):\n    y = x.copy()\n    t = y[1] * 1.5\n    y[1] = 0.0\n    z = t + y[0]\n    return z"
    assert "t = y[1] * 1.5" in rewritten(fuse, text, X)


def test_not_past_a_write_through_a_view():
    text = "def f(x):\n    y = x.copy()\n    v = y[1:]\n    t = y[1] * 1.5\n    v[0] = 0.0\n    z = t + y[0]\n    return z"
    assert "t = y[1] * 1.5" in rewritten(fuse, text, X)


def test_not_past_a_new_value():
    text = """
    def f(x, n):
        s = x
        for i in range(n):
            t = s * 2.0
            s = x + 1.0
            u = t + s
            print(u)
        return s
    """
    assert "t = s * 2.0" in rewritten(fuse, text, 2.0, 2)


def test_not_into_a_loop_or_a_lambda():
    text = "def f(x, n):\n    t = np.sin(x)\n    s = x\n    for i in range(n):\n        s = s * t\n    return s"
    assert "t = np.sin(x)" in rewritten(fuse, text, 2.0, 2)
    text = "def f(x):\n    t = np.sin(x)\n    g = lambda v: v * t\n    return g(x)"
    assert "t = np.sin(x)" in rewritten(fuse, text, 2.0)


def test_into_the_bounds_of_a_loop_but_not_into_the_test_of_a_while():
    text = "def f(x, n):\n    t = n + 1\n    for i in range(t):\n        print(i)\n    return x"
    assert "for i in range(n + 1):" in rewritten(fuse, text, 2.0, 2)
    text = "def f(x, n):\n    t = n + 1\n    s = x\n    while s < t:\n        s = s + 1.0\n    return s"
    assert "while s < t:" in rewritten(fuse, text, 2.0, 2)


def test_effects_keep_their_order():
    seen = []
    objects = {"g": lambda x: seen.append("g") or x, "h": lambda x: seen.append("h") or x}
    text = "def f(x):\n    t = g(x)\n    t__v1 = h(x)\n    return t__v1 - t"
    out = rewritten(fuse, text, 2.0, objects=objects)
    assert seen == ["g", "h"] * 3
    assert "t = g(x)" in out


def test_a_call_with_effects_does_not_pass_another_or_become_conditional():
    objects = {"g": lambda x: x}
    text = "def f(x):\n    t = g(x)\n    print(x)\n    return t + 1.0"
    assert rewritten(fuse, text, 2.0, objects=objects).startswith("t = g(x)")
    text = "def f(x):\n    t = g(x)\n    return t if x > 0.0 else x"
    assert rewritten(fuse, text, 2.0, objects=objects).startswith("t = g(x)")


def test_items_of_a_container_are_written_twice():
    text = "def f(p, x):\n    t = p[\"w\"]\n    y = x * t\n    return y + t"
    assert rewritten(fuse, text, {"w": 2.0}, 3.0) == 'y = x * p["w"]\nreturn y + p["w"]'


def test_contributions():
    text = "def f(x, g):\n    x_bar = g * 2.0\n    x_bar__v1 = x_bar + -g * x\n    return x_bar__v1"
    assert rewritten(fuse, text, 2.0, 3.0) == "return g * 2.0 - g * x"


def test_associativity_is_kept():
    text = "def f(x, y, z):\n    t = y - z\n    t__v1 = y * z\n    return x - t, x / t__v1"
    assert rewritten(fuse, text, 2.0, 3.0, 5.0) == "return x - (y - z), x / (y * z)"


def test_lines_stay_readable():
    lines = ["def f(x):", "    t = np.sin(x)"]
    lines += [f"    t__v{k + 1} = np.sin(t{f'__v{k}' if k else ''}) + {k}.0 * x" for k in range(20)]
    text = "\n".join([*lines, "    return t__v20 + x"])
    out = rewritten(fuse, text, 2.0)
    assert 3 <= len(out.splitlines()) <= 10
    assert all(len(line) <= 96 for line in out.splitlines())


def test_values_of_the_forward_sweep_stay_there():
    text = """
    def f(x, g):
        # forward sweep
        t = np.sin(x)
        t__v1 = x * x
        # reverse sweep
        x_bar = g * t
        x_bar__v1 = x_bar + t__v1
        return x_bar__v1
    """
    assert rewritten(fuse, text, 2.0, 3.0).splitlines()[1] == "t = np.sin(x)"
    assert "g * t + x * x" in rewritten(fuse, text, 2.0, 3.0)


def test_tests_of_parameters_are_asked_again():
    text = """
    def f(x):
        # forward sweep
        t = x > 0.0
        if t:
            y = x
        else:
            y = -x
        # reverse sweep
        if t:
            z = y
        else:
            z = -y
        return z
    """
    assert rewritten(fuse, text, 2.0).count("if x > 0.0:") == 2
    text = text.replace("t = x > 0.0", "x__v1 = x * 2.0\n        t = x__v1 > 0.0")
    assert rewritten(fuse, text, 2.0).count("if t:") == 2


def test_the_users_identifiers_are_known_by_the_source():
    program = core("def f(x):\n    helper = x * x\n    y = helper + 1.0\n    return y", 2.0)
    assert len(fuse(program).body) == 3
    assert len(fuse(program.replace(source_lines={1: "y = x * x + 1.0"})).body) == 2
