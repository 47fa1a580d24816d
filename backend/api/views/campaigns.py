"""Campaigns of the networks that the caller coordinates, and their computations."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.filters import CampaignFilter
from backend.api.schema import describe, describe_action
from backend.api.serializers.campaigns import (
    CampaignSerializer,
    RunSerializer,
    SentCampaignSerializer,
    SentRunSerializer,
)
from backend.api.views.availabilities import sent
from backend.api.views.base import ReadView, WriteView
from backend.campaigns.domain.campaigns import access_campaign_for, open_campaign
from backend.campaigns.domain.runs import RunSettings, access_run_for, cancel_run, start_run
from backend.campaigns.enums import Audience, Preset, RunState
from backend.campaigns.models import Campaign, Run
from backend.common.errors import DomainError, NotFoundError
from backend.networks.enums import Role
from backend.networks.rules import access_network_for, networks_with_role

ACCEPTED = 202


@describe("Campaigns of networks I coordinate, the last to begin first", CampaignSerializer(many=True), 400, 403, 404)
@describe_action(
    "Open a campaign",
    CampaignSerializer,
    404,
    sent=SentCampaignSerializer,
    status=201,
    details="For coordinators. It collects at once.",
)
class CampaignListView(ListAPIView[Campaign], WriteView):
    queryset = Campaign.objects.none()
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilter
    http_method_names = ["get", "head", "post"]
    ordering = ("-first_day", "-pk")

    def get_queryset(self) -> QuerySet[Campaign]:
        networks = networks_with_role(self.person, Role.COORDINATOR)
        return Campaign.objects.filter(network__in=networks).select_related("network")

    def post(self, request: Request) -> Response:
        data = sent(SentCampaignSerializer, request)
        data["network"] = access_network_for(self.person, data["network"])
        data["preset"], data["audience"] = Preset(data["preset"]), Audience(data["audience"])
        try:
            campaign = open_campaign(author=self.person, **data)
        except ValidationError as error:
            raise DomainError("Une campagne commence un lundi.", code="invalid", fields=error.message_dict) from error
        return Response(CampaignSerializer(campaign).data, status=201)


@describe("One campaign", CampaignSerializer, 403, 404)
class CampaignDetailView(ReadView):
    def get(self, request: Request, pk: int) -> Response:
        return Response(CampaignSerializer(access_campaign_for(self.person, pk)).data)


class RunView(GenericAPIView[Run], WriteView):
    queryset = Run.objects.none()
    serializer_class = RunSerializer

    def get_queryset(self) -> QuerySet[Run]:
        campaign = access_campaign_for(self.person, self.kwargs["pk"])
        return campaign.runs.defer("instance", "solution")

    def find(self, pk: int, run: int) -> Run:
        found = access_run_for(self.person, run)
        if found.campaign_id != pk:
            raise NotFoundError
        return found


@describe("Computations of a campaign, the last first", RunSerializer(many=True), 400, 403, 404)
@describe_action(
    "Ask for a computation",
    RunSerializer,
    404,
    sent=SentRunSerializer,
    status=ACCEPTED,
    details="Its inputs are frozen at once, and it is queued: read it again to know how it went. The same computation"
    " under way already is a 409 `running`; a campaign that is published, a 409 `not_computable`.",
)
class RunListView(RunView, ListAPIView[Run]):
    filter_backends = []
    http_method_names = ["get", "head", "post"]
    ordering = ("-pk",)

    def post(self, request: Request, pk: int) -> Response:
        campaign = access_campaign_for(self.person, pk)
        data: dict[str, Any] = sent(SentRunSerializer, request)
        data["previous"] = self._previous(campaign, data.get("previous"))
        data["preset"] = Preset(data["preset"]) if "preset" in data else None
        run = start_run(campaign=campaign, author=self.person, settings=RunSettings(**data))
        return Response(RunSerializer(run).data, status=ACCEPTED)

    def _previous(self, campaign: Campaign, key: int | None) -> Run | None:
        if key is None:
            return None
        run = campaign.runs.filter(pk=key, state=RunState.DONE).first()
        if run is None:
            message = "Cette campagne n’a pas ce calcul, ou il n’est pas terminé."
            raise DomainError(message, code="unknown_run", fields={"previous": [message]})
        return run


@describe("One computation", RunSerializer, 403, 404)
class RunDetailView(RunView):
    http_method_names = ["get", "head"]

    def get(self, request: Request, pk: int, run: int) -> Response:
        return Response(RunSerializer(self.find(pk, run)).data)


@describe_action("Stop a computation", RunSerializer, 404, details="One that has ended is a 409 `not_under_way`.")
class CancelRunView(RunView):
    http_method_names = ["post"]

    def post(self, request: Request, pk: int, run: int) -> Response:
        return Response(RunSerializer(cancel_run(run=self.find(pk, run), author=self.person)).data)
