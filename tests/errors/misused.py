"""Functions that fail for what they are given or do; `#~ CODE` marks each offending line, `misused.txt` the messages."""

# ruff: noqa

import struct

import random

import numpy as np

TABLES = [np.zeros(3)]
WEIGHTS = [1.0, 2.0]


def misused(*arguments, argnums=0, has_aux=False):
    """Say what a function is called with."""

    def note(function):
        CASES[function.__name__] = function, arguments, argnums
        return function

    return note


CASES = {}


# ---- syntax ----------------------------------------------------------------------------------------------------------


@misused(0.7)
def yields(x):
    yield x  #~ S101


@misused(0.7)
async def waits(x):  #~ S101
    return x


@misused(0.7)
def writes_a_global(x):
    global TABLE  #~ S101
    TABLE = x
    return x


@misused(0.7)
def lists_all_problems(x):
    global TABLE  #~ S101
    TABLE = x

    class Point:  #~ S101
        pass

    return Point(x)


# ---- names -----------------------------------------------------------------------------------------------------------


@misused(0.7)
def unknown_name(x):
    return x * undefined  #~ S103


@misused(np.ones(3))
def unknown_function(x):
    return np.sum(np.sinn(x))  #~ S103


@misused(np.ones(3))
def unknown_attribute(x):
    return np.sum(x.slope)  #~ S103


@misused(0.7)
def unknown_key(x):
    d = {"a": x}
    return d["b"]  #~ S103


# ---- numbers of items ------------------------------------------------------------------------------------------------


@misused(np.ones(3))
def starred_array(x):
    return max(*x)  #~ S104


@misused(0.7)
def too_few_values(x):
    a, b, c = x, 2.0 * x  #~ S105
    return a * b * c


def halved(v):
    return 0.5 * v


@misused(0.7)
def too_many_arguments(x):
    return halved(x, 3.0)  #~ S105


@misused(0.7)
def unknown_keyword(x):
    return halved(v=x, w=2.0)  #~ S105


@misused(0.7)
def argument_given_twice(x):
    return halved(x, v=2.0)  #~ S105


# ---- types -----------------------------------------------------------------------------------------------------------


@misused(0.7, 3)
def kinds_that_differ(x, n):
    s = None
    for i in range(n):
        s = x if s is None else [s, x]  #~ S106
    return x


@misused(0.7)
def returns_a_function(x):
    return lambda y: x * y  #~ S107


@misused(0.7)
def writes_into_a_list_outside(x):
    TABLES[0][0] = x  #~ S108
    return np.sum(TABLES[0]) * x


@misused(0.7)
def shuffles_a_list_outside(x):
    y = x * WEIGHTS[0]
    random.shuffle(WEIGHTS)  #~ S108
    return y * WEIGHTS[0]


# ---- rules -----------------------------------------------------------------------------------------------------------


@misused(np.ones((2, 3)), 1)
def axis_that_is_not_known(a, k):
    return np.sum(np.prod(a, axis=k))  #~ S201


@misused(0.7)
def written_in_c(x):
    return struct.unpack("d", struct.pack("d", x))[0]  #~ S201


@misused(0.7)
def read_from_text(x):
    return float(f"{x}") * 2  #~ S205


@misused(np.ones(3))
def read_from_many_texts(x):
    texts = []
    for value in x:
        texts.append("%.17g" % value)
    return sum(float(text) for text in texts)  #~ S205


@misused(0.7)
def read_from_a_key(x):
    seen = {}
    seen[x] = True  #~ S205
    return max(seen)


@misused(np.ones(3))
def different_values(x):
    return np.sum(np.unique(x))  #~ S201


@misused(np.ones(3))
def argument_without_rule(x):
    return np.sum(np.sqrt(x, where=x > 0))  #~ S203


class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b


@misused(0.7)
def object_without_items(x):
    a, b = Pair(x, 2.0 * x)  #~ S104
    return a * b


@misused(0.7)
def object_after_a_star(x):
    return max(*Pair(x, 2.0 * x))  #~ S104


@misused(0.7)
def array_of_another_length(x):
    a, b = x * np.ones(3)  #~ S105
    return a * b


@misused(0.7)
def zipped_with_too_few(x):
    return sum(a * b for a, b in zip([x, 2.0 * x], (1.0,), strict=True))  #~ S105


@misused(0.7)
def deque_returned(x):
    from collections import deque

    return deque([x, 2.0 * x])  #~ S108


@misused(0.7)
def defaultdict_compared(x):
    from collections import defaultdict

    found = defaultdict(float)
    found["a"] += x
    return x if found == {"a": x} else 2.0 * x  #~ S108
