"""``match`` becomes a chain of ``if``: a test of each pattern, and assignments of what it captures.

>>> from s2sad.syntax import show
>>> show('''match n:
...     case 0 | 1:
...         y = x
...     case int(k) if k > 5:
...         y = k
...     case _:
...         y = 0.0''')
if n == 0 or n == 1:
    y = x
else:
    t = isinstance(n, int)
    if t:
        k = n
        t = k > 5
    if t:
        y = k
    else:
        y = 0.0
>>> show('''match p:
...     case [a, *b, (c, 2)]:
...         y = a
...     case {"w": w, **rest}:
...         y = w''')
if (
    s2sad.is_sequence(p)
    and len(p) >= 2
    and s2sad.is_sequence(p[-1])
    and len(p[-1]) == 2
    and p[-1][1] == 2
):
    a = p[0]
    b = list(p[1:-1])
    c = p[-1][0]
    y = a
elif s2sad.is_mapping(p) and "w" in p:
    w = p["w"]
    rest = {}
    for item in p.items():
        key, value = item
        if key not in ("w",):
            rest[key] = value
    y = w
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import gast

from s2sad.syntax import Lowering, Refusal
from s2sad.tree.build import assign, call, clone, constant, name, subscript, target
from s2sad.tree.parts import nodes
from s2sad.tree.place import at

TITLE = "`match`: literals, names, sequences, mappings, classes, `|`, `as`, guards"
PATTERNS = (
    gast.MatchValue, gast.MatchSingleton, gast.MatchSequence, gast.MatchMapping, gast.MatchClass, gast.MatchStar,
    gast.MatchAs, gast.MatchOr,
)  # fmt: skip
NODES = (gast.Match, gast.match_case, *PATTERNS)

#: Classes whose one positional pattern is the value itself.
WHOLE = {"bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"}


class Parts(NamedTuple):
    """What a pattern asks, and what it captures."""

    tests: list[gast.expr]
    captures: list[gast.stmt]


def recognise(node: gast.AST, to: Lowering) -> bool:
    return isinstance(node, gast.Match)


def refuse(node: gast.AST, parent: gast.AST | None) -> Iterator[Refusal]:
    if isinstance(node, gast.MatchClass) and len(node.patterns) > 8:
        yield Refusal(
            node, "a class pattern with so many positional parts is not supported", "Name the attributes."
        )


def lower(node: gast.Match, to: Lowering) -> None:
    subject = to.expression(node.subject)
    if not isinstance(subject, (gast.Name, gast.Constant)) or _assigns(node, subject):
        subject = to.save(subject)
    for stmt in _cases(list(node.cases), subject, to):
        to.statement(stmt)


def _assigns(node: gast.Match, subject: gast.expr) -> bool:
    """Whether a pattern captures under the name of the subject."""
    return isinstance(subject, gast.Name) and any(subject.id in captured(case.pattern) for case in node.cases)


def _cases(cases: list[gast.match_case], subject: gast.expr, to: Lowering) -> list[gast.stmt]:
    """The cases from here on."""
    if not cases:
        return []
    case, *rest = cases
    choices = list(_alternatives(case.pattern))
    if len(choices) > 1:
        return _one_of(case, choices, rest, subject, to)
    tests, captures = _parts(choices[0], subject, to)
    if case.guard is not None and tests and captures:
        return _guarded(case, Parts(tests, captures), rest, subject, to)
    if case.guard is not None and not captures:
        tests = [*tests, case.guard]
    if case.guard is not None and captures:
        return [*captures, _if(case.guard, case.body, _cases(rest, subject, to), case)]
    if not tests:
        return [*captures, *case.body]
    return [_if(_all(tests), [*captures, *case.body], _cases(rest, subject, to), case)]


def _guarded(
    case: gast.match_case, parts: Parts, rest: list[gast.match_case], subject: gast.expr, to: Lowering
) -> list[gast.stmt]:
    """The guard sees what the pattern captured."""
    matched = to.fresh("t")
    return [
        _placed(assign(matched, _all(parts.tests)), case),
        _if(name(matched), [*parts.captures, _placed(assign(matched, case.guard), case)], [], case),
        _if(name(matched), case.body, _cases(rest, subject, to), case),
    ]


def _one_of(
    case: gast.match_case,
    choices: list[gast.pattern],
    rest: list[gast.match_case],
    subject: gast.expr,
    to: Lowering,
) -> list[gast.stmt]:
    """Alternatives that capture: the first that matches counts, also for the guard."""
    matched = to.fresh("matched")
    chain: list[gast.stmt] = [_placed(assign(matched, constant(False)), case)]
    for choice in reversed(choices):
        tests, captures = _parts(choice, subject, to)
        body = [*captures, _placed(assign(matched, constant(True)), case)]
        chain = [_if(_all(tests), body, chain, case)] if tests else body
    if case.guard is not None:
        chain.append(_if(name(matched), [_placed(assign(matched, case.guard), case)], [], case))
    return [*chain, _if(name(matched), case.body, _cases(rest, subject, to), case)]


# ---- patterns -----------------------------------------------------------------------------------
def captured(pattern: gast.AST | None) -> set[str]:
    """The names that a pattern assigns."""
    found: set[str] = set()
    for part in nodes(pattern) if pattern is not None else ():
        if isinstance(part, (gast.MatchAs, gast.MatchStar)) and part.name is not None:
            found.add(part.name)
        elif isinstance(part, gast.MatchMapping) and part.rest is not None:
            found.add(part.rest)
    return found


def _alternatives(pattern: gast.pattern) -> Iterator[gast.pattern]:
    """The pattern, an ``|`` that captures written out."""
    if isinstance(pattern, gast.MatchOr):
        if not captured(pattern):
            yield pattern
            return
        for part in pattern.patterns:
            yield from _alternatives(part)
        return
    slots = [key for key in ("patterns", "kwd_patterns", "pattern") if getattr(pattern, key, None)]
    if not slots:
        yield pattern
        return
    inner = [getattr(pattern, key) for key in slots]
    lists = [part if isinstance(part, list) else [part] for part in inner]
    choices = [[list(_alternatives(part)) for part in parts] for parts in lists]
    for chosen in itertools.product(*(itertools.product(*part) for part in choices)):
        new = clone(pattern)
        for key, parts, old in zip(slots, chosen, inner):
            setattr(new, key, list(parts) if isinstance(old, list) else parts[0])
        yield new


def _parts(pattern: gast.pattern, subject: gast.expr, to: Lowering) -> Parts:
    """What a pattern asks of a subject, and what it captures of it."""
    return _OF[type(pattern)](pattern, subject, to)


def _value(pattern: gast.MatchValue, subject: gast.expr, to: Lowering) -> Parts:
    return Parts([_compare(subject, gast.Eq(), pattern.value)], [])


def _singleton(pattern: gast.MatchSingleton, subject: gast.expr, to: Lowering) -> Parts:
    return Parts([_compare(subject, gast.Is(), constant(pattern.value))], [])


def _as(pattern: gast.MatchAs, subject: gast.expr, to: Lowering) -> Parts:
    parts = Parts([], []) if pattern.pattern is None else _parts(pattern.pattern, subject, to)
    if pattern.name is None:
        return parts
    return Parts(parts.tests, [*parts.captures, _placed(assign(pattern.name, clone(subject)), pattern)])


def _or(pattern: gast.MatchOr, subject: gast.expr, to: Lowering) -> Parts:
    choices = [_parts(part, subject, to).tests for part in pattern.patterns]
    if not all(choices):
        return Parts([], [])
    return Parts([gast.BoolOp(op=gast.Or(), values=[_all(tests) for tests in choices])], [])


def _sequence(pattern: gast.MatchSequence, subject: gast.expr, to: Lowering) -> Parts:
    stars = [k for k, part in enumerate(pattern.patterns) if isinstance(part, gast.MatchStar)]
    count = len(pattern.patterns)
    length = call("len", clone(subject))
    tests: list[gast.expr] = [call(name("s2sad.is_sequence"), clone(subject))]
    if not stars:
        tests.append(_compare(length, gast.Eq(), constant(count)))
    elif count > 1:
        tests.append(_compare(length, gast.GtE(), constant(count - 1)))
    captures: list[gast.stmt] = []
    for k, part in enumerate(pattern.patterns):
        behind = bool(stars) and k > stars[0]
        if isinstance(part, gast.MatchStar):
            if part.name is not None:
                captures.append(_placed(assign(part.name, _rest(subject, k, count - k - 1)), part))
            continue
        inner = _parts(part, subscript(clone(subject), constant(k - count if behind else k)), to)
        tests += inner.tests
        captures += inner.captures
    return Parts(tests, captures)


def _rest(subject: gast.expr, before: int, behind: int) -> gast.expr:
    bounds = gast.Slice(constant(before) if before else None, constant(-behind) if behind else None, None)
    return call("list", subscript(clone(subject), bounds))


def _mapping(pattern: gast.MatchMapping, subject: gast.expr, to: Lowering) -> Parts:
    tests: list[gast.expr] = [call(name("s2sad.is_mapping"), clone(subject))]
    captures: list[gast.stmt] = []
    for key, part in zip(pattern.keys, pattern.patterns):
        tests.append(_compare(clone(key), gast.In(), clone(subject)))
        inner = _parts(part, subscript(clone(subject), clone(key)), to)
        tests += inner.tests
        captures += inner.captures
    if pattern.rest is not None:
        captures.append(_placed(assign(pattern.rest, _others(pattern, subject, to)), pattern))
    return Parts(tests, captures)


def _others(pattern: gast.MatchMapping, subject: gast.expr, to: Lowering) -> gast.expr:
    """The items under other keys than those of the pattern."""
    key, value = to.fresh("key"), to.fresh("value")
    pair = gast.Tuple(elts=[target(key), target(value)], ctx=gast.Store())
    items = gast.Call(func=gast.Attribute(clone(subject), "items", gast.Load()), args=[], keywords=[])
    keys = gast.Tuple(elts=[clone(part) for part in pattern.keys], ctx=gast.Load())
    part = gast.comprehension(
        target=pair, iter=items, ifs=[_compare(name(key), gast.NotIn(), keys)], is_async=0
    )
    return gast.DictComp(key=name(key), value=name(value), generators=[part])


def _class(pattern: gast.MatchClass, subject: gast.expr, to: Lowering) -> Parts:
    tests: list[gast.expr] = [call("isinstance", clone(subject), clone(pattern.cls))]
    captures: list[gast.stmt] = []
    whole = isinstance(pattern.cls, gast.Name) and pattern.cls.id in WHOLE and pattern.cls.id not in to.bound
    pairs: list[tuple[gast.pattern, gast.expr]] = []
    for k, part in enumerate(pattern.patterns):
        fields = gast.Attribute(clone(pattern.cls), "__match_args__", gast.Load())
        held = clone(subject) if whole else call("getattr", clone(subject), subscript(fields, constant(k)))
        pairs.append((part, held))
    for attr, part in zip(pattern.kwd_attrs, pattern.kwd_patterns):
        pairs.append((part, gast.Attribute(clone(subject), attr, gast.Load())))
    for part, held in pairs:
        inner = _parts(part, held, to)
        tests += inner.tests
        captures += inner.captures
    return Parts(tests, captures)


_OF: dict[type, Callable[..., Parts]] = {
    gast.MatchValue: _value, gast.MatchSingleton: _singleton, gast.MatchSequence: _sequence,
    gast.MatchMapping: _mapping, gast.MatchClass: _class, gast.MatchAs: _as, gast.MatchOr: _or,
}  # fmt: skip


# ---- trees --------------------------------------------------------------------------------------
def _compare(left: gast.expr, op: gast.cmpop, right: gast.expr) -> gast.expr:
    return gast.Compare(left=clone(left), ops=[op], comparators=[clone(right)])


def _all(tests: list[gast.expr]) -> gast.expr:
    return tests[0] if len(tests) == 1 else gast.BoolOp(op=gast.And(), values=tests)


def _if(test: gast.expr, body: list[gast.stmt], orelse: list[gast.stmt], place: gast.AST) -> gast.stmt:
    return _placed(gast.If(test=test, body=body, orelse=orelse), place)


def _placed(stmt: gast.stmt, place: gast.AST) -> gast.stmt:
    place = place.pattern if isinstance(place, gast.match_case) else place
    return at(stmt, place)
