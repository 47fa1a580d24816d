"""Who belongs to a network and in which role; every change leaves a row that says who, when and why.

A network never stays without an active coordinator: changes of members take turns (the network's row is locked), and
who may ask is checked once the lock is held, for two coordinators may act on each other at once.
"""

from collections.abc import Iterable

from django.db import transaction

from backend.accounts.domain.passes import revoke_passes
from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError
from backend.common.patient_numbers import refuse_patient_number
from backend.events.bus import publish
from backend.events.types import MemberJoined, MemberLeft, MemberReinstated, MemberSuspended, RoleGiven, RoleTaken
from backend.networks.enums import Attachment, MembershipEvent, Role
from backend.networks.models import Membership, MembershipRole, Network, Site
from backend.networks.rules import coordinates_actively, require_role

REASON_LENGTH_MAX = 500


@transaction.atomic
def add_member(
    *,
    network: Network,
    person: Person,
    roles: Iterable[Role] = (Role.LEARNER,),
    attachment: Attachment = Attachment.MEMBER,
    site: Site | None = None,
    author: Person | None = None,
) -> Membership:
    """Make ``person`` a member; one already there keeps what they have and gains the roles missing.

    Somebody who had left is back; who was suspended stays so.
    """
    check_site(network, site)
    lock_network(network)
    membership, is_new = Membership.objects.get_or_create(
        network=network, person=person, defaults={"attachment": attachment, "site": site}
    )
    is_back = membership.left_at is not None
    if is_back:
        membership.left_at, membership.joined_at, membership.site = None, now(), site or membership.site
        membership.save(update_fields=["left_at", "joined_at", "site"])
        membership.roles.all().delete()
    if is_new or is_back:
        _log(membership, MembershipEvent.JOINED, author)
    given = [role for role in roles if _add_role(membership, role, author)]
    if is_new or is_back:
        publish(MemberJoined(membership.pk))
    else:
        for role in given:
            publish(RoleGiven(membership.pk, role))
    return membership


@transaction.atomic
def give_role(*, membership: Membership, role: Role, author: Person) -> Membership:
    """Raises ``ConflictError`` when the member has it already, or takes no part for now."""
    locked = _lock_for(membership, author)
    _require_active(locked)
    if not _add_role(locked, role, author):
        raise ConflictError("Cette personne a déjà ce rôle.", code="role_held")
    publish(RoleGiven(locked.pk, role))
    return locked


@transaction.atomic
def take_role(*, membership: Membership, role: Role, author: Person, reason: str = "") -> Membership:
    """Raises ``ConflictError`` when the member has it no more, or is the last coordinator."""
    locked = _lock_for(membership, author)
    _remove_role(locked, role, author, reason)
    _keep_a_coordinator(locked)
    return locked


@transaction.atomic
def hand_coordination_over(*, membership: Membership, author: Person) -> Membership:
    """Give the coordinator's role to another member and lay down one's own, both or neither."""
    locked = _lock_for(membership, author)
    _require_active(locked)
    if locked.person_id == author.pk:
        raise ConflictError("Vous assurez déjà la coordination.", code="role_held")
    if _add_role(locked, Role.COORDINATOR, author):
        publish(RoleGiven(locked.pk, Role.COORDINATOR))
    own = Membership.objects.get(network=locked.network, person=author)
    _remove_role(own, Role.COORDINATOR, author, "")
    return locked


@transaction.atomic
def suspend_member(*, membership: Membership, author: Person, reason: str = "") -> Membership:
    """Close the network to a member at once, until reinstated. One's own participation is left, not suspended."""
    locked = _lock_for(membership, author)
    if locked.person_id == author.pk:
        raise ConflictError("On ne suspend pas sa propre participation : on quitte le réseau.", code="own_membership")
    _require_active(locked)
    _change(locked, MembershipEvent.SUSPENDED, author, reason)
    publish(MemberSuspended(locked.pk, author.pk))
    return locked


@transaction.atomic
def reinstate_member(*, membership: Membership, author: Person) -> Membership:
    locked = _lock_for(membership, author)
    if locked.suspended_at is None or locked.left_at is not None:
        raise ConflictError("Cette participation n’est pas suspendue.", code="not_suspended")
    locked.suspended_at = None
    locked.save(update_fields=["suspended_at"])
    _log(locked, MembershipEvent.REINSTATED, author)
    publish(MemberReinstated(locked.pk))
    return locked


