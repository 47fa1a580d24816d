"""The ASGI application that daphne serves: pages and API by HTTP, and the socket."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")
# Settings and models come first: what follows imports them.
pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402

from realtime.routing import route_socket  # noqa: E402

application = ProtocolTypeRouter({"http": pages, "websocket": route_socket})
