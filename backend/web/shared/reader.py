"""Who reads a page: what several of its parts ask about them, asked of the database once."""

from functools import cached_property

from django.http import HttpRequest

from backend.accounts.models import Person
from backend.conversations.domain.queries import count_unread
from backend.networks.models import Membership
from backend.networks.rules import memberships_for


class Reader:
    def __init__(self, person: Person) -> None:
        self.person = person

    @cached_property
    def memberships(self) -> list[Membership]:
        return memberships_for(self.person)

    @cached_property
    def roles(self) -> frozenset[str]:
        """Roles in any network; one small query, or none when the memberships are there already."""
        if "memberships" in self.__dict__:
            return frozenset(held.role for row in self.memberships for held in row.roles.all())
        roles = Membership.objects.active().filter(person=self.person).values_list("roles__role", flat=True)
        return frozenset(role for role in roles if role)

    @cached_property
    def unread(self) -> int:
        """Messages not read yet."""
        return count_unread(self.person)


def reader_of(request: HttpRequest) -> Reader:
    """The signed-in reader, the same object for the whole request."""
    reader = request.META.get("tandem.reader")
    if reader is None:
        reader = request.META["tandem.reader"] = Reader(request.user)  # type: ignore[arg-type]  # signed in
    return reader
