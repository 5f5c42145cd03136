"""The primal and the adjoint by hand under Numba, and s2sad's Numba backend."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from benchmarks.variant import Unavailable, Variant
from benchmarks.variants import plain
from benchmarks.workload import Workload


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function under Numba, with the functions of its module that it calls."""
    try:
        import numba
    except ImportError as error:
        raise Unavailable("numba is not installed") from error
    scope = dict(function.__globals__)
    for name in function.__code__.co_names:
        if isinstance(scope.get(name), types.FunctionType):
            scope[name] = compiled(scope[name])
    copied = types.FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
    # as gcc: no exception for a division by zero, products and sums contracted
    made: Callable[..., Any] = numba.njit(copied, error_model="numpy", fastmath={"contract"})
    return made


def under_numba(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Callable[[], Any]:
    """A call of the compiled function."""
    call = compiled(function)
    from numba.core.errors import NumbaError

    try:
        call(*arguments)
    except NumbaError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise Unavailable(f"not supported by Numba: {' '.join(lines)[:200]}") from error
    return lambda: call(*arguments)


def primal(name: str, workload: Workload, arguments: tuple[Any, ...]) -> Callable[[], Any]:
    """The program itself, as its users would put it under Numba."""
    return under_numba(workload.primal, arguments)


def by_hand(name: str, workload: Workload, arguments: tuple[Any, ...]) -> Callable[[], Any]:
    """The adjoint by hand, the same source."""
    assert workload.by_hand_flat is not None
    return under_numba(workload.by_hand_flat, workload.flatten(*arguments))


def jit(name: str, workload: Workload, arguments: tuple[Any, ...]) -> Callable[[], Any]:
    """The primal by `s2sad.jit`."""
    import s2sad

    if not hasattr(s2sad, "jit"):
        raise Unavailable("s2sad.jit does not exist yet")
    try:
        function = s2sad.jit(workload.primal)
        function(*arguments)
    except s2sad.S2sadError as error:
        raise Unavailable(f"not supported: {' '.join(str(error).split())[:300]}") from error
    return lambda: function(*arguments)


PRIMAL = Variant("primal_numba", "primal, Numba", primal, primal=True)
JIT = Variant("primal_jit", "primal, s2sad.jit", jit, primal=True)
BY_HAND = Variant("by_hand_numba", "by hand, Numba", by_hand)
S2SAD = Variant("s2sad_numba", "s2sad, Numba", plain.s2sad(backend="numba"))
