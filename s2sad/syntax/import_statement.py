"""``import`` inside a function stays: the module is imported when the function is compiled.

>>> from s2sad.syntax import show
>>> show("import numpy as np, math")
import numpy as np
import math
>>> show("from math import sin, cos as c")
from math import sin
from math import cos as c
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Lowering, Refusal

TITLE = "`import` inside a function"
NODES = (gast.Import, gast.ImportFrom, gast.alias)


def recognise(node: gast.AST, to: Lowering) -> bool:
    return not isinstance(node, gast.alias) and len(node.names) > 1


def refuse(node: gast.AST, parent: gast.AST | None) -> Iterator[Refusal]:
    if isinstance(node, gast.ImportFrom) and any(part.name == "*" for part in node.names):
        yield Refusal(node, "`import *` is not supported inside a function", "Name what is imported.")


def lower(node: gast.Import | gast.ImportFrom, to: Lowering) -> None:
    for part in node.names:
        if isinstance(node, gast.Import):
            to.emit(gast.Import(names=[part]))
        else:
            to.emit(gast.ImportFrom(module=node.module, names=[part], level=node.level))
