"""Subscribing, sending, hearing: the everyday of the socket."""

import asyncio
import uuid

import pytest
from asgiref.sync import sync_to_async

from backend.conversations.models import ConversationMember, Message
from realtime import sockets
from tests.realtime.conftest import Company, write_messages
from tests.realtime.line import line_of

NIR = "1 84 12 76 451 089 46"


async def test_an_acknowledged_message_is_stored_and_heard_by_every_member(company: Company) -> None:
    people = (company.first, company.second, company.third)
    async with (
        line_of(people[0], company.topic) as first,
        line_of(people[1], company.topic) as second,
        line_of(people[2], company.topic) as third,
    ):
        ack = await first.send(company.topic, "Bonjour à tous")
        stored = await Message.objects.select_related("sender").aget()
        assert ack == {
            "type": "ack",
            "ref": ack["ref"],
            "client_id": str(stored.client_id),
            "number": 1,
            "id": stored.pk,
            "sent_at": stored.sent_at.isoformat(),
        }
        expected = {
            "type": "message",
            "topic": company.topic,
            "number": 1,
            "id": stored.pk,
            "sender": {"id": people[0].pk, "name": people[0].name},
            "body": "Bonjour à tous",
            "sent_at": stored.sent_at.isoformat(),
            "withdrawn": False,
        }
        assert [await line.hear("message") for line in (first, second, third)] == [expected] * 3


async def test_the_same_client_id_gives_one_message_and_one_answer(company: Company) -> None:
    client_id = uuid.uuid4()
    async with line_of(company.first) as line, line_of(company.second, company.topic) as other:
        answers = [await line.send(company.topic, body, client_id) for body in ("Bonjour", "Bonjour", "autre chose")]
        assert len({answer["number"] for answer in answers}) == 1
        assert [{**answer, "ref": ""} for answer in answers] == [{**answers[0], "ref": ""}] * 3
        assert (await other.hear("message"))["body"] == "Bonjour"
        assert await other.hears_nothing("message")
    assert await Message.objects.acount() == 1


@pytest.mark.parametrize(("stored", "after", "got", "more"), [(3, 0, 3, False), (3, 2, 1, False), (250, 0, 200, True)])
async def test_history_comes_above_the_last_number_seen(
    company: Company,
    stored: int,
    after: int,
    got: int,
    more: bool,  # noqa: FBT001 (pytest names it)
) -> None:
    await sync_to_async(write_messages)(company.talk, company.second, stored)
    async with line_of(company.first) as line:
        answer = await line.subscribe(company.topic, after)
        assert answer == {
            "type": "subscribed",
            "ref": answer["ref"],
            "topic": company.topic,
            "last": stored,
            "more": more,
        }
        assert [frame["number"] for frame in line.heard] == list(range(after + 1, after + got + 1))


async def test_live_frames_wait_for_the_end_of_history(company: Company) -> None:
    await sync_to_async(write_messages)(company.talk, company.second, 210)
    async with line_of(company.first) as line, line_of(company.third) as writer:
        await line.subscribe(company.topic)
        await writer.send(company.topic, "pendant ce temps")
        assert await line.ask("ping")
        assert [frame["number"] for frame in line.heard] == list(range(1, 201))
        answer = await line.subscribe(company.topic, 200)
        assert (answer["last"], answer["more"]) == (211, False)
        await writer.send(company.topic, "puis")
        await line.hear("message")
        while line.heard[-1]["number"] < 212:
            line.heard.append(await line.next())
        assert [frame["number"] for frame in line.heard] == list(range(2, 213))


async def test_numbers_above_the_last_one_start_from_what_is_there(company: Company) -> None:
    async with line_of(company.first) as line, line_of(company.second) as writer:
        assert (await line.subscribe(company.topic, 99))["last"] == 0
        await writer.send(company.topic, "premier")
        assert (await line.hear("message"))["number"] == 1


async def test_unsubscribed_means_silence(company: Company) -> None:
    async with line_of(company.first, company.topic) as line, line_of(company.second) as writer:
        answer = await line.ask("unsubscribe", topic=company.topic)
        assert answer == {"type": "unsubscribed", "ref": answer["ref"], "topic": company.topic}
        await writer.send(company.topic, "personne n’écoute")
        assert await line.hears_nothing("message")
        assert (await line.ask("ping"))["last"] == {}


async def test_a_ping_tells_the_last_number_of_each_topic(company: Company) -> None:
    async with line_of(company.first, company.topic, "me") as line:
        await line.send(company.topic, "Bonjour")
        await line.hear("message")
        assert (await line.ask("ping"))["last"] == {company.topic: 1, "me": 0}


async def test_reading_raises_the_mark_and_is_acknowledged(company: Company) -> None:
    await sync_to_async(write_messages)(company.talk, company.second, 3)
    async with line_of(company.first) as line:
        answer = await line.ask("read", topic=company.topic, number=2)
        assert answer == {"type": "ack", "ref": answer["ref"]}
    seat = await ConversationMember.objects.aget(conversation=company.talk, person=company.first)
    assert seat.last_read == 2


async def test_others_see_that_somebody_types_once_a_second(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "TYPING_SECONDS", 3600.0)
    async with line_of(company.first, company.topic) as line, line_of(company.second, company.topic) as other:
        for _ in range(3):
            await line.say("typing", topic=company.topic)
        assert await other.hear("typing") == {"type": "typing", "topic": company.topic, "person": company.first.pk}
        assert await other.hears_nothing("typing")
        assert await line.hears_nothing("typing")


@pytest.mark.parametrize(
    ("body", "code"), [("  ", "empty"), ("a" * 4001, "too_long"), (f"Voir {NIR}", "patient_number")]
)
async def test_a_refused_message_says_why_and_is_not_stored(company: Company, body: str, code: str) -> None:
    async with line_of(company.first) as line:
        answer = await line.send(company.topic, body)
        assert (answer["type"], answer["code"]) == ("error", code)
        assert NIR not in answer["message"]
        assert (await line.send(company.topic, "Bonjour"))["number"] == 1
    assert await Message.objects.acount() == 1


async def test_twenty_messages_in_ten_seconds(company: Company) -> None:
    """Counted in the database: over all sockets of the person, of all processes."""
    async with line_of(company.first) as line, line_of(company.first) as again, line_of(company.second) as other:
        kept = uuid.uuid4()
        await line.send(company.topic, "le premier", kept)
        for rank in range(19):
            assert (await (line, again)[rank % 2].send(company.topic, f"message {rank}"))["type"] == "ack"
        refused = await again.send(company.topic, "de trop")
        assert (refused["type"], refused["code"]) == ("error", "too_fast")
        assert (await line.send(company.topic, "le premier", kept))["number"] == 1
        assert (await other.send(company.topic, "les autres écrivent"))["number"] == 21


async def test_many_writers_at_once_are_heard_in_one_order(company: Company) -> None:
    async with (
        line_of(company.first, company.topic) as first,
        line_of(company.second, company.topic) as second,
        line_of(company.third, company.topic) as third,
    ):
        lines = (first, second, third)

        async def write(rank: int) -> None:
            for turn in range(10):
                await lines[rank].send(company.topic, f"{rank}.{turn}")

        await asyncio.gather(*map(write, range(3)))
        for line in lines:
            numbers = [frame["number"] for frame in line.heard if frame["type"] == "message"]
            while len(numbers) < 30:
                numbers.append((await line.next())["number"])
            assert numbers == list(range(1, 31))
