"""What a loop carries round: the variables that its body assigns, and those that it may read before it does.

>>> body = gast.parse('''
... caught = 0
... try:
...     t = x / d
... except ZeroDivisionError:
...     caught = 1
... if caught == 0:
...     s = s + t
... ''').body
>>> assigned_in(body)
['caught', 't', 's']
>>> sorted(exposed_in(body, set()) & set(assigned_in(body)))
['s', 't']

Where pass `atomic` has made the flag, it says so, and what was completed is known to be assigned:

>>> body[1].flag = "caught"
>>> sorted(exposed_in(body, set()) & set(assigned_in(body)))
['s']
"""

from __future__ import annotations

from typing import Any

import gast

from s2sad.tree.parts import nodes


def targets_of(statement: Any) -> set[str]:
    """The loop variables of a `for` loop."""
    return targets_in(statement.target) if isinstance(statement, gast.For) else set()


def targets_in(node: gast.AST) -> set[str]:
    """All names that are assigned in a target."""
    return {
        part.id for part in nodes(node) if isinstance(part, gast.Name) and isinstance(part.ctx, gast.Store)
    }


def assigned_in(statements: list[gast.stmt]) -> list[str]:
    """Variables that statements assign, in order of appearance; nested functions' own are not among them."""
    found: dict[str, None] = {}
    for statement in statements:
        if isinstance(statement, gast.FunctionDef):
            found[statement.name] = None
            continue
        found.update(dict.fromkeys(getattr(statement, "assigns", ())))
        if isinstance(statement, (gast.Assign, gast.AugAssign, gast.AnnAssign, gast.For)):
            targets = statement.targets if isinstance(statement, gast.Assign) else [statement.target]
            for node in targets:
                found.update(dict.fromkeys(sorted(plain_targets(node))))
        for inner in _inner_blocks(statement):
            found.update(dict.fromkeys(assigned_in(inner)))
    return list(found)


def _inner_blocks(statement: gast.stmt) -> list[list[gast.stmt]]:
    blocks = [getattr(statement, part, None) for part in ("body", "orelse")]
    blocks += [handler.body for handler in getattr(statement, "handlers", ())]
    return [block for block in blocks if isinstance(block, list)]


def always_leaves(body: list[gast.stmt]) -> bool:
    """Whether a block never comes to its end."""
    return bool(body) and isinstance(body[-1], (gast.Raise, gast.Break))


def plain_targets(node: gast.AST) -> set[str]:
    """The names in a target that are assigned as a whole."""
    if isinstance(node, gast.Name):
        return {node.id}
    if isinstance(node, (gast.Tuple, gast.List)):
        return set().union(*(plain_targets(elt) for elt in node.elts))
    return plain_targets(node.value) if isinstance(node, gast.Starred) else set()


def exposed_in(statements: list[gast.stmt], defined: set[str]) -> set[str]:
    """Variables that may be read before these statements assign them."""
    exposed: set[str] = set()
    _scan(statements, set(defined), exposed, {})
    return exposed


def _scan(
    statements: list[gast.stmt], defined: set[str], exposed: set[str], completed: dict[str, set[str]]
) -> None:
    """Go through a block; `completed` are, for each flag of pass `atomic`, the names assigned where it is 0."""
    for statement in statements:
        if isinstance(statement, gast.If):
            _scan_branches(statement, defined, exposed, completed)
        elif isinstance(statement, (gast.For, gast.While)):
            exposed |= _loads(statement.iter if isinstance(statement, gast.For) else statement.test) - defined
            inner = defined | (targets_in(statement.target) if isinstance(statement, gast.For) else set())
            _scan(statement.body, inner, exposed, _copied(completed))
        elif isinstance(statement, gast.With):
            _scan(statement.body, defined, exposed, completed)
        elif isinstance(statement, gast.Try):
            _scan_try(statement, defined, exposed, completed)
        else:
            exposed |= _loads(statement) - defined
            if isinstance(statement, gast.AugAssign) and isinstance(statement.target, gast.Name):
                exposed |= {statement.target.id} - defined
            assigned = assigned_in([statement])
            defined |= set(assigned)
            for key in assigned:
                completed.pop(key, None)


def _scan_branches(
    statement: gast.If, defined: set[str], exposed: set[str], completed: dict[str, set[str]]
) -> None:
    """Both branches of an `if`; where a flag is 0, what sets it otherwise was completed."""
    exposed |= _loads(statement.test) - defined
    flag = _asked_for_zero(statement.test)
    one, other = defined | completed.get(flag, set()), set(defined)
    inner = _copied(completed)
    _scan(statement.body, one, exposed, inner)
    if flag in completed:  # where the flag is 0 after the statement too, this branch was gone through
        completed[flag] = inner.get(flag, set())
    _scan(statement.orelse, other, exposed, _copied(completed))
    defined |= one & other


def _scan_try(
    statement: gast.Try, defined: set[str], exposed: set[str], completed: dict[str, set[str]]
) -> None:
    done = set(defined)
    _scan([*statement.body, *statement.orelse], done, exposed, _copied(completed))
    flag = getattr(statement, "flag", None)
    if flag is not None:
        completed.setdefault(flag, set()).update(done)
    for handler in statement.handlers:
        own = {handler.name.id} if handler.name is not None else set()
        caught = defined | own
        _scan(handler.body, caught, exposed, {})
        done &= caught if not always_leaves(handler.body) else done
    defined |= done


def _copied(completed: dict[str, set[str]]) -> dict[str, set[str]]:
    return {flag: set(keys) for flag, keys in completed.items()}


def _asked_for_zero(test: gast.expr) -> str:
    """The name in ``name == 0``; of another test, none."""
    if (
        isinstance(test, gast.Compare)
        and isinstance(test.left, gast.Name)
        and isinstance(test.ops[0], gast.Eq)
    ):
        right = test.comparators[0]
        if isinstance(right, gast.Constant) and right.value == 0:
            return test.left.id
    return ""


def _loads(node: gast.AST) -> set[str]:
    return {
        part.id
        for part in nodes(node)
        if isinstance(part, gast.Name) and not isinstance(part.ctx, gast.Store)
    }
