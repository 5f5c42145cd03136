"""The generated function behind a call: it binds as the primal does and counts what it finds."""

import inspect
import linecache

import numpy as np
import pytest

from s2sad import grad
from s2sad.entry import entry


def found(values):
    return ("found", values)


def call_of(fun, direct=None):
    return entry(inspect.signature(fun), {} if direct is None else direct, found)[:2]


def everything(a, /, b, c=3, *rest, d, e=5, **more):
    """One parameter of each kind."""


def test_values_are_one_for_each_parameter():
    call, _ = call_of(everything)
    assert call(1, 2, d=4) == ("found", (1, 2, 3, (), 4, 5, {}))
    assert call(1, c=0, b=2, d=4, z=9) == ("found", (1, 2, 0, (), 4, 5, {"z": 9}))
    assert call(1, 2, 3, 4, 5, d=6) == ("found", (1, 2, 3, (4, 5), 6, 5, {}))


@pytest.mark.parametrize(
    "fun", [lambda: 0, lambda x: 0, lambda *, k: 0, lambda x, /: 0, lambda x=1, /, y=2: 0, lambda **kw: 0]
)
def test_binding_is_pythons_own(fun):
    call, _ = call_of(fun)
    for args, kwargs in [((), {}), ((7,), {}), ((), {"k": 1}), ((), {"x": 1}), ((1, 2), {}), ((), {"y": 1})]:
        try:
            bound = inspect.signature(fun).bind(*args, **kwargs)
        except TypeError:
            with pytest.raises(TypeError):
                call(*args, **kwargs)
            continue
        bound.apply_defaults()
        assert call(*args, **kwargs) == ("found", tuple(bound.arguments.values()))


def test_parameters_may_have_the_names_of_builtins():
    call, hits = call_of(lambda type, get=2: 0, {(float, int): lambda a, b: a + b})
    assert call(1.0) == 3.0 and hits() == 1


def test_a_default_is_one_object():
    kept = []
    call, _ = call_of(lambda x, items=kept: 0)
    assert call(1)[1][1] is kept


def test_new_sizes_and_new_classes_find_what_is_compiled_for_them():
    slope = grad(lambda x: np.sum(x * x))
    for values in (np.ones(3), np.ones(4), np.ones((2, 2)), np.ones(3), 2.0, np.ones(1)):
        assert np.array_equal(slope(values), 2.0 * np.asarray(values))
    info = slope.cache_info()
    assert (info.misses, info.hits, info.currsize) == (4, 2, 4)


def test_a_global_that_changes_on_every_call_is_seen():
    scope = {"k": 1.0}
    linecache.cache["<changing>"] = (1, None, ["def f(x):\n", "    return k * x * x\n"], "<changing>")
    exec(compile("def f(x):\n    return k * x * x\n", "<changing>", "exec"), scope)
    slope = grad(scope["f"])
    for value in (1.0, 2.0, 3.0, 2.5):
        scope["k"] = value
        assert slope(3.0) == 6.0 * value
    assert slope.cache_info().misses == 1
    scope["k"] = 4  # another kind
    assert slope(3.0) == 24.0
    assert slope.cache_info().misses == 2


def test_the_usual_case_is_tried_first_and_others_are_still_found():
    call, hits, favour = entry(inspect.signature(lambda x, y=1: 0), {(float, int): lambda x, y: "first"}, found)
    favour((int, int), lambda x, y: "usual")
    assert [call(2), call(2.0), call(2.0, 3.0)] == ["usual", "first", ("found", (2.0, 3.0))] and hits() == 2


def test_derivatives_of_other_classes_are_found_after_the_usual_one():
    slope = grad(lambda x, n: x**n)
    for _ in range(3):
        assert [slope(2.0, 3), slope(2.0, 3.0), slope(np.float64(2.0), 3)] == [12.0] * 3
    slope.cache_clear()
    assert slope(2.0, 3) == 12.0 and slope.cache_info().misses == 1
