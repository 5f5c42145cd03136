"""Minimum cuts, for choosing what to record: Dinic's algorithm on graphs of a few hundred nodes.

E. A. Dinic, "Algorithm for solution of a problem of maximum flow in networks with power estimation", 1970.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

UNLIMITED = 10**12
"""The capacity of an edge that no cut may take."""


class Network:
    """A directed graph with capacities.

    >>> network = Network()
    >>> network.add("source", "a", UNLIMITED)
    >>> network.add("a", "b", 3)
    >>> network.add("a", "sink", 2)
    >>> network.add("b", "sink", 2)
    >>> sorted(network.cut("source", "sink"))
    ['a', 'b', 'source']
    """

    def __init__(self) -> None:
        self._number: dict[Hashable, int] = {}
        self._out: list[list[int]] = []  # edges by number; an edge and its reverse are 2k and 2k + 1
        self._end: list[int] = []
        self._left: list[int] = []

    def _node(self, key: Hashable) -> int:
        if key not in self._number:
            self._number[key] = len(self._out)
            self._out.append([])
        return self._number[key]

    def add(self, start: Hashable, end: Hashable, capacity: int) -> None:
        """Add an edge."""
        a, b = self._node(start), self._node(end)
        for node, other, left in ((a, b, capacity), (b, a, 0)):
            self._out[node].append(len(self._end))
            self._end.append(other)
            self._left.append(left)

    def cut(self, source: Hashable, sink: Hashable) -> set[Hashable]:
        """The nodes on the source's side of the minimum cut that is nearest to the source."""
        start, end = self._node(source), self._node(sink)
        while True:
            level = self._levels(start)
            if level[end] < 0:
                return {key for key, node in self._number.items() if level[node] >= 0}
            places = [0] * len(self._out)
            while self._augment(start, end, level, places):
                pass

    def _levels(self, start: int) -> list[int]:
        level = [-1] * len(self._out)
        level[start] = 0
        waiting = deque([start])
        while waiting:
            node = waiting.popleft()
            for edge in self._out[node]:
                if self._left[edge] > 0 and level[self._end[edge]] < 0:
                    level[self._end[edge]] = level[node] + 1
                    waiting.append(self._end[edge])
        return level

    def _augment(self, start: int, end: int, level: list[int], places: list[int]) -> bool:
        """Send flow along one shortest path; `places` skips the edges that led nowhere."""
        path: list[int] = []
        node = start
        while node != end:
            edges = self._out[node]
            while places[node] < len(edges):
                edge = edges[places[node]]
                if self._left[edge] > 0 and level[self._end[edge]] == level[node] + 1:
                    break
                places[node] += 1
            else:
                if not path:
                    return False
                node = self._end[path.pop() ^ 1]
                places[node] += 1
                continue
            path.append(edge)
            node = self._end[edge]
        flow = min(self._left[edge] for edge in path)
        for edge in path:
            self._left[edge] -= flow
            self._left[edge ^ 1] += flow
        return True
