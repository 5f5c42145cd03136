"""What is known of the value of an expression from the types of the names in it."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import gast

from s2sad.analysis.memory import Memory
from s2sad.names import base
from s2sad.program import Program
from s2sad.rules.record import rule_of
from s2sad.signature import Array, Scalar

_WORD = re.compile(r"[^\W\d]\w*")
_ARITHMETIC = (gast.Add, gast.Sub, gast.Mult, gast.Div, gast.Pow, gast.MatMult)
DERIVATIVE_SUFFIXES = ("_bar", "_dot")


@functools.lru_cache(maxsize=4096)
def is_derivative(name: str) -> bool:
    """Whether a name is a cotangent or a tangent."""
    return base(name).endswith(DERIVATIVE_SUFFIXES)


def is_shadow(name: str) -> bool:
    """Whether a name is a cotangent buffer that the forward sweep makes: two of them are never one."""
    return base(name).endswith("_shadow")


@functools.lru_cache(maxsize=4096)
def is_temporary(name: str) -> bool:
    """Whether the compiler invented a name, so that no reader misses it.

    >>> [is_temporary(name) for name in ("t~3", "t_bar", "x_bar", "s")]
    [True, True, False, False]
    """
    stem = base(name)
    for suffix in (*DERIVATIVE_SUFFIXES, "_tape"):
        stem = stem.removesuffix(suffix)
    return stem == "t"


def invented(program: Program) -> Callable[[str], bool]:
    """A function that tells whether a name is the compiler's: it does not occur in the user's source."""
    words = {word for line in program.source_lines.values() for word in _WORD.findall(line)}

    def is_invented(name: str) -> bool:
        return is_temporary(name) or is_derivative(name) or (bool(words) and base(name) not in words)

    return is_invented


def reality(memory: Memory) -> Callable[[Any], bool]:
    """A function that tells whether an expression is known to be floating-point."""
    types = memory.types

    def real(node: Any) -> bool:
        if isinstance(node, gast.Name):
            known = types.get(node.id)
            return known.is_real if isinstance(known, (Scalar, Array)) else is_derivative(node.id)
        if isinstance(node, gast.Constant):
            return isinstance(node.value, (float, complex))
        if isinstance(node, gast.BinOp):
            operands = real(node.left) or real(node.right)
            return isinstance(node.op, gast.Div) or (isinstance(node.op, _ARITHMETIC) and operands)
        if isinstance(node, gast.UnaryOp):
            return real(node.operand)
        if isinstance(node, gast.Subscript):
            return real(node.value) and isinstance(types.get(getattr(node.value, "id", "")), Array)
        if isinstance(node, gast.Call) and node.args and not node.keywords:
            return _gives_real(memory.object_of(node.func)) and all(map(real, node.args))
        return False

    return real


def _gives_real(target: Any) -> bool:
    if getattr(target, "__module__", None) == "math":
        return True
    record = rule_of(target)
    return record is not None and record.kind in ("elementwise", "linear")
