"""The form that lowering and single exit leave behind, as a list of what a function violates."""

from collections.abc import Iterator

import gast

GONE = (gast.NamedExpr, gast.ListComp, gast.DictComp, gast.GeneratorExp, gast.AnnAssign)
STATEMENTS = (
    gast.Assign, gast.AugAssign, gast.If, gast.For, gast.While, gast.Break, gast.Return, gast.With, gast.Expr,
    gast.Assert, gast.Raise, gast.FunctionDef, gast.Continue, gast.Pass,
)  # fmt: skip


def lowered_violations(node: gast.FunctionDef) -> Iterator[str]:
    """What is left of surface Python."""
    for inner in gast.walk(node):
        if isinstance(inner, GONE):
            yield f"{type(inner).__name__} is left"
        if isinstance(inner, gast.stmt):
            if not isinstance(inner, STATEMENTS):
                yield f"{type(inner).__name__} is left"
            if getattr(inner, "lineno", None) is None or getattr(inner, "end_lineno", None) is None:
                yield f"{type(inner).__name__} has no line"
        if isinstance(inner, gast.Assign):
            yield from _targets(inner)
        if isinstance(inner, (gast.For, gast.While)) and inner.orelse:
            yield "a loop has an else"
        if isinstance(inner, gast.For) and not isinstance(inner.target, gast.Name):
            yield "a for has a pattern"
        if isinstance(inner, gast.With) and (len(inner.items) > 1 or inner.items[0].optional_vars):
            yield "a with has several items or a name"


def _targets(node: gast.Assign) -> Iterator[str]:
    if len(node.targets) != 1:
        yield "several targets"
    target = node.targets[0]
    if isinstance(target, gast.Tuple):
        bare = [part.value if isinstance(part, gast.Starred) else part for part in target.elts]
        if not all(isinstance(part, gast.Name) for part in bare):
            yield "a nested pattern"
    elif not isinstance(target, (gast.Name, gast.Subscript)):
        yield f"a target of class {type(target).__name__}"


def single_exit_violations(node: gast.FunctionDef) -> Iterator[str]:
    """What leaves a block other than at its end."""
    yield from lowered_violations(node)
    if not isinstance(node.body[-1], gast.Return) or node.body[-1].value is None:
        yield "the last statement returns no value"
    yield from _block(node.body[:-1], tail=False)


def _block(stmts: list, tail: bool) -> Iterator[str]:
    for k, stmt in enumerate(stmts):
        last = tail and k == len(stmts) - 1
        if isinstance(stmt, (gast.Return, gast.Continue)):
            yield f"a {type(stmt).__name__} in the middle"
        elif isinstance(stmt, gast.Break) and not last:
            yield "a break that is not at the tail"
        elif isinstance(stmt, gast.Pass) and len(stmts) > 1:
            yield "a pass beside other statements"
        elif isinstance(stmt, gast.If):
            if any(isinstance(inner, gast.Pass) for inner in (*stmt.body, *stmt.orelse)):
                yield "a pass in a branch"
            yield from _block(stmt.body, last)
            yield from _block(stmt.orelse, last)
        elif isinstance(stmt, (gast.For, gast.While)):
            yield from _block(stmt.body, True)
        elif isinstance(stmt, gast.With):
            yield from _block(stmt.body, False)
        elif isinstance(stmt, gast.FunctionDef):
            yield from single_exit_violations(stmt)
