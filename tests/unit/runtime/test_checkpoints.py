"""Checkpoints: what is recorded, what runs twice, what is refused."""

import random
import time
import tracemalloc

import numpy as np
import pytest

from s2sad import S2sadError, check_grads, checkpoint, checkpointed, grad, jvp
from s2sad.runtime.checkpoints import random_state, replayed

TABLE = []
rng = np.random.default_rng(0)


def iterate(x, n):
    s = x
    for _ in range(n):
        s = s + 0.001 * np.sin(s) * x
    return np.sum(s)


def iterate_checkpointed(x, n):
    s = x
    for _ in checkpointed(range(n)):
        s = s + 0.001 * np.sin(s) * x
    return np.sum(s)


def peak(fun, *args):
    tracemalloc.start()
    try:
        fun(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_grows_with_the_square_root():
    x = np.linspace(0.0, 1.0, 100)
    short, long = grad(iterate_checkpointed).specialize(x, 4), grad(iterate).specialize(x, 4)
    assert np.allclose(short(x, 400), long(x, 400))
    assert peak(short, x, 1600) < 0.15 * peak(long, x, 1600)
    assert peak(short, x, 1600) < 2.6 * peak(short, x, 400)


def test_memory_of_second_order():
    x = np.linspace(0.0, 1.0, 100)
    hvp = lambda fun: lambda x, n: jvp(lambda y: grad(fun)(y, n), (x,), (x,))  # noqa: E731
    assert np.allclose(hvp(iterate)(x, 30)[1], hvp(iterate_checkpointed)(x, 30)[1])


def test_checkpoint_is_the_function():
    step = checkpoint(iterate)
    assert step(np.ones(2), 3) == iterate(np.ones(2), 3)
    assert step.__name__ == "iterate"
    assert repr(step) == "<checkpoint of iterate>"
    assert np.allclose(grad(step)(np.ones(2), 3), grad(iterate)(np.ones(2), 3))
    with pytest.raises(TypeError):
        checkpoint(3.0)


def test_checkpoint_of_a_method():
    class Model:
        gain = 3.0

        @checkpoint
        def step(self, x):
            return self.gain * x * x

    model = Model()
    assert model.step(2.0) == 12.0
    assert grad(lambda x: model.step(model.step(x)))(1.0) == pytest.approx(108.0)


def test_nothing_of_a_checkpoint_is_recorded():
    def many(v):
        for _ in range(20):
            v = np.sin(v) * v
        return np.sum(v)

    report = grad(lambda x: checkpoint(many)(x)).explain(np.ones(1000))
    assert report.bytes < 200
    assert grad(many).explain(np.ones(1000)).bytes > 150_000


def test_lines_of_a_checkpointed_loop_are_explained():
    report = grad(iterate_checkpointed).explain(np.ones(3), 100)
    (line,) = [line for line in report.lines if "np.sin(s)" in line.text]
    assert (line.status, line.because) == ("active", ("x",))


def test_prints_once(capsys):
    def f(x):
        for t in checkpointed(range(5)):
            x = x * 1.1
            if t % 2:
                print("trip", t)
        return x

    grad(f)(1.0)
    assert capsys.readouterr().out == "trip 1\ntrip 3\n"


def test_random_numbers_are_drawn_once_for_the_user():
    def f(x, fun):
        s = x
        for _ in fun(range(10)):
            s = s * rng.normal() + random.gauss(0.0, 1.0) * np.random.normal() * x
        return s

    def with_checkpoints(x):
        s = x
        for _ in checkpointed(range(10)):
            s = s * rng.normal() + random.gauss(0.0, 1.0) * np.random.normal() * x
        return s

    def without(x):
        s = x
        for _ in range(10):
            s = s * rng.normal() + random.gauss(0.0, 1.0) * np.random.normal() * x
        return s

    found = []
    for fun in (with_checkpoints, without):
        rng.bit_generator.state = np.random.default_rng(7).bit_generator.state
        random.seed(3)
        np.random.seed(4)
        found.append((grad(fun)(1.1), grad(grad(fun))(1.1), rng.normal(), random.random(), np.random.normal()))
    assert found[0] == pytest.approx(found[1])


def test_replayed_leaves_generators_as_they_are():
    for draw in (np.random.default_rng(1), np.random.RandomState(1), random.Random(1)):
        take = draw.random if hasattr(draw, "random") else draw.random_sample
        states = random_state(draw)
        first, second = take(), take()
        assert replayed(states, take) == first
        with pytest.raises(ZeroDivisionError):
            replayed(states, lambda: 1 / 0)
        assert take() not in (first, second)


@checkpoint
def clocked(x):
    return x * x * time.time()


@checkpoint
def changes_what_lives_outside(x):
    TABLE.append(1)
    return x * x


def unsteady(t):
    return 0.1 * t * rng.normal()


def calls_what_draws(x):
    for t in checkpointed(range(5)):
        x = x * unsteady(t)
    return x


def leaves(x):
    for _ in checkpointed(range(5)):
        x = x * x
        if x > 10.0:
            break
    return x


def outside_of_a_header(x):
    trips = checkpointed(range(5))
    for _ in trips:
        x = x * x
    return x


def over_pairs(x):
    for i, v in checkpointed(enumerate([1.0, 2.0])):
        x = x * v + i
    return x


def unknown_schedule(x):
    for _ in checkpointed(range(3), schedule="best"):
        x = x * x
    return x


def unknown_option(x):
    for _ in checkpointed(range(3), depth=3):
        x = x * x
    return x


def changed_dict(x):
    state = {"x": x}
    for t in checkpointed(range(3)):
        state[t] = state["x"] * x
    return state[2]


def grown_list(x):
    found = [x]
    same = found
    for _ in checkpointed(range(3)):
        found.append(same[-1] * x)
    return found[-1]


def shared_memory(x):
    y = np.zeros(4)
    tail = y[1:]
    for _ in checkpointed(range(3)):
        y[0] = np.sum(tail) + x
    return np.sum(y)


def in_a_generator(x):
    def states(s):
        for _ in checkpointed(range(3)):
            s = s * s
            yield s

    total = 0.0
    for s in states(x):
        total += s
    return total


@pytest.mark.parametrize(
    ("fun", "code"),
    [
        (in_a_generator, "S108"),
        (lambda x: clocked(x), "S110"),
        (lambda x: changes_what_lives_outside(x), "S108"),
        (calls_what_draws, "S110"),
        (leaves, "S109"),
        (outside_of_a_header, "S109"),
        (over_pairs, "S109"),
        (unknown_schedule, "S109"),
        (unknown_option, "S105"),
        (changed_dict, "S108"),
        (grown_list, "S108"),
        (shared_memory, "S202"),
    ],
)
def test_refusals(fun, code):
    with pytest.raises(S2sadError) as caught:
        grad(fun)(1.1)
    assert caught.value.code == code


def helper(t):
    return 0.1 * t + len("abc")


def test_plain_functions_may_be_called():
    def f(x):
        for t in checkpointed(range(5)):
            x = np.sin(x) * helper(t)
        return x

    check_grads(f, (0.4,))


def test_numba():
    pytest.importorskip("numba")

    def f(x, n):
        s = 0.5
        for _ in checkpointed(range(n)):
            s = s * x + np.sin(s)
        while checkpointed(s > 1.0):
            s = s / 1.1
        return s * x

    assert grad(f, backend="numba")(0.4, 50) == pytest.approx(grad(f)(0.4, 50))
