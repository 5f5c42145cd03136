"""Static facts that rules of arithmetic ask for: the compiler decides them from types, a test from values."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2sad.rules.record import static
from s2sad.signature import WEAK, Array, Scalar, kind_of


def _dtype(x: Any) -> str:
    if isinstance(x, (Scalar, Array)):
        return x.dtype
    if isinstance(x, (bool, int, float, complex)):
        return type(x).__name__
    return x.dtype.name if isinstance(x, (np.ndarray, np.generic)) else "object"


@static
def is_complex(*values: Any) -> bool:
    """Whether any of these is complex.

    >>> is_complex(2.0, 1j), is_complex(Array("float64", ()))
    (True, False)
    """
    return any(dtype != "object" and kind_of(dtype) == "complex" for dtype in map(_dtype, values))


@static
def is_narrow(*values: Any) -> bool:
    """Whether the numbers are kept in less than double precision, which arithmetic with booleans would widen.

    >>> is_narrow(np.float32(1.0), 2.0), is_narrow(1.0), is_narrow(np.zeros(2), np.float32(1.0))
    (True, False, False)
    """
    dtypes = [dtype for dtype in map(_dtype, values) if dtype not in WEAK and dtype != "object"]
    floats = [np.dtype(dtype) for dtype in dtypes if np.dtype(dtype).kind in "fc"]
    return bool(floats) and np.result_type(*floats) in (np.float16, np.float32, np.complex64)
