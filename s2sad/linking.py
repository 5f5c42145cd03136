"""A call of a short scalar function as one function: a look at the classes, the guard, and the emitted body.

Where a derivative computes with a few numbers, to enter three functions (the entry, the guard, the emitted one) costs
as much as the arithmetic.  So they are linked into one, in which the globals that the guard has just found unchanged
are constants, and so is what is computed from them alone:

>>> from s2sad.signature import Scalar
>>> scope = {"RATE": 3.0}
>>> exec("def f(x):\\n    return RATE * RATE * x", scope)
>>> guard = Guard(scope["f"], {"RATE": Scalar("float")})
>>> made = link(inspect.signature(scope["f"]), (float,), scope["f"], "def f(x):\\n    return RATE * RATE * x", guard)
>>> fast = made.function(scope["f"], types.CellType(0.0))
>>> fast(2.0), 9.0 in fast.__code__.co_consts
(18.0, True)
>>> scope["RATE"] = 4.0
>>> fast(2.0)  # seen: f itself was called
32.0

The linked function is for the usual case only.  For other classes, after a global was rebound, and where anything is
raised, it goes the plain way, which begins again.  So only a body that computes with numbers, and at most keeps them in
lists of its own, is linked, and its operations stay as they are, in the order that the emitted source shows, at its
lines.  Nothing is linked while a debugger is at work.

Where Numba has compiled the emitted function, the body is the call of the machine code that it made for these classes.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import operator
import types
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from s2sad.backends.numba.running import COMPILED
from s2sad.dispatch import Guard
from s2sad.entry import OWN, declared
from s2sad.single_use import is_stored, substituted

MAX_STATEMENTS = 64
"""What is longer spends its time in its body."""

MAX_RELINKED = 16
"""How often a global is rebound until the function is left as it is: to link costs more than it saves in one call."""

_NUMBERS = (float, int, bool, complex)
_PURE = frozenset(
    [value for value in vars(math).values() if isinstance(value, types.BuiltinFunctionType)]
    + [abs, float, int, bool, complex, round, min, max, len, range]
)
_OPERATIONS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_TEMPLATE = """
def {own}make({cells}):
    def {own}call({parameters}):
        nonlocal {own}hits
        if {tests}:
            try:
                {own}hits += 1.0
            except {exception}:
                {own}hits -= 1.0
        return {own}plain({values})
