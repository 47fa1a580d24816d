"""HiGHS and PDLP through MathOpt: arrays in, arrays out.

The protocol buffers are used directly: the Python objects of the public model cost more than most solves here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import callback_pb2, model_parameters_pb2, model_pb2, parameters_pb2, result_pb2
from ortools.math_opt.core.python import solver

from matching.linear import Floats, LinearModel

_LARGEST_COST = 1e6
_CLOSE = 1e-4
_INTEGRAL = 1e-6


@dataclass(frozen=True, slots=True)
class Limits:
    """When a solve stops: ``seconds`` on the clock, ``nodes`` of the tree and first-order ``steps`` (deterministic)."""

    seconds: float
    nodes: int = 2**31 - 1
    steps: int = 2**31 - 1


@dataclass(frozen=True, slots=True)
class LinearAnswer:
    """A solved linear relaxation; ``duals`` are prices of the rows, ≥ 0 up to tolerance."""

    values: Floats
    duals: Floats

    @property
    def is_integral(self) -> bool:
        """Whether every column is 0 or 1."""
        return bool(np.all(np.abs(self.values - np.rint(self.values)) <= _INTEGRAL))


@dataclass(frozen=True, slots=True)
class IntegerAnswer:
    """What branch and bound found; ``values`` None if nothing, ``bound`` the solver's own."""

    values: NDArray[np.bool_] | None
    bound: float
    is_optimal: bool


def solve_relaxation(model: LinearModel, limits: Limits) -> LinearAnswer | None:
    """Solve the linear relaxation; None if the clock stopped it."""
    scale = _cost_scale(model)
    answer = _run(_to_proto(model, scale, integer=False), _parameters(limits))
    if answer.termination.reason != result_pb2.TERMINATION_REASON_OPTIMAL:
        return None
    return _read_linear(model, answer, scale)


def approach_relaxation(model: LinearModel, limits: Limits) -> LinearAnswer | None:
    """Come near the optimum of the linear relaxation by PDLP, in up to ``steps``; None if the clock stopped it first.

    A step costs two products with the matrix, so models that no simplex method gets through are priced well within
    seconds. The values break rows a little; the prices prove a bound as any prices do.
    """
    scale = _cost_scale(model)
    parameters = parameters_pb2.SolveParametersProto()
    parameters.time_limit.FromMilliseconds(max(1, int(limits.seconds * 1000)))
    parameters.pdlp.num_threads = 1
    criteria = parameters.pdlp.termination_criteria
    criteria.iteration_limit = limits.steps
    criteria.simple_optimality_criteria.eps_optimal_relative = _CLOSE
    criteria.simple_optimality_criteria.eps_optimal_absolute = _CLOSE
    answer = _run(_to_proto(model, scale, integer=False), parameters, engine=parameters_pb2.SOLVER_TYPE_PDLP)
    is_close = answer.termination.reason == result_pb2.TERMINATION_REASON_OPTIMAL
    if not answer.solutions or not (is_close or answer.termination.limit == result_pb2.LIMIT_ITERATION):
        return None
    return _read_linear(model, answer, scale)


def _read_linear(model: LinearModel, answer: result_pb2.SolveResultProto, scale: float) -> LinearAnswer:
    solution = answer.solutions[0]
    values = np.zeros(model.columns)
    found = solution.primal_solution.variable_values
    values[np.array(found.ids, dtype=np.int64)] = found.values
    duals = np.zeros(model.rows)
    prices = solution.dual_solution.dual_values
    duals[np.array(prices.ids, dtype=np.int64)] = prices.values
    return LinearAnswer(values, duals * scale)


def solve_integer(model: LinearModel, limits: Limits, *, seed: int, hint: NDArray[np.bool_] | None) -> IntegerAnswer:
    """Branch and bound until proven or out of limits."""
    scale = _cost_scale(model)
    parameters = _parameters(limits)
    parameters.random_seed = seed % 2**31
    parameters.relative_gap_tolerance = 0.0
    parameters.absolute_gap_tolerance = 0.5 / scale
    answer = _run(_to_proto(model, scale, integer=True), parameters, hint)
    bound = answer.termination.objective_bounds.dual_bound * scale
    is_optimal = answer.termination.reason == result_pb2.TERMINATION_REASON_OPTIMAL
    if not answer.solutions:
        return IntegerAnswer(None, bound, is_optimal)
    found = answer.solutions[0].primal_solution.variable_values
    values = np.zeros(model.columns, dtype=np.bool_)
    values[np.array(found.ids, dtype=np.int64)] = np.array(found.values) > 1 / 2
    return IntegerAnswer(values, bound, is_optimal)


def _cost_scale(model: LinearModel) -> float:
    """Keeps costs well above the solver's absolute tolerances and well below its infinity."""
    largest = float(np.abs(model.cost).max(initial=0))
    return max(1.0, largest / _LARGEST_COST)


def _parameters(limits: Limits) -> parameters_pb2.SolveParametersProto:
    parameters = parameters_pb2.SolveParametersProto()
    parameters.time_limit.FromMilliseconds(max(1, int(limits.seconds * 1000)))
    parameters.highs.int_options["threads"] = 1
    parameters.highs.int_options["mip_max_nodes"] = limits.nodes
    return parameters


def _to_proto(model: LinearModel, scale: float, *, integer: bool) -> model_pb2.ModelProto:
    proto = model_pb2.ModelProto()
    proto.variables.ids.extend(range(model.columns))
    proto.variables.lower_bounds.extend(model.fixed.astype(np.float64).tolist())
    proto.variables.upper_bounds.extend([1.0] * model.columns)
    proto.variables.integers.extend([integer] * model.columns)
    proto.objective.maximize = True
    priced = np.flatnonzero(model.cost)
    proto.objective.linear_coefficients.ids.extend(priced.tolist())
    proto.objective.linear_coefficients.values.extend((model.cost[priced] / scale).tolist())
    proto.linear_constraints.ids.extend(range(model.rows))
    proto.linear_constraints.lower_bounds.extend([-np.inf] * model.rows)
    proto.linear_constraints.upper_bounds.extend(model.limit.astype(np.float64).tolist())
    order = np.lexsort((model.column, model.row))
    proto.linear_constraint_matrix.row_ids.extend(model.row[order].tolist())
    proto.linear_constraint_matrix.column_ids.extend(model.column[order].tolist())
    proto.linear_constraint_matrix.coefficients.extend(model.coefficient[order].astype(np.float64).tolist())
    return proto


def _run(
    model: model_pb2.ModelProto,
    parameters: parameters_pb2.SolveParametersProto,
    hint: NDArray[np.bool_] | None = None,
    engine: parameters_pb2.SolverTypeProto = parameters_pb2.SOLVER_TYPE_HIGHS,
) -> result_pb2.SolveResultProto:
    guide = model_parameters_pb2.ModelSolveParametersProto()
    if hint is not None:
        values = guide.solution_hints.add().variable_values
        values.ids.extend(range(len(hint)))
        values.values.extend(hint.astype(np.float64).tolist())
    answer: result_pb2.SolveResultProto = solver.solve(
        model,
        engine,
        parameters_pb2.SolverInitializerProto(),
        parameters,
        guide,
        None,
        callback_pb2.CallbackRegistrationProto(),
        None,
        None,
    )
    return answer
