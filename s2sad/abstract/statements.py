"""What each kind of statement means to the interpreter; assignments and loops have files of their own."""

from __future__ import annotations

import contextlib
import importlib
import sys
import types
from collections.abc import Callable
from typing import Any

import gast

from s2sad.abstract.assignments import Assignments
from s2sad.abstract.contexts import NONE
from s2sad.abstract.libraries import REPORTING, is_named, root_of
from s2sad.abstract.merging import Branch, breaks, negated
from s2sad.abstract.state import RAISED, Raised
from s2sad.abstract.values import (
    Function,
    Value,
    holds_references,
    is_atom,
)  # fmt: skip
from s2sad.objects import is_record
from s2sad.rules.record import rule_of
from s2sad.signature import (
    Static,
)
from s2sad.tree.build import call, constant, dotted
from s2sad.tree.parts import nodes


class Statements(Assignments):
    """Statements."""

    def run_body(self, body: list[gast.stmt]) -> Value:
        """Run a function's body; its last statement is the return."""
        result = NONE
        for statement in body:
            if isinstance(statement, gast.Return):
                self.at = statement
                return self.visit(statement.value, "result") if statement.value is not None else NONE
            if self.run([statement]):
                return result.but(origin=RAISED)
        return result

    def run(self, statements: list[gast.stmt]) -> bool:
        """Run statements; True where control leaves by `break` or `raise`."""
        for statement in statements:
            self.at = statement
            if self.caught_in(getattr(self, "run_" + type(statement).__name__), statement):
                return True
        return False

    def caught_in(self, step: Callable[..., bool | None], *args: Any) -> bool:
        """Do a step; True where control leaves in it, also by an exception that is raised for certain."""
        try:
            return bool(step(*args))
        except Raised as raised:
            self.emit(gast.Raise(exc=raised.exception, cause=None))
            return True

    def run_Expr(self, statement: gast.Expr) -> None:
        if isinstance(statement.value, gast.Constant):
            return
        if isinstance(statement.value, gast.Call) and self._is_effect(statement.value):
            with self.passively():
                value = self.visit(statement.value)
        else:
            value = self.visit(statement.value)
        if value.node is not None and not is_atom(value.node) and not value.varied:
            self.emit(gast.Expr(value=self.whole(value)))

    def _is_effect(self, node: gast.Call) -> bool:
        """Whether a call made for its effect can just run: it cannot write to differentiated memory."""
        path = dotted(node.func)
        root = path.split(".")[0] if path else None
        if path is None or self.frame.lookup(root or "") is not None:
            return False
        if isinstance(node.func, gast.Attribute) and not self.visit(node.func.value).is_static:
            return False
        function = self.visit(node.func)
        if not function.is_static:
            return True
        known = function.known
        if isinstance(known, types.FunctionType) and not is_named(known):
            return False
        if isinstance(known, types.MethodType) and is_record(known.__self__):
            return False
        if rule_of(known) is not None:
            return False
        if known is print or root_of(known) in REPORTING:
            return True
        with self.passively(), self.trying(), self.emitting_into([]):
            args, keywords = self.arguments(node)
        return not any(holds_references(value.type) for value in [*args, *keywords.values()])

    def run_Assert(self, statement: gast.Assert) -> None:
        start, state = len(self.out), self.snapshot()
        with self.passively():
            test = self.as_test(self.visit(statement.test))
        if self.truth(test) is True:
            return
        message = None
        if statement.msg is not None:
            before, moment = len(self.out), self.writes.now
            with self.passively():
                message = self.visit(statement.msg)
            if (
                len(self.out) > before or self.writes.now > moment
            ):  # it is evaluated only where the test fails
                self.take_back(start)
                self.restore(state)
                raised = gast.Raise(exc=call("AssertionError", statement.msg), cause=None)
                branch = gast.If(negated(statement.test), [gast.copy_location(raised, statement)], [])
                self.run_If(gast.copy_location(branch, statement))
                return
        self.emit(gast.Assert(test=self.whole(test), msg=None if message is None else self.whole(message)))

    def run_Raise(self, statement: gast.Raise) -> bool:
        with self.passively():
            raised = self.visit(statement.exc) if statement.exc is not None else None
            cause = self.visit(statement.cause) if statement.cause is not None else None
        self.emit(
            gast.Raise(
                exc=None if raised is None else self.whole(raised),
                cause=None if cause is None else self.whole(cause),
            )
        )
        return True

    def run_Pass(self, statement: gast.Pass) -> None:
        return None

    def run_Nonlocal(self, statement: gast.Nonlocal) -> None:
        return None

    def run_Import(self, statement: gast.Import) -> bool:
        (part,) = statement.names
        module = self._imported(part.name, statement)
        if module is None:
            return True
        variable = part.asname or part.name.split(".")[0]
        if part.asname is None:
            module = sys.modules[variable]
        self.frame.bind(variable, Value(Static(module), self.object_node(module)))
        return False

    def run_ImportFrom(self, statement: gast.ImportFrom) -> bool:
        (part,) = statement.names
        module = self._imported("." * (statement.level or 0) + (statement.module or ""), statement)
        if module is None:
            return True
        if not hasattr(module, part.name):
            with contextlib.suppress(ImportError):
                importlib.import_module(f"{module.__name__}.{part.name}")
        if not hasattr(module, part.name):
            return self._cannot_import(f"cannot import name {part.name!r} from {module.__name__!r}")
        owner = Value(Static(module), self.object_node(module))
        held = self.attribute(owner, part.name, None, statement)
        self.frame.bind(part.asname or part.name, held)
        return False

    def _imported(self, path: str, statement: gast.stmt) -> types.ModuleType | None:
        """The module, imported now: that it was is what an `import` is for."""
        try:
            return importlib.import_module(path, self.frame.globals.get("__package__"))
        except ImportError as error:
            self._cannot_import(str(error))
            return None

    def _cannot_import(self, message: str) -> bool:
        """The import fails where it stands, when the code runs: there it may be caught."""
        error = gast.Call(gast.Name("ImportError", gast.Load(), None, None), [constant(message)], [])
        self.emit(gast.Raise(exc=error, cause=None))
        return True

    def run_FunctionDef(self, statement: gast.FunctionDef) -> None:
        function = Function(
            statement.name, statement.args, statement.body, self.frame, self.defaults_of(statement.args)
        )
        self.frame.bind(statement.name, Value(Static(function), None, function=function))

    def run_If(self, statement: gast.If) -> bool:
        with self.passively():
            test = self.as_test(self.visit(statement.test))
        truth = self.truth(test)
        if truth is not None:
            return self.run(statement.body if truth else statement.orelse)
        at = self.at
        branches = [self._branch(statement.body), self._branch(statement.orelse)]
        self.at = at
        return self._join_branches(test, branches)

    def _branch(self, statements: list[gast.stmt]) -> Branch:
        before = self.snapshot()
        with self.emitting_into([]) as out:
            left = self.run(statements)
        after = self.snapshot()
        self.restore(before)
        return out, after, left

    def _join_branches(self, test: Value, branches: list[Branch]) -> bool:
        going = [branch for branch in branches if not branch[2]]
        if len(going) == 1:
            self.restore(going[0][1])
        elif going:
            self._merge_envs(going)
        (body, _, _), (orelse, _, _) = branches
        whole = self.whole(test)
        after: list[gast.stmt] = []
        ended = [out for out, _, left in branches if left]
        if len(going) == 1 and not breaks(
            ended[0]
        ):  # it raises: what the other statements make is there after them
            if ended[0] is orelse:
                whole = negated(whole)
            body, orelse, after = ended[0], [], going[0][0]
        if not body:
            body, orelse, whole = orelse, [], negated(whole)
        if body:
            self.emit(gast.If(test=whole, body=body, orelse=orelse))
        elif any(isinstance(part, gast.Call) for part in nodes(whole)):
            self.emit(gast.Expr(value=whole))
        self.out.extend(after)
        return not going
