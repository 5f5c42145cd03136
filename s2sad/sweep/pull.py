"""What a value's cotangent means for the operands of the statement that computed it."""

from __future__ import annotations

import operator
from typing import Any

import gast
import numpy as np

from s2sad.abstract.callees import Callee, Emitted
from s2sad.abstract.custom import CustomCall
from s2sad.rules.quote import Binding, RuleRefuses
from s2sad.runtime.checkpoints import random_state, replayed
from s2sad.signature import (
    Array,
    DictOf,
    ListOf,
    Mapping,
    Opaque,
    Scalar,
    Sequence,
    kind_of,
    static_value,
)
from s2sad.sweep.compounds import compound
from s2sad.sweep.custom import pull_custom
from s2sad.sweep.emitter import Bound, same_shape, source_of
from s2sad.sweep.reads import reads, reads_items
from s2sad.sweep.replay import generators_of
from s2sad.sweep.schedules import pull_scheduled
from s2sad.sweep.shadows import Shadows
from s2sad.sweep.terms import copied_list, guarded, may_overflow, new_axes, times, together
from s2sad.tree.build import (
    assign,
    binary,
    call,
    carriers_in,
    clone,
    constant,
    dotted,
    name,
    names_in,
    subscript,
)

_QUOTIENTS = (operator.truediv, np.divide)


class _AsItWas(gast.NodeTransformer):
    """Reads operands as they were when a statement ran: from copies where their memory is overwritten later."""

    def __init__(self, pull: Pull, operands: set[str], statement: gast.stmt) -> None:
        self.pull, self.operands, self.statement = pull, operands, statement

    def visit_Attribute(self, node: gast.Attribute) -> gast.expr:
        return node if node.attr in ("shape", "size", "ndim") else self.generic_visit(node)

    def visit_Name(self, node: gast.Name) -> gast.expr:
        return self.pull.primal(node, self.statement) if node.id in self.operands else node


