"""Calls that are one function: the same numbers as the plain way, and everything that may change is seen."""

import functools
import gc
import importlib.util
import linecache
import math
import pickle
import sys
import threading
import traceback
import types
import warnings
import weakref

import numpy as np
import pytest

from s2sad import grad, jit, value_and_grad
from s2sad.backends.numba.running import COMPILED
from s2sad.derivative import LINKED_AFTER
from s2sad.errors import NotDifferentiable
from s2sad.linking import MAX_RELINKED

COUNT = iter(range(10**6))


def module(text, **given):
    """A namespace in which a text ran; its source can be read."""
    filename = f"<linking {next(COUNT)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    scope = {"math": math, "np": np, **given}
    exec(compile(text, filename, "exec"), scope)
    return scope


def used(derivative, *args, **kwargs):
    """A derivative after enough calls to be linked."""
    for _ in range(LINKED_AFTER + 2):
        derivative(*args, **kwargs)
    return derivative


def is_linked(derivative):
    return derivative.__call__ is not derivative._plain


SCALAR = "def f(x, y=2.0):\n    return k * k * x * x / y + math.sqrt(x) / (k * 3.0)\n"


def slope(x, y=2.0, k=1.5):
    return 2.0 * k * k * x / y + 1.0 / (6.0 * k * math.sqrt(x))


