"""Who I am."""

from typing import Any

from django.db.models import Sum
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.schema import describe
from backend.api.serializers.people import MeSerializer
from backend.api.views.base import ReadView
from backend.conversations.domain.queries import count_unread
from backend.credits.models import Entry
from backend.networks.models import Membership
from backend.networks.rules import memberships_for


@describe("Who I am, where I belong, what waits for me", MeSerializer)
class MeView(ReadView):
    def get(self, request: Request) -> Response:
        memberships = memberships_for(self.person)
        me: dict[str, Any] = {
            "id": self.person.pk,
            "email": self.person.email,
            "name": self.person.name,
            "networks": memberships,
            "calendar_url": None,
            "points": self._points(memberships),
            "unread": count_unread(self.person),
        }
        return Response(MeSerializer(me).data)

    def _points(self, memberships: list[Membership]) -> dict[str, Any]:
        sums = (
            Entry.objects.filter(account__person=self.person)
            .order_by()
            .values_list("network__slug")
            .annotate(total=Sum("points"))
        )
        return {membership.network.slug: 0 for membership in memberships} | dict(sums)
