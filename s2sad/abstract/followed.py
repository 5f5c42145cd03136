"""Arguments of NumPy's functions that no rule follows: a result that depends on one smoothly is refused.

>>> sorted(_SMOOTH)
['constant_values', 'ddof', 'ord']
"""

from __future__ import annotations

from typing import Any

import gast

from s2sad.abstract.values import Value
from s2sad.rules.record import Rule, parameters_of
from s2sad.signature import Scalar

_SMOOTH = frozenset(["constant_values", "ddof", "ord"])


def check_followed(
    at: Any, function: Any, rule: Rule | None, args: list[Value], keywords: dict[str, Value], node: gast.AST
) -> None:
    """Refuse a differentiated argument on which the result depends smoothly, but which has no derivative."""
    if rule is None or rule.vjp is None or at.passive:
        return
    names = parameters_of(rule.vjp)
    if not _SMOOTH & names.keys():
        return
    for key, value in [*zip(names, args), *keywords.items()]:
        if key in _SMOOTH and value.varied and not (key in rule.wrt and isinstance(value.type, Scalar)):
            label = getattr(function, "__name__", "this function")
            raise at.refuse(
                "S203", f"the rule of {label} does not follow {key!r}, which is differentiated here",
                "write the formula out, or use `s2sad.stop_gradient` if it is meant to be constant", node,
            )  # fmt: skip
