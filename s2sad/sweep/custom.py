"""Both sweeps of a call whose derivative the user's own functions give."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.abstract.callees import Callee, Emitted
from s2sad.abstract.custom import CustomCall
from s2sad.abstract.effects import may_write
from s2sad.abstract.written import with_parts
from s2sad.runtime.custom import checked_cotangents, checked_pair, checked_tangent, kept
from s2sad.signature import Array, Mapping, Opaque, Scalar, Sequence, Static, Type, without_value
from s2sad.tree.build import assign, call, clone, constant, name, names_in, subscript


# ---- reverse ------------------------------------------------------------------------------------
def pull_custom(sweep: Any, key: str, made: CustomCall, bar: gast.expr, statement: gast.Assign) -> None:
    """Hand a result's cotangent to the arguments, by the rule's `bwd`, or by its `jvp` transposed."""
    whole = sweep.atom(sweep.full(bar, name(key)), sweep.bar_hint(key))
    if made.rule.bwd is None:
        _pull_transposed(sweep, made.transposed(), whole, statement)
        return
    saved, args = _split(sweep, made, statement)
    static, rest = _sorted_out(made, args)
    func = sweep.object_node(made.rule.bwd, f"{made.name}_bwd")
    if may_write(made.rule.bwd) and not isinstance(sweep.types[key], Scalar):
        whole = sweep.bind(_copied(sweep, whole), f"{made.name}_given", sweep.types[key])
    given = call(func, *(sweep.replayed(arg, statement) for arg in static), name(saved), whole)
    likes = gast.Tuple(elts=[clone(arg) for arg in rest], ctx=gast.Load())
    checked = call(sweep.object_node(checked_cotangents), given, likes, constant(made.name))
    kinds = tuple(without_value(sweep.typer(arg)) for arg in rest)
    bars = sweep.bind(checked, f"{made.name}_bar", Sequence(tuple, kinds))
    for k, arg in enumerate(rest):
        spread(sweep, arg, subscript(clone(bars), constant(k)))


def _apart(sweep: Any, made: CustomCall, args: list[gast.expr]) -> list[gast.expr]:
    """Arguments for a function that may write into those that are not static."""
    return [arg if k in made.rule.static else _copied(sweep, clone(arg)) for k, arg in enumerate(args)]


def _copied(sweep: Any, node: gast.expr) -> gast.expr:
    """A value for a function that may write into it: with copies of its arrays."""
    known = sweep.typer(node)
    if isinstance(known, Array) and known.rank:
        return call(gast.Attribute(node, "copy", gast.Load()))
    return node if isinstance(known, (Scalar, Static)) else call(sweep.object_node(kept), node)


def _sorted_out(made: CustomCall, args: list[gast.expr]) -> tuple[list[gast.expr], list[gast.expr]]:
    """The static arguments, and the others."""
    chosen = made.rule.static
    return (
        [args[k] for k in chosen if k < len(args)], [arg for k, arg in enumerate(args) if k not in chosen]
    )  # fmt: skip


def _split(sweep: Any, made: CustomCall, statement: gast.Assign) -> tuple[str, list[gast.expr]]:
    """Let the forward sweep call `fwd`; give the name of the residuals, and the arguments."""
    memo = ("call", id(statement))
    if memo not in sweep.edits.kept:
        assert isinstance(statement.value, gast.Call)
        args = statement.value.args
        pair, saved = sweep.fresh(f"{made.name}_pair"), sweep.fresh(f"{made.name}_saved")
        sweep.types[pair] = sweep.types[saved] = Opaque()
        func = sweep.object_node(made.rule.fwd, f"{made.name}_fwd")
        residuals: gast.expr = subscript(name(pair), constant(1))
        if any(sweep.memory.written_after(sites, statement) for sites in _memory(sweep, statement)):
            residuals = call(sweep.object_node(kept), residuals)  # they may be what is written
        before = sweep.edits.before.setdefault(id(statement), [])
        handed = _apart(sweep, made, args) if may_write(made.rule.fwd) else args
        checked = call(sweep.object_node(checked_pair), gast.Call(func, handed, []), constant(made.name))
        before += [
            gast.copy_location(assign(pair, checked), statement),
            gast.copy_location(assign(saved, residuals), statement),
        ]
        statement.value = subscript(name(pair), constant(0))
        sweep.edits.kept[memo] = saved
        sweep.edits.note("residuals", statement.targets[0].id, saved, statement)  # type: ignore[attr-defined]
        sweep.call_args[saved] = args
    saved = sweep.edits.kept[memo]
    return saved, [clone(arg) for arg in sweep.call_args[saved]]


def _memory(sweep: Any, statement: gast.Assign) -> list[frozenset[Any]]:
    """The allocations of the result and of the arguments."""
    names = names_in(statement) & set(sweep.core.types)
    return [sweep.core.sites.get(key, frozenset()) for key in sorted(names)]


def _pull_transposed(sweep: Any, callee: Callee, whole: gast.expr, statement: gast.Assign) -> None:
    """The cotangents of the tangents' places are those of the arguments."""
    nodes = _register(sweep, callee)
    args = [sweep.replayed(sweep.primal(clone(node), statement), statement) for node in nodes]
    given = dict(zip(callee.leaves, nodes))
    bars = call(name(f"{callee.name}_grad"), *args, whole)
    for leaf, part in _parts(sweep, callee, bars, given).items():
        sweep.add(clone(given[leaf]), part)


