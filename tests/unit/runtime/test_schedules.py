"""Schedules: every unit is reversed once, in order, from a state that is at hand; no more snapshots than allowed."""

import os

import numpy as np
import pytest

from s2sad import S2sadError, check_grads, checkpointed, grad, vjp
from s2sad.runtime import schedules
from s2sad.runtime.schedules import Memory, binomial, forward_run, has_library, reverse_run, two_level

needs_library = pytest.mark.skipif(not has_library(), reason="checkpoint_schedules is not installed")
MAKERS = [two_level, pytest.param(binomial, marks=needs_library)]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("units", [1, 2, 3, 7, 30])
@pytest.mark.parametrize("slots", [1, 2, 5, None])
def test_each_unit_is_reversed_once_from_a_state_at_hand(make, units, slots):
    forward, back = make(units, slots)
    kept, state = set(), 0
    for kind, a, b, keep in forward:
        assert (kind, a) == ("forward", state)
        kept |= {a} if keep else set()
        state = b
    assert state == units
    reversed_so_far, most = units, len(kept)
    for step in back:
        if step[0] == "load":
            assert step[1] in kept
            kept -= {step[1]} if step[2] else set()
            state = step[1]
        elif step[0] == "forward":
            assert step[1] == state
            kept |= {state} if step[3] else set()
            state = step[2]
        else:
            assert (state, reversed_so_far) == step[1:]
            reversed_so_far = state
        most = max(most, len(kept))
    assert reversed_so_far == 0
    assert slots is None or most <= slots + 1


def steps(first, last, s, k):
    for _ in range(first, last):
        s = s * k
    return s


def steps_grad(first, last, s, k, bar):
    n = last - first
    return bar * k**n, bar * s * n * k ** (n - 1)


@pytest.mark.parametrize("schedule", ["two_level", pytest.param("binomial", marks=needs_library)])
@pytest.mark.parametrize("storage", ["memory", "disk"])
@pytest.mark.parametrize("trips", [0, 1, 2, 11, 9000])
def test_cotangents_twice(schedule, storage, trips):
    value, run = forward_run(steps, 5, 5 + trips, (2.0, 1.0005), ((), -1), 3, schedule, storage)
    assert value == steps(0, trips, 2.0, 1.0005)
    for _ in range(2):
        s_bar, k_bar = reverse_run(run, steps_grad, 3.0, (0, 1))
        assert s_bar == pytest.approx(3.0 * 1.0005**trips)
        assert k_bar == pytest.approx(6.0 * trips * 1.0005 ** (trips - 1))


@pytest.mark.parametrize("schedule", ["two_level", pytest.param("binomial", marks=needs_library)])
def test_never_more_snapshots_than_slots(schedule, monkeypatch):
    most = []

    class Counting(Memory):
        def __setitem__(self, unit, state):
            super().__setitem__(unit, state)
            most.append(len(self))

    monkeypatch.setattr(schedules, "Memory", Counting)
    _, run = forward_run(steps, 0, 500, (2.0, 1.0005), ((), -1), 6, schedule, "memory")
    reverse_run(run, steps_grad, 1.0, (0, 1))
    assert 5 <= max(most) <= 7
    assert not run.snapshots


def test_files_go_with_the_run():
    _, run = forward_run(steps, 0, 50, (2.0, 1.0005), ((), -1), 4, "two_level", "disk")
    folder = run.snapshots.folder
    assert len(os.listdir(folder)) == 4
    del run
    assert not os.path.exists(folder)


def pendulum(x, k, n, rng=None):
    state = {"x": x, "v": 0.0}
    grid = np.zeros(3)
    for t in checkpointed(range(n), slots=3, schedule="two_level", storage="disk"):
        v = state["v"] - 0.1 * k * np.sin(state["x"])
        state = {"x": state["x"] + 0.1 * v, "v": v}
        grid[1:] += 0.1 * grid[:-1] + state["x"] * t
        grid[0] = v * v
    return state["x"] * np.sum(grid)


def test_state_in_place_and_in_containers_on_disk():
    for n in (0, 1, 2, 3, 4, 10):
        check_grads(lambda x, k, n=n: pendulum(x, k, n), (0.3, 0.8))
    assert "forward_run" in grad(pendulum).specialize(0.3, 0.8, 10).source


def test_second_order_is_by_plain_loops():
    def f(x):
        s = x
        for t in checkpointed(range(9), slots=2, schedule="two_level", storage="disk"):
            s = np.sin(s) * x + 0.1 * t
        return s

    def plain(x):
        s = x
        for t in range(9):
            s = np.sin(s) * x + 0.1 * t
        return s

    assert grad(grad(f))(0.7) == pytest.approx(grad(grad(plain))(0.7))


def test_pullbacks_draw_the_same_random_numbers():
    rng = np.random.default_rng(3)

    def f(x):
        s = x
        for _ in checkpointed(range(10), slots=3, schedule="two_level", storage="disk"):
            s = s * rng.normal() + x
        return s

    _, pullback = vjp(f, 0.7)
    after = rng.bit_generator.state
    first = pullback(1.0)
    assert first == pullback(1.0)
    assert rng.bit_generator.state == after


def test_a_start_of_another_type():
    def f(x):
        s = 0
        for t in checkpointed(range(6), slots=2, schedule="two_level", storage="disk"):
            s = s * x + t
        return s

    assert (f(2.0), grad(f)(2.0)) == (57.0, 72.0)


def test_refusals(monkeypatch):
    def prints(x):
        for t in checkpointed(range(6), slots=2, storage="disk", schedule="two_level"):
            print(t)
            x = x * x
        return x

    def unbound(x):
        for t in checkpointed(range(6), slots=2, storage="disk", schedule="two_level"):
            x = x * x
            y = x * t
        return y

    def without_library(x):
        for _ in checkpointed(range(6), slots=2, schedule="binomial"):
            x = x * x
        return x

    monkeypatch.setattr("s2sad.abstract.stretches.has_library", lambda: False)
    for fun, code in ((prints, "S110"), (unbound, "S109"), (without_library, "S109")):
        with pytest.raises(S2sadError) as caught:
            grad(fun)(1.1)
        assert caught.value.code == code


@needs_library
def test_the_binomial_schedule_is_the_default_for_a_number_of_slots():
    def f(x):
        for _ in checkpointed(range(40), slots=3):
            x = np.sin(x) * 1.1
        return x

    assert '"binomial"' in grad(f).specialize(0.4).source
    check_grads(f, (0.4,))
