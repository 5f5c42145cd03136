"""Builtins over containers, as plain Python that the compiler differentiates like a user's function.

>>> sum_of([1.0, 2.0]), max_of([1.0, 3.0, 2.0]), list_of(v * v for v in (1, 2))
(3.0, 3.0, [1, 4])
"""


def sum_of(items, start=0):  # type: ignore[no-untyped-def]
    total = start
    for item in items:
        total = total + item
    return total


def max_of(items):  # type: ignore[no-untyped-def]
    largest = items[0]
    for k in range(1, len(items)):
        largest = max(largest, items[k])
    return largest


def min_of(items):  # type: ignore[no-untyped-def]
    smallest = items[0]
    for k in range(1, len(items)):
        smallest = min(smallest, items[k])
    return smallest


def list_of(items):  # type: ignore[no-untyped-def]
    made = []
    for item in items:
        made.append(item)
    return made


def kept(function, items):  # type: ignore[no-untyped-def]
    made = []
    for item in items:
        if function(item):
            made.append(item)
    return made


def extend(target, items):  # type: ignore[no-untyped-def]
    for item in items:
        target.append(item)


def repeat(items, times):  # type: ignore[no-untyped-def]
    made = []
    for _ in range(times):
        for item in items:
            made.append(item)
    return made
