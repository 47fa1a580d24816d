"""What a tutor gives a network."""

import re
from collections.abc import Sequence
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from backend.accounts.models import Person
from backend.common.errors import DomainError
from backend.common.patient_numbers import refuse_patient_number
from backend.needs.domain.requests import check_meeting
from backend.needs.models import TutorOffer
from backend.networks.enums import Role
from backend.networks.models import Network, Site
from backend.networks.rules import require_role

HOURS_MAX = 40
LINK_MAX = 200
# Ten digits in France, up to fifteen abroad, written as people write them.
TELEPHONE = re.compile(r"\+?\d(?:[\s.\-()]{0,2}\d){5,14}")
check_https = URLValidator(schemes=["https"])


@transaction.atomic
def save_offer(
    *,
    person: Person,
    network: Network,
    hours_per_month: Decimal,
    remote: bool = True,
    sites: Sequence[Site] = (),
    room_link: str = "",
    telephone: str = "",
) -> TutorOffer:
    """Make or change the one offer of a tutor in a network; no hour at all is a pause.

    A remote tutor must say how to be reached; during a pause, nothing is asked for.
    """
    require_role(person, network, Role.TUTOR)
    check_hours(hours_per_month)
    _check_means(room_link, telephone)
    if hours_per_month or sites:
        check_meeting(network, remote=remote, sites=sites)
    if hours_per_month and remote and not (room_link or telephone):
        message = "Indiquez le lien de votre salle ou un numéro de téléphone."
        raise DomainError(message, code="no_join", fields={"room_link": [message]})
    offer, _ = TutorOffer.objects.update_or_create(
        network=network,
        person=person,
        defaults={
            "hours_per_month": hours_per_month,
            "remote": remote,
            "room_link": room_link,
            "telephone": telephone,
        },
    )
    offer.sites.set(sites)
    return offer


def offers_by(person: Person) -> dict[int, TutorOffer]:
    """The person's offers by network (primary key), with their sites; two queries."""
    offers = TutorOffer.objects.filter(person=person).prefetch_related("sites")
    return {offer.network_id: offer for offer in offers}


def check_hours(hours: Decimal) -> None:
    """From 0 to 40 hours a month, by half hours."""
    message = ""
    if not 0 <= hours <= HOURS_MAX:
        message = f"Indiquez de 0 à {HOURS_MAX} heures par mois."
    elif hours * 2 % 1:
        message = "Comptez par demi-heures : 1,5 ou 2, par exemple."
    if message:
        raise DomainError(message, code="hours", fields={"hours_per_month": [message]})


def _check_means(room_link: str, telephone: str) -> None:
    refuse_patient_number(room_link, field="room_link")
    refuse_patient_number(telephone, field="telephone")
    if room_link and not _is_https(room_link):
        message = "Donnez un lien complet, qui commence par https://."
        raise DomainError(message, code="room_link", fields={"room_link": [message]})
    if telephone and not TELEPHONE.fullmatch(telephone):
        message = "Écrivez le numéro avec ses chiffres seulement : 01 99 00 12 34, par exemple."
        raise DomainError(message, code="telephone", fields={"telephone": [message]})


def _is_https(link: str) -> bool:
    try:
        check_https(link)
    except ValidationError:
        return False
    return len(link) <= LINK_MAX
