"""Who may open a socket, what they may listen to, and how much; no frame harms anybody."""

import json
import uuid
from contextlib import AsyncExitStack
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pytest_django import Settings

from backend.conversations.models import Message
from realtime import sockets
from tests.realtime.conftest import Company, open_talk, write_messages
from tests.realtime.line import HOST, connect, headers_of, is_refused, line_of, secret_of
from tests.support.factories import CampaignFactory

FOREIGN_ORIGINS = [
    "http://evil.example",
    f"http://{HOST}.evil.example",
    f"http://evil{HOST}",
    f"http://{HOST}:8001",
    f"http://{HOST}@evil.example",
    f"http://evil.example/{HOST}",
    f"ftp://{HOST}",
    f"//{HOST}",
    HOST,
    "http://",
    "http://[",
    "null",
    "",
]


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
async def test_a_foreign_origin_is_refused_at_the_handshake(company: Company, origin: str) -> None:
    assert await is_refused(await headers_of(company.first, origin=origin))


async def test_an_absent_origin_is_refused_to_a_session(company: Company) -> None:
    assert await is_refused(await headers_of(company.first, origin=None))


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_our_own_origin_is_let_in(company: Company, scheme: str) -> None:
    async with connect(await headers_of(company.first, origin=f"{scheme}://{HOST.upper()}")) as line:
        assert (await line.ask("ping"))["type"] == "pong"


async def test_origins_that_settings_trust_are_let_in(company: Company, settings: Settings) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://tandem.example"]
    assert not await is_refused(await headers_of(company.first, origin="https://tandem.example"))
    assert await is_refused(await headers_of(company.first, origin="http://tandem.example"))
    settings.HTTPS_ONLY = True
    assert await is_refused(await headers_of(company.first))


async def test_a_host_that_is_not_ours_lends_its_name_to_no_origin(company: Company) -> None:
    headers = await headers_of(company.first, origin="http://evil.example")
    assert await is_refused([(key, b"evil.example" if key == b"host" else value) for key, value in headers])


async def test_another_address_is_refused(company: Company) -> None:
    assert await is_refused(await headers_of(company.first), path="/ws/v2/")


@pytest.mark.parametrize("cookie", [b"", b"sessionid=absent", b"sessionid=", b"sessionid=\xe9", b'";;=sessionid'])
async def test_nobody_signed_in_is_told_so(company: Company, cookie: bytes) -> None:
    async with connect([*await headers_of(None), (b"cookie", cookie)]) as line:
        assert await line.next() == {"type": "closing", "reason": "signed_out"}
        assert await line.ends() == 4401


async def test_a_token_signs_in_without_an_origin(company: Company) -> None:
    secret = await sync_to_async(secret_of)(company.first)
    for headers in ([], [(b"origin", b"http://evil.example")]):
        async with connect([(b"authorization", f"Token {secret}".encode()), *headers]) as line:
            assert (await line.subscribe(company.topic))["type"] == "subscribed"


@pytest.mark.parametrize("secret", ["", "tandem_wrong", "é"])
async def test_a_wrong_token_is_nobody_whatever_comes_with_it(company: Company, secret: str) -> None:
    headers = [*await headers_of(company.first), (b"authorization", f"Token {secret}".encode("latin-1"))]
    async with connect(headers) as line:
        assert await line.ends() == 4401


async def test_a_stranger_hears_what_absence_answers(company: Company) -> None:
    await sync_to_async(write_messages)(company.talk, company.first, 2)
    campaign = await sync_to_async(CampaignFactory.create)(network=company.network)
    async with line_of(company.stranger) as line, line_of(company.first) as member:
        absent = await line.subscribe(f"conversation:{company.talk.pk + 1000}")
        assert (absent["type"], absent["code"]) == ("error", "not_found")
        for topic in (company.topic, f"campaign:{campaign.pk}", f"campaign:{campaign.pk + 1000}", *NO_TOPICS):
            assert await line.subscribe(topic) == {**absent, "ref": f"r{line.asked}"}, topic
        for kind, fields in ACTS.items():
            answers = [await line.ask(kind, topic=topic, **fields) for topic in (company.topic, "conversation:999999")]
            assert [{**answer, "ref": ""} for answer in answers] == [{**absent, "ref": ""}] * 2, kind
        await member.send(company.topic, "entre nous")
        assert await line.hears_nothing("message")
    assert await Message.objects.acount() == 3


NO_TOPICS = ["", "me:1", "conversation", "conversation:", "conversation:0", "conversation:-1", "conversation:1e3"]
NO_TOPICS += [
    "conversation:٣",
    f"conversation:{10**17}",
    f"conversation:{10**30}",
    "session:1",
    "you",
    "conversation:1\n",
]
ACTS: dict[str, dict[str, Any]] = {
    "send": {"client_id": str(uuid.uuid4()), "body": "Bonjour"},
    "read": {"number": 1},
    "typing": {},
}


