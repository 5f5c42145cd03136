"""Functions that steer differentiation and otherwise do nothing."""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")


def stop_gradient(x: T) -> T:
    """Return `x` itself; its derivative is zero.

    Parameters
    ----------
    x : any
        A value to be held constant.

    Returns
    -------
    any
        `x`.

    Examples
    --------
    >>> stop_gradient(2.0)
    2.0
    """
    return x


def relisted(value: Any, made: dict[int, Any] | None = None) -> Any:
    """The same lists and dicts anew, shared where they are shared; arrays and numbers in them stay what they are.

    The reverse sweep consumes lists of cotangents: a pullback that may be called again works on new ones.

    Examples
    --------
    >>> inner = [0.0]
    >>> one, other = relisted((inner, [inner]))
    >>> one is other[0], one is inner
    (True, False)
    """
    made = {} if made is None else made
    if id(value) in made:
        return made[id(value)]
    if type(value) is tuple:
        return tuple(relisted(item, made) for item in value)
    if type(value) is list:
        new: list = []
        made[id(value)] = new
        new.extend(relisted(item, made) for item in value)
        return new
    if type(value) is dict:
        table: dict = {}
        made[id(value)] = table
        table.update((key, relisted(item, made)) for key, item in value.items())
        return table
    return value
