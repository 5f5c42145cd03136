"""Loops: `for` and `while`, unrolled where their items must be known when compiling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gast

from s2sad.abstract import late
from s2sad.abstract.carried import assigned_in, plain_targets, targets_in
from s2sad.abstract.conditions import changed
from s2sad.abstract.generators import expanded, use
from s2sad.abstract.iterables import gives_items
from s2sad.abstract.loop_heads import LoopHeads
from s2sad.abstract.merging import breaks, negated
from s2sad.abstract.repeatable import may_differ
from s2sad.abstract.stepping import stepped, steps_itself
from s2sad.abstract.stretches import plan_of, run_for, run_while
from s2sad.abstract.structural import integer
from s2sad.abstract.values import (
    Iteration,
    Value,
    is_atom,
)  # fmt: skip
from s2sad.errors import UnsupportedSyntax
from s2sad.signature import (
    Record,
    Scalar,
    item_type,
    part_of,
    without_value,
)
from s2sad.tree.build import binary, call, clone, constant, name, target
from s2sad.tree.dataflow import with_fields


class Next(gast.stmt):
    """Stands for the iterations of an unrolled loop from the k-th on."""

    _fields = ()

    def __init__(self, k: int, run: Any) -> None:
        super().__init__()
        self.k, self.run = k, run


class Step(gast.stmt):
    """Stands for taking the next item of an endless iterator."""

    _fields = ("target",)

    def __init__(self, counter: str, bind: Any, target: gast.expr) -> None:
        super().__init__()
        self.counter, self.bind, self.target = counter, bind, target
        self.assigns = [counter, *sorted(plain_targets(target))]


COUNTER = "k~count"


class Loops(LoopHeads):
    """The statements of loops."""

    def run_For(self, statement: gast.For) -> bool:
        left = self._for(statement)
        for variable in getattr(
            statement, "own_names", ()
        ):  # of a comprehension: nothing reads them after it
            self.frame.env.pop(self.frame.key(variable), None)
        return left

    def _for(self, statement: gast.For) -> bool:
        planned = plan_of(self, statement.iter, counted=True)
        if planned is not None:
            run_for(self, statement, *planned)
            return False
        value = self.visit(statement.iter)
        if isinstance(value.type, Record) and self.method_of(value, "__iter__") is not None:
            value = self.call_method(value, "__iter__", [], {}, statement)
            if steps_itself(self, value):
                return self.run(stepped(self, value, statement))
        if value.iteration is not None and value.iteration.generator is not None:
            use(self, value.iteration.generator, statement)
            return self.run(expanded(self, value.iteration.generator, statement))
        iteration = self.iteration(value, statement)
        leaves = self._for_items(statement, value, iteration)
        if iteration is not None and not leaves:
            late.check(self, iteration, statement)
        return leaves

    def _for_items(self, statement: gast.For, value: Value, iteration: Iteration | None) -> bool:
        most = None if iteration is None else iteration.most if iteration.count is None else iteration.count
        if iteration is None or most is None:
            return self._run_for(statement, value, iteration)
        if self.site(statement) in self.lessons.unrolled:
            self._check_lengths(iteration, most)
            return self._unrolled(statement, replace(iteration, count=most), 0)
        self.counted.append((self.site(statement), most))
        try:
            return self._run_for(statement, value, iteration)
        finally:
            self.counted.pop()

    def _check_lengths(self, iteration: Iteration, most: int) -> None:
        """A loop that is written out for as many items as there are objects: the arrays beside them must be as long."""
        for length in iteration.lengths:
            text = f"a loop over {most} objects is written out, and an array beside them is shorter: pass as many items"
            error = call(self.object_node(UnsupportedSyntax), constant(text))
            test = gast.Compare(left=clone(length), ops=[gast.Lt()], comparators=[constant(most)])
            self.emit(gast.If(test=test, body=[gast.Raise(exc=error, cause=None)], orelse=[]))

    def _run_for(self, statement: gast.For, value: Value, iteration: Iteration | None) -> bool:
        if value.origin == "range" and isinstance(statement.target, gast.Name):
            self._range_loop(statement, value)
            return False
        if iteration is None:
            self._plain_loop(statement, value)
        elif iteration.endless:
            return self._endless_loop(statement, iteration)
        elif iteration.unroll and iteration.count is not None:
            return self._unrolled(statement, iteration, 0)
        elif self._runs_as_it_is(statement, value):
            self._native_loop(statement, value)
        else:
            self._indexed_loop(statement, iteration)
        return False

    def _runs_as_it_is(self, statement: gast.For, value: Value) -> bool:
        """Whether a loop over inactive numbers can stay as the user wrote it."""
        plain = value.iteration is None and not value.varied and isinstance(statement.target, gast.Name)
        if not plain or not is_atom(value.node) or not isinstance(item_type(value.type), Scalar):
            return False
        return not (value.sites & (self.lessons.written | self.lessons.varied_sites))

    def _native_loop(self, statement: gast.For, value: Value) -> None:
        assert isinstance(statement.target, gast.Name)
        variable, known = statement.target.id, without_value(item_type(value.type))
        item = self.fresh(variable)
        self.types[item] = known
        whole = self.whole(value)

        def enter() -> None:
            self.frame.bind(variable, Value(known, name(item)))

        self._loop(
            lambda body: gast.For(target(item), clone(whole), body, [], None), statement, enter, [variable]
        )

    def _range_loop(self, statement: gast.For, value: Value) -> None:
        assert isinstance(statement.target, gast.Name)
        index = self.fresh(statement.target.id)
        self.types[index] = Scalar("int")
        variable = statement.target.id
        counted = self._counted_once(value.node)

        def enter() -> None:
            self.frame.bind(variable, integer(name(index)))

        self._loop(
            lambda body: gast.For(target(index), clone(counted), body, [], None),
            statement,
            enter,
            [variable],
        )

    def _counted_once(self, node: Any) -> Any:
        """A range whose bounds may be looked at again: one that is drawn at random, say, gets a name."""
        if not may_differ(node, self.objects, self.types):
            return node
        bounds = [
            self.whole(self.atom(Value(Scalar("int"), arg), "bound"))
            if may_differ(arg, self.objects, self.types)
            else arg
            for arg in node.args
        ]
        return gast.Call(node.func, bounds, [])

    def _indexed_loop(self, statement: gast.For, iteration: Iteration) -> None:
        index = self.fresh("k")
        self.types[index] = Scalar("int")
        assigned = sorted(targets_in(statement.target))

        def enter() -> None:
            self._take(statement, iteration, integer(name(index)))

        length = iteration.length
        self._loop(
            lambda body: gast.For(target(index), call("range", clone(length)), body, [], None),
            statement,
            enter,
            assigned,
        )

    def _endless_loop(self, statement: gast.For, iteration: Iteration) -> bool:
        """``for k in itertools.count():`` counts in a variable of its own, and leaves by a `break`."""
        if iteration.unroll:
            raise self.refuse(
                "S104", "an endless loop over values of different types", "index them", statement
            )
        counter = f"{COUNTER}{len(self.breaks)}"
        self.frame.env[counter] = self.assigned(integer(constant(0)), "k")
        start = Step(counter, lambda k: self._take(statement, iteration, k), statement.target)
        endless = gast.While(constant(True), [gast.copy_location(start, statement), *statement.body], [])
        left = self.run_While(gast.copy_location(endless, statement))
        self.frame.env.pop(counter, None)
        return left

    def run_Step(self, statement: Step) -> None:
        k = self.frame.env[statement.counter]
        statement.bind(k)
        after = integer(binary(self.whole(k), gast.Add, constant(1)))
        self.frame.env[statement.counter] = self.assigned(after, "k")

    def _take(self, statement: gast.For, iteration: Iteration, k: Value) -> None:
        """Assign the k-th item; where a `try` around the loop is done in steps, the body does, in one of them."""
        if not hasattr(statement, "split"):
            self._assign_target(statement, iteration.item(k))
            return
        self.pending[self.frame, statement.target.id] = lambda: iteration.item(k)

    def _assign_target(self, statement: gast.For, item: Value) -> None:
        if isinstance(statement.target, gast.Name):
            self.frame.bind(statement.target.id, self.assigned(item, statement.target.id))
        else:
            self._unpack(statement.target, item, statement)

    def _plain_loop(self, statement: gast.For, value: Value) -> None:
        """A loop over something that carries no derivative and has no index: it runs as it is."""
        if value.varied:
            raise self.refuse(
                "S104", "a loop over this differentiated value", "loop over an array or a list", statement
            )
        if hasattr(statement, "split") and not gives_items(value):
            raise self.refuse(
                "S109", "an exception that this iterator raises would not be seen by the `try` around it",
                "loop over a list of its items", statement,
            )  # fmt: skip
        variable = self.fresh("item")
        known = self.types[variable] = part_of(value.type)
        whole = self.whole(value)

        def enter() -> None:
            self._assign_target(statement, Value(known, name(variable)))

        self._loop(
            lambda body: gast.For(target(variable), clone(whole), body, [], None), statement, enter,
            sorted(targets_in(statement.target)),
        )  # fmt: skip

    def _unrolled(self, statement: gast.For, iteration: Iteration, k: int) -> bool:
        if k == iteration.count:
            return False
        if k and hasattr(
            statement, "later"
        ):  # what nothing reads any more is not merged with what a `try` makes
            for variable in assigned_in(statement.body):
                if variable not in statement.later:
                    self.frame.env.pop(self.frame.key(variable), None)
        self._take(statement, iteration, integer(constant(k), k))
        body = _grafted(list(statement.body), Next(k + 1, lambda j: self._unrolled(statement, iteration, j)))
        return self.run(body)

    def run_Next(self, statement: Next) -> bool:
        return statement.run(statement.k)

    def run_While(self, statement: gast.While) -> bool:
        planned = plan_of(self, statement.test, counted=False)
        if planned is not None:
            run_while(self, statement, *planned)
            return False
        with self.passively():
            before = len(self.out)
            entry_env = self.snapshot()
            truth = (
                self.truth(self.visit(statement.test)) if isinstance(statement.test, gast.Constant) else None
            )
            emitted = self._test_emits(statement) or changed(entry_env, self.snapshot())
            self.restore(entry_env)
            self.take_back(before)
        if truth is False:
            return False
        if truth is True or emitted:
            body = list(statement.body)
            if emitted:
                guarded = gast.If(test=negated(statement.test), body=[gast.Break()], orelse=body)
                gast.copy_location(guarded, statement.test)
                gast.copy_location(guarded.body[0], statement.test)
                body = [guarded]
            endless = gast.copy_location(gast.While(constant(True), body, []), statement)
            self._loop(lambda out: gast.While(constant(True), out, []), endless, lambda: None, [])
            return False
        tests: list[gast.expr] = []

        def enter() -> None:
            with self.passively():
                tests[:] = [self.whole(self.as_test(self.visit(statement.test)))]

        self._loop(lambda out: gast.While(tests[0], out, []), statement, enter, [])
        return False

    def _test_emits(self, statement: gast.While) -> bool:
        """Whether evaluating the test takes statements of its own (it enters a function)."""
        with self.emitting_into([]) as out:
            self.as_test(self.visit(statement.test))
        return bool(out)

    def run_Break(self, statement: gast.Break) -> bool:
        self.emit(gast.Break())
        self.breaks[-1].append((self.out, len(self.out), self.snapshot()))
        return True


def _grafted(body: list[gast.stmt], following: gast.stmt) -> list[gast.stmt]:
    """The body followed by the next iteration wherever it does not break."""
    if not body:
        return [following]
    last = body[-1]
    if isinstance(last, gast.Break):
        return body[:-1]
    if isinstance(last, gast.If) and breaks([last]):
        new = gast.If(
            test=last.test, body=_grafted(last.body, following), orelse=_grafted(last.orelse, following)
        )
        return [*body[:-1], gast.copy_location(new, last)]
    if isinstance(last, gast.Try) and any(map(breaks, [last.orelse, *(part.body for part in last.handlers)])):
        handlers = [with_fields(part, body=_grafted(part.body, following)) for part in last.handlers]
        return [*body[:-1], with_fields(last, handlers=handlers, orelse=_grafted(last.orelse, following))]
    return [*body, gast.copy_location(following, last)]
