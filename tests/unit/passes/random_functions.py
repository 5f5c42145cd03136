"""Random functions full of exits: loops, branches, `with`, walrus, loop `else`, comprehensions."""

import random


class Writer:
    """Writes one function; every loop ends, every variable exists."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.loops = 0

    def function(self):
        body = self.block(1, depth=0, loop=False)
        return "\n".join(["def f(a, b):", "    c = 0", *body, *self.maybe(["    return " + self.value()])]) + "\n"

    def maybe(self, lines):
        return lines if self.draw.random() < 0.7 else []

    def block(self, indent, depth, loop):
        out = []
        for _ in range(self.draw.randint(1, 3)):
            out += self.statement(indent, depth, loop)
        return out

    def statement(self, indent, depth, loop):
        kinds = ["assign", "assign", "log", "exit"]
        if depth < 4:
            kinds += ["if", "if", "if", "for", "while", "with", "walrus"]
        return getattr(self, self.draw.choice(kinds))(indent, depth, loop)

    def name(self):
        return self.draw.choice("abc")

    def value(self):
        return self.draw.choice([
            self.name(), str(self.draw.randint(-1, 4)), f"{self.name()} + {self.name()} % 5",
            f"sum([i * {self.name()} for i in range(3)])", f"({self.name()} := {self.name()} + 1) - {self.name()}",
        ])  # fmt: skip

    def test(self):
        simple = f"{self.name()} % 3 {self.draw.choice(['==', '!=', '<', '>='])} {self.draw.randint(0, 2)}"
        return self.draw.choice([
            simple, simple, f"{simple} and (b := log({self.name()})) % 2", f"any(i == {self.name()} for i in range(3))",
            f"not {self.name()}", f"log({self.name()}) < 2 or {simple}",
        ])  # fmt: skip

    def assign(self, indent, depth, loop):
        return ["    " * indent + f"{self.name()} {self.draw.choice(['=', '=', '+='])} ({self.value()}) % 7"]

    def log(self, indent, depth, loop):
        return ["    " * indent + f"log(({self.draw.randint(0, 99)}, a, b, c))"]

    def exit(self, indent, depth, loop):
        if self.draw.random() < 0.3:
            return self.log(indent, depth, loop)
        kinds = ["return " + self.value(), "return " + self.name(), "return"]
        if loop:
            kinds += ["break", "continue"] * 3
        return ["    " * indent + self.draw.choice(kinds)]

    def head(self, text, indent, depth, loop):
        return ["    " * indent + text, *self.block(indent + 1, depth + 1, loop)]

    def orelse(self, indent, depth, loop, chance):
        return self.head("else:", indent, depth, loop) if self.draw.random() < chance else []

    def walrus(self, indent, depth, loop):
        return self.head(f"if (c := {self.name()} + 1) % 2:", indent, depth, loop)

    def with_(self, indent, depth, loop):
        return self.head("with scope(a):", indent, depth, loop)

    def if_(self, indent, depth, loop):
        return self.head(f"if {self.test()}:", indent, depth, loop) + self.orelse(indent, depth, loop, 0.5)

    def for_(self, indent, depth, loop):
        variable = self.draw.choice(["a", "b", "k"])
        text = f"for {variable} in range({self.draw.randint(0, 3)}):"
        return self.head(text, indent, depth, True) + self.orelse(indent, depth, loop, 0.3)

    def while_(self, indent, depth, loop):
        self.loops += 1
        count = f"n{self.loops}"
        before = "    " * indent + f"{count} = 0"
        test = self.draw.choice([f"({count} := {count} + 1) < 4", f"({count} := {count} + 1) < 4 and ({self.test()})"])
        return [before, *self.head(f"while {test}:", indent, depth, True), *self.orelse(indent, depth, loop, 0.3)]


setattr(Writer, "with", Writer.with_)
setattr(Writer, "if", Writer.if_)
setattr(Writer, "for", Writer.for_)
setattr(Writer, "while", Writer.while_)


def random_function(seed):
    """The source of the function `f(a, b)` of a seed."""
    return Writer(seed).function()
