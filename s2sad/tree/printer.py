"""gast trees to source text that one would sign: astor's statements, with our own expressions and line breaks.

Expressions are spelled here because astor marks nodes while it prints (trees are shared between threads), and because
its spacing, its strings and its line breaks are not what people write.

>>> tree = gast.parse("def f(x):\\n  if x[1:,0]>0 :\\n    return -(x ** 2) if x else {'a':(x+1)*2}")
>>> print(function_source(tree.body[0]), end="")
def f(x):
    if x[1:, 0] > 0:
        return -x**2 if x else {"a": (x + 1) * 2}
"""

from __future__ import annotations

import ast
import math
import textwrap
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import gast

from s2sad.tree.dataflow import comment, is_comment, with_fields
from s2sad.tree.lines import break_line

with warnings.catch_warnings():
    # astor asks ast for names that Python 3.12 deprecates
    warnings.simplefilter("ignore", DeprecationWarning)
    from astor import op_util
    from astor.code_gen import SourceGenerator

__all__ = ["comment", "expression_text", "function_source", "is_comment", "statements_source"]

LINE_LENGTH = 100

# astor looks nodes up by class: gast's classes stand beside ast's of the same name
for _class, _symbol, _precedence in op_util.op_data:
    if hasattr(gast, _class):
        op_util.precedence_data.setdefault(getattr(gast, _class), _precedence)
        op_util.symbol_data.setdefault(getattr(gast, _class), _symbol)

_TUPLE, _NAMED, _LAMBDA, _IFEXP, _OR, _AND, _NOT, _COMPARE = range(8)
_BITOR, _BITXOR, _BITAND, _SHIFT, _SUM, _TERM, _UNARY, _POWER, _AWAIT, _ATOM = range(8, 18)

_BINARY: dict[type, tuple[str, int]] = {
    gast.Add: ("+", _SUM), gast.Sub: ("-", _SUM), gast.Mult: ("*", _TERM), gast.Div: ("/", _TERM),
    gast.FloorDiv: ("//", _TERM), gast.Mod: ("%", _TERM), gast.MatMult: ("@", _TERM), gast.Pow: ("**", _POWER),
    gast.LShift: ("<<", _SHIFT), gast.RShift: (">>", _SHIFT), gast.BitOr: ("|", _BITOR),
    gast.BitXor: ("^", _BITXOR), gast.BitAnd: ("&", _BITAND),
}  # fmt: skip
_UNARY_SYMBOLS = {gast.USub: "-", gast.UAdd: "+", gast.Invert: "~", gast.Not: "not "}
_COMPARISONS = {
    gast.Eq: "==", gast.NotEq: "!=", gast.Lt: "<", gast.LtE: "<=", gast.Gt: ">", gast.GtE: ">=",
    gast.Is: "is", gast.IsNot: "is not", gast.In: "in", gast.NotIn: "not in",
}  # fmt: skip


def plain(name: str) -> str:
    """A versioned name as Python can read it."""
    return name.replace("~", "__v")


def expression_text(node: Any, level: int = _TUPLE) -> str:
    """The source text of an expression, in parentheses if it binds less tightly than `level`.

    >>> expression_text(gast.parse("2.0*x**(n-1) - a[1:-1,None]@b", mode="eval").body)
    '2.0 * x ** (n - 1) - a[1:-1, None] @ b'
    """
    writer = _WRITERS.get(type(node))
    if writer is None:
        return _by_astor(node)
    text, own = writer(node)
    return f"({text})" if own < level else text


Text = tuple[str, int]


def _name(node: Any) -> Text:
    return plain(node.id), _ATOM


def _constant(node: Any) -> Text:
    value = node.value
    if isinstance(value, (str, bytes)):
        return _quoted(value), _ATOM
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (_float(value) if isinstance(value, float) else repr(value)), _UNARY if value < 0 else _ATOM
    if isinstance(value, complex):
        return repr(value), _UNARY if value.real == 0 and repr(value).startswith("-") else _ATOM
    return ("..." if value is Ellipsis else repr(value)), _ATOM


def _float(value: float) -> str:
    if math.isnan(value):
        return 'float("nan")'
    return repr(value).replace("inf", "1e999")


