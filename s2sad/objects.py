"""Objects of user classes: which ones have fields that can be differentiated, and how they are put together anew.

>>> class Spring:
...     def __init__(self, stiffness, rest):
...         self.stiffness, self.rest = stiffness, rest
>>> spring = Spring(2.0, 0.5)
>>> fields_of(spring)
{'stiffness': 2.0, 'rest': 0.5}
>>> fields_of(replaced(spring, rest=0.0))
{'stiffness': 2.0, 'rest': 0.0}
"""

from __future__ import annotations

import abc
import dataclasses
import sys
import typing
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement

LIBRARIES = frozenset({
    "numpy", "scipy", "pandas", "matplotlib", "xarray", "dask", "PIL", "torch", "jax", "jaxlib", "tensorflow", "numba",
    "sympy", "sklearn", "s2sad", "gast", "pytest", "_pytest", "IPython", "ipykernel", "traitlets",
})  # fmt: skip
"""Packages whose objects are not taken apart: their fields are their own business."""

Flatten = Callable[[Any], tuple[Mapping[str, Any], Any]]
Unflatten = Callable[[Any, Mapping[str, Any]], Any]

_registered: dict[type, tuple[Flatten, Unflatten]] = {}
_known: weakref.WeakKeyDictionary[type, bool] = weakref.WeakKeyDictionary()


def register_class(cls: type, flatten: Flatten, unflatten: Unflatten) -> type:
    """Tell which attributes of a foreign class are differentiated, and how an object of it is made.

    Classes written in Python need no registration: their fields are what is in `__dict__` and `__slots__`.  Register
    a class whose state is kept elsewhere (an extension type, a property over private data), or of which only some
    attributes are to be seen.

    Parameters
    ----------
    cls : type
        The class; subclasses are registered on their own.
    flatten : callable
        ``flatten(obj) -> (children, aux)``: the attributes by which differentiated code reads the object's numbers, as
        a dict from name to value, and anything else that is needed to make the object again.
    unflatten : callable
        ``unflatten(aux, children) -> obj``.

    Returns
    -------
    type
        `cls`.

    Examples
    --------
    >>> class Length:
    ...     def __init__(self, metres, label):
    ...         self._mm, self.label = 1000.0 * metres, label
    ...     @property
    ...     def metres(self):
    ...         return self._mm / 1000.0
    >>> _ = register_class(Length, lambda q: ({"metres": q.metres}, q.label), lambda aux, c: Length(c["metres"], aux))
    >>> from s2sad import grad
    >>> grad(lambda q: q.metres ** 2)(Length(3.0, "wall")).metres
    6.0
    """
    if not isinstance(cls, type):
        raise TypeError(f"register_class: the first argument must be a class, not {cls!r}")
    if not callable(flatten) or not callable(unflatten):
        raise TypeError(f"register_class({cls.__name__}): flatten and unflatten must be functions")
    _registered[cls] = (flatten, unflatten)
    _known[cls] = True
    return cls


def is_registered(cls: type) -> bool:
    """Whether the class has a flatten function of its own."""
    return cls in _registered


def is_record(value: Any) -> bool:
    """Whether an object is taken apart into its fields."""
    return is_record_class(type(value))


def is_record_class(cls: type) -> bool:
    """Whether objects of a class are taken apart: a class written in Python, with its state in its attributes."""
    found = _known.get(cls)
    if found is None:
        found = _known[cls] = _is_plain_class(cls)
    return found


def _is_plain_class(cls: type) -> bool:
    if not cls.__flags__ & HEAP_TYPE or issubclass(cls, BaseException):
        return False
    if type(cls) not in (type, abc.ABCMeta) and not _is_protocol(cls):
        return False
    if any(
        base is not object and not base.__flags__ & HEAP_TYPE and base is not typing.Generic
        for base in cls.__mro__
    ):
        return False
    if cls.__getattribute__ is not object.__getattribute__:
        return False
    package = str(cls.__module__ or "").split(".")[0]
    return package == "__main__" or (package not in sys.stdlib_module_names and package not in LIBRARIES)


_OF_TUPLES = ("__init__", "__iter__", "__len__", "__contains__", "__getattribute__")
_named: weakref.WeakKeyDictionary[type, bool] = weakref.WeakKeyDictionary()


