"""What a network weighs its own way, saved under a name."""

from django.core.exceptions import ValidationError
from django.db import transaction

from backend.accounts.models import Person
from backend.campaigns.domain.weights import Factors
from backend.campaigns.models import OwnPreset
from backend.common.errors import DomainError, NotFoundError
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import require_role

TAKEN = "Un réglage de votre réseau porte déjà ce nom."


def factors_in(preset: OwnPreset) -> Factors:
    return Factors(urgency=preset.urgency, gap=preset.gap, waiting=preset.waiting, site=preset.site)


@transaction.atomic
def save_preset(*, network: Network, author: Person, name: str, factors: Factors) -> OwnPreset:
    """A new one; campaigns keep what they were opened with, so one that is saved never changes."""
    require_role(author, network, Role.COORDINATOR)
    preset = OwnPreset(
        network=network,
        name=name,
        urgency=factors.urgency,
        gap=factors.gap,
        waiting=factors.waiting,
        site=factors.site,
    )
    if network.presets.filter(name=name).exists():
        raise DomainError(TAKEN, code="name_taken", fields={"name": [TAKEN]})
    try:
        preset.full_clean()
    except ValidationError as error:
        raise DomainError("Chaque terme compte de 0 à 5 fois.", code="factors") from error
    preset.save()
    return preset


@transaction.atomic
def delete_preset(*, preset_id: int, author: Person) -> None:
    """Campaigns opened with it keep its numbers and its name."""
    preset = OwnPreset.objects.select_related("network").filter(pk=preset_id).first()
    if preset is None:
        raise NotFoundError
    require_role(author, preset.network, Role.COORDINATOR)
    preset.delete()
