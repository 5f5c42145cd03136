"""What lives outside: written arrays are copied on entry, calls that change what is read are followed or refused."""

import enum
import random
import types

import numpy as np
import pytest

from s2sad import AmbiguousAlias, UnsupportedSyntax, grad, jvp, value_and_grad, vjp

X = np.array([0.5, 1.5, 2.5])
state = np.array([1.0, 2.0, 3.0])
tail = state[1:]
count = np.zeros(1)
log: list[float] = []
weights = [1.0, 2.0]
settings = {"k": 2.0}
plant = types.SimpleNamespace(gain=2.0)
gain = 2.0


def advanced(x):
    """Reads what is there, and writes into it."""
    state[:] = state * x
    state[1:] += state[:-1]
    return (state * x).sum()


def by_hand(x):
    s = np.array([1.0, 2.0, 3.0])
    s = s * x
    s = np.array([s[0], s[1] + s[0], s[2] + s[1]])
    return (s * x).sum()


def test_the_array_outside_is_read_as_it_is_at_the_call_and_is_not_touched():
    value, gradient = value_and_grad(advanced)(X)
    again = grad(advanced)(X)
    np.testing.assert_array_equal(state, [1.0, 2.0, 3.0])
    np.testing.assert_allclose(value, by_hand(X))
    steps = 1e-6 * np.eye(3)
    differences = [(by_hand(X + h) - by_hand(X - h)) / 2e-6 for h in steps]
    np.testing.assert_allclose(gradient, differences, rtol=1e-6)
    np.testing.assert_array_equal(gradient, again)
    _, tangent = jvp(advanced, (X,), (np.ones(3),))
    np.testing.assert_allclose(tangent, np.sum(differences), rtol=1e-6)


def test_a_pullback_can_be_called_twice():
    _, pullback = vjp(advanced, X)
    np.testing.assert_array_equal(pullback(1.0)[0], pullback(1.0)[0])


def test_a_change_between_two_calls_is_seen():
    derivative = grad(lambda x: _scaled(x))
    try:
        count[0] = 2.0
        first = derivative(3.0)
        count[0] = 5.0
        assert (first, derivative(3.0)) == (2.0, 5.0)
    finally:
        count[0] = 0.0


def _scaled(x):
    count[0] = count[0] * x
    return count[0]


def test_memory_under_two_names_is_refused_when_the_code_runs():
    def fun(x):
        state[:] = x
        return (tail * tail).sum()

    with pytest.raises(AmbiguousAlias, match="state and tail share memory"):
        grad(fun)(X)


def test_an_argument_that_is_the_array_outside_is_refused_when_the_code_runs():
    derivative = grad(advanced)
    derivative(X)
    with pytest.raises(AmbiguousAlias, match="x and state share memory"):
        derivative(state)


def note():
    count[0] += 1
    log.append(1.0)


def test_a_helper_that_changes_what_is_not_read_just_runs():
    def fun(x):
        note()
        return (x * x).sum()

    log.clear()
    try:
        np.testing.assert_array_equal(grad(fun)(X), 2 * X)
        assert (count[0], log) == (1.0, [1.0])
    finally:
        count[0] = 0.0
        log.clear()


def set_gain():
    global gain
    gain += 1.0


def set_field():
    plant.gain += 1.0


def set_item():
    settings["k"] += 1.0


def push():
    weights.append(3.0)


def through_a_view():
    tail[0] = 7.0


def half(a):
    count[0] += 1  # so that it cannot be followed
    a *= 0.5


@pytest.mark.parametrize("change", [half, np.random.default_rng(0).shuffle], ids=["function", "library"])
def test_an_argument_that_a_call_without_a_derivative_writes_is_copied(change):
    def fun(x, a):
        change(a)
        return x * a.sum()

    given = np.array([1.0, 2.0, 4.0])
    expected = given.copy()
    change(expected)
    try:
        np.testing.assert_allclose(grad(fun)(3.0, given), expected.sum())
        np.testing.assert_array_equal(given, [1.0, 2.0, 4.0])
    finally:
        count[0] = 0.0


class Bag:
    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __lt__(self, other):
        return self.size < other

    def __contains__(self, item):
        return self.size > item


bag = Bag(0)


@pytest.mark.parametrize(
    "fun",
    [
        lambda x: x * x if bag else x**3, lambda x: x * x if not bag < 1 else x**3,
        lambda x: x * x if 0 in bag and x > 0 else x**3, lambda x: x * x if not (not bag) else x**3,
    ],
)  # fmt: skip
def test_what_an_object_says_of_itself_is_asked_at_each_call(fun):
    derivative = grad(fun)
    found = []
    for size in (0, 1, 0):
        bag.size = size
        found.append(derivative(1.5))
    bag.size = 0
    assert found == [6.75, 3.0, 6.75]


class Kind(enum.Enum):
    SQUARE = 1
    CUBE = 2