def is_named_tuple(cls: Any) -> bool:
    """Whether a class is that of named tuples which are made of their fields, and give them, as tuples do.

    >>> import collections
    >>> Point = collections.namedtuple("Point", "x y")
    >>> class Doubled(Point):
    ...     def __new__(cls, x, y):
    ...         return super().__new__(cls, 2.0 * x, y)
    >>> is_named_tuple(Point), is_named_tuple(Doubled), is_named_tuple(tuple)
    (True, False, False)
    """
    if not has_names(cls):
        return False
    found = _named.get(cls)
    if found is None:
        maker = next(base for base in cls.__mro__ if "__new__" in vars(base))
        as_tuples = all(getattr(cls, one) is getattr(tuple, one) for one in _OF_TUPLES)
        found = _named[cls] = "_fields" in vars(maker) and as_tuples
    return found


def has_names(cls: Any) -> typing.TypeGuard[type]:
    """Whether a class is one of tuples with names for their items."""
    return isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields")


def _is_protocol(cls: type) -> bool:
    return type(cls) is type(typing.Protocol)


def fields_of(value: Any) -> dict[str, Any]:
    """The fields of an object by name, in the order in which they were set; slots first."""
    cls = type(value)
    if cls in _registered:
        return dict(_registered[cls][0](value)[0])
    found = {name: getattr(value, name) for name in slots_of(cls) if hasattr(value, name)}
    found.update(getattr(value, "__dict__", {}))
    return found


def slots_of(cls: type) -> tuple[str, ...]:
    """The slots of a class and its bases, base classes first."""
    names: list[str] = []
    for base in reversed(cls.__mro__):
        slots = vars(base).get("__slots__", ())
        found = (slots,) if isinstance(slots, str) else tuple(slots)
        names += [_mangled(base, slot) for slot in found if slot not in ("__dict__", "__weakref__")]
    return tuple(names)


def _mangled(cls: type, name: str) -> str:
    private = name.startswith("__") and not name.endswith("__")
    return f"_{cls.__name__.lstrip('_')}{name}" if private else name


def instance(cls: type, /, **fields: Any) -> Any:
    """An object of a class with these fields; nothing of the class's own code runs.

    Parameters
    ----------
    cls : type
        The class.
    **fields
        Its fields.

    Returns
    -------
    object
        The object.
    """
    new: Any = object.__new__(cls)
    for name, value in fields.items():
        object.__setattr__(new, name, value)
    return new


def replaced(value: Any, /, **fields: Any) -> Any:
    """The same object with some fields changed; the object itself is left alone, and none of its code runs.

    Parameters
    ----------
    value : object
        The object.
    **fields
        The new values of some of its fields.

    Returns
    -------
    object
        A shallow copy of `value` with these fields.
    """
    cls = type(value)
    if cls in _registered:
        flatten, unflatten = _registered[cls]
        children, aux = flatten(value)
        return unflatten(aux, {**children, **fields})
    return instance(cls, **{**fields_of(value), **fields})


# ---- what classes say of their fields -----------------------------------------------------------
def is_plain_dataclass(cls: type) -> bool:
    """Whether ``cls(a, b)`` does no more than set the fields, so that code may be printed so."""
    if not dataclasses.is_dataclass(cls) or "__post_init__" in dir(cls) or not _own_init_is_generated(cls):
        return False
    return all(field.init and not field.kw_only for field in dataclasses.fields(cls))


def _own_init_is_generated(cls: type) -> bool:
    init = next((vars(base)["__init__"] for base in cls.__mro__ if "__init__" in vars(base)), None)
    owner = next((base for base in cls.__mro__ if "__init__" in vars(base)), None)
    return owner is cls and is_generated(init)


def is_generated(function: Any) -> bool:
    """Whether a method was written by `dataclasses`: it has no file."""
    return getattr(getattr(function, "__code__", None), "co_filename", "") == "<string>"


FLOATS = ("float", "np.float64", "numpy.float64", "np.floating", "numpy.floating", "complex")


def is_declared_real(cls: type, field: str) -> bool:
    """Whether a class annotates a field as a real number, so that an integer there means one."""
    for base in cls.__mro__:
        declared = vars(base).get("__annotations__", {}).get(field)
        if declared is not None:
            return declared in (float, complex, np.float64, np.floating) or (
                isinstance(declared, str) and declared.strip() in FLOATS
            )
    return False
