"""A linear model as arrays: maximise ``cost · x`` subject to ``rows · x ≤ limit`` and ``lower ≤ x ≤ 1``."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.tables import Flags, Ints

type Floats = NDArray[np.float64]

_MOST_SCALE = 2**20
_SAFE_TOTAL = 2.0**61


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Sparse rows in coordinate form, sorted by row; every number is an integer.

    ``fixed`` marks the columns that must be 1.
    """

    cost: Ints
    fixed: Flags
    limit: Ints
    row: Ints
    column: Ints
    coefficient: Ints

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.cost)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.limit)


def reduced_costs(model: LinearModel, prices: Ints, scale: int) -> Ints:
    """``cost − prices · rows`` per column, times ``scale``, exactly."""
    reduced = model.cost * scale
    np.subtract.at(reduced, model.column, prices[model.row] * model.coefficient)
    return reduced


def float_reduced_costs(model: LinearModel, duals: Floats) -> Floats:
    """``cost − duals · rows`` per column."""
    used = np.bincount(model.column, weights=duals[model.row] * model.coefficient, minlength=model.columns)
    reduced: Floats = model.cost - used
    return reduced


def price_scale(model: LinearModel, duals: Floats) -> int:
    """The finest grid of prices on which sums cannot overflow, a power of two."""
    size = float(np.abs(model.cost).sum()) + float(np.abs(duals) @ np.abs(model.limit)) + 1
    size += float(np.abs(duals[model.row] * model.coefficient).sum())
    scale = 1
    while scale < _MOST_SCALE and size * scale * 2 < _SAFE_TOTAL:
        scale *= 2
    return scale


def prove_bound(model: LinearModel, duals: Floats) -> int:
    """An upper bound on every feasible point, from any row prices, in integer arithmetic.

    For prices ``y ≥ 0`` no point is worth more than ``y · limit + Σ max(0, reduced cost)``. Prices are rounded to a
    grid first, so what the solver's tolerances leave is paid for in the sum and never taken on trust.
    """
    scale = price_scale(model, duals)
    prices = np.maximum(np.rint(duals * scale), 0).astype(np.int64)
    reduced = reduced_costs(model, prices, scale)
    gains = np.where(model.fixed, reduced, np.maximum(reduced, 0))
    return int(prices @ model.limit + gains.sum()) // scale
