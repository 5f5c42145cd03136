"""``pass`` goes; the driver puts one back into a block that has nothing else.

>>> from s2sad.syntax import show
>>> show('''pass
... if c:
...     pass
... else:
...     x = 1''')
if c:
    pass
else:
    x = 1
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering

TITLE = "`pass`"
NODES = (gast.Pass,)


def lower(node: gast.Pass, to: Lowering) -> None:
    """It leaves nothing."""
