"""Loading emitted text: live globals, captured variables, sources, tracebacks, threads."""

import inspect
import math
import threading
import traceback
from functools import partial

import numpy as np
import pytest

from s2sad.load import load, standalone

factor = 2.0


def primal(x):
    return factor * x


def test_globals_are_live():
    f = load("def f_grad(x):\n    return factor * x\n", "f_grad", primal, {"factor": 2.0})
    global factor
    assert f(3.0) == 6.0
    factor = 5.0
    try:
        assert f(3.0) == 15.0
    finally:
        factor = 2.0


def test_captured_variables_are_live():
    def make():
        scale = 1.0

        def inner(x):
            return scale * x

        def rescale(value):
            nonlocal scale
            scale = value

        return inner, rescale

    inner, rescale = make()
    f = load("def f(x):\n    return scale * x\n", "f", inner, {"scale": 1.0})
    rescale(4.0)
    assert f(2.0) == 8.0


def test_names_that_the_user_lacks_are_captured_and_nothing_is_written_to_the_module():
    before = set(globals())
    helper = object()
    f = load("def f(x):\n    return np.sin(x), helper_of_s2sad", "f", primal, {"np.sin": np.sin, "helper_of_s2sad": helper})
    assert f(1.0) == (np.sin(1.0), helper)
    assert set(globals()) == before


def test_a_module_the_user_calls_otherwise():
    namespace = {"numpy_as": np}
    exec("def fun(x): return numpy_as.sin(x)", namespace)
    f = load("def f(x):\n    return np.cos(x) + math.pi + nq.a.b\n", "f", namespace["fun"],
             {"np.cos": np.cos, "math.pi": math.pi, "nq.a.b": 1.0})
    assert f(0.0) == 2.0 + math.pi
    assert "np" not in namespace


def test_functions_call_each_other():
    text = "def g(n):\n    return 1 if n == 0 else n * g(n - 1)\n\n\ndef f(n):\n    return g(n) + factor\n"
    f = load(text, "f", primal, {"factor": 2.0})
    assert f(4) == 26.0


def test_source_and_traceback():
    text = 'def f(x, result_bar=1.0):\n    """Doc."""\n    y = x\n    return y / 0\n'
    f = load(text, "f", primal, {}, "/somewhere/user.py")
    assert inspect.getsource(f) == text
    assert f.__doc__ == "Doc." and f.__defaults__ == (1.0,) and f.__module__ == __name__
    with pytest.raises(ZeroDivisionError) as caught:
        f(1.0)
    shown = "".join(traceback.format_exception(caught.type, caught.value, caught.tb))
    assert "return y / 0" in shown and "user.py" in shown


def test_the_same_text_has_one_file_name():
    f, g = (load("def f(x):\n    return x\n", "f", primal, {}) for _ in range(2))
    assert f.__code__.co_filename == g.__code__.co_filename
    other = load("def f(x):\n    return -x\n", "f", primal, {})
    assert other.__code__.co_filename != f.__code__.co_filename


@pytest.mark.parametrize("fun", [partial(primal, 1.0), type("C", (), {"__call__": lambda self, x: x})(), print])
def test_any_callable(fun):
    assert load("def f(x):\n    return x + 1\n", "f", fun, {})(1) == 2


def test_a_shadowed_builtin_is_the_one_that_is_meant():
    assert load("def f(x):\n    return sum(x)\n", "f", primal, {"sum": np.sum})(np.ones((2, 2))) == 4.0


def test_threads():
    results = []

    def work(k):
        results.append(load(f"def f(x):\n    return x + {k}\n", "f", primal, {})(0) == k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 16


def test_standalone():
    namespace = {}
    exec(standalone("def f(x):\n    return np.sin(x)"), namespace)
    assert namespace["f"](0.0) == 0.0
