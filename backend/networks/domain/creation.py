"""Making a network and its first coordinator."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError
from backend.networks.domain.invitations import invite_address
from backend.networks.domain.membership import add_member
from backend.networks.enums import HolidayCalendar, InvitationState, Role
from backend.networks.models import Invitation, Network
from backend.networks.rules import coordinates_actively, invitation_state


@dataclass(frozen=True, slots=True)
class Creation:
    """What there is now; ``invitation`` is nothing when the coordinator had an account, or was there already."""

    network: Network
    is_new: bool
    invitation: Invitation | None


@transaction.atomic
def create_network(
    *,
    slug: str,
    name: str,
    coordinator_email: str,
    timezone: str = "Europe/Paris",
    holiday_calendar: HolidayCalendar = HolidayCalendar.METROPOLE,
) -> Creation:
    """Make a network, or complete one that was made; its first coordinator is a member at once or gets a link.

    Asked again, it makes nothing twice. Raises ``ConflictError`` when the slug belongs to a network of another name.
    """
    network, is_new = Network.objects.get_or_create(
        slug=slug, defaults={"name": name, "timezone": timezone, "holiday_calendar": holiday_calendar}
    )
    if network.name != name:
        raise ConflictError(f"« {slug} » est déjà {network.name}.", code="slug_taken")
    _check(network, coordinator_email)
    return Creation(network, is_new, appoint_first_coordinator(network=network, email=coordinator_email))


@transaction.atomic
def appoint_first_coordinator(*, network: Network, email: str) -> Invitation | None:
    """Give the role to whoever has an account under ``email``, or send a link there; nothing if somebody coordinates.

    A link that still works is not sent again.
    """
    if coordinates_actively(network):
        return None
    if person := Person.objects.filter(email=email.lower(), is_active=True).first():
        add_member(network=network, person=person, roles=[Role.COORDINATOR])
        return None
    for sent in network.invitations.filter(email=email.lower()):
        if invitation_state(sent) == InvitationState.OPEN and Role.COORDINATOR in sent.roles:
            return sent
    return invite_address(network=network, author=None, email=email, roles=[Role.COORDINATOR])


def _check(network: Network, coordinator_email: str) -> None:
    try:
        network.full_clean(validate_unique=False)
        validate_email(coordinator_email)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), code="network_invalid") from error
