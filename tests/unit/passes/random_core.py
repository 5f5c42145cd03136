"""Random programs in core: versioned names, merge copies, loops, tapes, branches, views, stores, effects."""

from __future__ import annotations

import random

SCALARS, ARRAYS = "scalar", "array"


class Writer:
    """Writes one program; every name is bound before it is read on every path."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.versions: dict[str, int] = {}
        self.lines: list[str] = []
        self.tapes: list[tuple[str, str, str]] = []
        self.fresh: list[str] = []

    def name(self, stem: str) -> str:
        version = self.versions[stem] = self.versions.get(stem, 0) + 1
        return f"{stem}__v{version}"

    def stem(self, kind: str) -> str:
        letters = ("t", "t_bar", "u", "w", "x_bar") if kind == SCALARS else ("t", "a", "b", "a_bar", "y_bar")
        return self.random.choice(letters)

    def put(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    # ---- expressions --------------------------------------------------------------------------------------------

    def pick(self, scope: dict[str, list[str]], kind: str) -> str:
        return self.random.choice(scope[kind][-8:])

    def expression(self, scope: dict[str, list[str]], kind: str) -> str:
        choose, p, q = self.random.choice, self.pick(scope, kind), self.pick(scope, kind)
        s = self.pick(scope, SCALARS)
        common = [
            f"{p} + {q}", f"{p} * {q}", f"{p} - {q}", f"-{p}", f"np.sin({p})", f"1.0 * {p}", f"{p} * (1.0 / 3.0)",
            f"{p} + -{q} * {s}", f"{p} * {q} + {p} * {q}", f"{p} / (2.0 + {q} * {q})", f"{p} ** 2", p,
            f"np.cos({p}) * {s}", f"{p} if {s} > 0.1 else {q}",
        ]  # fmt: skip
        if kind == SCALARS:
            array = self.pick(scope, ARRAYS)
            return choose([*common, f"np.sum({array})", f"{array}[1]", f"abs({p})", f"max({p}, {q})", f"0.5 + {p}"])
        return choose([*common, f"{p}[::-1]", f"{p}.copy()", f"np.zeros_like({p})", f"{s} * {p}", f"{p}[:] * {s}"])

    # ---- statements ---------------------------------------------------------------------------------------------

    def block(self, scope: dict[str, list[str]], depth: int, count: int, index: str | None = None) -> None:
        for _ in range(count):
            self.statement(scope, depth, index)

    def statement(self, scope: dict[str, list[str]], depth: int, index: str | None) -> None:
        dice = self.random.random()
        if dice < 0.08 and depth < 3:
            self.branch(scope, depth, index)
        elif dice < 0.18 and depth < 3:
            self.loop(scope, depth)
        elif dice < 0.26 and self.fresh_in(scope):
            self.store(scope, depth, index)
        elif dice < 0.29:
            self.put(depth, f"log({self.pick(scope, SCALARS)})")
        elif dice < 0.31:
            name = self.name("t")
            self.put(depth, f"{name} = probe({self.pick(scope, SCALARS)})")
            scope[SCALARS].append(name)
        else:
            self.assign(scope, depth)

    def assign(self, scope: dict[str, list[str]], depth: int) -> None:
        kind = self.random.choice((SCALARS, SCALARS, ARRAYS))
        value = self.expression(scope, kind)
        name = self.name(self.stem(kind))
        self.put(depth, f"{name} = {value}")
        scope[kind].append(name)
        if value.endswith(".copy()") or value.startswith("np.zeros_like") or "[:] * " in value:
            self.fresh.append(name)

    def fresh_in(self, scope: dict[str, list[str]]) -> list[str]:
        return [name for name in scope[ARRAYS] if name in self.fresh]

    def store(self, scope: dict[str, list[str]], depth: int, index: str | None) -> None:
        name = self.random.choice(self.fresh_in(scope))
        where = self.random.choice(["0", "2", "-1", *([index] if index else [])])
        if self.random.random() < 0.3:
            self.put(depth, f"{name}[...] += {self.pick(scope, ARRAYS)}")
        else:
            op = self.random.choice(["=", "+=", "-="])
            self.put(depth, f"{name}[{where}] {op} {self.expression(scope, SCALARS)}")

    def branch(self, scope: dict[str, list[str]], depth: int, index: str | None) -> None:
        kind = self.random.choice((SCALARS, ARRAYS))
        merged = self.name(self.stem(kind))
        self.put(depth, f"if {self.pick(scope, SCALARS)} < {self.random.choice(['0.0', '0.7'])}:")
        for word in ("", "else:"):
            if word:
                self.put(depth, word)
            inner = {key: list(names) for key, names in scope.items()}
            self.block(inner, depth + 1, self.random.randint(0, 3), index)
            self.put(depth + 1, f"{merged} = {self.pick(inner, kind)}")
        scope[kind].append(merged)

    def loop(self, scope: dict[str, list[str]], depth: int) -> None:
        kinds = [self.random.choice((SCALARS, ARRAYS)) for _ in range(self.random.randint(1, 2))]
        carried = [(kind, self.name(self.stem(kind))) for kind in kinds]
        for kind, name in carried:
            self.put(depth, f"{name} = {self.pick(scope, kind)}")
        tape = self.name("x_tape") if self.random.random() < 0.5 else None
        if tape:
            self.put(depth, f"{tape} = []")
        index, trips = self.name("i"), self.random.choice(["0", "1", "3"])
        broken = self.random.random() < 0.3
        if broken:
            self.put(depth, f"{index} = 0")
            self.put(depth, "while True:")
        else:
            self.put(depth, f"for {index} in range({trips}):")
        inner = {key: list(names) for key, names in scope.items()}
        for kind, name in carried:
            inner[kind].append(name)
        if tape:
            self.put(depth + 1, f"{tape}.append({carried[0][1]})")
        self.block(inner, depth + 1, self.random.randint(1, 4), index)
        new = [self.pick(inner, kind) for kind, _ in carried]
        held = [self.name("t") for _ in new]
        for temporary, source in zip(held, new):  # all at once: one may be the source of another
            self.put(depth + 1, f"{temporary} = {source}")
        after = depth + 1
        if broken:
            self.put(depth + 1, f"{index} = {index} + 1")
            self.put(depth + 1, f"if {index} >= {trips}:")
            self.put(depth + 2, "break")
            self.put(depth + 1, "else:")
            after = depth + 2
        for (_, name), temporary in zip(carried, held):
            self.put(after, f"{name} = {temporary}")
        for kind, name in carried:
            scope[kind].append(name)
        if tape and depth == 1:
            self.replay(scope, depth, tape, *carried[0])

    def replay(self, scope: dict[str, list[str]], depth: int, tape: str, kind: str, carried: str) -> None:
        """A reverse loop that reads the tape."""
        accumulated = self.name("x_bar" if kind == SCALARS else "a_bar")
        self.put(depth, f"{accumulated} = {self.pick(scope, kind)}")
        index, value, new = self.name("k"), self.name("t"), self.name("t_bar")
        self.put(depth, f"for {index} in range(len({tape}) - 1, -1, -1):")
        self.put(depth + 1, f"{value} = {tape}[{index}]")
        inner = {key: list(names) for key, names in scope.items()}
        inner[kind] += [value, accumulated]
        self.block(inner, depth + 1, 2, None)
        self.put(depth + 1, f"{new} = {accumulated} + {self.pick(inner, kind)} * 0.5")
        self.put(depth + 1, f"{accumulated} = {new}")
        scope[kind].append(accumulated)


def random_core(seed: int, size: int = 12) -> str:
    """The text of a random program of ``(p, q, z)``: two floats and an array of four."""
    writer = Writer(seed)
    scope = {SCALARS: ["p", "q"], ARRAYS: ["z"]}
    writer.block(scope, 1, size)
    results = [*scope[SCALARS][-3:], *scope[ARRAYS][-3:]]
    body = "\n".join(writer.lines)
    return f"def f(p, q, z):\n{body}\n    return {', '.join(results)}\n"
