"""What emitted code assumes of values about whose types nothing was known when it was compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2sad.errors import NotDifferentiable


def real_valued(value: Any) -> Any:
    """`value`, which differentiated arithmetic takes for real; refused where it is complex.

    Parameters
    ----------
    value : number or array
        An operand of which the compiler knew no type: an item of a `defaultdict`, what a library's function gave.

    Returns
    -------
    number or array
        The same object.

    Raises
    ------
    NotDifferentiable
        Where it is complex: its conjugate would be needed.

    Examples
    --------
    >>> real_valued(2.0)
    2.0
    """
    if np.iscomplexobj(value):
        raise NotDifferentiable(
            "a complex number or array, of which no type is known when the function is compiled, meets differentiated "
            "values: say that it is one (`complex(v)` of a number, `np.asarray(v, dtype=complex)` of an array)"
        )
    return value


def standing_still(value: Any) -> Any:
    """The tangent of a result that does not depend on what is differentiated, of a type that was not known.

    Parameters
    ----------
    value : object
        A number, an array, or a list, tuple or dict of such; anything else has no tangent.

    Returns
    -------
    object
        Zeros of the same structure; what is no number stands for itself.

    Examples
    --------
    >>> standing_still({"a": [2, 1.5], "b": "text"})
    {'a': [0.0, 0.0], 'b': 'text'}
    """
    if isinstance(value, (np.ndarray, np.generic)):
        kind = value.dtype.kind
        return (
            value if kind not in "biufc" else np.zeros_like(value, dtype=float if kind in "biu" else None)[()]
        )
    if isinstance(value, (bool, int, float, complex)):
        return 0.0 if not isinstance(value, complex) else 0j
    if isinstance(value, dict):
        return {key: standing_still(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [standing_still(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return value
