"""Who may do what in which network."""

import zoneinfo

from django.db.models import Q, QuerySet

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import NotFoundError, RoleRequiredError
from backend.networks.enums import InvitationState, MemberState, Role
from backend.networks.models import Invitation, Membership, MembershipRole, Network


def networks_for(person: Person) -> list[Network]:
    """Networks where the person is an active member."""
    return [membership.network for membership in memberships_for(person)]


def memberships_for(person: Person) -> list[Membership]:
    """Active memberships with their network and roles, by network name; three queries at most."""
    return list(
        Membership.objects.active()
        .filter(person=person)
        .select_related("network")
        .prefetch_related("roles")
        .order_by("network__name")
    )


def roles_in(person: Person, network: Network) -> set[Role]:
    """Roles the person holds now; empty for a stranger."""
    roles = Membership.objects.active().filter(person=person, network=network).values_list("roles__role", flat=True)
    return {Role(role) for role in roles if role}


def access_network_for(person: Person, slug: str) -> Network:
    """The network, if the person is an active member of it; ``NotFoundError`` otherwise."""
    membership = Membership.objects.active().filter(person=person, network__slug=slug).select_related("network").first()
    if membership is None:
        raise NotFoundError
    return membership.network


def require_role(person: Person, network: Network, *roles: Role) -> None:
    """Raise ``RoleRequiredError`` for a member without any of ``roles``, ``NotFoundError`` for a stranger."""
    held = roles_in(person, network)
    if not held:
        raise NotFoundError
    if held.isdisjoint(roles):
        raise RoleRequiredError


def networks_with_role(person: Person, *roles: Role) -> list[Network]:
    """Networks where the person holds one of ``roles``; ``RoleRequiredError`` when there is none."""
    networks = Network.objects.filter(
        pk__in=Membership.objects.active().filter(person=person, roles__role__in=roles).values("network")
    )
    if not networks:
        raise RoleRequiredError
    return list(networks)


def coordinates_actively(network: Network) -> bool:
    """Whether the network has an active coordinator."""
    return Membership.objects.active().with_role(Role.COORDINATOR).filter(network=network).exists()


def access_membership_for(person: Person, membership_id: int) -> Membership:
    """Somebody's membership, for those who coordinate its network.

    ``NotFoundError`` for a stranger, ``RoleRequiredError`` for a member with another role.
    """
    found = Membership.objects.select_related("network", "person__profession", "person__specialty", "site")
    membership = found.filter(pk=membership_id).first()
    if membership is None:
        raise NotFoundError
    require_role(person, membership.network, Role.COORDINATOR)
    return membership


def visible_memberships_for(person: Person) -> QuerySet[Membership]:
    """One's own memberships, and all those of the networks one coordinates."""
    coordinated = Membership.objects.active().with_role(Role.COORDINATOR).filter(person=person).values("network")
    return Membership.objects.filter(Q(person=person) | Q(network__in=coordinated))


def may_sign_in_on_paper(membership: Membership, author: Person) -> bool:
    """Whether a coordinator may print a pass for a member: it opens all that the member sees.

    So never for a colleague who coordinates or audits, anywhere, nor for an administrator, nor for somebody who belongs
    to another network too, whose affairs are none of this coordinator's, nor for oneself.
    """
    person = membership.person
    if person.pk == author.pk or person.is_staff or person.is_superuser:
        return False
    elsewhere = Membership.objects.filter(person=person, left_at=None).exclude(network=membership.network)
    mighty = MembershipRole.objects.filter(
        membership__person=person, membership__left_at=None, role__in=(Role.COORDINATOR, Role.AUDITOR)
    )
    is_active = Membership.objects.active().filter(pk=membership.pk).exists()
    return is_active and not mighty.exists() and not elsewhere.exists()


def member_state(membership: Membership) -> MemberState:
    if membership.left_at is not None:
        return MemberState.LEFT
    return MemberState.SUSPENDED if membership.suspended_at is not None else MemberState.ACTIVE


def invitation_state(invitation: Invitation) -> InvitationState:
    if invitation.accepted_at is not None:
        return InvitationState.ACCEPTED
    if invitation.revoked_at is not None:
        return InvitationState.REVOKED
    return InvitationState.OPEN if invitation.expires_at > now() else InvitationState.EXPIRED


def closed_networks_for(person: Person) -> QuerySet[Membership, int]:
    """Networks that are closed to the person, for a subquery: left, or suspended there."""
    closed = Q(left_at__isnull=False) | Q(suspended_at__isnull=False)
    return Membership.objects.filter(closed, person=person).values_list("network", flat=True)


def zone_of(person: Person) -> zoneinfo.ZoneInfo:
    """Where to tell a person the time of what belongs to no network in particular: their first network's zone."""
    membership = Membership.objects.active().filter(person=person).select_related("network").order_by("pk").first()
    return membership.network.zone if membership else zoneinfo.ZoneInfo("Europe/Paris")