class Pull(Shadows):
    """Pullbacks of one statement: rules, callees, containers, methods."""

    def _pull(self, key: str, value: gast.expr, bar: gast.expr, statement: gast.stmt) -> None:
        """Hand a result's cotangent to the operands of what computed it."""
        if key in self.core.calls:
            made = self.core.calls[key]
            if isinstance(made, CustomCall):
                pull_custom(self, key, made, bar, statement)
            else:
                self._pull_callee(key, made, bar, statement)
            return
        if not carriers_in(value) & self.active:
            return  # on this path the variable holds what carries no derivative
        if isinstance(value, gast.Name):
            self.add(value, bar)
        elif (items := self.shown_parts(value)) is not None:
            given = self.shown_parts(bar)
            held = self.atom(bar, "t_bar") if given is None else bar
            parts = self.parts_like(value, held) if given is None else given
            for item, part in zip(items, parts):
                self.add(item, self.real_part(part, self.typer(item)))
        elif isinstance(value, gast.Dict):
            held = self.atom(bar, "t_bar")
            for k, elt in zip(value.keys, value.values):
                part = subscript(clone(held), clone(k))
                if isinstance(self.types[key], DictOf):
                    part = self._taken_entry(held, self.replayed(k, statement), elt)
                self.add(elt, part)
        elif copied_list(value) is not None:
            self.add(copied_list(value), bar)  # type: ignore[arg-type]
        elif isinstance(value, gast.Subscript):
            self._pull_item(key, value, bar, statement)
        elif isinstance(value, gast.Attribute) and value.attr != "T":
            self._pull_attribute(value, bar)
        elif (
            isinstance(value, gast.Call) and isinstance(value.func, gast.Attribute) and self._is_method(value)
        ):
            self._pull_method(key, value, bar)
        elif not self._pull_compound(key, value, bar, statement):
            bound = self.bound(value)
            assert bound is not None, f"no derivative of {source_of(value)}"
            if bound.rule.vjp is not None:
                self._pull_rule(key, bound, bar, statement)

    def _taken_entry(self, shadow: gast.expr, key: gast.expr, item: gast.expr) -> gast.expr:
        """The cotangent of an item that was put into a dict, taken out of its shadow."""
        known = self.typer(item)
        taken = self._entry(shadow, key, known, "pop")
        if isinstance(known, Array):
            taken.args[1] = self.zero(known, item)  # type: ignore[attr-defined]
        return self.bind(taken, "t_bar", known)

    def _pull_item(self, key: str, value: gast.Subscript, bar: gast.expr, statement: gast.stmt) -> None:
        if isinstance(value.value, gast.Subscript):
            self._pull_nested_item(key, value, bar, statement)
            return
        assert isinstance(value.value, gast.Name)
        if value.value.id not in self.active:
            return
        if isinstance(self.types[key], Array):
            bar = self.full(bar, name(key))
            whole = self._without_new_axes(bar, value)
            if whole is not None:
                self.add(value.value, whole)
                return
        self.scatter(value.value, self.replayed(value.slice, statement), bar)

    def _pull_nested_item(
        self, key: str, value: gast.Subscript, bar: gast.expr, statement: gast.stmt
    ) -> None:
        """A part of a part of a container: the other parts get nothing."""
        owner = value.value
        known = self.typer(owner)
        assert isinstance(owner, gast.Subscript) and isinstance(known, (Sequence, Mapping))
        place = static_value(self.typer(value.slice))
        keys = list(known.keys) if isinstance(known, Mapping) else list(range(len(known.items)))
        chosen = keys.index(place if isinstance(known, Mapping) else keys[place])
        parts = [self.zero(item, part) for item, part in zip(known.items, self.parts_of(known, owner))]
        parts[chosen] = self.atom(bar, "t_bar")
        self._pull_item(key, owner, self.display(known, parts), statement)

    def _without_new_axes(self, bar: gast.expr, value: gast.Subscript) -> gast.expr | None:
        """The cotangent of ``x[:, None]`` in the shape of `x`; None where an index selects anything."""
        assert isinstance(value.value, gast.Name)
        known, have = self.types[value.value.id], self.typer(bar)
        if not isinstance(known, Array) or known.shape is None or not isinstance(have, Array):
            return None
        rank = len(known.shape)
        new = new_axes(value.slice, rank)
        if new is None:
            return None
        made = self._made(bar)
        if isinstance(made, gast.Subscript) and new_axes(made.slice, rank) == new:
            if same_shape(self.typer(made.value), known):
                return made.value
        index = [constant(0) if is_new else gast.Slice(None, None, None) for is_new in new]
        return subscript(bar, index[0] if len(index) == 1 else gast.Tuple(elts=index, ctx=gast.Load()))

    def _pull_attribute(self, value: gast.Attribute, bar: gast.expr) -> None:
        """A field of a NamedTuple; the size of an array carries no derivative."""
        assert isinstance(value.value, gast.Name)
        known = self.types[value.value.id]
        if not isinstance(known, Sequence):
            return
        self._scatter_part(value.value.id, known.cls._fields.index(value.attr), bar)  # type: ignore[attr-defined]

    def _pops(self, value: gast.expr) -> bool:
        """Whether a value is taken off a list that has a shadow: the shadow grows back, used or not."""
        popped = (
            isinstance(value, gast.Call)
            and isinstance(value.func, gast.Attribute)
            and value.func.attr == "pop"
        )
        return popped and isinstance(value.func.value, gast.Name) and value.func.value.id in self.shadows

    def _is_method(self, value: gast.Call) -> bool:
        return dotted(value.func) not in self.objects

    def _pull_method(self, key: str, value: gast.Call, bar: gast.expr) -> None:
        assert isinstance(value.func, gast.Attribute)
        owner = value.func.value
        if value.func.attr == "copy":
            self.add(owner, bar)
        elif value.func.attr == "pop" and isinstance(owner, gast.Name) and owner.id in self.shadows:
            func = gast.Attribute(name(self.shadows[owner.id]), "append", gast.Load())
            self.emit(gast.Expr(call(func, self.as_item(bar, self.types[key]))))
        else:
            raise AssertionError(f"method {value.func.attr} in core")

    # ---- rules ----------------------------------------------------------------------------------
    def _pull_rule(self, key: str, bound: Bound, bar: gast.expr, statement: gast.stmt) -> None:
        rule = bound.rule
        if rule.kind == "template":
            self._pull_template(key, bound, bar, statement)
            return
        wanted = [
            p
            for p in rule.wrt
            if p in bound.bindings
            and self._reaches(bound.bindings[p].node)
            and (id(statement), getattr(bound.bindings[p].node, "id", None)) not in self.cancelled
        ]
        if not wanted:
            return
        read, items = reads(rule.vjp), reads_items(rule.vjp)
        bindings = {
            p: Binding(
                self.primal(b.node, statement)
                if p in (items if isinstance(b.type, Array) else read)
                else b.node,
                b.type,
            )
            for p, b in bound.bindings.items()
        }
        result = name(key)
        if "y" in read:
            bindings["y"] = Binding(self.primal(result, statement, result=True), self.types[key])
        if rule.kind == "elementwise":
            self._pull_elementwise(key, bound, bindings, bar, statement, wanted)
            return
        whole = self.atom(self.full(bar, result), self.bar_hint(key))
        bindings["y_bar"] = Binding(whole, self.typer(whole))
        for p, term in zip(rule.wrt, self.quote(rule.vjp, bindings, rule.wrt, wanted)):
            if p in wanted:
                node = bound.bindings[p].node
                self.add(node, self.real_part(self.fitting(bound, term, node), self.typer(node)))

    def _pull_compound(self, key: str, value: gast.expr, bar: gast.expr, statement: gast.stmt) -> bool:
        """Hand a cotangent past several steps at once, where their partial is known."""
        steps = compound(key, value, self._made_here, self.objects)
        found = [(node, partial) for node, partial in steps if self._reaches(node)]
        # what an earlier step read must be as it was: its cotangent is handed over now
        if not found or not all(map(self._has_one_value, (key, steps[-1][0].id))):
            return False
        if not all(
            _is_real(self.types[each]) and same_shape(self.types[each], self.types[key])
            for each in (key, *(node.id for node, _ in found))
        ):
            return False
        self._contribute(key, together(found), self.atom(bar, self.bar_hint(key)))
        return True

    def _made_here(self, node: gast.expr) -> gast.expr | None:
        """What a name stands for that the block in work makes, once for all."""
        if not isinstance(node, gast.Name) or not self._has_one_value(node.id):
            return None
        made = self.definitions.get(node.id, [])
        here = len(made) == 1 and id(made[0]) in self.current
        return made[0].value if here else None

    def _pull_elementwise(
        self, key: str, bound: Bound, bindings: dict[str, Binding], bar: gast.expr, statement: gast.stmt,
        wanted: list[str],
    ) -> None:  # fmt: skip
        bar = self.atom(bar, self.bar_hint(key))
        if self._pull_quotient(key, bound, bindings, bar, wanted):
            return
        partials = self.quote(bound.rule.vjp, bindings, bound.rule.wrt, wanted)
        pairs = [
            (bound.bindings[p].node, partial) for p, partial in zip(bound.rule.wrt, partials) if p in wanted
        ]
        self._contribute(key, together(pairs), bar)

    def _pull_quotient(
        self, key: str, bound: Bound, bindings: dict[str, Binding], bar: gast.expr, wanted: list[str]
    ) -> bool:
        """A quotient divides its cotangent once, for both operands."""
        if (
            bound.function not in _QUOTIENTS
            or len(wanted) != 2
            or "y" not in bindings
            or self.mask is not None
        ):
            return False
        known = [self.types[key], *(bindings[p].type for p in wanted)]
        if not isinstance(known[0], (Scalar, Array)) or not all(map(_is_real, known)):
            return False
        above, below = (bound.bindings[p].node for p in wanted)
        divided = self.bind(binary(clone(bar), gast.Div, clone(bindings[wanted[1]].node)), "t_bar")
        self.add(above, self.reduced(clone(divided), name(key), above))
        self._contribute(key, [(below, gast.UnaryOp(gast.USub(), bindings["y"].node))], divided)
        return True

    def _contribute(self, key: str, pairs: list[tuple[gast.expr, gast.expr]], bar: gast.expr) -> None:
        """Give operands their shares of an elementwise result's cotangent."""
        mask = self.mask if key not in self.shadows else None
        for node, partial in pairs:
            known = self.typer(partial)
            if isinstance(known, (Scalar, Array)) and kind_of(known.dtype) == "complex":
                partial = self.np("conj", partial)
            term = times(clone(bar), partial)
            if mask is not None and may_overflow(partial):
                term = guarded(clone(bar), partial, clone(mask), self.np)
            if mask is not None and same_shape(self.typer(node), self.types[key]):
                self.add(node, self.real_part(term, self.typer(node)), mask)
                continue
            self.add(node, self.reduced(term, name(key), node))

    def _pull_template(self, key: str, bound: Bound, bar: gast.expr, statement: gast.stmt) -> None:
        operands = {p: self.operand(b.node) for p, b in bound.bindings.items()}
        originals = {p: b.node for p, b in bound.bindings.items()}
        read = {key for node in originals.values() for key in names_in(node)}
        from s2sad.sweep.emitter import source_of

        whole = self.atom(self.full(bar, name(key)), self.bar_hint(key))
        result = self.primal(name(key), statement, result=True) if "y" in reads(bound.rule.vjp) else name(key)
        texts = self.template(
            bound.rule.vjp, bound.bindings, operands, y=source_of(result), y_bar=source_of(whole)
        )
        followed = {place.partition("[")[0] for place in texts}
        for p, node in originals.items():
            if isinstance(node, gast.Name) and node.id in self.active and p not in followed:
                label = getattr(bound.function, "__name__", "this function")
                raise RuleRefuses(f"the rule of {label} does not follow {p!r} in this form")
        for place, text in texts.items():
            p, _, rest = place.partition("[")
            node = originals[p]
            for part in rest[:-1].split("][") if rest else ():
                assert isinstance(node, (gast.Tuple, gast.List))
                node = node.elts[int(part)]
            if isinstance(node, gast.Name) and node.id not in self.active:
                continue
            term = _AsItWas(self, read, statement).visit(self.parsed(text))
            self.add(node, self.real_part(term, self.typer(node)))

    # ---- callees --------------------------------------------------------------------------------
    def _pull_callee(self, key: str, callee: Callee, bar: gast.expr, statement: gast.stmt) -> None:
        """A function that keeps its own body: its forward part saves what its reverse part reads."""
        bar = self.full(bar, name(key))
        if key in self.core.plans:
            pull_scheduled(self, key, callee, bar, statement)
            return
        if callee.forward:
            self._pull_forward(key, callee, bar, statement)
            return
        if self.closed or callee.checkpoint:
            self._pull_recomputed(key, callee, bar, statement)
            return
        saved, args = self._split_call(key, callee, statement)
        self.callees[callee.name] = callee
        self.objects[f"{callee.name}_reverse"] = Emitted(f"{callee.name}_reverse")
        whole = self.atom(self.full(bar, name(key)), self.bar_hint(key))
        node = call(name(f"{callee.name}_reverse"), name(saved), whole)
        given = dict(zip(callee.leaves, args))
        kinds = tuple(self.typer(given[leaf]) for leaf in callee.wrt)
        bars = self.bind(node, f"{callee.name}_bar", Sequence(tuple, kinds))
        for k, leaf in enumerate(callee.wrt):
            self.add(given[leaf], subscript(clone(bars), constant(k)))

    def _pull_recomputed(self, key: str, callee: Callee, bar: gast.expr, statement: gast.stmt) -> None:
        """The same without anything saved: the callee's gradient function computes the callee once more."""
        assert isinstance(statement, gast.Assign) and isinstance(statement.value, gast.Call)
        self.callees[callee.name] = callee
        self.forms[callee.name] = "grad"
        self.objects[f"{callee.name}_grad"] = Emitted(f"{callee.name}_grad")
        whole = self.atom(self.full(bar, name(key)), self.bar_hint(key))
        args = [clone(arg) for arg in statement.value.args]
        given = dict(zip(callee.leaves, args))
        node = call(name(f"{callee.name}_grad"), *(self.primal(arg, statement) for arg in args), whole)
        generators = generators_of(self, callee, given) if callee.checkpoint else []
        if generators:
            states = self._random_state(callee, generators, statement)
            node = call(self.object_node(replayed), states, node.func, *node.args)
        kinds = tuple(self.typer(given[leaf]) for leaf in callee.wrt)
        if len(callee.wrt) == 1:
            self.add(given[callee.wrt[0]], self.bind(node, f"{callee.name}_bar", kinds[0]))
            return
        bars = self.bind(node, f"{callee.name}_bar", Sequence(tuple, kinds))
        for k, leaf in enumerate(callee.wrt):
            self.add(given[leaf], subscript(clone(bars), constant(k)))

    def _pull_forward(self, key: str, callee: Callee, bar: gast.expr, statement: gast.stmt) -> None:
        """The forward sweep carries the callee's tangents: each input gets the result's cotangent times its slope."""
        slopes, args = self._slopes(callee, statement)
        given = dict(zip(callee.leaves, args))
        whole = self.atom(bar, self.bar_hint(key)) if len(slopes) > 1 else bar
        for leaf, slope in zip(callee.wrt, slopes):
            self.add(given[leaf], gast.BinOp(left=clone(whole), op=gast.Mult(), right=name(slope)))

    def _slopes(self, callee: Callee, statement: gast.stmt) -> tuple[list[str], list[gast.expr]]:
        """Let the forward sweep call the callee with tangents; the names of the slopes, and the arguments."""
        memo = ("call", id(statement))
        if memo not in self.edits.kept:
            assert isinstance(statement, gast.Assign) and isinstance(statement.value, gast.Call)
            args = statement.value.args
            self.callees[callee.name] = callee
            self.forms[callee.name] = "jvp"
            self.objects[f"{callee.name}_jvp"] = Emitted(f"{callee.name}_jvp")
            before = self.edits.before.setdefault(id(statement), [])
            slopes, pairs = [], []
            for leaf in callee.wrt:
                pair, slope = self.fresh(f"{callee.name}_pair"), self.fresh(f"{callee.name}_slope")
                self.types[slope] = Scalar("float")
                self.types[pair] = Sequence(tuple, (Scalar("float"), Scalar("float")))
                seeds = [constant(1.0 if key == leaf else 0.0) for key in callee.wrt]
                made = call(name(f"{callee.name}_jvp"), *map(clone, args), *seeds)
                before.append(gast.copy_location(assign(pair, made), statement))
                before.append(
                    gast.copy_location(assign(slope, subscript(name(pair), constant(1))), statement)
                )
                self.edits.note("residuals", statement.targets[0].id, slope, statement)  # type: ignore[attr-defined]
                slopes.append(slope)
                pairs.append(pair)
            statement.value = subscript(name(pairs[0]), constant(0))
            self.edits.kept[memo] = slopes
            self.call_args[slopes[0]] = args
        slopes = self.edits.kept[memo]
        return slopes, [clone(arg) for arg in self.call_args[slopes[0]]]

    def _random_state(self, callee: Callee, generators: list[gast.expr], statement: gast.stmt) -> gast.expr:
        """The generators' states before a checkpoint runs, kept by the forward sweep."""
        memo = ("random", id(statement))
        if memo not in self.edits.kept:
            saved = self.fresh(f"{callee.name}_random")
            self.types[saved] = Opaque(list)
            made = assign(saved, call(self.object_node(random_state), *generators))
            self.edits.before.setdefault(id(statement), []).append(gast.copy_location(made, statement))
            self.edits.kept[memo] = saved
            self.edits.note("random", saved, saved, statement)
        return name(self.edits.kept[memo])

    def _split_call(self, key: str, callee: Callee, statement: gast.stmt) -> tuple[str, list[gast.expr]]:
        """Let the forward sweep call the forward part; give the name of what it saves, and the arguments."""
        memo = ("call", id(statement))
        if memo not in self.edits.kept:
            assert isinstance(statement, gast.Assign) and isinstance(statement.value, gast.Call)
            args = statement.value.args
            pair, saved = self.fresh(f"{callee.name}_pair"), self.fresh(f"{callee.name}_saved")
            self.types[pair] = self.types[saved] = Opaque()
            self.objects[f"{callee.name}_forward"] = Emitted(f"{callee.name}_forward")
            given = [self._given(arg, statement) for arg in args]
            made = assign(pair, gast.Call(name(f"{callee.name}_forward"), given, []))
            kept = assign(saved, subscript(name(pair), constant(1)))
            before = self.edits.before.setdefault(id(statement), [])
            before += [gast.copy_location(made, statement), gast.copy_location(kept, statement)]
            statement.value = subscript(name(pair), constant(0))
            self.edits.kept[memo] = saved
            self.edits.note("residuals", key, saved, statement)
            self.call_args[saved] = args
        saved = self.edits.kept[memo]
        return saved, [clone(arg) for arg in self.call_args[saved]]

    def _given(self, arg: gast.expr, statement: gast.stmt) -> gast.expr:
        """An argument as the forward part gets it, which saves it: a copy where its memory is written later.

        A result that may be a part of the argument is not read after such a write.
        """
        known = self.types.get(arg.id) if isinstance(arg, gast.Name) else None
        if not isinstance(arg, gast.Name) or not isinstance(known, (Array, ListOf)):
            return clone(arg)
        if not self.memory.written_after(self.reached_from(arg.id), statement):
            return clone(arg)
        return self.as_it_is(clone(arg), known)


def _is_real(known: Any) -> bool:
    return isinstance(known, (Scalar, Array)) and kind_of(known.dtype) == "float"
