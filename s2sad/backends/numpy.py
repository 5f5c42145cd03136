"""The reference backend: what is emitted runs as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from s2sad.load import load
from s2sad.program import Program


def functions(
    text: str, mains: Sequence[Program], fun: Any, objects: dict[str, Any], programs: Sequence[Program]
) -> list[Callable[..., Any]]:
    """The functions of some programs, loaded from their text.

    Parameters
    ----------
    text : str
        The source of all programs.
    mains : sequence of Program
        Those whose functions are wanted.
    fun : callable
        The user's function.
    objects : dict from str to object
        What the text's global names are.
    programs : sequence of Program
        All programs.
    """
    return [load(text, main.name, fun, objects, main.filename, programs) for main in mains]
