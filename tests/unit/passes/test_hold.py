"""Elements are held in variables exactly where nothing else can see or change them meanwhile."""

import numpy as np
import pytest

from s2sad.passes.loops.hold import hold
from s2sad.testing.core import core, runnable, source

A, B = np.arange(12.0).reshape(4, 3) / 4, np.array([0.5, -1.5, 2.0])
PRODUCT = """
def f(a, b):
    t = np.empty((4, 3))
    s = np.zeros((3, 3))
    u = t
    {before}
    for i in range(3):
        for j in range(3):
            row = {start}
            {between}
            for k in range({few}):
                row += {term}
            {place} = row{last}
    return t, s, row, k{after}
"""
PLAIN = {
    "before": "t.fill(0.0)", "start": "0.0", "between": "n = j", "few": "3", "term": "a[i, k] * a[k, j]",
    "place": "t[i, j]", "last": "", "after": " * 0 + 2",
}  # fmt: skip
TOTALS = """
def f(a, b):
    n = a.shape[0]
    total = np.zeros({shape})
    t = np.zeros((n, 3))
    other = {other}
    m = 0.0
    for i in range(n):
        for j in range({turns}):
            m += 1.0
            for k in range(3):
                {body}
    return total, t, m
"""
SUMS = {"shape": "(n, 3)", "other": "t", "turns": "n", "body": "total[i, k] += a[j, k] * b[k]"}


def held(text, **changes):
    program = core(text.format(**changes), A, B)
    new = hold(program)
    for got, expected in zip(runnable(new)(A.copy(), B.copy()), runnable(program)(A.copy(), B.copy())):
        np.testing.assert_array_equal(got, expected)
    return source(new), source(program)


def product(**changes):
    # what is read after the loop keeps it: a row, and its variable
    text = PRODUCT.replace("row, k{after}", "n{after}") if "after" not in changes else PRODUCT
    return held(text, **{**PLAIN, **changes})


def test_a_row_of_a_product_is_held():
    text, _ = product()
    assert "a_0 = a[i, 0]" in text and "for k" not in text
    assert "t[i, j] = a_0 * a[0, j] + a_1 * a[1, j] + a_2 * a[2, j]" in text


def test_the_sum_keeps_its_name_where_more_is_done_with_it():
    text, _ = product(last=" * 2.0")
    assert "row = a_0 * a[0, j] + a_1 * a[1, j] + a_2 * a[2, j]" in text and "t[i, j] = row * 2.0" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"term": "t[i, k] * a[k, j]"},
        {"term": "u[i, k] * a[k, j]"},
        {"term": "a[j, k] * a[k, j]"},
        {"term": "a[n, k] * a[k, j]"},
        {"term": "np.sin(a[i, k])"},
        {"start": "1.0"},
        {"between": "n = row"},
        {"between": "n = a[i, 0] if j > 5 else 0.0"},
        {"few": "n"},
        {"few": "i"},
        {"last": "\n            print(row)"},
        {"before": "a = t"},
        {"after": ""},
    ],
)
def test_what_may_be_written_or_is_read_elsewhere_is_left(changes):
    text, before = product(**changes)
    assert text == before


def test_sums_over_turns_are_held():
    text, _ = held(TOTALS, **SUMS)
    assert "total_1 = total[i, 1]" in text and "total_1 += a[j, 1] * b[1]" in text
    assert text.count("total[i, 1] = total_1") == 1


def test_an_element_that_two_statements_add_to_is_one_variable():
    text, _ = held(TOTALS, **{**SUMS, "body": "total[i, k] += a[j, k]\n                total[i, 0] += 1.0"})
    assert text.count("total_0 += 1.0") == 3


def test_sums_over_no_turns_stay_what_they_are():
    text, _ = held(TOTALS, **{**SUMS, "turns": "n - 4"})
    assert "total_1 = total[i, 1]" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "total[i, k] += t[j, k]\n                t[i, k] += total[j, k]"},
        {"body": "total[i, k] += a[j, k]\n                total[j, k] += 1.0"},
        {"body": "total[i, k] += a[j, k] + other[j, k]", "other": "total"},
        {"body": "total[i, k] += np.sin(a[j, k])"},
        {"body": "total[j, k] += a[j, k]"},
        {"shape": "(4, 3)"},
        {"shape": "(n + 1, 3)"},
        {"shape": "(a.shape[0], 3)"},
        {"body": "total[i, k] = a[j, k]\n                total[i, k] += a[j, k]", "turns": "n + 1 - 1"},
        {"turns": "3"},
    ],
)
def test_sums_that_may_be_seen_or_not_be_there_are_left(changes):
    text, before = held(TOTALS, **{**SUMS, **changes})
    assert text == before
