"""What a ``try`` may leave half done is taken apart, so that each ``try`` is done whole or not at all.

A handler sees what the statements before the exception did.  Where that matters - a later statement reads it on a path
through the handler, or it is written into memory - the body becomes one ``try`` per step, and a flag says whether to
go on.  What is left has no state in between: the reverse sweep reverses the body if it was completed, else nothing of
it.

Each ``try`` has an attribute `seen`, the names that are read after an exception; one made here has `flag`, which
is 0 if it was completed, and `made`, a name that nothing else assigns and that is read only then.  Each loop has
`later`, the names that are read after an iteration; loops and ``with`` statements that are taken apart have an
attribute `split`.  A generator function stays as it is: it is taken apart with the loop that uses it.

>>> print(_example('''
... def f(x, d):
...     z = x
...     try:
...         z = z * x
...         w = x / d
...     except ZeroDivisionError:
...         w = z
...     return z + w
... '''))
def f(x, d):
    z = x
    caught = 0
    try:
        z = z * x
    except ZeroDivisionError:
        caught = 1
    if caught == 0:
        try:
            w = x / d
        except ZeroDivisionError:
            caught = 1
    if caught == 1:
        w = z
    return z + w
>>> print(_example('''
... def f(x, d):
...     try:
...         z = x * x
...         w = z / d
...     except ZeroDivisionError:
...         w = x
...     return w
... '''))
def f(x, d):
    try:
        z = x * x
        w = z / d
    except ZeroDivisionError:
        w = x
    return w
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping, Sequence

import gast

from s2sad.tree.build import assign, clone, constant, name, names_in, target
from s2sad.tree.parts import nodes
from s2sad.tree.place import at
from s2sad.tree.scopes import bound_by, is_generator, own_nodes

Block = list[gast.stmt]
Fresh = Callable[[str], str]
Given = Mapping[str, object]
NOTHING: Given = {}


def atomic(node: gast.FunctionDef, fresh: Fresh) -> gast.FunctionDef:
    """Take apart the ``try`` statements whose progress is seen.

    Parameters
    ----------
    node : gast.FunctionDef
        A function with a single exit; it is changed in place.
    fresh : callable
        Gives an identifier that the function does not use, near the one wanted.
    """
    if any(isinstance(part, gast.Try) for part in nodes(node)) and not is_generator(node.body):
        inner = {key for part in own_nodes(node.body) if _is_function(part) for key in names_in(part)}
        node.body = _Taking(fresh, inner).block(node.body, set())
    return node


class _Taking:
    """One walk from the end of a function, with the names that are read later."""

    def __init__(self, fresh: Fresh, escaping: set[str]) -> None:
        self.fresh = fresh
        self.escaping = escaping
        self.flags: set[str] = set()
        self.around: set[str] = set()
        """The names that the handlers around may read: any statement may raise."""

    def block(self, body: Sequence[gast.stmt], live: set[str]) -> Block:
        """The statements, where `live` are the names read after them."""
        out: Block = []
        after = live
        for k, stmt in reversed(list(enumerate(body))):
            new = self.statement(stmt, live, functools.partial(before, body[k + 1 :], after))
            out[:0] = new
            live = before([stmt], live) | self.around
        return out

    def statement(self, stmt: gast.stmt, live: set[str], rest: Callable[[Given], set[str]]) -> Block:
        """A statement, and what it becomes."""
        if isinstance(stmt, gast.FunctionDef):
            return [atomic(stmt, self.fresh)]
        if isinstance(stmt, gast.Try):
            return self.tried(stmt, live, rest)
        if isinstance(stmt, (gast.For, gast.While)):
            live = live | before([stmt], live)
            stmt.later = frozenset(live | self.escaping)
        for key in ("body", "orelse"):
            if getattr(stmt, key, None):
                setattr(stmt, key, self.block(getattr(stmt, key), live))
        return [stmt]

    def tried(self, stmt: gast.Try, live: set[str], rest: Callable[[Given], set[str]]) -> Block:
        """A ``try``: taken apart if a handler that stays sees how far its body came."""
        seen = self.seen(stmt, live, rest)
        done = before(stmt.orelse, live) | seen
        stmt.orelse = self.block(stmt.orelse, live)
        for handler in stmt.handlers:
            handler.body = self.block(handler.body, live)
        around, self.around = self.around, seen
        stmt.body = self.block(stmt.body, done)
        self.around = around
        stmt.seen = frozenset(seen)
        if _is_whole(stmt.body, seen):
            return [stmt]
        return _Split(stmt, seen, self.fresh, self.flags).result()

    def seen(self, stmt: gast.Try, live: set[str], rest: Callable[[Given], set[str]]) -> set[str]:
        """The names that may be read after an exception."""
        found = self.escaping | self.around
        for handler in stmt.handlers:
            noted = _noted(handler.body)
            found |= before(handler.body, live if noted is None else rest(dict([noted])))
        return found


def _noted(body: Block) -> tuple[str, object] | None:
    """The flag that a handler sets, and its value, if it does nothing else."""
    (part,) = body if len(body) == 1 else (None,)
    if (
        isinstance(part, gast.Assign)
        and isinstance(part.targets[0], gast.Name)
        and isinstance(part.value, gast.Constant)
    ):
        return part.targets[0].id, part.value.value
    return None


def before(
    body: Sequence[gast.stmt], live: set[str], given: Given = NOTHING, follows: bool = True
) -> set[str]:
    """The names that may be read from the start of a block on, for the flags that are `given`.

    With `follows`, what is read after an exception is told from what is read after a ``try`` that was completed.
    """
    given = {key: value for key, value in given.items() if not any(_rebinds(stmt, key) for stmt in body)}
    after = live
    for k, stmt in reversed(list(enumerate(body))):
        if follows and isinstance(stmt, gast.Try):
            live = _before_try(
                stmt, live, given, functools.partial(before, body[k + 1 :], after, follows=False)
            )
        else:
            live = _before(stmt, live, given)
    return live


def _before_try(stmt: gast.Try, live: set[str], given: Given, rest: Callable[[Given], set[str]]) -> set[str]:
    """The names that may be read from a ``try`` on: where it is completed, and after each of its handlers."""
    found = before([*stmt.body, *stmt.orelse], live) | names_in([handler.type for handler in stmt.handlers])
    for handler in stmt.handlers:
        noted = _noted(handler.body)
        found |= before(handler.body, live if noted is None else rest({**given, noted[0]: noted[1]}))
    return found


def _rebinds(stmt: gast.stmt, key: str) -> bool:
    return any(key in bound_by(part) for part in nodes(stmt))


def _truth(test: gast.expr, given: Given) -> bool | None:
    """What a test of a flag gives, if the flag is known."""
    if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        inner = _truth(test.operand, given)
        return None if inner is None else not inner
    if isinstance(test, gast.Name) and test.id in given:
        return bool(given[test.id])
    if isinstance(test, gast.Compare) and isinstance(test.left, gast.Name) and test.left.id in given:
        (right,) = test.comparators if len(test.comparators) == 1 else (None,)
        if isinstance(test.ops[0], gast.Eq) and isinstance(right, gast.Constant):
            return bool(given[test.left.id] == right.value)
    return None


def _before(stmt: gast.stmt, live: set[str], given: Given) -> set[str]:
    if isinstance(stmt, (gast.Return, gast.Raise)):
        return _reads(stmt, given)
    if isinstance(stmt, gast.If):
        truth = _truth(stmt.test, given)
        blocks = [stmt.body, stmt.orelse] if truth is None else [stmt.body if truth else stmt.orelse]
        return _reads(stmt.test, given).union(*(before(block, live, given) for block in blocks))
    if isinstance(stmt, (gast.For, gast.While)):
        return live | (_reads(stmt, given) - _killed(stmt))
    if isinstance(stmt, gast.With):
        return _reads(stmt.items, given) | before(stmt.body, live, given)
    if isinstance(stmt, gast.Try):
        caught = set().union(*(before(handler.body, live) for handler in stmt.handlers))
        return (
            live
            | before([*stmt.body, *stmt.orelse], live)
            | caught
            | names_in([h.type for h in stmt.handlers])
        )
    if isinstance(stmt, gast.Assign) and isinstance(stmt.targets[0], (gast.Name, gast.Tuple)):
        bound = {part.id for part in nodes(stmt.targets[0]) if bound_by(part)}
        return (live - bound) | _reads(stmt.value, given)
    return live | _reads(stmt, given)


def _killed(loop: gast.stmt) -> set[str]:
    """The names that every iteration assigns before it reads them."""
    start = before(loop.body, set())
    target = names_in(loop.target) if isinstance(loop, gast.For) else set()
    header = _reads(loop.iter if isinstance(loop, gast.For) else loop.test)
    return (names_in(loop) - start - header) | (target - header)


def _reads(node: object, given: Given = NOTHING) -> set[str]:
    """The names that occur in a tree, without the branches that the given flags rule out."""
    if not given:
        return names_in(node)
    found: set[str] = set()
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, gast.Name):
            found.add(item.id)
        elif isinstance(item, (gast.If, gast.IfExp)) and _truth(item.test, given) is not None:
            stack.extend([item.test, item.body if _truth(item.test, given) else item.orelse])
        elif isinstance(item, gast.AST):
            stack.extend(item.__dict__.values())
    return found


def _is_whole(body: Sequence[gast.stmt], seen: set[str]) -> bool:
    """Whether nothing that is seen is done before a statement that may raise."""
    return not any(_shows(stmt, seen, last=all(map(_is_safe, body[k + 1 :]))) for k, stmt in enumerate(body))


def _shows(stmt: gast.stmt, seen: set[str], last: bool) -> bool:
    """Whether a statement may leave something half done that is seen: where it is `last`, only in its parts."""
    if isinstance(stmt, gast.If):
        return any(
            not _is_whole([*block, *([] if last else [_RAISES])], seen) for block in (stmt.body, stmt.orelse)
        )
    if isinstance(stmt, (gast.For, gast.While)):
        bound = names_in(stmt.target) & seen if isinstance(stmt, gast.For) else set()
        return bool(bound) or not _is_whole([*stmt.body, _RAISES], seen)
    tail: Block = [] if last else [_RAISES]
    if isinstance(stmt, gast.With):
        bound = {key for item in stmt.items for part in nodes(item) for key in bound_by(part)}
        return bool(bound & seen) or not _is_whole([*stmt.body, *tail], seen)
    if isinstance(stmt, gast.Try):
        blocks = [[*stmt.body, *stmt.orelse], *(handler.body for handler in stmt.handlers)]
        return any(not _is_whole([*block, *tail], seen) for block in blocks)
    if last or isinstance(stmt, (gast.Pass, gast.Break, gast.Raise, gast.FunctionDef, gast.Nonlocal)):
        return False
    return bool(_changed(stmt) & seen)


_RAISES = gast.Raise(exc=None, cause=None)


def _changed(stmt: gast.stmt) -> set[str]:
    """The names that a statement assigns, or whose object it may change."""
    found = {key for part in nodes(stmt) for key in bound_by(part)}
    for part in nodes(stmt):
        if isinstance(part, (gast.Subscript, gast.Attribute)) and isinstance(part.ctx, gast.Store):
            found |= names_in(part.value)
        if isinstance(part, gast.Expr) and isinstance(part.value, gast.Call):
            func = part.value.func
            found |= names_in(func.value if isinstance(func, gast.Attribute) else part.value.args)
    return found


def _is_safe(stmt: gast.stmt) -> bool:
    """Whether a statement cannot raise."""
    if isinstance(stmt, (gast.Pass, gast.Break, gast.FunctionDef)):
        return True
    if not isinstance(stmt, gast.Assign) or not isinstance(stmt.targets[0], gast.Name):
        return False
    return isinstance(stmt.value, (gast.Name, gast.Constant)) and not hasattr(stmt, "may_raise")


def _is_function(node: gast.AST) -> bool:
    return isinstance(node, (gast.FunctionDef, gast.Lambda))


# ---- taking apart -------------------------------------------------------------------------------


class _Split:
    """One ``try`` per step: a step is as many statements as do nothing that is seen before the last of them."""

    def __init__(self, stmt: gast.Try, seen: set[str], fresh: Fresh, flags: set[str]) -> None:
        self.stmt = stmt
        self.seen = seen
        self.caught = fresh("caught")
        self.fresh = fresh
        self.flags = flags
        flags.add(self.caught)
        self.errors = {
            id(h): fresh("error") for h in stmt.handlers if h.name is not None or _raises_again(h.body)
        }

    def result(self) -> Block:
        """What stands in place of the statement."""
        start = [at(assign(self.caught, constant(0)), self.stmt)]
        start += [at(assign(error, constant(None)), self.stmt) for error in self.errors.values()]
        steps = self.steps(self.stmt.body, [])
        tail: Block = self.stmt.orelse
        for k, handler in reversed(list(enumerate(self.stmt.handlers, 1))):
            tail = [self._if(k, self._handled(handler), tail)]
        return [*start, *steps, *tail]

    def steps(self, body: Sequence[gast.stmt], leave: Block) -> Block:
        """The statements in steps; `leave` is what follows an exception."""
        out: Block = []
        while body:
            count = self._together(body)
            if not count and isinstance(body[0], gast.Try) and not _is_step(body[0]):
                body = [*_Split(body[0], self.seen, self.fresh, self.flags).result(), *body[1:]]
                continue
            first, body = (list(body[:count]), body[count:]) if count else ([body[0]], body[1:])
            out += [self._guarded(first)] if count else self.step(first[0], leave)
            passed = isinstance(first[0], gast.If) and _breaks([*first[0].body, *first[0].orelse])
            if count == 0 and (_is_safe(first[0]) or passed):
                continue
            after = self.steps(body, leave)
            if leave:
                return [*out, self._if_not(after or [at(gast.Pass(), first[0])], clone(leave))]
            return [*out, self._if_not(after, [])] if after else out
        return out

    def _together(self, body: Sequence[gast.stmt]) -> int:
        """How many statements are one step; 0 where the first is taken apart, or needs no guard."""
        count = 0
        made: set[str] = set()
        for stmt in body:
            if isinstance(stmt, (gast.FunctionDef, gast.Break)) or (not count and _is_safe(stmt)):
                break
            if _breaks([stmt]) or not _is_whole(body[: count + 1], self.seen):
                break
            count += 1
            if _writes_memory(stmt, made):
                break
            made |= {key for part in nodes(stmt) for key in bound_by(part)}
        return count

    def step(self, stmt: gast.stmt, leave: Block) -> Block:
        """One statement that is taken apart."""
        if _is_safe(stmt):
            return [stmt]
        if isinstance(stmt, (gast.For, gast.While)):
            stmt.later |= {self.caught, *self.errors.values()}
        if isinstance(stmt, gast.If):
            test, before_ = self._value(stmt.test, stmt)
            inner = leave if _breaks(stmt.body + stmt.orelse) else []
            stmt.test = test
            stmt.body, stmt.orelse = self.steps(stmt.body, inner), self.steps(stmt.orelse, inner)
            return [*before_, self._if_not([stmt], clone(inner))] if before_ else [stmt]
        if isinstance(stmt, gast.For):
            return self._loop(stmt)
        if isinstance(stmt, gast.While):
            flag = self.fresh("going")
            test = at(assign(flag, stmt.test), stmt)
            stop = at(
                gast.If(gast.UnaryOp(gast.Not(), name(flag)), [at(gast.Break(), stmt)], list(stmt.body)), stmt
            )
            stmt.test = constant(True)
            stmt.body = self.steps([test, stop], [at(gast.Break(), stmt)])
            return [at(stmt, stmt)]
        if isinstance(stmt, gast.With):
            (item,) = stmt.items
            before_ = []
            if isinstance(item.context_expr, gast.Call) and not _is_plain(item.context_expr):
                given = [keyword.value for keyword in item.context_expr.keywords]
                whole = self._value if any(map(_takes_step, given)) else self._call
                item.context_expr, before_ = whole(item.context_expr, stmt)
            stmt.body = self.steps(stmt.body, [])
            stmt.split = ()
            return [*before_, self._if_not([stmt], [])] if before_ else [stmt]
        return [self._guarded([stmt])]

    def _loop(self, stmt: gast.For) -> Block:
        """A ``for`` loop: to take an item is a step of its own, unless it runs over a range."""
        start: Block = [at(gast.Break(), stmt)]
        if isinstance(stmt.iter, gast.Call) and getattr(stmt.iter.func, "id", None) == "range":
            stmt.iter, before_ = self._call(stmt.iter, stmt)
            stmt.body = self.steps(stmt.body, start)
            return [*before_, self._if_not([stmt], [])] if before_ else [stmt]
        whole = clone(stmt)
        stmt.iter, before_ = self._value(stmt.iter, stmt)
        item = self.fresh("item")
        take = at(gast.Assign([stmt.target], name(item), None), stmt)
        take.may_raise = True
        stmt.target = at(target(item), stmt)
        stmt.body = self.steps([take, *stmt.body], start)
        # what a generator does to make an item is a part of the loop too: it is taken apart when it is known
        stmt.split = (self._guarded([whole]), frozenset(self.seen))
        return [*before_, self._if_not([stmt], [])] if before_ else [stmt]

    def _call(self, node: gast.Call, place: gast.stmt) -> tuple[gast.expr, Block]:
        """A call whose arguments are evaluated in steps of their own."""
        out: Block = []
        for k, arg in enumerate(node.args):
            node.args[k], steps = self._value(arg, place)
            out += steps
        return node, out

    def _value(self, node: gast.expr, place: gast.stmt) -> tuple[gast.expr, Block]:
        """An expression, evaluated in a step of its own unless it cannot raise."""
        if isinstance(node, (gast.Name, gast.Constant)) or self._asks_flag(node):
            return node, []
        held = self.fresh("t")
        step = self._guarded([at(assign(held, node), place)])
        step.made = held
        return at(name(held), place), [step]

    def _asks_flag(self, node: gast.expr) -> bool:
        """Whether a test is one that was made here."""
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.Not):
            return isinstance(node.operand, gast.Name)
        return isinstance(node, gast.Compare) and getattr(node.left, "id", None) in self.flags

    def _guarded(self, body: Block) -> gast.stmt:
        handlers = []
        for k, handler in enumerate(self.stmt.handlers, 1):
            note: Block = [assign(self.caught, constant(k))]
            held = None
            if id(handler) in self.errors:
                held = handler.name or gast.Name("error", gast.Store(), None, None)
                note.insert(0, assign(self.errors[id(handler)], name(held.id)))
            handlers.append(gast.ExceptHandler(type=clone(handler.type), name=clone(held), body=note))
        made = at(gast.Try(body=body, handlers=handlers, orelse=[], finalbody=[]), body[0])
        made.seen = frozenset(self.seen)
        made.flag = self.caught
        return made

    def _handled(self, handler: gast.ExceptHandler) -> Block:
        """A handler's body, where it runs after the ``try``."""
        error = self.errors.get(id(handler))
        if error is None:
            return handler.body
        for part in own_nodes(handler.body):
            if isinstance(part, gast.Raise) and part.exc is None:
                part.exc = at(name(error), part)
        bound = [] if handler.name is None else [at(assign(handler.name.id, name(error)), self.stmt)]
        return [*bound, *handler.body]

    def _if(self, number: int, body: Block, orelse: Block) -> gast.stmt:
        test = gast.Compare(name(self.caught), [gast.Eq()], [constant(number)])
        return at(gast.If(test=test, body=body, orelse=orelse), self.stmt)

    def _if_not(self, body: Block, orelse: Block) -> gast.stmt:
        return self._if(0, body, orelse)


