"""Derivative rules: the record, the decorators, and one file per area of a library (each is found by its presence)."""

from importlib import import_module
from pkgutil import iter_modules

from s2sad.rules.record import elementwise, linear, nondifferentiable, rule, sample, zero_derivative

__all__ = ["elementwise", "linear", "nondifferentiable", "rule", "sample", "zero_derivative"]

for _module in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")
