"""What competencies and certificates mean for people: something to read again, and what was decided, once for all."""

from django.urls import reverse

from backend.events.bus import listen
from backend.events.types import ClaimsDecided, CredentialAnswered, CredentialDecided, CredentialSubmitted
from backend.notifications.domain.notify import News, notify, tell_coordinators
from backend.notifications.domain.wording import describe_claim_decision
from backend.notifications.enums import Kind
from backend.skills.enums import ClaimState
from backend.skills.models import Claim, Credential

CREDENTIAL_DECISIONS = {
    ClaimState.REFUSED: "Votre certificat n’a pas été retenu",
    ClaimState.MORE_ASKED: "Un complément vous est demandé pour votre certificat",
}


@listen(CredentialSubmitted)
def tell_coordinators_of_credential(event: CredentialSubmitted) -> None:
    credential = _credential(event.credential_id)
    # One line a day and person, however many competencies were sent.
    day = credential.created_at.astimezone(credential.network.zone).date()
    news = News(
        key=f"claims:{credential.network_id}:{credential.person_id}:{day}",
        kind=Kind.CLAIM,
        title=f"{credential.person.name} demande la validation de compétences",
        url=reverse("credential_review", args=[credential.pk]),
    )
    tell_coordinators(network=credential.network, news=news, but=credential.person)


@listen(CredentialAnswered)
def tell_coordinators_of_answer(event: CredentialAnswered) -> None:
    credential = _credential(event.credential_id)
    news = News(
        key=f"credential:{credential.pk}:answered:{_steps_of(credential)}",
        kind=Kind.CLAIM,
        title=f"{credential.person.name} a répondu à votre demande de complément",
        url=reverse("credential_review", args=[credential.pk]),
    )
    tell_coordinators(network=credential.network, news=news, but=credential.person)


@listen(ClaimsDecided)
def tell_person_of_decision(event: ClaimsDecided) -> None:
    """One line and one mail a decision, however many competencies it is about."""
    rows = Claim.objects.filter(pk__in=event.claim_ids).select_related("person", "notion", "credential")
    claims = list(rows.order_by("pk"))
    first, last = claims[0], claims[0].transitions.last()
    alone = len(claims) == 1
    lines = [f"{claim.notion.title}, niveau {claim.get_level_display()}." for claim in claims]
    news = News(
        key=f"claim:{first.pk}:{first.transitions.count()}",
        kind=Kind.CLAIM,
        title=describe_claim_decision(first.state, len(claims)),
        url=reverse("claim", args=[first.pk]) if alone else reverse("credential", args=[first.credential_id]),
        body="\n".join([*lines, last.reason if last else ""]).strip(),
    )
    notify(person=first.person, news=news)


@listen(CredentialDecided)
def tell_person_of_credential(event: CredentialDecided) -> None:
    credential = _credential(event.credential_id)
    last = credential.transitions.last()
    news = News(
        key=f"credential:{credential.pk}:{_steps_of(credential)}",
        kind=Kind.CLAIM,
        title=CREDENTIAL_DECISIONS[ClaimState(credential.state)],
        url=reverse("credential", args=[credential.pk]),
        body=f"{credential.title}.\n{last.reason if last else ''}".strip(),
    )
    notify(person=credential.person, news=news)


def _steps_of(credential: Credential) -> int:
    """How many steps it and its claims went through: what tells two answers apart."""
    claims = credential.claims.values_list("transitions", flat=True)
    return credential.transitions.count() + len(claims)


def _credential(credential_id: int) -> Credential:
    return Credential.objects.select_related("network", "person").get(pk=credential_id)
