"""The variants, in the order of the tables: what s2sad is compared with."""

from __future__ import annotations

from benchmarks.variant import Variant
from benchmarks.variants import in_c, peer, plain, with_numba

VARIANTS: dict[str, Variant] = {
    variant.name: variant
    for variant in (
        plain.PRIMAL,
        with_numba.PRIMAL,
        with_numba.JIT,
        plain.BY_HAND,
        plain.BY_HAND_SCALARS,
        with_numba.BY_HAND,
        in_c.C,
        plain.S2SAD,
        plain.S2SAD_SCALARS,
        with_numba.S2SAD,
        peer.JAX,
        peer.TORCH,
        peer.TORCH_COMPILE,
        peer.AUTOGRAD,
        peer.CASADI,
    )
}
