"""Lists, dicts and arrays that a call changes: methods as values, `heapq`, `bisect`, `operator`, what cannot be seen."""

import bisect
import functools
import heapq
import operator
import random
from collections import deque

import numpy as np

from tests.programs.corpus import normal, program


# ---- methods as values ------------------------------------------------------------------------------------------
@program([0.3, 0.8, 1.7], writes=True)
def append_as_a_value(x):
    out = []
    add = out.append
    for v in x:
        add(v * v)
    return sum(out) * len(out)


@program(normal(4), writes=True)
def append_as_a_value_to_integers(x):
    places = []
    add = places.append
    for i in range(3):
        add(i + 1)
    return x[0] * sum(places) * x[places[1]]


@program(normal(3), writes=True)
def append_of_the_class(x):
    numbers, squares = [], []
    for i in range(3):
        list.append(numbers, i + 1)
        list.append(squares, x[i] ** 2)
    return x[0] * sum(numbers) + sum(squares) * len(squares)


@program(normal(3), writes=True)
def append_in_a_partial_and_a_map(x):
    out = []
    add = functools.partial(list.append, out)
    for i in range(3):
        add(i)
    list(map(out.append, [7, 8]))
    return x[0] * sum(out)


@program([0.3, 0.8, 1.7], writes=True)
def method_handed_to_a_function(x):
    def emit(sink, v):
        sink(v * v)
        sink(v)

    out = []
    for v in x:
        emit(out.append, v)
    return sum(a * b for a, b in zip(out, out[1:]))


@program([0.3, 1.8, 0.7], writes=True)
def one_of_two_methods(x):
    large, small = [], []
    for v in x:
        put = large.append if v > 1.0 else small.append
        put(v * v)
    return sum(large) * sum(small)


@program(normal(4), writes=True)
def methods_in_a_dict(x):
    odd, even = [], []
    put = {"odd": odd.append, "even": even.append}
    for i in range(4):
        put["odd" if i % 2 else "even"](x[i] * x[i])
    return sum(odd) * sum(even)


@program(normal(3), writes=True)
def method_of_a_list_that_is_renamed(x):
    a = [1.0]
    add = a.append
    b = a
    a = [x[0]]
    add(x[1])
    a.append(x[2])
    return sum(a) * len(a) + sum(b) * 3.0


@program(normal(3), numba=True, writes=True)
def methods_of_an_array(x):
    y = x * 2.0
    total, product, fill = y.sum, y.dot, y.fill
    y *= 3.0
    y[0] = x[1]
    first = total() * product(x)
    fill(x[2])
    return first + total()


@program([0.3, 0.8, 1.7, 0.9], writes=True)
def window_that_gets_its_items_by_a_method(x):
    window = deque(maxlen=3)
    push = window.append
    total = 0.0
    for v in x:
        push(v)
        total += sum(window) * window[0]
    return total


@program(normal(5), writes=True)
def queue_of_places(x):
    queue, seen = [0], []
    pop, push = queue.pop, queue.append
    while queue:
        k = pop()
        seen.append(k)
        if k < 3:
            push(k + 1)
            if k == 1:
                push(4)
    return sum(x[k] * (i + 1) for i, k in enumerate(seen))


@program(normal(3))
def items_by_methods(x):
    table = {"a": 2.0, "b": 3.0}
    length, has = x.__len__, table.__contains__
    total = sum(map(table.get, ["a", "b"])) * x[0] + sum(map(x.__getitem__, [1, 2]))
    return total * length() if has("a") else total


@program(normal(2), writes=True)
def dict_changed_by_methods(x):
    table = {"a": 1}
    dict.update(table, a=5, b=2)
    change, get = table.update, table.get
    change({"a": 7})
    return x[0] * get("a") + x[1] * len(table)


@program(normal(2))
def names_sorted_by_what_they_stand_for(x):
    weights = {"a": x[0], "b": x[1]}
    names = ["b", "a"]
    names.sort(key=weights.__getitem__)
    heaviest, lightest = max(weights, key=weights.get), min(weights, key=lambda key: weights[key])
    return weights[names[0]] * 3 + weights[heaviest] ** 2 + 5 * weights[lightest]


