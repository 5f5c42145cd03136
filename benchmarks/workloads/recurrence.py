"""A scalar recurrence of 100,000 steps: one value recorded for each."""

import math

from benchmarks.workload import Workload


def recurrence(x, n):
    s = 0.5
    for i in range(n):
        s = s * x + math.sin(s)
    return s


def by_hand(x, n):
    s = 0.5
    s_tape = []
    for _ in range(n):
        s_tape.append(s)
        s = s * x + math.sin(s)
    x_bar, s_bar = 0.0, 1.0
    for k in range(n - 1, -1, -1):
        t = s_tape[k]
        x_bar += s_bar * t
        s_bar *= x + math.cos(t)
    return s, (x_bar,)


def arguments(small):
    return 0.4, 50 if small else 100_000


WORKLOAD = Workload(recurrence, by_hand, arguments, kinds={"scalar loop", "loop"})
