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

import gast

from s2sad.syntax import Lowering

TITLE = "`import` inside a function"
NODES = (gast.Import, gast.ImportFrom, gast.alias)


def recognise(node: gast.AST, to: Lowering) -> bool:
    return not isinstance(node, gast.alias) and len(node.names) > 1


def lower(node: gast.Import | gast.ImportFrom, to: Lowering) -> None:
    for part in node.names:
        if isinstance(node, gast.Import):
            to.emit(gast.Import(names=[part]))
        else:
            to.emit(gast.ImportFrom(module=node.module, names=[part], level=node.level))
