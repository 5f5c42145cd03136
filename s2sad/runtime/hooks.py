"""Code that runs in the reverse sweep: what `on_reverse` is where the function runs as plain Python."""

from __future__ import annotations

import sys
from typing import Any


class _Skip(BaseException):
    """Leaves a `with` block before its first statement."""


class on_reverse:
    """Run the body of a `with` statement in the reverse sweep, at that point.

    ``with on_reverse(x) as x_bar:`` names the cotangent that `x` has there: the derivative of the output with respect
    to `x`, through all that follows.  The body may print it, assert something of it, stop in the debugger, and change
    it, by binding the name again or in place; what it then is flows on to what `x` was computed from.

    The function itself skips the body, and so does the forward mode: there is no cotangent.  If nothing differentiated
    follows, the cotangent is zero; if `x` does not depend on what is differentiated, the body never runs.

    Parameters
    ----------
    x : float or array
        A variable.

    Examples
    --------
    >>> from s2sad import grad, on_reverse
    >>> def f(x):
    ...     y = x * x
    ...     with on_reverse(y) as y_bar:
    ...         y_bar = min(y_bar, 1.0)
    ...     return y * y
    >>> f(3.0), grad(f)(3.0)
    (81.0, 6.0)
    """

    def __init__(self, x: Any, *read: Any) -> None:
        self._before: tuple[Any, ...] = ()

    def __enter__(self) -> None:
        # A body can only be left by an exception raised in it: by the tracing hook, before its first instruction.
        frame = sys._getframe(1)
        self._before = (sys.gettrace(), frame, frame.f_trace, frame.f_trace_opcodes)
        sys.settrace(lambda *event: None)
        frame.f_trace_opcodes = True
        frame.f_trace = self._leave

    def _leave(self, frame: Any, event: str, arg: Any) -> None:
        raise _Skip  # this ends tracing; what traced before goes on in `__exit__`

    def __exit__(self, kind: type[BaseException] | None, error: Any, traceback: Any) -> bool:
        trace, frame, frame.f_trace, frame.f_trace_opcodes = self._before
        self._before = ()
        sys.settrace(trace)
        return kind is _Skip
