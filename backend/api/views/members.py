"""Members of the networks that the caller coordinates, and the caller's own memberships."""

from django.db.models import QuerySet
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.filters import MemberFilter
from backend.api.schema import describe, describe_action
from backend.api.serializers.members import MemberSerializer, SuspensionSerializer
from backend.api.views.base import ReadView, WriteView
from backend.networks.domain.membership import suspend_member
from backend.networks.models import Membership
from backend.networks.rules import access_membership_for, visible_memberships_for


class MemberView(GenericAPIView[Membership], ReadView):
    queryset = Membership.objects.none()
    serializer_class = MemberSerializer

    def get_queryset(self) -> QuerySet[Membership]:
        visible = visible_memberships_for(self.person)
        return visible.select_related("network", "person__profession").prefetch_related("roles")


@describe("Members of networks I coordinate, and myself", MemberSerializer(many=True), 400, 404)
class MemberListView(MemberView, ListAPIView[Membership]):
    filterset_class = MemberFilter
    ordering = ("pk",)


@describe("One member", MemberSerializer, 404)
class MemberDetailView(MemberView, RetrieveAPIView[Membership]):
    filter_backends = []


@describe_action(
    "Suspend a member",
    MemberSerializer,
    404,
    409,
    sent=SuspensionSerializer,
    details="The network closes to them at once, and their sessions to come are called off. For its coordinators.",
)
class SuspendMemberView(WriteView):
    http_method_names = ["post"]

    def post(self, request: Request, pk: int) -> Response:
        form = SuspensionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        membership = suspend_member(
            membership=access_membership_for(self.person, pk),
            author=self.person,
            reason=form.validated_data["reason"],
        )
        return Response(MemberSerializer(membership).data)
