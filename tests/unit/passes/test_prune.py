"""Dead code, common expressions, loop-invariant code, sizes."""

import numpy as np
import pytest

from s2sad.passes.prune import prune
from s2sad.testing.core import core, runnable, source
from tests.unit.passes.rewriting import rewritten

X = np.array([1.0, 2.0, 4.0])


def test_dead_loop_carried_values_go():
    text = """
    def f(x, n):
        s = 0.0
        u = 1.0
        for i in range(n):
            t = s + x
            u__v1 = u * 2.0
            s = t
            u = u__v1
        return u
    """
    assert rewritten(prune, text, 2.0, 3) == "u = 1.0\nfor i in range(n):\n    u__v1 = u * 2.0\n    u = u__v1\nreturn u"


def test_effects_stay():
    text = """
    def f(x, n):
        t = x * 2.0
        for i in range(n):
            print(t)
        if x > 100.0:
            raise ValueError(n)
        assert x < 50.0, "too large"
        u = np.random.rand()
        return x
    """
    out = rewritten(prune, text, 2.0, 1)
    assert all(part in out for part in ("print(t)", "raise ValueError(n)", "assert x < 50.0", "np.random.rand()", "t = "))


def test_unknown_calls_stay():
    calls = []
    out = rewritten(prune, "def f(x):\n    t = g(x)\n    return x", 2.0, objects={"g": calls.append})
    assert out.startswith("t = g(x)")


def test_own_memory_that_nothing_reads_goes():
    text = """
    def f(x, n):
        y = np.zeros_like(x)
        y[0] = x[0]
        for i in range(n):
            y[i] = 0.5 * y[i - 1]
        s_tape = []
        s_tape.append(y)
        return np.sum(x)
    """
    assert rewritten(prune, text, X, 2) == "return np.sum(x)"


def test_memory_that_a_view_reads_stays():
    text = "def f(x):\n    y = np.zeros_like(x)\n    v = y[1:]\n    y[1] = x[0]\n    return np.sum(v)"
    assert "y[1] = x[0]" in rewritten(prune, text, X)


def test_the_callers_memory_stays():
    assert rewritten(prune, "def f(x):\n    x[0] = 2.0\n    return 1.0", X).startswith("x[0] = 2.0")


def test_list_that_is_read_through_another_name():
    text = "def f(x):\n    a = []\n    b = a\n    a.append(x)\n    return b[0]"
    assert "a.append(x)" in rewritten(prune, text, 2.0)


def test_empty_branches_go_and_lone_else_is_turned_round():
    text = """
    def f(x):
        if x > 0.0:
            t = x
        else:
            t__v1 = -x
        if x > 1.0:
            u = x
        else:
            print(x)
        return x
    """
    assert rewritten(prune, text, 2.0) == "if not x > 1.0:\n    print(x)\nreturn x"


def test_loop_with_a_break_that_is_needed():
    text = """
    def f(x):
        s = x
        while True:
            s__v1 = s * 0.5
            if s__v1 < 1.0:
                s = s__v1
                break
            else:
                s = s__v1
        return s
    """
    assert "break" in rewritten(prune, text, 9.0)


def test_common_expressions():
    text = """
    def f(x, y):
        s = np.sin(x) * y
        t = np.sin(x)
        u = t * np.cos(x + y * y)
        v = np.cos(x + y * y)
        return s, u, v
    """
    out = rewritten(prune, text, 2.0, 3.0)
    assert out.count("np.cos") == 2  # the first has no name to be read from
    text = "def f(x, y):\n    t = np.cos(x + y * y)\n    u = np.cos(x + y * y) + 1.0\n    return t, u"
    assert rewritten(prune, text, 2.0, 3.0) == "t = np.cos(x + y * y)\nu = t + 1.0\nreturn t, u"


def test_no_common_expression_across_a_write():
    text = "def f(x):\n    y = x * 1.5\n    t = np.sum(y)\n    y[0] = 7.0\n    u = np.sum(y)\n    return t, u"
    assert rewritten(prune, text, X).count("np.sum(y)") == 2


