"""What loops over a long dimension record is recorded for some hundreds of its items at a time (backend ``numba``).

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(strips(core('''
... def f(x, n):
...     total = 0.0
...     tape = np.empty((n, x.shape[0]))
...     for k in range(n):
...         for i in range(x.shape[0]):
...             tape[k, i] = x[i] * k
...     for k in range(n - 1, -1, -1):
...         for i in range(x.shape[0]):
...             total += tape[k, i]
...     return total
... ''', np.ones(9), 3)))
def f(x, n):
    total = 0.0
    for strip in range((x.shape[0] + 255) // 256):
        start = 256 * strip
        count = min(256, x.shape[0] - start)
        tape = np.empty((n, count))
        for k in range(n):
            for i in range(count):
                tape[k, i] = x[start + i] * k
        for k in range(n - 1, -1, -1):
            for i in range(count):
                total += tape[k, i]
    return total

Where the items have nothing to do with each other, all that happens to one strip of them may happen before anything
happens to the next one: what is recorded stays in the cache, and little memory is needed.  Sums over the items are sums
over the strips; what is computed of such a sum is computed after all of them.
"""

from __future__ import annotations

import re
from typing import Any

import gast

from s2sad.names import unused
from s2sad.passes.loops.items import Items, mentioned_in, names_of
from s2sad.passes.loops.uses import Unfit, read_after, values_of
from s2sad.program import Program
from s2sad.signature import Array, Scalar
from s2sad.tree.algebra import is_float_zero
from s2sad.tree.build import assign, binary, call, constant, dotted, name, target
from s2sad.tree.dataflow import (
    assigned,
    binds,
    blocks,
    bound_within,
    is_comment,
    rename_statement,
    rewrite,
    statement_reads,
    walk,
    with_fields,
)
from s2sad.tree.indices import index_parts

SIZE = 256
"""How many items a strip has: what some fifty steps record of them stays in a processor's second cache."""
_NUMBER = re.compile(r"_\d+$")
_LIKE = ("np.zeros_like", "np.empty_like")


def strips(program: Program) -> Program:
    """Cut a long dimension of what is recorded into strips."""
    tapes = [node for node in program.body if _is_tape(node)]
    for tape in tapes:
        cutting = _Strips(program, tape)
        try:
            return cutting.cut()
        except Unfit:
            continue
    return program


