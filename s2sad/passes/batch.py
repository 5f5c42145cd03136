"""Several directions at once: a tangent program, or a reverse sweep, whose derivatives get one leading axis.

>>> import numpy as np
>>> from s2sad.batch.statements import Convention
>>> from s2sad.testing.core import core, show
>>> program = core('''
... def f_jvp(x, a, x_dot, a_dot):
...     y = x * a
...     y_dot = x_dot * a + x * a_dot
...     s = np.sum(y)
...     s_dot = np.sum(y_dot)
...     return s, s_dot
... ''', 2.0, np.ones(3), 1.0, np.ones(3))
>>> dots = ("x_dot", "a_dot")
>>> show(batch(program, Convention(dots, frozenset([*dots, "y_dot", "s_dot"]), paired=True), {}))
def f_jvp(x, a, x_dot, a_dot):
    y = x * a
    y_dot = x_dot[:, None] * a + x * a_dot
    s = np.sum(y)
    s_dot = np.sum(y_dot, axis=1)
    return s, s_dot

Only what depends on a direction changes: the primal, its loops and its branches run once for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from s2sad.batch.statements import Convention, Statements
from s2sad.program import Program


def batch(program: Program, own: Convention, others: Mapping[str, Convention]) -> Program:
    """Give the derivatives of a program one leading axis.

    Parameters
    ----------
    program : Program
        A tangent program or a reverse sweep, for one direction.
    own : Convention
        What of it carries the axis.
    others : mapping from str to Convention
        The same of the emitted functions that it calls.

    Raises
    ------
    NotBatched
        If some step has no form for several directions.
    """
    return Statements(program, own, others).result()
