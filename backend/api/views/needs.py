"""Where the caller stands (nobody else reads it), and requests for help."""

from django.db.models import QuerySet
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.filters import PositioningFilter, RequestFilter
from backend.api.schema import describe, describe_action
from backend.api.serializers.needs import (
    PositioningSerializer,
    RequestSerializer,
    SentPositioningSerializer,
    SentRequestSerializer,
)
from backend.api.views.availabilities import sent, sites_of
from backend.api.views.base import WriteView
from backend.common.errors import DomainError
from backend.needs.domain.requests import access_request_for, ask_for_help, visible_requests_for, withdraw_request
from backend.needs.enums import Urgency
from backend.needs.models import HelpRequest
from backend.networks.rules import access_network_for
from backend.referentials.models import Capacity
from backend.skills.domain.positioning import answers_of, record_positioning
from backend.skills.models import Positioning


@describe(
    "My own answers, newest first",
    PositioningSerializer(many=True),
    400,
    details="Every answer is kept: the first one listed for a capacity is where you stand. Nobody else reads them.",
)
@describe_action(
    "Answer on one capacity",
    PositioningSerializer,
    sent=SentPositioningSerializer,
    status=201,
    details="The same answer as the last one adds nothing, and gives that one.",
)
class PositioningListView(ListAPIView[Positioning], WriteView):
    queryset = Positioning.objects.none()
    serializer_class = PositioningSerializer
    filterset_class = PositioningFilter
    http_method_names = ["get", "head", "post"]
    ordering = ("-answered_at", "-pk")

    def get_queryset(self) -> QuerySet[Positioning]:
        return answers_of(self.person)

    def post(self, request: Request) -> Response:
        data = sent(SentPositioningSerializer, request)
        answer = record_positioning(
            person=self.person, capacity=capacity_of(data["capacity"]), level=int(data["level"])
        )
        return Response(PositioningSerializer(answers_of(self.person).get(pk=answer.pk)).data, status=201)


class RequestView(GenericAPIView[HelpRequest], WriteView):
    queryset = HelpRequest.objects.none()
    serializer_class = RequestSerializer

    def get_queryset(self) -> QuerySet[HelpRequest]:
        return visible_requests_for(self.person)


@describe(
    "My requests, and those of networks I coordinate, newest first",
    RequestSerializer(many=True),
    400,
    404,
    details="What somebody entered for another is theirs alone until that person confirms.",
)
@describe_action(
    "Ask for help",
    RequestSerializer,
    404,
    409,
    sent=SentRequestSerializer,
    status=201,
    details="Once at a time on a capacity: a second one is a 409 `already_asked`. During an attack, call CERT Santé.",
)
class RequestListView(RequestView, ListAPIView[HelpRequest]):
    filterset_class = RequestFilter
    http_method_names = ["get", "head", "post"]
    ordering = ("-created_at", "-pk")

    def post(self, request: Request) -> Response:
        data = sent(SentRequestSerializer, request)
        network = access_network_for(self.person, data["network"])
        changes = {
            "network": network,
            "capacity": capacity_of(data["capacity"]),
            "level_wanted": int(data["level_wanted"]),
            "urgency": Urgency(int(data["urgency"])),
            "sites": sites_of(network, data["sites"]),
        }
        made = ask_for_help(person=self.person, **{**data, **changes})
        return Response(RequestSerializer(access_request_for(self.person, made.pk)).data, status=201)


@describe("One request", RequestSerializer, 404)
class RequestDetailView(RequestView, RetrieveAPIView[HelpRequest]):
    http_method_names = ["get", "head"]
    filter_backends = []


@describe_action(
    "Take a request back",
    RequestSerializer,
    404,
    409,
    details="One’s own, as long as no session is planned; withdrawn already is as good.",
)
class WithdrawRequestView(WriteView):
    http_method_names = ["post"]

    def post(self, request: Request, pk: int) -> Response:
        found = access_request_for(self.person, pk)
        withdrawn = withdraw_request(request=found, author=self.person)
        found.state = withdrawn.state
        return Response(RequestSerializer(found).data)


def capacity_of(key: str) -> Capacity:
    capacity = Capacity.objects.select_related("notion").filter(key=key).first()
    if capacity is None:
        message = "Cette capacité n’existe pas."
        raise DomainError(message, code="unknown_capacity", fields={"capacity": [message]})
    return capacity
