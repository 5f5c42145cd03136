"""Lists in place of arrays, where a loop reads and writes item by item."""

from __future__ import annotations

from typing import Any

ITEMS_A_TURN = 8
"""To make a list of so many items, and to put them back, costs less than a turn of a loop gains."""


def lists_of(whole: Any, turns: int) -> Any:
    """An array as a list, or a list of lists, for a loop of so many turns; one that is too large for that stays.

    Both are read and written in the same way: ``items[i]``, ``rows[i][j]``.

    Examples
    --------
    >>> import numpy as np
    >>> lists_of(np.eye(2), 10)
    [[1.0, 0.0], [0.0, 1.0]]
    >>> type(lists_of(np.zeros(1000), 10)).__name__
    'ndarray'
    """
    return whole.tolist() if whole.size <= ITEMS_A_TURN * turns else whole


def listed(whole: Any, turns: int) -> Any:
    """What `lists_of` is for a derivative of code that calls it: a list, however large it is.

    Examples
    --------
    >>> import numpy as np
    >>> listed(np.array([1.0, 2.0]), 0)
    [1.0, 2.0]
    """
    return whole.tolist()
