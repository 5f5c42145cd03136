"""Program: the immutable record that is handed from pass to pass."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad.signature import Type


@dataclass(frozen=True)
class Program:
    """One function on its way through the compiler.

    Attributes
    ----------
    name : str
        Name of the function that is emitted.
    args : gast.arguments
        Its parameters, with their defaults.
    body : tuple of gast.stmt
        Its statements; a statement's ``lineno`` is the line of the user's statement that it comes from.
    types : mapping from str to Type
        What is known of each versioned name; empty before ``specialise``.
    objects : mapping from str to object
        Every global name or dotted path that the body uses (``"np.sin"``), and the object that it is.
    doc : str
        The emitted docstring.
    parts : tuple of Program
        Functions that must be emitted before this one.
    filename : str
        The user's file.
    source_lines : mapping from int to str
        The user's source by line number, for comments and messages.
    primal_name : str
        Name of the user's function.
    checked : bool
        Whether each access to an array has to be tested when it runs as machine code.
    printed : mapping from str to str
        The name that a reader sees, of each versioned name; empty before ``name``.
    in_scalars : bool
        Whether NumPy's numbers are Python's in it: they raise where NumPy's give an infinity or a NaN.
    """

    name: str
    args: gast.arguments
    body: tuple[gast.stmt, ...]
    types: Mapping[str, Type] = field(default_factory=dict)
    objects: Mapping[str, Any] = field(default_factory=dict)
    doc: str = ""
    parts: tuple[Program, ...] = ()
    filename: str = "<unknown>"
    source_lines: Mapping[int, str] = field(default_factory=dict)
    primal_name: str = ""
    checked: bool = False
    printed: Mapping[str, str] = field(default_factory=dict)
    in_scalars: bool = False

    def replace(self, **changes: Any) -> Program:
        """A copy with some fields changed."""
        return dataclasses.replace(self, **changes)

    def function(self) -> gast.FunctionDef:
        """The program as one function definition."""
        return gast.FunctionDef(
            name=self.name, args=self.args, body=list(self.body), decorator_list=[], returns=None,
            type_comment=None, type_params=[],
        )  # fmt: skip