def test_no_common_expression_across_iterations_and_branches():
    text = """
    def f(x, n):
        s = x
        for i in range(n):
            t = np.sin(s)
            s = t
        if n > 1:
            u = np.cos(x)
        else:
            u__v1 = x
        v = np.cos(x)
        w = np.sin(s)
        return s, v, w
    """
    out = rewritten(prune, text, 2.0, 3)
    assert "v = np.cos(x)" in out and "w = np.sin(s)" in out


def test_fresh_arrays_are_not_shared():
    text = """
    def f(x):
        a = np.zeros_like(x)
        b = np.zeros_like(x)
        a[0] = 1.0
        t = np.sin(x)
        t__v1 = np.sin(x)
        return a, b, t, t__v1
    """
    assert rewritten(prune, text, X).count("zeros_like") == 2
    assert rewritten(prune, text, X).count("np.sin") == 2  # the caller may write into either


def test_invariants_leave_the_reverse_loop():
    text = """
    def f(x, n, result_bar):
        x_bar = 0.0
        for i in range(n):
            t_bar = result_bar * np.cos(x) * i
            x_bar__v1 = x_bar + t_bar
            x_bar = x_bar__v1
        return x_bar
    """
    out = rewritten(prune, text, np.float64(0.3), 3, 1.0)
    assert out.index("np.cos(x)") < out.index("for")


def test_what_leaves_the_loops_of_both_sweeps_is_computed_once():
    text = """
    def f(x, n, result_bar):
        s = 1.0
        for i in range(n):
            t = np.cos(x)
            s__v1 = s * t + i
            s = s__v1
        x_bar = result_bar * s
        for j in range(n):
            t__v1 = np.cos(x)
            x_bar__v1 = x_bar * t__v1
            x_bar = x_bar__v1
        return x_bar
    """
    assert rewritten(prune, text, np.float64(0.3), 3, 1.0).count("np.cos(x)") == 1


def test_what_may_raise_stays_in_the_loop():
    text = """
    def f(x, n):
        x_bar = 0.0
        for i in range(n):
            t_bar = 1.0 / x + 1.0
            x_bar__v1 = x_bar + t_bar
            x_bar = x_bar__v1
        return x_bar
    """
    assert rewritten(prune, text, 0.0, 0).index("for") < rewritten(prune, text, 0.0, 0).index("1.0 / x")


def test_size_of_an_elementwise_result():
    text = "def f(x, y):\n    out = x - y\n    t = out ** 2\n    t_bar = 1.0 / t.size\n    return t_bar * out"
    assert rewritten(prune, text, X, X) == "out = x - y\nt_bar = 1.0 / x.size\nreturn t_bar * out"


# ---- powers -----------------------------------------------------------------------------------------------------------


def test_a_cube_is_made_of_the_square():
    for whole, result in ((3, [7.875, 0.0]), (4, [9.5625, 24.0])):
        program = core(f"def f(x, k):\n    t = x ** {whole}\n    s = k * x ** 2\n    return t + s", np.ones(3), 2.0)
        assert source(prune(program)).count("**") == 1
        np.testing.assert_allclose(runnable(prune(program))(np.array([1.5, -2.0]), 2.0), result)


@pytest.mark.parametrize("body", ["t = x ** 3\n    x[0] = 2.0\n    s = x ** 2", "t = x ** 4\n    s = x ** 1.5", "t = x ** 3\n    s = x * x"])
def test_powers_that_stay(body):
    program = core(f"def f(x, k):\n    {body}\n    return k * t + s", np.ones(3), 2.0)
    assert source(prune(program)).count("**") == source(program).count("**")


def test_powers_of_numbers_stay():
    program = core("def f(x, k):\n    t = x ** 3\n    s = x ** 2\n    return k * t + s", 1.5, 2.0)
    assert "x ** 3" in source(prune(program)) or "x**3" in source(prune(program))