def _is_plain(node: gast.Call) -> bool:
    """Whether a call has only arguments that need no step: what it makes is known where it stands."""
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return not any(map(_takes_step, given))


def _takes_step(arg: gast.expr) -> bool:
    return not isinstance(arg, (gast.Name, gast.Constant))


def _writes_memory(stmt: gast.stmt, made: set[str]) -> bool:
    """Whether a statement may write into memory that is not `made` in the same step."""
    for part in nodes(stmt):
        owner: gast.AST | None = None
        if isinstance(part, gast.AugAssign):
            owner = part.target
        elif isinstance(part, (gast.Subscript, gast.Attribute)) and isinstance(part.ctx, gast.Store):
            owner = part.value
        elif isinstance(part, gast.Expr) and isinstance(part.value, gast.Call):
            owner = part.value.func
        while isinstance(owner, (gast.Subscript, gast.Attribute)):
            owner = owner.value
        if owner is not None and getattr(owner, "id", None) not in made:
            return True
    return False


def _is_step(stmt: gast.Try) -> bool:
    """Whether a ``try`` has one step, and handlers that only note that they ran."""
    return len(stmt.body) == 1 and not stmt.orelse and all(all(map(_is_safe, h.body)) for h in stmt.handlers)


def _raises_again(body: Sequence[gast.stmt]) -> bool:
    return any(isinstance(part, gast.Raise) and part.exc is None for part in own_nodes(list(body)))


def _breaks(body: Sequence[gast.stmt]) -> bool:
    for stmt in body:
        if isinstance(stmt, gast.Break):
            return True
        if isinstance(stmt, gast.If) and _breaks([*stmt.body, *stmt.orelse]):
            return True
    return False


def _example(text: str) -> str:
    from s2sad.tree.identifiers import Identifiers

    node = gast.parse(text).body[0]
    return ast.unparse(gast.gast_to_ast(atomic(node, Identifiers(node))))
