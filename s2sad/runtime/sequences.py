"""Functions over containers, as plain Python that the compiler differentiates like a user's function.

>>> sum_of([1.0, 2.0]), max_of([1.0, 3.0, 2.0]), list_of(v * v for v in (1, 2))
(3.0, 3.0, [1, 4])
"""

import numpy as np


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


def last_in_order(items):  # type: ignore[no-untyped-def]
    largest = items[0]
    for k in range(1, len(items)):
        if items[k] > largest:
            largest = items[k]
    return largest


def first_in_order(items):  # type: ignore[no-untyped-def]
    smallest = items[0]
    for k in range(1, len(items)):
        if items[k] < smallest:
            smallest = items[k]
    return smallest


def product_of(items, *, start=1):  # type: ignore[no-untyped-def]
    product = start
    for item in items:
        product = product * item
    return product


def sum_of_products(p, q):  # type: ignore[no-untyped-def]
    if len(p) != len(q):
        raise ValueError("Inputs are not the same length")
    total = 0
    for k in range(len(p)):
        total = total + p[k] * q[k]
    return total


def distance_of(p, q):  # type: ignore[no-untyped-def]
    if len(p) != len(q):
        raise ValueError("both points must have the same number of dimensions")
    return float(np.linalg.norm(np.subtract(p, q)))


def list_of(items):  # type: ignore[no-untyped-def]
    made = []
    for item in items:
        made.append(item)
    return made


def copy_of(array):  # type: ignore[no-untyped-def]
    return array.copy()


def copies_of(arrays):  # type: ignore[no-untyped-def]
    made = []
    for array in arrays:
        made.append(array.copy())
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


def insert(target, place, item):  # type: ignore[no-untyped-def]
    if place < 0:
        place = max(place + len(target), 0)
    place = min(place, len(target))
    target.append(item)
    for k in range(len(target) - 1, place, -1):
        target[k] = target[k - 1]
    target[place] = item


def pop_at(target, place):  # type: ignore[no-untyped-def]
    taken = target[place]
    if place < 0:
        place = place + len(target)
    for k in range(place, len(target) - 1):
        target[k] = target[k + 1]
    target.pop()
    return taken


def reverse(target):  # type: ignore[no-untyped-def]
    last = len(target) - 1
    for k in range(len(target) // 2):
        first = target[k]
        target[k] = target[last - k]
        target[last - k] = first


def clear(target):  # type: ignore[no-untyped-def]
    for _ in range(len(target)):
        target.pop()


def sliced(items, indices):  # type: ignore[no-untyped-def]
    made = []
    for k in indices:
        made.append(items[k])
    return made


def joined(items, others):  # type: ignore[no-untyped-def]
    made = []
    for item in items:
        made.append(item)
    for item in others:
        made.append(item)
    return made


def value_or(table, key, default):  # type: ignore[no-untyped-def]
    if key in table:
        found = table[key]
    else:
        found = default
    return found


def set_default(table, key, value):  # type: ignore[no-untyped-def]
    if key not in table:
        table[key] = value
    return table[key]


def taken_or(table, key, default):  # type: ignore[no-untyped-def]
    if key in table:
        found = table.pop(key)
    else:
        found = default
    return found


def put_all(table, others):  # type: ignore[no-untyped-def]
    for key in others:
        table[key] = others[key]


def keep_item(target, table, key):  # type: ignore[no-untyped-def]
    if key in table:
        target[key] = table[key]


def dict_of(table):  # type: ignore[no-untyped-def]
    made = {}
    for key in table:
        made[key] = table[key]
    return made


def rows_to_lists(array):  # type: ignore[no-untyped-def]
    made = []
    for row in array:
        made.append(row.tolist())
    return made


def multiply(target, times):  # type: ignore[no-untyped-def]
    length = len(target)
    if times < 1:
        for _ in range(length):
            target.pop()
    for _ in range(times - 1):
        for k in range(length):
            target.append(target[k])


def set_places(target, start, step, count, items):  # type: ignore[no-untyped-def]
    made = []
    for k in range(len(items)):
        made.append(items[k])
    if len(made) != count:
        raise ValueError("a sequence of another size is assigned to an extended slice")
    for k in range(count):
        target[start + k * step] = made[k]


def set_slice(target, start, stop, items):  # type: ignore[no-untyped-def]
    new = []
    for item in items:
        new.append(item)
    for k in range(max(start, stop), len(target)):
        new.append(target[k])
    for _ in range(len(target) - start):
        target.pop()
    for item in new:
        target.append(item)


def chained(*parts):  # type: ignore[no-untyped-def]
    made = []
    for part in parts:
        for item in part:
            made.append(item)
    return made


def flattened(parts):  # type: ignore[no-untyped-def]
    made = []
    for part in parts:
        for item in part:
            made.append(item)
    return made


def reduced(function, items, start):  # type: ignore[no-untyped-def]
    total = start
    for item in items:
        total = function(total, item)
    return total


def reduced_from_first(function, items):  # type: ignore[no-untyped-def]
    total = items[0]
    for k in range(1, len(items)):
        total = function(total, items[k])
    return total


def accumulated(function, items):  # type: ignore[no-untyped-def]
    made = []
    if len(items) > 0:
        total = items[0]
        made.append(total)
        for k in range(1, len(items)):
            total = function(total, items[k])
            made.append(total)
    return made


def accumulated_from(function, items, start):  # type: ignore[no-untyped-def]
    total = start
    made = [total]
    for item in items:
        total = function(total, item)
        made.append(total)
    return made


def mapped(function, items):  # type: ignore[no-untyped-def]
    made = []
    for item in items:
        made.append(function(item))
    return made


def taken(items, places):  # type: ignore[no-untyped-def]
    made = []
    for place in places:
        made.append(items[place])
    return made


def sort_in_place(target, order):  # type: ignore[no-untyped-def]
    made = []
    for place in order:
        made.append(target[place])
    for k in range(len(target)):
        target[k] = made[k]


def truthy(items):  # type: ignore[no-untyped-def]
    made = []
    for item in items:
        if item:
            made.append(item)
    return made
