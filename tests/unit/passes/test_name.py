"""Printed names: merge copies vanish, names are shared only where that cannot be seen."""

import numpy as np

from s2sad.passes.name import name
from s2sad.testing.core import core, source
from tests.unit.passes.rewriting import body, rewritten

X = np.array([1.0, 2.0, 4.0])


def test_swap_keeps_a_temporary():
    text = """
    def f(x, n):
        a = x
        b = 1.0
        a__v1 = a
        b__v1 = b
        for i in range(n):
            a__v2 = b__v1
            b__v2 = a__v1 * 2.0
            a__v1 = a__v2
            b__v1 = b__v2
        return a__v1 + b__v1 * 10.0
    """
    assert rewritten(name, text, 3.0, 3).count("\n") <= 7


def test_an_older_value_that_is_still_read_keeps_its_own_name():
    text = "def f(x):\n    s = x * 2.0\n    s__v1 = s * 3.0\n    return s + s__v1"
    assert rewritten(name, text, 2.0) == "s = x * 2.0\ns_1 = s * 3.0\nreturn s + s_1"


def test_scalars_and_arrays_never_share_a_name():
    text = "def f(x):\n    s = np.sum(x)\n    u = s * 2.0\n    s__v1 = x * u\n    return s__v1"
    assert rewritten(name, text, X) == "s = np.sum(x)\nu = s * 2.0\ns_1 = x * u\nreturn s_1"


def test_no_clash_with_globals_builtins_parameters_or_the_users_numbered_names():
    text = """
    def f(x, s_1):
        s = x * 2.0
        s__v1 = s * s_1
        np__v1 = np.sin(s)
        len__v1 = len([s__v1])
        return s + s__v1 + np__v1 + len__v1
    """
    out = rewritten(name, text, 2.0, 3.0)
    assert "s_2 = s * s_1" in out and "np_1 = np.sin(s)" in out and "len_1 = len(" in out


def test_parameters_keep_their_names_and_are_reused_when_dead():
    assert rewritten(name, "def f(u):\n    u__v1 = u.copy()\n    u__v1[0] = 5.0\n    return u__v1", X).startswith(
        "u = u.copy()"
    )
    out = rewritten(name, "def f(u):\n    u__v1 = u * 2.0\n    return u__v1 + u", X)
    assert out.startswith("u_1 = u * 2.0")


def test_a_users_name_goes_before_a_temporary():
    program = core("def f(x):\n    t = x * 2.0\n    s__v1 = t\n    print(s__v1)\n    return s__v1", 1.0)
    assert body(name(program)).startswith("s = x * 2.0")


def test_two_users_names_stay_two():
    assert "y = a" in rewritten(name, "def f(a):\n    y = a\n    z = y * 2.0\n    return z + y", 2.0)


def test_index_of_the_reverse_loop():
    text = """
    def f(n):
        s = 0
        for i in range(n):
            s__v1 = s + i
            s = s__v1
        for i__v1 in range(n - 1, -1, -1):
            t = s * i__v1
            s__v2 = t + 1
            s = s__v2
        return s
    """
    assert "for i in range(n - 1, -1, -1):" in rewritten(name, text, 3)


def test_nested_loops_never_share_an_index():
    text = "def f(n):\n    s = 0\n    for k in range(n):\n        for k__v1 in range(2):\n            s = s + k__v1\n    return s"
    assert "for k_1 in range(2)" in rewritten(name, text, 3)


def test_an_underscore_that_is_read_gets_a_name():
    text = "def f(x, n):\n    s = 0.0\n    for _ in range(n):\n        s = s + x[_]\n    return s"
    assert "s + x[i]" in rewritten(name, text, X, 3)


def test_a_temporary_never_takes_the_name_of_an_index():
    text = "def f(x, n):\n    s = x\n    for t in range(n):\n        t__v1 = s * x\n        s = t__v1 + x\n    return s"
    assert "for t in range(n):\n    t_1 = s * x" in rewritten(name, text, 2.0, 3)


def test_lambdas_capture_the_right_value():
    text = """
    def f(v):
        w = v * 2.0
        g = lambda v: v * w
        w__v1 = w + 1.0
        return g(w__v1) + v
    """
    out = rewritten(name, text, 2.0)
    assert "lambda v: v * w" in out and "w_1 = w + 1.0" in out


def test_a_captured_name_does_not_become_bound():
    text = "def f(v, s):\n    v__v1 = v + s\n    g = lambda v: v * v__v1\n    return g(s)"
    assert "lambda v: v * v_1" in rewritten(name, text, 2.0, 3.0)


def test_types_follow_the_names():
    program = name(core("def f(x):\n    s = x * 2.0\n    s__v1 = np.sum(s)\n    return s__v1", X))
    assert set(program.types) == {"x", "s", "s_1"}
    assert "s_1 = np.sum(s)" in source(program)


def test_branch_of_copies_goes_but_not_its_effects():
    seen = []
    objects = {"probe": lambda x: seen.append(x) or x}
    text = "def f(x):\n    if probe(x) > 0.0:\n        s__v1 = x\n    else:\n        s__v1 = x\n    return s__v1"
    rewritten(name, text.replace("s__v1", "t__v1"), 2.0, objects=objects)
    assert len(seen) == 3


def test_what_a_path_copies_unassigned_is_none_at_first():
    text = """
    def f(x, n):
        s = x
        if n > 1:
            m = x * 2.0
            s = s + m
        if n > 2:
            m__v1 = x * 3.0
        else:
            m__v1 = m
        if n > 1:
            s = s * m * m__v1
        return s
    """
    assert "m = None\n" in rewritten(name, text, 3.0, 2)
    assert "None" not in rewritten(name, text.replace("s * m *", "s *"), 3.0, 2)
