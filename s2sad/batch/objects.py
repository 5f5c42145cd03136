"""Objects whose fields are derivatives: each field gets the leading axis."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.batch.record import batched
from s2sad.objects import replaced
from s2sad.tree.build import call


@batched(replaced)
def fields_replaced(b: Any, value: Any, /, **fields: Any) -> gast.expr:
    whole = b(value) if b.varies(value) else b.rest(value)
    return call(b.object_node(replaced), whole, **{key: b.every(part) for key, part in fields.items()})
