"""Agreements between neighbours: proposed by one coordinator, accepted by the other's, ended by either."""

from collections.abc import Collection
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.common.transitions import record_move
from backend.events.bus import publish
from backend.events.types import AgreementMoved
from backend.networks.enums import ACCORD_MOVES, AccordState, Role
from backend.networks.models import Agreement, Membership, Network
from backend.networks.rules import require_role
from backend.referentials.models import Notion

HOURS_MIN, HOURS_MAX = Decimal("0.5"), Decimal(200)


@transaction.atomic
def propose_agreement(
    *,
    author: Person,
    lender: Network,
    borrower: Network,
    by: Network,
    hours_per_month: Decimal,
    notions: Collection[Notion] = (),
) -> Agreement:
    """``by`` is whichever of the two the author speaks for; the other one accepts."""
    if by not in {lender, borrower} or lender == borrower:
        raise DomainError("Un accord se conclut entre deux réseaux différents.", code="same_network")
    require_role(author, by, Role.COORDINATOR)
    check_hours_lent(hours_per_month)
    try:
        with transaction.atomic():
            agreement = Agreement.objects.create(
                lender=lender, borrower=borrower, proposed_by=by, hours_per_month=hours_per_month
            )
    except IntegrityError as error:
        raise ConflictError("Un accord est déjà proposé ou en vigueur dans ce sens.", code="standing") from error
    agreement.notions.set(notions)
    agreement.transitions.create(target=AccordState.PROPOSED, author=author)
    publish(AgreementMoved(agreement.pk, author.pk))
    return agreement


@transaction.atomic
def accept_agreement(*, agreement: Agreement, author: Person) -> Agreement:
    """By a coordinator of the network that did not propose it, who is not the one who did."""
    locked = _lock(agreement)
    _require_other_side(locked, author)
    return _move(locked, AccordState.ACTIVE, author)


@transaction.atomic
def refuse_agreement(*, agreement: Agreement, author: Person) -> Agreement:
    locked = _lock(agreement)
    _require_other_side(locked, author)
    return _move(locked, AccordState.REFUSED, author)


@transaction.atomic
def end_agreement(*, agreement: Agreement, author: Person) -> Agreement:
    """By either network, at once; sessions already published stand. Before it is accepted, by who proposed it."""
    locked = _lock(agreement)
    sides = sides_of(locked, author)
    if not sides:
        raise NotFoundError
    if locked.state == AccordState.PROPOSED and locked.proposed_by not in sides:
        raise ConflictError("Cet accord attend votre réponse : acceptez-le ou refusez-le.", code="awaits_answer")
    return _move(locked, AccordState.ENDED, author)


def agreements_of(network: Network) -> QuerySet[Agreement]:
    """Given and received, standing ones and past ones, newest first."""
    both = Agreement.objects.filter(Q(lender=network) | Q(borrower=network))
    return both.select_related("lender", "borrower", "proposed_by").prefetch_related("notions")


def access_agreement_for(person: Person, agreement_id: int) -> Agreement:
    """For coordinators of either network; ``NotFoundError`` for everybody else."""
    found = Agreement.objects.select_related("lender", "borrower", "proposed_by").filter(pk=agreement_id).first()
    if found is None or not sides_of(found, person):
        raise NotFoundError
    return found


def sides_of(agreement: Agreement, person: Person) -> list[Network]:
    """Which of the two networks the person coordinates."""
    coordinated = Membership.objects.active().filter(person=person, roles__role=Role.COORDINATOR)
    keys = set(coordinated.values_list("network_id", flat=True))
    return [network for network in (agreement.lender, agreement.borrower) if network.pk in keys]


def possible_neighbours(network: Network) -> QuerySet[Network]:
    """Every other network: their names are public, and nothing else of them is shown."""
    return Network.objects.exclude(pk=network.pk).order_by("name")


def check_hours_lent(hours: Decimal) -> None:
    if HOURS_MIN <= hours <= HOURS_MAX and not hours * 2 % 1:
        return
    message = "Comptez par demi-heures, de 0,5 à 200 heures par mois."
    raise DomainError(message, code="hours", fields={"hours_per_month": [message]})


def _require_other_side(agreement: Agreement, author: Person) -> None:
    sides = sides_of(agreement, author)
    if not sides:
        raise NotFoundError
    proposer = agreement.transitions.filter(source="").values_list("author", flat=True).first()
    if author.pk == proposer or sides == [agreement.proposed_by]:
        raise ConflictError("Un accord se conclut à deux : l’autre réseau répond.", code="own_proposal")


def _lock(agreement: Agreement) -> Agreement:
    Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    return Agreement.objects.select_related("lender", "borrower", "proposed_by").get(pk=agreement.pk)


def _move(agreement: Agreement, target: AccordState, author: Person) -> Agreement:
    record_move(agreement, target, table=ACCORD_MOVES, log=agreement.transitions, author=author)
    publish(AgreementMoved(agreement.pk, author.pk))
    return agreement
