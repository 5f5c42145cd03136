"""Whose code a function is: a library's that is known by its names, an installed package's, or the user's own.

>>> import math, random
>>> is_named(math.sqrt), is_named(random.shuffle)
(True, False)
>>> is_installed(random.shuffle), is_installed(lambda: 1)
(True, False)
"""

from __future__ import annotations

import sys
import sysconfig
from typing import Any

NAMED = {"numpy", "math", "scipy", "builtins", "operator", "cmath", "time", "itertools", "functools", "abc",
         "typing", "dataclasses", "warnings", "logging", "s2sad"}  # fmt: skip
"""Modules of which a function writes into its first argument, or its `out`, if its name says so, and nothing else."""
REPORTING = {"warnings", "logging"}
"""Those that only write down what they are given."""
_FOLDERS = tuple({sysconfig.get_paths()[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")})


def root_of(value: Any) -> str:
    """The package of a function or class; classes made by Cython have a descriptor there on Python 3.10."""
    module = getattr(value, "__module__", None)
    return module.split(".")[0] if isinstance(module, str) else ""


def is_named(function: Any) -> bool:
    """Whether the name of a function tells what it writes."""
    return root_of(function) in NAMED


def is_foreign(function: Any) -> bool:
    """Whether a compiled function is neither Python's own nor of a library whose names tell what is written."""
    owner = getattr(function, "__objclass__", None) or type(getattr(function, "__self__", None))
    root = root_of(function) or root_of(owner)
    return root not in NAMED and root not in sys.stdlib_module_names


def is_installed(function: Any) -> bool:
    """Whether a function comes with Python or with an installed package: it is not entered for what it changes."""
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    file = code.co_filename if code is not None else ""
    return file.startswith(_FOLDERS) or file.startswith("<frozen") or file == sys.executable
