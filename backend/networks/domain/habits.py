"""How a network works: how long its tutors have to answer, and whether what a refusal undid is repaired alone."""

from django.db import transaction

from backend.accounts.models import Person
from backend.common.errors import DomainError
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import require_role

ANSWER_DAYS = range(1, 31)


@transaction.atomic
def set_answer_rules(*, network: Network, author: Person, answer_days: int, auto_repair: bool) -> None:
    """For what is proposed from now on; deadlines already given stand."""
    require_role(author, network, Role.COORDINATOR)
    if answer_days not in ANSWER_DAYS:
        message = "Donnez de 1 à 30 jours ouvrés."
        raise DomainError(message, code="answer_days", fields={"answer_days": [message]})
    network.answer_days, network.auto_repair = answer_days, auto_repair
    network.save(update_fields=["answer_days", "auto_repair"])
