"""Whole numbers as sums of symbols: enough arithmetic to show that an index stays inside of an array.

>>> n, one = symbol("n"), number(1)
>>> show(add(n, add(one, n, -1)))
'1'
>>> is_nonnegative(add(n, one, -1), frozenset(["n"]), []), is_nonnegative(n, frozenset(["n"]), [])
(False, True)
>>> is_nonnegative(add(n, one, -1), frozenset(["n"]), [add(n, number(2), -1)])
True
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

Form = tuple[tuple[tuple[Any, int], ...], int]
"""Symbols with their factors, and a number."""


def number(value: int) -> Form:
    """A number."""
    return (), value


def symbol(key: Any) -> Form:
    """A symbol."""
    return ((key, 1),), 0


def add(a: Form, b: Form, times: int = 1) -> Form:
    """``a + times * b``."""
    terms = dict(a[0])
    for key, factor in b[0]:
        terms[key] = terms.get(key, 0) + times * factor
    kept = tuple(sorted(((key, f) for key, f in terms.items() if f), key=lambda term: repr(term[0])))
    return kept, a[1] + times * b[1]


def substitute(form: Form, key: Any, value: Form) -> Form:
    """A form with a symbol replaced."""
    factor = dict(form[0]).get(key, 0)
    return add(add(form, symbol(key), -factor), value, factor) if factor else form


def is_nonnegative(form: Form, sizes: Container[Any], facts: Iterable[Form]) -> bool:
    """Whether a form is certainly at least zero, as sizes are, and as the facts are."""
    if _plainly(form, sizes):
        return True
    known = list(facts)
    if any(_plainly(add(form, fact, -1), sizes) for fact in known):
        return True
    return any(_plainly(add(add(form, a, -1), b, -1), sizes) for k, a in enumerate(known) for b in known[k:])


def _plainly(form: Form, sizes: Container[Any]) -> bool:
    return form[1] >= 0 and all(factor > 0 and key in sizes for key, factor in form[0])


def show(form: Form) -> str:
    """A form as text."""
    parts = [f"{factor}*{key}" for key, factor in form[0]]
    return " + ".join([*parts, str(form[1])]) if form[1] or not parts else " + ".join(parts)
