"""What a ``try`` means to the interpreter: a block that is done or not, a number of the handler, and branches on it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import gast
import numpy as np

from s2sad.abstract.loops import Loops
from s2sad.abstract.merging import Branch
from s2sad.abstract.opened import Unsure, opened
from s2sad.abstract.values import SHARED, Identity, Value, fields_by_name, rebuilt
from s2sad.errors import S2sadError
from s2sad.signature import Opaque, Scalar, Type, Veiled
from s2sad.tree.algebra import BY_VALUE
from s2sad.tree.build import assign, constant, dotted, name, names_in
from s2sad.tree.build import target as build_target
from s2sad.tree.parts import nodes
from s2sad.tree.scopes import bound_by

MAKERS = (
    np.zeros,
    np.ones,
    np.empty,
    np.full,
    np.zeros_like,
    np.ones_like,
    np.empty_like,
    np.full_like,
    np.eye,
    np.copy,
)


class Tries(Loops):
    """``try`` statements."""

    def run_Try(self, statement: gast.Try) -> bool:
        if self.site(statement) in self.lessons.opened:
            parts = opened(self, statement)
            if parts is not None:
                return self.run(parts)
        self.frame.env.pop(
            self.frame.key(getattr(statement, "made", "")), None
        )  # that of an iteration before
        before, at = self.snapshot(), self.at
        known = self._reachable(getattr(statement, "seen", None))
        staying = [handler for handler in statement.handlers if not always_raises(handler.body)]
        flag = self._flag(len(staying)) if staying else None
        self.tries += 1
        self.unnamed += (catches := int(any(map(_catches_names, statement.handlers))))
        stores, handed = len(self.writes.fields), len(self.handed)
        try:
            done = self._branch_into(statement.body)
        finally:
            self.tries -= 1
            self.unnamed -= catches
        self.at = at
        if not done[2] and all(map(self._cannot_raise, done[0])):
            return self._without_handlers(statement, done, flag)
        if staying:
            self._check_progress(done[0], known, statement)
        uncertain = self._uncertain(statement, before, done[1], self.writes.fields[stores:])
        for key in self.handed[handed:]:  # how far a function came is not known
            if done[1].get(key) is not before.get(key):
                uncertain[key] = Value(Opaque(), None, origin=Unsure(self.site(statement)))
        held: dict[int, Value] = {}
        error: Type = Veiled() if self.raises_numbers(done[0]) else Opaque()
        handlers = [
            self._handler(handler, staying, flag, held, uncertain, error) for handler in statement.handlers
        ]
        if not staying:
            read = (self.sites.get(key, frozenset()) for key in names_in(handlers))
            self._check_progress(done[0], self._holding(frozenset().union(*read)), statement)
        self.at = at
        handlers = [*self.passing_on(done[0]), *handlers]
        self.emit(gast.Try(body=done[0] or [gast.Pass()], handlers=handlers, orelse=[], finalbody=[]))
        self.restore(done[1])
        if flag is None:
            return True if done[2] else self.run(statement.orelse)
        noting = self._noting(staying, before)
        rebound = any(done[1].get(key) is not value for key, value in before.items())
        if noting is not None and not rebound and not done[2] and not statement.orelse:
            self.frame.bind(noting, flag)
            return False
        out, env, left = self._outcomes(statement, staying, flag, held, (uncertain, done), 0)
        self.out.extend(out)
        self.restore(env)
        return left

    def raises_numbers(self, body: list[gast.stmt]) -> bool:
        """Whether an exception that a body raises carries differentiated values: more than a text of them."""
        for part in (part for statement in body for part in nodes(statement)):
            if (
                isinstance(part, gast.Raise)
                and part.exc is not None
                and self.varied & _names_beside_text(part.exc)
            ):
                return True
        called = (self.calls.get(key) for key in names_in(body))
        cores = [callee.core for callee in called if callee is not None and callee.core is not None]
        return any(_raises_with_arguments(core.body) for core in cores)

    def passing_on(self, body: list[gast.stmt]) -> list[gast.ExceptHandler]:
        """A handler for what s2sad itself raises in a body: that is not for the user's handlers."""
        for part in (part for statement in body for part in nodes(statement)):
            made = part.exc if isinstance(part, gast.Raise) else None
            known = self.objects.get(dotted(made.func) or "") if isinstance(made, gast.Call) else None
            if isinstance(known, type) and issubclass(known, S2sadError):
                return [gast.ExceptHandler(self.object_node(S2sadError), None, [gast.Raise(None, None)])]
        return []

    def _without_handlers(self, statement: gast.Try, done: Branch, flag: Value | None) -> bool:
        """A body that raises nothing is no ``try``."""
        if flag is not None:
            self.out.pop()
        self.out.extend(done[0])
        self.restore(done[1])
        return self.run(statement.orelse)

    def _cannot_raise(self, part: gast.stmt) -> bool:
        """Whether a statement only copies or compares numbers."""
        if isinstance(part, gast.Pass):
            return True
        plain = isinstance(part, gast.Assign) and isinstance(part.targets[0], gast.Name)
        return plain and all(map(self._is_harmless, nodes(part.value)))

    def _is_harmless(self, node: gast.AST) -> bool:
        if isinstance(node, gast.Compare):
            return all(isinstance(op, BY_VALUE) for op in node.ops) and all(
                isinstance(part, gast.Constant) or isinstance(self.types.get(getattr(part, "id", "")), Scalar)
                for part in [node.left, *node.comparators]
            )
        return isinstance(node, (gast.Name, gast.Constant, gast.Tuple))

    def _reachable(self, seen: frozenset[str] | None) -> frozenset[Any]:
        """The memory that is after an exception: of the names that are `seen` then, and of the functions around."""
        frames = [*self.frames, self.frame]
        for frame in frames:  # grows while it is gone through
            if frame.parent is not None and not any(frame.parent is other for other in frames):
                frames.append(frame.parent)
        found: set[Any] = set()
        for frame in frames:
            own = seen is not None and frame is self.frame and frame not in self.frames
            for key, value in frame.env.items():
                if not own or SHARED in key or key in seen:  # type: ignore[operator]
                    found |= value.sites
        return self._holding(found)

    def _holding(self, sites: Iterable[Any]) -> frozenset[Any]:
        """Memory, and what the lists in it hold."""
        found = set(sites)
        stack = list(found)
        while stack:
            for site in self.lessons.contents.get(stack.pop(), frozenset()) - found:
                found.add(site)
                stack.append(site)
        return frozenset(found)

    def _branch_into(self, statements: list[gast.stmt]) -> Branch:
        with self.emitting_into([]) as out:
            left = self.run(statements)
        return out, self.snapshot(), left

    def _flag(self, count: int) -> Value:
        """The variable that notes which handler ran."""
        new = self.fresh("caught")
        first: gast.expr = gast.Constant(False, None) if count == 1 else constant(0)
        kind = Scalar("bool") if count == 1 else Scalar("int")
        self.emit(assign(new, first))
        return self.named(new, Value(kind, None))

    def _noting(self, staying: list[gast.ExceptHandler], before: dict[Any, Value]) -> str | None:
        """The variable in which the one handler that stays notes that it ran, if it does nothing else."""
        if len(staying) != 1 or len(staying[0].body) != 1 or staying[0].name is not None:
            return None
        (part,) = staying[0].body
        if not isinstance(part, gast.Assign) or not isinstance(part.targets[0], gast.Name):
            return None
        variable = part.targets[0].id
        value = before.get(self.frame.key(variable))
        starts_false = value is not None and value.known is False
        notes_true = isinstance(part.value, gast.Constant) and part.value.value is True
        return variable if starts_false and notes_true else None

    def _uncertain(
        self, statement: gast.Try, before: dict[Any, Value], after: dict[Any, Value], stores: list[Any]
    ) -> dict[Any, Value]:
        """The variables as a handler finds them: what only the last statement assigns was not assigned."""
        body = list(statement.body)
        while len(body) > 1 and _only_copies(body[-1]):  # these raise nothing
            body.pop()
        *earlier, last = body or [gast.Pass()]
        found = {id(store): self.mangled(attr) for store, attr in _last_stores([last])}
        kept = set(found.values()) if all(id(place) in found for place in stores) else set()
        changed = {self.frame.key(key) for s in earlier for part in nodes(s) for key in bound_by(part)}
        env = {key: value for key, value in before.items() if key not in changed or after.get(key) is value}
        for key, value in before.items():
            if isinstance(key, Identity):
                env[key] = uncertain_fields(value, after.get(key, value), kept, Unsure(self.site(statement)))
        return env

    def _handler(
        self,
        handler: gast.ExceptHandler,
        staying: list[gast.ExceptHandler],
        flag: Value | None,
        held: dict[int, Value],
        env: dict[Any, Value],
        error: Type,
    ) -> gast.ExceptHandler:
        """A handler that notes that it ran, or one that raises."""
        with self.passively():
            kind = None if handler.type is None else self._caught(handler.type)
        caught = None if handler.name is None else self.fresh(handler.name.id)
        if caught is not None:
            self.types[caught] = error
        with self.emitting_into([]) as out:
            if handler not in staying:
                self.restore(env)
                if caught is not None:
                    self.frame.bind(handler.name.id, Value(error, name(caught)))
                self.run(handler.body)
            else:
                assert flag is not None and isinstance(flag.node, gast.Name)
                if caught is not None:
                    held[id(handler)] = self.bind(name(caught), Value(error, None), handler.name.id)
                number = staying.index(handler) + 1
                noted: gast.expr = gast.Constant(True, None) if len(staying) == 1 else constant(number)
                self.emit(assign(flag.node.id, noted))
        made = gast.ExceptHandler(type=kind, name=None if caught is None else build_target(caught), body=out)
        return gast.copy_location(made, handler)

    def _caught(self, kind: gast.expr) -> gast.expr:
        """The classes that a handler catches; of ``with suppress(...)`` those that are suppressed."""
        if isinstance(kind, gast.Call) and (dotted(kind.func) or "").endswith("suppress"):
            if self.visit(kind.func).known is contextlib.suppress:
                return gast.Tuple([self.whole(self.visit(arg)) for arg in kind.args], gast.Load())
            raise self.refuse(
                "S109", "a function called `suppress` that is not `contextlib.suppress` is used in a `with`",
                "give it another name", kind,
            )  # fmt: skip
        return self.whole(self.visit(kind))

    def _outcomes(
        self,
        statement: gast.Try,
        staying: list[gast.ExceptHandler],
        flag: Value,
        held: dict[int, Value],
        states: tuple[dict[Any, Value], Branch],
        k: int,
    ) -> Branch:
        """What follows: the handler that ran, or the rest."""
        env, done = states
        with self.emitting_into([]) as out:
            if k == len(staying):
                self.restore(done[1])
                left = True if done[2] else self.run(statement.orelse)
                return out, self.snapshot(), left
            handler = staying[k]
            self.restore(env)
            if id(handler) in held:
                self.frame.bind(handler.name.id, held[id(handler)])
            if done[2] and k == len(staying) - 1:  # nothing else goes on from here
                return self._branch_into(handler.body)
            here = self._branch_into(handler.body)
            rest = self._outcomes(statement, staying, flag, held, states, k + 1)
            self.at = statement
            test = self.whole(flag)
            if len(staying) > 1:
                test = gast.Compare(test, [gast.Eq()], [constant(k + 1)])
            left = self._join_branches(Value(Scalar("bool"), test), [here, rest])
        return out, self.snapshot(), left

    # ---- progress -------------------------------------------------------------------------------
    def _check_progress(self, body: list[gast.stmt], known: frozenset[Any], statement: gast.Try) -> None:
        """Memory that outlives the body may be written by its last statement only."""
        made = made_in(body, self.objects)
        for part, is_last in _leaves(body, True):
            owner = _written(part)
            if owner is None or is_last or owner in made or not self.sites.get(owner, frozenset()) & known:
                continue
            self.open_calls(self.site(statement))
            raise self.refuse(
                "S108", "this is written before a statement that may raise, and the exception is caught around it",
                "write after the `try` statement, or catch the exception nearer to where it is raised", part,
            )  # fmt: skip


