"""Networks of the caller."""

from django.db.models import Prefetch, QuerySet
from rest_framework.generics import ListAPIView

from backend.api.schema import describe
from backend.api.serializers.people import NetworkSerializer
from backend.api.views.base import ReadView
from backend.networks.models import Membership, Network


@describe("Networks where I am a member, with their sites", NetworkSerializer(many=True), 400)
class NetworkListView(ListAPIView[Network], ReadView):
    queryset = Network.objects.none()
    serializer_class = NetworkSerializer
    ordering = ("name", "pk")

    def get_queryset(self) -> QuerySet[Network]:
        mine = Membership.objects.active().filter(person=self.person)
        return (
            Network.objects.filter(pk__in=mine.values("network"))
            .select_related("territory")
            .prefetch_related("sites", Prefetch("memberships", mine.prefetch_related("roles"), to_attr="mine"))
        )
