"""Checks of what users' derivative rules return: as many cotangents as arguments, and of their structure and shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2sad.errors import CustomRuleError
from s2sad.structure import map_leaves


def checked_cotangents(given: Any, args: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    """The cotangents that the rule of `name` gives for its arguments; None stands for zeros.

    Examples
    --------
    >>> checked_cotangents((2.0, None), (1.0, np.ones(2)), "f")
    (2.0, array([0., 0.]))
    >>> checked_cotangents((2.0,), (1.0, 3.0), "f")
    Traceback (most recent call last):
    s2sad.errors.CustomRuleError: S204 the rule of f must return a tuple of 2 cotangents, one for each ...
    """
    if not isinstance(given, (tuple, list)) or len(given) != len(args):
        found = f"{len(given)}" if isinstance(given, (tuple, list)) else f"a {type(given).__name__}"
        raise CustomRuleError(
            f"the rule of {name} must return a tuple of {len(args)} cotangents, one for each argument that is not "
            f"static; it returned {found}"
        )
    pairs = enumerate(zip(given, args))
    return tuple(
        _like(item, arg, f"cotangent {k} of the rule of {name}", "its argument") for k, (item, arg) in pairs
    )


def checked_pair(given: Any, name: str) -> tuple[Any, Any]:
    """What the `fwd` of a rule gives: the value and the residuals.

    Examples
    --------
    >>> checked_pair((2.0, None), "f")
    (2.0, None)
    >>> checked_pair(2.0, "f")
    Traceback (most recent call last):
    s2sad.errors.CustomRuleError: S204 the fwd of f must return (value, residuals), not a float
    """
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise CustomRuleError(f"the fwd of {name} must return (value, residuals), not {_outline(given)}")
    return given[0], given[1]


def kept(residuals: Any) -> Any:
    """Residuals whose arrays are written later, by other names: with copies of all arrays.

    Examples
    --------
    >>> x = np.ones(2)
    >>> copies = kept((x, {"n": 3}))
    >>> copies[0] is x, copies[1]
    (False, {'n': 3})
    """
    return map_leaves(lambda leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf, residuals)


def checked_tangent(given: Any, name: str) -> tuple[Any, Any]:
    """The value and the tangent that the rule of `name` gives.

    Examples
    --------
    >>> checked_tangent((1.0, np.ones(2)), "f")
    Traceback (most recent call last):
    s2sad.errors.CustomRuleError: S204 the tangent of the rule of f has shape (2,), the value has shape ()
    """
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise CustomRuleError(f"the rule of {name} must return (value, tangent), not {type(given).__name__}")
    value, tangent = given
    return value, _like(tangent, value, f"the tangent of the rule of {name}", "the value")


def checked_like(given: Any, like: Any, name: str) -> Any:
    """A cotangent that the rule of `name` gives for the operand `like`."""
    return _like(given, like, f"a cotangent of the rule of {name}", "its argument")


def _like(given: Any, like: Any, what: str, of: str) -> Any:
    """`given`, which must have the structure and the shapes of `like`."""
    if isinstance(like, (tuple, list)):
        if given is None:
            given = [None] * len(like)
        if not isinstance(given, (tuple, list)) or len(given) != len(like):
            raise CustomRuleError(f"{what} is not {_outline(like)}, as {of} is, but {_outline(given)}")
        items = [_like(g, w, f"item {k} of {what}", of) for k, (g, w) in enumerate(zip(given, like))]
        return type(like)(*items) if hasattr(like, "_fields") else type(like)(items)
    if isinstance(like, dict):
        if given is None:
            given = dict.fromkeys(like)
        if not isinstance(given, dict) or set(given) != set(like):
            raise CustomRuleError(f"{what} is not {_outline(like)}, as {of} is, but {_outline(given)}")
        return {key: _like(given[key], like[key], f"item {key!r} of {what}", of) for key in like}
    if not _carries(like):
        return 0.0
    if given is None:
        return map_leaves(np.zeros_like, like) if isinstance(like, np.ndarray) else 0.0
    if isinstance(given, (tuple, list, dict)):
        raise CustomRuleError(f"{what} is {_outline(given)}, {of} is {_outline(like)}")
    if np.shape(given) != np.shape(like):
        raise CustomRuleError(f"{what} has shape {np.shape(given)}, {of} has shape {np.shape(like)}")
    if np.iscomplexobj(given) and not np.iscomplexobj(like):
        raise CustomRuleError(f"{what} is complex, {of} is real: return its real part")
    return given


def _carries(value: Any) -> bool:
    return np.asarray(value).dtype.kind in "fc" if not isinstance(value, (str, type(None))) else False


def _outline(value: Any) -> str:
    if isinstance(value, dict):
        return f"a dict with the keys {', '.join(map(repr, value))}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"
