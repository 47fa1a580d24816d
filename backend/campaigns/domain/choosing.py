"""« Pourquoi ce tuteur » for one proposal: the terms of its worth, and where else it could go, with the price."""

import json
from dataclasses import dataclass

import matching
from backend.accounts.models import Person
from backend.campaigns.models import Proposal, Run
from backend.common.errors import NotFoundError
from backend.networks.enums import Role
from backend.networks.rules import require_role


@dataclass(frozen=True, slots=True)
class Explanation:
    choice: matching.Choice
    alternatives: tuple[matching.Alternative, ...]


def access_proposal_for(person: Person, proposal_id: int) -> Proposal:
    """A proposal, for the coordinators of its campaign's network."""
    proposal = (
        Proposal.objects.select_related(
            "run__campaign__network", "request__person", "request__capacity", "request__notion", "tutor", "site"
        )
        .defer("run__instance", "run__solution")
        .filter(pk=proposal_id)
        .first()
    )
    if proposal is None:
        raise NotFoundError
    require_role(person, proposal.run.campaign.network, Role.COORDINATOR)
    return proposal


def explain_proposal(proposal: Proposal) -> Explanation:
    """From the stored files of its run: what was frozen, not what has changed since."""
    run = Run.objects.get(pk=proposal.run_id)
    problem = matching.read_problem(json.dumps(run.instance).encode())
    rows = (run.solution or {}).get("matches", ())
    matches = [matching.Match(row["request"], row["tutor"], row["start"], row["modality"]) for row in rows]
    request = str(proposal.request_id)
    (choice,) = matching.explain_choices(problem, matches, {request})
    return Explanation(choice, matching.list_alternatives(problem, matches, request))