TEXTS = [
    SCALAR,
    "def f(x, y=2.0):\n    a = x * y\n    x = x + k\n    return a * x * math.sin(x)\n",
    "def f(x, y=2.0):\n    if x > k:\n        z = x * y\n    else:\n        z = y / x\n    return z * z\n",
    "def f(x, y=2.0):\n    return (x if x > y else y) * k + math.exp(-x * x)\n",
    "def f(x, y=2.0):\n    return -k * x ** 3 + (x > y and x or y) ** 2 / -3.0\n",
    "def g(x): return k * x * x\ndef f(x, y=2.0):\n    return g(x) / k + y\n",
    "def f(x, y=2.0):\n    return k if x > 2.0 * k else x * y\n",
    "def f(x, y=2.0):\n    s = x\n    for i in range(1, 5):\n        s = s * k / (1.0 + s * s * i)\n    return s * y\n",
    "def f(x, y=2.0):\n    s, n = x, 0\n    while abs(s) < 40.0 * k and n < 9:\n        s = s * s + y\n        n += 1\n    return s\n",
    (
        "def f(x, y=2.0):\n    s = y\n    while True:\n        t = 0.5 * (s + x / s)\n        if abs(t - s) <= 1e-9 * abs(t):\n"
        "            break\n        s = t\n    return t * k\n"
    ),
    (
        "def f(x, y=2.0):\n    s = 0.0\n    for i in range(3):\n        for j in range(i, 3):\n            if j == 1 and y > 2.5:\n"
        "                continue\n            s = s + math.sin(x * j) * s + x / y\n    return s * k\n"
    ),
    "def f(x, y=2.0):\n    kept = [x, x * y]\n    for i in range(4):\n        kept.append(kept[i] * kept[-1] / (k + kept[i + 1] ** 2))\n    return kept[-1]\n",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("make", [grad, value_and_grad, functools.partial(grad, argnums=(0, 1))])
def test_the_numbers_are_those_of_the_plain_way(text, make):
    derivative = used(make(module(text, k=1.5)["f"]), 0.3)
    assert is_linked(derivative)
    for x in (0.3, 1.7, 5.25, 1e150, 1e-200):
        for y in (2.0, -0.7, 3.3):
            assert derivative(x, y) == derivative._plain(x, y)
            assert [type(item) for item in np.atleast_1d(derivative(x, y))] != [int]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("make", [grad, value_and_grad])
def test_one_gradient_in_a_tuple(text, make):
    derivative = used(make(module(text, k=1.5)["f"], argnums=(0,)), 0.3)
    assert is_linked(derivative)
    for x in (0.3, 1.7, 5.25):
        found = derivative(x, 3.3)
        assert found == derivative._plain(x, 3.3)
        assert isinstance(found[-1], tuple if make is value_and_grad else float) and isinstance(found, tuple)


def test_one_function_is_called_and_constants_are_computed_once():
    derivative = used(grad(module(SCALAR, k=1.5)["f"]), 0.3)
    names = derivative.__call__.__code__.co_names
    assert names.count("k") == 1 and {1.5, 2.25, math.sqrt} <= set(derivative.__call__.__code__.co_consts)
    assert "k * k" in derivative.source


def test_to_link_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert is_linked(used(grad(module(SCALAR, k=1.5)["f"]), 0.3))


def test_a_global_that_is_rebound_is_seen_at_the_next_call():
    scope = module(SCALAR, k=1.5)
    derivative = used(grad(scope["f"]), 0.3)
    for k in (2.5, 1.5, -0.5):
        scope["k"] = k
        assert math.isclose(derivative(0.3), slope(0.3, k=k), rel_tol=1e-14)
        assert is_linked(derivative) and k in derivative.__call__.__code__.co_consts
    assert derivative.cache_info().misses == 1


@pytest.mark.parametrize("other", [3, True, np.float64(2.5), np.float32(2.5), np.array(2.5)])
def test_a_global_of_another_kind_is_seen_at_the_next_call(other):
    scope = module(SCALAR, k=1.5)
    derivative = used(grad(scope["f"]), 0.3)
    scope["k"] = other
    assert derivative(0.3) == grad(scope["f"])(0.3)
    assert derivative.cache_info().misses == 2
    scope["k"] = 1.5
    assert derivative(0.3) == grad(scope["f"])(0.3)
    assert derivative.cache_info().misses == 2


def test_a_global_that_becomes_an_array_is_seen_at_the_next_call():
    scope = module("def f(x):\n    return np.sum(k * x)\n", k=1.5)
    derivative = used(grad(scope["f"]), 0.3)
    scope["k"] = np.ones(3)
    assert derivative(0.3) == 3.0


def test_a_global_that_is_deleted_is_seen_at_the_next_call():
    scope = module(SCALAR, k=1.5)
    derivative = used(grad(scope["f"]), 0.3)
    del scope["k"]
    with pytest.raises(NameError, match="k"):
        derivative(0.3)


def test_functions_that_are_rebound_are_seen():
    scope = module("def g(x): return k * x\ndef f(x):\n    return sin(g(x))\n", sin=math.sin, k=2.0)
    derivative = used(grad(scope["f"]), 0.0)
    assert is_linked(derivative) and derivative(0.0) == 2.0
    scope["sin"] = math.cos
    assert derivative(0.0) == 0.0
    scope["sin"] = math.sin
    scope["g"] = module("def g(x): return 5.0 * x\n")["g"]
    assert derivative(0.0) == 5.0
    scope["f"].__code__ = module("def f(x):\n    return sin(g(x)) * 3.0\n")["f"].__code__
    assert derivative(0.0) == 15.0


def test_the_code_of_a_callee_is_watched():
    scope = module("def g(x): return k * x\ndef f(x):\n    return g(x) * x\n", k=2.0)
    derivative = used(grad(scope["f"]), 1.0)
    assert is_linked(derivative) and derivative(1.0) == 4.0
    scope["g"].__code__ = module("def g(x): return 5.0 * x\n")["g"].__code__
    assert derivative(1.0) == 10.0


def test_captured_variables_are_watched():
    k = 2.0

    def f(x):
        return k * k * x * x

    derivative = used(grad(f), 3.0)
    assert is_linked(derivative) and derivative(3.0) == 24.0
    k = 1.0
    assert derivative(3.0) == 6.0 and is_linked(derivative)
    k = np.float64(0.5)
    assert derivative(3.0) == 1.5 and type(derivative(3.0)) is np.float64


def test_a_global_that_changes_all_the_time_is_not_linked_any_more():
    scope = module(SCALAR, k=1.0)
    derivative = used(grad(scope["f"]), 0.3)
    for turn in range(2 * MAX_RELINKED):
        scope["k"] = 1.0 + turn
        assert math.isclose(derivative(0.3), slope(0.3, k=1.0 + turn), rel_tol=1e-14)
    assert not is_linked(derivative) and derivative.cache_info().misses == 1


class Real(float):
    """A float of another class."""


@pytest.mark.parametrize(
    "x", [2, True, np.float64(0.25), np.float32(0.25), np.array(0.25)], ids=lambda x: type(x).__name__
)
def test_arguments_of_other_classes_take_the_plain_way(x):
    scope = module(SCALAR, k=1.5)
    derivative = used(grad(scope["f"]), 0.3)
    if type(x) is bool:
        with pytest.raises(NotDifferentiable):
            derivative(x)
    else:
        got, expected = derivative(x), grad(scope["f"])(x)
        assert got == expected and type(got) is type(expected)
    assert derivative(0.3) == grad(scope["f"])(0.3) and is_linked(derivative)


def test_a_subclass_of_float_is_no_float():
    scope = module(SCALAR, k=1.5)
    derivative = used(grad(scope["f"]), 0.3)
    results = []
    for made in (derivative, grad(scope["f"])):
        try:
            results.append(made(Real(0.25)))
        except TypeError as error:
            results.append(str(error))
    assert results[0] == results[1]


def test_other_classes_are_still_found():
    derivative = used(grad(lambda x, n: x * n * 2.0), 3.0, 2)
    linked = derivative.__call__
    used(derivative, 3.0, 2.0)
    assert is_linked(derivative) and derivative.__call__ is not linked  # the last one that was compiled
    assert derivative(3.0, 2.5) == 5.0 and derivative(3.0, 2) == 4.0 and derivative(3.0, True) == 2.0


def test_arguments_are_bound_as_the_primal_binds_them():
    derivative = used(grad(module("def f(x, /, y=2.0, *, z=3.0): return k * x * y * z\n", k=1.0)["f"]), 0.5)
    assert is_linked(derivative)
    assert derivative(0.5) == 6.0 == derivative(0.5, y=2.0) == derivative(0.5, 2.0, z=3.0)
    assert derivative(0.5, z=1.0, y=5.0) == 5.0
    for args, kwargs in [((), {}), ((1.0, 2.0, 3.0), {}), ((), {"x": 1.0}), ((1.0,), {"w": 1.0})]:
        with pytest.raises(TypeError) as linked:
            derivative(*args, **kwargs)
        with pytest.raises(TypeError) as plain:
            derivative._plain(*args, **kwargs)
        assert str(linked.value) == str(plain.value)


def test_names_of_the_user_mean_what_they_mean():
    text = "type = 2.0\nException = 3.0\ndef f(float, hits=1.0):\n    return type * float * float * Exception * hits\n"
    derivative = used(grad(module(text)["f"]), 1.0)
    assert is_linked(derivative) and derivative(2.0) == 24.0


def test_errors_show_the_users_line_and_are_raised_once():
    derivative = used(grad(module("def f(x):\n    return math.sqrt(x) * k\n", k=1.5)["f"]), 0.3)
    assert is_linked(derivative)
    with pytest.raises(ValueError, match="math domain error") as caught:
        derivative(-1.0)
    assert "return math.sqrt(x) * k" in "".join(traceback.format_tb(caught.value.__traceback__))
    assert caught.value.__context__ is None
    assert derivative(0.0) == math.inf  # a slope may be infinite, as without linking


def test_a_constant_that_cannot_be_computed_is_left_to_the_call():
    scope = module("def f(x):\n    return x * x / k\n", k=2.0)
    derivative = used(grad(scope["f"]), 1.0)
    assert is_linked(derivative)
    scope["k"] = 0.0
    with pytest.raises(ZeroDivisionError):
        derivative(1.0)
    assert not is_linked(derivative)
    scope["k"] = 4.0
    assert derivative(1.0) == 0.5 and derivative(2.0) == 1.0 and is_linked(derivative)


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    print(end='')\n    return x * x\n",
        "def f(x):\n    for i in range(3):\n        print(end='')\n    return x * x\n",
        "def f(x):\n    kept = {}\n    for i in range(3):\n        kept[i] = x * i\n    return kept[0] * kept[2]\n",
        "def f(x):\n    return np.sin(x)\n",
        "def g(x): return x\ndef f(x):\n    g(2.0)\n    return x * x\n",
        "def f(x):\n" + "    x = x * 1.01 + math.sin(x)\n" * 70 + "    return x\n",
    ],
)
def test_what_does_more_than_compute_with_numbers_is_not_linked(text):
    derivative = used(grad(module(text, k=2.0)["f"]), 0.5)
    assert not is_linked(derivative)
    assert derivative(0.5) == grad(module(text, k=2.0)["f"])(0.5)


