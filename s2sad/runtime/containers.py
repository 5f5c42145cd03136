"""Containers of `collections` as plain Python over a list or a dict, differentiated like a user's class.

>>> window = deque([1.0, 2.0, 3.0], maxlen=2)
>>> window.append(4.0)
>>> list(window), len(window), window[-1]
([3.0, 4.0], 2, 4.0)
>>> total = defaultdict(float)
>>> total["a"] += 2.0
>>> dict(total.items()), total["b"]
({'a': 2.0}, 0.0)
"""

# mypy: ignore-errors

import collections
from typing import Any


class deque:
    """`collections.deque`: a list that may be of bounded length."""

    def __init__(self, iterable=(), maxlen=None):
        self.items = []
        self.maxlen = maxlen
        for value in iterable:
            self.append(value)

    def append(self, value):
        self.items.append(value)
        if self.maxlen is not None and len(self.items) > self.maxlen:
            self.items.pop(0)

    def appendleft(self, value):
        self.items.insert(0, value)
        if self.maxlen is not None and len(self.items) > self.maxlen:
            self.items.pop()

    def pop(self):
        if len(self.items) == 0:
            raise IndexError("pop from an empty deque")
        return self.items.pop()

    def popleft(self):
        if len(self.items) == 0:
            raise IndexError("pop from an empty deque")
        return self.items.pop(0)

    def extend(self, iterable):
        for value in list(iterable):
            self.append(value)

    def extendleft(self, iterable):
        for value in list(iterable):
            self.appendleft(value)

    def insert(self, place, value):
        if self.maxlen is not None and len(self.items) >= self.maxlen:
            raise IndexError("deque already at its maximum size")
        self.items.insert(place, value)

    def rotate(self, n=1):
        for _ in range(n):
            if len(self.items) > 1:
                self.items.insert(0, self.items.pop())
        for _ in range(-n):
            if len(self.items) > 1:
                self.items.append(self.items.pop(0))

    def clear(self):
        self.items.clear()

    def reverse(self):
        self.items.reverse()

    def copy(self):
        return deque(self.items, self.maxlen)

    def __copy__(self):
        return deque(self.items, self.maxlen)

    def remove(self, value):
        self.items.remove(value)

    def count(self, value):
        return self.items.count(value)

    def index(self, value):
        return self.items.index(value)

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        return iter(self.items)

    def __reversed__(self):
        return reversed(self.items)

    def __contains__(self, value):
        return value in self.items

    def __getitem__(self, place):
        if isinstance(place, slice):
            raise TypeError("sequence index must be integer, not 'slice'")
        return self.items[place]

    def __setitem__(self, place, value):
        if isinstance(place, slice):
            raise TypeError("sequence index must be integer, not 'slice'")
        self.items[place] = value

    def __delitem__(self, place):
        del self.items[place]

    def __eq__(self, other):
        return isinstance(other, collections.deque) and self.items == other.items

    def __iadd__(self, iterable):
        self.extend(iterable)
        return self

    def __add__(self, other):
        made = deque(self.items, self.maxlen)
        made.extend(other.items)
        return made

    def __mul__(self, times):
        made = deque((), self.maxlen)
        for _ in range(times):
            made.extend(self.items)
        return made

    __rmul__ = __mul__


class _Table:
    """What both dicts share."""

    def __getitem__(self, key):
        return self.table[key]

    def __setitem__(self, key, value):
        self.table[key] = value

    def __delitem__(self, key):
        del self.table[key]

    def __contains__(self, key):
        return key in self.table

    def __len__(self):
        return len(self.table)

    def __iter__(self):
        return iter(self.table)

    def keys(self):
        return self.table.keys()

    def values(self):
        return self.table.values()

    def items(self):
        return self.table.items()

    def get(self, key, default=None):
        return self.table.get(key, default)

    def pop(self, key, *default):
        return self.table.pop(key, *default)

    def setdefault(self, key, default=None):
        return self.table.setdefault(key, default)

    def update(self, *others, **named):
        self.table.update(*others, **named)

    def clear(self):
        self.table.clear()


class OrderedDict(_Table):
    """`collections.OrderedDict`."""

    def __init__(self, start=(), **named):
        self.table = dict(start, **named)

    def copy(self):
        return OrderedDict(self.table)

    def __copy__(self):
        return OrderedDict(self.table)

    def move_to_end(self, key, last=True):
        moved = self.table.pop(key)
        if last:
            self.table[key] = moved
        else:
            others = dict(self.table)
            self.table.clear()
            self.table[key] = moved
            self.table.update(others)

    def popitem(self, last=True):
        if len(self.table) == 0:
            raise KeyError("dictionary is empty")
        key = list(self.table)[-1 if last else 0]
        return key, self.table.pop(key)


class defaultdict(_Table):
    """`collections.defaultdict`: an entry that is looked up and not there is made."""

    def __init__(self, default_factory=None, start=(), **named):
        self.default_factory = default_factory
        self.table = dict(start, **named)

    def copy(self):
        return defaultdict(self.default_factory, self.table)

    def __copy__(self):
        return defaultdict(self.default_factory, self.table)

    def __getitem__(self, key):
        if key not in self.table:
            if self.default_factory is None:
                raise KeyError(key)
            self.table[key] = self.default_factory()
        return self.table[key]


MODELS: dict[Any, Any] = {
    collections.deque: deque,
    collections.OrderedDict: OrderedDict,
    collections.defaultdict: defaultdict,
}
"""What stands for a class of `collections` where it holds differentiated values."""
ORIGINALS: dict[Any, Any] = {model: original for original, model in MODELS.items()}
