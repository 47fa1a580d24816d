"""CP-SAT for what stays fractional: deterministic, interruptible, and it tells of every step.

One worker, the whole linear relaxation at every node, and a limit in the solver's own deterministic time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from matching.linear import LinearModel
from matching.tables import Flags, Ints

type OnStep = Callable[[Flags | None, int], bool]
"""Told of a better answer (or None) and of the bound; True stops the search."""


@dataclass(frozen=True, slots=True)
class SatAnswer:
    """The best answer as flags by column (None without one), the bound, and whether the clock ended it.

    ``work`` is the deterministic time spent.
    """

    values: Flags | None
    bound: int
    clock: bool
    work: float


def solve_by_sat(
    model: LinearModel, *, hint: Flags, work: float, seconds: float, seed: int, on_step: OnStep | None = None
) -> SatAnswer:
    """Search up to ``work`` units of deterministic time; ``seconds`` on the clock is a safety net.

    ``hint`` is of all columns or of the first, from which the others follow.
    """
    cp, variables = _to_cp(model)
    for variable, value in zip(variables, hint.tolist(), strict=False):
        cp.add_hint(variable, value)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.add_lp_constraints_lazily = False
    solver.parameters.max_cut_rounds_at_level_zero = 20
    solver.parameters.max_deterministic_time = work
    solver.parameters.max_time_in_seconds = max(0.01, seconds)
    solver.parameters.random_seed = seed % 2**31
    watcher = None
    if on_step is not None:
        watcher = _Watcher(variables, on_step)
        solver.best_bound_callback = partial(watcher.hear_bound, solver)
    status = solver.solve(cp, watcher)
    found = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    values = np.array([bool(solver.value(variable)) for variable in variables]) if found else None
    spent = solver.response_proto.deterministic_time
    clock = status != cp_model.OPTIMAL and spent < work
    return SatAnswer(values, int(np.floor(solver.best_objective_bound + 0.5)), clock, spent)


class _Watcher(cp_model.CpSolverSolutionCallback):
    """Passes steps on and stops the search when asked to."""

    def __init__(self, variables: list[cp_model.IntVar], on_step: OnStep) -> None:
        super().__init__()
        self._variables = variables
        self._on_step = on_step
        self._stop = False

    def on_solution_callback(self) -> None:
        values: NDArray[np.bool_] = np.array([bool(self.value(variable)) for variable in self._variables])
        self._stop = self._stop or self._on_step(values, int(np.floor(self.best_objective_bound + 0.5)))
        if self._stop:
            self.stop_search()

    def hear_bound(self, solver: cp_model.CpSolver, bound: float) -> None:
        self._stop = self._stop or self._on_step(None, int(np.floor(bound + 0.5)))
        if self._stop:
            solver.stop_search()


def _to_cp(model: LinearModel) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    cp = cp_model.CpModel()
    variables = [cp.new_bool_var("") for _ in range(model.columns)]
    for column in np.flatnonzero(model.fixed).tolist():
        cp.add(variables[column] == 1)
    for columns, coefficients, limit in _list_rows(model):
        row = [variables[column] for column in columns.tolist()]
        if limit == 1 and np.all(coefficients == 1):
            cp.add_at_most_one(row)
        else:
            cp.add(cp_model.LinearExpr.weighted_sum(row, coefficients.tolist()) <= limit)
    priced = np.flatnonzero(model.cost).tolist()
    cp.maximize(cp_model.LinearExpr.weighted_sum([variables[column] for column in priced], model.cost[priced].tolist()))
    return cp, variables


def _list_rows(model: LinearModel) -> list[tuple[Ints, Ints, int]]:
    order = np.argsort(model.row, kind="stable")
    borders = np.searchsorted(model.row[order], np.arange(1, model.rows))
    columns = np.split(model.column[order], borders)
    coefficients = np.split(model.coefficient[order], borders)
    return [
        (column, coefficient, limit)
        for column, coefficient, limit in zip(columns, coefficients, model.limit.tolist(), strict=True)
        if len(column)
    ]
