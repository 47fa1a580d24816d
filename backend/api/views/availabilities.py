"""When the caller is free: their week, its exceptions, and their offers as a tutor. Nobody else reads them."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from backend.agenda.domain.exceptions import add_exception, coming_exceptions, remove_exception
from backend.agenda.domain.windows import add_window, change_window, remove_window, replace_week, windows_of
from backend.api.schema import describe, describe_action
from backend.api.serializers.availabilities import (
    ExceptionSerializer,
    OfferSerializer,
    SentExceptionSerializer,
    SentOfferSerializer,
    SentWeekSerializer,
    SentWindowSerializer,
    WeekSerializer,
    WindowSerializer,
)
from backend.api.views.base import WriteView
from backend.common.errors import DomainError
from backend.needs.domain.offers import save_offer
from backend.needs.models import TutorOffer
from backend.networks.models import Network, Site
from backend.networks.rules import access_network_for


def sent(serializer: type[Any], request: Request) -> dict[str, Any]:
    """What was sent, once it makes sense."""
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    data: dict[str, Any] = form.validated_data
    return data


@describe("When I am free, and what I give as a tutor", WeekSerializer)
@describe_action("Say my whole week anew", WeekSerializer, sent=SentWeekSerializer, method="put")
class AvailabilitiesView(WriteView):
    def get(self, request: Request) -> Response:
        return Response(self._week())

    def put(self, request: Request) -> Response:
        spans = [SentWindowSerializer.span_of(row) for row in sent(SentWeekSerializer, request)["windows"]]
        replace_week(person=self.person, spans=spans)
        return Response(self._week())

    def _week(self) -> Any:
        offers = TutorOffer.objects.filter(person=self.person).select_related("network").prefetch_related("sites")
        week = {
            "windows": windows_of(self.person),
            "exceptions": coming_exceptions(self.person),
            "offers": offers.order_by("network__name"),
        }
        return WeekSerializer(week).data


@describe_action(
    "Be free in one more window",
    WindowSerializer,
    sent=SentWindowSerializer,
    status=201,
    details="The answer is the window that now holds those hours: a longer one when it touches another.",
)
class WindowListView(WriteView):
    def post(self, request: Request) -> Response:
        span = SentWindowSerializer.span_of(sent(SentWindowSerializer, request))
        return Response(WindowSerializer(add_window(person=self.person, span=span)).data, status=201)


@describe_action("Change a window", WindowSerializer, 404, sent=SentWindowSerializer, method="put")
@describe_action("Be free no more in a window", None, 404, status=204, method="delete")
class WindowView(WriteView):
    def put(self, request: Request, pk: int) -> Response:
        span = SentWindowSerializer.span_of(sent(SentWindowSerializer, request))
        return Response(WindowSerializer(change_window(person=self.person, window_id=pk, span=span)).data)

    def delete(self, request: Request, pk: int) -> Response:
        remove_window(person=self.person, window_id=pk)
        return Response(status=204)


@describe_action(
    "Add an exception",
    ExceptionSerializer,
    sent=SentExceptionSerializer,
    status=201,
    details="The same exception sent again is the one that is there.",
)
class ExceptionListView(WriteView):
    def post(self, request: Request) -> Response:
        exception = add_exception(person=self.person, **sent(SentExceptionSerializer, request))
        return Response(ExceptionSerializer(exception).data, status=201)


@describe_action("Take an exception back", None, 404, status=204, method="delete")
class ExceptionView(WriteView):
    def delete(self, request: Request, pk: int) -> Response:
        remove_exception(person=self.person, exception_id=pk)
        return Response(status=204)


@describe_action("Say what I give a network as a tutor", OfferSerializer, 404, sent=SentOfferSerializer, method="put")
class OfferView(WriteView):
    def put(self, request: Request, network: str) -> Response:
        here = access_network_for(self.person, network)
        data = sent(SentOfferSerializer, request)
        offer = save_offer(person=self.person, network=here, **{**data, "sites": sites_of(here, data["sites"])})
        return Response(OfferSerializer(offer).data)


def sites_of(network: Network, keys: list[int]) -> list[Site]:
    sites = {site.pk: site for site in network.sites.all()}
    if not sites.keys() >= set(keys):
        message = "Ce lieu n’est pas dans ce réseau."
        raise DomainError(message, code="foreign_site", fields={"sites": [message]})
    return [sites[key] for key in keys]
