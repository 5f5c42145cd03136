"""``optimize="scalars"``: short vectors are worked on as numbers, before anything is differentiated.

A vector whose size is known and at most `LARGEST` is a handful of numbers, and arithmetic on Python's own costs a
fraction of a call of NumPy.  Before::

    v = dt * u
    return np.sum(v * v)

After::

    t = numbers_of(u)
    u0, u1, u2 = t[0], t[1], t[2]
    v0, v1, v2 = dt * u0, dt * u1, dt * u2
    return np.float64(v0 * v0 + v1 * v1 + v2 * v2)

The sweeps then differentiate and record numbers.  What cannot be spelled so gets the vector itself, made of its
numbers, and a group of vectors that would gain nothing is left as it is.  Python's numbers raise where NumPy's warn
(a division by zero, the logarithm of zero): the caller then runs what is compiled without this pass, so that nothing
but functions without effects may be changed.
"""

from __future__ import annotations

from s2sad.abstract.interpreter import Interpreted
from s2sad.passes.scalars.rewriting import Rewriting
from s2sad.passes.scalars.small import is_small
from s2sad.passes.scalars.unroll import unrolled

MOST_ROUNDS = 60


def scalars(core: Interpreted) -> Interpreted:
    """Short vectors and NumPy's numbers as Python's numbers, where that pays."""
    if not any(map(is_small, core.types.values())):
        return core
    written_out, indexed = unrolled(core)
    if indexed:
        changed, left = _rewritten(written_out)
        if changed is not None and not left & indexed:
            return changed
    return _rewritten(core)[0] or core


def _rewritten(core: Interpreted) -> tuple[Interpreted | None, frozenset[str]]:
    """The function in numbers, None where there is nothing to gain, and the vectors that are left as they are."""
    nothing: frozenset[str] = frozenset()
    wanted, left = (nothing, nothing, nothing), nothing
    for _ in range(MOST_ROUNDS):
        rewriting = Rewriting(core, *wanted, left)
        rewriting.run()
        if rewriting.left != left:
            wanted, left = (nothing, nothing, nothing), rewriting.left
        elif rewriting.wanted[0] != wanted[0]:  # what needs vectors may change with what has numbers
            wanted = rewriting.wanted[0], nothing, rewriting.wanted[2]
        elif rewriting.wanted != wanted:
            wanted = rewriting.wanted
        else:
            losing = rewriting.costs.losing() - left
            if not losing:
                return (rewriting.result() if rewriting.changed else None), left
            wanted, left = (nothing, nothing, nothing), left | losing
    return None, left
