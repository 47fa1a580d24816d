"""What every page needs to draw its header."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from backend.networks.enums import Role
from backend.web.shared.reader import reader_of

# As many as fit on one line beside a long name, on the narrowest screen that has a line.
ENTRIES_ON_THE_LINE = 6
MEMBERS = frozenset({Role.LEARNER, Role.TUTOR, Role.COORDINATOR})


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation, for whoever holds one of ``roles``; for everybody signed in when there is none."""

    route: str
    label: str
    icon: str
    roles: frozenset[Role] = frozenset()
    # Visited now and then: where the line is too short for all, it stands under « Plus ».
    rare: bool = False


PLACES = (
    Place("welcome", "Accueil", "home"),
    Place("ask", "Demander de l’aide", "help", frozenset({Role.LEARNER})),
    Place("sessions", "Séances", "calendar", MEMBERS),
    Place("agenda", "Mon agenda", "calendar", MEMBERS, rare=True),
    Place("availability", "Disponibilités", "clock", frozenset({Role.LEARNER, Role.TUTOR})),
    Place("members", "Membres", "group", frozenset({Role.COORDINATOR})),
    Place("coverage", "Couverture", "list", frozenset({Role.COORDINATOR})),
    Place("campaigns", "Campagnes", "chart", frozenset({Role.COORDINATOR})),
    Place("reports", "Bilans", "chart", frozenset({Role.COORDINATOR}), rare=True),
    Place("conversations", "Messages", "message", MEMBERS),
    Place("referentials", "Référentiels", "book", rare=True),
    Place("points", "Mes points", "star", MEMBERS, rare=True),
)
PUBLIC_PLACES = (Place("referentials", "Référentiels", "book"), Place("help", "Aide", "help"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A place as one request shows it."""

    label: str
    icon: str
    url: str
    current: bool
    rare: bool
    # What counts here, when something does, and how many there are.
    counts: str
    unread: int


@dataclass(frozen=True, slots=True)
class Navigation:
    entries: list[Entry]
    unread: int

    @property
    def on_the_line(self) -> list[Entry]:
        """All of them where they fit; else the often visited, never without what counts something."""
        if len(self.entries) <= ENTRIES_ON_THE_LINE:
            return self.entries
        often = [entry for entry in self.entries if not entry.rare]
        kept = [entry for entry in often if not entry.counts][: ENTRIES_ON_THE_LINE - 1]
        return [entry for entry in often if entry.counts or entry in kept]

    @property
    def under_more(self) -> list[Entry]:
        return [entry for entry in self.entries if entry not in self.on_the_line]

    @property
    def is_under_more(self) -> bool:
        """Whether the page shown is one of those."""
        return any(entry.current for entry in self.under_more)


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
        counts = "messages" if place.route == "conversations" else ""
        yield Entry(place.label, place.icon, url, path.startswith(url), place.rare, counts, unread if counts else 0)
