"""What joining, leaving and roles mean for people: who is told, in which words; all in the transaction of the event."""

from django.conf import settings
from django.urls import reverse

from backend.accounts.models import SignInPass
from backend.common.clock import now
from backend.common.formats import format_date
from backend.events.bus import listen
from backend.events.types import (
    InvitationSent,
    MemberJoined,
    MemberLeft,
    MemberReinstated,
    MemberSuspended,
    RoleGiven,
    RoleTaken,
    SignInPassPrinted,
)
from backend.networks.domain.invitations import token_of
from backend.networks.enums import Role
from backend.networks.models import Invitation, Membership
from backend.notifications.domain.notify import News, absolute_url, notify, tell_coordinators
from backend.notifications.domain.outbox import write_mail
from backend.notifications.enums import Kind

ROLE_WORDS = {
    Role.LEARNER: "recevoir de l’aide",
    Role.TUTOR: "aider des collègues",
    Role.COORDINATOR: "coordonner le réseau",
    Role.AUDITOR: "lire les chiffres du réseau",
}
# RGPD, article 14: told in the first message to somebody whose address came from somebody else.
NOTICE = (
    "Pourquoi ce message ? {source} nous a donné votre adresse électronique pour vous inviter. Nous ne gardons rien "
    "d’autre sur vous tant que vous n’avez pas répondu, et l’adresse ne sert qu’à cette invitation. Responsable : "
    "{publisher}. Vous pouvez demander à la consulter, la corriger ou l’effacer, ou vous opposer à ce qu’elle serve, "
    "en écrivant à {contact} ; vous pouvez aussi saisir la CNIL (cnil.fr). Tout est expliqué ici : {privacy}"
)
INVITATION = (
    "Bonjour,\n\n{source} vous invite à rejoindre « {network} » sur Tandem, l’entraide entre professionnels pour le "
    "numérique en santé. Votre rôle : {roles}.\n\nOuvrez ce lien, il sert une fois, jusqu’au {limit} :\n{link}\n\n"
    "Ce lien est personnel : ne le transférez pas. Si l’invitation ne vous dit rien, ne faites rien.\n\n{notice}\n"
)


@listen(InvitationSent)
def mail_invitation(event: InvitationSent) -> None:
    invitation = Invitation.objects.select_related("network", "author").get(pk=event.invitation_id)
    author = invitation.author
    source = f"{author.name}, de la coordination" if author else "L’équipe qui installe Tandem"
    write_mail(
        key=f"invitation:{invitation.pk}",
        address=invitation.email,
        subject=f"{invitation.network.name} vous invite sur Tandem",
        body=INVITATION.format(
            source=source,
            network=invitation.network.name,
            roles=", ".join(ROLE_WORDS[Role(role)] for role in invitation.roles),
            limit=format_date(invitation.expires_at.astimezone(invitation.network.zone).date()),
            link=absolute_url(reverse("invitation", args=[token_of(invitation)])),
            notice=NOTICE.format(
                source=source,
                publisher=settings.PUBLISHER,
                contact=settings.CONTACT_EMAIL,
                privacy=absolute_url(reverse("privacy")),
            ),
        ),
    )


@listen(MemberJoined)
def welcome_member(event: MemberJoined) -> None:
    membership = _membership(event.membership_id)
    network = membership.network
    news = News(
        key=f"membership:{membership.pk}:joined:{membership.changes.count()}",
        kind=Kind.MEMBERSHIP,
        title=f"Vous faites partie de {network.name}",
        url=reverse("welcome"),
        body=(
            f"Votre adresse vient de rejoindre {network.name} sur Tandem.\n"
            "Si ce n’est pas vous qui avez répondu à l’invitation, prévenez tout de suite votre coordination."
        ),
    )
    notify(person=membership.person, news=news)
    day = now().astimezone(network.zone).date()
    # Three hundred people may join in one week: one line a day.
    arrivals = News(
        key=f"joined:{network.pk}:{day}",
        kind=Kind.MEMBERSHIP,
        title=f"De nouvelles personnes ont rejoint {network.name}",
        url=f"{reverse('members')}?tri=arrivee",
    )
    tell_coordinators(network=membership.network, news=arrivals, but=membership.person)


