"""Which engine gave an answer: with the same instance and seed, the same version gives the same answer again."""

from functools import cache
from importlib.metadata import version


@cache
def engine_version() -> str:
    """Versions of Tandem and of the solvers under it."""
    return f"tandem {version('tandem')}, ortools {version('ortools')}"
