"""Invitations: sent, replaced, used once, and worth nothing in other hands."""

import datetime as dt

import pytest
from django.core import signing

from backend.accounts.domain.people import Profile
from backend.accounts.models import Person
from backend.common.clock import now, told_at
from backend.common.errors import ConflictError, DomainError, NotFoundError, RoleRequiredError
from backend.networks.domain.invitations import (
    INVITATIONS_PER_DAY,
    PER_ADDRESS_AND_DAY,
    accept_invitation,
    find_invitation,
    invite_people,
    revoke_invitation,
    sign_up,
    token_of,
)
from backend.networks.domain.membership import suspend_member
from backend.networks.enums import Attachment, InvitationState, Role
from backend.networks.models import Invitation, Membership
from backend.networks.rules import invitation_state, roles_in
from backend.notifications.models import OutboxMessage
from tests.networks.conftest import Team
from tests.support.factories import PersonFactory, SiteFactory

ADDRESS = "nouvelle@personne.example"
PROFILE = Profile("Nouvelle", "Fictive")


def invite(team: Team, *emails: str, **options: object) -> list[Invitation]:
    return invite_people(network=team.network, author=team.coordinator, emails=emails or (ADDRESS,), **options).invited  # type: ignore[arg-type]


def later(**span: int) -> dt.datetime:
    return now() + dt.timedelta(**span)


def test_the_mail_bears_the_link_and_says_where_the_address_came_from(team: Team) -> None:
    (invitation,) = invite(team, "Nouvelle@Personne.example", roles=[Role.TUTOR, Role.LEARNER])
    mail = OutboxMessage.objects.get()
    assert (mail.address, mail.subject) == (ADDRESS, "CPTS d’ici vous invite sur Tandem")
    assert f"/invitation/{token_of(invitation)}/" in mail.body
    for told in (team.coordinator.name, "nous a donné votre adresse", "vous opposer", "CNIL", "/vie-privee/"):
        assert told in mail.body
    assert invitation.roles == ["learner", "tutor"]
    assert find_invitation(token=token_of(invitation)) == invitation


def test_members_are_told_apart_and_get_nothing(team: Team) -> None:
    sent = invite_people(network=team.network, author=team.coordinator, emails=[team.member.email, ADDRESS, ADDRESS])
    assert ([row.email for row in sent.invited], sent.members) == ([ADDRESS], [team.member.email])
    assert OutboxMessage.objects.count() == 1


def test_the_same_form_twice_sends_one_mail_and_later_replaces(team: Team) -> None:
    (first,) = invite(team)
    (same,) = invite(team)
    assert (same, OutboxMessage.objects.count()) == (first, 1)
    with told_at(later(minutes=10)):
        (second,) = invite(team)
        first.refresh_from_db()
        assert (invitation_state(first), invitation_state(second)) == (InvitationState.REVOKED, InvitationState.OPEN)
        with pytest.raises(ConflictError) as refused:
            sign_up(token=token_of(first), profile=PROFILE)
    assert refused.value.code == "invitation_revoked"


def test_signing_up_opens_an_account_and_a_membership_once(team: Team) -> None:
    site = SiteFactory.create(network=team.network)
    (invitation,) = invite(team, roles=[Role.LEARNER], attachment=Attachment.ATTACHED)
    person = sign_up(token=token_of(invitation), profile=PROFILE, site=site)
    membership = Membership.objects.get(person=person)
    assert (person.email, person.has_usable_password(), membership.site) == (ADDRESS, False, site)
    assert (membership.attachment, roles_in(person, team.network)) == ("attached", {Role.LEARNER})
    invitation.refresh_from_db()
    assert (invitation.accepted_by, invitation_state(invitation)) == (person, InvitationState.ACCEPTED)
    with pytest.raises(ConflictError) as again:
        sign_up(token=token_of(invitation), profile=PROFILE)
    assert (again.value.code, Membership.objects.filter(network=team.network).count()) == ("invitation_accepted", 4)
    welcome = OutboxMessage.objects.get(person=person)
    assert "Si ce n’est pas vous" in welcome.body


def test_a_known_person_joins_signed_in_and_a_second_press_changes_nothing(team: Team) -> None:
    (invitation,) = invite(team, team.stranger.email)
    token = token_of(invitation)
    first = accept_invitation(token=token, person=team.stranger)
    assert accept_invitation(token=token, person=team.stranger) == first
    assert roles_in(team.stranger, team.network) == {Role.LEARNER}
    assert [row.what for row in first.changes.all()] == ["joined", "role_given"]


def test_a_forwarded_link_gives_another_address_nothing(team: Team) -> None:
    (invitation,) = invite(team, roles=[Role.COORDINATOR])
    other = PersonFactory.create(email="autre@personne.example")
    with pytest.raises(NotFoundError):
        accept_invitation(token=token_of(invitation), person=other)
    assert roles_in(other, team.network) == set()
    assert invitation_state(Invitation.objects.get()) == InvitationState.OPEN