# ---- heaps and sorted lists -------------------------------------------------------------------------------------
@program(normal(4), writes=True)
def heap_of_places(x):
    heap = []
    for i in (3, 1, 2, 0):
        heapq.heappush(heap, (float(i % 3), i))
    total, weight = 0.0, 1.0
    while heap:
        _, i = heapq.heappop(heap)
        total += weight * x[i]
        weight *= 0.7
    return total


@program(np.abs(np.random.default_rng(0).standard_normal((4, 4))) + 0.1, writes=True)
def shortest_paths(lengths):
    n = lengths.shape[0]
    dist = [float("inf")] * n
    dist[0] = 0.0
    heap = [(0.0, 0)]
    done = [False] * n
    while heap:
        d, u = heapq.heappop(heap)
        if done[u]:
            continue
        done[u] = True
        for v in range(n):
            if not done[v] and d + lengths[u, v] < dist[v]:
                dist[v] = d + lengths[u, v]
                heapq.heappush(heap, (dist[v], v))
    return dist[n - 1] ** 2 + sum(dist)


@program([0.3, 0.8, 1.7, 0.9, 2.2], writes=True)
def running_median(x):
    low, high = [-100.0], [100.0]
    total = 0.0
    for v in x:
        heapq.heappush(low, -v)
        heapq.heappush(high, -heapq.heappop(low))
        if len(high) > len(low):
            heapq.heappush(low, -heapq.heappop(high))
        total += -low[0] if len(low) > len(high) else (high[0] - low[0]) / 2
    return total * total


@program([0.3, 0.8, 1.7, 0.9, 2.2], writes=True)
def every_function_of_heaps(x):
    heap = list(x)
    heapq.heapify(heap)
    total = 0.0
    for k in range(2):
        total += heapq.heappop(heap) * (k + 1)
    total += heapq.heapreplace(heap, total) + heapq.heappushpop(heap, 0.25 * total)
    total += sum(heapq.nlargest(2, heap)) + heapq.nsmallest(1, x)[0] ** 2
    places = heapq.nlargest(2, range(5), key=lambda i: x[i])
    return total * x[places[1]] + heap[1]


@program([0.3, 0.8, 1.7, 0.9, 2.2])
def sorted_lists_merged(x):
    merged = heapq.merge(sorted(x[:2]), sorted(x[2:]))
    falling = heapq.merge([x[0]], [x[1]], reverse=True, key=lambda v: v * v)
    return sum(v * k for k, v in enumerate(merged)) + sum(v * (k + 1) for k, v in enumerate(falling))


@program([0.8, 0.3, 1.7, 0.9], writes=True)
def inserted_in_order(x):
    values, places, falling = [], [], []
    for v in x:
        bisect.insort(values, v)
        bisect.insort_left(falling, v, key=lambda u: -u)
    for i in (3, 1, 2):
        bisect.insort(places, i)
    return sum((k + 1) * v for k, v in enumerate(values)) + x[places[0]] * falling[0]


@program([0.4, 1.2, 2.6], [0.0, 1.1, 2.0, 3.0])
def places_in_a_sorted_list(x, knots):
    total = 0.0
    for v in x:
        k = min(max(bisect.bisect_left(knots, v), 1), 3)
        j = bisect.bisect(knots, v * v, key=lambda u: u * u)
        total += (v - knots[k - 1]) / (knots[k] - knots[k - 1]) * k + j * v
    return total


# ---- operators that change their first operand ------------------------------------------------------------------
@program(normal(3), writes=True)
def changing_operators(x):
    counts = [1, 2, 3]
    operator.setitem(counts, 0, 7)
    operator.delitem(counts, 1)
    operator.iadd(counts, [4])
    values = [1.0, 2.0]
    operator.setitem(values, 0, x[1] * x[1])
    y = x.copy()
    operator.setitem(y, slice(0, 2), 3.0)
    z = operator.imul(y, x)
    return x[0] * sum(counts) * len(counts) + sum(values) + y.sum() * z[1] + operator.itruediv(x[0], 2.0)


