"""Containers of `collections`: `deque`, `defaultdict` and `OrderedDict` with differentiated values."""

import collections
import copy
import math
from collections import OrderedDict, defaultdict, deque

import numpy as np

from tests.programs.corpus import normal, program


class Table:
    """A class that says what `in` and `del` are."""

    def __init__(self, *items):
        self.rows, self.dropped = list(items), 0.0

    def __contains__(self, k):
        return k < len(self.rows)

    def __delitem__(self, k):
        self.dropped += self.rows[k]
        self.rows[k] = 0.0

    def pop(self, k):
        return 1e9


@program(0.7)
def moving_average(x):
    signal = [math.sin(k * x) for k in range(6)]
    window = deque(maxlen=3)
    out = []
    for s in signal:
        window.append(s)
        out.append(sum(window) / len(window))
    return sum(v * v for v in out)


@program(0.7, 1.3)
def work_in_a_queue(x, y):
    queue = collections.deque([x, x * y, x * x])
    total = 0.0
    while queue:
        v = queue.popleft()
        total += v * math.sin(v)
        if 1.0 < v < 5.0:
            queue.append(v - y)
    return total


@program(0.7, 1.3)
def filter_with_a_delay_line(x, y):
    taps = [0.2, 0.3 * y, 0.5]
    line = deque([0.0] * len(taps), maxlen=len(taps))
    total = 0.0
    for k in range(8):
        line.appendleft(math.sin(x * k))
        total += sum(a * b for a, b in zip(line, taps)) ** 2
    return total + line[0] * line[-1]


@program(0.7)
def window_as_an_array(x):
    window = deque(maxlen=3)
    total = 0.0
    for k in range(5):
        window.append(math.sin(k * x + 0.1))
        total += np.mean(window) + np.array(window).sum() ** 2 + max(window) * min(window) + sorted(window)[0]
    return total


@program(0.7, 1.3)
def every_method_of_a_deque(x, y):
    q = deque([x, x * x, 3.0 * y])
    q.rotate(-1)
    q.rotate(5)
    q.extendleft([x, 1.0])
    q.reverse()
    q[1] *= x
    del q[0]
    q.insert(1, x)
    other = q.copy()
    other.extend([y, x])
    both = q + other
    q += [x * y]
    both.pop()
    if y in q or 1.0 not in both:
        both.append(y)
    last = list(reversed(q))[0]
    q.clear()
    return sum(v * (k + 1) for k, v in enumerate(both)) * last + len(q)


@program(0.7)
def queue_of_tuples(x):
    queue = deque([(x, 1), (2.0 * x, 2)])
    total = 0.0
    while queue:
        v, n = queue.popleft()
        total += v * n
        if n < 4:
            queue.append((v * x, n * 2))
    return total


@program(0.7)
def queue_of_numbers_beside(x):
    queue = deque([0])
    seen = []
    while queue:
        n = queue.popleft()
        seen.append(n)
        if n < 2:
            queue.extend([n + 1, n + 2])
    return sum(x**i * n for i, n in enumerate(seen))


@program(0.7)
def empty_queue_is_an_error(x):
    queue = deque()
    try:
        queue.pop()
    except IndexError:
        x = x * 2.0
    queue.append(x)
    return queue.popleft() * (len(queue) + 1.0) + isinstance(queue, deque) * x


@program(normal(7))
def sums_by_kind(x):
    total = defaultdict(float)
    for k in range(7):
        total[k % 3] += math.sin(x[k])
    return sum(v * v * (k + 1) for k, v in total.items()) + total[9]


@program(normal(7))
def lists_by_kind(x):
    groups = defaultdict(list)
    for k in range(7):
        groups["even" if k % 2 == 0 else "odd"].append(x[k] ** 2)
    return sum(groups["even"]) * sum(groups["odd"]) + len(groups)


