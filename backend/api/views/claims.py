"""Competencies: the caller's own, and those of the networks they coordinate."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.filters import ClaimFilter
from backend.api.schema import describe, describe_action
from backend.api.serializers.claims import (
    AcceptanceSerializer,
    ClaimSerializer,
    SentClaimSerializer,
    WhySerializer,
)
from backend.api.views.availabilities import sent
from backend.api.views.base import WriteView
from backend.common.errors import DomainError
from backend.networks.rules import access_network_for
from backend.referentials.models import Notion
from backend.skills.domain.claims import (
    UNPROVEN,
    access_claim_for,
    decide_claim,
    visible_claims_for,
    withdraw_claim,
)
from backend.skills.domain.credentials import answer_credential, submit_credential
from backend.skills.enums import ClaimState, CredentialKind
from backend.skills.models import Claim


class ClaimView(GenericAPIView[Claim], WriteView):
    queryset = Claim.objects.none()
    serializer_class = ClaimSerializer

    def get_queryset(self) -> QuerySet[Claim]:
        return visible_claims_for(self.person)


@describe("My claims, and those of networks I coordinate, newest first", ClaimSerializer(many=True), 400, 404)
@describe_action(
    "Claim a competency",
    ClaimSerializer,
    404,
    409,
    sent=SentClaimSerializer,
    status=201,
    details="Open or validated already is a 409 `already_claimed`. Files are joined on the page of the claim.",
)
class ClaimListView(ClaimView, ListAPIView[Claim]):
    filterset_class = ClaimFilter
    http_method_names = ["get", "head", "post"]
    ordering = ("-created_at", "-pk")

    def post(self, request: Request) -> Response:
        data = sent(SentClaimSerializer, request)
        kind = CredentialKind(data["kind"])
        credential = submit_credential(
            person=self.person,
            network=access_network_for(self.person, data["network"]),
            kind=kind,
            title=data["title"] or (UNPROVEN if kind == CredentialKind.OBSERVATION else ""),
            obtained_on=data["obtained_on"],
            note=data["note"],
            levels={notion_of(data["notion"]): int(data["level"])},
        )
        return Response(ClaimSerializer(self.get_queryset().get(credential=credential)).data, status=201)


@describe("One claim", ClaimSerializer, 404)
class ClaimDetailView(ClaimView, RetrieveAPIView[Claim]):
    http_method_names = ["get", "head"]
    filter_backends = []


class ClaimActionView(WriteView):
    """What is done to one claim, and where it stands then."""

    http_method_names = ["post"]

    def answer(self, pk: int) -> Response:
        return Response(ClaimSerializer(access_claim_for(self.person, pk)).data)

    def decide(self, pk: int, target: ClaimState, form: type[Any] = WhySerializer) -> Response:
        claim = access_claim_for(self.person, pk)
        details = sent(form, self.request)
        if details.get("level") is not None:
            details["level"] = int(details["level"])
        decide_claim(claim=claim, target=target, author=self.person, **details)
        return self.answer(pk)


@describe_action(
    "Validate a claim",
    ClaimSerializer,
    404,
    409,
    sent=AcceptanceSerializer,
    details="For coordinators, never of one’s own.",
)
class AcceptClaimView(ClaimActionView):
    def post(self, request: Request, pk: int) -> Response:
        return self.decide(pk, ClaimState.ACCEPTED, AcceptanceSerializer)


@describe_action("Refuse a claim", ClaimSerializer, 404, 409, sent=WhySerializer, details="For coordinators.")
class RefuseClaimView(ClaimActionView):
    def post(self, request: Request, pk: int) -> Response:
        return self.decide(pk, ClaimState.REFUSED)


@describe_action("Ask for more", ClaimSerializer, 404, 409, sent=WhySerializer, details="For coordinators.")
class AskMoreView(ClaimActionView):
    def post(self, request: Request, pk: int) -> Response:
        return self.decide(pk, ClaimState.MORE_ASKED)


@describe_action(
    "Take a validation back",
    ClaimSerializer,
    404,
    409,
    sent=WhySerializer,
    details="For coordinators; it counts no more.",
)
class RevokeClaimView(ClaimActionView):
    def post(self, request: Request, pk: int) -> Response:
        return self.decide(pk, ClaimState.REVOKED)


@describe_action(
    "Give what was asked for",
    ClaimSerializer,
    404,
    409,
    sent=WhySerializer,
    details="One’s own; all the claims sent with it that await an answer go back to the coordinators.",
)
class AnswerClaimView(ClaimActionView):
    def post(self, request: Request, pk: int) -> Response:
        claim = access_claim_for(self.person, pk)
        text = sent(WhySerializer, request)["reason"]
        answer_credential(credential=claim.credential, author=self.person, text=text)
        return self.answer(pk)


@describe_action("Take a claim back", ClaimSerializer, 404, 409, details="One’s own, while it is open.")
class WithdrawClaimView(ClaimActionView):
    def post(self, request: Request, pk: int) -> Response:
        withdraw_claim(claim=access_claim_for(self.person, pk), author=self.person)
        return self.answer(pk)


def notion_of(slug: str) -> Notion:
    notion = Notion.objects.filter(slug=slug).first()
    if notion is None:
        message = "Cette notion n’existe pas."
        raise DomainError(message, code="unknown_notion", fields={"notion": [message]})
    return notion
