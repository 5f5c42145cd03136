"""A ``with`` that names nothing stays; several items become several statements.

>>> from s2sad.syntax import show
>>> show('''with np.errstate(divide="ignore"), quiet():
...     y = 1 / x''')
with np.errstate(divide="ignore"):
    with quiet():
        y = 1 / x
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Lowering, Refusal

TITLE = "`with np.errstate(...)`"
NODES = (gast.With,)


def recognise(node: gast.With, to: Lowering) -> bool:
    return len(node.items) > 1


def refuse(node: gast.With, parent: gast.AST | None) -> Iterator[Refusal]:
    for item in node.items:
        if item.optional_vars is not None:
            message = "`with ... as ...` is not supported: what it opens carries no derivative"
            yield Refusal(item.optional_vars, message, "Open it outside the function, and pass what is read.")


def lower(node: gast.With, to: Lowering) -> None:
    first, *rest = node.items
    inner = gast.copy_location(gast.With(items=rest, body=node.body, type_comment=None), rest[0].context_expr)
    to.statement(gast.With(items=[first], body=[inner], type_comment=None))
