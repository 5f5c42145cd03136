"""Every kind of statement and expression of Python's grammar (3.13), with an example, and what s2sad does with it.

`tests/test_grammar.py` compiles the examples and compares this table with the node classes of `ast`.
"""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """One form of one kind of node."""

    node: str  # the class in `ast`
    example: str  # the body of a function of two floats, x and y
    outcome: str = "accepted"  # or the code of the refusal
    since: tuple[int, int] = (3, 10)


STATEMENTS = (
    Kind("FunctionDef", "def g(v, /, k=2.0, *rest, **named): return v * k\nreturn g(x)"),
    Kind("AsyncFunctionDef", "async def g(v): return v\nreturn x", "S101"),
    Kind("ClassDef", "class A: pass\nreturn x", "S101"),
    Kind("Return", "return x * y"),
    Kind("Delete", "t = x * y\ns = t + 1.0\ndel t\nreturn s"),
    Kind("Delete", "a = [x, y, x]\ndel a[0:1]\nreturn a[0]", "S101"),
    Kind("Assign", "a = b = x\n(c, *d), a = (x, y), b\nreturn a * c"),
    Kind("TypeAlias", "type T = float\nreturn x", "S101", (3, 12)),
    Kind("AugAssign", "x += y\nx *= 2\nreturn x"),
    Kind("AnnAssign", "z: float = x * y\nreturn z"),
    Kind("For", "s = 0.0\nfor k, v in enumerate([x, y]):\n    s += k * v\nelse:\n    s += x\nreturn s"),
    Kind("AsyncFor", "async def g(v):\n    async for k in v: pass\nreturn x", "S101"),
    Kind("While", "while x < 3.0:\n    x = x * y\nelse:\n    x = x + 1.0\nreturn x"),
    Kind("If", "if x > y:\n    z = x\nelif x > 0.0:\n    z = x * y\nelse:\n    z = y\nreturn z"),
    Kind("With", "with open('/dev/null') as f, np.errstate(all='ignore'):\n    z = x * y\nreturn z"),
    Kind("AsyncWith", "async def g(v):\n    async with v: pass\nreturn x", "S101"),
    Kind("Match", "match (x, y):\n    case (a, b) if a < b: z = a * b\n    case _: z = x\nreturn z"),
    Kind("Raise", "if x > 5.0:\n    raise ValueError('large') from None\nreturn x * y"),
    Kind("Try", "try:\n    z = x / y\nexcept ZeroDivisionError as e:\n    z = x\nelse:\n    z = z * x\n"
         "finally:\n    z = z + y\nreturn z"),
    Kind("Try", "try:\n    z = x / y\nfinally:\n    return z", "S101"),
    Kind("TryStar", "try:\n    z = x / y\nexcept* ZeroDivisionError:\n    z = x\nreturn z", "S101", (3, 11)),
    Kind("Assert", "assert y > 0.0, f'{y} is negative'\nreturn x * y"),
    Kind("Import", "import math as m\nreturn m.sin(x) * y"),
    Kind("ImportFrom", "from math import sin\nreturn sin(x) * y"),
    Kind("Global", "global RATE\nreturn RATE * x"),
    Kind("Global", "global RATE\nRATE = x\nreturn x", "S101"),
    Kind("Nonlocal", "s = x\ndef add(v):\n    nonlocal s\n    s = s + v * v\nadd(y)\nreturn s"),
    Kind("Expr", "print(x)\nreturn x * y"),
    Kind("Pass", "pass\nreturn x"),
    Kind("Break", "for k in range(9):\n    if x > 2.0:\n        break\n    x = x * y\nreturn x"),
    Kind("Continue", "for k in range(3):\n    if k == 1:\n        continue\n    x = x * y\nreturn x"),
)  # fmt: skip

