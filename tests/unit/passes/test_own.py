"""In-place accumulation only on buffers that are surely unshared; results that share nothing."""

import numpy as np

from s2sad.passes.own import own
from s2sad.testing.core import core, runnable
from tests.unit.passes.rewriting import body, rewritten

X = np.array([1.0, 2.0, 4.0])


def test_scalars_always():
    text = "def f(x, g):\n    s = g\n    s = s + x\n    s = s - x * g\n    s = s * x\n    return s"
    assert rewritten(own, text, 2.0, 3.0) == "s = g\ns += x\ns -= x * g\ns *= x\nreturn s"


def test_a_buffer_of_another_name_is_left_alone():
    text = "def f(x):\n    b_bar = x * 2.0\n    a_bar = b_bar\n    a_bar = a_bar + x\n    return a_bar, b_bar"
    assert "a_bar = a_bar + x" in rewritten(own, text, X)


def test_the_last_reference_owns():
    text = "def f(x):\n    b_bar = x * 2.0\n    a_bar = b_bar\n    a_bar = a_bar + x\n    return a_bar"
    assert "a_bar += x" in rewritten(own, text, X)


def test_arguments_and_views_are_left_alone():
    text = """
    def f(x, g):
        a_bar = g
        a_bar = a_bar + x
        y = x * 2.0
        v = y[:]
        v = v + x
        return a_bar, v, y
    """
    out = rewritten(own, text, X, X)
    assert "a_bar = a_bar + x" in out and "v = v + x" in out


def test_a_taped_buffer_is_left_alone():
    text = """
    def f(x, n):
        s = x * 1.5
        s_tape = []
        for i in range(n):
            s_tape.append(s)
            s = s + x
        return s, s_tape[0]
    """
    assert "s = s + x" in rewritten(own, text, X, 3)


def test_in_a_loop_by_fixed_point():
    text = """
    def f(x, n):
        s = x * 1.5
        old = s
        for i in range(n):
            {first}
            {second}
        return s, old
    """
    kept = text.format(first="old = s", second="s = s + x")
    assert "s = s + x" in rewritten(own, kept, X, 3)
    owned = text.format(first="s = s + x", second="print(i)").replace("old = s", "old = s * 1.0")
    assert "s += x" in rewritten(own, owned, X, 3)


def test_a_result_that_is_larger_or_of_another_dtype_is_a_new_one():
    text = "def f(x, y):\n    s = x * 1.0\n    s = s + y\n    return s"
    assert "s = s + y" in rewritten(own, text, X, np.ones((2, 3)))
    assert "s = s + y" in rewritten(own, text, X.astype(np.float32), X)


def test_contributions_are_gathered():
    text = "def f(x, g):\n    x_bar = x * 2.0\n    x_bar = x_bar + g - x * g\n    x_bar = x_bar - g - x\n    return x_bar"
    assert rewritten(own, text, X, X).splitlines()[1:3] == ["x_bar += g - x * g", "x_bar -= g + x"]


def test_whole_stores():
    text = "def f(x):\n    y = x * 2.0\n    v = y[1:]\n    v[...] *= 3.0\n    return y"
    assert "v *= 3.0" in rewritten(own, text, X)


def test_results_share_nothing():
    text = """
    def f(x, g_bar):
        a_bar = x * 2.0
        b_bar = a_bar
        c_bar = g_bar
        return a_bar, b_bar, c_bar, x
    """
    program = core(text.replace("\n    ", "\n"), X, X)
    assert body(own(program)).endswith("return a_bar, b_bar.copy(), c_bar.copy(), x")
    x, g = X.copy(), X.copy()
    a, b, c, same = runnable(own(program))(x, g)
    assert not np.shares_memory(a, b) and not np.shares_memory(c, g) and same is x


def test_results_in_containers():
    text = "def f(x):\n    a_bar = x * 2.0\n    return {\"u\": a_bar, \"v\": [a_bar, a_bar.T]}"
    program = own(core(text, X))
    assert body(program).endswith('return {"u": a_bar, "v": [a_bar.copy(), a_bar.T.copy()]}')
