"""Sessions that the caller may see: their own, and those of the networks they coordinate."""

from django.db.models import Exists, OuterRef, QuerySet
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView

from backend.api.filters import SessionFilter
from backend.api.schema import describe
from backend.api.serializers.sessions import SessionSerializer
from backend.api.views.base import ReadView
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.tutoring.domain.access import visible_sessions_for
from backend.tutoring.models import Session


class SessionView(GenericAPIView[Session], ReadView):
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
