"""The relaxation of a large part over the matches that prices find nearest.

Reduced costs say which matches are near an optimum: a fifth of them holds practically all of it, and the simplex method
is several times faster there. What is left fractional is settled by branch and bound with the rest kept.
"""

from dataclasses import replace

import numpy as np

from matching.highs import Limits, solve_integer, solve_relaxation
from matching.part import Part
from matching.tables import Ints

_SMALLEST, _SHARE, _LARGEST = 1_500, 5, 80_000
_PER_SECOND = 2e8  # the simplex method's time grows with the square of the columns
_NODES = 50
_SURE = 1 - 1e-6


def core_size(part: Part, seconds: float) -> int:
    """How many positions are near: a fifth, or as many as this much time is enough for."""
    affordable = int(min(seconds * _PER_SECOND, 1e18) ** 0.5)
    return min(max(_SMALLEST, len(part) // _SHARE), max(_SMALLEST, affordable), _LARGEST, len(part))


def choose_core(part: Part, reduced: Ints, start: Ints, seconds: float) -> Ints:
    """Positions nearest their price, with those of an answer in hand and the pins."""
    near = np.lexsort((-part.value, -reduced))[: core_size(part, seconds)]
    return np.unique(np.concatenate((near, start, np.flatnonzero(part.fixed))))


def solve_core(
    part: Part, reduced: Ints, start: Ints, limits: Limits, *, seed: int, seconds: float = np.inf
) -> Ints | None:
    """A good answer over as large a core as ``seconds`` of work are enough for, or None if a limit came first."""
    core = choose_core(part, reduced, start, seconds)
    model = part.select(core).build_model()
    relaxed = solve_relaxation(model, limits)
    if relaxed is None:
        return None
    values = relaxed.values[: len(core)]
    if relaxed.is_integral:
        return core[values > 1 / 2]
    sure = model.fixed.copy()
    sure[: len(core)] |= values > _SURE
    settled = solve_integer(replace(model, fixed=sure), replace(limits, nodes=_NODES), seed=seed, hint=None)
    return None if settled.values is None else core[settled.values[: len(core)]]
