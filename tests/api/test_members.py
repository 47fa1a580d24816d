"""Members: a coordinator reads those of the network, everybody else themselves."""

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.common.clock import now
from backend.networks.enums import Role
from backend.networks.models import Membership, MembershipChange
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.factories import MembershipFactory, ProfessionFactory, SiteFactory, make_member

MEMBERS = "/api/v1/members/"


def of(person: Person) -> Membership:
    return Membership.objects.get(person=person)


def people(answer: list[dict[str, object]]) -> list[str]:
    return [str(row["email"]) for row in answer]


def test_a_coordinator_reads_everybody_here_and_nobody_elsewhere(sign_in: SignIn, cast: Cast) -> None:
    rows = sign_in(cast.here.coordinator).get(MEMBERS).json()["results"]
    assert people(rows) == [f"{role}@ici.example" for role in ("learner", "tutor", "coordinator", "auditor")]


def test_a_member_as_told(sign_in: SignIn, cast: Cast) -> None:
    membership, site = of(cast.here.tutor), SiteFactory.create(network=cast.here.network)
    cast.here.tutor.profession = ProfessionFactory.create(slug="sage-femme")
    cast.here.tutor.save()
    membership.site = site
    membership.save()
    assert sign_in(cast.here.coordinator).get(f"{MEMBERS}{membership.pk}/").json() == {
        "id": membership.pk,
        "network": "ici",
        "person": {"id": cast.here.tutor.pk, "name": cast.here.tutor.name},
        "email": "tutor@ici.example",
        "profession": "sage-femme",
        "roles": ["tutor"],
        "attachment": "member",
        "site": site.pk,
        "state": "active",
        "joined_at": membership.joined_at.isoformat().replace("+00:00", "Z"),
    }


@pytest.mark.parametrize("role", ["learner", "tutor", "auditor", "stranger"])
def test_others_read_themselves_alone(sign_in: SignIn, cast: Cast, role: str) -> None:
    person = cast.play(role)
    assert person is not None
    emails = people(sign_in(person).get(f"{MEMBERS}?network={of(person).network.slug}").json()["results"])
    assert person.email in emails
    assert not {cast.here.coordinator.email, "coordinator@ici.example"}.intersection(emails)


def test_filters_narrow(sign_in: SignIn, cast: Cast) -> None:
    accented = make_member(cast.here.network, Role.TUTOR, first_name="Éloïse", last_name="Fictive")
    make_member(cast.elsewhere.network, Role.TUTOR, first_name="Éloïse", last_name="Fictive")
    gone = MembershipFactory.create(network=cast.here.network, left_at=now()).person
    client = sign_in(cast.here.coordinator)
    for query, found in {
        "search=eloise": [accented],
        "search=FICTIVE ELO": [accented],
        "role=tutor": [cast.here.tutor, accented],
        "state=left": [gone],
        "state=suspended": [],
        "role=learner&search=eloise": [],
    }.items():
        assert people(client.get(f"{MEMBERS}?{query}").json()["results"]) == [row.email for row in found], query
    for query in ("state=absent", "role=king", "search="):
        assert client.get(f"{MEMBERS}?{query}").status_code == 400
    assert client.get(f"{MEMBERS}?network=ailleurs").status_code == 404


def test_suspending_answers_the_member_and_says_why_not(sign_in: SignIn, cast: Cast) -> None:
    client, path = sign_in(cast.here.coordinator), f"{MEMBERS}{of(cast.here.auditor).pk}/suspend/"
    answer = client.post(path, {"reason": "Congé"}, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "suspended")
    assert MembershipChange.objects.get(what="suspended").reason == "Congé"
    assert client.generic("POST", path).json()["code"] == "already_suspended"
    own = client.generic("POST", f"{MEMBERS}{of(cast.here.coordinator).pk}/suspend/")
    assert (own.status_code, own.json()["code"]) == (409, "own_membership")


def test_a_reason_holds_no_patient_number(sign_in: SignIn, cast: Cast) -> None:
    path, reason = f"{MEMBERS}{of(cast.here.auditor).pk}/suspend/", {"reason": "1 85 05 78 006 084 91"}
    wrong = sign_in(cast.here.coordinator).post(path, reason, content_type="application/json")
    assert (wrong.status_code, wrong.json()["code"], list(wrong.json()["fields"])) == (
        400,
        "patient_number",
        ["reason"],
    )
    assert of(cast.here.auditor).suspended_at is None


@pytest.mark.parametrize("members", [1, 3])
def test_the_list_asks_as_much_for_three_as_for_one(
    sign_in: SignIn, cast: Cast, members: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(members):
        make_member(cast.here.network, Role.LEARNER, profession=ProfessionFactory.create())
    client = sign_in(cast.here.coordinator)
    with django_assert_num_queries(4):
        client.get(MEMBERS)
