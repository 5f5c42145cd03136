"""The batched forms: one function per primitive, found by the primitive.

A form takes the `Batcher` and the arguments' expressions under the primitive's own parameter names, and gives the
expression for all directions; None where it has none for these arguments.  Without a form the emitted code goes
through the directions one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

Form = Callable[..., "gast.expr | None"]
_FORMS: dict[Any, Form] = {}


def batched(*primitives: Callable[..., Any]) -> Callable[[Form], Form]:
    """Register the batched form of some primitives."""

    def register(form: Form) -> Form:
        for primitive in primitives:
            _FORMS[primitive] = form
        return form

    return register


def form_of(primitive: Any) -> Form | None:
    """The batched form of a function, or None."""
    try:
        return _FORMS.get(primitive)
    except TypeError:  # not hashable, so never registered
        return None
