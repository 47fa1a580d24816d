"""What tutors claim, what coordinators decide, and what counts in matching."""

import datetime as dt
from typing import Any

import pytest

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError, ForbiddenMoveError, NotFoundError, RoleRequiredError
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.referentials.models import Notion
from backend.skills.domain.claims import access_claim_for, decide_claim, submit_claim, validated_levels
from backend.skills.enums import ClaimState, CredentialKind, Level
from backend.skills.models import Claim
from tests.support.factories import ClaimFactory, CredentialFactory, NetworkFactory, NotionFactory, make_member

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 12, 3)
DECISIONS = {"accepted", "refused", "more_asked", "revoked"}
ALLOWED = {
    ("awaiting", "accepted"),
    ("awaiting", "refused"),
    ("awaiting", "more_asked"),
    ("more_asked", "refused"),
    ("accepted", "revoked"),
}


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def tutor(network: Network) -> Person:
    return make_member(network, Role.TUTOR)


@pytest.fixture
def coordinator(network: Network) -> Person:
    return make_member(network, Role.COORDINATOR)


@pytest.fixture
def claim(network: Network, tutor: Person) -> Claim:
    return submit_claim(person=tutor, network=network, notion=NotionFactory.create(), level=2)


def test_a_claim_awaits_review(claim: Claim, tutor: Person, network: Network) -> None:
    assert (claim.person, claim.network, claim.level, claim.state) == (tutor, network, 2, ClaimState.AWAITING)
    assert [(row.source, row.target, row.author) for row in claim.transitions.all()] == [("", "awaiting", tutor)]


def test_a_claim_is_open_once(claim: Claim, tutor: Person, network: Network, coordinator: Person) -> None:
    def again() -> Claim:
        return submit_claim(person=tutor, network=network, notion=claim.notion, level=3)

    with pytest.raises(ConflictError) as refused:
        again()
    assert refused.value.code == "already_claimed"
    decide_claim(claim=claim, target=ClaimState.ACCEPTED, author=coordinator)
    with pytest.raises(ConflictError):
        again()
    decide_claim(claim=claim, target=ClaimState.REVOKED, author=coordinator, reason="Pratique ancienne")
    assert again().state == ClaimState.AWAITING
    assert Claim.objects.count() == 2


@pytest.mark.parametrize(
    ("since_year", "obtained_on", "accepted"),
    [
        (2022, dt.date(2021, 12, 31), False),
        (2022, dt.date(2022, 1, 1), True),
        (2022, None, True),
        (None, dt.date(2004, 6, 1), True),
    ],
)
def test_a_credential_proves_nothing_younger_than_itself(
    since_year: int | None,
    obtained_on: dt.date | None,
    accepted: bool,  # noqa: FBT001 (a column of the table)
    tutor: Person,
    network: Network,
) -> None:
    notion: Notion = NotionFactory.create(since_year=since_year)
    credential = CredentialFactory.create(
        person=tutor, network=network, kind=CredentialKind.C2I2MS, obtained_on=obtained_on
    )

    def submit() -> Claim:
        return submit_claim(person=tutor, network=network, notion=notion, level=2, credential=credential)

    if accepted:
        assert submit().credential == credential
    else:
        with pytest.raises(DomainError) as refused:
            submit()
        assert refused.value.code == "credential_too_old"
        assert not Claim.objects.exists()


def test_nobody_claims_on_the_credential_of_another(tutor: Person, network: Network) -> None:
    with pytest.raises(NotFoundError):
        submit_claim(
            person=tutor, network=network, notion=NotionFactory.create(), level=2, credential=CredentialFactory.create()
        )
    assert not Claim.objects.exists()


@pytest.mark.parametrize("level", [0, 4, -1])
def test_levels_are_one_to_three(
    level: int, tutor: Person, network: Network, claim: Claim, coordinator: Person
) -> None:
    with pytest.raises(DomainError) as refused:
        submit_claim(person=tutor, network=network, notion=NotionFactory.create(), level=level)
    assert refused.value.code == "level"
    with pytest.raises(DomainError):
        decide_claim(claim=claim, target=ClaimState.ACCEPTED, author=coordinator, level=level)
    assert [(row.level, row.state) for row in Claim.objects.all()] == [(2, ClaimState.AWAITING)]


def test_only_tutors_claim(coordinator: Person, network: Network) -> None:
    with pytest.raises(RoleRequiredError):
        submit_claim(person=coordinator, network=network, notion=NotionFactory.create(), level=2)
    with pytest.raises(NotFoundError):
        submit_claim(person=coordinator, network=NetworkFactory.create(), notion=NotionFactory.create(), level=2)


