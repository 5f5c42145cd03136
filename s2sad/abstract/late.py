"""What is read late: an iterator reads memory when its items are taken, and the emitted code may have read it before.

Python takes the items of ``filter(f, a)`` or of a generator expression one by one, each when it is asked for; the
emitted code makes them at once, in a loop of its own.  The two agree as long as nothing that is read is changed before
the last item is taken, and that is what is watched here.  It is the other way round for ``itertools.product``, which
copies what it is given and is emitted with indices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import gast

from s2sad.abstract.callees import captured
from s2sad.abstract.values import SHARED, Frame, Iteration, Value
from s2sad.names import base
from s2sad.signature import ListOf, Record, Sequence

ADVICE = "Make a list of the items first (`[... for ... in ...]`), or compute in the body of a loop."


@dataclass(frozen=True, eq=False)
class Variable:
    """A variable that is read, in which function, and its value then."""

    frame: Frame
    name: str
    value: Value

    def changed(self, running: Frame) -> bool:
        """Whether another value was assigned."""
        place = self.frame.place(self.name)
        if place is None:
            return True
        env, key = place
        now = (running.env if SHARED in key else env).get(key)
        same_object = now is not None and now.ident is not None and now.ident is self.value.ident
        return not (now is self.value or same_object)


@dataclass(frozen=True, eq=False)
class Reads:
    """What is read for items: memory, fields of objects, and variables."""

    sites: frozenset[Any] = frozenset()
    fields: bool = False
    variables: tuple[Variable, ...] = ()

    def __or__(self, other: Reads) -> Reads:
        return Reads(
            self.sites | other.sites, self.fields or other.fields, (*self.variables, *other.variables)
        )


NOTHING = Reads()


@dataclass(frozen=True, eq=False)
class Watch:
    """What may not change from a moment on: what is read, and the sizes of lists and dicts."""

    since: int
    reads: Reads = NOTHING
    sizes: frozenset[Any] = frozenset()
    before: int | None = None
    """The moment since which nothing was made that is sized; None where that is not known."""
    label: str = ""
    """The function that returned what is watched; empty for what an iterator reads."""


class Writes:
    """The moments at which memory was last written; a moment is a count of writes.

    Attributes
    ----------
    loops : list
        For each loop that is being interpreted, when it began and what is watched in it.
    fields : list
        For each assignment of an object's field, the statement.
    made : set
        The moments at which lists were made that no loop's head can stand for: since then no iteration has ended.
    """

    def __init__(self) -> None:
        self.now = 0
        self.fields: list[Any] = []
        self.loops: list[tuple[int, list[tuple[Watch, gast.AST]]]] = []
        self.made: set[int] = set()
        self._values: dict[Any, int] = {}
        self._sizes: dict[Any, dict[int | None, int]] = {}
        self._field = 0

    def make(self) -> int:
        """The moment of a list that is made now."""
        self.now += 1
        self.made.add(self.now)
        return self.now

    def note(self, site: Any, resized: bool = False, made: int | None = None) -> None:
        """Memory is written now, that of the list made at a moment; `resized` if the number of its items changes."""
        self.now += 1
        self._values[site] = self.now
        if resized:
            self._sizes.setdefault(site, {})[made if made in self.made else None] = self.now

    def ends(self) -> None:
        """An iteration of the innermost loop ends: what was made in it is not told from what is made there next."""
        began = self.loops[-1][0]
        self.made = {moment for moment in self.made if moment < began}

    def note_field(self, place: Any) -> None:
        """A field of an object is assigned now."""
        self.now = self._field = self.now + 1
        self.fields.append(place)

    def filled(self, container: Value) -> int | None:
        """The moment since which nothing was put into a list or dict, and no other became what this is."""
        if container.before is None:
            return None
        return max(container.before, *(self._values.get(site, 0) for site in container.sites), 0)

    def after(self, moment: int, sites: Iterable[Any]) -> bool:
        """Whether one of these was written after a moment."""
        return any(self._values.get(site, 0) > moment for site in sites)

    def since(self, watch: Watch, running: Frame) -> str | None:
        """What was changed of what is watched, in words."""
        reads = watch.reads
        if any(self._resized(site, watch) for site in watch.sizes):
            return "the number of items changes"
        if self.after(watch.since, reads.sites):
            return "memory that it reads is written"
        if reads.fields and self._field > watch.since:
            return "a field of an object that it reads may be assigned"
        changed = next((variable.name for variable in reads.variables if variable.changed(running)), None)
        return None if changed is None else f"`{base(changed)}`, which it reads, is assigned"

    def _resized(self, site: Any, watch: Watch) -> bool:
        return any(
            moment > watch.since and (made is None or watch.before is None or made <= watch.before)
            for made, moment in self._sizes.get(site, {}).items()
        )


# ---- what is read -------------------------------------------------------------------------------
def reads_of(at: Any, values: Iterable[Value]) -> Reads:
    """What is read when the items of containers and iterators are taken, and by the functions among them."""
    sites: set[Any] = set()
    fields = False
    found = NOTHING
    stack = list(values)
    seen: set[int] = set()
    while stack:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        sites |= value.sites
        fields |= isinstance(value.type, Record)
        stack += [*(value.items or ()), *(value.choices or ())]
        functions = [value.function]
        if value.iteration is not None:
            found |= value.iteration.reads or NOTHING
            made = value.iteration.generator
            if made is not None:
                functions.append(made.function)
                stack += made.env.values()
        for capture in (capture for function in functions if function for capture in captured(function)):
            found |= Reads(variables=(Variable(capture.frame, capture.variable, capture.value),))
            stack.append(capture.value)
    return found | Reads(_with_contents(at, sites), fields)


def _with_contents(at: Any, sites: set[Any]) -> frozenset[Any]:
    """Sites with those of what lists and dicts there hold."""
    stack = list(sites)
    while stack:
        held = at.lessons.contents.get(stack.pop(), frozenset()) - sites
        sites |= held
        stack += held
    return frozenset(sites)


def variables_read(at: Any, names: Iterable[str]) -> Reads:
    """What an expression reads by these names."""
    values = {key: at.frame.lookup(key) for key in sorted(names)}
    found = tuple(Variable(at.frame, key, value) for key, value in values.items() if value is not None)
    return reads_of(at, [variable.value for variable in found]) | Reads(variables=found)


# ---- iterations with what they read -------------------------------------------------------------
def over_container(at: Any, value: Value, iteration: Iteration) -> Iteration:
    """A loop over a container: an item is read when it is taken, and the number of items before."""
    sizes: frozenset[Any] = frozenset()
    if isinstance(value.type, ListOf) or getattr(value.type, "cls", None) is list:
        kept_in_parts = isinstance(value.type, Sequence) and value.items is not None
        sizes = frozenset([value.origin]) if kept_in_parts else value.sites
    watch = Watch(at.writes.now, sizes=sizes, before=value.before)
    return replace(iteration, reads=reads_of(at, [value]), watches=frozenset([watch]))


def live(
    at: Any, iteration: Iteration, inner: Iterable[Iteration], functions: Iterable[Value] = ()
) -> Iteration:
    """An iteration that takes items of others when its own are taken, as Python does."""
    reads, watches = reads_of(at, functions), iteration.watches
    for part in inner:
        reads, watches = reads | (part.reads or NOTHING), watches | part.watches
    return replace(iteration, reads=reads, watches=watches)


def early(
    at: Any, iteration: Iteration, inner: Iterable[Iteration] = (), reads: Reads = NOTHING
) -> Iteration:
    """An iteration whose items are read at another moment than in Python: until the last, nothing may change."""
    found = live(at, iteration, inner)
    watch = Watch(at.writes.now, reads | found.reads)
    return replace(found, reads=NOTHING, watches=found.watches | {watch})


# ---- the check ----------------------------------------------------------------------------------
def check(at: Any, iteration: Iteration, node: gast.AST) -> None:
    """Items are taken: nothing that is watched may have changed, nor may it until the loops around end."""
    for watch in iteration.watches:
        watched(at, watch, node)


def watched(at: Any, watch: Watch, node: gast.AST) -> None:
    """What is watched may not have changed, nor may it until the loops around end."""
    _check(at, watch, node)
    for began, kept in at.writes.loops:
        if watch.since < began:
            kept.append((watch, node))


def enter_loop(at: Any) -> None:
    """A loop begins."""
    at.writes.now += 1  # what is watched from here on is watched for one iteration
    at.writes.loops.append((at.writes.now, []))


def leave_loop(at: Any) -> None:
    """A loop ends: what was watched before an iteration may not have changed after it."""
    at.writes.ends()
    for watch, node in at.writes.loops.pop()[1]:
        _check(at, watch, node)


def _check(at: Any, watch: Watch, node: gast.AST) -> None:
    changed = at.writes.since(watch, at.frame)
    if changed is None:
        return
    line = at.lessons.line_of_write(watch.reads.sites) if changed.endswith("written") else ""
    where = f" ({line})" if line else ""
    if watch.label:
        raise at.refuse(
            "S202",
            f"what {watch.label} returned may share memory with what it was given, which was written since{where}",
            "return a copy (`.copy()`), or copy it before writing", node,
        )  # fmt: skip
    message = (
        f"this iterator has not given all of its items when {changed}{where}: Python would see the change"
    )
    raise at.refuse("S101", message, ADVICE, node)
