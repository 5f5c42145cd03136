"""Algebra on expressions: one line per identity, each exact in IEEE arithmetic (or about signs, units and literals).

Nothing here folds ``0 * x``, drops an infinity or changes the order of a sum.

>>> from s2sad.tree.printer import expression_text
>>> def show(text):
...     return expression_text(simplified(gast.parse(text, mode="eval").body, lambda node, alone: True))
>>> show("1.0 * a + -b * c"), show("g * (1.0 / d)"), show("a[n - 1 + 1]"), show("x * g + x * g"), show("0 * x")
('a - b * c', 'g / d', 'a[n]', '2.0 * x * g', '0 * x')
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from s2sad.tree.dataflow import rewrite, rewrite_atoms, with_fields

BY_VALUE = (gast.Eq, gast.NotEq, gast.Lt, gast.LtE, gast.Gt, gast.GtE)
"""Comparisons of values, which NumPy makes item by item; the others ask for identity and membership."""

Real = Callable[[Any, bool], bool]
"""Whether a node is known to be a floating-point value (``1.0 * n`` is not ``n`` for an integer), and, where asked, one
that shares memory with no name."""

# left side, right side; r: a real expression; u: a real one that may stand for its product with one, that is, whose
# value is a number or a fresh array, so that no two names come to share an array; other letters: anything
_TABLE = """
1.0 * u             u
u * 1.0             u
u / 1.0             u
u ** 1              u
u ** 1.0            u
-a * -b             a * b
-a / -b             a / b
a * (1.0 / b)       a / b
1.0 / b * a         a / b
r * b + r * b       2.0 * r * b
r + r               2.0 * r
2.0 * (r * b)       2.0 * r * b
2.0 * (r / (2.0 * b))  r / b
2.0 * 2.0           4.0
2.0 * 4.0           8.0
a / (2.0 * b) * (2 * r)    a / b * r
a / (2.0 * b) * (2.0 * r)  a / b * r
"""


# of cotangents and tangents only: contributions may be added in any order
_CONTRIBUTIONS = """
a + r * b + r * b   a + 2.0 * r * b
a + r + r           a + 2.0 * r
a - r * b - r * b   a - 2.0 * r * b
a - r - r           a - 2.0 * r
"""


def _parse(text: str) -> Any:
    return gast.parse(text.strip(), mode="eval").body


class Rules(dict[tuple[type, ...], tuple[tuple[Any, Any], ...]]):
    """The rules of a table that may apply to a node, by its operator and the kinds of its operands."""

    def __init__(self, table: str) -> None:
        super().__init__()
        self.all = [
            tuple(_parse(part) for part in line.split("  ", 1)) for line in table.strip().splitlines()
        ]

    def __missing__(self, kinds: tuple[type, ...]) -> tuple[tuple[Any, Any], ...]:
        found = tuple((left, right) for left, right in self.all if _may_match(_kinds(left), kinds))
        self[kinds] = found
        return found


def _kinds(node: Any) -> tuple[type, ...]:
    """The operator of a node and the kinds of its operands."""
    if node.__class__ is gast.BinOp:
        return node.op.__class__, node.left.__class__, node.right.__class__
    return node.op.__class__, node.operand.__class__


def _may_match(pattern: tuple[type, ...], kinds: tuple[type, ...]) -> bool:
    """Whether a node of these kinds may match a pattern of those: a name in a pattern stands for anything."""
    return len(pattern) == len(kinds) and all(
        one is other or (one is gast.Name and k > 0) for k, (one, other) in enumerate(zip(pattern, kinds))
    )


_IDENTITIES = Rules(_TABLE)
_GATHERED = Rules(_CONTRIBUTIONS)


def simplified(node: Any, real: Real, contributions: bool = False) -> Any:
    """An expression with the table applied everywhere in it, from the inside out; `contributions`: both tables."""
    node = rewrite(node, lambda part: _leave(part, real), atoms=False)
    return gathered(node, real) if contributions else node


def filled(node: Any, name: str, value: Any, real: Real, contributions: bool = False) -> Any:
    """An expression with a name replaced by a value, simplified where that changed it."""

    def change(part: Any) -> Any:
        return value if part.__class__ is gast.Name and part.id == name else part

    new = rewrite_atoms(node, change, lambda part: _leave(part, real))
    return gathered(new, real) if contributions else new


def gathered(node: Any, real: Real) -> Any:
    """A sum of contributions with equal ones added up."""
    if not isinstance(node, gast.BinOp) or type(node.op) not in _FLIPPED:
        return node
    node = _replaced(node, "left", gathered(node.left, real))
    return apply_table(node, real, _GATHERED)


def _leave(node: Any, real: Real) -> Any:
    cls = node.__class__
    if cls is gast.BinOp:
        if node.op.__class__ is gast.Pow:
            node = _replaced(node, "right", folded(node.right))
        if node.left.__class__ in _COPIES:
            node = _replaced(node, "left", _uncopied(node.left))
        if node.right.__class__ in _COPIES:
            node = _replaced(node, "right", _uncopied(node.right))
        return apply_table(node, real)
    if cls is gast.UnaryOp:
        return apply_table(_with_negative_literal(node, real), real)
    if cls is gast.Subscript:
        return _replaced(node, "slice", _folded_index(node.slice))
    if cls is gast.Call and isinstance(node.func, gast.Name) and node.func.id == "range":
        return _range(_with_items(node, "args", [folded(arg) for arg in node.args]))
    return node


_OPERATIONS = frozenset([gast.BinOp, gast.UnaryOp])


def apply_table(node: Any, real: Real, rules: Rules = _IDENTITIES) -> Any:
    """An expression with the table applied at its root until nothing more applies."""
    while node.__class__ in _OPERATIONS:
        for left, right in rules[_kinds(node)]:
            found: dict[str, Any] = {}
            if _matches(left, node, found, real):
                node = _filled(right, found, real)
                break
        else:
            signed = _with_sign_outside(node, real)
            if signed is node:
                break
            node = signed
    return node


_COPIES = frozenset([gast.Call, gast.Subscript])


def _uncopied(node: Any) -> Any:
    """An operand without the copy that arithmetic does not need: ``a.copy() * b`` is ``a * b``, ``a[...] * b`` too."""
    if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute) and node.func.attr == "copy":
        return node if node.args or node.keywords else _uncopied(node.func.value)
    if (
        isinstance(node, gast.Subscript)
        and isinstance(node.slice, gast.Constant)
        and node.slice.value is Ellipsis
    ):
        return node.value
    return node


_FLIPPED = {gast.Add: gast.Sub, gast.Sub: gast.Add}


_PRODUCTS = frozenset([gast.Mult, gast.Div, gast.MatMult])


def negated(node: Any) -> Any:
    """The expression without its minus sign, None if it has none: ``a * -b / c`` gives ``a * b / c``."""
    cls = node.__class__
    if cls is gast.UnaryOp:
        return node.operand if isinstance(node.op, gast.USub) and literal(node) is None else None
    if cls is gast.BinOp and node.op.__class__ in _PRODUCTS:
        left = negated(node.left)
        if left is not None:
            return with_fields(node, left=left)
        right = negated(node.right)
        return None if right is None else with_fields(node, right=right)
    if cls is gast.BinOp and node.op.__class__ is gast.Sub:
        left = negated(node.left)
        return None if left is None else with_fields(node, op=gast.Add(), left=left)
    return None


def _with_negative_literal(node: Any, real: Real) -> Any:
    """``-(4.0 * x)`` as ``-4.0 * x``: an operation less, and the same number."""
    inner = node.operand
    if not isinstance(node.op, gast.USub) or not isinstance(inner, gast.BinOp):
        return node
    if not isinstance(inner.op, (gast.Mult, gast.Div)) or not real(inner.right, False):
        return node
    if not isinstance(inner.left, gast.Constant) or type(inner.left.value) is not float:
        return node
    return with_fields(inner, left=with_fields(node, operand=inner.left))


def signed_update(node: gast.AugAssign) -> gast.AugAssign:
    """``x += -e`` as ``x -= e``."""
    flipped = _FLIPPED.get(type(node.op))
    is_sum = (
        isinstance(node.value, gast.BinOp) and type(node.value.op) in _FLIPPED
    )  # it may be the first, and stored
    value = negated(node.value) if flipped and not is_sum else None
    if value is None or flipped is None:
        return node
    return with_fields(node, value=value, op=flipped())  # type: ignore[no-any-return]


def _with_sign_outside(node: Any, real: Real) -> Any:
    """A sum whose terms carry no signs of their own; a sign of a product that nothing adds stays where it is."""
    if isinstance(node, gast.UnaryOp):
        inner = negated(node.operand) if isinstance(node.op, gast.USub) else None
        if inner is None or not (isinstance(inner, gast.BinOp) or real(inner, True)):
            return node  # `--x` is an array of its own, `x` is not
        return inner
    return signed_sum(node)


def signed_sum(node: gast.BinOp) -> gast.BinOp:
    """``a + -b * c`` as ``a - b * c``."""
    if node.op.__class__ not in _FLIPPED:
        return node
    right = negated(node.right)
    if right is not None:
        return with_fields(node, op=_FLIPPED[type(node.op)](), right=right)  # type: ignore[no-any-return]
    left = negated(node.left) if isinstance(node.op, gast.Add) else None
    return node if left is None else with_fields(node, op=gast.Sub(), left=node.right, right=left)


def _matches(pattern: Any, node: Any, found: dict[str, Any], real: Real) -> bool:
    cls = pattern.__class__
    if cls is gast.Name:
        known = found.get(pattern.id)
        if known is not None:
            return same(known, node)
        found[pattern.id] = node
        return pattern.id not in ("r", "u") or real(node, pattern.id == "u")
    if cls is not node.__class__:
        return False
    if cls is gast.Constant:
        return type(pattern.value) is type(node.value) and pattern.value == node.value
    if pattern.op.__class__ is not node.op.__class__:
        return False
    if cls is gast.UnaryOp:
        return _matches(pattern.operand, node.operand, found, real)
    return _matches(pattern.left, node.left, found, real) and _matches(pattern.right, node.right, found, real)


def _filled(pattern: Any, found: dict[str, Any], real: Real) -> Any:
    if isinstance(pattern, gast.Name):
        return found[pattern.id]
    if isinstance(pattern, gast.BinOp):
        left, right = (
            apply_table(_filled(part, found, real), real) for part in (pattern.left, pattern.right)
        )
        return with_fields(pattern, left=left, right=right)
    return pattern


def same(a: Any, b: Any) -> bool:
    """Whether two expressions are the same text."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, gast.Name):
        return bool(a.id == b.id)
    if isinstance(a, gast.Constant):
        return type(a.value) is type(b.value) and bool(a.value == b.value)
    if isinstance(a, gast.AST):
        fields = [field for field in a._fields if field not in ("ctx", "annotation", "type_comment", "kind")]
        return all(same(getattr(a, field, None), getattr(b, field, None)) for field in fields)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def is_float_zero(node: Any) -> bool:
    """Whether an expression is ``0.0``, written out."""
    return isinstance(node, gast.Constant) and type(node.value) is float and node.value == 0.0