def uncertain_fields(before: Value, after: Value, kept: set[str], unsure: Unsure) -> Value:
    """An object as a handler finds it: which of the stores to fields were done is not known; `kept` were not."""
    if after is before:
        return before
    stored = fields_by_name(after)
    pairs = fields_by_name(before).items()
    conflict = Value(Opaque(), None, origin=unsure)
    same = (item if key in kept or stored.get(key) is item else conflict for key, item in pairs)
    return rebuilt(before, tuple(same))


def _last_stores(body: list[gast.stmt]) -> list[tuple[gast.stmt, str]]:
    """The last statement of a block, after which nothing can raise, if it stores a field; or those of its branches."""
    body = list(body)
    while len(body) > 1 and _only_copies(body[-1]):
        body.pop()
    last = body[-1] if body else None
    if isinstance(last, gast.If):
        return [*_last_stores(last.body), *_last_stores(last.orelse)]
    if not isinstance(last, (gast.Assign, gast.AugAssign)):
        return []
    place = last.targets[0] if isinstance(last, gast.Assign) else last.target
    return [(last, place.attr)] if isinstance(place, gast.Attribute) else []


def always_raises(body: list[gast.stmt]) -> bool:
    """Whether a block ends by an exception in any case."""
    last = body[-1] if body else None
    if isinstance(last, gast.If):
        return always_raises(last.body) and always_raises(last.orelse)
    return isinstance(last, gast.Raise)


