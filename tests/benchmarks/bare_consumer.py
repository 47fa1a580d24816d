"""The consumer that tutorials show, for comparison: a layer message for each socket. Never part of the product."""

import uuid
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from backend.config.asgi import pages
from backend.conversations.domain.messages import send_message
from backend.conversations.models import Message


class BareConsumer(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content: dict[str, Any], **_options: Any) -> None:
        group = content["topic"].replace(":", ".")
        if content["type"] == "subscribe":
            await self.channel_layer.group_add(group, self.channel_name)
            await self.send_json({"type": "subscribed", "ref": content["ref"], "last": 0, "more": False})
            return
        message = await database_sync_to_async(self.store)(content)
        frame = {"type": "message", "number": message.number, "body": message.body, "topic": content["topic"]}
        await self.channel_layer.group_send(group, {"type": "told", "frame": frame})
        await self.send_json({"type": "ack", "ref": content["ref"], "number": message.number})

    def store(self, content: dict[str, Any]) -> Message:
        number, client_id = int(content["topic"].partition(":")[2]), uuid.UUID(content["client_id"])
        return send_message(
            conversation_id=number, sender=self.scope["user"], client_id=client_id, body=content["body"]
        )

    async def told(self, event: dict[str, Any]) -> None:
        await self.send_json(event["frame"])


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Pages for the readiness check, the bare consumer for sockets."""
    serve = pages if scope["type"] == "http" else AuthMiddlewareStack(BareConsumer.as_asgi())
    await serve(scope, receive, send)
