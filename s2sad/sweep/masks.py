"""Where a value matters: one that is only used as a branch of `np.where` counts in the places taken from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gast
import numpy as np

from s2sad.sweep.emitter import Emitter
from s2sad.tree.build import names_in


def where_masks(block: list[gast.stmt], emitter: Emitter, uses: Mapping[str, int]) -> dict[str, gast.expr]:
    """The conditions under which values of a block matter; `uses` counts each name in the whole function.

    Elementwise steps on the way to the `np.where` are included: their elements stay in their places.  A sum is not,
    for each of its elements matters wherever the sum does.
    """
    made: dict[str, Any] = {
        s.targets[0].id: s.value
        for s in block
        if isinstance(s, gast.Assign) and isinstance(s.targets[0], gast.Name)
    }
    masks: dict[str, gast.expr] = {}
    for key, value in reversed(list(made.items())):
        bound = emitter.bound(value) if isinstance(value, (gast.BinOp, gast.UnaryOp, gast.Call)) else None
        if bound is None:
            continue
        if bound.function is np.where and len(value.args) == 3:
            masks.update(_of_branches(value, made, uses))
        elif key in masks and bound.rule.kind == "elementwise":
            for operand in names_in(value):
                if uses[operand] == 2 and operand in made:
                    masks.setdefault(operand, masks[key])
    return masks


def _of_branches(value: Any, made: Mapping[str, Any], uses: Mapping[str, int]) -> dict[str, gast.expr]:
    condition, one, other = value.args
    if isinstance(condition, gast.Name):
        condition = made.get(condition.id, condition)
    found: dict[str, gast.expr] = {}
    if isinstance(one, gast.Name) and uses[one.id] == 2:
        found[one.id] = condition
    if isinstance(other, gast.Name) and uses[other.id] == 2:
        found[other.id] = gast.UnaryOp(op=gast.Invert(), operand=condition)
    return found