def _leaves(body: list[gast.stmt], last: bool) -> Iterator[tuple[gast.stmt, bool]]:
    """The simple statements of a body, each with whether nothing that may raise can follow it."""
    for k, part in enumerate(body):
        here = last and all(map(_is_note, body[k + 1 :]))
        if isinstance(part, (gast.For, gast.While)):
            yield from _leaves(part.body, False)
        elif isinstance(part, (gast.If, gast.With, gast.Try)):
            yield from _leaves(part.body, here)
            yield from _leaves(getattr(part, "orelse", []), here)
        else:
            yield part, here


def made_in(body: list[gast.stmt], objects: Mapping[str, Any]) -> set[str]:
    """The names of the lists, dicts and arrays that a body makes, and of nothing else."""
    found: dict[str, bool] = {}
    for part in (part for statement in body for part in nodes(statement)):
        if isinstance(part, gast.Assign) and isinstance(part.targets[0], gast.Name):
            key, value = part.targets[0].id, part.value
            fresh = _makes(value, objects) or found.get(getattr(value, "id", ""), False)
            found[key] = found.get(key, True) and fresh
    return {key for key, fresh in found.items() if fresh}


def _makes(node: gast.expr, objects: Mapping[str, Any]) -> bool:
    """Whether an expression makes memory that nothing else holds."""
    if isinstance(node, (gast.List, gast.Dict)):
        return True
    if not isinstance(node, gast.Call):
        return False
    if isinstance(node.func, gast.Attribute) and node.func.attr == "copy" and not node.args:
        return True
    function = objects.get(dotted(node.func) or "")
    return not node.keywords and any(function is each for each in MAKERS)


