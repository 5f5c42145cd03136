"""``nonlocal`` stays: what an inner function assigns is a variable of the function around it.

>>> from s2sad.syntax import show
>>> show('''def add(v):
...     nonlocal total
...     total = total + v''')
def add(v):
    nonlocal total
    total = total + v
"""

from __future__ import annotations

import gast

TITLE = "`nonlocal`"
NODES = (gast.Nonlocal,)
