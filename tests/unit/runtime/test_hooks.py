"""Code in the reverse sweep."""

import sys

import numpy as np
import pytest

import s2sad
from s2sad import S2sadError, grad, jvp, on_reverse, value_and_grad, vjp


def clipped(x):
    y = x * x
    with on_reverse(y) as y_bar:
        y_bar = np.clip(y_bar, -1.0, 1.0)
    return np.sum(y * y)


def test_rebinding_the_cotangent():
    x = np.array([0.3, 2.0])
    assert np.allclose(grad(clipped)(x), [2.0 * 0.09 * 0.6, 1.0 * 4.0])


def test_changing_it_in_place():
    def f(x):
        y = x * 1.0
        z = y
        with on_reverse(z) as bar:
            bar *= 3.0
            bar[0] = 0.0
        return np.sum(z * z) + np.sum(y)

    assert np.allclose(grad(f)(np.array([1.0, 2.0])), [1.0, 13.0])


def test_the_function_itself_and_the_forward_mode_skip_it():
    x = np.array([0.3, 2.0])
    assert clipped(x) == np.sum(x**4)
    assert jvp(clipped, (x,), (np.ones(2),))[1] == pytest.approx(np.sum(4.0 * x**3))
    assert sys.gettrace() is None or not hasattr(sys.gettrace(), "__self__")


def test_the_tracing_hook_is_left_as_it_was():
    seen = []

    def trace(frame, event, arg):
        seen.append(event)

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        clipped(np.ones(2))
        assert sys.gettrace() is trace
    finally:
        sys.settrace(before)
    assert seen


def test_an_exception_of_the_body_is_not_swallowed():
    def f(x):
        y = x * x
        with on_reverse(y) as y_bar:
            assert y_bar < 0.0, "positive"
        return y

    assert f(2.0) == 4.0
    with pytest.raises(AssertionError, match="positive"):
        grad(f)(2.0)


def test_it_runs_once_in_each_reverse_sweep(capsys):
    def f(x):
        for i in range(3):
            x = x * 2.0
            with on_reverse(x) as x_bar:
                print("trip", i, x_bar)
        return x

    made = grad(f).specialize(1.0)
    assert capsys.readouterr().out == ""
    assert made(1.0) == 8.0
    assert capsys.readouterr().out == "trip 2 1.0\ntrip 1 2.0\ntrip 0 4.0\n"
    _, pullback = vjp(f, 1.0)
    assert capsys.readouterr().out == ""
    pullback(1.0)
    pullback(1.0)
    assert capsys.readouterr().out.count("trip") == 6


def test_it_reads_the_values_of_its_own_place():
    def f(x):
        y = np.zeros(2)
        y[0] = x
        with on_reverse(x) as x_bar:
            x_bar = x_bar + 100.0 * y[0]
        y[0] = 7.0
        return x * x + np.sum(y)

    assert grad(f)(3.0) == 6.0 + 300.0


def test_what_it_binds_is_its_own():
    def f(x):
        scale = 2.0
        y = x * x
        with on_reverse(y) as y_bar:
            scale = 5.0
            y_bar = y_bar * scale
        return y * scale

    assert value_and_grad(f)(3.0) == (18.0, 2.0 * 5.0 * 6.0)


def test_second_order():
    def f(x):
        y = x * x
        with on_reverse(y) as y_bar:
            y_bar = y_bar * 3.0
        return y * y

    assert grad(f)(2.0) == 3.0 * 32.0
    assert grad(grad(f))(2.0) == pytest.approx(3.0 * 48.0)


def test_two_cotangents():
    def f(x, y):
        with on_reverse(x) as a, on_reverse(y) as b:
            a, b = b, a
        return x * x + 10.0 * y

    assert grad(f, argnums=(0, 1))(3.0, 1.0) == (10.0, 6.0)


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (lambda: _refused_expression, "S109"),
        (lambda: _refused_container, "S109"),
        (lambda: _refused_return, "S101"),
        (lambda: _refused_write, "S108"),
        (lambda: _refused_rank, "S204"),
    ],
)
def test_refusals(write, code):
    with pytest.raises(S2sadError) as caught:
        grad(write())(np.ones(3))
    assert caught.value.code == code


def _refused_expression(x):
    with on_reverse(x * 2.0):
        pass
    return np.sum(x)


def _refused_container(x):
    pair = (x, x)
    with on_reverse(pair):
        pass
    return np.sum(pair[0])


def _refused_return(x):
    with on_reverse(x):
        return np.sum(x)
    return np.sum(x)


def _refused_write(x):
    y = x * 2.0
    with on_reverse(x) as bar:
        y[0] = bar[0]
    return np.sum(y * x)


def _refused_rank(x):
    y = x * 2.0
    with on_reverse(y) as bar:
        bar = np.sum(bar)
    return np.sum(y * x)


def test_by_its_path():
    def f(x):
        y = x * x
        with s2sad.on_reverse(y) as y_bar:
            y_bar = 2.0 * y_bar
        return y

    assert grad(f)(3.0) == 12.0


def test_in_checkpoints_it_runs_once(capsys):
    def stretched(x, n):
        for i in s2sad.checkpointed(range(n)):
            x = np.sin(x)
            with on_reverse(x) as x_bar:
                print("trip", i)
                x_bar = 2.0 * x_bar
        return x

    def plain(x, n):
        for i in range(n):
            x = np.sin(x)
            with on_reverse(x) as x_bar:
                x_bar = 2.0 * x_bar
        return x

    assert grad(stretched)(0.5, 5) == pytest.approx(grad(plain)(0.5, 5))
    assert capsys.readouterr().out == "".join(f"trip {i}\n" for i in range(4, -1, -1))
    assert grad(grad(stretched))(0.5, 5) == pytest.approx(grad(grad(plain))(0.5, 5))
    step = s2sad.checkpoint(lambda x: plain(x, 2))
    assert grad(lambda x: step(step(x)))(0.5) == pytest.approx(grad(plain)(0.5, 4))
