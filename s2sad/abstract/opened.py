"""Calls in a ``try`` whose progress is seen: the callee's statements stand in their place, and are taken apart with it.

What a callee did before it raised is there when the exception is caught: variables that it shares with its caller,
fields of objects, memory.  A ``try`` in core is done whole or not at all, so such a callee is opened: its body, with
variables of its own, becomes statements of the ``try``, which is taken apart like any other.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import gast

from s2sad.abstract.functions import function_of, structured
from s2sad.abstract.generators import outer_names
from s2sad.abstract.values import Function, Value
from s2sad.tree.build import assign, clone, name, names_in
from s2sad.tree.parts import blocks_of
from s2sad.tree.scopes import bound_by, declared, is_generator, names_of_parameters, own_nodes, rename


class Unsure(str):
    """The origin of a value that a handler finds in an unknown state; equal to ``"conflict"``.

    Attributes
    ----------
    site : object
        The ``try`` whose callees did not come to their end.
    """

    site: Any

    def __new__(cls, site: Any) -> Unsure:
        made = super().__new__(cls, "conflict")
        made.site = site
        return made


def opened(at: Any, statement: gast.Try) -> list[gast.stmt] | None:
    """A ``try`` with the bodies of the functions that it calls; None where none can be put in their place."""
    number = at.next_shared()

    def fresh(wanted: str) -> str:
        return f"{wanted}~g{number}_{at.next_shared()}"

    body: list[gast.stmt] = []
    seen: set[str] = set()
    for part in (step for whole in statement.body for step in _steps(at, whole, fresh)):
        made = _body_of(at, part, fresh, seen)
        body += [clone(part)] if made is None else made
    if not seen:
        return None
    whole = gast.copy_location(
        gast.Try(body, clone(statement.handlers), clone(statement.orelse), clone(statement.finalbody)),
        statement,
    )
    seen |= getattr(statement, "seen", frozenset()) | names_in(statement.orelse)
    assigning = own_nodes([*statement.body, *(part for one in statement.handlers for part in one.body)])
    seen |= {key for node in assigning for key in bound_by(node)}
    leaves = fresh("leaves")
    before, after = _without_breaks(whole, leaves)
    seen |= {leaves} if after else set()
    rest = gast.Expr(gast.Tuple([name(key) for key in sorted(seen)], gast.Load()))
    rest.only_seen = True
    parts: list[gast.stmt] = [gast.copy_location(part, statement) for part in (*before, whole, rest)]
    made = [part for part in structured(parts, fresh) if not hasattr(part, "only_seen")]
    return made + [gast.copy_location(part, statement) for part in after]


def _without_breaks(whole: gast.Try, flag: str) -> tuple[list[gast.stmt], list[gast.stmt]]:
    """Let a flag stand for each `break` of the loop around a ``try``; what makes it and what asks for it."""
    found = False
    stack: list[list[gast.stmt]] = blocks_of(whole)
    while stack:
        block = stack.pop()
        for k, part in enumerate(block):
            if isinstance(part, gast.Break):
                block[k], found = gast.copy_location(assign(flag, gast.Constant(True, None)), part), True
            elif not isinstance(part, (gast.For, gast.While, gast.FunctionDef)):
                stack += blocks_of(part)
    if not found:
        return [], []
    leave = gast.If(name(flag), [gast.copy_location(gast.Break(), whole)], [])
    return [assign(flag, gast.Constant(False, None))], [leave]


def _body_of(at: Any, part: gast.stmt, fresh: Callable[[str], str], seen: set[str]) -> list[gast.stmt] | None:
    """The body of the function that a statement calls, in place of the statement; notes what its caller sees of it."""
    if not isinstance(part, (gast.Expr, gast.Assign)) or not isinstance(part.value, gast.Call):
        return None
    call = part.value
    found = _function(at, call.func)
    if found is None:
        return None
    function, first = found
    given = _arguments(function, call, first is not None)
    own_class = function.frame.owner not in ("", at.frame.owner)
    reads = names_in(list(function.body))
    if (
        given is None
        or is_generator(function.body)
        or "super" in reads
        or (own_class and _has_private(function))
    ):
        return None
    own = names_of_parameters(function.args)
    own |= {key for node in own_nodes(function.body) for key in bound_by(node)}
    own -= set(declared(function.body))
    names = {key: fresh(key) for key in sorted(own)}
    plain = [*function.args.posonlyargs, *function.args.args]
    if first is not None:
        at.frame.env[names[plain[0].id]] = first
    for key, value in function.defaults.items():
        if key not in given:
            at.frame.env[names[key]] = value
    if function.frame is not at.frame:
        names |= outer_names(at, function, reads - own, fresh)
    given_names = {arg.id for arg in (*plain, *function.args.kwonlyargs)}
    seen |= {names.get(key, key) for key in (*given_names, *(reads - own))}
    body = rename(clone(list(function.body)), names)
    for node in own_nodes(body):
        if isinstance(node, gast.FunctionDef):
            node.name = names[node.name]
    start = [assign(names[key], clone(value)) for key, value in given.items()]
    return [gast.copy_location(one, part) for one in start] + _ended(body, part)


def _steps(at: Any, part: gast.stmt, fresh: Callable[[str], str]) -> list[gast.stmt]:
    """A statement with a call inside of an expression, as statements: operands keep their order."""
    value = part.value if isinstance(part, (gast.Expr, gast.Assign, gast.AugAssign)) else None
    if not isinstance(value, gast.Call if isinstance(part, gast.AugAssign) else (gast.BinOp, gast.UnaryOp)):
        return [part]
    if isinstance(part, gast.AugAssign):
        found = _function(at, value.func)
        if found is None or not isinstance(part.target, gast.Name):
            return [part]
        if part.target.id in declared(found[0].body):  # what the target was is read before
            return [part]
    out: list[gast.stmt] = []

    def held(node: gast.expr) -> gast.expr:
        new = fresh("t")
        out.append(gast.copy_location(assign(new, node), part))
        return name(new)

    def plain(node: gast.expr) -> gast.expr:
        """An operand without calls that can be opened, which stand before it."""
        if isinstance(node, gast.Call):
            return node if _function(at, node.func) is None else held(node)
        if isinstance(node, gast.UnaryOp):
            return gast.copy_location(gast.UnaryOp(node.op, plain(node.operand)), node)
        if isinstance(node, gast.BinOp):
            count = len(out)
            right = plain(node.right)
            later, out[count:] = out[count:], []
            left = plain(node.left)
            if later and not isinstance(left, gast.Constant):
                left = held(left)
            out.extend(later)
            return gast.copy_location(gast.BinOp(left, node.op, right), node)
        return node

    changed = clone(part)
    changed.value = plain(clone(value))
    return [*out, changed]


def _function(at: Any, func: gast.expr) -> tuple[Function, Value | None] | None:
    """The function that is called, and the object if it is a method of one."""
    if isinstance(func, gast.Name):
        value = at.visit(func)
        if value.function is not None:
            return value.function, None
        if isinstance(value.known, types.FunctionType):
            return function_of(value.known, at), None
    if not isinstance(func, gast.Attribute) or not isinstance(func.value, gast.Name):
        return None
    owner = at.visit(func.value)
    if owner.ident is None:
        return None
    found = at.method_of(owner, at.mangled(func.attr))
    return (function_of(found, at), owner) if isinstance(found, types.FunctionType) else None


def _arguments(function: Function, call: gast.Call, bound: bool) -> dict[str, gast.expr] | None:
    """What a call gives for each parameter; None where it is not plain."""
    spec = function.args
    plain = [arg.id for arg in (*spec.posonlyargs, *spec.args)][bound:]
    only = [arg.id for arg in spec.kwonlyargs]
    stars = spec.vararg is not None or spec.kwarg is not None
    if stars or len(call.args) > len(plain) or any(isinstance(arg, gast.Starred) for arg in call.args):
        return None
    given = dict(zip(plain, call.args))
    for keyword in call.keywords:
        if keyword.arg not in (*plain, *only) or keyword.arg in given:
            return None
        given[keyword.arg] = keyword.value
    missing = {*plain, *only} - given.keys() - function.defaults.keys()
    return None if missing else given


def _has_private(function: Function) -> bool:
    """Whether names are mangled by the class of the method."""
    parts = own_nodes(function.body)
    return any(isinstance(part, gast.Attribute) and part.attr.startswith("__") for part in parts)


def _ended(body: list[gast.stmt], statement: gast.stmt) -> list[gast.stmt]:
    """A function's body where its result goes to what the caller assigns."""
    *start, last = body or [gast.Pass()]
    returned = isinstance(last, gast.Return)
    value = (last.value if returned else None) or gast.Constant(None, None)
    if not returned:
        start.append(last)
    if isinstance(statement, gast.Assign):
        start.append(gast.copy_location(gast.Assign(clone(statement.targets), value, None), last))
    elif not isinstance(value, (gast.Name, gast.Constant)):
        start.append(gast.copy_location(gast.Expr(value), last))
    return start or [gast.copy_location(gast.Pass(), statement)]


__all__ = ["Unsure", "opened"]
