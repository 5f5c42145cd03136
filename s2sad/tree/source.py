"""The source of a function: its syntax tree with the line numbers of the file, and the names it sees.

Files, notebooks, doctests, zipped modules, Python 3.13's prompt and our own emitted code all answer through
`linecache`.  A ``def`` is cut out of its file and parsed on its own, which keeps a first compilation in a long file
quick; a lambda is looked for in the whole file and told from its neighbours by the position of its byte code.
"""

from __future__ import annotations

import ast
import dis
import functools
import itertools
import linecache
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad.errors import SourceUnavailable


@dataclass(frozen=True)
class FunctionSource:
    """What the compiler knows of a function before it looks inside.

    Attributes
    ----------
    node : gast.FunctionDef or gast.AsyncFunctionDef
        Its definition without decorators; a lambda is given as the function that it stands for.
    filename : str
        The file, or what stands for it in tracebacks.
    lines : mapping from int to str
        Its source lines by line number.
    globals : dict
        Its module's namespace, live.
    closure : mapping from str to object
        The values that it captures; a cell that is still empty is left out.
    name : str
        A name for it, always an identifier.
    """

    node: gast.FunctionDef
    filename: str = "<unknown>"
    lines: Mapping[int, str] = field(default_factory=dict)
    globals: dict[str, Any] = field(default_factory=dict)
    closure: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


def load_function(fun: Any) -> FunctionSource:
    """Read the source of a Python function.

    Decorators are dropped: `fun` is what they were applied to.  A function that wraps another one is itself what is
    read, since what it does around the call counts; only `functools.lru_cache`, which changes no value, is looked
    through.

    Raises
    ------
    SourceUnavailable
        With the reason, and what to do.
    """
    function = _plain_function(fun)
    code = function.__code__
    lines = _file_lines(function)
    found = _lambda(function, lines) if code.co_name == "<lambda>" else _definition(function, lines)
    node = gast.ast_to_gast(found)
    return FunctionSource(
        node=node,
        filename=code.co_filename,
        lines={i: lines[i - 1].rstrip("\r\n") for i in range(node.lineno, node.end_lineno + 1)},
        globals=function.__globals__,
        closure=dict(_cells(function)),
        name=node.name,
    )


def _plain_function(fun: Any) -> types.FunctionType:
    """`fun` itself, or the reason why it cannot be read."""
    if isinstance(fun, functools._lru_cache_wrapper):
        fun = fun.__wrapped__
    if isinstance(fun, types.FunctionType):
        return fun
    raise SourceUnavailable(f"the source of {_title(fun)} cannot be read: {_reason(fun)}")


def _title(fun: Any) -> str:
    return f"`{getattr(fun, '__qualname__', None) or type(fun).__name__}`"


def _reason(fun: Any) -> str:
    if isinstance(fun, functools.partial):
        return "it is a functools.partial; write a lambda that calls the function with the arguments that it fixes"
    if isinstance(fun, types.MethodType):
        name = fun.__func__.__name__
        return f"it is a bound method; write a function that takes the object, or `lambda x: obj.{name}(x)`"
    if isinstance(fun, type):
        return "it is a class; write a function that makes the object and returns a number"
    if isinstance(fun, (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType)):
        return "it is written in C; register a derivative rule for it with `s2sad.rules`"
    if not callable(fun):
        return f"it is not a function but of type {type(fun).__name__}"
    if type(fun).__module__.partition(".")[0] == "numpy":
        return "it is NumPy's own; write a function that calls it"
    if hasattr(fun, "__wrapped__"):
        return f"it is a {type(fun).__name__} around a function; differentiate its `__wrapped__`, the function itself"
    return f"it is a callable object of class {type(fun).__name__}; write a function that calls it"


def _cells(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not assigned yet: a function that calls itself, or one defined below
            continue


def _file_lines(function: types.FunctionType) -> list[str]:
    filename = function.__code__.co_filename
    linecache.checkcache(filename)
    lines = linecache.getlines(filename, function.__globals__)
    if lines:
        return lines
    typed = filename in ("<stdin>", "<string>")
    reason = "typed at the prompt or made by `exec`" if typed else f"there is no file {filename!r}"
    raise SourceUnavailable(
        f"the source of {_title(function)} cannot be read: {reason}; move it into a file, "
        "or make it with `s2sad.from_source(text)`"
    )


def _changed(function: types.FunctionType) -> SourceUnavailable:
    code = function.__code__
    return SourceUnavailable(
        f"the source of {_title(function)} is not at {code.co_filename}:{code.co_firstlineno} any more: "
        "the file was changed after it was imported; import it again"
    )


# ---- def ----------------------------------------------------------------------------------------


def _definition(function: types.FunctionType, lines: list[str]) -> ast.FunctionDef | ast.AsyncFunctionDef:
    code = function.__code__
    if code.co_firstlineno > len(lines):
        raise _changed(function)
    candidates: Iterator[ast.AST] = iter(())
    tree = _block(code, lines)
    if tree is not None:
        candidates = ast.walk(tree)
    for node in itertools.chain(candidates, _walk_file(function, lines)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _is_definition(node, code):
            return _bare(node)
    raise _changed(function)


def _is_definition(node: ast.FunctionDef | ast.AsyncFunctionDef, code: types.CodeType) -> bool:
    if node.name != code.co_name:
        return False
    # a function begins at its first decorator
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return first == code.co_firstlineno and _parameters(node.args) == _code_parameters(code)


def _parameters(args: ast.arguments) -> list[str]:
    extra = [arg for arg in (args.vararg, args.kwarg) if arg]
    return [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs, *extra)]


def _code_parameters(code: types.CodeType) -> list[str]:
    stars = bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)  # CO_VARARGS, CO_VARKEYWORDS
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + stars])


