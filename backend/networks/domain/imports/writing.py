"""Writing lines whose fate is decided, in batches, within the caller's transaction."""

from collections.abc import Iterable, Sequence
from itertools import compress

from backend.accounts.domain.passes import revoke_passes
from backend.accounts.models import Person
from backend.common.folding import fold
from backend.events.bus import publish
from backend.events.types import MembersImported, RoleGiven
from backend.networks.domain.imports.deciding import IDENTITY, Decision
from backend.networks.domain.invitations import check_pace, invite_address
from backend.networks.enums import Attachment, MembershipEvent, Role
from backend.networks.models import MemberImport, Membership, MembershipChange, MembershipRole, Network, Site

BATCH = 1_000
DEFAULT_ROLES = [Role.LEARNER]


def write_decisions(
    *, member_import: MemberImport, author: Person | None, decisions: Sequence[Decision], informed: bool
) -> None:
    """People who know of it and have no account are members at once; everybody else who is new gets an invitation.

    Nobody who has an account joins a network without a word of theirs: not even one who left it.
    """
    network = member_import.network
    _write_sites(network, decisions)
    _change_members([decision for decision in decisions if decision.membership], author)
    new = [decision for decision in decisions if decision.membership is None]
    at_once = [informed and decision.account is None for decision in new]
    _make_members(member_import, list(compress(new, at_once)), author)
    _invite(network, [decision for decision, is_made in zip(new, at_once, strict=True) if not is_made], author)


def _write_sites(network: Network, decisions: Iterable[Decision]) -> None:
    """Places that the list brings, once each; the lines get those that have a number."""
    brought = {fold(site.name): site for site in _sites_of(decisions) if not site.pk}
    for site in brought.values():
        site.network = network
    Site.objects.bulk_create(brought.values(), batch_size=BATCH)


def _sites_of(decisions: Iterable[Decision]) -> Iterable[Site]:
    return (decision.wanted.site for decision in decisions if decision.wanted.site is not None)


def _make_members(member_import: MemberImport, decisions: Sequence[Decision], author: Person | None) -> None:
    if not decisions:
        return
    network = member_import.network
    network.invitations.filter(
        email__in=[decision.wanted.email for decision in decisions], accepted_at=None, revoked_at=None
    ).update(revoked_at=member_import.written_at)
    people = Person.objects.bulk_create([_make_person(decision) for decision in decisions], batch_size=BATCH)
    memberships = Membership.objects.bulk_create(
        [
            Membership(
                network=network,
                person=person,
                site=decision.wanted.site,
                attachment=decision.wanted.attachment or Attachment.MEMBER,
            )
            for person, decision in zip(people, decisions, strict=True)
        ],
        batch_size=BATCH,
    )
    MembershipChange.objects.bulk_create(
        [MembershipChange(membership=row, what=MembershipEvent.JOINED, author=author) for row in memberships],
        batch_size=BATCH,
    )
    roles = [decision.wanted.roles or DEFAULT_ROLES for decision in decisions]
    _give_roles(list(zip(memberships, roles, strict=True)), author)
    publish(MembersImported(member_import.pk, tuple(membership.pk for membership in memberships)))


def _make_person(decision: Decision) -> Person:
    wanted = decision.wanted
    person = Person(email=wanted.email, **{name: getattr(wanted, name) for name in IDENTITY})
    person.rpps = wanted.rpps or None
    person.set_unusable_password()
    return person


def _give_roles(given: Sequence[tuple[Membership, Sequence[Role]]], author: Person | None) -> None:
    pairs = [(membership, role) for membership, roles in given for role in roles]
    MembershipRole.objects.bulk_create(
        [MembershipRole(membership=membership, role=role) for membership, role in pairs], batch_size=BATCH
    )
    MembershipChange.objects.bulk_create(
        [
            MembershipChange(membership=membership, what=MembershipEvent.ROLE_GIVEN, role=role, author=author)
            for membership, role in pairs
        ],
        batch_size=BATCH,
    )


def _change_members(decisions: Sequence[Decision], author: Person | None) -> None:
    memberships, people = [], []
    for decision in decisions:
        membership, person, wanted = decision.membership, decision.account, decision.wanted
        if membership is None or person is None:
            continue
        membership.site = wanted.site or membership.site
        membership.attachment = wanted.attachment or membership.attachment
        memberships.append(membership)
        if decision.identity:
            for name, value in decision.identity.items():
                setattr(person, name, value)
            person.fold_words()
            people.append(person)
    Membership.objects.bulk_update(memberships, ["site", "attachment"], batch_size=BATCH)
    Person.objects.bulk_update(people, [*IDENTITY, "folded"], batch_size=BATCH)
    missing = [(row.membership, row.roles_missing) for row in decisions if row.membership and row.roles_missing]
    _give_roles(missing, author)
    for membership, roles in missing:
        # As when a role is given by hand: a pass printed before was for somebody with less.
        revoke_passes(person=membership.person)
        for role in roles:
            publish(RoleGiven(membership.pk, role))


def _invite(network: Network, decisions: Sequence[Decision], author: Person | None) -> None:
    if not decisions:
        return
    check_pace(network, [decision.wanted.email for decision in decisions])
    for decision in decisions:
        wanted = decision.wanted
        invite_address(
            network=network,
            author=author,
            email=wanted.email,
            roles=wanted.roles or DEFAULT_ROLES,
            attachment=Attachment(wanted.attachment or Attachment.MEMBER),
            site=wanted.site,
        )