def test_a_truth_of_a_global_is_not_that_of_its_stand_in():
    scope = module("def f(x):\n    return x * x if k and x > 0.0 else x\n", k=0.0)
    derivative = used(grad(scope["f"]), 3.0)
    assert derivative(3.0) == 1.0
    scope["k"] = 1.0
    assert derivative(3.0) == 6.0


def test_calls_are_counted():
    derivative = grad(module(SCALAR, k=1.5)["f"])
    for _ in range(50):
        derivative(0.3)
    assert is_linked(derivative) and derivative.cache_info() == (49, 1, 256, 1)
    with pytest.raises(ValueError, match="domain"):
        derivative(-1.0)
    assert derivative.cache_info()[:2] == (50, 1)
    derivative.cache_clear()
    assert not is_linked(derivative) and derivative.cache_info() == (0, 0, 256, 0)
    assert derivative(0.3) == slope(0.3) and derivative.cache_info().misses == 1


def test_the_derivative_is_the_same_object():
    derivative = used(grad(at_top_level), 0.3)
    assert is_linked(derivative)
    assert derivative.__wrapped__ is at_top_level and derivative.primal is at_top_level
    assert "x_bar" in derivative.source or "return" in derivative.source
    assert pickle.loads(pickle.dumps(derivative))(0.3) == derivative(0.3)
    assert grad(derivative)(0.3) == 2.0 * RATE


