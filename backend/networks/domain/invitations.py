"""Asking an address to join, and joining by the link that it received.

The link proves that its holder reads that mailbox, and no more. So it opens a *new* account under the invited address,
once; an address that has an account joins after signing in to it, and nobody joins under another address: a link that
was forwarded gives the receiver nothing of what the invited person has. (docs/decisions says why.)
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.domain.people import Profile, open_account
from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.events.bus import publish
from backend.events.types import InvitationSent
from backend.networks.domain.membership import add_member, check_site, lock_network
from backend.networks.enums import Attachment, InvitationState, Role
from backend.networks.models import Invitation, Membership, Network, Site
from backend.networks.rules import invitation_state, require_role

INVITATION_LIFE = dt.timedelta(days=14)
# The same form sent twice, by a finger or a network: no second mail.
SAME_FORM = dt.timedelta(minutes=2)
INVITATIONS_PER_DAY = 500
PER_ADDRESS_AND_DAY = 5
ADDRESSES_AT_ONCE_MAX = 100
DAY = dt.timedelta(days=1)

REFUSALS = {
    InvitationState.EXPIRED: "Cette invitation a expiré. Demandez-en une autre à votre coordination.",
    InvitationState.REVOKED: "Cette invitation a été retirée, ou remplacée par une plus récente.",
    InvitationState.ACCEPTED: "Cette invitation a déjà servi.",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the addresses of one form."""

    invited: list[Invitation] = field(default_factory=list)
    members: list[str] = field(default_factory=list)


@transaction.atomic
def invite_people(
    *,
    network: Network,
    author: Person,
    emails: Sequence[str],
    roles: Iterable[Role] = (Role.LEARNER,),
    attachment: Attachment = Attachment.MEMBER,
    site: Site | None = None,
) -> Sent:
    """Invite addresses; those of members are told apart and get nothing."""
    lock_network(network)
    require_role(author, network, Role.COORDINATOR)
    check_site(network, site)
    addresses, wanted = _check_addresses(emails), _check_roles(roles)
    check_pace(network, addresses)
    members = set(
        network.memberships.filter(left_at=None, person__email__in=addresses).values_list("person__email", flat=True)
    )
    invited = [
        invite_address(network=network, author=author, email=address, roles=wanted, attachment=attachment, site=site)
        for address in addresses
        if address not in members
    ]
    return Sent(invited, sorted(members))


@transaction.atomic
def invite_address(
    *,
    network: Network,
    author: Person | None,
    email: str,
    roles: Sequence[Role],
    attachment: Attachment = Attachment.MEMBER,
    site: Site | None = None,
) -> Invitation:
    """Write an invitation and its mail; an earlier one to the same address ends. For who was checked already."""
    still_open = network.invitations.filter(email__iexact=email, accepted_at=None, revoked_at=None)
    wanted = {"roles": sorted(roles), "attachment": attachment, "site": site, "author": author}
    if same := still_open.filter(created_at__gt=now() - SAME_FORM, **wanted).first():
        return same
    still_open.update(revoked_at=now())
    invitation = Invitation.objects.create(
        network=network, email=email.lower(), expires_at=now() + INVITATION_LIFE, **wanted
    )
    publish(InvitationSent(invitation.pk))
    return invitation


@transaction.atomic
def revoke_invitation(*, network: Network, invitation_id: int, author: Person) -> Invitation:
    """The link stops working at once; doing so twice changes nothing."""
    require_role(author, network, Role.COORDINATOR)
    invitation = network.invitations.select_for_update(of=("self",)).filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFoundError
    if invitation.accepted_at is not None:
        raise ConflictError(REFUSALS[InvitationState.ACCEPTED], code="invitation_accepted")
    if invitation.revoked_at is None:
        invitation.revoked_at = now()
        invitation.save(update_fields=["revoked_at"])
    return invitation


def token_of(invitation: Invitation) -> str:
    """What the link bears: the invitation's number, signed."""
    return _signer().sign(str(invitation.pk))


