"""What is wrong in the data files, and where: ``socle-4-8.json: domains[2].competencies[0].title: missing``."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.common.errors import DomainError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend; ``path`` is empty when the file as a whole is meant."""

    file: str
    path: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.path, self.message) if part)


class ReferentialsRefusedError(DomainError):
    """The files were refused whole: nothing was written."""

    code = "referentials_refused"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class MisfitError(Exception):
    """A value is not what its place expects; whoever knows the place notes it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file, where problems can be noted."""

    file: str
    problems: list[Problem]
    path: str = ""

    def at(self, *steps: str | int) -> "Spot":
        """The place some keys and indexes further down."""
        path = self.path
        for step in steps:
            path += _written_step(step, is_first=not path)
        return Spot(self.file, self.problems, path)

    def refuse(self, message: str) -> None:
        """Note a problem here."""
        self.problems.append(Problem(self.file, self.path, message))


def refuse_any(problems: Sequence[Problem]) -> None:
    """Raise if there is a problem at all."""
    if problems:
        raise ReferentialsRefusedError(problems)


def _written_step(step: str | int, *, is_first: bool) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if not step.isidentifier():
        return f'["{step}"]'
    return step if is_first else f".{step}"