# ---- what cannot be seen ----------------------------------------------------------------------------------------
@program(normal(5), writes=True)
def shuffled_by_a_generator_made_here(x):
    order = list(range(5))
    random.Random(4).shuffle(order)
    places = np.arange(5)
    np.random.default_rng(3).shuffle(places)
    return sum(x[i] * x[j] * k for k, (i, j) in enumerate(zip(places, order)))


@program(normal(3), writes=True)
def list_given_to_a_method_chosen_by_name(x):
    counts = [1, 2, 3]
    change = getattr(random.Random(4), "shuffle")
    change(counts)
    return x[0] * counts[0] + x[1] * counts[1] ** 2 + x[2] * counts[2] ** 3


# ---- what is in order -------------------------------------------------------------------------------------------
@program([0.8, 0.3, 1.7])
def pairs_in_order(x):
    pairs = sorted([(v, k) for k, v in enumerate(x)])
    falling = sorted(zip(x, range(3)), reverse=True)
    least, place = min((v, k) for k, v in enumerate(x))
    most, _ = max(zip(x, range(3)))
    total = sum(v * (i + 1) * k for i, (v, k) in enumerate(pairs)) + falling[0][0] * falling[1][0]
    return total + least * place + most * most


@program(np.array([[3.0, 1.0], [1.0, 2.0], [2.0, 0.5]]))
def rows_in_order(a):
    rows = sorted(a.tolist())
    return sum(row[0] * (i + 1) + row[1] for i, row in enumerate(rows))


@program(normal(4), 4, writes=True)
def filled_pairs_in_order(x, n):
    pairs = []
    for i in range(n):
        pairs.append((x[i], i))
    return sum(v * (i + 1) * k for i, (v, k) in enumerate(sorted(pairs)))


@program({"b": 1.2, "a": 0.5})
def keys_in_order(table):
    total = 0.0
    for key in sorted(table):
        total = total * 0.5 + table[key] ** 2
    total += table[max(table)] + table[min(table, key=table.get)] * 3
    return total + sorted(table, reverse=True).index("a") * table["a"] + sorted(table.items())[0][1]


@program(normal(3), ["z", "b", "q"], writes=True)
def filled_keys_in_order(x, names):
    table = {}
    for k, key in enumerate(names):
        table[key] = x[k] ** 2
    total = 0.0
    for i, key in enumerate(sorted(table)):
        total += table[key] * i
    ranked = sorted(table, key=table.get)
    most, least, first = max(table, key=table.get), min(table, key=lambda key: table[key]), min(table)
    total += table[most] * 2 + table[least] * 3 + table[first] * 5 + table[ranked[1]] * 7
    return total + sorted(table.values())[0] + sorted(table.items())[0][1] * 11


@program({"b": 1.5, "a": 0.4}, writes=True)
def keys_in_order_while_items_change(table):
    total = 0.0
    for key in sorted(table):
        table[key] = table[key] * 2 + total
        total += table[key]
    return total * table["a"]


# ---- changed by a test ------------------------------------------------------------------------------------------
@program([0.3, 0.8, 1.7, 0.9, 2.2], writes=True)
def taken_in_tests(x):
    squares = [v * v for v in x]
    total = 0.0
    while len(squares) > 1 and squares.pop(0) < 2.0:
        total += squares[0]
    heap = [1.0]
    if operator.iadd(heap, [x[1]]) and operator.setitem(heap, 0, x[2]) is None:
        heap[1] *= 2.0
    first = heap.pop() if squares[0] > 0.1 else heap.pop(0)
    return total + sum(squares) + first * heap[0]


@program([0.3, 0.8, 1.7, 0.9, 2.2], writes=True)
def heap_changed_by_tests(x):
    heap = []
    for v in x:
        heapq.heappush(heap, v * v)
    total = 0.0
    while len(heap) > 1 and heapq.heappop(heap) < 2.0:
        total += heap[0]
    if heapq.heappushpop(heap, x[0]) > 0.1:
        total *= 2
    return total + sum(heap)
