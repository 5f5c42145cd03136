"""Array statements become loops, and neighbours become one loop (backend ``numba``).

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(loops(core('''
... def f(x, k):
...     t = x[1:] - x[:-1]
...     total = np.sum(k * t * t)
...     return total
... ''', np.zeros(5), 2.0)))
def f(x, k):
    total = 0.0
    for i in range(x.shape[0] - 1):
        t = x[i + 1] - x[i]
        total += k * t * t
    return total

Elementwise expressions, slices, broadcasts and sums are taken; products of matrices and all else stay what they are.
Where the types do not say that two sizes are equal, a test before the loop does, so nothing is read out of bounds and
NumPy's error is kept.  A store that overlaps what it reads goes through a copy.
"""

from __future__ import annotations

from collections.abc import Sequence as Several
from typing import Any

import gast
import numpy as np

from s2sad.analysis.liveness import Liveness
from s2sad.analysis.memory import Memory
from s2sad.passes.loops.drafting import Drafting
from s2sad.passes.loops.fusion import fused, lives_on
from s2sad.passes.loops.nest import Nest, printed
from s2sad.passes.loops.stencils import gathered
from s2sad.passes.loops.webs import separated
from s2sad.program import Program
from s2sad.signature import Array, ListOf, Scalar, Sequence
from s2sad.tree.dataflow import binds, blocks, bound_within, is_comment, walk, with_fields


def loops(program: Program) -> Program:
    """Write array statements as loops."""
    return _Loops(program).looped()


def parallel_loops(program: Program) -> Program:
    """The same; loops whose turns touch different elements are left to several cores."""
    return _Loops(program, parallel=_may_share(program)).looped()


def _may_share(program: Program) -> bool:
    """Whether cores may share loops: Numba then removes dead code, and only sees some ways to hold on to an array."""
    memory = Memory(program)
    for known in (program.types.get(key) for node in walk(program.body) for key in binds(node)):
        if isinstance(known, ListOf) and not isinstance(known.item, Scalar):
            return False
        if isinstance(known, Sequence) and any(isinstance(item, Array) for item in known.items):
            return False
    seen = (np.ravel, np.transpose, np.reshape)
    return not any(
        isinstance(node, gast.Assign)
        and isinstance(node.value, gast.Call)
        and memory.shared(node.value)
        and memory.object_of(node.value.func) not in seen
        for node in walk(program.body)
    )


class _Loops:
    def __init__(self, program: Program, parallel: bool = False) -> None:
        program = separated(program)
        self.program, self.parallel = program, parallel
        self.drafting = Drafting(program)
        self.live = Liveness(program.body)

    def looped(self) -> Program:
        pieces = self.block(self.program.body)
        body = tuple(self.printed(pieces))
        return self.program.replace(body=body, types=self.drafting.types)

    def block(self, body: Several[Any]) -> list[Any]:
        """The pieces of a block: nests, and other statements whose own blocks are pieces."""
        out: list[Any] = []
        for node in body:
            if is_comment(node):
                out.append(node)
            elif blocks(node):
                out += self.compound(node)
            else:
                out += self.drafting.statement(node)
        after = self.live.after[id(body[-1])] if body else 0

        def ends(array: str) -> bool:
            return bool(after & self.live.bit(array))

        out = fused(out, self.drafting, ends)
        return gathered(out, self.drafting, lambda array, pieces: lives_on(array, pieces, ends))

    def compound(self, node: Any) -> list[Any]:
        self.drafting.rebind(sorted(bound_within([node])))
        fields: dict[str, Any] = {}
        for field in ("body", "orelse"):
            if getattr(node, field, None):
                fields[field] = self.block(getattr(node, field))
                self.drafting.rebind(sorted(bound_within([node])))
        return [with_fields(node, **fields)]

    # ---- printing -----------------------------------------------------------------------------------------------

    def printed(self, pieces: Several[Any]) -> list[gast.stmt]:
        variables = self.variables()
        return _statements(pieces, variables, self.parallel)

    def variables(self) -> list[str]:
        """Loop variables that no name of the program's meets."""
        taken = self.drafting.taken
        found = [letter for letter in "ijkpqr" if letter not in taken]
        while len(found) < 4:
            found.append(self.drafting.fresh("i", self.drafting.types.get("i")))  # type: ignore[arg-type]
        return found


def _statements(pieces: Several[Any], variables: list[str], parallel: bool) -> list[gast.stmt]:
    out: list[gast.stmt] = []
    for piece in pieces:
        if isinstance(piece, Nest):
            out += printed(piece, variables, parallel)
        elif blocks(piece):
            fields = {
                field: _statements(getattr(piece, field), variables, parallel)
                for field in ("body", "orelse")
                if getattr(piece, field, None)
            }
            out.append(with_fields(piece, **fields))
        else:
            out.append(piece)
    return out
