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
