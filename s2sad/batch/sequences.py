"""Functions of containers: they do not look into the items, so the leading axis does not matter to them."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.batch.record import batched
from s2sad.runtime import sequences
from s2sad.runtime.control import relisted
from s2sad.signature import Array
from s2sad.tree.build import call


def _through(function: Any) -> Any:
    def form(b: Any, *args: Any) -> gast.expr | None:
        if any(b.varies(arg) and isinstance(b.type(arg), Array) for arg in args):
            return None
        return call(b.object_node(function), *(b.given(b.type(arg), arg) for arg in args))

    return form


for _function in (
    list, tuple, dict, reversed, relisted, sequences.list_of, sequences.repeat, sequences.sliced, sequences.joined,
    sequences.value_or, sequences.dict_of,
):  # fmt: skip
    batched(_function)(_through(_function))
