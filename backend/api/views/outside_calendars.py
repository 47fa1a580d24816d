"""The caller's calendars elsewhere, read for their busy time alone."""

from collections.abc import Iterable

from django.db.models import QuerySet
from rest_framework.generics import ListAPIView
from rest_framework.parsers import BaseParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from backend.agenda.domain.outside import add_address, add_file, outside_calendars_of, remove_outside
from backend.agenda.models import OutsideCalendar
from backend.api.schema import describe, describe_action
from backend.api.serializers.outside_calendars import (
    OutsideCalendarSerializer,
    SentAddressSerializer,
    SentFileSerializer,
)
from backend.api.views.availabilities import sent
from backend.api.views.base import OneFormat, WriteView
from calendars.sieve import SIZE_MAX


class JsonOrForm(OneFormat):
    """JSON, unless a form with a file says what it is."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        json, form = parsers
        return form if (request.content_type or "").startswith("multipart/form-data") else json


@describe("My calendars elsewhere", OutsideCalendarSerializer(many=True), 400)
@describe_action(
    "Follow a calendar",
    OutsideCalendarSerializer,
    409,
    sent={"application/json": SentAddressSerializer, "multipart/form-data": SentFileSerializer},
    status=201,
    details="An address is read soon after, then every hour; a file, sent as a form, at once and once.",
)
class OutsideCalendarListView(ListAPIView[OutsideCalendar], WriteView):
    queryset = OutsideCalendar.objects.none()
    serializer_class = OutsideCalendarSerializer
    http_method_names = ["get", "head", "post"]
    parser_classes = [JSONParser, MultiPartParser]
    content_negotiation_class = JsonOrForm
    filter_backends = []
    ordering = ("pk",)

    def get_queryset(self) -> QuerySet[OutsideCalendar]:
        return outside_calendars_of(self.person)

    def post(self, request: Request) -> Response:
        calendar = self._add_file(request) if request.FILES else self._add_address(request)
        return Response(OutsideCalendarSerializer(calendar).data, status=201)

    def _add_address(self, request: Request) -> OutsideCalendar:
        return add_address(person=self.person, **sent(SentAddressSerializer, request))

    def _add_file(self, request: Request) -> OutsideCalendar:
        form = sent(SentFileSerializer, request)
        # One more octet than allowed tells that there are too many, without reading them all.
        return add_file(person=self.person, data=form["file"].read(SIZE_MAX + 1), name=form["name"])


@describe_action("Forget a calendar and its busy time", None, 404, status=204, method="delete")
class OutsideCalendarView(WriteView):
    http_method_names = ["delete"]

    def delete(self, request: Request, pk: int) -> Response:
        remove_outside(person=self.person, calendar_id=pk)
        return Response(status=204)
