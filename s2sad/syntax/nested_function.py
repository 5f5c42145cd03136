"""Inner functions are lowered like the outer one; decorators become calls.

>>> from s2sad.syntax import show
>>> show('''@twice
... def g(v):
...     "Documented."
...     return v''')
def g(v):
    return v
g = twice(g)
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import assign, call, dotted, name

TITLE = "inner function, with captured values, defaults and decorators"
NODES = (gast.FunctionDef,)


def lower(node: gast.FunctionDef, to: Lowering) -> None:
    decorators = [_kept(decorator, to) for decorator in node.decorator_list]
    to.operands(node)
    to.emit(to.function(node))
    value: gast.expr = name(node.name)
    for decorator in reversed(decorators):
        value = call(decorator, value)
    if decorators:
        to.emit(assign(node.name, value))


def _kept(decorator: gast.expr, to: Lowering) -> gast.expr:
    """Decorators are evaluated before the function is defined."""
    decorator = to.expression(decorator)
    return decorator if dotted(decorator) else to.save(decorator)