@transaction.atomic
def leave_network(*, membership: Membership, author: Person, reason: str = "") -> Membership:
    """One's own choice, or a departure that a coordinator records. Roles come back with a new invitation only."""
    locked = _lock(membership) if author.pk == membership.person_id else _lock_for(membership, author)
    if locked.left_at is not None:
        raise ConflictError("Cette personne a déjà quitté le réseau.", code="already_left")
    _change(locked, MembershipEvent.LEFT, author, reason)
    publish(MemberLeft(locked.pk, author.pk))
    return locked


@transaction.atomic
def change_site(*, membership: Membership, site: Site | None, author: Person) -> Membership:
    """Where the member works: their own to say, and the coordinator's."""
    locked = _lock(membership) if author.pk == membership.person_id else _lock_for(membership, author)
    check_site(locked.network, site)
    locked.site = site
    locked.save(update_fields=["site"])
    return locked


def check_site(network: Network, site: Site | None) -> None:
    if site is not None and site.network_id != network.pk:
        raise DomainError("Ce lieu n’est pas dans ce réseau.", code="foreign_site")


def lock_network(network: Network) -> None:
    """Let changes of one network's members happen one after the other."""
    Network.objects.select_for_update(of=("self",)).get(pk=network.pk)


def _lock(membership: Membership) -> Membership:
    """The membership as it stands once nobody else may change it."""
    lock_network(membership.network)
    return Membership.objects.select_related("network", "person").get(pk=membership.pk)


def _lock_for(membership: Membership, author: Person) -> Membership:
    locked = _lock(membership)
    require_role(author, locked.network, Role.COORDINATOR)
    return locked


def _require_active(membership: Membership) -> None:
    if membership.left_at is not None:
        raise ConflictError("Cette personne a quitté le réseau.", code="already_left")
    if membership.suspended_at is not None:
        raise ConflictError("La participation de cette personne est suspendue.", code="already_suspended")


def _change(membership: Membership, what: MembershipEvent, author: Person, reason: str) -> None:
    """Suspend or end a membership, unless it is the last coordinator's."""
    _check_reason(reason)
    field = "left_at" if what == MembershipEvent.LEFT else "suspended_at"
    setattr(membership, field, now())
    membership.save(update_fields=[field])
    _log(membership, what, author, reason=reason)
    # A sheet of paper in somebody's drawer must not outlive what it was printed for.
    revoke_passes(person=membership.person)
    if membership.roles.filter(role=Role.COORDINATOR).exists():
        _keep_a_coordinator(membership)


def _add_role(membership: Membership, role: Role, author: Person | None) -> bool:
    """Whether the role was missing."""
    _, is_new = MembershipRole.objects.get_or_create(membership=membership, role=role)
    if is_new:
        _log(membership, MembershipEvent.ROLE_GIVEN, author, role=role)
        # Whoever gains sight of others' affairs signs in by themselves: a printed pass was for somebody with less.
        revoke_passes(person=membership.person)
    return is_new


def _remove_role(membership: Membership, role: Role, author: Person, reason: str) -> None:
    _check_reason(reason)
    if not membership.roles.filter(role=role).delete()[0]:
        raise ConflictError("Cette personne n’a plus ce rôle.", code="role_not_held")
    _log(membership, MembershipEvent.ROLE_TAKEN, author, role=role, reason=reason)
    publish(RoleTaken(membership.pk, role))


def _keep_a_coordinator(membership: Membership) -> None:
    if not coordinates_actively(membership.network):
        raise ConflictError(
            "Un réseau garde toujours une personne à la coordination : confiez d’abord ce rôle à quelqu’un.",
            code="last_coordinator",
        )


def _check_reason(reason: str) -> None:
    if len(reason) > REASON_LENGTH_MAX:
        message = f"{REASON_LENGTH_MAX} caractères au plus."
        raise DomainError(message, code="reason_too_long", fields={"reason": [message]})
    refuse_patient_number(reason, field="reason")


def _log(
    membership: Membership, what: MembershipEvent, author: Person | None, *, role: str = "", reason: str = ""
) -> None:
    membership.changes.create(what=what, role=role, author=author, reason=reason.strip())