def _quoted(value: str | bytes) -> str:
    text = repr(value)
    prefix, text = ("b", text[1:]) if isinstance(value, bytes) else ("", text)
    if text[0] == "'" and '"' not in text:
        text = '"' + text[1:-1].replace("\\'", "'") + '"'
    return prefix + text


def _binop(node: Any) -> Text:
    symbol, own = _BINARY[type(node.op)]
    if own == _POWER:
        tight = _is_simple(node.left) and _is_simple(node.right)
        left, right = expression_text(node.left, _AWAIT), expression_text(node.right, _UNARY)
        return (f"{left}**{right}" if tight else f"{left} ** {right}"), own
    left, right = expression_text(node.left, own), expression_text(node.right, own + 1)
    return f"{left} {symbol} {right}", own


def _is_simple(node: Any) -> bool:
    """Whether black writes no spaces around ``**`` beside it."""
    if isinstance(node, gast.UnaryOp):
        return isinstance(node.op, gast.USub) and _is_simple(node.operand)
    if isinstance(node, gast.Constant):
        return isinstance(node.value, (int, float, complex))
    while isinstance(node, gast.Attribute):
        node = node.value
    return isinstance(node, gast.Name)


# not `<` and `>=`: they differ for NaN
_OPPOSITE = {
    gast.Eq: gast.NotEq, gast.NotEq: gast.Eq, gast.Is: gast.IsNot, gast.IsNot: gast.Is,
    gast.In: gast.NotIn, gast.NotIn: gast.In,
}  # fmt: skip


def _unaryop(node: Any) -> Text:
    inner = node.operand
    if isinstance(node.op, gast.Not) and isinstance(inner, gast.Compare) and type(inner.ops[0]) in _OPPOSITE:
        if len(inner.ops) == 1:
            return _compare(
                gast.Compare(
                    left=inner.left, ops=[_OPPOSITE[type(inner.ops[0])]()], comparators=inner.comparators
                )
            )
    symbol = _UNARY_SYMBOLS[type(node.op)]
    own = _NOT if symbol == "not " else _UNARY
    return symbol + expression_text(node.operand, own), own


def _boolop(node: Any) -> Text:
    word, own = ("and", _AND) if isinstance(node.op, gast.And) else ("or", _OR)
    return f" {word} ".join(expression_text(value, own + 1) for value in node.values), own


def _compare(node: Any) -> Text:
    parts = [expression_text(node.left, _COMPARE + 1)]
    for op, right in zip(node.ops, node.comparators):
        parts += [_COMPARISONS[type(op)], expression_text(right, _COMPARE + 1)]
    return " ".join(parts), _COMPARE


def _ifexp(node: Any) -> Text:
    body, test = (expression_text(part, _IFEXP + 1) for part in (node.body, node.test))
    return f"{body} if {test} else {expression_text(node.orelse, _LAMBDA)}", _IFEXP


def _call(node: Any) -> Text:
    func = expression_text(node.func, _ATOM)
    if len(node.args) == 1 and not node.keywords and isinstance(node.args[0], gast.GeneratorExp):
        return func + expression_text(node.args[0]), _ATOM
    items = [expression_text(arg, _NAMED) for arg in node.args]
    for keyword in node.keywords:
        value = expression_text(keyword.value, _LAMBDA)
        items.append(f"{keyword.arg}={value}" if keyword.arg else f"**{value}")
    return f"{func}({', '.join(items)})", _ATOM


def _attribute(node: Any) -> Text:
    value = expression_text(node.value, _ATOM)
    if isinstance(node.value, gast.Constant) and isinstance(node.value.value, int):
        value = f"({value})"
    return f"{value}.{node.attr}", _ATOM


def _subscript(node: Any) -> Text:
    return f"{expression_text(node.value, _ATOM)}[{_index(node.slice)}]", _ATOM


def _index(node: Any) -> str:
    if isinstance(node, gast.Tuple) and node.elts and not any(isinstance(x, gast.Starred) for x in node.elts):
        return ", ".join(_index_item(item) for item in node.elts) + ("," if len(node.elts) == 1 else "")
    return _index_item(node)


