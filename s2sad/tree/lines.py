"""Long lines of source broken as black breaks them.

>>> print("\\n".join(break_line("value = function(first_argument, second_argument)", 40)))
value = function(
    first_argument, second_argument
)
>>> print("\\n".join(break_line("total = first_term * factor + second_term", 30)))
total = (
    first_term * factor
    + second_term
)
"""

from __future__ import annotations

import re

_OPEN, _CLOSE = "([{", ")]}"
_STRING = re.compile(r'f?("""|\'\'\'|"|\')(?:\\.|(?!\1).)*\1', re.DOTALL)
_HEAD = re.compile(r"(return |assert |raise |(?:el)?if |while |[\w.\[\], :*-]*? [-+*/@|&^%]?(?:\*|/)?= )")
_COMPARISON = r" (?:[<>]=?|==|!=|not in|in|is not|is) "
_LOOSEST_FIRST = (" if | else ", " or ", " and ", _COMPARISON, " [-+] ", r" (?:\*|/|//|@|%) ")


def break_line(line: str, limit: int) -> list[str]:
    """One logical line as one or more physical ones that are no longer than `limit`, where that is possible."""
    if len(line) <= limit or line.lstrip().startswith("#"):
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    pieces = _in_parentheses(line.strip(), limit - len(indent)) or _at_bracket(
        line.strip(), limit - len(indent)
    )
    return [indent + piece for piece in pieces] if pieces else [line]


def _mask(text: str) -> str:
    """The text with everything inside strings and brackets blanked, so that only its top level is seen."""
    text = _STRING.sub(lambda match: "s" * len(match.group()), text)
    depth, shown = 0, []
    for char in text:
        depth -= char in _CLOSE
        shown.append(char if depth == 0 else "·")
        depth += char in _OPEN
    return "".join(shown)


def _in_parentheses(text: str, limit: int) -> list[str] | None:
    """The right-hand side in parentheses, one line per operand of its loosest operator."""
    head = _HEAD.match(text)
    if head is None:
        return None
    tail = ":" if text.endswith(":") else ""
    value = text[head.end() : len(text) - len(tail)]
    if len(value) + 4 <= limit and not value.endswith((")", "]", "}")):
        return [f"{head.group()}(", f"    {value}", ")" + tail]
    operands = _items(value) if head.group().startswith("return") or head.group().endswith("= ") else [value]
    if len(operands) < 2:
        operands = _operands(value)
    if len(operands) < 2:
        return None
    inner = [piece for operand in operands for piece in break_line(operand, limit - 4)]
    return [f"{head.group()}(", *(f"    {piece}" for piece in inner), ")" + tail]


def _items(value: str) -> list[str]:
    """The items of a tuple without parentheses, each with its comma; of anything else one item."""
    shown = _mask(value)
    if "lambda" in shown:
        return [value]
    cuts = [k + 2 for k, char in enumerate(shown[:-1]) if char == ","]
    if not cuts:
        return [value]
    return [value[a:b].strip().removesuffix(",") + "," for a, b in zip([0, *cuts], [*cuts, len(value)])]


def _operands(value: str) -> list[str]:
    shown = _mask(value)
    if re.search(r", ?|^lambda|^\*", shown):
        return [value]
    for pattern in _LOOSEST_FIRST:
        cuts = [match.start() + 1 for match in re.finditer(pattern, shown)]
        if cuts:
            return [value[a:b].rstrip() for a, b in zip([0, *cuts], [*cuts, len(value)])]
    return [value]


def _at_bracket(text: str, limit: int) -> list[str] | None:
    """The content of the last bracket pair of the top level on lines of its own."""
    shown = _mask(text)
    closes = [k for k, char in enumerate(shown) if char in _CLOSE]
    for close in reversed(closes):
        start = max(k for k in range(close) if shown[k] in _OPEN)
        content = text[start + 1 : close]
        if content and len(text[: start + 1]) <= limit:
            tail = break_line(text[close:], limit)
            return [text[: start + 1], *(f"    {piece}" for piece in _content(content, limit - 4)), *tail]
    return None


def _content(content: str, limit: int) -> list[str]:
    if len(content) <= limit:
        return [content]
    shown = _mask(content)
    clauses = [match.start() + 1 for match in re.finditer(r" (?:for|if) ", shown)] if " for " in shown else []
    commas = [k + 2 for k, char in enumerate(shown[:-1]) if char == ","]
    if clauses or "lambda" in shown:
        return [content[a:b].rstrip() for a, b in zip([0, *clauses], [*clauses, len(content)])]
    if commas:
        items = [content[a:b].rstrip(", ") for a, b in zip([0, *commas], [*commas, len(content)])]
        return [piece for item in items if item for piece in break_line(item + ",", limit)]
    operands = _operands(content)
    if len(operands) == 1:
        return break_line(content, limit) if _at_bracket(content, limit) else [content]
    return [piece for operand in operands for piece in break_line(operand, limit)]
