"""The reverse sweep of a loop that a schedule cuts into stretches when it runs."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.abstract.callees import Callee, Emitted
from s2sad.errors import problem_at, raise_problems
from s2sad.runtime.schedules import forward_run, reverse_run
from s2sad.signature import Opaque, Sequence, without_value
from s2sad.sweep.replay import generators_of, shows
from s2sad.tree.build import assign, call, clone, constant, name, subscript
from s2sad.tree.parts import nodes


def pull_scheduled(sweep: Any, key: str, callee: Callee, bar: gast.expr, statement: gast.Assign) -> None:
    """The forward sweep keeps snapshots as the schedule says, the reverse sweep computes from one to the next."""
    plan = sweep.core.plans[key]
    run, args = _forward(sweep, key, callee, plan, statement)
    sweep.callees[callee.name] = callee
    sweep.forms[callee.name] = "grad"
    sweep.objects[f"{callee.name}_grad"] = Emitted(f"{callee.name}_grad")
    whole = sweep.atom(bar, sweep.bar_hint(key))
    wrt = tuple(callee.leaves.index(leaf) - 2 for leaf in callee.wrt)
    node = call(sweep.object_node(reverse_run), name(run), name(f"{callee.name}_grad"), whole, constant(wrt))
    given = dict(zip(callee.leaves, args))
    kinds = tuple(without_value(sweep.typer(given[leaf])) for leaf in callee.wrt)
    if len(kinds) == 1:
        sweep.add(given[callee.wrt[0]], sweep.bind(node, f"{callee.name}_bar", kinds[0]))
        return
    bars = sweep.bind(node, f"{callee.name}_bar", Sequence(tuple, kinds))
    for k, leaf in enumerate(callee.wrt):
        sweep.add(given[leaf], subscript(clone(bars), constant(k)))


def _forward(
    sweep: Any, key: str, callee: Callee, plan: Any, statement: gast.Assign
) -> tuple[str, list[gast.expr]]:
    """Let the forward sweep run the loop by the schedule; give the name of the run, and the arguments."""
    memo = ("call", id(statement))
    if memo not in sweep.edits.kept:
        assert isinstance(statement.value, gast.Call)
        args = statement.value.args
        _refuse_prints(callee)
        given = dict(zip(callee.leaves, args))
        generators = generators_of(sweep, callee, given)
        state = [sweep.primal(clone(arg), statement) for arg in args[2:]]
        pair, run = sweep.fresh(f"{callee.name}_pair"), sweep.fresh(f"{callee.name}_run")
        sweep.types[pair] = sweep.types[run] = Opaque()
        slots = constant(None) if plan.slots is None else clone(plan.slots)
        made = call(
            sweep.object_node(forward_run), name(callee.primal), args[0], args[1],
            gast.Tuple(elts=state, ctx=gast.Load()), constant(plan.moved), slots, constant(plan.schedule),
            constant(plan.storage), *generators,
        )  # fmt: skip
        before = sweep.edits.before.setdefault(id(statement), [])
        before += [
            gast.copy_location(assign(pair, made), statement),
            gast.copy_location(assign(run, subscript(name(pair), constant(1))), statement),
        ]
        statement.value = subscript(name(pair), constant(0))
        sweep.edits.kept[memo] = run
        sweep.edits.note("snapshots", key, run, statement)
        sweep.call_args[run] = args
    run = sweep.edits.kept[memo]
    return run, [clone(arg) for arg in sweep.call_args[run]]


def _refuse_prints(callee: Callee) -> None:
    """A schedule runs the loop itself again and again, so what it shows would be shown again and again."""
    assert callee.core is not None
    for statement in callee.core.body:
        for part in nodes(statement):
            if isinstance(part, gast.stmt) and shows(part, callee.core.objects):
                frame = callee.function.frame
                message = "a loop with a schedule prints, and runs again and again"
                advice = "Leave the schedule out: by plain loops, each trip prints once."
                raise_problems([problem_at(part, "S110", message, advice, frame.filename, frame.lines)])