class _Strips(Items):
    """Puts a loop over strips around the loops over items."""

    def cut(self) -> Program:
        """The program with its loops over the dimension in one loop over strips."""
        body = list(self.program.body)
        places = [k for k, node in enumerate(body) if self.concerns(node)]
        first, last = places[0], places[-1]
        region, rest = body[first : last + 1], body[last + 1 :]
        fixed = names_of(self.size)
        if fixed & bound_within([*region, *rest]) or any(self.counts.get(key, 0) > 1 for key in fixed):
            raise Unfit
        region, rest = self.parted(region, rest)
        self.body = [*body[:first], *region, *rest]
        self.counts = values_of(self.body, self.arguments)
        if read_after(self.body) & {
            key for node in walk(region) if isinstance(node, gast.For) for key in binds(node)
        }:
            raise Unfit
        self.find_arrays(region, rest)
        self.find_sums(region)
        inside = self.region(region)
        place = region[0]
        # a product of a number that counts from 0: so LLVM knows that places are not counted from the end
        sizes = [
            assign(self.start, binary(constant(SIZE), gast.Mult, name(self.strip))),
            assign(self.count, call("min", constant(SIZE), binary(self.size, gast.Sub, name(self.start)))),
        ]
        whole = binary(binary(self.size, gast.Add, constant(SIZE - 1)), gast.FloorDiv, constant(SIZE))
        loop = gast.For(
            target=target(self.strip), iter=call("range", whole),
            body=[*(gast.copy_location(node, place) for node in sizes), *inside],
            orelse=[], type_comment=None,
        )  # fmt: skip
        new = (*body[:first], *self.before, gast.copy_location(loop, place), *self.later, *rest)
        return self.program.replace(body=new, types=self.types)

    def concerns(self, node: Any) -> bool:
        """Whether a statement makes an array along the dimension, or loops over it."""
        return any(self.is_over_items(inner) or self.is_room(inner) for inner in walk([node]))

    # ---- numbers ------------------------------------------------------------------------------------------------

    def parted(self, region: list[Any], rest: list[Any]) -> tuple[list[Any], list[Any]]:
        """The region and what follows, a number that the region's own statements bind anew with a name of its own."""
        for k, node in enumerate(region):
            key = assigned(node)
            if key is None or not isinstance(self.types.get(key), Scalar) or self.counts[key] == 1:
                continue
            following = [*region[k + 1 :], *rest]
            if any(key in bound_within(blocks_) for one in following for blocks_ in blocks(one)):
                continue
            again = next((j for j, one in enumerate(following) if assigned(one) == key), len(following))
            if any(key in binds(one) for one in following[:again]):
                continue
            new = unused(_NUMBER.sub("", key), self.taken)
            self.types[new] = self.types[key]
            changed = [_renamed(one, {key: new}) for one in following[:again]]
            if again < len(following):
                following[again] = with_fields(
                    following[again],
                    value=_renamed(gast.Expr(value=following[again].value), {key: new}).value,
                )
            own = with_fields(node, targets=[with_fields(node.targets[0], id=new)])
            whole = [*region[:k], own, *changed, *following[again:]]
            region, rest = whole[: len(region)], whole[len(region) :]
        return region, rest

    # ---- arrays -------------------------------------------------------------------------------------------------

    def find_arrays(self, region: list[Any], rest: list[Any]) -> None:
        """The arrays that a strip has for itself, and those that are read after the loops."""
        after = {key for node in walk(rest) for key in mentioned_in(node)}
        known: set[str] = set()
        bound = [key for key in bound_within(region) if isinstance(self.types.get(key), Array)]
        if any(self.counts[key] > sum(key in binds(node) for node in walk(region)) for key in bound):
            raise Unfit
        for node in region:
            for inner in walk([node]):
                if {*bound} & set(mentioned_in(inner)) - known - set(binds(inner)):
                    raise Unfit
                key = assigned(inner)
                if key in bound:
                    self.find_array(inner, key, inner is node, after)
                    known.add(key)
                elif set(binds(inner)) & {*bound}:
                    raise Unfit
            if isinstance(node, gast.For):
                first = {key for key in bound_within([node]) if key in bound}
                known -= first - self.bound_before(region, node)
        if self.tape not in self.own:
            raise Unfit

    def bound_before(self, region: list[Any], node: Any) -> set[str]:
        """What the region's own statements before one of them bind."""
        before = region[: next(k for k, other in enumerate(region) if other is node)]
        return {key for other in before for key in binds(other)}

    def find_array(self, node: Any, key: str, is_outer: bool, after: set[str]) -> None:
        value = node.value
        source = value.value if isinstance(value, gast.Subscript) else value
        if isinstance(value, gast.Call) and dotted(value.func) in _LIKE and len(value.args) == 1:
            source = value.args[0]
        known: Any = self.types[key]
        if self.is_room(node):
            if not is_outer or (key in after and self.counts[key] != 1) or known.dtype != "float64":
                raise Unfit
            (self.kept if key in after else self.own).add(key)
            shape = value.args[0]
            rank = len(shape.elts) if isinstance(shape, gast.Tuple) else 1
            if self.ranks.setdefault(key, rank) != rank:
                raise Unfit
        elif isinstance(source, gast.Name) and source.id in self.own and key not in after:
            parts = index_parts(value) if isinstance(value, gast.Subscript) else []
            if any(isinstance(part, (gast.Slice, gast.Tuple)) or _is_new(part) for part in parts):
                raise Unfit
            if isinstance(value, gast.Call) and not is_outer:
                raise Unfit
            rank = self.ranks[source.id] - len(parts)
            if rank < 1 or self.ranks.setdefault(key, rank) != rank:
                raise Unfit
            if not all(isinstance(self.typed(part), Scalar) for part in parts):
                raise Unfit
            self.own.add(key)
        elif is_outer and self.is_like(value) and self.counts[key] == 1 and known.dtype == "float64":
            (self.kept if key in after else self.own).add(key)
            self.ranks[key] = 1
        else:
            raise Unfit

    def is_like(self, value: Any) -> bool:
        """Whether an array of zeros is made, as long as another one."""
        if not isinstance(value, gast.Call) or dotted(value.func) != "np.zeros_like" or value.keywords:
            return False
        known = self.types.get(value.args[0].id) if isinstance(value.args[0], gast.Name) else None
        return isinstance(known, Array) and known.shape is not None and len(known.shape) == 1

    def typed(self, part: Any) -> Any:
        """The type of an index: a number is one."""
        names = names_of(part)
        return Scalar("int") if all(isinstance(self.types.get(key), Scalar) for key in names) else None

    # ---- statements ---------------------------------------------------------------------------------------------

    def region(self, region: list[Any]) -> list[Any]:
        """What is done for each strip; what is done once goes to `before` and `later`."""
        out: list[Any] = []
        late: set[str] = set()
        moved: list[Any] = []
        comments: list[Any] = []
        in_loops = {key for node in region for block in blocks(node) for key in bound_within(block)}
        in_loops -= self.own
        variables = {key for node in region if isinstance(node, gast.For) for key in binds(node)}
        for k, node in enumerate(region):
            before = {key for other in region[:k] for inner in walk([other]) for key in mentioned_in(inner)}
            read = set(statement_reads(node))
            if is_comment(node):
                comments.append(node)
                continue
            if self.is_over_items(node):
                out += [*comments, self.items(node)]
            elif isinstance(node, gast.For):
                if read & (self.sums | late | in_loops | variables | self.own):
                    raise Unfit
                out += [*comments, self.turns(node)]
            elif _is_filled(node) in self.own:
                out += [*comments, node]
            elif set(binds(node)) & (self.own | self.kept):
                if read & (self.sums | late | in_loops | variables):
                    raise Unfit
                out += comments
                self.array(node, out)
            elif not self.is_number(node):
                raise Unfit
            elif (read | set(binds(node))) & late or self.is_of_sums(node, before):
                late.update(binds(node))
                moved.append(node)
                self.later += [*comments, self.resized(self.added(node, before))]
            elif assigned(node) is None or read & (in_loops | variables) or self.counts_again(node):
                raise Unfit
            else:
                self.before.append(self.resized(node))
                continue
            comments = []
        self.check_later(region, moved)
        return out

    def counts_again(self, node: Any) -> bool:
        """Whether a number that is computed once may have another value somewhere."""
        key = assigned(node)
        return key is not None and self.counts[key] > 1 and key not in self.sums

    def is_number(self, node: Any) -> bool:
        """Whether a statement gives a number a value that depends on other numbers and on sizes."""
        if not isinstance(node, (gast.Assign, gast.AugAssign)) or not self.memory.is_pure(node.value):
            return False
        keys = binds(node)
        if len(keys) != 1 or not isinstance(self.types.get(keys[0]), Scalar):
            return False
        value = self.resized(node).value
        read = {key for key in names_of(_without_sizes(value)) if key in self.types}
        return all(isinstance(self.types[key], Scalar) for key in read)

    def is_of_sums(self, node: Any, before: set[str]) -> bool:
        """Whether a statement is for after all strips; not what gives a sum its first value."""
        if self.sums & set(statement_reads(node)):
            return True
        key = binds(node)[0]
        if key not in self.sums:
            return False
        if not isinstance(node, gast.Assign):
            return True
        if key in before:
            raise Unfit
        return False

    def added(self, node: Any, before: set[str]) -> Any:
        """A statement for after the strips; a first value that is known only then is added to the sum."""
        key = assigned(node)
        if key not in self.sums or key in before:
            return node
        self.before.append(gast.copy_location(assign(key, constant(0.0)), node))
        self.seeded.add(id(node))
        return gast.copy_location(gast.AugAssign(target=target(key), op=gast.Add(), value=node.value), node)

    def check_later(self, region: list[Any], moved: list[Any]) -> None:
        """That what is put after the strips has nothing to do with what stays before it, further down."""
        late = {id(node) for node in moved}
        for k, node in enumerate(region):
            if id(node) in late:
                staying = [one for one in region[k + 1 :] if id(one) not in late]
                sums = set(binds(node)) if id(node) in self.seeded else set()
                if (set(binds(node)) - sums) & {key for one in walk(staying) for key in mentioned_in(one)}:
                    raise Unfit
                if (set(mentioned_in(node)) - sums) & bound_within(staying):
                    raise Unfit

    def array(self, node: Any, out: list[Any]) -> None:
        """A statement that makes an array, or a view of one."""
        key = assigned(node)
        if key in self.kept:
            if set(mentioned_in(node)) & (self.own | self.sums):
                raise Unfit
            self.before.append(node)
        elif self.is_room(node):
            shape = node.value.args[0]
            count = name(self.count)
            parts = [*shape.elts[:-1], count] if isinstance(shape, gast.Tuple) else [count]
            whole = with_fields(shape, elts=parts) if isinstance(shape, gast.Tuple) else count
            if {key for part in parts for key in names_of(part)} & (self.own | self.kept):
                raise Unfit
            out.append(with_fields(node, value=with_fields(node.value, args=[whole])))
        elif self.is_like(node.value) and node.value.args[0].id not in self.own:
            out.append(with_fields(node, value=call("np.zeros", name(self.count))))
        else:
            out.append(node)

    def turns(self, loop: gast.For) -> Any:
        """A loop that is not over items."""
        uses = isinstance(loop.target, gast.Name) and dotted(getattr(loop.iter, "func", loop)) == "range"
        if not uses or loop.orelse:
            raise Unfit
        bound = {key for node in loop.body if not isinstance(node, gast.For) for key in binds(node)}
        known = set(binds(loop))
        partial: set[str] = set()
        body = []
        for node in loop.body:
            read = set(statement_reads(node)) & bound - self.own
            if is_comment(node):
                body.append(node)
            elif self.is_over_items(node):
                body.append(self.items(node))
            elif _is_filled(node) in self.own or set(binds(node)) & self.own:
                if self.sums & set(statement_reads(node)) or read - known:
                    raise Unfit
                body.append(node)
            elif not self.is_number(node):
                raise Unfit
            elif isinstance(node, gast.AugAssign):
                if not isinstance(node.op, (gast.Add, gast.Sub)) or read & self.sums - partial - set(
                    binds(node)
                ):
                    raise Unfit
                if not self.is_homogeneous(node.value) or partial & set(binds(node)):
                    raise Unfit
                body.append(self.resized(node))
            elif assigned(node) in self.sums:
                if not is_float_zero(node.value):
                    raise Unfit
                partial.update(binds(node))
                body.append(node)
            else:
                if self.sums & set(statement_reads(node)) or read - known:
                    raise Unfit
                body.append(self.resized(node))
            known.update(binds(node))
        self.check_partial(loop, partial, bound)
        return with_fields(loop, body=body)

    def check_partial(self, loop: gast.For, partial: set[str], bound: set[str]) -> None:
        """That what one turn adds up, or computes, is not read outside of the loop, nor before it is bound."""
        inside = [id(node) for node in walk([loop])]
        numbers = {key for key in bound if isinstance(self.types.get(key), Scalar)}
        numbers -= {key for key in self.sums if key not in partial}
        for node in walk(self.body):
            if id(node) not in inside and numbers & set(statement_reads(node)):
                raise Unfit
        seen: set[str] = set()
        for node in loop.body:
            mentioned = {key for inner in walk([node]) for key in mentioned_in(inner)}
            if (mentioned & numbers) - seen - (set(binds(node)) if isinstance(node, gast.Assign) else set()):
                raise Unfit
            seen.update(binds(node))


