"""Matching: who tutors whom, and when.

``solve(problem)`` gives a verified answer with a proven bound, why each request left out is left out, and what would
serve it. No Django, no network, no database.
"""

from matching.checker import Checker, Terms
from matching.choices import Choice, explain_choices
from matching.errors import BadAnswer, BadInstance, Flaw
from matching.files import problem_to_json, read_problem, solution_to_json, write_solution
from matching.notion_prices import NotionPrice, price_notions
from matching.parameters import SolveParameters
from matching.problem import Problem
from matching.progress import OnProgress
from matching.records import Match, Person, Pin, Request, Scoring, Tutor
from matching.repair import Change, Move, Repair, repair
from matching.result import (
    Conflict,
    MoreSessions,
    MoreTime,
    NewTutor,
    Progress,
    Reason,
    Result,
    Seconds,
    Status,
    Stopped,
    Unblock,
    Unserved,
)
from matching.solver import solve

__all__ = [
    "BadAnswer",
    "BadInstance",
    "Change",
    "Checker",
    "Choice",
    "Conflict",
    "Flaw",
    "Match",
    "MoreSessions",
    "MoreTime",
    "Move",
    "NewTutor",
    "NotionPrice",
    "OnProgress",
    "Person",
    "Pin",
    "Problem",
    "Progress",
    "Reason",
    "Repair",
    "Request",
    "Result",
    "Scoring",
    "Seconds",
    "SolveParameters",
    "Status",
    "Stopped",
    "Terms",
    "Tutor",
    "Unblock",
    "Unserved",
    "explain_choices",
    "price_notions",
    "problem_to_json",
    "read_problem",
    "repair",
    "solution_to_json",
    "solve",
    "write_solution",
]
