"""The options that every entry point takes, and what each may be."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

CHOICES: dict[str, tuple[Any, ...]] = {
    "backend": ("numpy", "numba", "auto"),
    "kinks": ("subgradient", "nan", "raise"),
    "where": ("masked", "ieee"),
    "check_finite": (False, True),
    "optimize": (True, False, "scalars"),
    "mixed": (True, False),
    "parallel": (False, True),
    "fastmath": (False, True),
}


@dataclass(frozen=True)
class Options:
    """How to differentiate.

    Attributes
    ----------
    backend : {"numpy", "numba", "auto"}
        What runs the emitted code; "auto" is Numba where it is installed and can compile the function, else NumPy.
    kinks : {"subgradient", "nan", "raise"}
        What happens where a derivative does not exist.
    where : {"masked", "ieee"}
        Whether the branch of `numpy.where` that was not taken is kept out of the derivative.
    check_finite : bool
        Raise `NonFiniteError` when a derivative holds a NaN or an infinity.
    optimize : bool or "scalars"
        Whether the passes that only clean up run; "scalars": short vectors are worked on as numbers too, and arrays
        that loops use item by item as lists.
    mixed : bool
        Whether small functions with loops that are called in loops are differentiated forward inside a reverse sweep.
    parallel : bool
        Backend "numba": whether loops whose trips are provably independent run on several cores.
    fastmath : bool
        Backend "numba": whether arithmetic may be reordered as if it were exact.
    """

    backend: str = "numpy"
    kinks: str = "subgradient"
    where: str = "masked"
    check_finite: bool = False
    optimize: bool | str = True
    mixed: bool = True
    parallel: bool = False
    fastmath: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            chosen, choices = getattr(self, field.name), CHOICES[field.name]
            if not any(type(chosen) is type(choice) and chosen == choice for choice in choices):
                listed = ", ".join(map(repr, choices))
                raise ValueError(f"option {field.name}={chosen!r} is not known: choose one of {listed}")


def make_options(chosen: dict[str, Any]) -> Options:
    """Options from the keywords of a call; an unknown keyword is a `TypeError` that names the known ones."""
    for name in chosen:
        if name not in CHOICES:
            raise TypeError(f"unexpected option {name!r}: the options are {', '.join(CHOICES)}")
    return Options(**chosen)
