"""Memory is taken once: arrays that each turn of a loop makes for itself, and rows for what is recorded (``numba``).

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(reserve(core('''
... def f(x, n):
...     s = 0.0
...     t_tape = []
...     for i in range(n):
...         u = np.empty(3)
...         for j in range(3):
...             u[j] = x[j] * i
...         t_tape.append(u[0] * u[2])
...     for i in range(n):
...         s = s + t_tape[i]
...     return s
... ''', np.ones(3), 2)))
def f(x, n):
    s = 0.0
    t_tape = np.empty(max(n, 0))
    u = np.empty(3)
    for i in range(n):
        for j in range(3):
            u[j] = x[j] * i
        t_tape[i] = u[0] * u[2]
    for i in range(n):
        s = s + t_tape[i]
    return s

An array that a turn makes for the next one is the next row of what is recorded of it, or takes turns with a second
one.  What is recorded stays a list where the number of turns, or how large an item is, is not known before the loop.
"""

from __future__ import annotations

from s2sad.passes.reserve.keeping import Keeping
from s2sad.passes.reserve.recording import Recording
from s2sad.program import Program


def reserve(program: Program) -> Program:
    """Take memory before loops."""
    recording = Recording(program)
    body = recording.finished(recording.block(program.body))
    program = program.replace(body=tuple(body), types=recording.types)
    keeping = Keeping(program, recording.short)
    body = keeping.block(program.body)
    return program.replace(body=tuple(body), types=keeping.types)
