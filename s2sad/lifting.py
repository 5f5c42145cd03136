"""Functions made inside the differentiated one, *lifted*: as functions at module level, so that they can be compiled.

What such a function captures, a variable, a function or the derivative of one, follows its own parameters.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad import api
from s2sad.abstract.callees import Capture, captured
from s2sad.abstract.checkpoints import LocalCheckpoint
from s2sad.abstract.functions import set_lift
from s2sad.abstract.values import Frame, Function, Value
from s2sad.jacobians import MAKERS
from s2sad.load import load
from s2sad.names import unused
from s2sad.runtime.checkpoints import checkpoint
from s2sad.tree.build import assign, call, clone, constant, name, names_in
from s2sad.tree.printer import function_source
from s2sad.tree.scopes import rename, stored


@dataclass(frozen=True, eq=False)
class LocalDerivative:
    """The derivative of a function that was made inside the differentiated one.

    ``steps`` are the ways to differentiate, innermost first: a mode, argnums and options each.
    """

    function: Function
    steps: tuple[tuple[str, Any, dict[str, Any]], ...]


@dataclass
class _Scope:
    """Names in a lifted function: each captured variable has one, whatever frame it comes from."""

    taken: set[str]
    chosen: dict[tuple[int, str], str] = field(default_factory=dict)

    def name_of(self, frame: Frame, variable: str) -> str:
        key = (id(frame), variable)
        if key not in self.chosen:
            self.chosen[key] = unused(variable, self.taken)
        return self.chosen[key]


class Lifted:
    """A function made inside another one, as one at module level: what it captures follows its own parameters.

    Attributes
    ----------
    made : function
        The function.
    own : list of str
        Its own parameters.
    captures : dict from str to Value
        The others, and what they stand for.
    """

    def __init__(self, at: Any, function: Function, node: Any) -> None:
        self.at, self.node = at, node
        self.own = ordered(function.args)
        self.captures: dict[str, Value] = {}
        self.scope = _Scope(set(self.own) | stored(list(function.body)) | {function.name})
        self.helpers: list[gast.stmt] = []
        self.cells: dict[str, str] = {}
        found = _captured(at, function)
        for capture in found:
            if not _is_local(capture.value):
                self.captures[self.scope.name_of(capture.frame, capture.variable)] = capture.value
        for capture in found:
            if _is_local(capture.value):
                self._help(capture.value, self.scope.name_of(capture.frame, capture.variable))
        body = self._renamed(function, list(function.body))
        args = gast.arguments(
            args=[_parameter(key) for key in [*self.own, *self.captures]], posonlyargs=[], vararg=None,
            kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[],
        )  # fmt: skip
        label = function.name if function.name.isidentifier() else "inner"
        self.made: Any = _loaded(
            _definition(label, args, [*self.helpers, *body]), label, function.frame.globals
        )

    def _help(self, value: Value, label: str) -> None:
        """Define a captured function, or the derivative of one, inside the lifted one."""
        if value.function is not None:
            self.helpers.append(self._helper(value.function, label))
            return
        made = value.known
        primal = f"{label}_primal"
        self.helpers.append(self._helper(made.function, primal))
        node: gast.expr = name(primal)
        if isinstance(made, LocalCheckpoint):
            self.helpers.append(assign(label, call("s2sad_checkpoint", node)))
            return
        for mode, argnums, options in made.steps:
            known = {"argnums": argnums, **options}
            node = call(_MAKERS[mode], node, **{key: constant(given) for key, given in known.items()})
        self.helpers.append(assign(label, node))

    def _helper(self, function: Any, label: str) -> gast.stmt:
        """A captured function: one inside the lifted one."""
        args = clone(function.args)
        keys = [arg.id for arg in [*args.posonlyargs, *args.args]]
        defaults = {key: self._default(label, key, value) for key, value in function.defaults.items()}
        args.defaults = [defaults[key] for key in keys if key in defaults]
        args.kw_defaults = [defaults.get(arg.id) for arg in args.kwonlyargs]
        return _definition(label, args, self._renamed(function, list(function.body)))

    def _default(self, label: str, key: str, value: Value) -> gast.expr:
        new = f"{label}_{key}"
        while new in self.scope.taken:
            new += "_1"
        self.scope.taken.add(new)
        self.captures[new] = value
        return name(new)

    def _renamed(self, function: Function, body: list[gast.stmt]) -> list[gast.stmt]:
        """A copy of a body in which captured variables have their names in the lifted function."""
        own = set(ordered(function.args)) | stored(body)
        table = {}
        for key in sorted(names_in(body) - own):
            frame = _home(function.frame, key)
            if frame is not None:
                table[key] = self.scope.name_of(frame, key)
            elif key in _cells(function.frame):
                table[key] = self._cell(function, key)
        new: list[gast.stmt] = rename(
            clone(body), {old: given for old, given in table.items() if old != given}
        )
        return new

    def _cell(self, function: Function, key: str) -> str:
        """A variable that the user's function itself captured."""
        if key not in self.cells:
            with self.at.inside(function.frame):
                value = self.at.visit(gast.copy_location(name(key), self.node))
            self.cells[key] = self.scope.name_of(function.frame, key)
            self.captures[self.cells[key]] = value
        return self.cells[key]


