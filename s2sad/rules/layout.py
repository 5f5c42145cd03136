"""How results lie in memory; copies that lie there as another array does, for arrays that are reshaped and written."""

from __future__ import annotations

import numpy as np

from s2sad.rules.record import linear
from s2sad.runtime import arrays, layout
from s2sad.signature import Type

MAY_COPY = (np.reshape, np.ravel, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray)
"""Functions that give a view where they can, and a copy where not: only the call itself tells."""

READ_AS_THEY_LIE = (np.reshape, np.ravel, arrays.flattened)
"""Functions whose `order` may ask how their array lies in memory."""
CONTIGUOUS = (np.zeros, np.ones, np.empty, np.full, np.arange, np.linspace)
"""Functions whose result lies in memory row by row, whatever they are given."""

_M = np.arange(6.0).reshape(2, 3) - 2.5


@linear(layout.duplicate, infer=lambda array: array, at=[(_M,), (_M.T,), (_M[:, ::2],)])
def duplicate(array, *, y_bar):
    return y_bar


def _arranged_type(values: Type, like: Type) -> Type:
    return like


@linear(layout.arranged, infer=_arranged_type, wrt=("values",), at=[(_M, _M), (_M, np.ones((3, 2)).T)])
def arranged(values, like, *, y_bar):
    return y_bar
