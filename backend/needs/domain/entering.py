"""A request entered beside the person: it counts once they confirm, by a code they read out or on their own home."""

import datetime as dt
import secrets
from enum import Enum

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError
from backend.common.transitions import record_move
from backend.events.bus import publish
from backend.events.types import HelpAsked, RequestConfirmed, RequestEntered, RequestWithdrawn
from backend.needs.domain.requests import Terms, write_request
from backend.needs.enums import REQUEST_MOVES, RequestState
from backend.needs.models import HelpRequest, RequestCode
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import require_role, roles_in
from backend.referentials.models import Capacity

CODE_DIGITS = 6
CODE_LIFE = dt.timedelta(minutes=30)
ATTEMPTS_MAX = 5
# Each one writes a mail to the person: nobody's mailbox is flooded.
UNCONFIRMED_MAX = 3
HELPERS = (Role.COORDINATOR, Role.TUTOR, Role.LEARNER)


class Attempt(Enum):
    """What typing a code came to."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_MANY = "too_many"
    TOO_LATE = "too_late"


REFUSALS = {
    Attempt.WRONG: "Ce n’est pas le code reçu. Vérifiez-le avec la personne.",
    Attempt.TOO_MANY: "Trop d’essais. La personne peut encore confirmer elle-même depuis son accueil.",
    Attempt.TOO_LATE: "Ce code n’est plus valable : la demande est retirée. Saisissez-la de nouveau.",
}


@transaction.atomic
def enter_request(*, author: Person, person: Person, network: Network, capacity: Capacity, terms: Terms) -> HelpRequest:
    """Write down what a colleague asks for, and send them a code; nothing counts until it is confirmed."""
    require_role(author, network, *HELPERS)
    if author == person or Role.LEARNER not in roles_in(person, network):
        raise NotFoundError
    # Requests of one person wait for each other, so that the count below is exact.
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    withdraw_expired()
    if HelpRequest.objects.filter(person=person, state=RequestState.UNCONFIRMED).count() >= UNCONFIRMED_MAX:
        message = "Des demandes attendent déjà d’être confirmées par cette personne. Confirmez-les d’abord."
        raise ConflictError(message, code="too_many_unconfirmed")
    request = write_request(person=person, network=network, capacity=capacity, terms=terms, entered_by=author)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    RequestCode.objects.create(request=request, hash=hash_code(request, code), expires_at=now() + CODE_LIFE)
    publish(RequestEntered(request.pk, code))
    return request


def confirm_by_code(*, request: HelpRequest, author: Person, code: str) -> HelpRequest:
    """Open a request with the code its person read out to whoever entered it.

    Never inside a transaction of the caller's: a wrong code is counted, then refused.
    """
    attempt = _try_code(request.pk, author, "".join(code.split()))
    if attempt == Attempt.TOO_LATE:
        withdraw_expired()
    if attempt != Attempt.RIGHT:
        message = REFUSALS[attempt]
        raise DomainError(message, code=f"code_{attempt.value}", fields={"code": [message]})
    return HelpRequest.objects.get(pk=request.pk)


@transaction.atomic
def confirm_own_request(*, request: HelpRequest, author: Person) -> HelpRequest:
    """The person says yes on their own page, without any code."""
    locked = HelpRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if locked.person_id != author.pk:
        raise NotFoundError
    if locked.state == RequestState.UNCONFIRMED and locked.code.expires_at <= now():
        raise ConflictError("Cette demande n’a pas été confirmée à temps : elle est retirée.", code="code_too_late")
    _open(locked, author)
    return locked


@transaction.atomic
def withdraw_expired() -> int:
    """Withdraw what nobody confirmed in time; how many."""
    late = HelpRequest.objects.filter(state=RequestState.UNCONFIRMED, code__expires_at__lte=now())
    expired = list(late.select_for_update(of=("self",)).order_by("pk"))
    for request in expired:
        _move(request, RequestState.WITHDRAWN, None, reason="expired")
        publish(RequestWithdrawn(request.pk, None))
    return len(expired)


def hash_code(request: HelpRequest, code: str) -> str:
    """A million codes are soon tried: without the installation's key, the hash says nothing."""
    return salted_hmac("needs.request_code", f"{request.pk}:{code}", algorithm="sha256").hexdigest()


@transaction.atomic
def _try_code(request_id: int, author: Person, code: str) -> Attempt:
    codes = RequestCode.objects.select_for_update(of=("self", "request")).select_related("request")
    known = codes.filter(request=request_id, request__entered_by=author).first()
    if known is None:
        raise NotFoundError
    if known.request.state == RequestState.WITHDRAWN or known.expires_at <= now():
        return Attempt.TOO_LATE
    if known.attempts >= ATTEMPTS_MAX:
        return Attempt.TOO_MANY
    known.attempts += 1
    known.save(update_fields=["attempts"])
    if not constant_time_compare(known.hash, hash_code(known.request, code)):
        return Attempt.WRONG
    _open(known.request, author)
    return Attempt.RIGHT


def _open(request: HelpRequest, author: Person) -> None:
    """The code goes with the confirmation: it proves nothing any more."""
    _move(request, RequestState.OPEN, author)
    RequestCode.objects.filter(request=request).delete()
    publish(RequestConfirmed(request.pk, author.pk))
    publish(HelpAsked(request.pk))


def _move(request: HelpRequest, target: RequestState, author: Person | None, reason: str = "") -> None:
    record_move(request, target, table=REQUEST_MOVES, log=request.transitions, author=author, reason=reason)
