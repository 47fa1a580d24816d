"""``docs/asyncapi.yaml`` and the server say the same: what is sent fits what is written, and nothing is missing."""

import inspect
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from django.conf import settings

from realtime import frames, handlers, sockets, stored
from realtime import hub as hub_module
from tests.realtime.conftest import Company
from tests.realtime.line import line_of

DOCUMENT = yaml.safe_load((Path(settings.BASE_DIR) / "docs" / "asyncapi.yaml").read_text(encoding="utf-8"))
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]


def messages_of(operation: str) -> dict[str, Any]:
    names = [entry["$ref"].rpartition("/")[2] for entry in DOCUMENT["operations"][operation]["messages"]]
    return {name: MESSAGES[name] for name in names}


FROM_CLIENT, TO_CLIENT = messages_of("hearFromClient"), messages_of("tellClient")


def check(frame: dict[str, Any], candidates: dict[str, Any]) -> str:
    """The name of the message that a frame is, by its schema."""
    of_type = {n: m for n, m in candidates.items() if m["payload"]["properties"]["type"]["const"] == frame["type"]}
    assert len(of_type) == 1, frame
    name, message = next(iter(of_type.items()))
    schema = {"components": DOCUMENT["components"], **message["payload"]}
    jsonschema.validate(frame, schema, format_checker=jsonschema.FormatChecker())
    return name


def test_every_message_is_on_the_channel_and_in_one_operation() -> None:
    assert set(DOCUMENT["channels"]["socket"]["messages"]) == set(MESSAGES) == set(FROM_CLIENT) | set(TO_CLIENT)
    assert not set(FROM_CLIENT) & set(TO_CLIENT)


def test_what_a_client_may_send_is_what_the_parser_reads() -> None:
    assert set(FROM_CLIENT) == set(frames.REQUIRED)
    for kind, message in FROM_CLIENT.items():
        payload = message["payload"]
        required = {"type", "ref", *frames.REQUIRED[kind]}
        assert set(payload["required"]) == required, kind
        assert set(payload["properties"]) == required | set(frames.OPTIONAL.get(kind, ())), kind
        assert hasattr(sockets.Socket, f"_do_{kind}")


def test_types_codes_and_reasons_are_those_of_the_server() -> None:
    source = "".join(inspect.getsource(module) for module in (sockets, stored, handlers, hub_module))
    written = set(re.findall(r'(?:write_frame|_say)\(\s*"([a-z_]+)"', source))
    assert {message["payload"]["properties"]["type"]["const"] for message in TO_CLIENT.values()} == written
    assert MESSAGES["error"]["payload"]["properties"]["code"]["enum"] == list(frames.Code)
    assert MESSAGES["closing"]["payload"]["properties"]["reason"]["enum"] == list(frames.Closing)
    told = MESSAGES["closing"]["summary"]
    assert all(
        f"`{reason}` closes with {code}" in told or f"`{reason}` with {code}" in told
        for reason, code in frames.CLOSE_CODES.items()
    )
    number = DOCUMENT["components"]["schemas"]["number"]
    assert number["maximum"] == frames.NUMBER_MAX
    assert DOCUMENT["components"]["schemas"]["ref"]["maxLength"] == frames.REF_LENGTH_MAX


@pytest.mark.parametrize("topic", ["me", "conversation:12", "campaign:1", "conversation:0", "session:1", "me:1", ""])
def test_topics_are_those_that_the_server_knows(topic: str) -> None:
    documented = re.fullmatch(DOCUMENT["components"]["schemas"]["topic"]["pattern"].strip("^$"), topic)
    try:
        frames.parse_topic(topic, 1)
    except frames.FrameError:
        assert documented is None
    else:
        assert documented is not None


def conversation_of_frames(topic: str) -> Iterator[dict[str, Any]]:
    """One request of each type, and some that are refused."""
    yield {"type": "subscribe", "topic": topic, "after": 0}
    yield {"type": "subscribe", "topic": "me"}
    yield {"type": "send", "topic": topic, "client_id": str(uuid.uuid4()), "body": "Bonjour"}
    yield {"type": "send", "topic": topic, "client_id": str(uuid.uuid4()), "body": "Le patient M. Fictif va mieux"}
    yield {"type": "send", "topic": topic, "client_id": str(uuid.uuid4()), "body": ""}
    yield {"type": "read", "topic": topic, "number": 1}
    yield {"type": "typing", "topic": topic}
    yield {"type": "unsubscribe", "topic": topic}
    yield {"type": "ping"}


async def test_what_is_said_on_a_real_line_fits_the_document(company: Company) -> None:
    seen = set()
    async with line_of(company.first) as line, line_of(company.second, company.topic) as other:
        for request in conversation_of_frames(company.topic):
            frame = {**request, "ref": "r"}
            assert check(frame, FROM_CLIENT) == request["type"]
            await line.say_raw(json.dumps(frame))
        while "pong" not in seen:
            seen.add(check(await line.next(), TO_CLIENT))
        while "typing_by" not in seen:
            seen.add(check(await other.next(), TO_CLIENT))
    assert seen >= {"subscribed", "ack", "warning", "error", "message", "unread", "unsubscribed", "pong", "typing_by"}
