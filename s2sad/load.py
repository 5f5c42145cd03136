"""Text to function: compiled with a source that tracebacks show, and run among the user's own live globals.

The emitted functions see three kinds of outside names, each as fast as in a function written by hand:

* a global of the user's module stays a global: the function is made with that module's dictionary, so a global that is
  rebound between two calls is seen rebound;
* a variable that the user's function captured stays captured: the function gets the very same cell;
* all else (``np`` where the user calls it otherwise, runtime functions, other emitted functions) is a captured
  variable too: the text is compiled inside a factory whose parameters they are.  Nothing is written into the user's
  module.

A dictionary with fallbacks would not do: CPython looks globals up past any overridden ``__getitem__``.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import inspect
import linecache
import math
import os
import textwrap
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from s2sad.program import Program
from s2sad.tracebacks import note_places

_FACTORY = "factory"
_MODULES = {"np": np, "numpy": np, "math": math}


def load(
    text: str,
    name: str,
    function: Any,
    objects: Mapping[str, Any],
    filename_hint: str = "",
    programs: Sequence[Program] = (),
) -> Callable[..., Any]:
    """Make the function that a text defines.

    Parameters
    ----------
    text : str
        One or more function definitions.
    name : str
        The one to return.
    function : callable
        The user's function, whose globals and captured variables the text refers to.
    objects : mapping from str to object
        What the text's global names and dotted paths are.
    filename_hint : str
        The user's file: its name is shown in tracebacks.
    programs : sequence of Program
        What the text was printed from; tracebacks then show the user's lines beside the emitted ones.

    Returns
    -------
    function
        `inspect.getsource` gives its text.

    Examples
    --------
    >>> scale = 3.0
    >>> double = load("def f(x):\\n    return scale * x", "f", lambda: scale, {"scale": 3.0})
    >>> double(2.0)
    6.0
    """
    user = plain_function(function)
    namespace = user.__globals__ if user is not None else {"__name__": __name__}
    cells = dict(zip(user.__code__.co_freevars, user.__closure__ or ())) if user is not None else {}
    filename = register(text, name, filename_hint)
    extra = {root: value for root, value in _roots(objects).items() if not _is_live(root, objects, namespace)}
    captured = [*extra, *(cell for cell in cells if cell not in extra)]
    module = ast.parse(text, filename)
    note_places(filename, text, programs)
    code = _factory_code(module, captured, filename)
    made = types.FunctionType(code, namespace, _FACTORY)(*(extra.get(key) for key in captured))
    return _with_cells(made, cells)[name]


def plain_function(function: Any) -> types.FunctionType | None:
    """The Python function behind a callable: whose globals and captured variables its names are."""
    while True:
        if isinstance(function, types.FunctionType):
            return function
        if isinstance(function, types.MethodType):
            function = function.__func__
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif hasattr(function, "func"):  # functools.partial
            function = function.func
        else:
            call = inspect.getattr_static(type(function), "__call__", None)
            return call if isinstance(call, types.FunctionType) else None


def register(text: str, name: str, filename_hint: str = "") -> str:
    """Make a text known to tracebacks and `inspect` under a file name of its own: the same text, the same name."""
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:8]
    stem = os.path.basename(filename_hint).strip("<>") or "s2sad"
    filename = f"<{name} of {stem} {digest}>"
    # without a modification time an entry never expires
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    return filename


def from_source(
    text: str, name: str | None = None, globals: dict[str, Any] | None = None
) -> Callable[..., Any]:
    """Make a function from a string, so that it can be differentiated: its source can be read back.

    Parameters
    ----------
    text : str
        Python statements, among them the function's definition.
    name : str, optional
        The function's name; by default the last one that the text defines.
    globals : dict, optional
        The namespace in which the text runs, as for `exec`; by default an empty one.

    Returns
    -------
    callable
        The function.

    Examples
    --------
    >>> from s2sad import grad
    >>> square = from_source("def square(x): return k * x * x", globals={"k": 3.0})
    >>> grad(square)(2.0)
    12.0
    """
    text = textwrap.dedent(text)
    tree = ast.parse(text)
    if name is None:
        names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        if not names:
            raise ValueError("the text defines no function: give the name of what it makes")
        name = names[-1]
    namespace: dict[str, Any] = {"__name__": "from_source"} if globals is None else globals
    exec(compile(tree, register(text, name, "source"), "exec"), namespace)
    made: Any = namespace[name]
    return made  # type: ignore[no-any-return]


def calling(function: Callable[..., Any], signature: inspect.Signature) -> Callable[..., Any]:
    """A plain function that calls another one, with the parameters that the other one says to have.

    >>> def anything(*args, **kwargs): return sum(args)
    >>> plain = calling(anything, inspect.signature(lambda x, y=2: None))
    >>> plain(1), inspect.signature(plain)
    (3, <Signature (x, y=2)>)
    """
    kept = [p.replace(annotation=p.empty, default=p.empty if p.default is p.empty else None)
            for p in signature.parameters.values()]  # fmt: skip
    stars: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    given = [
        f"{p.name}={p.name}" if p.kind is p.KEYWORD_ONLY else stars.get(p.kind, "") + p.name for p in kept
    ]
    name = getattr(function, "__name__", "function")
    name = name if name.isidentifier() else "function"
    called = name + "_called"
    header = str(inspect.Signature(kept))
    made = from_source(
        f"def {name}{header}:\n    return {called}({', '.join(given)})\n", name, {called: function}
    )
    assert isinstance(made, types.FunctionType)
    parameters = signature.parameters.values()
    plain = [p.default for p in parameters if p.kind is not p.KEYWORD_ONLY and p.default is not p.empty]
    made.__defaults__ = tuple(plain) or None
    named = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is not p.empty}
    made.__kwdefaults__ = named or None
    return made


def standalone(text: str, imports: Iterable[str] = ("import numpy as np",)) -> str:
    """The text as a module of its own.

    >>> print(standalone("def f(x):\\n    return np.sin(x)\\n"), end="")
    import numpy as np
    <BLANKLINE>
    <BLANKLINE>
    def f(x):
        return np.sin(x)
    """
    return "\n".join(imports) + "\n\n\n" + text.strip("\n") + "\n"


def _roots(objects: Mapping[str, Any]) -> dict[str, Any]:
    """What the first part of each dotted path is."""
    found: dict[str, Any] = {}
    for path in sorted(objects, key=lambda path: path.count(".")):
        root, *rest = path.split(".")
        if not rest:
            found[root] = objects[path]
        elif root in _MODULES and _resolved(_MODULES[root], rest) is objects[path]:
            found.setdefault(root, _MODULES[root])
        elif root not in found or isinstance(found[root], types.SimpleNamespace):
            _put(found.setdefault(root, types.SimpleNamespace()), rest, objects[path])
    return found


def _put(holder: Any, path: list[str], value: Any) -> None:
    for part in path[:-1]:
        if not hasattr(holder, part):
            setattr(holder, part, types.SimpleNamespace())
        holder = getattr(holder, part)
    if not hasattr(holder, path[-1]):
        setattr(holder, path[-1], value)


def _resolved(value: Any, path: list[str]) -> Any:
    for part in path:
        value = getattr(value, part, None)
    return value


def _is_live(root: str, objects: Mapping[str, Any], namespace: Mapping[str, Any]) -> bool:
    """Whether a name means in the user's module what the emitted text means by it."""
    if root in namespace:
        value = namespace[root]
    elif hasattr(builtins, root):
        value = getattr(builtins, root)
    else:
        return False
    for path, meant in objects.items():
        first, *rest = path.split(".")
        if first == root and not _same(_resolved(value, rest), meant):
            return False
    return True


