"""Early return, break and continue: one ``return``, last, and ``break`` only at the tail of its loop.

What follows an ``if`` that may leave sinks into the branch that stays.  A flag is set only where nothing can sink:
after an inner loop that returns, after a ``with`` that leaves, and after an ``if`` of which both branches may stay.

>>> print(_example('''
... def f(x):
...     if x < 0.0:
...         return -x
...     for i in range(3):
...         if i == 1:
...             continue
...         x = x * x
...     return x
... '''))
def f(x):
    if x < 0.0:
        result = -x
    else:
        for i in range(3):
            if not i == 1:
                x = x * x
        result = x
    return result
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import gast

from s2sad.tree.build import assign, clone, constant, name, names_in
from s2sad.tree.parts import nodes
from s2sad.tree.place import at
from s2sad.tree.scopes import bound_by, is_generator, stored

FALL, RETURN, BREAK, CONTINUE = "fall", "return", "break", "continue"
LEAVING = {gast.Return: RETURN, gast.Break: BREAK, gast.Continue: CONTINUE}
FLAG = {RETURN: "returned", BREAK: "stopped", CONTINUE: "skipped"}

Block = list[gast.stmt]
Fresh = Callable[[str], str]


def single_exit(node: gast.FunctionDef, fresh: Fresh) -> gast.FunctionDef:
    """Leave one ``return``, last; every ``break`` at the tail of its loop's body; no ``continue``.

    Parameters
    ----------
    node : gast.FunctionDef
        A lowered function; it is left as it is.
    fresh : callable
        Gives an identifier that the function does not use, near the one wanted.

    Returns
    -------
    gast.FunctionDef
        The same function; its last statement returns a value, ``None`` if the user's fell off the end.
    """
    return _Function(fresh).definition(clone(node))


@dataclass(frozen=True)
class Region:
    """Where a block stands: what is to be done there instead of leaving it.

    The value of an exit is a sequence of flags to set, and BREAK where the loop is then left.
    """

    exits: dict[str, tuple[str, ...]]
    armed: frozenset[str] = frozenset()  # flags that are known to be False on entry
    result: str | None = None  # the name that the returned value gets; None: it has it already

    def flagged(self, flags: dict[str, str]) -> Region:
        """The same place, but only flags may be set there."""
        exits = self.exits | {kind: (flag,) for kind, flag in flags.items()}
        return replace(self, exits=exits, armed=self.armed | set(flags.values()))

    def breaks(self, kinds: set[str]) -> bool:
        """Whether one of these exits leaves the loop by a break."""
        return any(BREAK in self.exits[kind] for kind in kinds)


class _Function:
    """The rewriting of one function."""

    def __init__(self, fresh: Fresh) -> None:
        self.fresh = fresh
        self.returned: str | None = None  # the flag "returned", once it is needed
        self.tries = 0  # how many `try` statements of this function are around

    def definition(self, node: gast.FunctionDef) -> gast.FunctionDef:
        """The function, its nested ones rewritten before it; a generator is rewritten with the loop that uses it."""
        if is_generator(node.body):
            return node
        if FALL in _exits_of(node.body):
            last = node.body[-1] if node.body else node
            node.body.append(at(gast.Return(value=constant(None)), last))
        returns = list(_returns(node.body))
        if _only_last(node.body, returns):
            last = node.body.pop()
            node.body = [*self.block(node.body, Region({})), last]
            return node
        result = _common_name(returns)
        shared = result is not None
        if result is None and returns:
            result = self.fresh("result")
        region = Region({RETURN: ()}, result=None if shared else result)
        body = self.block(node.body, region)
        value = name(result) if result else constant(None)
        end = at(gast.Return(value=value), returns[-1] if returns else body[-1])
        gast.copy_location(value, end)
        node.body = [*body, end]
        return node

    # ---- blocks ---------------------------------------------------------------------------------

    def block(self, stmts: Sequence[gast.stmt], region: Region) -> Block:
        """The statements of a region, with what follows an exit sunk beside it."""
        out: Block = []
        for k, stmt in enumerate(stmts):
            kind = LEAVING.get(type(stmt))
            if kind is not None:
                return out + self.leave(kind, stmt, region)
            exits = _exits(stmt)
            rest = list(stmts[k + 1 :]) if FALL in exits else []
            if exits - {FALL}:
                return out + self.leaving(stmt, exits - {FALL}, rest, region)
            out += self.staying(stmt, region)
            if FALL not in exits:
                return out
        return out

    def leave(self, kind: str, stmt: gast.stmt, region: Region) -> Block:
        """What a region does instead of ``return``, ``break`` or ``continue``."""
        out: Block = []
        if kind == RETURN and region.result is not None:
            value = stmt.value if stmt.value is not None else at(constant(None), stmt)
            out.append(at(assign(region.result, value), stmt))
        return out + _actions(region.exits[kind], stmt)

    def staying(self, stmt: gast.stmt, region: Region) -> Block:
        """A statement that no exit leaves."""
        if isinstance(stmt, gast.FunctionDef):
            return [_Function(self.fresh).definition(stmt)]
        if isinstance(stmt, gast.If):
            return _if(stmt, self.block(stmt.body, region), self.block(stmt.orelse, region))
        if isinstance(stmt, (gast.For, gast.While)):
            return [self.loop(stmt, (), region)]
        if isinstance(stmt, gast.With):
            stmt.body = self.block(stmt.body, region) or [at(gast.Pass(), stmt)]
        if isinstance(stmt, gast.Try):
            return self.tried(stmt, region)
        return [] if isinstance(stmt, gast.Pass) else [stmt]

    def leaving(self, stmt: gast.stmt, kinds: set[str], rest: Block, region: Region) -> Block:
        """A statement that some exit leaves, and all that follows it in its block."""
        if isinstance(stmt, gast.If):
            return self.branch(stmt, kinds, rest, region)
        if isinstance(stmt, gast.With):
            return self.scope(stmt, kinds, rest, region)
        if isinstance(stmt, gast.Try):
            return self.leaving_try(stmt, kinds, rest, region)
        return self.returning_loop(stmt, rest, region)

    # ---- the three statements that an exit may leave --------------------------------------------

    def branch(self, stmt: gast.If, kinds: set[str], rest: Block, region: Region) -> Block:
        """An ``if``: the rest sinks into the branch that stays, or into both if it is a mere exit."""
        body_stays, else_stays = (FALL in _exits_of(part) for part in (stmt.body, stmt.orelse))
        if body_stays and else_stays and rest and not _is_exit(rest):
            return self.flagged(stmt, kinds, rest, region)
        then = [*stmt.body, *rest] if body_stays else stmt.body
        orelse = [*stmt.orelse, *(clone(rest) if body_stays else rest)] if else_stays else stmt.orelse
        return _if(stmt, self.block(then, region), self.block(orelse, region))

    def scope(self, stmt: gast.With, kinds: set[str], rest: Block, region: Region) -> Block:
        """A ``with``: no break can stand in it, so the loop is left after it."""
        if _is_exit(rest) and FALL in _exits_of(stmt.body):
            kinds |= {LEAVING[type(rest[0])]}
            stmt.body, rest = [*stmt.body, *rest], []
        if not rest and not region.breaks(kinds):
            stmt.body = self.block(stmt.body, region) or [at(gast.Pass(), stmt)]
            return [stmt]
        return self.flagged(stmt, kinds, rest, region)

    def leaving_try(self, stmt: gast.Try, kinds: set[str], rest: Block, region: Region) -> Block:
        """A ``try``: the rest follows its body, if it follows nothing else; a loop is left after it."""
        if stmt.orelse and _exits_of(stmt.body) - {FALL}:
            return self.block([*self.without_else(stmt), *rest], region)
        handlers_stay = any(FALL in _exits_of(handler.body) for handler in stmt.handlers)
        body_leaves = (_exits_of(stmt.body) | _exits_of(stmt.orelse)) - {FALL}
        simple = not stmt.finalbody and not region.breaks(kinds)
        if rest and simple and not handlers_stay and not body_leaves:
            stmt.orelse, rest = [*stmt.orelse, *rest], []
        if not rest and simple:
            return self.tried(stmt, region)
        return self.flagged(stmt, kinds, rest, region)

    def without_else(self, stmt: gast.Try) -> Block:
        """A ``try`` whose body may leave: its ``else`` runs after it, if the body came to its end."""
        flag = self.fresh("completed")
        body = [*stmt.body, at(assign(flag, constant(True)), stmt)]
        first = at(gast.Try(body=body, handlers=stmt.handlers, orelse=[], finalbody=[]), stmt)
        then = at(gast.If(test=at(name(flag), stmt), body=stmt.orelse, orelse=[]), stmt)
        out = [at(assign(flag, constant(False)), stmt), first, then]
        if not stmt.finalbody:
            return out
        return [at(gast.Try(body=out, handlers=[], orelse=[], finalbody=stmt.finalbody), stmt)]

    def tried(self, stmt: gast.Try, region: Region) -> Block:
        """The blocks of a ``try``; what is in ``finally`` runs after it, or when an exception goes on."""
        final, stmt.finalbody = stmt.finalbody, []
        self.tries += 1
        stmt.body = self.block(stmt.body, region)
        self.tries -= 1
        for handler in stmt.handlers:
            handler.body = self.block(handler.body, region)
        stmt.orelse = self.block(stmt.orelse, region)
        if not final:
            return [stmt]
        final = self.block(final, region)
        on_error = final if self.tries else _with_effect(final)
        if (
            not on_error
        ):  # what only assigns variables is seen by nobody when an exception leaves the function
            return [*([stmt] if stmt.handlers else stmt.body), *final]
        anything = at(name("BaseException"), stmt)
        again = [*clone(on_error), at(gast.Raise(exc=None, cause=None), stmt)]
        handler = at(gast.ExceptHandler(type=anything, name=None, body=again), stmt)
        inner = [stmt] if stmt.handlers else stmt.body
        outer = at(gast.Try(body=inner, handlers=[handler], orelse=[], finalbody=[]), stmt)
        return [outer, *final]

    def returning_loop(self, stmt: gast.For | gast.While, rest: Block, region: Region) -> Block:
        """A loop with a ``return`` inside."""
        if self.returns_anyway(stmt, rest, region):
            before = self.leave(RETURN, rest[0], replace(region, exits={RETURN: ()})) if rest else []
            return [*before, self.loop(stmt, (BREAK,), region), *_actions(region.exits[RETURN], stmt)]
        flag = self.flag(RETURN)
        before, region = _armed(flag, stmt, region)
        loop = self.loop(stmt, (flag, BREAK), region)
        return [*before, loop, *self.after(stmt, {RETURN: flag}, rest, region)]

    def returns_anyway(self, loop: gast.For | gast.While, rest: Block, region: Region) -> bool:
        """Whether the function returns after the loop in any case, and the loop may overwrite the result."""
        if not rest:
            return FALL not in _exits(loop)
        if not isinstance(rest[0], gast.Return):
            return False
        value = rest[0].value
        changed = stored(loop) if isinstance(value, gast.Name) else set()
        return (
            region.result is None
            or value is None
            or (_is_exit(rest) and getattr(value, "id", None) not in changed)
        )

    def flagged(
        self, stmt: gast.If | gast.With | gast.Try, kinds: set[str], rest: Block, region: Region
    ) -> Block:
        """Set a flag for each kind of exit, and look at the flags after the statement."""
        if len(kinds) == 1 and not rest and FALL not in _exits(stmt):
            (kind,) = kinds
            made = self.inside(stmt, replace(region, exits=region.exits | {kind: ()}))
            return [*made, *_actions(region.exits[kind], stmt)]
        flags = {kind: self.flag(kind) for kind in sorted(kinds, reverse=True)}
        before: Block = []
        for flag in flags.values():
            arming, region = _armed(flag, stmt, region)
            before += arming
        made = self.inside(stmt, region.flagged(flags))
        return [*before, *made, *self.after(stmt, flags, rest, region)]

    def inside(self, stmt: gast.If | gast.With | gast.Try, region: Region) -> Block:
        """Rewrite the blocks of a statement in its place."""
        if isinstance(stmt, gast.Try):
            return self.tried(stmt, region)
        stmt.body = self.block(stmt.body, region) or [at(gast.Pass(), stmt)]
        if isinstance(stmt, gast.If):
            stmt.orelse = self.block(stmt.orelse, region)
        return [stmt]

    def after(self, stmt: gast.stmt, flags: dict[str, str], rest: Block, region: Region) -> Block:
        """Look at the flags: leave if one is set, go on with the rest if none is."""
        tail = self.block(rest, region)
        for kind, flag in reversed(flags.items()):
            test = at(name(flag), stmt)
            done = [action for action in region.exits[kind] if action != flag]
            tail = _if(at(gast.If(test=test, body=[], orelse=[]), stmt), _actions(done, stmt), tail)
        return tail

    # ---- loops and flags ------------------------------------------------------------------------

    def loop(self, stmt: gast.For | gast.While, on_return: tuple[str, ...], region: Region) -> gast.stmt:
        """A loop, its body a region of its own."""
        armed = frozenset(flag for flag in region.armed if flag == self.returned)
        exits = {RETURN: on_return, BREAK: (BREAK,), CONTINUE: ()}
        body = self.block(stmt.body, Region(exits, armed, region.result))
        stmt.body = body or [at(gast.Pass(), stmt)]
        return stmt

    def flag(self, kind: str) -> str:
        """The flag of a kind of exit: one for returning, and each time another for the loops."""
        if kind != RETURN:
            return self.fresh(FLAG[kind])
        self.returned = self.returned or self.fresh(FLAG[kind])
        return self.returned


# ---- statements that are made here --------------------------------------------------------------


def _actions(actions: Sequence[str], place: gast.stmt) -> Block:
    """Set the flags, leave the loop."""
    return [at(gast.Break() if act == BREAK else assign(act, constant(True)), place) for act in actions]


def _armed(flag: str, place: gast.stmt, region: Region) -> tuple[Block, Region]:
    """What makes a flag known to be False, and the region in which it is."""
    if flag in region.armed:
        return [], region
    return [at(assign(flag, constant(False)), place)], replace(region, armed=region.armed | {flag})


def _if(stmt: gast.If, body: Block, orelse: Block) -> Block:
    """An ``if`` with these branches; there is no ``pass``: an empty body turns the test around."""
    if not body and not orelse:
        return [at(gast.Expr(value=stmt.test), stmt)] if _calls(stmt.test) else []
    stmt.body, stmt.orelse = body, orelse
    if not body:
        stmt.test, stmt.body, stmt.orelse = _negation(stmt.test), orelse, []
    return [stmt]


def _negation(test: gast.expr) -> gast.expr:
    if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        return test.operand
    return gast.copy_location(gast.UnaryOp(op=gast.Not(), operand=test), test)


def _with_effect(body: Block) -> Block:
    """Statements without those that only assign variables which no other one that stays reads."""
    kept: Block = []
    for part in reversed(body):
        if not _is_private(part) or set().union(*map(bound_by, nodes(part))) & names_in(kept):
            kept.insert(0, part)
    return kept


def _is_private(stmt: gast.stmt) -> bool:
    """Whether a statement does nothing but assign a variable."""
    target = stmt.targets[0] if isinstance(stmt, gast.Assign) else getattr(stmt, "target", None)
    plain = isinstance(stmt, (gast.Assign, gast.AugAssign)) and isinstance(target, gast.Name)
    return plain and not _calls(stmt.value)


def _calls(test: gast.expr) -> bool:
    return any(isinstance(node, gast.Call) for node in nodes(test))


# ---- what may happen in a statement -------------------------------------------------------------


def _exits(stmt: gast.stmt) -> set[str]:
    """The ways in which control may leave a statement."""
    if type(stmt) in LEAVING:
        return {LEAVING[type(stmt)]}
    if isinstance(stmt, gast.Raise):
        return set()
    if isinstance(stmt, gast.If):
        return _exits_of(stmt.body) | _exits_of(stmt.orelse)
    if isinstance(stmt, gast.With):
        return _exits_of(stmt.body)
    if isinstance(stmt, gast.Try):
        caught = set().union(*(_exits_of(handler.body) for handler in stmt.handlers))
        return _exits_of([*stmt.body, *stmt.orelse]) | caught
    if isinstance(stmt, (gast.For, gast.While)):
        inside = _exits_of(stmt.body)
        endless = isinstance(stmt, gast.While) and _always_true(stmt.test) and BREAK not in inside
        return (inside & {RETURN}) | (set() if endless else {FALL})
    return {FALL}


def _exits_of(stmts: Sequence[gast.stmt]) -> set[str]:
    exits = {FALL}
    for stmt in stmts:
        exits = (exits - {FALL}) | _exits(stmt)
        if FALL not in exits:
            break
    return exits


def _always_true(test: gast.expr) -> bool:
    return isinstance(test, gast.Constant) and bool(test.value)


def _is_exit(rest: Sequence[gast.stmt]) -> bool:
    """Whether a block is one exit, so short that it may stand twice."""
    if len(rest) != 1:
        return False
    if isinstance(rest[0], gast.Return):
        return rest[0].value is None or isinstance(rest[0].value, (gast.Name, gast.Constant))
    return isinstance(rest[0], (gast.Break, gast.Continue))


def _returns(stmts: Sequence[gast.stmt]) -> Iterator[gast.Return]:
    """The returns of a function that can be reached, without those of nested functions."""
    for stmt in stmts:
        if isinstance(stmt, gast.Return):
            yield stmt
        elif isinstance(stmt, (gast.If, gast.For, gast.While, gast.With, gast.Try)):
            yield from _returns(stmt.body)
            yield from _returns(getattr(stmt, "orelse", []))
            for handler in getattr(stmt, "handlers", ()):
                yield from _returns(handler.body)
        if FALL not in _exits(stmt):
            return


def _only_last(body: Block, returns: list[gast.Return]) -> bool:
    return len(returns) == 1 and body[-1] is returns[0] and returns[0].value is not None


def _common_name(returns: list[gast.Return]) -> str | None:
    """The variable that every return gives, if it is one and the same."""
    names = {stmt.value.id if isinstance(stmt.value, gast.Name) else None for stmt in returns}
    return names.pop() if len(names) == 1 else None


def _example(text: str) -> str:
    from s2sad.tree.identifiers import Identifiers

    node = gast.parse(text).body[0]
    return ast.unparse(gast.gast_to_ast(single_exit(node, Identifiers(node))))