@program(0.7, 1.3)
def default_made_by_a_function(x, y):
    found = defaultdict(lambda: y)
    for k, letter in enumerate("abca"):
        found[letter] *= x + k
    return sum(found.values()) + found["z"] + ("a" in found) + found.get("q", x)


@program(0.7, 1.3)
def dicts_by_kind(x, y):
    table = defaultdict(dict)
    table["a"]["u"] = x
    table["a"]["v"] = x * y
    table["b"]["u"] = 2.0 * x
    return sum(sum(row.values()) ** 2 for row in table.values())


@program(0.7, 1.3)
def in_order(x, y):
    table = OrderedDict([("a", x), ("b", x * x)])
    table["c"] = table["a"] * y
    table.update(e=y)
    del table["b"]
    return sum(v * (i + 1) for i, v in enumerate(table.values())) + len(list(table))


@program(0.7, 1.3)
def own_meaning_of_in_and_del(x, y):
    table = Table(x, y)
    if 1 in table and 2 not in table:
        del table[0]
    return table.dropped * y + table.rows[0] + table.rows[1] ** 2


@program(0.7)
def tuples_taken_from_the_front(x):
    waiting = []
    waiting.append((x, 1))
    waiting.append((2.0 * x, 2))
    total = 0.0
    while waiting:
        v, n = waiting.pop(0)
        total += v * n
        if n < 4:
            waiting.append((v * x, n * 2))
    return total


@program(0.7)
def tuple_moved_in_a_list(x):
    pairs = []
    for _ in range(3):
        pairs.append((x * x, 1.0))
    first = pairs.pop(0)
    pairs[0] = pairs[1]
    last = pairs[-1]
    return first[0] * x * pairs[0][0] + last[1] * last[0]


class Ledger:
    def __init__(self, x):
        self.entries = {}
        for k in range(3):
            self.entries[k] = x * k


@program(0.7)
def deques_compared(x):
    one, other, longer = deque([x, 1.0]), deque([x, 1.0]), deque([x])
    return x * (one == other) + x * x * (one != longer) + x**3 * (one == [x, 1.0])


@program(0.7)
def copies_of_a_deque(x):
    queue = deque([x], maxlen=3)
    shallow, deep = copy.copy(queue), copy.deepcopy(queue)
    shallow.append(x * x)
    deep.append(5.0 * x)
    return sum(queue) * sum(shallow) + deep[1] * deep[0] * x


@program(0.7, 1.3)
def deque_repeated_and_cut(x, y):
    queue = deque([x, y, x * y]) * 2
    queue.remove(y)
    return sum(v * (k + 1) for k, v in enumerate(queue)) * len(2 * queue)


@program(0.7, 1.3)
def copies_of_a_defaultdict(x, y):
    found = defaultdict(float)
    found["a"] += x
    plain, shallow, deep = found.copy(), copy.copy(found), copy.deepcopy(found)
    plain["a"] *= y
    shallow["b"] -= y
    deep["a"] = 3.0 * y
    return found["a"] * plain["a"] + shallow["b"] * deep["a"] + len(found)


@program(0.7, 1.3)
def order_changed(x, y):
    table = OrderedDict(a=x, b=y, c=x * y)
    table.move_to_end("a")
    table.move_to_end("c", last=False)
    last, value = table.popitem()
    first, other = table.popitem(last=False)
    return value * 2.0 + other * 3.0 + sum(table.values()) * 5.0 + x * (last == "a") + y * (first == "c")


@program(0.7)
def deep_copy_of_a_table_in_an_object(x):
    ledger = Ledger(x)
    other = copy.deepcopy(ledger)
    other.entries[1] = 5.0 * x * x
    return ledger.entries[1] * x + other.entries[1] * other.entries[2]


@program(normal(3))
def strict_zip_of_what_is_left(x):
    values = iter(x)
    first = next(values)
    return first * sum(u * v for u, v in zip(values, [1.0, 2.0], strict=True))
