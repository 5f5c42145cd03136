"""The other tools: each a file of `benchmarks.peers`, imported when it is first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from benchmarks.variant import Unavailable, Variant
from benchmarks.workload import Workload


def peer(module: str, package: str, **options: Any) -> Callable[[str, Workload, tuple[Any, ...]], Callable[[], Any]]:
    """How a tool computes a workload: its module's ``value_and_gradient(name, wrt, arguments)``."""

    def prepare(name: str, workload: Workload, arguments: tuple[Any, ...]) -> Callable[[], Any]:
        try:
            found = importlib.import_module(f"benchmarks.peers.{module}")
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != package:
                raise
            raise Unavailable(f"{package} is not installed") from error
        reason = getattr(found, "NOT_SUPPORTED", {}).get(name)
        if reason:
            raise Unavailable(f"not supported: {reason}")
        call: Callable[[], Any] = found.value_and_gradient(name, workload.wrt, arguments, **options)
        return call

    return prepare


JAX = Variant("jax", "JAX jit", peer("in_jax", "jax"), peer=True)
TORCH = Variant("torch", "PyTorch eager", peer("in_torch", "torch"), peer=True, interpreted=True)
TORCH_COMPILE = Variant("torch_compile", "PyTorch compile", peer("in_torch", "torch", compiled=True), peer=True)
AUTOGRAD = Variant("autograd", "autograd", peer("in_autograd", "autograd"), peer=True, interpreted=True)
CASADI = Variant("casadi", "CasADi", peer("in_casadi", "casadi"), peer=True)
