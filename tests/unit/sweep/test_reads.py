"""What a rule's body reads of its operands, and that an operand is kept where its items are read."""

import numpy as np
import pytest

from s2sad import check_grads
from s2sad.rules import rule, sample
from s2sad.rules.record import rule_of
from s2sad.sweep.reads import reads_items


def by_method(x):
    return np.maximum(x, 0.0) ** 2


@rule(by_method, at=[sample(np.array([-1.0, 2.0]))])
class by_method_rule:
    def jvp(x, *, x_dot):
        return 2.0 * x.clip(0.0) * x_dot

    def vjp(x, *, y_bar):
        return 2.0 * y_bar * x.clip(0.0)


def overwritten(x):
    y = by_method(x)
    x *= 3.0
    return np.sum(y) + np.sum(x)


def test_an_operand_of_which_a_method_is_called_is_kept():
    check_grads(overwritten, (np.array([-1.0, 0.5, 2.0]),))


@pytest.mark.parametrize(
    ("function", "parameter", "read"),
    [
        (np.sum, "a", False), (np.reshape, "a", False), (np.take, "a", False), (np.take, "indices", True),
        (np.cumprod, "a", True), (np.var, "a", True), (by_method, "x", True),
    ],
)  # fmt: skip
def test_items_that_a_body_reads(function, parameter, read):
    assert (parameter in reads_items(rule_of(function).vjp)) is read
