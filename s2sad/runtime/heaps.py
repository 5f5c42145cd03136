"""Heaps and sorted lists as the standard library makes them, as plain Python that is differentiated.

The steps are those of CPython's `heapq` and `bisect`, so that a list lies after each call as theirs does.

>>> heap = [3.0, 1.0, 2.0]
>>> heapify(heap)
>>> pop(heap), pop(heap), heap
(1.0, 2.0, [3.0])
>>> merged([[1.0, 4.0], [2.0, 3.0]]), insertion_point([1.0, 2.0, 2.0], 2.0), largest(1, [1.0, 2.0])
([1.0, 2.0, 3.0, 4.0], 3, [2.0])
"""


def push(heap, item):  # type: ignore[no-untyped-def]
    heap.append(item)
    _towards_the_root(heap, 0, len(heap) - 1)


def pop(heap):  # type: ignore[no-untyped-def]
    last = heap.pop()
    if len(heap) == 0:
        return last
    smallest = heap[0]
    heap[0] = last
    _towards_the_leaves(heap, 0)
    return smallest


def heapify(heap):  # type: ignore[no-untyped-def]
    for place in range(len(heap) // 2 - 1, -1, -1):
        _towards_the_leaves(heap, place)


def replace(heap, item):  # type: ignore[no-untyped-def]
    smallest = heap[0]
    heap[0] = item
    _towards_the_leaves(heap, 0)
    return smallest


def push_pop(heap, item):  # type: ignore[no-untyped-def]
    if len(heap) > 0 and heap[0] < item:
        return replace(heap, item)
    return item


def _towards_the_root(heap, start, place):  # type: ignore[no-untyped-def]
    item = heap[place]
    while place > start:
        above = (place - 1) // 2
        parent = heap[above]
        if not item < parent:
            break
        heap[place] = parent
        place = above
    heap[place] = item


def _towards_the_leaves(heap, start):  # type: ignore[no-untyped-def]
    place = start
    item = heap[place]
    child = 2 * place + 1
    while child < len(heap):
        if child + 1 < len(heap) and not heap[child] < heap[child + 1]:
            child = child + 1
        heap[place] = heap[child]
        place = child
        child = 2 * place + 1
    heap[place] = item
    _towards_the_root(heap, start, place)


def largest(n, iterable, key=None):  # type: ignore[no-untyped-def]
    return sorted(iterable, key=key, reverse=True)[: max(n, 0)]


def smallest(n, iterable, key=None):  # type: ignore[no-untyped-def]
    return sorted(iterable, key=key)[: max(n, 0)]


def merged(lists, key=None, reverse=False):  # type: ignore[no-untyped-def]
    made = []
    places = [0 for _ in lists]
    for _ in range(sum([len(items) for items in lists])):
        chosen = -1
        for k in range(len(lists)):
            if places[k] >= len(lists[k]):
                continue
            if chosen < 0:
                chosen = k
                continue
            one, other = lists[k][places[k]], lists[chosen][places[chosen]]
            if key is not None:
                one, other = key(one), key(other)
            if (other < one) if reverse else (one < other):
                chosen = k
        made.append(lists[chosen][places[chosen]])
        places[chosen] += 1
    return made


def insertion_point(a, x, lo=0, hi=None, key=None):  # type: ignore[no-untyped-def]
    return _place(a, x, lo, hi, key, False)


def first_insertion_point(a, x, lo=0, hi=None, key=None):  # type: ignore[no-untyped-def]
    return _place(a, x, lo, hi, key, True)


def _place(a, x, lo, hi, key, before):  # type: ignore[no-untyped-def]
    """Before what is equal, or behind it; `x` is a key."""
    if lo < 0:
        raise ValueError("lo must be non-negative")
    low, high = lo, len(a) if hi is None else hi
    while low < high:
        middle = (low + high) // 2
        there = a[middle] if key is None else key(a[middle])
        if (not there < x) if before else x < there:
            high = middle
        else:
            low = middle + 1
    return low


def insert_sorted(a, x, lo=0, hi=None, key=None):  # type: ignore[no-untyped-def]
    a.insert(insertion_point(a, x if key is None else key(x), lo, hi, key), x)


def insert_sorted_first(a, x, lo=0, hi=None, key=None):  # type: ignore[no-untyped-def]
    a.insert(first_insertion_point(a, x if key is None else key(x), lo, hi, key), x)
