"""``optimize="scalars"``: arrays that a loop uses item by item are worked on as lists.

To read or write an item of an array costs ten times what it costs of a list, and what is read from a list is one of
Python's floats, on which arithmetic costs a third.  Before::

    for i in range(1, n - 1):
        for j in range(1, n - 1):
            u[i, j] = 0.5 * (u[i - 1, j] + u[i, j - 1])

After::

    u_rows = u.tolist()
    for i in range(1, n - 1):
        row = u_rows[i - 1]
        row_1 = u_rows[i]
        for j in range(1, n - 1):
            row_1[j] = 0.5 * (row[j] + row_1[j - 1])
    u[...] = u_rows

An array that the loop may not go through in full becomes a list only if that pays back when the code runs
(`lists_of`).  Runs late, on primal arrays and their cotangents alike.
"""

from __future__ import annotations

from s2sad.passes.lists.rewriting import Lists
from s2sad.program import Program


def lists(program: Program) -> Program:
    """Arrays that loops use item by item as lists."""
    return Lists(program).run()


__all__ = ["lists"]
