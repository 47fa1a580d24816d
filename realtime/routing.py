"""Which address is the socket's."""

from realtime.outlets import Send
from realtime.sign_in import Scope
from realtime.sockets import Receive, serve_socket

PATH = "/ws/v1/"


async def route_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """The one socket there is; any other address is refused at the handshake."""
    if scope["path"] == PATH:
        await serve_socket(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close"})