@listen(MemberSuspended)
def tell_of_suspension(event: MemberSuspended) -> None:
    membership = _membership(event.membership_id)
    _tell_member(membership, "suspended", f"Votre participation à {membership.network.name} est suspendue")


@listen(MemberReinstated)
def tell_of_return(event: MemberReinstated) -> None:
    membership = _membership(event.membership_id)
    _tell_member(membership, "reinstated", f"Votre participation à {membership.network.name} reprend")


@listen(MemberLeft)
def tell_of_departure(event: MemberLeft) -> None:
    membership = _membership(event.membership_id)
    if event.author_id != membership.person_id:
        _tell_member(membership, "left", f"Vous ne faites plus partie de {membership.network.name}")
        return
    news = News(
        key=f"membership:{membership.pk}:left:{membership.changes.count()}",
        kind=Kind.MEMBERSHIP,
        title=f"{membership.person.name} a quitté {membership.network.name}",
        url=reverse("member", args=[membership.pk]),
    )
    tell_coordinators(network=membership.network, news=news, but=membership.person)


@listen(RoleGiven)
def tell_of_role(event: RoleGiven) -> None:
    membership = _membership(event.membership_id)
    words = ROLE_WORDS[Role(event.role)]
    _tell_member(membership, "role", f"Un rôle vous est confié dans {membership.network.name} : {words}")
    if event.role == Role.COORDINATOR:
        _tell_of_coordination(membership, f"{membership.person.name} coordonne maintenant {membership.network.name}")


@listen(RoleTaken)
def tell_of_lost_role(event: RoleTaken) -> None:
    membership = _membership(event.membership_id)
    words = ROLE_WORDS[Role(event.role)]
    _tell_member(membership, "role", f"Un rôle ne vous est plus confié dans {membership.network.name} : {words}")
    if event.role == Role.COORDINATOR:
        _tell_of_coordination(membership, f"{membership.person.name} ne coordonne plus {membership.network.name}")


@listen(SignInPassPrinted)
def tell_of_pass(event: SignInPassPrinted) -> None:
    printed = SignInPass.objects.select_related("person", "author").get(pk=event.pass_id)
    author = printed.author.name if printed.author else "La coordination"
    news = News(
        key=f"pass:{printed.pk}",
        kind=Kind.MEMBERSHIP,
        title="Une feuille de connexion a été imprimée pour vous",
        url=reverse("profile"),
        body=(
            f"{author} a imprimé une feuille qui permet de se connecter à votre place, une fois, pendant sept jours.\n"
            "Vous ne l’avez pas demandée ? Répondez à votre coordination, et retirez-la depuis votre compte :"
        ),
    )
    notify(person=printed.person, news=news)


def _membership(membership_id: int) -> Membership:
    return Membership.objects.select_related("network", "person").get(pk=membership_id)


def _tell_member(membership: Membership, what: str, title: str) -> None:
    """With the reason of the last change, when there is one."""
    changes = list(membership.changes.order_by("pk"))
    reason = changes[-1].reason if changes else ""
    news = News(
        key=f"membership:{membership.pk}:{what}:{len(changes)}",
        kind=Kind.MEMBERSHIP,
        title=title,
        url=reverse("profile"),
        body=f"{title}.\n{reason}".strip(),
    )
    notify(person=membership.person, news=news)


def _tell_of_coordination(membership: Membership, title: str) -> None:
    key = f"membership:{membership.pk}:coordination:{membership.changes.count()}"
    url = reverse("member", args=[membership.pk])
    tell_coordinators(
        network=membership.network,
        news=News(key=key, kind=Kind.MEMBERSHIP, title=title, url=url),
        but=membership.person,
    )