HOSTILE = [
    " ",
    "null",
    "[]",
    '"ping"',
    "{",
    "{}",
    '{"type": "ping"}',
    '{"type": "ping", "ref": 1}',
    '{"type": "ping", "ref": "\\ud800"}',
    json.dumps({"type": "ping", "ref": "r" * 101}),
    '{"type": "nothing", "ref": "r"}',
    '{"type": ["ping"], "ref": "r"}',
    '{"type": "__class__", "ref": "r"}',
    '{"type": "subscribe", "ref": "r"}',
    '{"type": "subscribe", "ref": "r", "topic": 1}',
    '{"type": "subscribe", "ref": "r", "topic": "me", "after": -1}',
    '{"type": "subscribe", "ref": "r", "topic": "me", "after": true}',
    '{"type": "subscribe", "ref": "r", "topic": "me", "after": 1.5}',
    '{"type": "subscribe", "ref": "r", "topic": "me", "after": 9999999999999999999999}',
    '{"type": "read", "ref": "r", "topic": "me", "number": NaN}',
    '{"type": "send", "ref": "r", "topic": "conversation:1", "client_id": "x", "body": "b"}',
    '{"type": "send", "ref": "r", "topic": "conversation:1", "client_id": 1, "body": "b"}',
    json.dumps({"type": "send", "ref": "r", "topic": "conversation:1", "client_id": str(uuid.uuid4()), "body": None}),
    '{"number": ' + "9" * 5000 + "}",
    "[" * 60_000,
    '{"a":' * 12_000,
]


async def test_no_frame_whatever_it_holds_ends_a_socket(company: Company) -> None:
    async with line_of(company.first) as line, line_of(company.second, company.topic) as other:
        for text in HOSTILE:
            await line.say_raw(text)
            answer = await line.next()
            assert (answer["type"], answer["code"]) == ("error", "bad_frame"), text[:80]
        await line.communicator.send_to(bytes_data=b"\x00\xff")
        assert (await line.next())["code"] == "bad_frame"
        assert (await line.send(company.topic, "toujours là \ud800"))["type"] == "ack"
        assert (await other.hear("message"))["body"] == "toujours là"


@pytest.mark.parametrize("sign", ["a", "é"])
async def test_a_frame_of_more_than_64_kb_is_too_large(company: Company, sign: str) -> None:
    room = 64 * 1024 - len(json.dumps({"type": "ping", "ref": "r", "pad": ""}, separators=(",", ":")))
    async with line_of(company.first) as line:
        answers = []
        for size in (room, room + 2):
            frame = {"type": "ping", "ref": "r", "pad": sign * (size // len(sign.encode()))}
            await line.say_raw(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))
            answers.append(await line.next())
        assert [answer["type"] for answer in answers] == ["pong", "error"]
        assert answers[1]["code"] == "too_large"


async def test_twenty_topics_a_socket(company: Company) -> None:
    def open_many() -> list[str]:
        talks = [open_talk(company.network, company.first) for _ in range(20)]
        return [f"conversation:{talk.pk}" for talk in talks]

    topics = await sync_to_async(open_many)()
    async with line_of(company.first, *topics) as line:
        refused = await line.subscribe(company.topic)
        assert (refused["type"], refused["code"]) == ("error", "too_many_topics")
        assert (await line.subscribe(topics[0]))["type"] == "subscribed"
        await line.ask("unsubscribe", topic=topics[0])
        assert (await line.subscribe(company.topic))["type"] == "subscribed"


async def test_a_refused_topic_takes_no_place(company: Company) -> None:
    async with line_of(company.first) as line:
        for _ in range(25):
            assert (await line.subscribe(f"conversation:{company.elsewhere.pk}"))["code"] == "not_found"
        assert (await line.subscribe(company.topic))["type"] == "subscribed"


async def test_five_sockets_a_person(company: Company) -> None:
    async with AsyncExitStack() as five:
        lines = [await five.enter_async_context(line_of(company.first)) for _ in range(5)]
        async with connect(await headers_of(company.first)) as sixth:
            assert (await sixth.next())["code"] == "too_many_sockets"
            assert await sixth.next() == {"type": "closing", "reason": "too_many_sockets"}
            assert await sixth.ends() == 4429
        async with line_of(company.second) as other:
            assert (await other.ask("ping"))["type"] == "pong"
        await lines.pop().communicator.disconnect()
        async with line_of(company.first, company.topic) as again:
            assert (await again.ask("ping"))["type"] == "pong"


async def test_a_flood_is_refused_and_the_rest_answered(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for its turn is bounded; every frame has an answer all the same."""
    monkeypatch.setattr(sockets, "WAITING_MAX", 10)
    async with line_of(company.first) as line:
        for _ in range(200):
            await line.say("read", topic=company.topic, number=0)
        answers = [await line.next() for _ in range(200)]
        kinds = {(answer["type"], answer.get("code")) for answer in answers}
        assert kinds == {("ack", None), ("error", "too_fast")}
        assert (await line.ask("ping"))["type"] == "pong"


async def test_a_failure_of_ours_ends_one_socket_and_is_logged(
    company: Company, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: Any) -> None:
        raise ZeroDivisionError

    async with line_of(company.first) as line, line_of(company.second) as other:
        monkeypatch.setattr(sockets, "_mark_read", fail)
        await line.say("read", topic=company.topic, number=0)
        assert await line.ends() == 1011
        assert line.heard == [{"type": "closing", "reason": "failure"}]
        assert (await other.ask("ping"))["type"] == "pong"
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]
