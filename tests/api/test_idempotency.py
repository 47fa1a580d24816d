"""``Idempotency-Key``: the same key gets the first answer, whatever happens in between."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from rest_framework.request import Request
from rest_framework.response import Response

from backend.accounts.domain.tokens import create_token
from backend.accounts.models import IdempotencyRecord, Person
from backend.api.views.members import SuspendMemberView
from backend.common.clock import now, told_at
from backend.networks.domain.membership import reinstate_member
from backend.networks.enums import Role
from backend.networks.models import Membership, MembershipChange
from tests.support.cast import Cast
from tests.support.clients import CommittingClient
from tests.support.factories import NetworkFactory, make_member
from tests.support.racing import race


def address(person: Person) -> str:
    return f"/api/v1/members/{Membership.objects.get(person=person).pk}/suspend/"


def post(author: Person, path: str, key: str | None = None, body: Any = None) -> Any:
    client = CommittingClient(raise_request_exception=False)
    client.force_login(author)
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(path, {} if body is None else body, content_type="application/json", headers=headers)


def test_the_same_key_gets_the_first_answer_and_acts_once(cast: Cast) -> None:
    path = address(cast.here.auditor)
    first = post(cast.here.coordinator, path, "une-clé".encode().hex())
    again = post(cast.here.coordinator, path, "une-clé".encode().hex())
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert MembershipChange.objects.filter(what="suspended").count() == 1
    assert post(cast.here.coordinator, path).status_code == 409


def test_it_is_still_the_first_answer_once_things_have_changed(cast: Cast) -> None:
    path = address(cast.here.auditor)
    first = post(cast.here.coordinator, path, "k")
    reinstate_member(membership=Membership.objects.get(person=cast.here.auditor), author=cast.here.coordinator)
    assert post(cast.here.coordinator, path, "k").json() == first.json()
    assert Membership.objects.get(person=cast.here.auditor).suspended_at is None


def test_a_refusal_is_an_answer_too(cast: Cast) -> None:
    path = address(cast.here.auditor)
    post(cast.here.coordinator, path)
    refused = post(cast.here.coordinator, path, "k")
    reinstate_member(membership=Membership.objects.get(person=cast.here.auditor), author=cast.here.coordinator)
    again = post(cast.here.coordinator, path, "k")
    assert (refused.status_code, again.status_code) == (409, 409)
    assert (refused.json()["code"], again.json()) == ("already_suspended", refused.json())


def test_the_same_key_for_something_else_is_refused(cast: Cast) -> None:
    path = address(cast.here.auditor)
    post(cast.here.coordinator, path, "k", {"reason": "Congé"})
    other = post(cast.here.coordinator, path, "k", {"reason": "Départ"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_a_key_belongs_to_one_person_and_one_route(cast: Cast) -> None:
    colleague = make_member(cast.here.network, Role.COORDINATOR)
    post(cast.here.coordinator, address(cast.here.auditor), "k")
    assert post(colleague, address(cast.here.auditor), "k").json()["code"] == "already_suspended"
    other = make_member(cast.here.network, Role.LEARNER)
    assert post(cast.here.coordinator, address(other), "k").status_code == 200
    assert IdempotencyRecord.objects.count() == 3


def test_nothing_is_kept_of_who_may_not_ask(cast: Cast) -> None:
    path = address(cast.here.auditor)
    client = CommittingClient()
    assert client.post(path, {}, content_type="application/json", headers={"Idempotency-Key": "k"}).status_code == 401
    assert post(cast.elsewhere.coordinator, path, "k").status_code == 404
    assert [(row.person, row.status) for row in IdempotencyRecord.objects.all()] == [(cast.elsewhere.coordinator, 404)]


@pytest.mark.parametrize("key", ["k" * 256, "cl\xe9", "a\tb", "a b", "", " "])
def test_a_key_that_is_none_is_refused(cast: Cast, key: str) -> None:
    refused = post(cast.here.coordinator, address(cast.here.auditor), key)
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_invalid")
    assert Membership.objects.get(person=cast.here.auditor).suspended_at is None


def test_keys_are_forgotten_after_a_day(cast: Cast) -> None:
    post(cast.here.coordinator, address(cast.here.auditor), "k")
    with told_at(now() + dt.timedelta(hours=25)):
        assert post(cast.here.coordinator, address(cast.here.auditor), "k").json()["code"] == "already_suspended"
    assert IdempotencyRecord.objects.count() == 1


class CrashError(RuntimeError):
    """A bug, in the middle of what was asked."""


@pytest.mark.parametrize("how", [CrashError, SystemExit])
def test_what_crashes_leaves_nothing_and_may_be_asked_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, how: type[BaseException]
) -> None:
    """A bug is a 500; a killed process (here: an exit that nothing catches) answers nothing at all."""
    path, original = address(cast.here.auditor), SuspendMemberView.post

    def act_then_crash(view: SuspendMemberView, request: Request, pk: int) -> Response:
        original(view, request, pk)
        raise how

    with monkeypatch.context() as patch:
        patch.setattr(SuspendMemberView, "post", act_then_crash)
        if how is SystemExit:
            with pytest.raises(SystemExit):
                post(cast.here.coordinator, path, "k")
        else:
            assert post(cast.here.coordinator, path, "k").status_code == 500
    assert not MembershipChange.objects.filter(what="suspended").exists()
    assert post(cast.here.coordinator, path, "k").status_code == 200
    assert MembershipChange.objects.filter(what="suspended").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_act_once_and_hear_the_same() -> None:
    network = NetworkFactory.create()
    author, member = make_member(network, Role.COORDINATOR), make_member(network, Role.LEARNER)
    _, secret = create_token(person=author, label="Cinquante")
    path = address(member)

    def ask() -> tuple[int, bytes]:
        headers = {"Authorization": f"Token {secret}", "Idempotency-Key": "k"}
        client = CommittingClient()
        response = client.post(path, {}, content_type="application/json", headers=headers)
        connection.close()
        return response.status_code, response.content

    answers = race([ask] * 50)
    assert len(set(answers)) == 1, set(answers)
    assert answers[0][0] == 200  # type: ignore[index]
    assert MembershipChange.objects.filter(what="suspended").count() == 1