def _bare(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """The definition without its decorators, sharing everything else."""
    new = type(node)(**{**dict(ast.iter_fields(node)), "decorator_list": []})
    return ast.copy_location(new, node)


def _block(code: types.CodeType, lines: list[str]) -> ast.Module | None:
    """The definition parsed on its own, or None if its end cannot be told from the indentation."""
    first = code.co_firstlineno
    indent = _indentation(lines[first - 1])
    end = _last_line(code)
    while end < len(lines) and not _closes(lines[end], indent):
        end += 1
    text = "".join(lines[first - 1 : end])
    # An indented block is parsed below an `if`: columns and strings over several lines stay as they are.
    above = "\n" * (first - 2) + "if 1:\n" if indent else "\n" * (first - 1)
    try:
        return ast.parse(above + text)
    except (SyntaxError, ValueError):
        return None  # a string or a bracket reaches over less indented lines


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" \t\f"))


def _closes(line: str, indent: int) -> bool:
    text = line.strip()
    return bool(text) and not text.startswith("#") and _indentation(line) <= indent


def _last_line(code: types.CodeType) -> int:
    inner = [_last_line(const) for const in code.co_consts if isinstance(const, types.CodeType)]
    return max([code.co_firstlineno, *inner, *(line for *_, line in code.co_lines() if line)])


@functools.lru_cache(maxsize=8)
def _parse_file(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def _walk_file(function: types.FunctionType, lines: list[str]) -> Iterator[ast.AST]:
    tree = _parse_file("".join(lines))
    if tree is None:
        raise _changed(function)
    yield from ast.walk(tree)


# ---- lambda -------------------------------------------------------------------------------------


def _lambda(function: types.FunctionType, lines: list[str]) -> ast.FunctionDef:
    code = function.__code__
    nodes = list(_walk_file(function, lines))
    found = [
        node
        for node in nodes
        if isinstance(node, ast.Lambda)
        and node.lineno == code.co_firstlineno
        and _parameters(node.args) == _code_parameters(code)
    ]
    span = _span(code)
    if len(found) > 1 and span is not None:
        found = [node for node in found if _body_span(node) == span] or found
    if len(found) > 1:
        found = [node for node in found if _compiles_to(node, code)] or found
    if not found:
        raise _changed(function)
    if len({ast.dump(node) for node in found}) > 1:
        raise SourceUnavailable(
            f"line {code.co_firstlineno} of {code.co_filename} has several lambdas that cannot be told apart; "
            "write them on lines of their own"
        )
    return _as_definition(found[0], _name_of(found[0], nodes))


def _span(code: types.CodeType) -> tuple[int, ...] | None:
    """The lines and columns that the byte code comes from, which Python tells from 3.11 on."""
    if not hasattr(code, "co_positions"):
        return None
    # what prepares the frame (RESUME, COPY_FREE_VARS, MAKE_CELL) has no width
    known = [p for p in code.co_positions() if None not in p and (p[0], p[2]) != (p[1], p[3])]
    if not known:
        return None
    start = min((line, col) for line, _, col, _ in known)
    end = max((line, col) for _, line, _, col in known)
    return (*start, *end)


def _body_span(node: ast.Lambda) -> tuple[int, ...]:
    body = node.body
    return (body.lineno, body.col_offset, body.end_lineno or 0, body.end_col_offset or 0)


def _compiles_to(node: ast.Lambda, code: types.CodeType) -> bool:
    """Whether the lambda, taken out of its place, does what this code does."""
    module = compile(ast.Expression(node), "<lambda>", "eval")
    mine = next(const for const in module.co_consts if isinstance(const, types.CodeType))
    return _operations(mine) == _operations(code)


def _operations(code: types.CodeType) -> list[Any]:
    """The code without what depends on its place: a name that is captured there is a global one alone."""
    operations: list[Any] = []
    for step in dis.get_instructions(code):
        if isinstance(step.argval, types.CodeType):
            operations.append(_operations(step.argval))
        elif step.opname in ("LOAD_GLOBAL", "LOAD_DEREF", "LOAD_NAME"):
            operations.append(("LOAD", step.argval))
        elif step.opname not in ("COPY_FREE_VARS", "MAKE_CELL", "RESUME", "LOAD_CLOSURE"):
            operations.append((step.opname, type(step.argval), step.argval))
    return operations


def _name_of(node: ast.Lambda, nodes: list[ast.AST]) -> str:
    """The name that the lambda is assigned to, if it is."""
    for parent in nodes:
        if (
            isinstance(parent, ast.Assign)
            and parent.value is node
            and isinstance(parent.targets[0], ast.Name)
        ):
            return parent.targets[0].id
    return "anonymous"


def _as_definition(node: ast.Lambda, name: str) -> ast.FunctionDef:
    body = ast.copy_location(ast.Return(value=node.body), node.body)
    # parsed, since the fields differ between versions of Python
    (definition,) = ast.parse("def name(): pass").body
    assert isinstance(definition, ast.FunctionDef)
    definition.name, definition.args, definition.body = name, node.args, [body]
    return ast.copy_location(definition, node)
