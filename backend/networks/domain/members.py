"""Finding members: by words of their name or address, by what they are, in an order."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from backend.accounts.models import Person
from backend.common.folding import fold
from backend.networks.enums import MemberState, Role
from backend.networks.models import Membership, Network

ORDERS = {
    "nom": ("person__last_name", "person__first_name", "pk"),
    "profession": ("person__profession__label", "person__last_name", "person__first_name", "pk"),
    "lieu": ("site__name", "person__last_name", "person__first_name", "pk"),
    "arrivee": ("-joined_at", "-pk"),
}
STATES = {
    MemberState.ACTIVE: Q(left_at=None, suspended_at=None),
    MemberState.SUSPENDED: Q(left_at=None, suspended_at__isnull=False),
    MemberState.LEFT: Q(left_at__isnull=False),
}


@dataclass(frozen=True, slots=True)
class MemberSearch:
    """What to look for; an empty value leaves its question open."""

    words: str = ""
    role: str = ""
    profession: str = ""
    site: int | None = None
    network: str = ""
    state: str = ""


def search_members(memberships: QuerySet[Membership], wanted: MemberSearch) -> QuerySet[Membership]:
    """Those that hold every word, case and accents ignored, and answer every question."""
    condition = Q()
    for word in fold(wanted.words).split():
        condition &= Q(person__folded__contains=word)
    if wanted.state:
        condition &= STATES[MemberState(wanted.state)]
    if wanted.role:
        condition &= Q(roles__role=wanted.role)
    if wanted.profession:
        condition &= Q(person__profession__slug=wanted.profession)
    if wanted.site is not None:
        condition &= Q(site=wanted.site)
    if wanted.network:
        condition &= Q(network__slug=wanted.network)
    return memberships.filter(condition)


def coordinators_of(network: Network) -> QuerySet[Person]:
    """Who coordinates it now, in a fixed order.

    Joined rather than nested: PostgreSQL took half an hour over the nested form where it had not yet counted the rows.
    """
    return Person.objects.filter(
        is_active=True,
        memberships__network=network,
        memberships__left_at=None,
        memberships__suspended_at=None,
        memberships__roles__role=Role.COORDINATOR,
    ).order_by("pk")
