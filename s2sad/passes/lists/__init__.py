"""``optimize="scalars"``: arrays that a loop uses item by item are worked on as lists.

To read or write an item of an array costs ten times what it costs of a list, and what is read from a list is one of
Python's floats, on which arithmetic costs a third.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(lists(core('''
... def f(b):
...     u = np.zeros_like(b)
...     for i in range(1, len(b)):
...         for j in range(1, b.shape[1]):
...             t = 0.5 * (u[i - 1, j] + u[i, j - 1])
...             u[i, j] = t + b[i, j]
...     return u
... ''', np.ones((3, 3)))))
def f(b):
    u = np.zeros_like(b)
    b_rows = b.tolist()
    u_rows = u.tolist()
    for i in range(1, len(b)):
        u_row = u_rows[i]
        b_row = b_rows[i]
        u_row__v1 = u_rows[i - 1]
        for j in range(1, b.shape[1]):
            t = 0.5 * (u_row__v1[j] + u_row[j - 1])
            u_row[j] = t + b_row[j]
    u[...] = u_rows
    return u

A list is kept for the next loop where nothing but items of the array is used in between.  An array that the loop may
not go through in full becomes a list only if that pays back when the code runs (`lists_of`).  Runs late, on primal
arrays and their cotangents alike.
"""

from __future__ import annotations

from s2sad.passes.lists.rewriting import Lists
from s2sad.program import Program


def lists(program: Program) -> Program:
    """Arrays that loops use item by item as lists."""
    return Lists(program).run()


__all__ = ["lists"]