def _only_copies(part: gast.stmt) -> bool:
    """Whether a statement assigns a name or a constant to a name."""
    plain = isinstance(part, gast.Assign) and isinstance(part.targets[0], gast.Name)
    return plain and isinstance(part.value, (gast.Name, gast.Constant)) and not hasattr(part, "may_raise")


def _is_note(part: gast.stmt) -> bool:
    """Whether a statement only copies names, or chooses by a flag what to copy."""
    if isinstance(part, gast.If):
        plain = not any(
            isinstance(inner, (gast.Call, gast.Subscript, gast.BinOp)) for inner in nodes(part.test)
        )
        return plain and all(map(_is_note, [*part.body, *part.orelse]))
    plain = isinstance(part, gast.Assign) and isinstance(part.targets[0], gast.Name)
    return isinstance(part, gast.Pass) or (plain and isinstance(part.value, (gast.Name, gast.Constant)))


def _written(part: gast.stmt) -> str | None:
    """The name of the object that a statement changes."""
    place: Any = None
    if isinstance(part, gast.Assign):
        place = part.targets[0] if isinstance(part.targets[0], gast.Subscript) else None
    elif isinstance(part, gast.AugAssign):
        place = part.target
    elif isinstance(part, gast.Expr) and isinstance(part.value, gast.Call):
        place = part.value.func if isinstance(part.value.func, gast.Attribute) else None
        if part.value.args and isinstance(place, gast.Attribute) and place.attr == "at":
            return getattr(part.value.args[0], "id", None)
    while isinstance(place, (gast.Subscript, gast.Attribute)):
        place = place.value
    return getattr(place, "id", None)


def _names_beside_text(node: Any) -> set[str]:
    """The names in an expression, but for those of which only a text is made."""
    if isinstance(node, gast.JoinedStr) or (isinstance(node, gast.BinOp) and isinstance(node.op, gast.Mod)):
        return set()
    func = getattr(node, "func", None)
    if isinstance(func, gast.Attribute) and func.attr in ("format", "join"):
        return set()
    if isinstance(func, gast.Name) and func.id in ("str", "repr", "format", "len", "type", "int"):
        return set()
    if isinstance(node, gast.Name):
        return {node.id}
    return set().union(*map(_names_beside_text, gast.iter_child_nodes(node)))


def _raises_with_arguments(body: Iterable[gast.stmt]) -> bool:
    """Whether a function of its own, which calls itself, raises an exception that holds more than a text."""
    return any(
        isinstance(part, gast.Raise)
        and part.exc is not None
        and any(map(_names_beside_text, getattr(part.exc, "args", ())))
        for statement in body
        for part in nodes(statement)
    )


def _catches_names(handler: gast.ExceptHandler) -> bool:
    """Whether a handler waits for a variable that is not assigned."""
    kinds = getattr(handler.type, "elts", [handler.type])
    return any(
        (dotted(kind) or "") in ("NameError", "UnboundLocalError") for kind in kinds if kind is not None
    )


__all__ = ["Tries"]
