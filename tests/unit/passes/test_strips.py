"""What is recorded along a long dimension is cut into strips where the items have nothing to do with each other."""

import importlib.util

import numpy as np
import pytest

from s2sad import value_and_grad
from s2sad.passes.loops import strips as module
from s2sad.passes.loops.strips import strips
from s2sad.testing.core import core, runnable, source

X, Z = np.array([0.5, -1.5, 2.0, 0.25, 1.0]), np.arange(15.0).reshape(3, 5) / 8
TEXT = """
def f(x, z, n):
    {first}
    total = {start}
    other = 0.0
    m = x.shape[0]
    s = np.empty(x.shape[0])
    out = np.zeros(x.shape[0])
    tape = np.empty((n + 1, x.shape[0]))
    for i in range(x.shape[0]):
        s[i] = x[i] * factor
        tape[0, i] = s[i]
    factor = {factor}
    row = tape[0]
    for k in range(n):
        new = tape[k + 1]
        for i in range(x.shape[0]):
            {body}
            {more}
        row = new
        {inside}
    mean = total / s.size
    for k in range(n - 1, -1, -1):
        old = tape[k]
        part = {part}
        for i in range(x.shape[0]):
            t = old[i] * {read}
            part += t
        other += {share}
    {last}
    return total, other, out, mean, factor{after}
"""
PLAIN = {
    "first": "factor = 2.0", "start": "1.0", "factor": "3.0", "body": "new[i] = row[i] * z[k, i]", "more": "total += new[i]", "inside": "",
    "part": "0.0", "read": "factor", "share": "part * m", "last": "mean *= 2.0", "after": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def two_items(monkeypatch):
    monkeypatch.setattr(module, "SIZE", 2)


def cut(**changes):
    program = core(TEXT.format(**{**PLAIN, **changes}), X, Z, 3)
    new = strips(program)
    for x, z, n in ((X, Z, 3), (X, Z, 0), (X[:4], Z[:, :4], 1), (X[:1], Z[:, :1], 3)):
        for got, expected in zip(runnable(new)(x.copy(), z, n), runnable(program)(x.copy(), z, n)):
            np.testing.assert_allclose(got, expected, rtol=1e-14)
    return source(new)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"start": "n * 0.5 - 1.0"},
        {"body": "new[i] = row[i] * z[k, i]\n            out[i] += new[i]"},
        {"share": "-(part / m) + part"},
        {"inside": "turn = k * 2.0"},
        {"read": "x[i]"},
        {"last": "other -= 2.0 * mean"},
        {"inside": "s.fill(1.0)"},
        {"body": "new[i] = row[i] * n", "share": "part * n", "last": "n = 2", "after": ", n"},
        {"inside": "", "factor": "n * 1.0\n    n = n - 1"},
    ],
)
def test_items_that_have_nothing_to_do_with_each_other_are_cut(changes):
    text = cut(**changes)
    assert "for strip in range((x.shape[0] + 1) // 2):" in text and "tape = np.empty((n + 1, count))" in text
    assert "mean = total / x.shape[0]" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "new[i] = row[0] * z[k, i]"},
        {"body": "new[i] = row[x.shape[0] - 1 - i]"},
        {"body": "new[i] = row[i] * tape[0, 0]"},
        {"body": "new[i] = row[i] * total"},
        {"body": "new[i] = row[i]\n            x[i] = 1.0"},
        {"body": "new[i] = row[i]\n            total = row[i]"},
        {"body": "new[i] = row[i]\n            total *= row[i]"},
        {"body": "new[i] = row[i]\n            t = row[i]", "read": "t"},
        {"body": "new[i] = row[i]\n            total += i", "inside": "factor = total"},
        {"inside": "total += 1.0"},
        {"inside": "factor = factor * 2.0"},
        {"inside": "s[0] = 1.0"},
        {"inside": "print(k)"},
        {"part": "1.0"},
        {"share": "part * part"},
        {"share": "part + 1.0"},
        {"share": "m / (part + 100.0)"},
        {"last": "tape[0, 0] = 2.0"},
        {"after": ", row"},
        {"after": ", t"},
        {"after": ", i"},
        {"after": ", part"},
        {"after": ", tape"},
    ],
)
def test_what_sees_more_than_its_own_item_is_left(changes):
    if changes.get("after") in (", t", ", i", ", part"):
        text = TEXT.format(**{**PLAIN, **changes})
        assert "strip" not in source(strips(core(text, X, Z, 3)))
    else:
        assert "strip" not in cut(**changes)


def test_an_array_that_is_read_later_is_whole():
    text = cut(after=", s.shape")
    assert "s[start + i] = x[start + i] * factor" in text and "s = np.empty(x.shape[0])" in text


def paths(spot, sigma, z):
    s = spot * np.ones(z.shape[1])
    total = np.zeros(z.shape[1])
    for t in range(len(z)):
        s = s * np.exp(sigma * z[t])
        total += s
    return np.mean(np.maximum(total - 8.0, 0.0)) * np.exp(-sigma)


@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")
def test_paths_that_do_not_meet_are_simulated_in_strips(monkeypatch, tmp_path):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)
    z = np.random.default_rng(0).normal(size=(6, 7))
    compiled = value_and_grad(paths, argnums=(0, 1), backend="numba")
    value, gradient = compiled(1.0, 0.2, z)
    expected, reference = value_and_grad(paths, argnums=(0, 1))(1.0, 0.2, z)
    np.testing.assert_allclose((value, *gradient), (expected, *reference), rtol=1e-13)
    assert "for strip in range((z.shape[1] + 1) // 2):" in compiled.specialize(1.0, 0.2, z).source