RATE = 3.0


def at_top_level(x):
    """A primal that can be pickled."""
    return RATE * x * x


def test_threads_see_one_value_of_a_global_or_the_other():
    scope = module("def f(x):\n    return k * x * x\n", k=1.0)
    derivative = used(grad(scope["f"]), 1.0)
    wrong, stop = [], threading.Event()

    def call():
        while not stop.is_set():
            got = derivative(1.0)
            if got not in (2.0, 4.0):
                wrong.append(got)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=call) for _ in range(3)]
        for thread in threads:
            thread.start()
        for turn in range(300):
            scope["k"] = 1.0 + turn % 2
        stop.set()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not wrong and derivative(1.0) == 2.0 * scope["k"]


def test_what_is_linked_can_be_collected():
    scope = module("def g(x): return x * k\ndef f(x):\n    return k * g(x) * x\n", k=1.5)
    derivative = used(grad(scope["f"]), 1.0)
    derivative.of_itself = derivative
    assert is_linked(derivative)
    linked, derivative = weakref.ref(derivative.__call__), weakref.ref(derivative)
    gc.collect()
    assert derivative() is None and linked() is None


def test_a_linked_call_has_the_lines_of_the_emitted_source():
    derivative = grad(several_lines)
    for _ in range(40):
        derivative(0.5, 2.0)
    emitted = derivative.at((0.5, 2.0)).compiled.function.__code__
    code = derivative.__call__.__code__
    assert code is not emitted
    assert code.co_filename == emitted.co_filename
    lines = {line for _, _, line in code.co_lines() if line}
    last = max(line for _, _, line in emitted.co_lines() if line)
    assert len(lines) > 2
    assert min(lines) == emitted.co_firstlineno
    assert max(lines) == last


def several_lines(x, y):
    s = x * x + RATE
    if s > 1.0:
        s = s * y
    return s * s + y


def test_nothing_is_linked_under_a_debugger():
    derivative = grad(several_lines)
    plain = derivative.__call__
    before = sys.gettrace()
    sys.settrace(lambda *_: None)
    try:
        for _ in range(40):
            derivative(0.5, 2.0)
    finally:
        sys.settrace(before)
    assert derivative.__call__ is plain


# ---- compiled by Numba ------------------------------------------------------------------------------------------------

ONLY_WITH_NUMBA = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")


@ONLY_WITH_NUMBA
def test_compiled_code_is_called_at_once():
    f = module(SCALAR, k=1.5)["f"]
    df = used(grad(f, backend="numba"), 2.0)
    assert is_linked(df)
    assert df(2.0) == pytest.approx(slope(2.0), rel=1e-14)
    assert df(3, y=4) == pytest.approx(slope(3.0, 4.0), rel=1e-14)
    hits = df.cache_info().hits
    df(2.0)
    assert df.cache_info().hits == hits + 1