def _index_item(node: Any) -> str:
    if not isinstance(node, gast.Slice):
        return expression_text(node, _NAMED)
    bounds = [part for part in (node.lower, node.upper, node.step) if part is not None]
    # black sets a colon off with spaces beside anything that is more than a name or a number
    gap = "" if all(_is_simple(part) for part in bounds) else " "
    lower, upper, step = (
        expression_text(part, _NAMED) if part else "" for part in (node.lower, node.upper, node.step)
    )
    text = f"{lower}{gap if lower else ''}:{gap if upper else ''}{upper}"
    return f"{text}{gap if upper else ''}:{gap}{step}" if step else text


def _slice(node: Any) -> Text:
    """A slice that stands outside an index, as in ``np.add.at(a, (slice(None), k), b)``."""
    bounds = [node.lower, node.upper] if node.step is None else [node.lower, node.upper, node.step]
    texts = ["None" if part is None else expression_text(part, _NAMED) for part in bounds]
    return f"slice({', '.join(texts[1:] if len(texts) == 2 and texts[0] == 'None' else texts)})", _ATOM


def _tuple(node: Any) -> Text:
    items = [expression_text(item, _NAMED) for item in node.elts]
    if not items:
        return "()", _ATOM
    return ", ".join(items) + ("," if len(items) == 1 else ""), _TUPLE


def _list(node: Any) -> Text:
    return "[" + ", ".join(expression_text(item, _NAMED) for item in node.elts) + "]", _ATOM


def _dict(node: Any) -> Text:
    return "{" + ", ".join(map(_dict_item, node.keys, node.values)) + "}", _ATOM


def _dict_item(key: Any, value: Any) -> str:
    if key is None:
        return "**" + expression_text(value, _BITOR)
    return f"{expression_text(key, _NAMED)}: {expression_text(value, _LAMBDA)}"


def _starred(node: Any) -> Text:
    return "*" + expression_text(node.value, _BITOR), _NAMED


def _lambda(node: Any) -> Text:
    args = arguments_text(node.args)
    return f"lambda{' ' if args else ''}{args}: {expression_text(node.body, _LAMBDA)}", _LAMBDA


def arguments_text(args: Any) -> str:
    """The text between the parentheses of a function definition."""
    positional = [*args.posonlyargs, *args.args]
    padding = [None] * (len(positional) - len(args.defaults))
    items = [_argument(arg, default) for arg, default in zip(positional, [*padding, *args.defaults])]
    if args.posonlyargs:
        items.insert(len(args.posonlyargs), "/")
    if args.vararg:
        items.append("*" + _argument(args.vararg, None))
    elif args.kwonlyargs:
        items.append("*")
    items += [_argument(arg, default) for arg, default in zip(args.kwonlyargs, args.kw_defaults)]
    return ", ".join(items + (["**" + _argument(args.kwarg, None)] if args.kwarg else []))


def _argument(arg: Any, default: Any) -> str:
    text = plain(arg.id)
    if getattr(arg, "annotation", None) is not None:
        text += f": {expression_text(arg.annotation, _LAMBDA)}"
        return text if default is None else f"{text} = {expression_text(default, _LAMBDA)}"
    return text if default is None else f"{text}={expression_text(default, _LAMBDA)}"


def _joined(node: Any) -> Text:
    body = "".join(map(_format_part, node.values))
    quote = next((q for q in ('"', "'", '"""', "'''") if q not in body), '"')
    return f"f{quote}{body}{quote}", _ATOM


def _format_part(node: Any) -> str:
    if isinstance(node, gast.Constant):
        return repr(str(node.value) + '"')[1:-2].replace("\\'", "'").replace("{", "{{").replace("}", "}}")
    # before Python 3.12 the quotes of an f-string may not occur in its expressions
    text = expression_text(node.value, _IFEXP).replace('"', "'")
    text = " " + text if text.startswith("{") else text
    mark = f"!{chr(node.conversion)}" if node.conversion != -1 else ""
    spec = ":" + "".join(map(_format_part, node.format_spec.values)) if node.format_spec else ""
    return "{" + text + mark + spec + "}"


def _scope(open_: str, close: str) -> Callable[[Any], Text]:
    def write(node: Any) -> Text:
        if isinstance(node, gast.DictComp):
            first = f"{expression_text(node.key, _NAMED)}: {expression_text(node.value, _NAMED)}"
        else:
            first = expression_text(node.elt, _NAMED)
        return open_ + " ".join([first, *map(_generator, node.generators)]) + close, _ATOM

    return write


