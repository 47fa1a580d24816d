"""What is lost, doubled or late on its way between processes changes nothing of what a client hears."""

import uuid

import pytest
from asgiref.sync import sync_to_async

from backend.accounts.models import Person
from backend.campaigns.enums import RunState
from backend.campaigns.models import Run, RunProgress
from backend.conversations.domain.messages import send_message, withdraw_message
from backend.conversations.models import Message
from backend.events.bus import publish
from backend.events.types import MessageSent, RunProgressed
from backend.networks.enums import Role
from backend.notifications.domain.notify import News as Line
from backend.notifications.domain.notify import notify
from backend.notifications.enums import Kind
from matching.result import relative_gap
from realtime import hub, news
from realtime.frames import Topic
from tests.realtime.conftest import Company, write_messages
from tests.realtime.line import line_of
from tests.support.factories import CampaignFactory, RunFactory, make_member


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[news.News]:
    """What would be told, kept: the test decides what arrives."""
    kept: list[news.News] = []
    monkeypatch.setattr("realtime.handlers.tell", kept.append)
    return kept


async def test_what_was_never_told_is_heard_within_a_round(company: Company, told: list[news.News]) -> None:
    async with line_of(company.first, company.topic) as line, line_of(company.second) as writer:
        for rank in range(3):
            await writer.send(company.topic, f"message {rank}")
        assert [(await line.hear("message"))["body"] for _ in range(3)] == ["message 0", "message 1", "message 2"]
        assert [item.number for item in told if item.kind == news.Kind.STORED] == [1, 2, 3]


async def test_what_comes_twice_and_in_another_order_is_heard_once_in_order(
    company: Company, told: list[news.News], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "WATCH_SECONDS", 3600.0)
    async with line_of(company.first, company.topic) as line, line_of(company.second) as writer:
        for rank in range(4):
            await writer.send(company.topic, f"message {rank}")
        one, two, three, four = told
        for item in (two, one, two, four, four, three, one):
            news.tell(item)
        assert [(await line.hear("message"))["number"] for _ in range(4)] == [1, 2, 3, 4]
        assert await line.hears_nothing("message")


async def test_a_long_gap_is_filled_page_by_page(company: Company, told: list[news.News]) -> None:
    async with line_of(company.first, company.topic) as line, line_of(company.second, company.topic) as other:
        await sync_to_async(write_messages)(company.talk, company.third, 450)
        for one in (line, other):
            assert [(await one.hear("message"))["number"] for _ in range(450)] == list(range(1, 451))


async def test_numbers_whose_items_were_erased_stop_nobody(
    company: Company, told: list[news.News], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "WATCH_SECONDS", 0.05)
    async with line_of(company.first, company.topic) as line:
        await sync_to_async(write_messages)(company.talk, company.third, 5)
        await Message.objects.filter(number__in=[1, 2, 5]).adelete()
        await line.hear("message")
        while line.heard[-1:] and line.heard[-1].get("number", 4) < 4:
            line.heard.append(await line.next())
        await sync_to_async(write_messages)(company.talk, company.third, 1)
        assert (await line.hear("message"))["number"] in {4, 6}


async def test_news_of_what_is_not_there_is_forgotten(company: Company) -> None:
    """A number that no item bears, such as one told before a database was put back to an earlier day."""
    async with line_of(company.first, company.topic) as line:
        topic = Topic("conversation", company.talk.pk)
        await sync_to_async(news.tell)(news.News(news.Kind.STORED, topic, 7, '{"type":"message"}'))
        assert await line.hears_nothing("message")
        await line.send(company.topic, "premier")
        assert (await line.hear("message"))["number"] == 1
        assert (await line.ask("ping"))["last"] == {company.topic: 1}


async def test_a_withdrawal_is_an_item_like_any_other(company: Company) -> None:
    def write_and_withdraw() -> Message:
        message = send_message(
            conversation_id=company.talk.pk, sender=company.second, client_id=uuid.uuid4(), body="oups"
        )
        withdraw_message(person=company.second, conversation_id=company.talk.pk, number=message.number)
        return message

    async with line_of(company.first, company.topic) as line:
        message = await sync_to_async(write_and_withdraw)()
        assert (await line.hear("message"))["body"] == "oups"
        withdrawn = {"type": "message_withdrawn", "topic": company.topic, "number": 2, "target": message.number}
        assert await line.hear("message_withdrawn") == withdrawn
    async with line_of(company.third, company.topic) as later:
        gone, news_of_it = later.heard
        assert (gone["number"], gone["body"], gone["withdrawn"]) == (1, "", True)
        assert news_of_it == withdrawn