_MAKERS = {mode: f"s2sad_{mode}" for mode in ("grad", "value_and_grad", *MAKERS)}


def _is_local(value: Value) -> bool:
    return value.function is not None or isinstance(value.known, (LocalDerivative, LocalCheckpoint))


def _captured(at: Any, function: Function) -> list[Any]:
    """What a function captures, itself or through local functions and derivatives of such."""
    found: dict[tuple[int, str], Any] = {}
    stack, seen = [function], set()
    while stack:
        here = stack.pop(0)
        if id(here.body) in seen:
            continue
        seen.add(id(here.body))
        for capture in [*captured(here), *_shared(at, here)]:
            found.setdefault((id(capture.frame), capture.variable), capture)
            if isinstance(capture.value.known, (LocalDerivative, LocalCheckpoint)):
                stack.append(capture.value.known.function)
    return list(found.values())


def _shared(at: Any, function: Function) -> Iterable[Capture]:
    """The variables that it reads and that another function writes with `nonlocal`, as they are now."""
    for key in sorted(names_in(list(function.body)) - set(ordered(function.args))):
        frame = _home(function.frame, key)
        if frame is not None and key in frame.shared:
            value = at.frame.lookup(frame.shared[key])
            if value is not None:
                yield Capture(frame, key, value)


def ordered(args: gast.arguments) -> list[str]:
    """All parameters, in the order of a signature."""
    rest = [args.vararg] if args.vararg is not None else []
    named = [args.kwarg] if args.kwarg is not None else []
    return [arg.id for arg in [*args.posonlyargs, *args.args, *rest, *args.kwonlyargs, *named]]


def _home(frame: Frame | None, key: str) -> Frame | None:
    while frame is not None:
        if key in frame.env or key in frame.shared:
            return frame
        frame = frame.parent
    return None


def _cells(frame: Frame | None) -> Iterable[str]:
    while frame is not None:
        if frame.cells:
            return frame.cells
        frame = frame.parent
    return ()


def _parameter(key: str) -> gast.Name:
    return gast.Name(id=key, ctx=gast.Param(), annotation=None, type_comment=None)


def _definition(label: str, args: gast.arguments, body: list[gast.stmt]) -> gast.FunctionDef:
    return gast.FunctionDef(
        name=label, args=args, body=body, decorator_list=[], returns=None, type_comment=None, type_params=[]
    )


_LOADED: dict[tuple[str, int], types.FunctionType] = {}


def _loaded(definition: gast.FunctionDef, label: str, namespace: Any) -> Any:
    """The function of a definition; the same text among the same globals gives the same function."""
    text = function_source(definition)
    key = (text, id(namespace))
    if key not in _LOADED:
        makers: dict[str, Any] = {spelled: getattr(api, mode) for mode, spelled in _MAKERS.items()}
        makers["s2sad_checkpoint"] = checkpoint
        objects = {key: maker for key, maker in makers.items() if key in text}
        anchor = types.FunctionType((lambda: None).__code__, namespace)
        _LOADED[key] = load(text, label, anchor, objects, "s2sad")  # type: ignore[assignment]
    return _LOADED[key]


set_lift(Lifted)
__all__ = ["Lifted", "LocalDerivative", "ordered"]
