"""GET /api/v1/sessions/ and /api/v1/sessions/<id>/."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from backend.tutoring.enums import JoinKind, Modality, SessionState
from backend.tutoring.models import Session
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.factories import ParticipationFactory, SessionFactory

ADDRESS = "/api/v1/sessions/"
NOON = dt.datetime(2031, 3, 3, 12, tzinfo=dt.UTC)


@pytest.fixture
def sessions(cast: Cast) -> dict[str, Session]:
    """One session of the learner, one of others in the same network, one in another network."""
    Session.objects.update(starts_at=NOON, ends_at=NOON + dt.timedelta(minutes=45))
    others = SessionFactory.create(
        network=cast.here.network,
        starts_at=NOON + dt.timedelta(days=1),
        modality=Modality.ON_SITE,
        site=cast.here.site,
        join_kind=JoinKind.PLACE,
        join_value="Maison de santé",
    )
    ParticipationFactory.create(session=others)
    return {"mine": cast.here.session, "others": others, "elsewhere": cast.elsewhere.session}


def read_ids(client: Any, query: str = "") -> list[int]:
    return [session["id"] for session in client.get(f"{ADDRESS}{query}").json()["results"]]


def expect_mine(cast: Cast) -> dict[str, Any]:
    session = cast.here.session
    return {
        "id": session.pk,
        "network": "ici",
        "state": "proposed",
        "starts_at": "2031-03-03T12:00:00Z",
        "ends_at": "2031-03-03T12:45:00Z",
        "tutor": {"id": cast.here.tutor.pk, "name": "Tutor Ici"},
        "learners": [
            {
                "id": cast.here.learner.pk,
                "name": "Learner Ici",
                "request": cast.here.request.pk,
                "attendance": "awaited",
            }
        ],
        "notion": session.notion.slug,
        "modality": "remote",
        "site": None,
        "join": {"kind": "link", "value": "https://visio.exemple.example/salle"},
        "time_offer": None,
        "conversation": session.conversation_id,
        "allowed_actions": ["agree", "cancel"],
    }


def test_a_learner_reads_their_own_session(cast: Cast, sessions: dict[str, Session], sign_in: SignIn) -> None:
    client = sign_in(cast.here.learner)
    assert client.get(ADDRESS).json() == {"results": [expect_mine(cast)], "next": None, "previous": None}
    assert client.get(f"{ADDRESS}{sessions['mine'].pk}/").json() == expect_mine(cast)


def test_a_tutor_reads_the_same_session_with_other_actions(
    cast: Cast, sessions: dict[str, Session], sign_in: SignIn
) -> None:
    answer = sign_in(cast.here.tutor).get(f"{ADDRESS}{sessions['mine'].pk}/").json()
    assert answer == expect_mine(cast) | {"allowed_actions": ["accept", "decline"]}


def test_a_coordinator_reads_all_those_of_the_network(
    cast: Cast, sessions: dict[str, Session], sign_in: SignIn
) -> None:
    client = sign_in(cast.here.coordinator)
    others = sessions["others"]
    assert read_ids(client) == [sessions["mine"].pk, others.pk]
    answer = client.get(f"{ADDRESS}{others.pk}/").json()
    assert (answer["modality"], answer["site"]) == ("on_site", cast.here.site.pk)
    assert answer["join"] == {"kind": "place", "value": "Maison de santé"}
    assert answer["allowed_actions"] == []


@pytest.mark.parametrize(("role", "seen"), [("auditor", []), ("admin", []), ("stranger", ["elsewhere"])])
def test_nobody_else_reads_them(
    cast: Cast, sessions: dict[str, Session], sign_in: SignIn, role: str, seen: list[str]
) -> None:
    person = cast.play(role)
    assert person is not None
    client = sign_in(person)
    assert read_ids(client) == [sessions[name].pk for name in seen]
    for name in ("mine", "others"):
        assert client.get(f"{ADDRESS}{sessions[name].pk}/").status_code == 404


def test_absent_and_not_yours_are_the_same_answer(cast: Cast, sessions: dict[str, Session], sign_in: SignIn) -> None:
    client = sign_in(cast.here.learner)
    answers = [client.get(f"{ADDRESS}{key}/") for key in (sessions["others"].pk, 10**6, 10**30)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert [answer.json() for answer in answers] == [answers[0].json()] * 3


def test_a_coordinator_who_is_suspended_reads_nothing(
    cast: Cast, sessions: dict[str, Session], sign_in: SignIn
) -> None:
    cast.here.coordinator.memberships.update(suspended_at=timezone.now())
    assert read_ids(sign_in(cast.here.coordinator)) == []


def test_only_the_coordinator_of_the_network_decides_a_dispute(cast: Cast, sign_in: SignIn) -> None:
    start = timezone.now() - dt.timedelta(hours=2)
    Session.objects.update(starts_at=start, ends_at=start + dt.timedelta(hours=1), state=SessionState.CONFIRMED)
    for session in (cast.here.session, cast.elsewhere.session):
        session.participations.update(by_tutor=True, by_learner=False)
    actions = {
        role: sign_in(person).get(f"{ADDRESS}{cast.here.session.pk}/").json()["allowed_actions"]
        for role, person in (("tutor", cast.here.tutor), ("coordinator", cast.here.coordinator))
    }
    assert actions == {"tutor": ["attendance"], "coordinator": ["decide"]}


def test_sessions_are_filtered_by_state_network_and_time(
    cast: Cast, sessions: dict[str, Session], sign_in: SignIn
) -> None:
    mine, others = sessions["mine"].pk, sessions["others"].pk
    Session.objects.filter(pk=others).update(state=SessionState.CONFIRMED)
    client = sign_in(cast.here.coordinator)
    found = {
        query: read_ids(client, query)
        for query in (
            "?state=confirmed",
            "?network=ici",
            "?from=2031-03-03T12:00:00Z",
            "?from=2031-03-03T13:00:00%2B01:00",
            "?from=2031-03-03T12:00:01Z",
            "?to=2031-03-03T12:00:00Z",
            "?to=2031-03-03T12:00:01Z",
        )
    }
    assert found == {
        "?state=confirmed": [others],
        "?network=ici": [mine, others],
        "?from=2031-03-03T12:00:00Z": [mine, others],
        "?from=2031-03-03T13:00:00%2B01:00": [mine, others],
        "?from=2031-03-03T12:00:01Z": [others],
        "?to=2031-03-03T12:00:00Z": [],
        "?to=2031-03-03T12:00:01Z": [mine],
    }


@pytest.mark.parametrize("slug", ["ailleurs", "nulle-part", "%00"])
def test_the_network_of_others_is_as_absent_as_none(
    cast: Cast, sessions: dict[str, Session], sign_in: SignIn, slug: str
) -> None:
    answer = sign_in(cast.here.coordinator).get(f"{ADDRESS}?network={slug}")
    assert answer.status_code == (400 if slug == "%00" else 404)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=lost", "state"),
        ("state=", "state"),
        ("network=", "network"),
        ("to=", "to"),
        ("from=yesterday", "from"),
        ("from=2031-03-03", "from"),
        ("from=2031-03-03T12:00:00", "from"),
        ("from=2031-13-03T12:00:00Z", "from"),
        ("to=9999-12-31T23:59:59-10:00", "to"),
        ("to=0001-01-01T00:00:00%2B10:00", "to"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(cast: Cast, sign_in: SignIn, query: str, field: str) -> None:
    answer = sign_in(cast.here.learner).get(f"{ADDRESS}?{query}")
    assert answer.status_code == 400
    assert (answer.json()["code"], list(answer.json()["fields"])) == ("invalid", [field])


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("role", ["tutor", "coordinator"])
def test_the_number_of_queries_does_not_grow(
    count: int, role: str, cast: Cast, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    for _ in range(count - 1):
        session = SessionFactory.create(network=cast.here.network, tutor=cast.here.tutor)
        ParticipationFactory.create_batch(count, session=session)
    person = cast.play(role)
    assert person is not None
    client = sign_in(person)
    with django_assert_num_queries(4):
        assert len(read_ids(client)) == count
