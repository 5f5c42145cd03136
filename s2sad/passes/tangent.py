"""The tangent transform: typed core to one function that gives the value and its directional derivative."""

from __future__ import annotations

from collections.abc import Mapping

import gast

from s2sad.abstract.callees import Callee
from s2sad.abstract.interpreter import Interpreted
from s2sad.abstract.values import Value
from s2sad.abstract.written import parts_of
from s2sad.errors import problem_at, raise_problems
from s2sad.program import Program
from s2sad.rules.quote import RuleRefuses
from s2sad.runtime.assumed import standing_still
from s2sad.runtime.objects import replaced
from s2sad.signature import Array, ListOf, Record, Scalar, Sequence, Static, Type, is_text
from s2sad.signature import Mapping as MappingType
from s2sad.sweep.forward import Forward
from s2sad.tree.build import clone, name

NAMES = {"jvp": "jvp", "tangent": "tangent", "jvps": "value_and_tangents", "tangents": "tangents"}


def tangent(
    core: Interpreted, wrt: tuple[str, ...], primal: str, doc: str, filename: str, lines: Mapping[int, str],
    mode: str = "jvp",
) -> tuple[Program, dict[str, Callee], dict[str, str], frozenset[str]]:  # fmt: skip
    """``f_jvp(params, x_dot, ...) -> (value, tangent)``, or the tangent alone; the callees; the names of tangents."""
    dots = {key: f"{key}_dot" for key in wrt}
    taken = {key.split("~")[0] for key in core.types}
    for key in wrt:
        while dots[key] in taken:
            dots[key] += "_1"
    inputs: dict[str, gast.expr] = {}
    for key in wrt:
        _leaf_tangents(core, core.inputs[key], name(dots[key]), inputs)
    forward = Forward(core, inputs, set(dots.values()))
    for key in wrt:
        forward.types[dots[key]] = core.types[key]
        forward.dots[key] = dots[key]
    result = core.result
    with forward.emitting_into([]) as out:
        try:
            forward.block(list(core.body))
        except RuleRefuses as error:
            raise_problems([problem_at(forward.at, "S201", str(error), error.advice, filename, lines)])
        forward.at = core.body[-1]
        value, dot = _returned(forward, result)
    both = gast.Tuple(elts=[value, dot], ctx=gast.Load())
    returned = gast.Return(value=both if mode in ("jvp", "jvps") else dot)
    plain = _plain(core.args)
    arguments = gast.arguments(
        args=[gast.Name(key, gast.Param(), None, None) for key in [*plain, *dots.values()]],
        posonlyargs=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[],
    )  # fmt: skip
    program = Program(
        f"{primal}_{NAMES[mode]}", arguments, (*out, returned), forward.types,
        {**core.objects, **forward.objects}, doc, (), filename, lines,
    )  # fmt: skip
    return program, forward.callees, forward.forms, frozenset(forward.dots.values())


def _plain(args: gast.arguments) -> list[str]:
    rest = [args.vararg] if args.vararg is not None else []
    named = [args.kwarg] if args.kwarg is not None else []
    return [arg.id for arg in [*args.posonlyargs, *args.args, *rest, *args.kwonlyargs, *named]]


def _leaf_tangents(core: Interpreted, value: Value, dot: gast.expr, inputs: dict[str, gast.expr]) -> None:
    """The tangents of the parts of a parameter, by the names under which they are read."""
    leaf = core.leaf(value)
    if leaf is not None:
        inputs[leaf] = dot
    if value.items is not None:
        assert isinstance(value.type, (Sequence, MappingType, Record))
        for item, part in zip(value.items, parts_of(value.type, dot, core.object_node)):
            _leaf_tangents(core, item, part, inputs)


def _returned(forward: Forward, result: Value) -> tuple[gast.expr, gast.expr]:
    """The value and the tangent of the result, in its structure."""
    if isinstance(result.type, Record) and result.items is not None:
        return _returned_object(forward, result, result.type)
    if result.items is not None:
        pairs = [_returned(forward, item) for item in result.items]
        assert isinstance(result.type, (Sequence, MappingType))
        return forward.display(result.type, [v for v, _ in pairs]), forward.display(
            result.type, [d for _, d in pairs]
        )
    dot = forward.tangent_of(result.node) if result.node is not None else None
    value = clone(result.node)
    if dot is None:
        dot = forward.zero(result.type, value) if result.type.is_real else _still(forward, result.type, value)
    return value, dot


def _returned_object(forward: Forward, result: Value, known: Record) -> tuple[gast.expr, gast.expr]:
    """An object and its tangent: like the object, its numbers replaced by their tangents."""
    assert result.items is not None and result.node is not None
    dots = {
        key: _returned(forward, item)[1] for key, item in zip(known.keys, result.items)
        if item.items is not None or isinstance(item.type, (Scalar, Array, ListOf))
    }  # fmt: skip
    keywords = [gast.keyword(arg=key, value=dot) for key, dot in dots.items()]
    func = forward.object_node(replaced)
    return clone(result.node), gast.Call(func=func, args=[clone(result.node)], keywords=keywords)


def _still(forward: Forward, known: Type, value: gast.expr) -> gast.expr:
    """The tangent of what has none: float zeros for integers and bools; what is no number stands for itself."""
    if isinstance(known, Array):
        return forward.np("zeros_like", clone(value), dtype=name("float"))
    if isinstance(known, Scalar) or (isinstance(known, ListOf) and isinstance(known.item, Scalar)):
        return forward.zero(known, value)
    if is_text(known) or known == Static(None):
        return clone(value)
    return gast.Call(func=forward.object_node(standing_still), args=[clone(value)], keywords=[])
