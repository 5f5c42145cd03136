"""What to write for a function that has no rule: the nearest one that has, and a rule to fill in."""

from __future__ import annotations

import difflib
import inspect
from typing import Any

import numpy as np

from s2sad.rules.record import registered

OPERANDS = ("x", "y", "z", "w", "u", "v")


def suggestion(function: Any, spelled: str, count: int) -> str:
    r"""What to do about a missing rule.

    Parameters
    ----------
    function : callable
        The function without a rule.
    spelled : str
        How the user's code calls it.
    count : int
        With how many arguments.

    Examples
    --------
    >>> print(suggestion(np.nextafter, "np.nextafter", 2).partition("\n\n")[2])
        from s2sad.rules import elementwise, sample
    <BLANKLINE>
        @elementwise(np.nextafter, at=[sample(0.5, 0.7)])
        def nextafter_rule(x1, x2, *, y):  # y is np.nextafter(x1, x2)
            return ..., ...  # the partial derivatives
    <BLANKLINE>
    Or mark the argument constant with s2sad.stop_gradient.
    """
    nearest = closest(function)
    known = "" if nearest is None else f"the nearest function with a rule is {nearest}; otherwise "
    rule = indented(skeleton(function, spelled, count))
    constant = "Or mark the argument constant with s2sad.stop_gradient."
    return f"{known}register a rule, here to be filled in:\n\n{rule}\n\n{constant}"


def closest(function: Any) -> str | None:
    """The function with a rule whose name is most like this one's."""
    own = getattr(function, "__name__", "")
    paths = {getattr(known, "__name__", ""): path_of(known) for known in registered()}
    found = difflib.get_close_matches(
        own, [name for name in paths if name and not name.startswith("_")], 1, 0.75
    )
    return paths[found[0]] if found else None


def path_of(function: Any) -> str:
    """How a function is reached."""
    name = getattr(function, "__name__", repr(function))
    for owner, label in ((np, "np"), (np.linalg, "np.linalg"), (np.fft, "np.fft")):
        if vars(owner).get(name) is function:
            return f"{label}.{name}"
    module = getattr(function, "__module__", None) or ""
    return name if module in ("", "builtins") else f"{module}.{name}"


def skeleton(function: Any, spelled: str, count: int) -> str:
    """A rule with gaps."""
    name = getattr(function, "__name__", "function").strip("<>").replace(".", "_")
    names = parameters_of(function, count)
    operands = ", ".join(names)
    numbers = ", ".join(f"0.{5 + 2 * k}" for k in range(len(names)))
    if isinstance(function, np.ufunc):
        gaps = ", ".join("..." for _ in names)
        many = "partial derivatives" if len(names) > 1 else "derivative"
        return (
            f"from s2sad.rules import elementwise, sample\n\n"
            f"@elementwise({spelled}, at=[sample({numbers})])\n"
            f"def {name}_rule({operands}, *, y):  # y is {spelled}({operands})\n"
            f"    return {gaps}  # the {many}"
        )
    dots = "".join(f", {key}_dot" for key in names)
    given = "the cotangent of " + names[0] if len(names) == 1 else f"a tuple: the cotangents of {operands}"
    return (
        f"from s2sad.rules import rule, sample\n\n"
        f"@rule({spelled}, at=[sample({numbers})])\n"
        f"class {name}_rule:\n"
        f"    def jvp({operands}, *{dots}, y):  # y is {spelled}({operands})\n"
        f"        return ...  # the tangent of y\n\n"
        f"    def vjp({operands}, *, y, y_bar):\n"
        f"        return ...  # {given}"
    )


def parameters_of(function: Any, count: int) -> list[str]:
    """Names for the operands."""
    try:
        parameters = inspect.signature(function).parameters.values()
        names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        names = []
    names = [f"{name}_" if name == "y" else name for name in names[:count]]
    spare = [name for name in OPERANDS if name != "y" and name not in names]
    return [*names, *spare][: max(count, 1)]


def indented(text: str) -> str:
    """A block of code, set off."""
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
