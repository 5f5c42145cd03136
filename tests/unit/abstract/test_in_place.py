"""Calls that change lists: what stays a call in emitted code, and what is taken to change everything it is given."""

import heapq
import random

import numpy as np
import pytest

from s2sad import S2sadError, grad

POINT = np.array([0.3, 0.8, 1.7])


def test_a_heap_of_constants_stays_a_heap():
    def first_three(x):
        heap = []
        for i in (2, 0, 1):
            heapq.heappush(heap, i)
        total = 0.0
        while heap:
            total = 0.5 * total + x[heapq.heappop(heap)]
        return total

    derivative = grad(first_three)
    assert np.allclose(derivative(POINT), [0.25, 0.5, 1.0])
    source = derivative.specialize(POINT).source
    assert "heapq.heappush(heap, i)" in source
    assert "heapq.heappop(heap)" in source


class Reverser:
    """Changes what it is given; made when the code runs, so that nothing is known of it."""

    def __init__(self, made):
        self.made = made

    def __getattr__(self, name):
        if name != "turn":
            raise AttributeError(name)
        return lambda items: items.append(self.made)


MAKERS = {"plain": lambda: random.Random(1), "turning": lambda: Reverser(7)}


def test_a_list_given_to_an_object_of_no_known_class_is_read_again():
    def changed(x, makers):
        items = [1, 2]
        makers["turning"]().turn(items)
        return x[0] * sum(items) + x[1] * len(items)

    assert np.allclose(grad(changed)(POINT, MAKERS), [10.0, 3.0, 0.0])


def test_a_list_of_differentiated_values_is_not_given_to_what_cannot_be_seen():
    def changed(x, makers):
        items = [x[0], x[1]]
        makers["turning"]().turn(items)
        return sum(items)

    with pytest.raises(S2sadError, match="S201"):
        grad(changed)(POINT, MAKERS)


OUTSIDE = [3, 1, 2]


def test_a_heap_that_lives_outside_is_refused_where_it_is_read():
    def changed(x):
        heapq.heapify(OUTSIDE)
        return x[0] * OUTSIDE[0]

    with pytest.raises(S2sadError, match="heapq.heapify changes OUTSIDE") as raised:
        grad(changed)(POINT)
    assert "S108" in str(raised.value)
    assert OUTSIDE == [3, 1, 2]
