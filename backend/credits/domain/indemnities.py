"""Whom a network pays for the hours they give."""

from django.db import transaction

from backend.accounts.models import Person
from backend.common.errors import NotFoundError
from backend.credits.models import Indemnified
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.networks.rules import require_role


def indemnified_in(network: Network) -> set[int]:
    """Primary keys of people."""
    return set(Indemnified.objects.filter(network=network).values_list("person_id", flat=True))


@transaction.atomic
def mark_indemnified(*, network: Network, author: Person, person: Person, paid: bool) -> None:
    """Say whether the network pays a member for hours given; said again, it changes nothing."""
    require_role(author, network, Role.COORDINATOR)
    if not Membership.objects.filter(network=network, person=person).exists():
        raise NotFoundError
    if paid:
        Indemnified.objects.get_or_create(network=network, person=person)
    else:
        Indemnified.objects.filter(network=network, person=person).delete()