EXPRESSIONS = (
    Kind("BoolOp", "return x * y if x > 0.0 and y > 0.0 or x > 2.0 else y"),
    Kind("NamedExpr", "return (z := x * y) * z"),
    Kind("BinOp", "return (x + y - 2.0) * x / y ** 2 + x // 0.3 + x % 0.3"),
    Kind("BinOp", "return (np.eye(2) @ np.array([x, y]))[0]"),
    Kind("UnaryOp", "return -x + +y * (not x < y)"),
    Kind("Lambda", "g = lambda v, k=y: v * k\nreturn g(x)"),
    Kind("IfExp", "return x if x > y else x * y"),
    Kind("Dict", "d = {'a': x, **{'b': y}}\nreturn d['a'] * d['b']"),
    Kind("Set", "return x * len({1, 2})"),
    Kind("Set", "s = {x, y}\nreturn sum(s)", "S101"),
    Kind("ListComp", "return sum([a * b for a in (x, y) for b in (x, y) if a < b])"),
    Kind("SetComp", "return x * len({k % 2 for k in range(5)})"),
    Kind("DictComp", "d = {k: v * v for k, v in zip('ab', (x, y))}\nreturn d['a'] + d['b']"),
    Kind("GeneratorExp", "return sum(v * v for v in (x, y))"),
    Kind("GeneratorExp", "pair = (x, (v for v in (x, y)))\nreturn sum(pair[1])", "S101"),
    Kind("Await", "async def g(v): return await v\nreturn x", "S101"),
    Kind("Yield", "def g():\n    yield x\n    yield y * y\nreturn sum(g())"),
    Kind("Yield", "def g():\n    z = yield x\n    yield z\nreturn sum(g())", "S101"),
    Kind("YieldFrom", "def g():\n    yield from (x, y)\nreturn sum(g())"),
    Kind("Compare", "return x * (0.0 < x <= 5.0) + y * (x != y) * (2 in (1, 2)) * (x is not None)"),
    Kind("Call", "return max(*[x, y], **{'default': 0.0}) if False else max(x, y)"),
    Kind("FormattedValue", "return x * len(f'{3:02d}')"),
    Kind("JoinedStr", "return x * len(f'a{y!r}b') ** 0"),
    Kind("Constant", "return x * 2 + 3.5 * y if True else ..."),
    Kind("Attribute", "return x * np.pi"),
    Kind("Attribute", "import types\no = types.SimpleNamespace()\no.a = x\nreturn o.a", "S108"),
    Kind("Subscript", "return np.array([x, y])[-1] * (x, y)[0]"),
    Kind("Subscript", "i = (0,)\nreturn np.array([x, y])[*i]", "S101", (3, 11)),
    Kind("Starred", "a, *b = x, y, x\nreturn a * b[0] * max(*b)"),
    Kind("Name", "z = x\nreturn z"),
    Kind("List", "a = [x, y]\na.append(x * y)\nreturn a[0] * a[2]"),
    Kind("Tuple", "a = x, y\nreturn a[0] * a[1]"),
    Kind("Slice", "return np.sum(np.array([x, y, x])[::2] ** 2)"),
)

PATTERNS = (
    Kind("MatchValue", "match 2:\n    case 1: return x\n    case 2: return x * y"),
    Kind("MatchSingleton", "match None:\n    case None: return x * y\n    case _: return x"),
    Kind("MatchSequence", "match [x, y]:\n    case [a, b]: return a * b"),
    Kind("MatchMapping", "match {'a': x, 'b': y}:\n    case {'a': a, **rest}: return a * rest['b']"),
    Kind("MatchClass", "match x:\n    case float(v): return v * y\n    case _: return x"),
    Kind("MatchStar", "match [x, y, x]:\n    case [a, *rest]: return a * sum(rest)"),
    Kind("MatchAs", "match (x, y):\n    case (a, _) as pair: return a * pair[1]"),
    Kind("MatchOr", "match 2:\n    case 1 | 2: return x * y\n    case _: return x"),
)

GROUPS = {"Statements": STATEMENTS, "Expressions": EXPRESSIONS, "Patterns": PATTERNS}