# ---- integer arithmetic in indices and bounds -------------------------------------------------------------------


def literal(node: Any) -> int | None:
    """The value of an integer literal, a sign allowed."""
    if isinstance(node, gast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        inner = literal(node.operand)
        return None if inner is None else -inner
    return None


def _integer(value: int) -> Any:
    node = gast.Constant(value=abs(value), kind=None)
    return gast.UnaryOp(op=gast.USub(), operand=node) if value < 0 else node


def folded(node: Any) -> Any:
    """An integer expression with its literal terms gathered at the end: ``n - 1 + 1`` is ``n``."""
    if not isinstance(node, gast.BinOp):
        return node
    if isinstance(node.op, gast.Mult):
        return _folded_product(node)
    if isinstance(node.op, gast.FloorDiv):
        return _folded_quotient(node)
    if not isinstance(node.op, (gast.Add, gast.Sub)):
        return node
    rest, offset, changed = _terms(node)
    if not changed:
        return node
    if rest is None:
        return _integer(offset)
    if offset == 0:
        return rest
    op = gast.Add() if offset > 0 else gast.Sub()
    return gast.BinOp(left=rest, op=op, right=gast.Constant(value=abs(offset), kind=None))


def _terms(node: Any) -> tuple[Any, int, bool]:
    """A sum as what is not literal, the sum of its literals, and whether that is shorter than it was."""
    value = literal(node)
    if value is not None:
        return None, value, False
    if not isinstance(node, gast.BinOp) or not isinstance(node.op, (gast.Add, gast.Sub)):
        return folded(node), 0, False
    sign = 1 if isinstance(node.op, gast.Add) else -1
    (left, p, a), (right, q, b) = _terms(node.left), _terms(node.right)
    if left is None and sign < 0 and right is not None:  # 3 - n stays as it is
        return node, 0, False
    inner_literal = right is not None and q != 0
    plus_zero = (left is None and p == 0) or (right is None and q == 0)
    changed = a or b or (p != 0 and q != 0) or plus_zero or inner_literal
    if left is None or right is None:
        return (right if left is None else left), p + sign * q, changed
    return with_fields(node, left=left, right=right), p + sign * q, changed or p != 0


def _range(node: Any) -> Any:
    """A range without the start and the step that it has anyway."""
    if len(node.args) != 3 or literal(node.args[2]) != 1:
        return node
    return with_fields(node, args=node.args[1:2] if literal(node.args[0]) == 0 else node.args[:2])


def _folded_quotient(node: Any) -> Any:
    left, divisor = folded(node.left), literal(node.right)
    if divisor == 1:
        return left
    if divisor == -1 and isinstance(left, gast.BinOp) and isinstance(left.op, gast.Sub):
        return folded(with_fields(left, left=left.right, right=left.left))
    return node


def _folded_product(node: Any) -> Any:
    left, right = folded(node.left), folded(node.right)
    a, b = literal(left), literal(right)
    if a is not None and b is not None:
        return _integer(a * b)
    if a == 1:
        return right
    return left if b == 1 else node


def _folded_index(node: Any) -> Any:
    if isinstance(node, gast.Tuple):
        return _with_items(node, "elts", [_folded_index(item) for item in node.elts])
    if isinstance(node, gast.Slice):
        for field in ("lower", "upper", "step"):
            part = getattr(node, field)
            node = node if part is None else _replaced(node, field, folded(part))
        return node
    return folded(node)


def _replaced(node: Any, field: str, value: Any) -> Any:
    return node if getattr(node, field) is value else with_fields(node, **{field: value})


def _with_items(node: Any, field: str, items: list[Any]) -> Any:
    old = getattr(node, field)
    return node if all(a is b for a, b in zip(items, old)) else with_fields(node, **{field: items})