def _is_tape(node: Any) -> bool:
    """Whether a statement makes an array of two dimensions of which nothing is known."""
    made = node.value if assigned(node) is not None else None
    if not isinstance(made, gast.Call) or dotted(made.func) != "np.empty" or len(made.args) != 1:
        return False
    shape = made.args[0]
    whole = isinstance(shape, gast.Tuple) and len(shape.elts) == 2
    return whole and not any(isinstance(part, gast.Constant) for part in shape.elts)


def _without_sizes(node: Any) -> Any:
    def leave(part: Any) -> Any:
        sized = isinstance(part, gast.Attribute) and part.attr in ("shape", "size")
        return constant(0) if sized else part

    return rewrite(node, leave)


def _is_new(part: Any) -> bool:
    return isinstance(part, gast.Constant) and type(part.value) is not int


def _is_filled(node: Any) -> str | None:
    """The array of ``array.fill(0.0)``."""
    made = node.value if isinstance(node, gast.Expr) and not is_comment(node) else None
    if (
        not isinstance(made, gast.Call)
        or not isinstance(made.func, gast.Attribute)
        or made.func.attr != "fill"
    ):
        return None
    plain = all(isinstance(part, gast.Constant) for part in made.args)
    return made.func.value.id if plain and isinstance(made.func.value, gast.Name) else None


def _renamed(node: Any, names: dict[str, str]) -> Any:
    new = rename_statement(node, names)
    for field in ("body", "orelse"):
        if getattr(new, field, None):
            new = with_fields(new, **{field: [_renamed(inner, names) for inner in getattr(new, field)]})
    return new
