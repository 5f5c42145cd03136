"""What each kind of expression means to the interpreter.

Names and displays, conditions, operators and items have files of their own; here is what is left: text and lambdas.
"""

from __future__ import annotations

import gast

from s2sad.abstract.items import Items
from s2sad.abstract.values import Function, Value
from s2sad.signature import Opaque, Static, Veiled, is_veiled, literal
from s2sad.tree.build import constant


class Expressions(Items):
    """Expressions; calls are in `calls`."""

    def visit_JoinedStr(self, node: gast.JoinedStr, hint: str | None) -> Value:
        with self.passively():
            parts = [self.visit(part) for part in node.values]
        if all(isinstance(part.known, str) for part in parts):
            text = "".join(part.known for part in parts)
            return Value(literal(text), constant(text))
        nodes = [part.node if part.node is not None else self.whole(part) for part in parts]
        hides = any(is_veiled(part.type) for part in parts) and not self.passive
        return Value(Veiled(str) if hides else Opaque(str), gast.JoinedStr(values=nodes))

    def visit_FormattedValue(self, node: gast.FormattedValue, hint: str | None) -> Value:
        spec = self.visit(node.format_spec).node if node.format_spec is not None else None
        if isinstance(spec, gast.Constant):  # it was a text that is known
            spec = gast.JoinedStr([spec])
        value = self.visit(node.value)
        plain = node.conversion == -1 and node.format_spec is None
        if plain and isinstance(value.known, (str, int)) and not value.varied:
            return Value(literal(f"{value.known}"), constant(f"{value.known}"))
        whole = self.whole(value)
        hides = value.varied or is_veiled(value.type)
        return Value(
            Veiled(str) if hides else Opaque(str),
            gast.FormattedValue(value=whole, conversion=node.conversion, format_spec=spec),
        )

    def visit_Lambda(self, node: gast.Lambda, hint: str | None) -> Value:
        body = gast.Return(value=node.body)
        gast.copy_location(body, node)
        function = Function(
            "<lambda>",
            node.args,
            self.lessons.lambdas.setdefault(id(node), (node, [body]))[1],
            self.frame,
            self.defaults_of(node.args),
        )
        return Value(Static(function), None, function=function)

    def defaults_of(self, args: gast.arguments) -> dict[str, Value]:
        """The defaults of a function made here, evaluated now."""
        plain = [*args.posonlyargs, *args.args]
        pairs = list(zip(plain[len(plain) - len(args.defaults) :], args.defaults))
        pairs += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults) if d is not None]
        defaults = {}
        for arg, node in pairs:
            value = self.visit(node)
            simple = value.items is not None or value.function is not None or value.is_static
            defaults[arg.id] = self.held(value) if simple else self.atom(value)
        return defaults
