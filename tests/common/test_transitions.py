"""A state moves as its table says, and each move leaves a row."""

import datetime as dt

import pytest

from backend.campaigns.enums import CAMPAIGN_MOVES, CampaignState
from backend.campaigns.models import Campaign
from backend.common.clock import told_at
from backend.common.errors import ConflictError, ForbiddenMoveError
from backend.common.states import MoveTable, check_move
from backend.common.transitions import record_move
from backend.needs.enums import REQUEST_MOVES, RequestState
from backend.skills.enums import CLAIM_MOVES, ClaimState
from backend.tutoring.enums import SESSION_MOVES, SessionState
from tests.support.factories import CampaignFactory, PersonFactory

THEN = dt.datetime(2026, 12, 3, 12, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_an_allowed_move_is_saved_and_leaves_a_row() -> None:
    campaign: Campaign = CampaignFactory.create(state=CampaignState.DRAFT, title="Campagne d’hiver")
    author = PersonFactory.create()
    with told_at(THEN):
        record_move(
            campaign,
            CampaignState.CANCELLED,
            table=CAMPAIGN_MOVES,
            log=campaign.transitions,
            author=author,
            reason="Trop peu de demandes",
        )
    assert Campaign.objects.get().state == CampaignState.CANCELLED
    row = campaign.transitions.get()
    assert (row.source, row.target, row.author, row.at, row.reason) == (
        CampaignState.DRAFT,
        CampaignState.CANCELLED,
        author,
        THEN,
        "Trop peu de demandes",
    )


@pytest.mark.django_db
def test_a_forbidden_move_raises_and_changes_nothing() -> None:
    campaign: Campaign = CampaignFactory.create(state=CampaignState.CLOSED)
    with pytest.raises(ForbiddenMoveError) as refused:
        record_move(campaign, CampaignState.DRAFT, table=CAMPAIGN_MOVES, log=campaign.transitions, author=None)
    assert isinstance(refused.value, ConflictError)
    assert refused.value.code == "not_from_closed"
    assert (campaign.state, Campaign.objects.get().state) == (CampaignState.CLOSED, CampaignState.CLOSED)
    assert not campaign.transitions.exists()


@pytest.mark.parametrize(
    ("table", "states", "ends"),
    [
        (CAMPAIGN_MOVES, CampaignState, {"closed", "cancelled"}),
        (REQUEST_MOVES, RequestState, {"met", "withdrawn"}),
        (CLAIM_MOVES, ClaimState, {"refused", "cancelled", "revoked"}),
        (SESSION_MOVES, SessionState, {"held", "declined", "cancelled", "missed"}),
    ],
    ids=["campaign", "request", "claim", "session"],
)
def test_tables_of_moves(
    table: MoveTable,
    states: type[CampaignState | RequestState | ClaimState | SessionState],
    ends: set[str],
) -> None:
    known = set(states.values)
    assert {source for source in known if not table.get(source)} == ends
    for source in known:
        for target in known:
            if target in table.get(source, set()):
                check_move(table, source, target)
            else:
                with pytest.raises(ForbiddenMoveError):
                    check_move(table, source, target)
    assert all(source not in targets for source, targets in table.items())
