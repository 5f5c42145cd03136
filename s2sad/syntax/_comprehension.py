"""What list, dict and generator comprehensions share: the loops, and variables that stay inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import gast

from s2sad.syntax import Lowering, Refusal
from s2sad.tree.build import assign, name, names_in
from s2sad.tree.scopes import comprehension_variables, names_of_parameters, rename

Innermost = Callable[[gast.expr], list[gast.stmt]]


def collect(node: gast.expr, start: gast.expr, innermost: Callable[[str, gast.expr], list[gast.stmt]], to: Lowering,
            into: str | None = None) -> gast.Name:  # fmt: skip
    """Fill a fresh container in a loop; `into` names it."""
    container = into or to.fresh("t")
    to.emit(assign(container, gast.copy_location(start, node)))
    loop(node, lambda part: innermost(container, part), to)
    return name(container)


def may_fill(target: gast.expr, value: gast.expr, to: Lowering) -> bool:
    """Whether a comprehension may fill the variable that it is assigned to: nothing looks at it meanwhile."""
    return isinstance(target, gast.Name) and target.id not in names_in(value) | to.captured


def loop(
    node: gast.expr, innermost: Innermost, to: Lowering, after: Innermost = lambda part: [],
    orelse: Sequence[gast.stmt] = (),
) -> None:  # fmt: skip
    """Lower the loops of a comprehension around what it does with an element; `after` follows each inner loop.

    With `orelse`, the outermost loop has an ``else``.
    """
    variables = _kept_inside(node, to)
    stmts = innermost(node)
    for part in reversed(node.generators):
        for test in reversed(part.ifs):
            stmts = [gast.copy_location(gast.If(test=test, body=stmts, orelse=[]), test)]
        head = gast.For(target=part.target, iter=part.iter, body=stmts, orelse=[], type_comment=None)
        stmts = [gast.copy_location(head, part.target), *after(node)]
    stmts[0].orelse = list(orelse)
    stmts[0].own_names = frozenset(variables)
    outer = set(to.active)
    to.active |= variables
    to.statement(stmts[0])  # what follows the outermost loop is nobody's
    to.active &= outer


def _kept_inside(node: gast.expr, to: Lowering) -> set[str]:
    """Rename the variables that would clash with others of the function; all variables, as they are called then."""
    variables = comprehension_variables(node)
    clashes = [old for old in variables if old in to.outside or old in to.active]
    names = {old: to.fresh(old) for old in clashes}
    if names:
        first = node.generators[0].iter  # evaluated outside
        node.generators[0].iter = gast.Constant(value=None, kind=None)
        rename(node, names)
        node.generators[0].iter = first
    return {names.get(old, old) for old in variables}


def refuse(node: gast.expr, parent: gast.AST | None) -> Iterator[Refusal]:
    """What no comprehension may have."""
    for part in node.generators:
        if part.is_async:
            yield Refusal(node, "an asynchronous comprehension is not supported", "Write a plain one.")
    variables = set(comprehension_variables(node))
    for inner in _made_functions(node):
        caught = sorted((variables - names_of_parameters(inner.args)) & names_in(inner.body))
        if caught:
            message = f"a comprehension makes functions that all capture its variable `{caught[0]}`"
            yield Refusal(
                inner, message, f"Give each its value by a default: `lambda ..., {caught[0]}={caught[0]}:`."
            )


def _made_functions(node: gast.expr) -> Iterator[gast.Lambda]:
    """The lambdas that are elements, or stand in a display that is one."""
    stack = [node.value if isinstance(node, gast.DictComp) else node.elt]
    while stack:
        part = stack.pop()
        if isinstance(part, gast.Lambda):
            yield part
        elif isinstance(part, (gast.Tuple, gast.List)):
            stack.extend(part.elts)
        elif isinstance(part, gast.Dict):
            stack.extend(part.values)