async def test_news_of_a_row_that_is_gone_harms_nobody(company: Company) -> None:
    """After the commit, whatever happened since: the write stands."""
    async with line_of(company.first, company.topic) as line:
        await sync_to_async(publish)(MessageSent(company.talk.pk, 10**9))
        assert (await line.send(company.topic, "toujours là"))["type"] == "ack"


def tell_news(company: Company, key: str) -> None:
    notify(person=company.first, news=Line(key=key, kind=Kind.SESSION, title=f"Nouvelle {key}", url="/seances/"))


async def test_notifications_and_counts_come_to_their_person_alone(company: Company) -> None:
    await sync_to_async(write_messages)(company.talk, company.second, 2)
    async with line_of(company.first, "me") as line, line_of(company.third, "me") as other:
        topics = {company.topic: 2, "me": 0}
        for topic, count in topics.items():
            assert await line.hear("unread") == {"type": "unread", "topic": topic, "count": count}
        await sync_to_async(tell_news)(company, "un")
        heard = await line.hear("notification")
        assert (heard["topic"], heard["number"], heard["title"]) == ("me", 1, "Nouvelle un")
        assert await line.hear("unread") == {"type": "unread", "topic": "me", "count": 1}
        await line.ask("read", topic="me", number=1)
        assert await line.hear("unread") == {"type": "unread", "topic": "me", "count": 0}
        await line.ask("read", topic=company.topic, number=2)
        assert await line.hear("unread") == {"type": "unread", "topic": company.topic, "count": 0}
        assert await other.hears_nothing("notification")
    async with line_of(company.first, "me") as again:
        assert (await again.hear("notification"))["number"] == 1


async def test_a_message_counts_for_those_who_did_not_write_it(company: Company) -> None:
    people = (company.first, company.second, company.third, company.stranger)
    async with (
        line_of(people[0], "me") as writer,
        line_of(people[1], "me") as second,
        line_of(people[2], "me") as third,
        line_of(people[3], "me") as stranger,
    ):
        for line in (writer, second, third, stranger):
            assert (await line.hear("unread"))["topic"] == "me"
        await writer.send(company.topic, "Bonjour")
        for line, count in ((writer, 0), (second, 1), (third, 1)):
            assert await line.hear("unread") == {"type": "unread", "topic": company.topic, "count": count}
        assert await stranger.hears_nothing("unread")


async def test_a_coordinator_sees_how_far_a_computation_is(company: Company) -> None:
    def begin() -> tuple[Person, Run]:
        coordinator = make_member(company.network, Role.COORDINATOR)
        run = RunFactory.create(campaign=CampaignFactory.create(network=company.network), state=RunState.RUNNING)
        RunProgress.objects.create(run=run, elapsed=0.5, objective=90, bound=None, served=1)
        return coordinator, run

    def progress(run: Run) -> None:
        RunProgress.objects.create(run=run, elapsed=1.5, objective=100, bound=110, served=2)
        publish(RunProgressed(run.pk, run.campaign_id))

    coordinator, run = await sync_to_async(begin)()
    topic = f"campaign:{run.campaign_id}"
    async with line_of(coordinator, topic) as line, line_of(coordinator) as other:
        began = {"elapsed": 0.5, "objective": 90, "bound": None, "gap": None, "served": 1, "state": "running"}
        assert await line.hear("run_progress") == {"type": "run_progress", "topic": topic, **began}
        await sync_to_async(progress)(run)
        heard = await line.hear("run_progress")
        assert (heard["objective"], heard["bound"], heard["served"]) == (100, 110, 2)
        assert heard["gap"] == pytest.approx(relative_gap(100, 110))
        assert await other.hears_nothing("run_progress")
    async with line_of(company.first) as member:
        assert (await member.subscribe(topic))["code"] == "not_found"
