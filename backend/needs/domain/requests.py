"""Asking for help, changing one's mind, and who may see a request."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError, ForbiddenMoveError, NotFoundError
from backend.common.patient_numbers import refuse_patient_number
from backend.common.transitions import record_move
from backend.events.bus import publish
from backend.events.types import HelpAsked, RequestChanged, RequestWithdrawn
from backend.needs.enums import REQUEST_MOVES, RequestState, Urgency
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.networks.models import Membership, Network, Site
from backend.networks.rules import require_role
from backend.referentials.models import Capacity
from backend.skills.enums import Level

# One request at a time per person, network and capacity, while it is in one of these.
UNDER_WAY = (RequestState.UNCONFIRMED, RequestState.OPEN, RequestState.PLANNED)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a request says besides its capacity."""

    level_wanted: int
    level_start: int | None = None
    urgency: Urgency = Urgency.WHENEVER
    remote: bool = True
    sites: Sequence[Site] = ()
    group_ok: bool = False
    on_working_time: bool = False
    context: str = ""


@transaction.atomic
def ask_for_help(
    *,
    person: Person,
    network: Network,
    capacity: Capacity,
    level_wanted: int,
    level_start: int | None = None,
    urgency: Urgency = Urgency.WHENEVER,
    remote: bool = True,
    sites: Sequence[Site] = (),
    group_ok: bool = False,
    on_working_time: bool = False,
    context: str = "",
) -> HelpRequest:
    """Open a request; one at a time per person and capacity."""
    require_role(person, network, Role.LEARNER)
    terms = Terms(level_wanted, level_start, urgency, remote, sites, group_ok, on_working_time, context)
    request = write_request(person=person, network=network, capacity=capacity, terms=terms)
    publish(HelpAsked(request.pk))
    return request


def write_request(
    *, person: Person, network: Network, capacity: Capacity, terms: Terms, entered_by: Person | None = None
) -> HelpRequest:
    """Check and write a request, unconfirmed when somebody else entered it; whether one may ask is the caller's."""
    check_terms(network, terms)
    state = RequestState.UNCONFIRMED if entered_by else RequestState.OPEN
    request = HelpRequest(
        network=network, person=person, capacity=capacity, notion=capacity.notion, state=state, entered_by=entered_by
    )
    _apply(request, terms)
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError as error:
        raise ConflictError("Vous avez déjà une demande en cours sur cette capacité.", code="already_asked") from error
    request.sites.set(terms.sites)
    request.transitions.create(target=state, author=entered_by or person)
    return request


@transaction.atomic
def change_request(*, request: HelpRequest, author: Person, terms: Terms) -> HelpRequest:
    """Say something else on the same capacity, while nobody has been found yet."""
    locked = _lock(request)
    if locked.person_id != author.pk:
        raise NotFoundError
    if locked.state != RequestState.OPEN:
        message = "Cette demande ne peut plus être modifiée : une séance est prévue, ou elle est terminée."
        raise ForbiddenMoveError(message, code=f"not_from_{locked.state}")
    check_terms(locked.network, terms)
    _apply(locked, terms)
    locked.save()
    locked.sites.set(terms.sites)
    publish(RequestChanged(locked.pk))
    return locked


@transaction.atomic
def withdraw_request(*, request: HelpRequest, author: Person, reason: str = "") -> HelpRequest:
    """Take a request back; withdrawn already is as good. Whoever entered it may too, until it is confirmed."""
    locked = _lock(request)
    entered = locked.state == RequestState.UNCONFIRMED and locked.entered_by_id == author.pk
    if locked.person_id != author.pk and not entered:
        raise NotFoundError
    if locked.state == RequestState.WITHDRAWN:
        return locked
    refuse_patient_number(reason, field="reason")
    record_move(
        locked, RequestState.WITHDRAWN, table=REQUEST_MOVES, log=locked.transitions, author=author, reason=reason
    )
    publish(RequestWithdrawn(locked.pk, author.pk))
    return locked


@transaction.atomic
def move_request(*, request: HelpRequest, target: RequestState, author: Person | None, reason: str = "") -> HelpRequest:
    """Move a request on; raises ``ForbiddenMoveError``."""
    locked = _lock(request)
    record_move(locked, target, table=REQUEST_MOVES, log=locked.transitions, author=author, reason=reason)
    return locked


def request_under_way(*, person: Person, network: Network, capacity: Capacity) -> HelpRequest | None:
    """The one that stands in the way of another on the same capacity."""
    return HelpRequest.objects.filter(person=person, network=network, capacity=capacity, state__in=UNDER_WAY).first()


def visible_requests_for(person: Person) -> QuerySet[HelpRequest]:
    """One's own; those one entered, until confirmed; and the confirmed ones of the networks one coordinates."""
    coordinated = Membership.objects.active().with_role(Role.COORDINATOR).filter(person=person).values("network")
    mine = Q(person=person) | Q(entered_by=person, state=RequestState.UNCONFIRMED)
    theirs = Q(network__in=coordinated) & ~Q(state=RequestState.UNCONFIRMED) & ~never_confirmed()
    requests = HelpRequest.objects.filter(mine | theirs)
    return requests.select_related("network", "person", "capacity", "notion").prefetch_related("sites")


def never_confirmed() -> Q:
    """Entered by somebody else and withdrawn before the person said yes: nobody asked that."""
    return Q(state=RequestState.WITHDRAWN, code__isnull=False)


def access_request_for(person: Person, request_id: int) -> HelpRequest:
    """A request the person may see; ``NotFoundError`` otherwise."""
    request = visible_requests_for(person).filter(pk=request_id).first()
    if request is None:
        raise NotFoundError
    return request


def check_terms(network: Network, terms: Terms) -> None:
    check_meeting(network, remote=terms.remote, sites=terms.sites)
    check_levels(terms.level_wanted, terms.level_start)
    refuse_patient_number(terms.context, field="context")


def check_meeting(network: Network, *, remote: bool, sites: Sequence[Site]) -> None:
    """At least one way to meet, and only sites of the network."""
    if not remote and not sites:
        raise DomainError("Choisissez au moins une façon de se rencontrer.", code="no_modality")
    if any(site.network_id != network.pk for site in sites):
        raise DomainError("Ce lieu n’est pas dans votre réseau.", code="foreign_site")


def check_levels(wanted: int, start: int | None) -> None:
    """A level from 1 to 3, wanted from a lower one."""
    if wanted not in Level.values or (start is not None and not 0 <= start < wanted):
        message = "Choisissez un niveau plus haut que celui d’où vous partez."
        raise DomainError(message, code="levels", fields={"level_wanted": [message]})


def _apply(request: HelpRequest, terms: Terms) -> None:
    request.level_wanted, request.level_start = terms.level_wanted, terms.level_start
    request.urgency, request.remote = terms.urgency, terms.remote
    request.group_ok, request.on_working_time = terms.group_ok, terms.on_working_time
    request.context = terms.context


def _lock(request: HelpRequest) -> HelpRequest:
    return HelpRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
