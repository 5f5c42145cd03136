"""The loops that stand for `heapq` and `bisect` leave every list as the standard library leaves it."""

import bisect
import heapq
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2sad.runtime import heaps

numbers = st.lists(st.integers(0, 6), max_size=12)


@settings(max_examples=100, deadline=None)
@given(numbers, numbers)
def test_heaps_lie_as_in_the_standard_library(start, items):
    ours, theirs = list(start), list(start)
    heaps.heapify(ours)
    heapq.heapify(theirs)
    for k, item in enumerate(items):
        if k % 3 == 0:
            heaps.push(ours, item)
            heapq.heappush(theirs, item)
        elif k % 3 == 1 and theirs:
            assert heaps.replace(ours, item) == heapq.heapreplace(theirs, item)
        else:
            assert heaps.push_pop(ours, item) == heapq.heappushpop(theirs, item)
        assert ours == theirs
    while theirs:
        assert heaps.pop(ours) == heapq.heappop(theirs)
        assert ours == theirs


@settings(max_examples=100, deadline=None)
@given(numbers, st.integers(0, 6), st.integers(0, 3), st.booleans())
def test_places_are_those_of_bisect(items, item, low, by_key):
    ordered = sorted(items, reverse=by_key)
    low, key = min(low, len(ordered)), (lambda value: -value) if by_key else None
    for ours, theirs, first in (
        (heaps.insertion_point, bisect.bisect_right, heaps.insert_sorted),
        (heaps.first_insertion_point, bisect.bisect_left, heaps.insert_sorted_first),
    ):
        wanted = -item if by_key else item
        assert ours(ordered, wanted, low, None, key) == theirs(ordered, wanted, low, key=key)
        mine, other = list(ordered), list(ordered)
        first(mine, item, low, len(mine), key)
        (bisect.insort_left if theirs is bisect.bisect_left else bisect.insort)(other, item, low, len(other), key=key)
        assert mine == other


def test_a_start_before_the_list_is_refused_as_by_bisect():
    for function in (heaps.insertion_point, heaps.first_insertion_point):
        with pytest.raises(ValueError, match="lo must be non-negative"):
            function([1, 2], 1, -1)


@settings(max_examples=100, deadline=None)
@given(st.lists(numbers, max_size=3), st.booleans(), st.booleans())
def test_merged_lists_are_those_of_the_standard_library(lists, by_key, reverse):
    key = (lambda pair: pair[0] // 2) if by_key else None
    counter = itertools.count()
    pairs = [[(value, next(counter)) for value in values] for values in lists]  # not sorted: taken as they come
    assert heaps.merged(pairs, key, reverse) == list(heapq.merge(*pairs, key=key, reverse=reverse))


@settings(max_examples=60, deadline=None)
@given(numbers, st.integers(-1, 5))
def test_the_largest_and_smallest_are_those_of_the_standard_library(items, n):
    pairs = list(zip(items, itertools.count()))
    assert heaps.largest(n, pairs, lambda pair: pair[0]) == heapq.nlargest(n, pairs, lambda pair: pair[0])
    assert heaps.smallest(n, pairs) == heapq.nsmallest(n, pairs)