def _same(a: Any, b: Any) -> bool:
    """Whether two objects are one; a number may have been computed anew."""
    if a is b:
        return True
    return type(a) is type(b) and isinstance(a, (bool, int, float, complex, str)) and bool(a == b)


def _factory_code(module: ast.Module, captured: list[str], filename: str) -> types.CodeType:
    """The code of a function of `captured` that makes the text's functions; lines are those of the text."""
    names = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
    made = ", ".join(f"{name!r}: {name}" for name in names)
    shell = ast.parse(f"def {_FACTORY}({', '.join(captured)}):\n    return {{{made}}}")
    factory = shell.body[0]
    assert isinstance(factory, ast.FunctionDef)
    factory.body[:0] = module.body
    code = compile(shell, filename, "exec", dont_inherit=True)
    return next(const for const in code.co_consts if isinstance(const, types.CodeType))


def _with_cells(
    made: dict[str, types.FunctionType], cells: Mapping[str, types.CellType]
) -> dict[str, types.FunctionType]:
    """The functions with the user's own cells; where they call each other, they call the new ones."""
    new = {name: _rebuilt(function, cells) for name, function in made.items()}
    for function in new.values():
        for free, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
            if free in new and free not in cells:
                cell.cell_contents = new[free]
    return new


def _rebuilt(function: types.FunctionType, cells: Mapping[str, types.CellType]) -> types.FunctionType:
    own = zip(function.__code__.co_freevars, function.__closure__ or ())
    closure = tuple(cells.get(free, cell) for free, cell in own)
    new = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, closure
    )
    new.__kwdefaults__, new.__doc__ = function.__kwdefaults__, function.__doc__
    new.__qualname__ = function.__name__
    return new