def test_a_link_never_opens_an_account_that_exists(team: Team) -> None:
    PersonFactory.create(email=ADDRESS, first_name="Déjà")
    (invitation,) = invite(team)
    with pytest.raises(ConflictError) as refused:
        sign_up(token=token_of(invitation), profile=PROFILE, password="une phrase à moi")
    assert refused.value.code == "account_exists"
    assert Person.objects.get(email=ADDRESS).first_name == "Déjà"


@pytest.mark.parametrize("forge", [lambda token: token[:-1], lambda token: f"9{token}", lambda _: "1", lambda _: "é.é"])
def test_a_forged_link_is_absent(forge: object, team: Team) -> None:
    (invitation,) = invite(team)
    with pytest.raises(NotFoundError):
        find_invitation(token=forge(token_of(invitation)))  # type: ignore[operator]


def test_a_signature_for_something_else_is_no_link(team: Team) -> None:
    (invitation,) = invite(team)
    with pytest.raises(NotFoundError):
        find_invitation(token=signing.Signer(sep=".").sign(str(invitation.pk)))


def test_an_expired_link_is_refused(team: Team) -> None:
    (invitation,) = invite(team)
    with told_at(later(days=13, hours=23)):
        assert invitation_state(invitation) == InvitationState.OPEN
    with told_at(later(days=14, seconds=1)), pytest.raises(ConflictError) as refused:
        sign_up(token=token_of(invitation), profile=PROFILE)
    assert refused.value.code == "invitation_expired"
    assert not Person.objects.filter(email=ADDRESS).exists()


def test_a_withdrawn_link_is_refused_and_withdrawing_twice_changes_nothing(team: Team) -> None:
    (invitation,) = invite(team)
    for _ in range(2):
        revoke_invitation(network=team.network, invitation_id=invitation.pk, author=team.colleague)
    with pytest.raises(ConflictError):
        sign_up(token=token_of(invitation), profile=PROFILE)


def test_only_coordinators_of_this_network_invite_and_withdraw(team: Team) -> None:
    (invitation,) = invite(team)
    for author, refusal in ((team.member, RoleRequiredError), (team.stranger, NotFoundError)):
        with pytest.raises(refusal):
            invite_people(network=team.network, author=author, emails=["x@y.example"])
        with pytest.raises(refusal):
            revoke_invitation(network=team.network, invitation_id=invitation.pk, author=author)
    elsewhere = Membership.objects.get(person=team.stranger).network
    with pytest.raises(NotFoundError):
        revoke_invitation(network=elsewhere, invitation_id=invitation.pk, author=team.stranger)
    assert Invitation.objects.filter(revoked_at=None).count() == 1


def test_who_is_suspended_does_not_come_back_by_an_invitation(team: Team) -> None:
    suspend_member(membership=team.membership(team.member), author=team.coordinator)
    assert invite(team, team.member.email) == []
    invitation = Invitation.objects.create(
        network=team.network, email=team.member.email, roles=["learner"], expires_at=later(days=1)
    )
    with pytest.raises(ConflictError) as refused:
        accept_invitation(token=token_of(invitation), person=team.member)
    assert (refused.value.code, roles_in(team.member, team.network)) == ("already_suspended", set())


@pytest.mark.parametrize(
    ("emails", "code"),
    [
        ([], "no_address"),
        ([" "], "no_address"),
        (["pas une adresse"], "address_invalid"),
        ([f"p{rank}@x.example" for rank in range(101)], "too_many_addresses"),
    ],
)
def test_odd_addresses_are_refused_and_nothing_is_sent(emails: list[str], code: str, team: Team) -> None:
    with pytest.raises(DomainError) as refused:
        invite_people(
            network=team.network,
            author=team.coordinator,
            emails=[*emails, *(["a@b.example"] if emails == ["pas une adresse"] else [])],
        )
    assert (refused.value.code, OutboxMessage.objects.count()) == (code, 0)


def test_one_address_is_not_flooded(team: Team) -> None:
    for rank in range(PER_ADDRESS_AND_DAY):
        with told_at(later(minutes=10 * rank)):
            invite(team)
    with told_at(later(hours=2)), pytest.raises(DomainError) as refused:
        invite(team)
    assert (refused.value.code, OutboxMessage.objects.count()) == ("address_invited_often", PER_ADDRESS_AND_DAY)
    with told_at(later(days=2)):
        assert len(invite(team)) == 1


def test_a_network_does_not_flood(team: Team) -> None:
    Invitation.objects.bulk_create(
        Invitation(network=team.network, email=f"p{rank}@x.example", expires_at=later(days=1))
        for rank in range(INVITATIONS_PER_DAY)
    )
    with pytest.raises(DomainError) as refused:
        invite(team)
    assert refused.value.code == "too_many_invitations"