class Slotted:
    __slots__ = ("k",)

    def __init__(self, k):
        self.k = k

    def predict(self, x):
        return self.k * x * x


class Cubic:
    def predict(self, x):
        return x**3


first, second = Slotted(1.0), Slotted(1.0)
chosen = types.SimpleNamespace(kind=Kind.SQUARE, model=first)


@pytest.mark.parametrize(
    ("fun", "other"),
    [
        (lambda x: x * x if chosen.kind is Kind.SQUARE else x**3, {"kind": Kind.CUBE}),
        (lambda x: x * x if chosen.kind == Kind.SQUARE else x**3, {"kind": Kind.CUBE}),
        (lambda x: x * x if chosen.model is first else x**3, {"model": second}),
        (lambda x: x * x if type(chosen.model) is Slotted else x**3, {"model": Cubic()}),
        (lambda x: chosen.model.predict(x), {"model": Cubic()}),
    ],
)
def test_another_object_in_the_same_place_is_noticed(fun, other):
    derivative = grad(fun)
    before = dict(vars(chosen))
    found = []
    try:
        for fields in (before, other, before, other):
            vars(chosen).update(fields)
            found.append(derivative(1.5))
    finally:
        vars(chosen).update(before)
    assert found == [3.0, 6.75, 3.0, 6.75]


class Meter:
    def __init__(self):
        self.total = 1.0

    def add(self, value):
        self.total += value


meter = Meter()


def closure():
    k = 2.0

    def bump():
        nonlocal k
        k += 1.0

    def fun(x):
        y = x * k
        bump()
        return y * x * k

    return fun


def rebound(x):
    y = x * gain
    set_gain()
    return y * x * gain


def in_a_loop(x):
    s = 0.0
    for _ in range(3):
        s += x * gain * x
        set_gain()
    return s


def field(x):
    y = x * plant.gain
    set_field()
    return y * x * plant.gain


def item(x):
    y = x * settings["k"]
    set_item()
    return y * x * settings["k"]


def grown(x):
    s = 0.0
    for w in weights:
        s += w * x * x
    push()
    for w in weights:
        s += w * x * x
    return s


def method(x):
    y = x * meter.total
    meter.add(2.0)
    return y * x * meter.total


def library(x):
    y = x * weights[0]
    random.shuffle(weights)
    return y * x * weights[0]


def noted(v, seen=[]):  # noqa: B006
    seen.append(v)
    return sum(seen)


def default_list(x):
    return noted(x) * noted(2.0 * x)


def recursive(n, x):
    return state.sum() * x if n == 0 else recursive(n - 1, x) * x


def read_by_a_recursive_function(x):
    state[0] = x
    return recursive(2, x)


@pytest.mark.parametrize(
    ("fun", "told"),
    [
        (rebound, "`gain` is a global variable"), (in_a_loop, "`gain` is a global variable"),
        (field, "attribute 'gain' of an object that lives outside"), (item, "this dict lives outside"),
        (grown, "this list lives outside"), (method, "attribute 'total' of an object that lives outside"),
        (closure(), "bump writes 'k'"), (library, "random.shuffle changes weights"),
        (default_list, "this list lives outside"),
        (read_by_a_recursive_function, "recursive, which is a function of its own"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_refused(fun, told):
    with pytest.raises(UnsupportedSyntax, match=told):
        grad(fun)(1.5)


def test_a_view_that_a_helper_writes_to_is_found():
    def fun(x):
        y = x * state[1]
        through_a_view()
        return y * x * state[1]

    with pytest.raises((UnsupportedSyntax, AmbiguousAlias), match="state"):
        grad(fun)(1.5)


def test_a_list_of_the_functions_own_that_a_library_shuffles():
    def fun(x):
        values = [1.0, 2.0, 3.0]
        y = [x * value for value in values]
        random.shuffle(values)
        return sum(a * b for a, b in zip(y, values)) * x

    random.seed(0)
    expected = fun(1.0)
    random.seed(0)
    np.testing.assert_allclose(grad(fun)(1.5), 2 * expected * 1.5)


def weighted(x):
    return (x * x * state).sum() * plant.gain * weights[0]


def test_a_pullback_keeps_what_was_outside_when_it_was_made():
    _, pullback = vjp(weighted, X)
    expected = pullback(1.0)[0]
    try:
        state[:], plant.gain, weights[0] = 7.0, 9.0, 11.0
        np.testing.assert_array_equal(pullback(1.0)[0], expected)
    finally:
        state[:], plant.gain, weights[0] = [1.0, 2.0, 3.0], 2.0, 1.0


def test_a_pullback_keeps_a_captured_number_that_is_rebound():
    k = 2.0

    def fun(x):
        return (x * x).sum() * k

    _, pullback = vjp(fun, X)
    k = 5.0
    np.testing.assert_array_equal(pullback(1.0)[0], 4.0 * X)
    np.testing.assert_array_equal(grad(fun)(X), 10.0 * X)
