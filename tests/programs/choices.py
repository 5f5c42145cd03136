"""A function that is one of several: in branches, carried round loops, or None."""

import math

from tests.programs.corpus import program


def wave(v):
    return math.sin(v)


def square(v):
    return v * v


@program(0.7, 4)
def next_function(x, n):
    f = wave
    s = x
    for k in range(n):
        s = f(s)
        f = wave if k % 2 else square
    return s


@program(0.7, 4)
def replaced_by_a_lambda(x, n):
    f = wave
    s = x
    for k in range(n):
        s = f(s)
        if k == 1:
            f = lambda v: v * x
    return s


@program(0.7, 5)
def swapped_functions(x, n):
    f, g = wave, square
    s = x
    for _ in range(n):
        s = f(s)
        f, g = g, f
    return s


@program(0.7, 5)
def swapped_closures(x, n):
    def scaled(c):
        return lambda v: v * c

    f, g = scaled(x), scaled(2.0)
    s = x
    for _ in range(n):
        s = f(s) + math.sin(s)
        f, g = g, f
    return s


@program(0.3)
def state_machine(x):
    def start(v):
        return v + 0.5, middle

    def middle(v):
        return v * v, (end if v > 1.0 else start)

    def end(v):
        return math.sin(v), None

    state, s = start, x
    while state is not None:
        s, state = state(s)
    return s


@program(0.7, 4)
def function_or_none(x, n):
    hook = None
    s = x
    for k in range(n):
        if hook is not None:
            s = hook(s)
        if k > 1:
            hook = math.cos
        elif k > 0:
            hook = wave
    return s + (hook(s) if hook else x)


@program(0.7, 4)
def compared_functions(x, n):
    f = math.sin if n > 2 else math.cos
    if f:
        x = x * x
    if f is math.sin:
        x = x + 1
    if f == math.cos or f is None:
        x = x + 2
    return f(x)


@program(0.7, 4)
def function_of_a_table(x, n):
    step = wave
    total = 0.0
    while True:
        total += step(x)
        n -= 1
        if n == 0:
            break
        step = {0: wave, 1: square}[n % 2]
    return total * step(x)


@program(0.7, 3, wrt=0, refused="S106")
def closure_of_each_iteration(x, n):
    def scaled(c):
        return lambda v: v * c

    f = scaled(x)
    s = x
    for _ in range(n):
        s = f(s)
        f = scaled(s)
    return s