def find_invitation(*, token: str) -> Invitation:
    """The invitation of a link, whatever its state; ``NotFoundError`` for a link that is not ours."""
    return _find(token, Invitation.objects.select_related("network", "site", "author"))


@transaction.atomic
def accept_invitation(*, token: str, person: Person) -> Membership:
    """Join, signed in under the invited address. Asking twice gives the membership that is there."""
    invitation = _lock(token)
    if person.email != invitation.email:
        raise NotFoundError
    if invitation.accepted_by_id == person.pk:
        return Membership.objects.get(network=invitation.network, person=person)
    _require_open(invitation)
    return _join(invitation, person, invitation.site)


@transaction.atomic
def sign_up(*, token: str, profile: Profile, site: Site | None = None, password: str | None = None) -> Person:
    """Open an account under the invited address, and join. Raises ``ConflictError`` when the address has one."""
    invitation = _lock(token)
    _require_open(invitation)
    person = open_account(email=invitation.email, profile=profile, password=password)
    _join(invitation, person, site)
    return person


def _join(invitation: Invitation, person: Person, site: Site | None) -> Membership:
    membership = add_member(
        network=invitation.network,
        person=person,
        roles=[Role(role) for role in invitation.roles],
        attachment=Attachment(invitation.attachment),
        site=site,
        author=person,
    )
    if membership.suspended_at is not None:
        raise ConflictError("Votre participation à ce réseau est suspendue.", code="already_suspended")
    invitation.accepted_at, invitation.accepted_by = now(), person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return membership


def _require_open(invitation: Invitation) -> None:
    state = invitation_state(invitation)
    if state != InvitationState.OPEN:
        raise ConflictError(REFUSALS[state], code=f"invitation_{state}")


def _lock(token: str) -> Invitation:
    return _find(token, Invitation.objects.select_for_update(of=("self",)).select_related("network", "site"))


def _find(token: str, invitations: QuerySet[Invitation]) -> Invitation:
    try:
        number = int(_signer().unsign(token))
    except (signing.BadSignature, ValueError):
        raise NotFoundError from None
    invitation = invitations.filter(pk=number).first()
    if invitation is None:
        raise NotFoundError
    return invitation


def _signer() -> signing.Signer:
    return signing.Signer(salt="networks.invitation", sep=".")


def _check_addresses(emails: Sequence[str]) -> list[str]:
    addresses = list(dict.fromkeys(email.strip().lower() for email in emails if email.strip()))
    if not addresses:
        _refuse("emails", "Écrivez au moins une adresse.", "no_address")
    if len(addresses) > ADDRESSES_AT_ONCE_MAX:
        _refuse("emails", f"{ADDRESSES_AT_ONCE_MAX} adresses au plus à la fois.", "too_many_addresses")
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError:
            _refuse("emails", f"« {address[:80]} » n’est pas une adresse électronique.", "address_invalid")
    return addresses


def _check_roles(roles: Iterable[Role]) -> list[Role]:
    wanted = list(dict.fromkeys(roles))
    if not wanted:
        _refuse("roles", "Choisissez au moins un rôle.", "no_role")
    return wanted


def check_pace(network: Network, addresses: Sequence[str]) -> None:
    """Neither a flood of mails from one network, nor one at one address."""
    recent = network.invitations.filter(created_at__gt=now() - DAY)
    if recent.count() + len(addresses) > INVITATIONS_PER_DAY:
        message = f"Un réseau envoie au plus {INVITATIONS_PER_DAY} invitations par jour. Continuez demain."
        raise DomainError(message, code="too_many_invitations")
    often = Counter(recent.filter(email__in=addresses).values_list("email", flat=True))
    for address, times in often.items():
        if times >= PER_ADDRESS_AND_DAY:
            message = f"{address} a déjà reçu {times} invitations aujourd’hui. Attendez demain."
            _refuse("emails", message, "address_invited_often")


def _refuse(name: str, message: str, code: str) -> None:
    raise DomainError(message, code=code, fields={name: [message]})
