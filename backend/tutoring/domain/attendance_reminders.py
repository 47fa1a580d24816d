"""Asking, once a session is over, who was there: three times at most, then the coordinator decides."""

import datetime as dt

from django.db import transaction
from django.db.models import Q

from backend.common.clock import now
from backend.events.bus import publish
from backend.events.types import AttendanceAwaited, AttendanceUndecided
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session
from backend.tutoring.rules import SILENCE

# After the end: at once, after two days, after five; then it is for the coordinator.
ASKED_AFTER = (dt.timedelta(0), dt.timedelta(days=2), dt.timedelta(days=5))
TURNS = (*ASKED_AFTER, SILENCE)
BATCH = 50


@transaction.atomic
def ask_for_attendance() -> int:
    """Ask where it is time to; how many sessions. Safe to run at any time, and twice at once."""
    due = Q()
    for rank, delay in enumerate(TURNS):
        due |= Q(attendance_asked__lte=rank, ends_at__lte=now() - delay)
    sessions = Session.objects.filter(due, state=SessionState.CONFIRMED).order_by("pk")
    asked = list(sessions.select_for_update(of=("self",), skip_locked=True)[:BATCH])
    for session in asked:
        # Turns that nobody was there to take are not made up for: one question at a time.
        session.attendance_asked = sum(session.ends_at + delay <= now() for delay in TURNS)
        session.save(update_fields=["attendance_asked"])
        if session.attendance_asked < len(TURNS):
            publish(AttendanceAwaited(session.pk, session.attendance_asked))
        else:
            publish(AttendanceUndecided(session.pk))
    return len(asked)