def _generator(node: Any) -> str:
    head = f"for {expression_text(node.target)} in {expression_text(node.iter, _OR)}"
    return " ".join([head, *(f"if {expression_text(test, _OR)}" for test in node.ifs)])


def _named(node: Any) -> Text:
    return f"{expression_text(node.target)} := {expression_text(node.value, _LAMBDA)}", _NAMED - 1


_WRITERS: dict[type, Callable[[Any], Text]] = {
    gast.Name: _name, gast.Constant: _constant, gast.BinOp: _binop, gast.UnaryOp: _unaryop, gast.BoolOp: _boolop,
    gast.Compare: _compare, gast.IfExp: _ifexp, gast.Call: _call, gast.Attribute: _attribute,
    gast.Subscript: _subscript, gast.Slice: _slice, gast.Tuple: _tuple,
    gast.List: _list, gast.Dict: _dict, gast.Starred: _starred, gast.Lambda: _lambda, gast.JoinedStr: _joined,
    gast.ListComp: _scope("[", "]"), gast.SetComp: _scope("{", "}"), gast.DictComp: _scope("{", "}"),
    gast.GeneratorExp: _scope("(", ")"), gast.NamedExpr: _named,
}  # fmt: skip


def _by_astor(node: Any) -> str:
    generator = Generator()
    SourceGenerator.visit(generator, node)
    return "".join(generator.result)


# ---- statements -------------------------------------------------------------------------------------------------


class Generator(SourceGenerator):  # type: ignore[misc]
    """astor's generator, one line per statement, with the expressions of this file."""

    def __init__(self) -> None:
        super().__init__("    ")

    def visit(self, node: Any, **extra: Any) -> Any:
        if type(node) in _WRITERS:
            return self.write(expression_text(node, _NAMED))
        if isinstance(node, gast.AST) and not hasattr(SourceGenerator, f"visit_{type(node).__name__}"):
            # newer than astor: match, try with except*
            for line in ast.unparse(gast.gast_to_ast(node)).splitlines():
                self.statement(node, line)
            return None
        return super().visit(node, **extra)

    def body(self, statements: Sequence[gast.stmt]) -> None:
        self.indentation += 1
        for node in visible(statements) or [gast.Pass()]:
            self.visit(node)
        self.indentation -= 1

    def visit_Assign(self, node: Any) -> None:
        parts = [*(expression_text(target) for target in node.targets), expression_text(node.value)]
        self.statement(node, " = ".join(parts))

    def visit_AugAssign(self, node: Any) -> None:
        symbol = _BINARY[type(node.op)][0]
        self.statement(node, f"{expression_text(node.target)} {symbol}= {expression_text(node.value)}")

    def visit_Expr(self, node: Any) -> None:
        self.statement(node, f"# {node.value.value}" if is_comment(node) else expression_text(node.value))

    def visit_Return(self, node: Any) -> None:
        alone = (
            isinstance(node.value, gast.Tuple) and len(node.value.elts) == 1
        )  # a last comma is easily missed
        value = "" if node.value is None else " " + expression_text(node.value, _NAMED if alone else _TUPLE)
        self.statement(node, f"return{value}")

    def visit_If(self, node: Any) -> None:
        self._branch("if", node)

    def _branch(self, word: str, node: Any, left: bool = True) -> None:
        """One branch of a chain, and what follows; `left`: every branch above leaves the block."""
        self.statement(node, f"{word} {expression_text(node.test, _NAMED)}:")
        self.body(node.body)
        rest = visible(node.orelse)
        left = left and _leaves(node.body)
        if len(rest) == 1 and isinstance(rest[0], gast.If):
            self._branch("elif", rest[0], left)
        elif rest and left:
            # what follows a break needs no else
            for statement in rest:
                self.visit(statement)
        elif rest:
            self.statement(node, "else:")
            self.body(rest)

    def visit_For(self, node: Any, is_async: bool = False) -> None:
        self.statement(node, f"for {expression_text(node.target)} in {expression_text(node.iter)}:")
        self.body_or_else(node)

    def visit_While(self, node: Any) -> None:
        self.statement(node, f"while {expression_text(node.test, _NAMED)}:")
        self.body_or_else(node)

    def visit_Assert(self, node: Any) -> None:
        message = "" if node.msg is None else ", " + expression_text(node.msg, _NAMED)
        self.statement(node, f"assert {expression_text(node.test, _NAMED)}{message}")

    def visit_Raise(self, node: Any) -> None:
        cause = "" if node.cause is None else " from " + expression_text(node.cause)
        self.statement(node, "raise" + ("" if node.exc is None else " " + expression_text(node.exc)) + cause)

    def visit_With(self, node: Any, is_async: bool = False) -> None:
        items = [
            expression_text(item.context_expr, _NAMED)
            + ("" if item.optional_vars is None else f" as {expression_text(item.optional_vars, _NAMED)}")
            for item in node.items
        ]
        self.statement(node, f"with {', '.join(items)}:")
        self.body(node.body)

    def visit_Try(self, node: Any) -> None:
        self.statement(node, "try:")
        self.body(node.body)
        for handler in node.handlers:
            kind = "" if handler.type is None else " " + expression_text(handler.type, _NAMED)
            held = "" if handler.name is None else f" as {expression_text(handler.name)}"
            self.statement(handler, f"except{kind}{held}:")
            self.body(handler.body)
        for word, block in (("else", node.orelse), ("finally", node.finalbody)):
            if block:
                self.statement(node, f"{word}:")
                self.body(block)

    def visit_FunctionDef(self, node: Any, is_async: bool = False) -> None:
        for decorator in node.decorator_list:
            self.statement(node, "@" + expression_text(decorator))
        returns = "" if node.returns is None else f" -> {expression_text(node.returns)}"
        self.statement(node, f"def {plain(node.name)}({arguments_text(node.args)}){returns}:")
        self.body(node.body)


