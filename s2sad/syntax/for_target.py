"""The target of a ``for`` is a name; a pattern is unpacked in the body.

>>> from s2sad.syntax import show
>>> show('''for i, (a, b) in enumerate(x):
...     print(i, a, b)''')
for item in enumerate(x):
    i, t = item
    a, b = t
    print(i, a, b)
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import name, target
from s2sad.tree.place import at

TITLE = "`for` over ranges, arrays, lists, tuples, `zip`, `enumerate`, `reversed`, `dict.items()`"
NODES = (gast.For,)


def recognise(node: gast.For, to: Lowering) -> bool:
    return not node.orelse and not isinstance(node.target, gast.Name)


def lower(node: gast.For, to: Lowering) -> None:
    item = to.fresh("item")
    unpack = gast.Assign(targets=[node.target], value=name(item), type_comment=None)
    node.body = [at(unpack, node.target), *node.body]
    node.target = at(target(item), node.target)
    to.statement(node)
