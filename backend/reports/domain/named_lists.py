"""The one door by which lists with names leave: coordinators only, with a purpose, and a trace that stays."""

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import Person
from backend.common.errors import DomainError
from backend.common.patient_numbers import refuse_patient_number
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import require_role
from backend.reports.domain.periods import Days
from backend.reports.enums import ListKind
from backend.reports.models import NamedListExport

PURPOSE_LENGTH_MIN, PURPOSE_LENGTH_MAX = 5, 200


@transaction.atomic
def record_named_list(*, network: Network, author: Person, kind: ListKind, purpose: str, days: Days) -> NamedListExport:
    """Note that ``author`` takes a list out; call it before the file is written, and let nothing be written without.

    Raises ``RoleRequiredError`` for whoever does not coordinate the network, ``DomainError`` without a purpose.
    """
    require_role(author, network, Role.COORDINATOR)
    purpose = " ".join(purpose.split())
    _check_purpose(purpose)
    if days.last < days.first:
        message = "Le dernier jour vient après le premier."
        raise DomainError(message, code="period", fields={"last": [message]})
    return NamedListExport.objects.create(
        network=network, author=author, kind=kind, purpose=purpose, period_start=days.first, period_end=days.last
    )


def named_lists_of(network: Network) -> QuerySet[NamedListExport]:
    """Newest first, for those who coordinate the network."""
    return NamedListExport.objects.filter(network=network).select_related("author").order_by("-at", "-pk")


def _check_purpose(purpose: str) -> None:
    if not PURPOSE_LENGTH_MIN <= len(purpose) <= PURPOSE_LENGTH_MAX:
        message = f"Dites à quoi servira cette liste, en {PURPOSE_LENGTH_MAX} caractères au plus."
        raise DomainError(message, code="purpose", fields={"purpose": [message]})
    refuse_patient_number(purpose, field="purpose")
