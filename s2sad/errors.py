"""Diagnostics: every error has a stable code, says what, where and why, and what to do next.

Errors found while compiling carry `Problem` records, one per place in the user's source; one error lists them all.

>>> problem = Problem("S101", "`yield` is not supported", "Return a list.", "f.py", 2, 4, 11, "    yield x")
>>> print(problem)
f.py:2:5: S101 `yield` is not supported
        yield x
        ^^^^^^^
    Return a list.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong at one place of the user's source.

    Attributes
    ----------
    code : str
        The stable code, a key of `CODES`.
    message : str
        What is wrong, and why that cannot be done.
    advice : str
        What to do next.
    filename : str
        The user's file.
    lineno : int
        The line, from 1; 0 where it is not known.
    col, end_col : int
        The characters of the line that are meant, from 0, the end exclusive.
    text : str
        The source line.
    """

    code: str
    message: str
    advice: str = ""
    filename: str = "<unknown>"
    lineno: int = 0
    col: int = 0
    end_col: int = 0
    text: str = ""

    @property
    def place(self) -> str:
        """Where it is, as editors and terminals link it."""
        return f"{self.filename}:{self.lineno}:{self.col + 1}" if self.lineno else self.filename

    @property
    def excerpt(self) -> str:
        """The source line with a caret under the place."""
        if not self.text.strip():
            return ""
        # The caret line keeps the tabs of the source line, so that it lines up at any tab width.
        margin = "".join("\t" if c == "\t" else " " for c in self.text[: self.col])
        return f"    {self.text.rstrip()}\n    {margin}{'^' * max(1, self.end_col - self.col)}"

    def __str__(self) -> str:
        parts = (f"{self.place}: {self.code} {self.message}", self.excerpt, _indented(self.advice))
        return "\n".join(part for part in parts if part)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


class S2sadError(Exception):
    """Base of all errors of s2sad.

    Parameters
    ----------
    message : str
        What went wrong; not needed with problems.
    problems : iterable of Problem
        The places in the user's source.
    """

    code = "S000"
    #: Further codes of the class, for problems that read alike to a program and not to a person.
    also: tuple[str, ...] = ()

    def __init__(self, message: str = "", problems: Iterable[Problem] = ()) -> None:
        self.problems = tuple(problems)
        self.message = message
        super().__init__(message)
        self.args = (message, self.problems)
        if self.problems:
            self.code = self.problems[0].code

    def __str__(self) -> str:
        if not self.problems:
            return f"{self.code} {self.message}"
        report = "\n\n".join(map(str, self.problems))
        if self.message:
            return f"{self.message}\n\n{report}"
        return report if len(self.problems) == 1 else f"{len(self.problems)} problems\n\n{report}"


class _CompileError(S2sadError, SyntaxError):
    """An error in the user's source: tools that link syntax errors link it."""

    def __init__(self, message: str = "", problems: Iterable[Problem] = ()) -> None:
        super().__init__(message, problems)
        self.msg = self._headline()
        if self.problems:
            first = self.problems[0]
            self.filename, self.lineno = first.filename, first.lineno or None
            self.offset, self.end_offset = first.col + 1, first.end_col + 1
            self.end_lineno, self.text = self.lineno, first.text or None

    def _headline(self) -> str:
        """What a traceback prints below the source line, which it shows itself."""
        if len(self.problems) != 1:
            return S2sadError.__str__(self)
        problem = self.problems[0]
        return "\n".join(filter(None, (f"{problem.code} {problem.message}", _indented(problem.advice))))

    __str__ = S2sadError.__str__


class UnsupportedSyntax(_CompileError):
    """A construct of Python that the compiler does not take."""

    code = "S101"
    also = ("S103", "S104", "S105", "S106", "S107", "S108", "S109", "S110")


class SourceUnavailable(S2sadError):
    """The source of a function cannot be read."""

    code = "S102"


class MissingRule(_CompileError):
    """A function without a derivative rule and without Python source is applied to an active value."""

    code = "S201"
    also = ("S203", "S205")


class CustomRuleError(S2sadError, TypeError):
    """A derivative rule of the user's does not fit the function, or returns what does not fit its arguments."""

    code = "S204"


class AmbiguousAlias(_CompileError):
    """Whether two names share memory can neither be decided nor guarded."""

    code = "S202"


class NonScalarOutput(S2sadError, TypeError):
    """The gradient of an output that is not a scalar was asked for."""

    code = "S301"