"""


class _NotLinked(Exception):
    """The body does something that a linked function does not do."""


class _Constant(NamedTuple):
    """What a constant is: an object that the guard watches, a function of earlier constants, or a given value."""

    kind: type
    watched: int | None = None
    function: Callable[..., Any] | None = None
    arguments: tuple[int, ...] = ()
    given: Any = None

    def value(self, guard: Guard, earlier: Sequence[Any]) -> Any:
        """The constant as it is now."""
        if self.watched is not None:
            return guard.values[self.watched]
        if self.function is not None:
            return self.function(*(earlier[k] for k in self.arguments))
        return self.given


class Link:
    """What is needed to make the linked function, and to make it again when a global was rebound to another number."""

    def __init__(
        self,
        template: types.CodeType,
        guard: Guard,
        constants: Sequence[_Constant],
        fixed: dict[str, Any],
        compiled: Any = None,
    ) -> None:
        self._template = template  # its constants are placeholders
        self._compiled = compiled
        self._guard = guard
        self._constants = tuple(constants)
        self._fixed = fixed
        self._left = 1 + MAX_RELINKED

    def function(self, plain: Any, hits: types.CellType) -> Callable[..., Any] | None:
        """The linked function for the globals as they are now, or None where it cannot be.

        Parameters
        ----------
        plain : function
            What is called outside of the usual case; its defaults and its name are taken over.
        hits : cell
            Where calls are counted.
        """
        self._left -= 1
        values = self._values() if self._left >= 0 else None
        if values is None:
            return None
        guard = self._guard
        seen = {**self._fixed, **{_constant(k): value for k, value in enumerate(values)}}
        seen |= {_expected(k): value for k, value in enumerate(guard.values)}
        code = self._template.replace(
            co_consts=tuple(_filled(value, seen) for value in self._template.co_consts)
        )
        user = guard.codes[0][0]
        cells = dict(zip(user.__code__.co_freevars, user.__closure__ or ()))
        cells |= {name: types.CellType(value) for name, value in seen.items()}
        cells |= {_function(k): types.CellType(function) for k, (function, _) in enumerate(guard.codes)}
        cells |= {f"{OWN}plain": types.CellType(plain), f"{OWN}hits": hits}
        cells[COMPILED] = types.CellType(self._compiled)
        closure = tuple(cells[name] for name in code.co_freevars)
        made = types.FunctionType(code, user.__globals__, plain.__name__, plain.__defaults__, closure)
        made.__kwdefaults__, made.__qualname__ = plain.__kwdefaults__, plain.__qualname__
        return made

    def _values(self) -> list[Any] | None:
        values: list[Any] = []
        for constant in self._constants:
            try:
                value = constant.value(self._guard, values)
            except (ArithmeticError, ValueError):
                return None
            if type(value) is not constant.kind:
                return None
            values.append(value)
        return values


def link(
    signature: inspect.Signature,
    classes: Sequence[type],
    function: Any,
    source: str,
    guard: Guard,
    compiled: Any = None,
    in_tuple: str | None = None,
) -> Link | None:
    """How a call is linked with what it runs, or None where that cannot be.

    Parameters
    ----------
    signature : inspect.Signature
        The parameters of the call.
    classes : sequence of type
        The classes of the arguments.
    function : callable
        The emitted function.
    source : str
        The text that defines it.
    guard : Guard
        What it depends on.
    compiled : callable, optional
        What the text calls by the name `COMPILED`: it takes numbers, gives numbers, and does nothing else.
    in_tuple : {"grad", "value_and_grad"}, optional
        Where the one gradient that the body returns goes into a tuple: whether a value comes before it.
    """
    names = tuple(signature.parameters)
    if not (
        isinstance(function, types.FunctionType)
        and guard.is_simple
        and _share_globals(guard, function)
        and all(kind in _NUMBERS for kind in classes)
        and function.__code__.co_varnames[: len(names)] == names
        and not function.__code__.co_kwonlyargcount
    ):
        return None
    try:
        return _Linker(signature, classes, function, source, guard, compiled, in_tuple).link()
    except _NotLinked:
        return None


def _share_globals(guard: Guard, function: types.FunctionType) -> bool:
    """Whether a name means the same in all functions; only the first one may have captured variables."""
    functions = [watched for watched, _ in guard.codes]
    return (
        bool(functions)
        and all(other.__globals__ is function.__globals__ for other in functions)
        and not any(other.__code__.co_freevars for other in functions[1:])
    )


class _Linker:
    def __init__(
        self,
        signature: inspect.Signature,
        classes: Sequence[type],
        function: types.FunctionType,
        source: str,
        guard: Guard,
        compiled: Any,
        in_tuple: str | None,
    ) -> None:
        self.signature, self.classes, self.function, self.guard = signature, classes, function, guard
        self.compiled = compiled
        self.names = list(signature.parameters)
        self.watched = {watched.name: k for k, watched in enumerate(guard.watched)}
        self.captured = set(function.__code__.co_freevars) - set(guard.codes[0][0].__code__.co_freevars)
        self.constants: list[_Constant] = []
        self.values: list[Any] = []
        self.found: dict[Any, int] = {}
        self.also: dict[str, Any] = {}  # names of the body that the guard does not watch, and their objects
        definition = _definition(source, function.__name__)
        self.line = function.__code__.co_firstlineno
        ast.increment_lineno(definition, self.line - definition.lineno)
        if any(name.split(".")[0] in self.names for name in self.watched):
            raise _NotLinked
        if in_tuple is not None:
            definition.body[-1:] = _with_gradient_in_tuple(definition.body[-1], in_tuple)
        self.body = definition.body
        self.stored = {
            node.id for node in ast.walk(definition) if isinstance(node, ast.Name) and is_stored(node)
        }
        code = function.__code__
        more = code.co_varnames[len(self.names) : code.co_argcount]  # the seed, in most cases
        self.seeds = dict(zip(reversed(more), reversed(function.__defaults__ or ())))
        if set(more) != set(self.seeds):
            raise _NotLinked

    def link(self) -> Link:
        given: list[ast.stmt] = [
            ast.Assign([_name(OWN + name, ast.Store())], self.parameter(name))
            for name in (*self.names, *self.seeds)
            if name in self.stored
        ]
        body = substituted([*given, *self.block(self.body)])
        fixed: dict[str, Any] = {f"{OWN}type": type, f"{OWN}exception": Exception}
        fixed |= {f"{OWN}class{k}": kind for k, kind in enumerate(self.classes)}
        fixed |= {f"{OWN}code{k}": code for k, (_, code) in enumerate(self.guard.codes)}
        fixed |= {f"{OWN}also{k}": value for k, value in enumerate(self.also.values())}
        module = ast.parse(self.shell())
        for node in ast.walk(module):  # whoever steps through it sees the emitted source
            if isinstance(node, (ast.stmt, ast.expr)):
                node.lineno = node.end_lineno = self.line
        usual: Any = module.body[0]
        usual = usual.body[0].body[1].body[0]
        usual.body += body
        compiled = compile(ast.fix_missing_locations(module), self.function.__code__.co_filename, "exec")
        return Link(_inner(_inner(compiled)), self.guard, self.constants, fixed, self.compiled)

    def shell(self) -> str:
        """The linked function without the emitted body."""
        guard = self.guard
        parameters = list(self.signature.parameters.values())
        cells = [f"{OWN}hits", f"{OWN}plain", COMPILED, *map(_function, range(len(guard.codes)))]
        tests = [
            f"{_quoted(f'{OWN}type')}({p}) is {_quoted(f'{OWN}class{k}')}" for k, p in enumerate(self.names)
        ]
        tests += [f"{_function(k)}.__code__ is {_quoted(f'{OWN}code{k}')}" for k in range(len(guard.codes))]
        for name, k in self.watched.items():
            plain = _is_plain(guard.values[k])
            tests.append(f"{name} is {_quoted(_expected(k)) if plain else _expected(k)}")
            cells += [] if plain else [_expected(k)]
        tests += [f"{name} is {_quoted(f'{OWN}also{k}')}" for k, name in enumerate(self.also)]
        roots = {name.split(".")[0] for name in (*self.watched, *self.also)}
        cells += sorted(roots & set(guard.codes[0][0].__code__.co_freevars))
        return _TEMPLATE.format(
            own=OWN,
            cells=", ".join(cells),
            parameters=", ".join(
                declared(tuple((p.name, p.kind, p.default is not p.empty) for p in parameters))
            ),
            tests=" and ".join(tests),
            exception=_quoted(f"{OWN}exception"),
            values=", ".join(
                f"{p.name}={p.name}" if p.kind is p.KEYWORD_ONLY else p.name for p in parameters
            ),
        )

    # ---- statements ----------------------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        return [self.statement(node) for node in body if not _is_docstring(node)]

    def statement(self, node: ast.stmt) -> ast.stmt:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            return ast.Assign([self.target(node.targets[0])], self.expression(node.value))
        if isinstance(node, ast.AugAssign):
            stored: Any = self.target(node.target)
            if isinstance(stored, ast.Tuple):
                raise _NotLinked
            return ast.AugAssign(stored, node.op, self.expression(node.value))
        if isinstance(node, ast.If):
            return ast.If(self.test(node.test), self.block(node.body), self.block(node.orelse))
        if isinstance(node, ast.While):
            forever = isinstance(node.test, ast.Constant) and node.test.value is True
            test = node.test if forever else self.test(node.test)
            return ast.While(test, self.block(node.body), self.block(node.orelse))
        if isinstance(node, ast.For):
            target, items = self.target(node.target), self.expression(node.iter)
            return ast.For(target, items, self.block(node.body), self.block(node.orelse))
        if isinstance(node, ast.Return) and node.value is not None:
            return ast.Return(self.expression(node.value))
        if isinstance(node, ast.Expr):
            return ast.Expr(self.method(node.value))
        if isinstance(node, (ast.Pass, ast.Break, ast.Continue)):
            return node
        raise _NotLinked

    def target(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Tuple):
            return ast.Tuple([self.name_stored(item) for item in node.elts], ast.Store())
        return self.item(node) if isinstance(node, ast.Subscript) else self.name_stored(node)

    def name_stored(self, node: ast.expr) -> ast.Name:
        if isinstance(node, ast.Name):
            return _name(OWN + node.id, ast.Store())
        raise _NotLinked

    # ---- expressions ---------------------------------------------------------------------------------------------

    def expression(self, node: ast.expr) -> ast.expr:
        """An expression of numbers; what is constant is a placeholder."""
        if isinstance(node, ast.Constant) and (type(node.value) in _NUMBERS or node.value is None):
            return node
        if isinstance(node, ast.Name):
            return self.name(node.id)
        if isinstance(node, ast.Attribute):
            return self.outer(_path(node))
        if isinstance(node, ast.BinOp):
            left, right = self.expression(node.left), self.expression(node.right)
            return self.folded(type(node.op), left, right) or ast.BinOp(left, node.op, right)
        if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
            operand = self.expression(node.operand)
            return self.folded(type(node.op), operand) or ast.UnaryOp(node.op, operand)
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, (ast.Tuple, ast.List)):
            return type(node)([self.expression(item) for item in node.elts], ast.Load())
        if isinstance(node, ast.Subscript):
            return self.item(node)
        if isinstance(node, ast.IfExp):
            return ast.IfExp(self.test(node.test), self.expression(node.body), self.expression(node.orelse))
        return self.test(node)

    def test(self, node: ast.expr) -> ast.expr:
        """A condition that is not constant: of a placeholder, Python would take the truth."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return ast.UnaryOp(node.op, self.test(node.operand))
        if isinstance(node, ast.BoolOp):
            return ast.BoolOp(node.op, [self.test(value) for value in node.values])
        if isinstance(node, ast.Compare) and all(isinstance(op, _COMPARISONS) for op in node.ops):
            values = [self.expression(value) for value in (node.left, *node.comparators)]
            if not all(isinstance(value, ast.Constant) for value in values):
                return ast.Compare(values[0], node.ops, values[1:])
        elif isinstance(node, ast.Name) and not isinstance(found := self.name(node.id), ast.Constant):
            return found
        elif isinstance(node, ast.Subscript):
            return self.item(node)
        raise _NotLinked

    def method(self, node: ast.expr) -> ast.expr:
        """``tape.append(x)`` and ``tape.pop()``, where the list is of the function's own."""
        func = node.func if isinstance(node, ast.Call) and not node.keywords else None
        if not isinstance(node, ast.Call) or not isinstance(func, ast.Attribute):
            raise _NotLinked
        if (func.attr, len(node.args)) not in (("append", 1), ("pop", 0)):
            raise _NotLinked
        called = ast.Attribute(self.own(func.value), func.attr, ast.Load())
        return ast.Call(called, [self.expression(argument) for argument in node.args], [])

    def item(self, node: ast.Subscript) -> ast.expr:
        """``tape[i]`` and ``tape[::-1]`` of a list of the function's own."""
        index = node.slice
        backwards = (
            isinstance(index, ast.Slice) and isinstance(node.ctx, ast.Load) and ast.unparse(index) == "::-1"
        )
        return ast.Subscript(self.own(node.value), index if backwards else self.expression(index), node.ctx)

    def own(self, node: ast.expr) -> ast.expr:
        """A name that the function binds itself."""
        if isinstance(node, ast.Name) and node.id in self.stored - {*self.names, *self.seeds}:
            return _name(OWN + node.id)
        raise _NotLinked

    def name(self, name: str) -> ast.expr:
        if name in self.stored:
            return _name(OWN + name)
        if name in self.names or name in self.seeds:
            return self.parameter(name)
        return self.outer(name)

    def parameter(self, name: str) -> ast.expr:
        if name in self.names:
            return _name(name)
        value = self.seeds[name]
        return self.constant(_Constant(type(value), given=value), ("seed", name), value)

    def outer(self, path: str) -> ast.expr:
        """A name from outside the function, as the emitted code sees it."""
        first, *attributes = path.split(".")
        if first in self.captured:
            cells = dict(zip(self.function.__code__.co_freevars, self.function.__closure__ or ()))
            value = _attribute(cells[first].cell_contents, attributes)
            return self.constant(_Constant(type(value), given=value), ("captured", path), value)
        if path in self.watched:
            k = self.watched[path]
            value = self.guard.values[k]
            return self.constant(_Constant(type(value), watched=k), ("watched", path), value)
        scope = self.function.__globals__
        if first not in scope and not hasattr(builtins, first):
            raise _NotLinked
        value = _attribute(scope[first] if first in scope else getattr(builtins, first), attributes)
        self.also[path] = value
        return self.constant(_Constant(type(value), given=value), ("also", path), value)

    def call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            if node.func.value.id in self.stored:
                return self.method(node)
        if self.compiled is not None and isinstance(node.func, ast.Name) and node.func.id == COMPILED:
            return ast.Call(node.func, [self.expression(argument) for argument in node.args], [])
        function = self.expression(node.func)
        k = self.index(function)
        if node.keywords or k is None or not _is_pure(self.values[k]):
            raise _NotLinked
        arguments = [self.expression(argument) for argument in node.args]
        places = [self.index(argument) for argument in arguments]
        if places and all(place is not None and type(self.values[place]) is float for place in places):
            return self.computed(self.values[k], [place for place in places if place is not None])
        return ast.Call(_opaque(function), arguments, [])

    # ---- constants -----------------------------------------------------------------------------------------------

    def index(self, node: ast.expr) -> int | None:
        """Which constant an expression is; None if it is none."""
        if not isinstance(node, ast.Constant):
            return None
        if isinstance(node.value, str):
            return int(node.value.removeprefix(_constant("")))
        value = node.value
        self.constant(_Constant(type(value), given=value), (type(value), repr(value)), value)
        return self.found[(type(value), repr(value))]

    def constant(self, constant: _Constant, key: Any, value: Any) -> ast.Constant:
        if not _is_plain(value):
            raise _NotLinked
        if key not in self.found:
            self.found[key] = len(self.constants)
            self.constants.append(constant)
            self.values.append(value)
        return ast.Constant(_constant(self.found[key]))

    def folded(self, operation: type, *operands: ast.expr) -> ast.expr | None:
        """An operation on constants, which is one; None where an operand is none, or all are in the text."""
        if not any(isinstance(operand, ast.Constant) and type(operand.value) is str for operand in operands):
            return None
        places = [self.index(operand) for operand in operands if isinstance(operand, ast.Constant)]
        if len(places) < len(operands):
            return None
        if operation not in _OPERATIONS or any(type(self.values[k or 0]) not in _NUMBERS for k in places):
            raise _NotLinked
        return self.computed(_OPERATIONS[operation], [k for k in places if k is not None])

    def computed(self, function: Callable[..., Any], places: list[int]) -> ast.expr:
        try:
            value = function(*(self.values[k] for k in places))
        except (ArithmeticError, ValueError) as error:
            raise _NotLinked from error
        constant = _Constant(type(value), function=function, arguments=tuple(places))
        return self.constant(constant, (function, *places), value)