def _register(sweep: Any, callee: Callee) -> list[gast.expr]:
    sweep.callees[callee.name] = callee
    sweep.forms[callee.name] = "grad"
    sweep.objects[f"{callee.name}_grad"] = Emitted(f"{callee.name}_grad")
    return callee.given


def _parts(sweep: Any, callee: Callee, bars: gast.expr, given: dict[str, gast.expr]) -> dict[str, gast.expr]:
    """What a callee's gradient gives for each of its differentiated leaves."""
    kinds = tuple(without_value(sweep.typer(given[leaf])) for leaf in callee.wrt)
    if len(kinds) == 1:
        return {callee.wrt[0]: sweep.bind(bars, f"{callee.name}_bar", kinds[0])}
    held = sweep.bind(bars, f"{callee.name}_bar", Sequence(tuple, kinds))
    return {leaf: subscript(clone(held), constant(k)) for k, leaf in enumerate(callee.wrt)}


def spread(sweep: Any, arg: gast.expr, part: gast.expr) -> None:
    """Add the cotangent of an argument to those of the names that it is made of."""
    if isinstance(arg, gast.Dict):
        for key, item in zip(arg.keys, arg.values):
            spread(sweep, item, subscript(clone(part), clone(key)))
    elif (shown := sweep.shown_parts(arg)) is not None:
        for k, item in enumerate(shown):
            spread(sweep, item, subscript(clone(part), constant(k)))
    elif isinstance(arg, gast.Name) and arg.id in sweep.active:
        sweep.add(arg, part)


# ---- forward ------------------------------------------------------------------------------------
def push_custom(sweep: Any, key: str, made: CustomCall, statement: gast.Assign) -> None:
    """Value and tangent, by the rule's `jvp`, or by its `bwd` transposed."""
    assert isinstance(statement.value, gast.Call)
    static, rest = _sorted_out(made, list(statement.value.args))
    dots = [_dot_of(sweep, arg) for arg in rest]
    if made.rule.jvp is None:
        callee = made.transposed()
        nodes = _register(sweep, callee)
        sweep.emit(statement)
        bars = call(name(f"{callee.name}_grad"), *map(clone, nodes), gast.Tuple(elts=dots, ctx=gast.Load()))
        parts = _parts(sweep, callee, bars, dict(zip(callee.leaves, nodes)))
        sweep.emit(assign(sweep.dot(key), _assembled(sweep, sweep.types[key], name(key), "y_bar", parts)))
        return
    if may_write(made.rule.jvp):
        dots = [_copied(sweep, dot) for dot in dots]
        rest = [_copied(sweep, arg) for arg in rest]
    primals, tangents = (gast.Tuple(elts=items, ctx=gast.Load()) for items in (rest, dots))
    func = sweep.object_node(made.rule.jvp, f"{made.name}_jvp")
    given = call(func, *static, primals, tangents)
    pair = sweep.fresh(f"{made.name}_pair")
    known = sweep.types[key]
    sweep.types[pair] = Sequence(tuple, (known, known)) if known.is_real else Opaque()
    sweep.emit(assign(pair, call(sweep.object_node(checked_tangent), given, constant(made.name))))
    sweep.emit(gast.copy_location(assign(key, subscript(name(pair), constant(0))), statement))
    sweep.emit(assign(sweep.dot(key), subscript(name(pair), constant(1))))


def _dot_of(sweep: Any, arg: gast.expr) -> gast.expr:
    """The tangent of an argument, in its structure."""
    if isinstance(arg, gast.Dict):
        return gast.Dict([clone(key) for key in arg.keys], [_dot_of(sweep, item) for item in arg.values])
    if (shown := sweep.shown_parts(arg)) is not None:
        return with_parts(arg, [_dot_of(sweep, item) for item in shown])
    dot: gast.expr | None = sweep.tangent_of(arg)
    return sweep.zero(sweep.typer(arg), arg) if dot is None else dot  # type: ignore[no-any-return]


def _assembled(sweep: Any, known: Type, like: gast.expr, leaf: str, parts: dict[str, gast.expr]) -> gast.expr:
    """The tangent of a result from those of its leaves."""
    if isinstance(known, (Sequence, Mapping)):
        triples = enumerate(zip(known.items, sweep.parts_of(known, like)))
        made = [_assembled(sweep, item, place, f"{leaf}_{k}", parts) for k, (item, place) in triples]
        return sweep.display(known, made)  # type: ignore[no-any-return]
    return parts[leaf] if leaf in parts else sweep.zero(known, like)  # type: ignore[no-any-return]