class NotDifferentiable(S2sadError, TypeError):
    """A value of a type that has no derivative was asked for one."""

    code = "S302"


class InvalidArgnums(S2sadError, ValueError, TypeError):
    """`argnums` names no parameter of the function."""

    code = "S303"


class KinkError(S2sadError, ArithmeticError):
    """A point was hit at which the derivative does not exist, under ``kinks="raise"``."""

    code = "S401"


class NonFiniteError(S2sadError, FloatingPointError):
    """A derivative is infinite or not a number, under ``check_finite=True``."""

    code = "S402"


class BackendError(S2sadError, RuntimeError):
    """A backend is missing, or cannot compile the emitted code."""

    code = "S501"


class InternalError(_CompileError):
    """The compiler itself failed: a mistake of s2sad, not of the function."""

    code = "S901"


class Explanation(NamedTuple):
    """What the documentation says of a code."""

    title: str
    text: str


CODES: dict[str, Explanation] = {
    "S101": Explanation(
        "Unsupported syntax",
        "The function uses a construct of Python for which no derivative program can be written, or not yet. "
        "Every such place of the function is listed at once, with the construct to use instead. Nothing was run.",
    ),
    "S102": Explanation(
        "Source unavailable",
        "s2sad transforms source code, so it has to read the function's source: from a file, a notebook, the "
        "interactive prompt of Python 3.13, or code that s2sad emitted. Functions made by `exec` or typed at an "
        "older prompt have none, and neither do functions written in C. Move the function into a file, or "
        "register a derivative rule for it with `s2sad.rules`.",
    ),
    "S103": Explanation(
        "Name, attribute or key not found",
        "The function uses a name that is defined neither in it nor in its module, an attribute that the object does "
        "not have or that s2sad does not support on an array, or a key that the dict lacks. Check the spelling; "
        "define the name before the line that uses it; write a NumPy function instead of an unusual attribute.",
    ),
    "S104": Explanation(
        "Number of items not known",
        "Unpacking, `*` and `**`, and loops over containers are written out when compiling, so the number of items, "
        "and for `**` the keys, must be known then. Index the items or slice, pass a tuple or a dict display, or "
        "loop over an array or a list.",
    ),
    "S105": Explanation(
        "Arguments do not fit",
        "A call gives a function arguments that its parameters do not take, or an assignment unpacks another number "
        "of values than it names. The primal would fail there too, when it runs.",
    ),
    "S106": Explanation(
        "Type not known",
        "The emitted code depends on the types of values, and here one cannot be found: it differs from path to "
        "path, changes from one trip of a loop to the next, or is known only at run time. Give the variable a value "
        "of its final type before the branch or the loop: `0.0` rather than `0` or None.",
    ),
    "S107": Explanation(
        "Value that exists only when compiling",
        "Functions and iterators that the differentiated function makes or receives are followed when compiling. "
        "They can be called, iterated over and passed on, but not be returned, stored or chosen at run time.",
    ),
    "S108": Explanation(
        "Write that cannot be reversed",
        "An array, list, dict or object is changed in place where the change cannot be followed: it lives outside of "
        "the function, is shared with what cannot be changed, or is of a type that is not written. (An array from "
        "outside may be written: the function works on a copy of it.) Nothing was run. Copy it first, or build a new "
        "one.",
    ),
    "S109": Explanation(
        "Option that is not supported",
        "The function that is called is supported, but not with this argument or in this form.",
    ),
    "S110": Explanation(
        "Cannot run again",
        "A checkpoint, or the body of a checkpointed loop, is computed again in the reverse sweep. It may compute, "
        "print (which happens once) and draw random numbers (which are drawn again from the same state), but do "
        "nothing that may differ the second time: read a clock or a file, or change what lives outside. Do that "
        "before, and pass the result.",
    ),
    "S201": Explanation(
        "Missing rule",
        "A function that has neither a derivative rule nor Python source is applied to a value that the result "
        "depends on. Register a rule with `s2sad.rules`, write the function in Python, or mark the argument "
        "as constant with `stop_gradient`.",
    ),
    "S202": Explanation(
        "Ambiguous alias",
        "An array is written in place, and whether another name shares its memory can neither be decided when "
        "compiling nor checked at run time. s2sad does not guess: take a copy at one of the two lines named.",
    ),
    "S203": Explanation(
        "Argument that the rule does not know",
        "The function has a derivative rule, which does not cover the argument that is given here. Leave it out, or "
        "register a rule with `s2sad.rules` that takes it.",
    ),
    "S204": Explanation(
        "Rule that does not fit",
        "A derivative rule of yours is incomplete, was given a differentiated value for an argument that it declares "
        "static, or returned the wrong number of cotangents or tangents, or one whose structure or shape is not that "
        "of what it belongs to. A rule returns one cotangent for each argument that is not static; None stands for "
        "zeros.",
    ),
    "S205": Explanation(
        "Number read from text",
        "A number is read from text that was made of a differentiated value (`float(str(x))`, an array of texts made "
        "numbers again) or from an exception that carries one, or a differentiated number is the key of a dict, from "
        "which it may be read. Its derivative would be lost on the way. Use the number itself, or say that it is "
        "constant with `stop_gradient`.",
    ),
    "S301": Explanation(
        "Non-scalar output",
        "`grad` and `value_and_grad` differentiate one number. For an array output use `jacobian`, or `vjp` "
        "with the cotangent that you want; or reduce the output, for instance with `np.sum`.",
    ),
    "S302": Explanation(
        "Not differentiable",
        "The argument has a type without a derivative: an integer or boolean array, a string, None. Convert "
        "integer arrays with `.astype(float)`: a gradient of their own type would be truncated. Or, when the code "
        "runs: an array that NumPy made of integers (`np.array([s, 1])` where `s` is still the integer 0) takes a "
        "number with a fraction, which is cut off; start with `0.0`, or say `dtype=float`.",
    ),
    "S303": Explanation(
        "Invalid argnums",
        "`argnums` takes the position or the name of a parameter, or a sequence of them, each at most once.",
    ),
    "S401": Explanation(
        "Kink",
        'With `kinks="raise"`, a point was hit at which the derivative does not exist or depends on the side. '
        "The default policy takes a subgradient there; the table of the policy is in the reference.",
    ),
    "S402": Explanation(
        "Non-finite derivative",
        "With `check_finite=True`, a derivative is infinite or not a number. The message names the primal line.",
    ),
    "S501": Explanation(
        "Backend",
        "The backend is not installed, or the emitted code uses something that it cannot compile.",
    ),
    "S901": Explanation(
        "Internal error",
        "The compiler itself failed while it worked on the statement that is shown. Nothing was run. This is a "
        "mistake of s2sad: please report it, with the function and the traceback of the error's cause. Often the "
        "statement can be written in another way in the meantime.",
    ),
}