# ---- parts -------------------------------------------------------------------------------------------------------


def _definition(source: str, name: str) -> ast.FunctionDef:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            if sum(isinstance(part, ast.stmt) for part in ast.walk(node)) <= MAX_STATEMENTS:
                return node
    raise _NotLinked


def _with_gradient_in_tuple(last: ast.stmt, mode: str) -> list[ast.stmt]:
    """The last statement of a body, which returns one gradient, with that in a tuple."""
    if not isinstance(last, ast.Return) or last.value is None:
        raise _NotLinked
    if mode == "grad":
        return [ast.Return(ast.Tuple([last.value], ast.Load()))]
    if isinstance(last.value, ast.Tuple) and len(last.value.elts) == 2:
        value, gradient = last.value.elts
        return [ast.Return(ast.Tuple([value, ast.Tuple([gradient], ast.Load())], ast.Load()))]
    names = f"{OWN}value", f"{OWN}gradient"
    value, gradient = map(_name, names)
    taken = ast.Tuple([_name(key, ast.Store()) for key in names], ast.Store())
    return [
        ast.Assign([taken], last.value),
        ast.Return(ast.Tuple([value, ast.Tuple([gradient], ast.Load())], ast.Load())),
    ]


def _path(node: ast.expr) -> str:
    """A dotted path."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_path(node.value)}.{node.attr}"
    raise _NotLinked


def _attribute(value: Any, path: Sequence[str]) -> Any:
    for part in path:
        if not isinstance(value, (types.ModuleType, types.SimpleNamespace)) or not hasattr(value, part):
            raise _NotLinked
        value = getattr(value, part)
    return value


def _is_pure(value: Any) -> bool:
    return isinstance(value, (types.BuiltinFunctionType, type)) and value in _PURE


def _is_plain(value: Any) -> bool:
    """Whether a code object may hold a value: the garbage collector does not look inside, so it must not refer back."""
    return value is None or type(value) in (*_NUMBERS, str) or _is_pure(value)


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _name(name: str, context: ast.expr_context | None = None) -> ast.Name:
    return ast.Name(name, context or ast.Load())


def _constant(k: int | str) -> str:
    return f"{OWN}constant{k}"


def _expected(k: int) -> str:
    return f"{OWN}expected{k}"


def _function(k: int) -> str:
    return f"{OWN}function{k}"


def _quoted(placeholder: str) -> str:
    """A placeholder that Python does not see through before the code is made: it would warn of `is` with a text."""
    return f"({placeholder!r} if 1 else 0)"


def _opaque(node: ast.expr) -> ast.expr:
    return ast.IfExp(ast.Constant(1), node, ast.Constant(0))


def _filled(value: Any, seen: dict[str, Any]) -> Any:
    if type(value) is tuple:
        return tuple(_filled(item, seen) for item in value)
    return seen.get(value, value) if type(value) is str else value


def _inner(code: types.CodeType) -> types.CodeType:
    return next(constant for constant in code.co_consts if isinstance(constant, types.CodeType))
