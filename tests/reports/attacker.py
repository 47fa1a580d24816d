"""An auditor who wants to know more: every equation and bound that follows from what was told, solved in integers.

Knows how the tables are made and every name that a line may bear.
"""

from collections.abc import Collection, Mapping
from typing import Any

from ortools.sat.python import cp_model

MOST = 10_000


class Attacker:
    """One quarter, as told, and every name that a line may bear, by table."""

    def __init__(self, told: Mapping[str, Any], names: Mapping[str, Collection[str]]) -> None:
        self.model = cp_model.CpModel()
        totals = [self._unknown(count) for count in told["totals"]]
        self.cells: dict[tuple[str, str, int], cp_model.IntVar] = {}
        for table, content in told["tables"].items():
            lines = dict(content["lines"])
            for name in names[table]:
                self._add_line(table, name, lines.get(name))
            for rank, total in enumerate(totals):
                self.model.add(sum(self.cells[table, name, rank] for name in names[table]) == total)
                if content["others"] and content["others"][rank] is not None:
                    apart = [self.cells[table, name, rank] for name in names[table] if name not in lines]
                    self.model.add(sum(apart) == content["others"][rank])

    def _unknown(self, count: int | None) -> cp_model.IntVar:
        return self.model.new_int_var(count or 0, MOST if count is None else count, "")

    def _add_line(self, table: str, name: str, told: list[int | None] | None) -> None:
        counts = told or [None, None, None]
        for rank, count in enumerate(counts):
            self.cells[table, name, rank] = self._unknown(count)
        asked, proposed, held = (self.cells[table, name, rank] for rank in range(3))
        self.model.add(asked >= proposed)
        self.model.add(proposed >= held)

    def bounds(self, cell: tuple[str, str, int]) -> tuple[int, int]:
        """The least and the most that a cell may be."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        found = []
        for ask in (self.model.minimize, self.model.maximize):
            ask(self.cells[cell])
            assert solver.solve(self.model) == cp_model.OPTIMAL
            found.append(int(solver.objective_value))
        return found[0], found[1]