def _subclasses(cls: type[S2sadError]) -> Iterable[type[S2sadError]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def error_class(code: str) -> type[S2sadError]:
    """The exception class of a code."""
    return next(
        cls
        for cls in _subclasses(S2sadError)
        if code in (cls.__dict__.get("code"), *cls.__dict__.get("also", ()))
    )


def raise_problems(problems: Iterable[Problem]) -> NoReturn:
    """Raise one error that lists all problems in source order; its class is that of the first."""
    ordered = sorted(set(problems), key=lambda p: (p.filename, p.lineno, p.col, p.code, p.message))
    raise error_class(ordered[0].code)("", ordered)


def problem_at(
    node: Any,
    code: str,
    message: str,
    advice: str = "",
    filename: str = "<unknown>",
    source_lines: Mapping[int, str] | None = None,
) -> Problem:
    """The problem that lies at a node of the user's source.

    Parameters
    ----------
    node : ast.AST or gast.AST
        The place: its ``lineno``, ``col_offset`` and ends are used, where it has them.
    code, message, advice : str
        As in `Problem`.
    filename : str
        The user's file.
    source_lines : mapping from int to str, optional
        The source by line number; lines that it lacks are looked up in the file.
    """
    lineno = getattr(node, "lineno", None) or 0
    text = (source_lines or {}).get(lineno) or (linecache.getline(filename, lineno) if lineno else "")
    text = text.rstrip("\r\n")
    col = _characters(text, getattr(node, "col_offset", None) or 0)
    end_col = len(_COMMENT.sub("", text))
    if getattr(node, "end_lineno", None) == lineno:
        end_col = _characters(text, getattr(node, "end_col_offset", None) or 0)
    return Problem(code, message, advice, filename, lineno, col, max(end_col, col + 1), text)


#: What a caret under a whole line leaves out.
_COMMENT = re.compile(r"""\s*(#[^'"]*)?$""")


def _characters(text: str, byte_offset: int) -> int:
    """Columns of syntax trees count UTF-8 bytes; people and editors count characters."""
    return len(text.encode()[:byte_offset].decode(errors="ignore"))
