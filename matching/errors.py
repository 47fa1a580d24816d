"""What can be wrong with a problem, and how it is said."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with an instance.

    Attributes
    ----------
    path : str
        JSON path of the offending value, such as ``requests[12].person``; ``$`` is the whole file.
    message : str
        What is wrong with it.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class BadInstance(ValueError):  # noqa: N818 - what it holds is the instance
    """An instance that breaks the format; ``problems`` lists everything found."""

    def __init__(self, problems: Iterable[Flaw]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(flaw) for flaw in self.problems[:3]) or "bad instance")


class BadAnswer(RuntimeError):  # noqa: N818 - as BadInstance
    """An engine gave an answer that the checker refuses: a defect of the engine, never of the instance."""