@ONLY_WITH_NUMBA
@pytest.mark.parametrize("make", [grad, value_and_grad, jit])
def test_compiled_code_is_called_without_a_look_at_the_types(make):
    given = {} if make is jit else {"backend": "numba"}
    df = used(make(module(SCALAR, k=1.5)["f"], **given), 2.0)
    code = df.__call__.__code__
    cells = dict(zip(code.co_freevars, (cell.cell_contents for cell in df.__call__.__closure__)))
    assert isinstance(cells[COMPILED], types.BuiltinFunctionType)
    for x in (0.3, 2.0, 1e150, -1.0, math.nan):
        assert np.testing.assert_equal(df(x, 0.7), df._plain(x, 0.7)) is None


@ONLY_WITH_NUMBA
@pytest.mark.parametrize("make", [grad, value_and_grad])
def test_one_gradient_of_compiled_code_in_a_tuple(make):
    df = used(make(module(SCALAR, k=1.5)["f"], argnums=(0,), backend="numba"), 2.0)
    assert is_linked(df)
    found = df(1.7, 3.3)
    assert found == df._plain(1.7, 3.3)
    gradients = found if make is grad else found[1]
    assert gradients == (pytest.approx(slope(1.7, 3.3), rel=1e-14),)


@ONLY_WITH_NUMBA
def test_integers_that_do_not_fit_are_refused():
    text = "def f(x, n):\n    for _ in range(3):\n        x = x * n\n    return x\n"
    df = used(grad(module(text)["f"], backend="numba"), 1.5, 2)
    assert is_linked(df) and df(1.5, 2) == 8.0
    with pytest.raises(OverflowError):
        df(1.5, 2**64)
    assert df(1.5, True) == 1.0


@ONLY_WITH_NUMBA
def test_errors_of_compiled_code_are_the_users():
    text = "def f(x, n):\n    if n < 0:\n        raise ValueError('no turns')\n    return x ** n\n"
    df = used(grad(module(text)["f"], backend="numba"), 1.5, 2)
    assert is_linked(df)
    with pytest.raises(ValueError, match="no turns"):
        df(1.5, -2)


@ONLY_WITH_NUMBA
def test_globals_of_compiled_code_are_seen():
    scope = module(SCALAR, k=1.5)
    df = used(grad(scope["f"], backend="numba"), 2.0)
    for k in (2.5, 3, 1.5):
        scope["k"] = k
        assert df(2.0) == pytest.approx(slope(2.0, k=k), rel=1e-14)


@ONLY_WITH_NUMBA
def test_a_parameter_with_the_name_of_a_global_of_a_callee():
    text = "def g(x): return k * x * x\ndef f(x, k=3.0):\n    return g(x) * k\n"
    df = used(grad(module(text, k=2.0)["f"], backend="numba"), 1.5)
    assert df(1.5) == pytest.approx(2.0 * 2.0 * 1.5 * 3.0, rel=1e-14)
    assert df(1.5, 5.0) == pytest.approx(2.0 * 2.0 * 1.5 * 5.0, rel=1e-14)


@ONLY_WITH_NUMBA
def test_a_captured_number_of_compiled_code():
    def made(k):
        def f(x):
            return k * x * x

        return grad(f, backend="numba")

    one, other = used(made(2.0), 1.5), used(made(3.0), 1.5)
    assert (one(1.5), other(1.5)) == (6.0, 9.0)


@ONLY_WITH_NUMBA
def test_what_prints_is_not_called_twice(capfd):
    f = module("def f(x):\n    print(1)\n    return x * x\n")["f"]
    df = used(grad(f, backend="numba"), 1.5)
    assert not is_linked(df)


@ONLY_WITH_NUMBA
def test_arrays_go_the_plain_way():
    df = used(grad(module("def f(x):\n    return np.sum(x * x)\n")["f"], backend="numba"), np.ones(3))
    assert not is_linked(df)
    assert df(np.full(3, 2.0)).tolist() == [4.0] * 3
