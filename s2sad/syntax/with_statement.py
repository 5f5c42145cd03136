"""A ``with`` stays; several items become several statements, and a pattern after ``as`` is unpacked in the body.

>>> from s2sad.syntax import show
>>> show('''with np.errstate(divide="ignore"), quiet() as (a, b):
...     y = 1 / x''')
with np.errstate(divide="ignore"):
    with quiet() as t:
        a, b = t
        y = 1 / x
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import name, target
from s2sad.tree.place import at

TITLE = "`with`, of context managers that carry no derivative"
NODES = (gast.With,)


def recognise(node: gast.With, to: Lowering) -> bool:
    held = node.items[0].optional_vars
    return len(node.items) > 1 or not (held is None or isinstance(held, gast.Name))


def lower(node: gast.With, to: Lowering) -> None:
    first, *rest = node.items
    body = node.body
    if rest:
        inner = gast.With(items=rest, body=body, type_comment=None)
        body = [gast.copy_location(inner, rest[0].context_expr)]
    if not (first.optional_vars is None or isinstance(first.optional_vars, gast.Name)):
        held = to.fresh("t")
        unpack = gast.Assign(targets=[first.optional_vars], value=name(held), type_comment=None)
        body = [at(unpack, first.optional_vars), *body]
        first.optional_vars = target(held)
    to.statement(gast.With(items=[first], body=body, type_comment=None))
