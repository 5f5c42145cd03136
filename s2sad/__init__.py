"""s2sad: source-to-source automatic differentiation of plain Python and NumPy.

>>> from s2sad import grad
>>> def cube(x):
...     return x * x * x
>>> grad(cube)(2.0)
12.0
"""

from s2sad import nested as _nested  # noqa: F401 (teaches the compiler what the entry points mean)
from s2sad.api import (
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jit,
    jvp,
    linearize,
    stop_gradient,
    value_and_grad,
    vjp,
)
from s2sad.derivative import Derivative
from s2sad.errors import (
    AmbiguousAlias,
    BackendError,
    CustomRuleError,
    InvalidArgnums,
    KinkError,
    MissingRule,
    NonFiniteError,
    NonScalarOutput,
    NotDifferentiable,
    S2sadError,
    SourceUnavailable,
    UnsupportedSyntax,
)
from s2sad.load import from_source
from s2sad.objects import register_class
from s2sad.rules.custom import custom_jvp, custom_vjp
from s2sad.runtime.checkpoints import checkpoint, checkpointed
from s2sad.runtime.hooks import on_reverse
from s2sad.testing import check_grads

__version__ = "0.1.0"

__all__ = [
    "AmbiguousAlias",
    "BackendError",
    "CustomRuleError",
    "Derivative",
    "InvalidArgnums",
    "KinkError",
    "MissingRule",
    "NonFiniteError",
    "NonScalarOutput",
    "NotDifferentiable",
    "S2sadError",
    "SourceUnavailable",
    "UnsupportedSyntax",
    "check_grads",
    "from_source",
    "checkpoint",
    "checkpointed",
    "custom_jvp",
    "custom_vjp",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jit",
    "jvp",
    "on_reverse",
    "linearize",
    "register_class",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]
