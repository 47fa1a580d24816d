"""What the scheduler does about sessions: deadlines and reminders. Safe to run at any time, and twice at once."""

import datetime as dt

from django.db import transaction
from django.db.models import F, Q, QuerySet

from backend.common.clock import now
from backend.events.bus import publish
from backend.events.types import SessionAnswerDue, SessionDeclined, SessionTomorrow
from backend.tutoring.domain.moves import NO_ANSWER, call_off
from backend.tutoring.enums import OfferState, SessionState
from backend.tutoring.models import Session, TimeOffer

# A deadline is the midnight that ends the last day: eight in the morning of that day.
BEFORE_DEADLINE = dt.timedelta(hours=16)
BEFORE_SESSION = dt.timedelta(days=1)
# One round of the scheduler does not hold the others up.
BATCH = 200


def decline_unanswered() -> int:
    """Let silence decline what was not answered in time; how many. Each session stands alone."""
    return sum(_decline(key) for key in list(_unanswered().values_list("pk", flat=True)[:BATCH]))


def remind_tutors() -> int:
    """Tell tutors once that the last day to answer has begun; how many."""
    due = Session.objects.filter(
        state=SessionState.PROPOSED,
        answer_reminded_at=None,
        answer_by__lte=now() + BEFORE_DEADLINE,
        answer_by__gt=now(),
        starts_at__gt=now(),
    )
    return sum(_remind(key, "answer_reminded_at", SessionAnswerDue) for key in _keys(due))


def remind_of_tomorrow() -> int:
    """Tell everybody once of a confirmed session that begins within a day; how many."""
    due = Session.objects.filter(
        state=SessionState.CONFIRMED,
        eve_reminded_at=None,
        starts_at__lte=now() + BEFORE_SESSION,
        starts_at__gt=now(),
    )
    return sum(_remind(key, "eve_reminded_at", SessionTomorrow) for key in _keys(due))


def _unanswered() -> QuerySet[Session]:
    """Past their deadline or their own start. A tutor who waits for an answer about another time did answer."""
    own = TimeOffer.objects.filter(state=OfferState.OPEN, author=F("session__tutor"), starts_at__gt=now())
    late = Q(answer_by__lte=now()) & ~Q(pk__in=own.values("session"))
    return Session.objects.filter(late | Q(starts_at__lte=now()), state=SessionState.PROPOSED).order_by("pk")


@transaction.atomic
def _decline(key: int) -> bool:
    session = _unanswered().select_for_update(of=("self",), skip_locked=True).filter(pk=key).first()
    if session is None:
        return False
    call_off(session, SessionState.DECLINED, None, NO_ANSWER)
    session.no_answer = True
    session.save(update_fields=["no_answer"])
    publish(SessionDeclined(session.pk))
    return True


@transaction.atomic
def _remind(key: int, field: str, event: type[SessionAnswerDue] | type[SessionTomorrow]) -> bool:
    if not Session.objects.filter(pk=key, **{field: None}).update(**{field: now()}):
        return False
    publish(event(key))
    return True


def _keys(sessions: QuerySet[Session]) -> list[int]:
    return list(sessions.order_by("pk").values_list("pk", flat=True)[:BATCH])
