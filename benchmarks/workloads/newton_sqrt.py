"""Newton's square root: a data-dependent scalar loop of about twenty trips."""

from benchmarks.workload import Workload


def newton_sqrt(a):
    y = a
    while True:
        y_next = 0.5 * (y + a / y)
        if abs(y_next - y) < 1e-12:
            break
        y = y_next
    return y_next * y_next * a


def by_hand(a):
    y = a
    tape = []
    while True:
        tape.append(y)
        y_next = 0.5 * (y + a / y)
        if abs(y_next - y) < 1e-12:
            break
        y = y_next
    square = y_next * y_next
    a_bar = square
    y_bar = 2.0 * a * y_next
    for k in range(len(tape) - 1, -1, -1):
        y = tape[k]
        t = 0.5 * y_bar
        q = t / y
        a_bar += q
        y_bar = t - q * a / y
    return square * a, (a_bar + y_bar,)


def arguments(small):
    return (3.3e6,)


WORKLOAD = Workload(newton_sqrt, by_hand, arguments, kinds={"scalar loop", "loop"})
