"""What ends with the right to it: a socket, or one of its subscriptions, within two seconds and without any layer."""

import time
from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from pytest_django import DjangoAssertNumQueries

from backend.accounts.domain.tokens import revoke_token
from backend.accounts.models import ApiToken, Person
from backend.common.clock import now
from backend.conversations.models import ConversationMember
from backend.networks.models import Membership
from realtime import hub, watch
from realtime.sign_in import Credential
from tests.realtime.conftest import Company
from tests.realtime.line import connect, line_of, secret_of

# The promise, which holds on a machine that has nothing else to do; tests run several at once.
SECONDS_PROMISED = 2.0

type Act = Callable[[Company], object]


@pytest.fixture(autouse=True)
def _nobody_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is broadcast: what follows holds by the recheck alone."""
    monkeypatch.setattr("realtime.handlers.tell", lambda _news: None)


def sign_out(company: Company) -> None:
    Session.objects.all().delete()


def expire(company: Company) -> None:
    Session.objects.update(expire_date=now())


def deactivate(company: Company) -> None:
    Person.objects.filter(pk=company.first.pk).update(is_active=False)


def change_password(company: Company) -> None:
    person = Person.objects.get(pk=company.first.pk)
    person.set_password("un autre mot de passe")
    person.save(update_fields=["password"])


@pytest.mark.parametrize("act", [sign_out, expire, deactivate, change_password])
async def test_the_socket_ends_with_the_session(company: Company, act: Act) -> None:
    async with line_of(company.first, company.topic) as line:
        assert (await line.ask("ping"))["type"] == "pong"
        acted = time.monotonic()
        await sync_to_async(act)(company)
        assert await line.ends() == 4401
        assert line.heard[-1] == {"type": "closing", "reason": "signed_out"}
        assert time.monotonic() - acted < 5 * SECONDS_PROMISED


async def test_the_socket_ends_with_the_token_that_opened_it(company: Company) -> None:
    secrets = [await sync_to_async(secret_of)(company.first) for _ in range(2)]
    kept, revoked = [[(b"authorization", f"Token {secret}".encode())] for secret in secrets]
    token = await ApiToken.objects.alatest("pk")
    async with connect(revoked) as line, connect(kept) as other:
        await sync_to_async(revoke_token)(person=company.first, token_id=token.pk)
        assert await line.ends() == 4401
        assert (await other.ask("ping"))["type"] == "pong"


def remove(company: Company) -> None:
    ConversationMember.objects.filter(conversation=company.talk, person=company.first).delete()


def suspend(company: Company) -> None:
    Membership.objects.filter(person=company.first).update(suspended_at=now())


def leave_network(company: Company) -> None:
    Membership.objects.filter(person=company.first).update(left_at=now())


@pytest.mark.parametrize("act", [remove, suspend, leave_network])
async def test_a_subscription_ends_with_the_place(company: Company, act: Act) -> None:
    async with line_of(company.first, "me", company.topic) as line, line_of(company.second, company.topic) as other:
        acted = time.monotonic()
        await sync_to_async(act)(company)
        ended = await line.hear("unsubscribed")
        assert ended == {"type": "unsubscribed", "ref": None, "topic": company.topic, "reason": "removed"}
        assert time.monotonic() - acted < 5 * SECONDS_PROMISED
        await other.send(company.topic, "sans vous")
        assert await line.hears_nothing("message")
        assert (await line.send(company.topic, "moi"))["code"] == "not_found"
        assert set((await line.ask("ping"))["last"]) == {"me"}
        assert set((await other.ask("ping"))["last"]) == {company.topic}


async def test_who_still_belongs_is_left_alone(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over many rounds, with people who come and go between the question and its answer."""
    monkeypatch.setattr(hub, "WATCH_SECONDS", 0.01)
    async with line_of(company.first, company.topic, "me") as line:
        for _ in range(20):
            async with line_of(company.second, company.topic) as other:
                assert (await other.ask("ping"))["last"] == {company.topic: 0}
        assert (await line.ask("ping"))["last"] == {company.topic: 0, "me": 0}
        assert [frame["type"] for frame in line.heard] == ["unread"]


async def test_a_round_that_fails_ends_nobody_and_the_next_one_works(
    company: Company, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hub, "WATCH_SECONDS", 0.01)
    ask, failures = watch.ask, 3

    def fail_at_first(question: watch.Question) -> watch.Answer:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise ZeroDivisionError
        return ask(question)

    monkeypatch.setattr(watch, "ask", fail_at_first)
    async with line_of(company.first) as line:
        await sync_to_async(deactivate)(company)
        assert await line.ends() == 4401
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError] * 3


@pytest.mark.django_db
@pytest.mark.parametrize("crowd", [0, 1, 3])
def test_a_round_asks_as_much_for_three_as_for_one(
    company: Company, crowd: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = (company.first, company.second, company.third)[:crowd]
    credentials = [Credential(person.pk, session_key="absent", password=person.password) for person in people]
    with django_assert_num_queries(2 if crowd else 0):
        answer = watch.ask(watch.Question(credentials, [company.talk.pk][:crowd], [person.pk for person in people]))
    assert answer.seats == {(person.pk, company.talk.pk) for person in people}
    assert answer.people == {person.pk: person.password for person in people}
    assert answer.last == ({f"conversation:{company.talk.pk}": 0} if crowd else {})
    assert not any(map(answer.is_good, credentials))
