"""The function that a call of a derivative runs: the primal's parameters, a look at the arguments' classes, the code.

What a call costs beyond the emitted code counts for scalar functions.  So the function is generated for the primal's
parameters: Python binds the arguments, keywords and defaults included, and nothing is packed into ``*args``.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Sequence
from typing import Any

from s2sad.tracebacks import beside

OWN = "__s2sad_"  # names of the generated code, apart from any name of the user
_TEMPLATE = """
def {own}make({own}get, {own}find, {own}infinite, {own}beside, {own}type, {own}defaults):
    {own}hits = 0.0
    {own}usual = ({nothing}None,)

    def {own}call({parameters}):
        nonlocal {own}hits
        {classes}{own}run{only} = {own}usual
        if {differs}:
            {own}run = {own}get({key})
        try:
            if {own}run is not None:
                {own}hits += 1.0
                return {own}run({values})
            return {own}find({packed})
        except ZeroDivisionError as {own}error:
            {own}found = {own}infinite({packed})
            if {own}found is None:
                raise {own}beside({own}error)
            return {own}found[0]
        except Exception as {own}error:
            raise {own}beside({own}error)

    def {own}favour({own}classes, {own}run):
        nonlocal {own}usual
        {own}usual = (*{own}classes, {own}run)

    return {own}call, lambda: int({own}hits), {own}favour
"""


def entry(
    signature: inspect.Signature,
    direct: dict[tuple[type, ...], Callable[..., Any]],
    find: Callable[[tuple[Any, ...]], Any],
    infinite: Callable[[tuple[Any, ...]], tuple[Any] | None] = lambda values: None,
) -> tuple[Callable[..., Any], Callable[[], int], Callable[[tuple[type, ...], Any], None]]:
    """A function with these parameters, and two more about it.

    The second tells how often it found what to run.  The third names the usual case: one class for each parameter, and
    what to run for them.  That is tried first, since a few classes are compared quicker than a tuple is looked up.

    Parameters
    ----------
    signature : inspect.Signature
        The parameters.
    direct : dict
        What to call for arguments of these classes, one for each parameter.
    find : callable
        What to call otherwise, with all values in one tuple.
    infinite : callable
        What to call where a division by zero was met: it gives a tuple of the result, or None where there is none.

    Examples
    --------
    >>> scaled, hits, favour = entry(inspect.signature(lambda x, k=2: None), {(float, int): lambda x, k: x * k}, print)
    >>> scaled(1.5), scaled(k=3, x=1.0), hits()
    (3.0, 3.0, 2)
    >>> scaled("text")
    ('text', 2)
    >>> favour((str, int), lambda x, k: x * k)
    >>> scaled("text"), hits()
    ('texttext', 3)
    """
    parameters = list(signature.parameters.values())
    make = _maker(tuple((p.name, p.kind, p.default is not p.empty) for p in parameters))
    defaults = [p.default for p in parameters if p.default is not p.empty]
    made: tuple[Callable[..., Any], Callable[[], int], Callable[..., None]] = make(
        direct.get, find, infinite, beside, type, defaults
    )
    return made


def counter(call: Callable[..., Any]) -> types.CellType:
    """Where such a function counts; it is a float, which is quicker to add to."""
    code: types.CodeType = call.__code__
    cells: tuple[types.CellType, ...] = call.__closure__ or ()
    return cells[code.co_freevars.index(f"{OWN}hits")]


@functools.lru_cache(maxsize=1024)
def _maker(parameters: tuple[tuple[str, Any, bool], ...]) -> Callable[..., Any]:
    names = [name for name, _, _ in parameters]
    text = _TEMPLATE.format(
        own=OWN,
        parameters=", ".join(declared(parameters)),
        nothing="None, " * len(names),
        classes="".join(f"{OWN}class{k}, " for k in range(len(names))),
        only="" if names else ",",
        differs=" or ".join(f"{OWN}type({name}) is not {OWN}class{k}" for k, name in enumerate(names))
        or "True",
        key=_packed([f"{OWN}type({name})" for name in names]),
        values=", ".join(names),
        packed=_packed(names),
    )
    scope: dict[str, Any] = {}
    exec(compile(text, "<s2sad entry>", "exec"), scope)
    made: Callable[..., Any] = scope[f"{OWN}make"]
    return made


def _packed(parts: Sequence[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def declared(parameters: tuple[tuple[str, Any, bool], ...]) -> list[str]:
    """The parameters as they stand in a `def`; a default is one of a list, by its place."""
    shown: list[str] = []
    kinds = [kind for _, kind, _ in parameters]
    defaults = 0
    for k, (name, kind, has_default) in enumerate(parameters):
        if kind is inspect.Parameter.KEYWORD_ONLY and not any(
            earlier in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_POSITIONAL)
            for earlier in kinds[:k]
        ):
            shown.append("*")
        stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}.get(kind, "")
        shown.append(f"{stars}{name}" + (f"={OWN}defaults[{defaults}]" if has_default else ""))
        defaults += has_default
        if (
            kind is inspect.Parameter.POSITIONAL_ONLY
            and inspect.Parameter.POSITIONAL_ONLY not in kinds[k + 1 :]
        ):
            shown.append("/")
    return shown
