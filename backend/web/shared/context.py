"""What every page needs to draw its header."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from backend.networks.enums import Role
from backend.web.shared.reader import reader_of

MEMBERS = frozenset({Role.LEARNER, Role.TUTOR, Role.COORDINATOR})


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation, for whoever holds one of ``roles``; for everybody signed in when there is none."""

    route: str
    label: str
    icon: str
    roles: frozenset[Role] = frozenset()


PLACES = (
    Place("welcome", "Accueil", "home"),
    Place("ask", "Demander de l’aide", "help", frozenset({Role.LEARNER})),
    Place("sessions", "Séances", "calendar", MEMBERS),
    Place("availability", "Disponibilités", "clock", frozenset({Role.LEARNER, Role.TUTOR})),
    Place("members", "Membres", "group", frozenset({Role.COORDINATOR})),
    Place("coverage", "Couverture", "list", frozenset({Role.COORDINATOR})),
    Place("campaigns", "Campagnes", "chart", frozenset({Role.COORDINATOR})),
    Place("conversations", "Messages", "message", MEMBERS),
    Place("referentials", "Référentiels", "book"),
    Place("points", "Mes points", "star", MEMBERS),
)
PUBLIC_PLACES = (Place("referentials", "Référentiels", "book"), Place("help", "Aide", "help"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A place as one request shows it."""

    label: str
    icon: str
    url: str
    current: bool
    unread: int


@dataclass(frozen=True, slots=True)
class Navigation:
    entries: list[Entry]
    unread: int


def navigation(request: HttpRequest) -> dict[str, object]:
    """``nav``: where one may go from here, asked of the database only by pages that draw a header."""
    return {
        "nav": SimpleLazyObject(lambda: _draw(request)),
        "demonstration": settings.LOCAL and not settings.MAIL_URL,
    }


def _draw(request: HttpRequest) -> Navigation:
    if not request.user.is_authenticated:
        return Navigation(list(_entries(PUBLIC_PLACES, request.path, 0)), 0)
    reader = reader_of(request)
    places = [place for place in PLACES if not place.roles or not place.roles.isdisjoint(reader.roles)]
    return Navigation(list(_entries(places, request.path, reader.unread)), reader.unread)


def _entries(places: Iterable[Place], path: str, unread: int) -> Iterator[Entry]:
    for place in places:
        url = reverse(place.route)
        count = unread if place.route == "conversations" else 0
        yield Entry(place.label, place.icon, url, path.startswith(url), count)
