"""One list confirmed several times at once, on PostgreSQL."""

import threading
from functools import partial

import pytest

from backend.accounts.domain.people import Profile, open_account
from backend.accounts.models import Person
from backend.networks.domain.imports import importing
from backend.networks.domain.imports.importing import Choices, Outcome, confirm_import, prepare_import
from backend.networks.domain.imports.lines import Line
from backend.networks.models import MemberImport, Membership
from tests.networks.conftest import Team, make_team
from tests.support.racing import count_outcomes, race

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PEOPLE = 20


@pytest.fixture
def team(transactional_db: None) -> Team:
    return make_team()


def make_list(team: Team) -> MemberImport:
    lines = [
        Line(number, {"last_name": "Fictive", "first_name": "Nour", "email": f"p{number}@ici.example"})
        for number in range(PEOPLE)
    ]
    return prepare_import(network=team.network, author=team.coordinator, file_name="liste.csv", lines=lines)


def confirm(team: Team, made: MemberImport, author: Person) -> partial[Outcome]:
    return partial(confirm_import, member_import=made, author=author, choices=Choices(informed=True))


def test_of_ten_confirmations_at_once_one_writes(team: Team) -> None:
    made = make_list(team)
    outcomes = race([confirm(team, made, (team.coordinator, team.colleague)[rank % 2]) for rank in range(10)])
    assert sorted(map(str, outcomes)) == [Outcome.REPEATED] * 9 + [Outcome.WRITTEN]
    assert Membership.objects.filter(network=team.network, person__email__startswith="p").count() == PEOPLE


def test_without_the_locks_both_would_write(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above is worth something only if it can fail: both have decided before either writes."""
    made, both_decided = make_list(team), threading.Barrier(2, timeout=30)
    monkeypatch.setattr(importing, "lock_network", lambda _: None)
    monkeypatch.setattr(importing, "lock_import", lambda chosen: MemberImport.objects.get(pk=chosen.pk))
    monkeypatch.setattr(importing, "_check_choices", lambda *_: both_decided.wait())
    outcomes = race([confirm(team, made, team.coordinator), confirm(team, made, team.colleague)])
    assert count_outcomes(outcomes) == {"ok": 1, "account_taken": 1}, "only the database kept them apart"


def test_an_account_opened_at_that_very_moment_leaves_nothing_half_written(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, check = make_list(team), importing._check_choices

    def let_somebody_in(*arguments: object) -> None:
        race([partial(open_account, email="p7@ici.example", profile=Profile("Autre", "Fictive"))])
        check(*arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(importing, "_check_choices", let_somebody_in)
    outcomes = race([confirm(team, made, team.coordinator)])
    assert count_outcomes(outcomes) == {"account_taken": 1}
    made.refresh_from_db()
    assert made.written_at is None
    assert list(Person.objects.filter(email__startswith="p").values_list("email", flat=True)) == ["p7@ici.example"]