@pytest.mark.parametrize("target", ClaimState.values)
@pytest.mark.parametrize("source", ClaimState.values)
def test_what_a_coordinator_may_decide(source: str, target: str, network: Network, coordinator: Person) -> None:
    claim = ClaimFactory.create(network=network, state=source)

    def decide() -> Claim:
        return decide_claim(claim=claim, target=ClaimState(target), author=coordinator, reason="Relu en équipe")

    if (source, target) in ALLOWED:
        row = decide().transitions.get()
        assert (row.source, row.target, row.author, row.reason) == (source, target, coordinator, "Relu en équipe")
    else:
        with pytest.raises(DomainError) as refused:
            decide()
        assert refused.value.code == (f"not_from_{source}" if target in DECISIONS else "no_decision")
        assert not claim.transitions.exists()
    assert Claim.objects.get().state == (target if (source, target) in ALLOWED else source)


def test_accepting_may_adjust(claim: Claim, coordinator: Person) -> None:
    decide_claim(claim=claim, target=ClaimState.ACCEPTED, author=coordinator, level=1, expires_on=DAY)
    claim.refresh_from_db()
    assert (claim.state, claim.level, claim.expires_on) == (ClaimState.ACCEPTED, 1, DAY)


@pytest.mark.parametrize("target", [ClaimState.REFUSED, ClaimState.MORE_ASKED, ClaimState.REVOKED])
@pytest.mark.parametrize(
    ("reason", "code"), [("  ", "reason_required"), ("Vu pour 1 85 05 75 999 084 64", "patient_number")]
)
def test_a_no_needs_a_reason_without_patient(
    target: ClaimState, reason: str, code: str, claim: Claim, coordinator: Person
) -> None:
    with pytest.raises(DomainError) as refused:
        decide_claim(claim=claim, target=target, author=coordinator, reason=reason)
    assert refused.value.code == code
    assert Claim.objects.get().state == ClaimState.AWAITING


def test_the_second_coordinator_is_told(claim: Claim, coordinator: Person, network: Network) -> None:
    second = make_member(network, Role.COORDINATOR)
    seen_by_second = Claim.objects.get()
    decide_claim(claim=claim, target=ClaimState.ACCEPTED, author=coordinator, level=3)
    with pytest.raises(ForbiddenMoveError) as refused:
        decide_claim(claim=seen_by_second, target=ClaimState.ACCEPTED, author=second, level=1, expires_on=DAY)
    assert refused.value.code == "not_from_accepted"
    stored = Claim.objects.get()
    assert (stored.level, stored.expires_on) == (3, None)
    assert [row.author for row in stored.transitions.filter(target="accepted")] == [coordinator]


def test_who_decides(claim: Claim, tutor: Person, network: Network) -> None:
    stranger = make_member(NetworkFactory.create(), Role.COORDINATOR)
    for author, error in ((tutor, RoleRequiredError), (stranger, NotFoundError)):
        with pytest.raises(error):
            decide_claim(claim=claim, target=ClaimState.ACCEPTED, author=author)
    assert Claim.objects.get().state == ClaimState.AWAITING


def test_who_reads_a_claim(claim: Claim, tutor: Person, coordinator: Person, network: Network) -> None:
    for reader in (tutor, coordinator):
        assert access_claim_for(reader, claim.pk) == claim
    stranger = make_member(NetworkFactory.create(), Role.COORDINATOR, Role.TUTOR)
    for key in (claim.pk, claim.pk + 1000):
        with pytest.raises(NotFoundError):
            access_claim_for(stranger, key)


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"expires_on": DAY + dt.timedelta(days=1)}, True),
        ({"expires_on": DAY}, False),
        ({"expires_on": DAY - dt.timedelta(days=1)}, False),
        *(({"state": state}, False) for state in ClaimState.values if state != ClaimState.ACCEPTED),
    ],
)
def test_only_valid_claims_count(
    changes: dict[str, Any],
    counts: bool,  # noqa: FBT001 (a column of the table)
    tutor: Person,
    network: Network,
) -> None:
    given: dict[str, Any] = {"person": tutor, "network": network, "state": ClaimState.ACCEPTED, "level": Level.ADVANCED}
    claim = ClaimFactory.create(**given | changes)
    expected = {tutor.pk: {claim.notion_id: 3}} if counts else {}
    assert validated_levels([tutor.pk], network=network, day=DAY) == expected


def test_levels_are_those_of_the_people_asked_for_in_this_network(tutor: Person, network: Network) -> None:
    other = make_member(network, Role.TUTOR)
    accepted = {"network": network, "state": ClaimState.ACCEPTED}
    mine = [ClaimFactory.create(person=tutor, level=level, **accepted) for level in (1, 3)]
    ClaimFactory.create(person=other, **accepted)
    ClaimFactory.create(person=tutor, network=NetworkFactory.create(), state=ClaimState.ACCEPTED)
    found = validated_levels([tutor.pk], network=network, day=DAY)
    assert found == {tutor.pk: {claim.notion_id: claim.level for claim in mine}}
