"""The test that there are as many items as names: what makes it, and what finds it again."""

from __future__ import annotations

import gast

from s2sad.tree.build import call, constant


def length_test(items: gast.expr, wanted: int, error: gast.expr, least: bool = False) -> gast.If:
    """``if len(items) != wanted: raise ValueError(...)``, or `<` where there may be more; `error` is the class."""
    compared = gast.Compare(
        left=call("len", items), ops=[gast.Lt() if least else gast.NotEq()], comparators=[constant(wanted)]
    )
    raised = gast.Raise(exc=call(error, constant(_text(wanted, least))), cause=None)
    return gast.If(test=compared, body=[raised], orelse=[])


def tested_length(node: gast.stmt) -> tuple[str, int] | None:
    """The name and the number in ``if len(name) != number: raise ValueError(...)``."""
    match node:
        case gast.If(
            test=gast.Compare(
                left=gast.Call(func=gast.Name(id="len"), args=[gast.Name(id=items)]),
                ops=[gast.NotEq()],
                comparators=[gast.Constant(value=wanted)],
            ),
            body=[gast.Raise(exc=gast.Call(args=[gast.Constant(value=text)]))],
            orelse=[],
        ) if text == _text(wanted, False):
            return items, wanted
    return None


def _text(wanted: int, least: bool) -> str:
    return f"expected {'at least ' if least else ''}{wanted} values to unpack"
