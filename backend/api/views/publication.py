"""A campaign's publication and its repairs, for the coordinators of its network."""

from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.schema import describe_action
from backend.api.serializers.publication import (
    PublicationSerializer,
    RepairSerializer,
    SentPublicationSerializer,
    SentRepairSerializer,
)
from backend.api.views.availabilities import sent
from backend.api.views.base import WriteView
from backend.campaigns.domain.campaigns import access_campaign_for
from backend.campaigns.domain.publication import publish_run, take_back_until
from backend.campaigns.domain.repair import apply_repair, plan_repair
from backend.campaigns.models import Repair
from backend.common.errors import DomainError


@describe_action(
    "Publish a run",
    PublicationSerializer,
    404,
    sent=SentPublicationSerializer,
    details="Once a campaign: the second gets a 409 `not_publishable`. Sessions show at once, mails leave later.",
)
class PublishView(WriteView):
    http_method_names = ["post"]

    def post(self, request: Request, pk: int) -> Response:
        campaign = access_campaign_for(self.person, pk)
        run = campaign.runs.filter(pk=sent(SentPublicationSerializer, request)["run"]).first()
        if run is None:
            message = "Cette campagne n’a pas ce calcul."
            raise DomainError(message, code="unknown_run", fields={"run": [message]})
        outcome = publish_run(run=run, author=self.person)
        answer = {
            "campaign": campaign.pk,
            "sessions": [session.pk for session in outcome.sessions.values()],
            "left_out": [request.pk for draft in outcome.left_out for request in draft.requests],
            "mails_at": take_back_until(campaign),
        }
        return Response(PublicationSerializer(answer).data)


@describe_action(
    "Find a repair, and apply it if asked",
    RepairSerializer,
    404,
    sent=SentRepairSerializer,
    details="What was declined, cancelled or left out is arranged anew, moving as few sessions as possible. Without"
    " `apply` nothing changes, and the proposal awaits approval on its page; 409 `nothing_to_repair`.",
)
class RepairView(WriteView):
    http_method_names = ["post"]

    def post(self, request: Request, pk: int) -> Response:
        campaign = access_campaign_for(self.person, pk)
        wanted = sent(SentRepairSerializer, request)["apply"]
        repair = plan_repair(campaign=campaign, author=self.person)
        if wanted:
            apply_repair(repair=repair, author=self.person)
        found = Repair.objects.prefetch_related("moves__tutor").get(pk=repair.pk)
        return Response(RepairSerializer(found).data)
