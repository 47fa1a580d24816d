"""Sessions that the caller may see: their own, and those of the networks they coordinate."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.filters import SessionFilter
from backend.api.schema import describe, describe_action
from backend.api.serializers.sessions import (
    AttendanceSerializer,
    PresenceSerializer,
    SentTimeSerializer,
    SessionReasonSerializer,
    SessionSerializer,
)
from backend.api.views.availabilities import sent
from backend.api.views.base import WriteView
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.tutoring.domain.access import visible_sessions_for
from backend.tutoring.domain.answers import accept_session, agree_session, cancel_session, decline_session
from backend.tutoring.domain.attendance import confirm_presence, record_attendance
from backend.tutoring.domain.times import accept_time, decline_time, propose_time
from backend.tutoring.models import Session


class SessionView(GenericAPIView[Session], WriteView):
    http_method_names = ["get", "head"]
    queryset = Session.objects.none()
    serializer_class = SessionSerializer

    def get_queryset(self) -> QuerySet[Session]:
        """Each session with ``coordinates``: whether the caller coordinates its network."""
        coordinated = Membership.objects.active().filter(
            person=self.person, roles__role=Role.COORDINATOR, network=OuterRef("network")
        )
        return visible_sessions_for(self.person).annotate(coordinates=Exists(coordinated))


@describe("Sessions I give, take part in or coordinate, by time", SessionSerializer(many=True), 400, 404)
class SessionListView(SessionView, ListAPIView[Session]):
    filterset_class = SessionFilter
    ordering = ("starts_at", "pk")


@describe("One session", SessionSerializer, 404)
class SessionDetailView(SessionView, RetrieveAPIView[Session]):
    filter_backends = []


class SessionActionView(SessionView):
    """What is done to one session, and how it stands then for whoever did it."""

    http_method_names = ["post"]
    filter_backends = []

    def sent(self, serializer: type[Any]) -> dict[str, Any]:
        """What was sent, once it is known that the session is there for the caller."""
        self.get_object()
        return sent(serializer, self.request)

    def answer(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)


@describe_action(
    "Accept a session I was proposed to give",
    SessionSerializer,
    404,
    details="For its tutor; late too, after silence declined it, while everybody is free (409 `cells_taken`).",
)
class AcceptSessionView(SessionActionView):
    def post(self, request: Request, pk: int) -> Response:
        accept_session(session_id=pk, author=self.person)
        return self.answer()


@describe_action("Decline a session", SessionSerializer, 404, sent=SessionReasonSerializer, details="For its tutor.")
class DeclineSessionView(SessionActionView):
    def post(self, request: Request, pk: int) -> Response:
        reason = self.sent(SessionReasonSerializer)["reason"]
        decline_session(session_id=pk, author=self.person, reason=reason)
        return self.answer()


@describe_action("Say that the time suits me", SessionSerializer, 404, details="For a learner; silence means the same.")
class AgreeSessionView(SessionActionView):
    def post(self, request: Request, pk: int) -> Response:
        agree_session(session_id=pk, author=self.person)
        return self.answer()


@describe_action(
    "Propose another time",
    SessionSerializer,
    404,
    sent=SentTimeSerializer,
    details="The session keeps its state and its time until every other party accepts. A time that somebody has not"
    " free is a 409, `cells_taken` or `not_common`.",
)
class ProposeTimeView(SessionActionView):
    def post(self, request: Request, pk: int) -> Response:
        starts_at = self.sent(SentTimeSerializer)["starts_at"]
        propose_time(session_id=pk, author=self.person, starts_at=starts_at)
        return self.answer()


@describe_action(
    "Accept the other time",
    SessionSerializer,
    404,
    details="With the last party’s yes the session moves and is confirmed; 409 `cells_taken` if somebody was faster.",
)
class AcceptTimeView(SessionActionView):
    def post(self, request: Request, pk: int) -> Response:
        accept_time(session_id=pk, author=self.person)
        return self.answer()


@describe_action(
    "Decline the other time", SessionSerializer, 404, details="Whoever proposed it takes it back by the same."
)
class DeclineTimeView(SessionActionView):
    def post(self, request: Request, pk: int) -> Response:
        decline_time(session_id=pk, author=self.person)
        return self.answer()


@describe_action(
    "Cancel a session, or leave its group",
    SessionSerializer,
    404,
    sent=SessionReasonSerializer,
    details="A learner who is not alone leaves, and the session stands for the others: the answer is then the session"
    " as it was seen last.",
)
class CancelSessionView(SessionActionView):
    def post(self, request: Request, pk: int) -> Response:
        session = self.get_object()
        cancel_session(session_id=pk, author=self.person, reason=self.sent(SessionReasonSerializer)["reason"])
        still_there = self.get_queryset().filter(pk=pk).first()
        return Response(self.get_serializer(still_there or session).data)


@describe_action(
    "Say who was there",
    SessionSerializer,
    404,
    sent=AttendanceSerializer,
    details="For the tutor, once the session has begun; every learner in one list or the other.",
)
class AttendanceView(SessionActionView):
    def post(self, request: Request, pk: int) -> Response:
        data = self.sent(AttendanceSerializer)
        record_attendance(session_id=pk, author=self.person, present=data["present"], absent=data["absent"])
        return self.answer()


@describe_action("Say whether I was there", SessionSerializer, 404, sent=PresenceSerializer, details="For a learner.")
class ConfirmPresenceView(SessionActionView):
    def post(self, request: Request, pk: int) -> Response:
        confirm_presence(session_id=pk, author=self.person, present=self.sent(PresenceSerializer)["present"])
        return self.answer()
