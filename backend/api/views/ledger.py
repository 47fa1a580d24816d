"""Entries of the ledger: everybody reads their own, a coordinator those of the network asked for."""

from django.db.models import Q, QuerySet
from rest_framework.generics import ListAPIView

from backend.api.filters import LedgerFilter
from backend.api.schema import describe
from backend.api.serializers.ledger import EntrySerializer
from backend.api.views.base import ReadView
from backend.credits.models import Entry
from backend.networks.enums import Role
from backend.networks.models import Membership


@describe(
    "Ledger entries, newest first",
    EntrySerializer(many=True),
    400,
    404,
    details="Your own entries. With `network`, those of one network: everybody’s if you coordinate it, else yours.",
)
class LedgerView(ListAPIView[Entry], ReadView):
    queryset = Entry.objects.none()
    serializer_class = EntrySerializer
    filterset_class = LedgerFilter
    ordering = ("-created_at", "-pk")

    def get_queryset(self) -> QuerySet[Entry]:
        coordinated = Membership.objects.active().filter(
            person=self.person,
            roles__role=Role.COORDINATOR,
            network__slug=self.request.query_params.get("network", ""),
        )
        visible = Q(account__person=self.person) | Q(network__in=coordinated.values("network"))
        return Entry.objects.filter(visible).select_related("network", "account")