def _leaves(body: Sequence[gast.stmt]) -> bool:
    last = body[-1] if body else None
    if isinstance(last, gast.If):
        return bool(last.orelse) and _leaves(last.body) and _leaves(last.orelse)
    return isinstance(last, (gast.Break, gast.Return, gast.Raise, gast.Continue))


def visible(statements: Iterable[gast.stmt]) -> list[gast.stmt]:
    """A block without the comments that nothing is left under."""
    kept: list[gast.stmt] = []
    for node in reversed(list(statements)):
        if is_comment(node) and not _introduces(node, kept[-1] if kept else None):
            continue
        kept.append(node)
    return _without_repeats(kept[::-1])


def _without_repeats(statements: list[gast.stmt]) -> list[gast.stmt]:
    """The statements without the comment of a line that is still the one spoken of."""
    last, kept = None, []
    for node in statements:
        if is_comment(node):
            text = node.value.value  # type: ignore[attr-defined]
            if text == last:
                continue
            last = text
        kept.append(node)
    return kept


def _introduces(node: gast.stmt, following: gast.stmt | None) -> bool:
    """Whether a comment has something under it; a section may open with the comment of a line."""
    if following is None or (_is_line(node) and isinstance(following, gast.Return)):
        return False
    return not is_comment(following) or (not _is_line(node) and _is_line(following))


def _is_line(node: Any) -> bool:
    return node.value.value.startswith("line ")


def statements_source(body: Sequence[gast.stmt]) -> str:
    """The source text of statements."""
    generator = Generator()
    for node in visible(body):
        generator.visit(node)
    lines = "".join(generator.result).strip("\n").split("\n")
    return "".join(f"{part}\n" for line in lines for part in break_line(line, LINE_LENGTH))


def function_source(function: gast.FunctionDef, doc: str = "") -> str:
    """The source text of a function definition, with a docstring if `doc` is not empty."""
    text = statements_source([with_fields(function, body=[*_empty(function.body)])])
    if not doc:
        return text
    head, body = _split_head(text)
    return head + textwrap.indent(_docstring(doc), "    ") + body


def _empty(body: Sequence[gast.stmt]) -> Sequence[gast.stmt]:
    return body or [gast.Pass()]


def _split_head(text: str) -> tuple[str, str]:
    lines = text.splitlines(keepends=True)
    end = (
        next(k for k, line in enumerate(lines) if line.rstrip().endswith(":") and not line.startswith("@"))
        + 1
    )
    return "".join(lines[:end]), "".join(lines[end:])


def _docstring(doc: str) -> str:
    text = doc.strip().replace("\\", "\\\\").replace('"""', '\\"""')
    if "\n" not in text:
        return f'"""{text}{" " if text.endswith(chr(34)) else ""}"""\n'
    return f'"""{text}\n"""\n'
