"""What random programs write of objects and of containers made anew: classes, methods, fields, operators, lists and dicts.

Each program has two to three classes of its own, of several kinds: plain ones, such with ``__slots__``, subclasses,
dataclasses (frozen ones too) and named tuples.  All have the fields ``u`` and ``v`` and the method ``value``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.draws import Draws

INITS = [
    "self.u = u\nself.v = v",
    "self.u = u * 0.9\nself.v = v + 0.2 * u",
    "self.v = v\nself.u = math.tanh(u)",
    "self.u, self.v = u, v * 0.8\nself.calls = 0",
]
VALUES = [
    "return self.u * w + self.v", "return math.sin(self.u) * self.v - w", "return self.total * w",
    "if n_of(w) > 1:\n    return self.u * self.v\nreturn self.v - w * self.u",
    "r = w\nfor k in range(2):\n    r = r * self.u * 0.5 + self.v\nreturn r",
    "return sum(f * w for f in (self.u, self.v))",
]  # fmt: skip
STEPS = [
    "self.u = math.tanh(self.u + w * self.v)",
    "self.u += 0.2 * math.sin(w)\nself.v *= 0.9",
    "self.u, self.v = self.v, self.u * math.cos(w)",
    "for _ in range(2):\n    self.v = math.sin(self.v * w + self.u)",
    "self.v -= 0.1 * self.value(w)",
]
KINDS = ("plain", "slots", "child", "data", "frozen", "tuple")


@dataclass(frozen=True)
class Kind:
    """A class of the program."""

    name: str
    kind: str
    operators: tuple[str, ...]
    extras: tuple[str, ...] = ()
    """Fields beside: an array `x`, a list `log`, an object `inner`."""
    inner: Kind | None = None

    @property
    def is_changed(self) -> bool:
        """Whether its objects have fields that can be assigned."""
        return self.kind not in ("frozen", "tuple")


def indented(text: str, depth: int = 1) -> str:
    return "\n".join("    " * depth + line for line in text.splitlines())


class Objects(Draws):
    """Statements and expressions with objects; mixed into a writer of programs."""

    floats: list[str]
    fixed: set[str]
    loops: int
    inside: int
    put: Callable[[str], None]
    value: Callable[[], str]
    integer: Callable[[], str]
    number: Callable[[], str]
    bounded: Callable[[], str]
    expression: Callable[..., str]

    def start_objects(self) -> None:
        """What a program knows of objects and of containers at first."""
        self.kinds: list[Kind] = []
        self.objects: dict[str, Kind] = {}
        self.teams: dict[str, Kind] = {}
        self.lists: list[str] = []
        self.tables: list[str] = []

    # ---- classes --------------------------------------------------------------------------------
    def classes(self) -> str:
        """The classes of a program."""
        texts = []
        for _ in range(self.rng.randint(2, 3)):
            texts.append(self._class())
        return "\n\n\n".join(texts)

    def _class(self) -> str:
        kind = self.pick(KINDS)
        parents = [one for one in self.kinds if one.kind in ("plain", "slots")]
        if kind == "child" and not parents:
            kind = "plain"
        new = self.fresh("C")
        operators = tuple(one for one in ("add", "mul", "getitem", "call", "iter", "neg") if self.chance(0.6))
        if kind == "tuple":
            operators = tuple(one for one in operators if one in ("call", "neg"))
        extras = tuple(one for one in ("x", "log", "inner") if kind == "plain" and self.chance(0.5))
        inner = [one for one in self.kinds if one.is_changed]
        extras = extras if inner else tuple(one for one in extras if one != "inner")
        made = Kind(new, kind, operators, extras, self.pick(inner) if "inner" in extras else None)
        lines = {
            "plain": [f"class {new}:"], "slots": [f"class {new}:", '    __slots__ = ("u", "v", "calls")'],
            "data": ["@dataclasses.dataclass", f"class {new}:", "    u: float", f"    v: float = {self.number()}"],
            "frozen": ["@dataclasses.dataclass(frozen=True)", f"class {new}:", "    u: float", f"    v: float = {self.number()}"],
            "tuple": [f"class {new}(NamedTuple):", "    u: float", f"    v: float = {self.number()}"],
        }.get(kind, [])  # fmt: skip
        parent = None
        if kind == "child":
            parent = self.pick(parents)
            lines = [f"class {new}({parent.name}):"]
        if kind in ("plain", "slots"):
            lines += [f"    def __init__(self, u, v={self.number()}):", indented(self.pick(INITS), 2)]
        fields = {"x": "np.array([u, v, 0.3])", "log": "[u]", "inner": made.inner and f"{made.inner.name}(v, u)"}
        lines += [f"        self.{one} = {fields[one]}" for one in extras]
        if kind == "child":
            lines += [
                f"    def __init__(self, u, v={self.number()}):",
                f"        super().__init__({self.pick(['u, v', 'u * 0.7, v', 'v, u'])})",
                f"        self.w = {self.pick(['u * v', 'self.u + 0.3', '0.7'])}",
            ]
        if kind == "data" and self.chance(0.4):
            lines += ["    def __post_init__(self):", "        self.v = self.v * 0.9 + 0.1 * self.u"]
        lines += ["    @property", "    def total(self):", f"        return self.u + self.v * {self.number()}"]
        lines += ["    def value(self, w=0.3):"]
        if parent is not None:
            lines += [f"        return {self.pick(['super().value(w) + self.w', 'self.w * w + self.u', 'super().value(w * 0.5)'])}"]
        else:
            lines += [indented(self.pick(VALUES), 2)]
        if made.is_changed:
            lines += ["    def step(self, w):", indented(self.pick(STEPS), 2)]
            lines += [f"        return {self.pick(['self', 'self.u'])}"] if self.chance(0.6) else []
        else:
            again = {"frozen": "dataclasses.replace(self, {})", "tuple": "self._replace({})"}[kind]
            lines += ["    def moved(self, w):", f"        return {again.format(self.pick(['u=self.u * w', 'v=w, u=self.v', 'v=self.v - w']))}"]
        lines += ["    @staticmethod", "    def mixed(p, q):", f"        return p * {self.number()} - q * p"]
        lines += ["    @classmethod", "    def of(cls, w):", "        return cls(w * 0.6, w)"]
        bodies = {
            "add": f"def __add__(self, other):\n    return {new}(self.u + other.u, self.v * other.v)",
            "mul": f"def __mul__(self, k):\n    return {new}(self.u * k, self.v)",
            "getitem": "def __getitem__(self, k):\n    return (self.u, self.v)[k]",
            "call": "def __call__(self, w):\n    return self.u * math.sin(w) + self.v",
            "iter": "def __iter__(self):\n    yield self.u\n    yield self.v",
            "neg": f"def __neg__(self):\n    return {new}(-self.u, self.v)",
        }
        lines += [indented(bodies[one]) for one in operators]
        if self.chance(0.4):
            lines += ["    def parts(self):", f"        for k in range({self.pick([1, 2, 3])}):", "            yield self.u * k + self.v"]
        else:
            lines += ["    def parts(self):", "        return [self.u, self.v, self.u * self.v]"]
        if self.chance(0.4):
            lines += ["    def __lt__(self, other):", "        return self.u * self.v < other.u * other.v"]
        self.kinds.append(made)
        return "\n".join(lines)

    def given_object(self) -> str:
        """A parameter that is an object."""
        name = self.fresh("p")
        self.objects[name] = self.pick(self.kinds)
        self.given = self.objects[name]
        return name

    def argument_object(self, name: str) -> str:
        return f"{self.given.name}({self.number()}, {self.number()})"

    # ---- expressions ----------------------------------------------------------------------------
    def made(self, kind: Kind | None = None) -> tuple[str, Kind]:
        """A new object."""
        kind = kind or self.pick(self.kinds)
        part = self.expression(1)
        forms = [f"{kind.name}({part}, {self.value()})", f"{kind.name}({part})", f"{kind.name}.of({part})"]
        forms += [f"{kind.name}(v={self.value()}, u={part})", f"{kind.name}(*[{part}, {self.value()}])"]
        return self.pick(forms), kind

    def object_expression(self, part: Callable[[], str]) -> str | None:
        """A float that is read from an object."""
        if self.teams and self.chance(0.2):
            team = self.pick(self.teams)
            return self.pick([
                f"sum(q.u for q in {team})", f"sum(q.value({part()}) for q in {team})", f"{team}[-1].v", f"{team}[0].total",
                f"functools.reduce(lambda p, q: p + q.v, {team}, {part()})", f"sum(map(lambda q: q.total, {team}))",
            ])  # fmt: skip
        if not self.objects:
            return None
        one = self.pick(self.objects)
        kind = self.objects[one]
        forms = [
            f"{one}.u", f"{one}.v", f"{one}.total", f"{one}.value({part()})", f"{one}.value(w={part()})",
            f"getattr({one}, 'u')", f"{kind.name}.mixed({part()}, {one}.v)", f"{one}.mixed({one}.u, {part()})",
            f"functools.partial({one}.value, {part()})()", f"({one}.u if isinstance({one}, {self.pick(self.kinds).name}) else {part()})",
            f"{kind.name}.of({part()}).value()", f"(lambda q: q.u * q.v)({one})",
        ]  # fmt: skip
        extra = {
            "add": [f"({one} + {one}).v", f"({one} + {kind.name}({part()})).value()"], "mul": [f"({one} * {part()}).total"],
            "getitem": [f"{one}[{self.integer()} % 2]", f"{one}[-1]"], "call": [f"{one}({part()})"],
            "iter": [f"sum({one})", f"math.prod({one})"], "neg": [f"(-{one}).u"],
        }  # fmt: skip
        for operator in kind.operators:
            forms += extra[operator]
        forms += [f"sum({one}.parts())", f"sum(v * {self.number()} for v in {one}.parts())", f"chained({one}, {part()}, {self.pick(range(3))})"]
        more = {
            "x": [f"np.sum({one}.x)", f"{one}.x[{self.integer()} % 3]", f"float({one}.x @ {one}.x)", f"np.max({one}.x[1:])"],
            "log": [f"sum({one}.log)", f"{one}.log[-1]", f"len({one}.log) * {part()}"],
            "inner": [f"{one}.inner.u", f"{one}.inner.total", f"{one}.inner.value({part()})", f"chained({one}.inner, {part()}, 2)"],
        }  # fmt: skip
        for extra_field in kind.extras:
            forms += more[extra_field] * 2
        if kind.kind == "tuple":
            forms += [f"{one}[{self.integer()} % 2]", f"sum({one})"]
        return self.pick(forms)

    def container_expression(self, part: Callable[[], str]) -> str | None:
        """A float that is read from a list or a dict."""
        forms = []
        if self.lists:
            one = self.pick(self.lists)
            forms += [f"{one}[{self.integer()} % 3]", f"{one}[-1]", f"sum({one})", f"sum(p * q for p, q in zip({one}, xs))"]
        if self.tables:
            one = self.pick(self.tables)
            forms += [f"{one}['p']", f"{one}.get('q', {part()})", f"sum({one}.values())", f"sum(v * len(k) for k, v in {one}.items())"]
        return self.pick(forms) if forms else None

    # ---- statements -----------------------------------------------------------------------------
    def object_statements(self) -> list[Callable[[], None]]:
        """What may be written where objects and containers are."""
        found: list[Callable[[], None]] = [self.make_object, self.make_list, self.make_table]
        if self.objects:
            found += [self.change_object] * 3 + [self.alias, self.rebind]
        if self.lists:
            found += [self.renew_list] * 2
        if self.tables:
            found += [self.renew_table] * 2
        found += [self.change_team] if self.teams else [self.make_team]
        return found

    def make_object(self) -> None:
        text, kind = self.made()
        name = self.fresh("o")
        self.put(f"{name} = {text}")
        self.objects[name] = kind

    def rebind(self) -> None:
        """Another object under an old name."""
        one = self.pick(self.objects)
        kind = self.objects[one]
        others = [other for other, its in self.objects.items() if its == kind and other != one]
        forms = [f"{one} = {self.made(kind)[0]}"]
        if others:
            forms += [f"{one} = {self.pick(others)}", f"{one}, {others[0]} = {others[0]}, {one}"]
        if "add" in kind.operators:
            forms += [f"{one} = {one} + {kind.name}({self.bounded()})", f"{one} += {kind.name}({self.bounded()}, 0.8)"]
        if "mul" in kind.operators:
            forms += [f"{one} *= {self.bounded()}", f"{one} = {one} * {self.bounded()}"]
        if not kind.is_changed:
            forms += [f"{one} = {one}.moved({self.bounded()})"] * 3
        self.put(self.pick(forms))

    def alias(self) -> None:
        one = self.pick(self.objects)
        name = self.fresh("o")
        forms = [one, f"copy.copy({one})"] if self.objects[one].kind != "slots" else [one]
        self.put(f"{name} = {self.pick(forms)}")
        self.objects[name] = self.objects[one]

    def change_object(self) -> None:
        changed = [one for one, kind in self.objects.items() if kind.is_changed]
        if not changed:
            return self.rebind()
        one = self.pick(changed)
        field = self.pick("uv")
        kind = self.objects[one]
        if kind.extras and self.chance(0.5):
            return self.change_extra(one, kind)
        self.put(self.pick([
            f"{one}.{field} = {self.bounded()}", f"{one}.{field} {self.pick(['+=', '-='])} {self.number()} * {self.bounded()}",
            f"{one}.{field} *= {self.bounded()}", f"{one}.step({self.value()})", f"{one}.step({self.bounded()})",
            f"setattr({one}, '{field}', {self.bounded()})", f"{one}.u, {one}.v = {one}.v, {self.bounded()}",
            f"nudge({one}, {self.value()})",
        ]))  # fmt: skip
        return None

    def change_extra(self, one: str, kind: Kind) -> None:
        """A field that is an array, a list or an object."""
        k, value = self.pick(range(3)), self.bounded()
        forms = {
            "x": [
                f"{one}.x[{k}] = {value}", f"{one}.x[{k}] += 0.3 * {value}", f"{one}.x *= {value}", f"{one}.x = {one}.x * {value}",
                f"{one}.x[1:] = {value}", f"{one}.x[:2] += {one}.x[1:]", f"y = {one}.x\ny[{k}] *= {value}",
                f"for k, w in enumerate({one}.x):\n    {one}.x[k] = math.sin(w)", f"{one}.x = np.tanh({one}.x + {value})",
            ],
            "log": [f"{one}.log.append({value})", f"{one}.log[0] *= {value}", f"{one}.log = {one}.log + [{value}]", f"{one}.log += [{value}]"],
        }  # fmt: skip
        if kind.inner is not None:
            new = self.made(kind.inner)[0]
            forms["inner"] = [
                f"{one}.inner = {new}", f"{one}.inner.u = {value}", f"{one}.inner.v += 0.2 * {value}", f"nudge({one}.inner, {value})",
                f"{one}.inner.step({value})", f"i = {one}.inner\ni.v = {value}", f"{one}.u, {one}.inner.v = {one}.inner.v, {value}",
            ]  # fmt: skip
        self.put(self.pick(forms[self.pick(kind.extras)]))

    def make_team(self) -> None:
        kind = self.pick(self.kinds)
        name = self.fresh("team")
        forms = [
            f"[{kind.name}(v, {self.value()}) for v in xs]", f"[{kind.name}(v * 0.5) for v in xs[:2]]",
            f"[{kind.name}({self.value()}), {kind.name}({self.bounded()}, 0.4)]",
        ]  # fmt: skip
        if self.inside:
            return self.make_object()
        self.put(f"{name} = {self.pick(forms)}")
        self.teams[name] = kind
        return None

    def change_team(self) -> None:
        team = self.pick(self.teams)
        kind = self.teams[team]
        q = self.fresh("q")
        if kind.is_changed:
            self.put(f"for {q} in {team}:")
            self.put("    " + self.pick([
                f"{q}.u += 0.1 * {self.bounded()}", f"{q}.step({self.value()})", f"{q}.v = {q}.value({self.value()}) * 0.3",
                f"nudge({q}, {self.value()})",
            ]))  # fmt: skip
            return
        self.put(f"{team} = [{q}.moved({self.value()}) for {q} in {team}]")

    def make_list(self) -> None:
        name = self.fresh("l")
        self.put(f"{name} = " + self.pick([
            f"[v * {self.value()} for v in xs]", f"[{self.bounded()}, {self.value()}, 0.5]", "list(xs)",
            f"[{self.value()}] * 3", f"[math.sin(v) for v in [*xs[1:], {self.value()}]]",
        ]))  # fmt: skip
        self.lists.append(name)

    def renew_list(self) -> None:
        """A list that is made anew from what it was, or changed in place."""
        one = self.pick(self.lists)
        other = self.pick(self.lists)
        self.put(f"{one} = " + self.pick([
            f"[math.tanh(p + 0.3 * q) for p, q in zip({one}, {self.pick(['xs', other])})]", f"[p * {self.value()} for p in {one}]",
            f"{one}[1:] + [{self.bounded()}]", f"[{self.bounded()}] + {one}[:-1]", f"list(map(math.sin, {one}))",
            f"[{one}[(k + 1) % 3] * 0.8 for k in range(3)]", f"{one}[::-1]", f"[*{one}[:2], {self.bounded()}]",
            f"[p if {self.integer()} > 1 else {self.value()} for p in {one}]", f"list({other})",
        ]) if self.chance(0.75) else f"{one}[{self.integer()} % 3] {self.pick(['=', '+=', '*='])} {self.bounded()}")  # fmt: skip

    def make_table(self) -> None:
        name = self.fresh("d")
        self.put(f"{name} = " + self.pick([
            f"{{'p': {self.bounded()}, 'q': {self.value()}}}", f"dict(p={self.value()}, q={self.bounded()})",
            f"{{k: v * {self.value()} for k, v in zip('pq', xs)}}", f"dict(zip(['p', 'q'], [{self.value()}, {self.bounded()}]))",
        ]))  # fmt: skip
        self.tables.append(name)

    def renew_table(self) -> None:
        """A dict that is made anew from what it was, or changed in place."""
        one = self.pick(self.tables)
        self.put(self.pick([
            f"{one} = {{k: math.tanh(v + {self.value()}) for k, v in {one}.items()}}", f"{one} = {{**{one}, 'q': {self.bounded()}}}",
            f"{one} = {one} | {{'p': {self.bounded()}}}", f"{one}['p'] = {self.bounded()}", f"{one}['q'] += 0.2 * {self.bounded()}",
            f"{one}.update(p={self.bounded()})", f"for k in {one}:\n    {one}[k] *= {self.value()}",
            f"{one} = {{k: {one}[k] * 0.8 for k in sorted({one})}}", f"{one} = dict(p={one}['q'], q={one}['p'] * {self.value()})",
        ]))  # fmt: skip

    def objects_at_the_end(self) -> list[str]:
        """What the result reads of objects and containers."""
        fields = [f"{one}.u * {one}.v" for one in self.objects]
        fields += [f"sum(q.u - q.v for q in {team})" for team in self.teams]
        return fields + [f"sum({one})" for one in self.lists] + [f"sum({one}.values())" for one in self.tables]
