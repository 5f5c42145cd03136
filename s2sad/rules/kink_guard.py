"""Rules of what the pass `kinks` puts into a program."""

from __future__ import annotations

import numpy as np

from s2sad.rules.record import elementwise, nondifferentiable
from s2sad.runtime.kink_guard import nan_where, unless_kink
from s2sad.signature import Type


def _as_is(value: Type, hit: Type) -> Type:
    return value


@elementwise(
    unless_kink, wrt=("value",), infer=_as_is,
    at=[(1.3, False), (np.array([1.3, 0.4]), np.array([False, False]))],
)  # fmt: skip
def unless_kink_(value, hit):
    return nan_where(hit)


nondifferentiable(nan_where)
