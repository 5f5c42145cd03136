"""Reports of what is active, what is recorded, and why."""

import math

import numpy as np

from s2sad import checkpointed, grad, hessian, jacfwd, jacrev, value_and_grad
from s2sad.report import SCALAR


def iterate(x, p, n):
    s = 0.5
    unused = 3.0 * x  # noqa: F841
    for i in range(n):
        if s > 0.6:
            s = s * x + math.sin(s)
        else:
            s = s * s + p["w"]
    scale = 2.0 * n
    return s * scale


def written(x, n):
    table = np.zeros(4)
    for i in range(n):
        table[i % 4] = x * i
        table *= table
    return np.sum(table)


def line_of(report, text):
    (line,) = [line for line in report.lines if line.text.strip() == text]
    return line


def report_of_iterate(n=100):
    return grad(iterate, argnums=(0, 1)).explain(0.4, {"w": 0.3}, n)


def test_lines_say_what_is_active_and_because_of_which_argument():
    report = report_of_iterate()
    assert line_of(report, "scale = 2.0 * n").status == "constant"
    assert line_of(report, "unused = 3.0 * x  # noqa: F841").status == "varied"
    active = line_of(report, "return s * scale")
    assert (active.status, active.because) == ("active", ("p['w']", "x"))


def test_only_what_is_differentiated_is_named():
    report = grad(iterate).explain(0.4, {"w": 0.3}, 100)
    assert line_of(report, "return s * scale").because == ("x",)


def test_tapes_have_a_length_a_reader_and_bytes():
    report = report_of_iterate()
    (tape,) = [held for held in report.held if held.kind == "tape"]
    first = line_of(report, "for i in range(n):").number
    assert (tape.variable, tape.count, tape.loop) == ("s", 100, first)
    assert set(tape.readers) == {first + 1, first + 2, first + 4}  # the test is made again from the tape
    assert tape.name in grad(iterate, argnums=(0, 1)).specialize(0.4, {"w": 0.3}, 100).source
    assert 100 * 24 <= tape.bytes <= 100 * 24 + 1200
    assert report.bytes >= tape.bytes


def test_twice_the_trips_twice_the_bytes():
    short, long = (report_of_iterate(n).bytes for n in (200, 400))
    assert 1.8 < long / short < 2.2


def test_copies_of_what_is_written_in_place():
    report = grad(written).explain(0.4, 10)
    copies = [held for held in report.held if held.kind == "copy" and held.variable == "table"]
    assert copies
    assert all(held.count == 10 and held.bytes >= 10 * 4 * 8 for held in copies)
    assert "overwritten in place" in copies[0].why


def test_trips_of_a_loop_of_unknown_length():
    def f(x):
        while x > 1.0:
            x = x / 2.0
        return x

    assert [held.kind for held in grad(f).explain(9.0).held] == ["trips"]


def test_what_checkpoints_would_save():
    (saving,) = report_of_iterate(400).savings
    assert (saving.trips, saving.snapshots) == (400, 20)
    assert saving.checkpointed <= 20 * (2 * SCALAR + 120)
    assert saving.checkpointed < saving.bytes / 5
    assert not report_of_iterate(3).savings


def test_values_that_stay_alive_are_counted_once_and_arguments_not_at_all():
    def f(x):
        y = np.sin(x)
        z = y * x
        return np.sum(z * z)

    report = value_and_grad(f).explain(np.ones(1000))
    assert all(held.kind == "value" for held in report.held)
    assert 8000 <= report.bytes <= 3 * 8000 + 200


def test_text_and_notebook_show_every_line():
    report = report_of_iterate()
    for line in report.lines:
        assert line.text in str(report)
    assert "kept for the reverse sweep" in report._repr_html_()
    assert report._repr_html_().count("<tr") == len(report.lines) + 1


def test_the_arguments_are_left_alone():
    x = np.ones(3)
    grad(lambda v: np.sum(v)).explain(x)

    def f(v):
        v[0] = v[1] * 2.0
        return np.sum(v * v)

    grad(f).explain(x)
    assert np.array_equal(x, np.ones(3))


def test_nothing_is_to_be_saved_where_a_loop_is_checkpointed():
    def stretched(x):
        for _ in checkpointed(range(100)):
            x = np.sin(x) * x
        return np.sum(x)

    def online(x):
        n = 0
        while checkpointed(n < 100):
            x = np.sin(x) * x
            n = n + 1
        return np.sum(x)

    assert not grad(stretched).explain(np.ones(3)).savings
    assert not grad(online).explain(np.ones(3)).savings


def test_whole_derivatives_are_explained():
    def vector(x):
        return np.sin(x) * x

    for whole in (jacrev, jacfwd):
        report = whole(vector).explain(np.ones(3))
        assert line_of(report, "return np.sin(x) * x").because == ("x",)
        assert "<table" in report._repr_html_()
    assert hessian(lambda x: np.sum(x**3)).explain(np.ones(3)).lines


def yielded(x, n):
    s = x
    for _ in range(n):
        s = math.sin(s) * x
        yield s


def sum_of_yielded(x, n):
    total = 0.0
    for part in yielded(x, n):
        total = total + part * part
    return total


def test_lines_that_yield_are_active():
    report = grad(sum_of_yielded).explain(0.7, 5)
    (line,) = [line for line in report.lines if line.text.strip() == "yield s"]
    assert (line.status, line.because) == ("active", ("x",))


def test_short_vectors_that_are_numbers():
    def turned(u, n):
        for _ in range(n):
            u = u + 0.1 * np.array([u[1] * u[1], -u[0]])
        return np.dot(u, u)

    report = grad(turned, optimize="scalars").explain(np.ones(2), 10)
    assert line_of(report, "u = u + 0.1 * np.array([u[1] * u[1], -u[0]])").status == "active"
    assert line_of(report, "return np.dot(u, u)").because == ("u",)
