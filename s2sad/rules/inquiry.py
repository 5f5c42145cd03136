"""Functions that ask about arrays and types: no derivative flows through them."""

from __future__ import annotations

import numpy as np

from s2sad.rules.record import nondifferentiable

nondifferentiable(
    np.shape, np.ndim, np.size, np.result_type, np.promote_types, np.can_cast, np.min_scalar_type, np.common_type,
    np.issubdtype, np.dtype, np.finfo, np.iinfo, np.shares_memory, np.may_share_memory, np.broadcast_shapes,
    np.array_repr, np.array_str, np.array2string, np.isfortran, np.iterable, np.triu_indices_from,
    np.tril_indices_from, np.diag_indices_from, np.linalg.matrix_rank,
)  # fmt: skip
