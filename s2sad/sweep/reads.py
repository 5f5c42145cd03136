"""What a rule's body reads of its parameters: their items, or no more than sizes and types.

>>> from s2sad.rules.record import rule_of
>>> sorted(reads_items(rule_of(np.cumsum).vjp)), "a" in reads(rule_of(np.cumsum).vjp)
(['axis', 'np', 'y_bar'], True)

An operand of which only the size is read need not be copied where it is overwritten: an array that is written keeps its
shape.
"""

from __future__ import annotations

import functools
from typing import Any

import gast
import numpy as np

from s2sad.rules.quote import body_of
from s2sad.rules.record import STATIC_FUNCTIONS, is_hashable
from s2sad.runtime.arrays import unbroadcast
from s2sad.tree.build import dotted, names_in
from s2sad.tree.parts import children

_SIZES = frozenset(["shape", "size", "ndim", "dtype", "flags"])
_OF_PYTHON = frozenset([tuple, range, sorted, int, max, min])
"""Static where their arguments are; these read items."""
_ASK_FOR_SIZES = frozenset([np.shape, np.ndim, np.size, np.zeros_like, np.ones_like])


@functools.lru_cache(maxsize=1024)
def reads(body: Any) -> frozenset[str]:
    """Names that a rule's body reads."""
    return frozenset(names_in(body_of(body).body))


@functools.lru_cache(maxsize=1024)
def reads_items(body: Any) -> frozenset[str]:
    """Names whose values a rule's body reads: what asks for a size, or for a type, does not."""
    found: set[str] = set()
    stack: list[Any] = list(body_of(body).body)
    while stack:
        part = stack.pop()
        if isinstance(part, gast.Name):
            found.add(part.id)
        elif isinstance(part, gast.Attribute) and part.attr in _SIZES and isinstance(part.value, gast.Name):
            continue
        elif isinstance(part, gast.Call):
            asked = [_asks(part, k, body) for k in range(len(part.args))]
            methods = [part.func] if isinstance(part.func, gast.Attribute) else []
            stack += [*methods, *part.keywords, *(arg for arg, asks in zip(part.args, asked) if not asks)]
        else:
            stack += children(part)
    return frozenset(found)


def _asks(node: gast.Call, k: int, body: Any) -> bool:
    """Whether a call asks its k-th argument, a parameter, for no more than its size or its type."""
    if not isinstance(node.args[k], gast.Name):
        return False
    root, _, rest = (dotted(node.func) or "").partition(".")
    function = body.__globals__.get(root)
    for attr in rest.split(".") if rest else ():
        function = getattr(function, attr, None)
    if not is_hashable(function):
        return False
    if function is unbroadcast:
        return k == 1
    return function in _ASK_FOR_SIZES or function in STATIC_FUNCTIONS - _OF_PYTHON
