"""Conversations, their messages, what one has read, and who takes part."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.filters import MessageFilter
from backend.api.schema import describe, describe_action
from backend.api.serializers.conversations import (
    ConversationSerializer,
    FollowingSerializer,
    ItemSerializer,
    ReadUpToSerializer,
    ReportSerializer,
    SentMessageSerializer,
    SentPairSerializer,
    SentReportSerializer,
    TalkMemberSerializer,
    UnreadMessagesSerializer,
)
from backend.api.views.availabilities import sent
from backend.api.views.base import WriteView
from backend.conversations.domain.access import access_conversation_for, open_conversations_for
from backend.conversations.domain.messages import mark_read, send_message, withdraw_message
from backend.conversations.domain.moderation import remove_member, report_message
from backend.conversations.domain.opening import follow_lounge
from backend.conversations.domain.queries import items_of, readable_conversations_for, unread_among
from backend.conversations.models import Conversation, ConversationMember, Message
from backend.tutoring.domain.talks import open_pair_with


class ConversationView(GenericAPIView[Conversation], WriteView):
    queryset = Conversation.objects.none()
    serializer_class = ConversationSerializer
    filter_backends = []

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "unread": unread_among(self.person)}


@describe("My conversations and the lounges of my networks, newest first", ConversationSerializer(many=True), 400)
@describe_action(
    "Open the conversation of two people who met",
    ConversationSerializer,
    404,
    sent=SentPairSerializer,
    status=201,
    details="Once for two people: asked again, it is the one there is. 404 for anybody one has not met.",
)
class ConversationListView(ConversationView, ListAPIView[Conversation]):
    http_method_names = ["get", "head", "post"]
    ordering = ("-pk",)

    def get_queryset(self) -> QuerySet[Conversation]:
        return readable_conversations_for(self.person).prefetch_related("members__person")

    def post(self, request: Request) -> Response:
        conversation = open_pair_with(person=self.person, other_id=sent(SentPairSerializer, request)["person"])
        return Response(self.get_serializer(conversation).data, status=201)


@describe("One conversation", ConversationSerializer, 404)
class ConversationDetailView(ConversationView, RetrieveAPIView[Conversation]):
    http_method_names = ["get", "head"]

    def get_queryset(self) -> QuerySet[Conversation]:
        return open_conversations_for(self.person).prefetch_related("members__person")


@describe(
    "Messages of a conversation, newest first",
    ItemSerializer(many=True),
    400,
    404,
    details="With `after`, every item above that number, oldest first: what somebody missed, withdrawals included.",
)
@describe_action(
    "Send a message",
    ItemSerializer,
    404,
    sent=SentMessageSerializer,
    status=201,
    details="400 `maybe_patient` asks to think again: nothing is stored until it is sent with `confirmed`.",
)
class MessageListView(ListAPIView[Message], WriteView):
    queryset = Message.objects.none()
    serializer_class = ItemSerializer  # type: ignore[assignment]  # rows become items in `get_serializer`
    filterset_class = MessageFilter
    http_method_names = ["get", "head", "post"]

    @property
    def ordering(self) -> tuple[str, ...]:
        return ("number",) if "after" in self.request.query_params else ("-number",)

    def get_queryset(self) -> QuerySet[Message]:
        conversation = access_conversation_for(self.person, self.kwargs["pk"])
        items = conversation.messages.select_related("sender", "target")
        return items if "after" in self.request.query_params else items.filter(target=None)

    def get_serializer(self, *args: Any, **options: Any) -> Any:
        return super().get_serializer(*(items_of(messages) for messages in args), **options)

    def post(self, request: Request, pk: int) -> Response:
        message = send_message(conversation_id=pk, sender=self.person, **sent(SentMessageSerializer, request))
        return Response(ItemSerializer(items_of([message])[0]).data, status=201)


@describe_action(
    "Take back one of my messages", None, 404, status=204, method="delete", details="Its place stays, its text is gone."
)
class MessageView(WriteView):
    http_method_names = ["delete"]

    def delete(self, request: Request, pk: int, number: int) -> Response:
        withdraw_message(person=self.person, conversation_id=pk, number=number)
        return Response(status=204)


@describe_action(
    "Show one message to the coordinators",
    ReportSerializer,
    404,
    sent=SentReportSerializer,
    status=201,
    details="They read that message and your reason, nothing else of the conversation.",
)
class ReportMessageView(WriteView):
    http_method_names = ["post"]

    def post(self, request: Request, pk: int, number: int) -> Response:
        reason = sent(SentReportSerializer, request)["reason"]
        report = report_message(person=self.person, conversation_id=pk, number=number, reason=reason)
        return Response(ReportSerializer(report).data, status=201)


@describe_action("Say up to where I have read", UnreadMessagesSerializer, 404, sent=ReadUpToSerializer)
class ReadConversationView(WriteView):
    http_method_names = ["post"]

    def post(self, request: Request, pk: int) -> Response:
        mark_read(person=self.person, conversation_id=pk, number=sent(ReadUpToSerializer, request)["number"])
        return Response({"unread": unread_among(self.person).get(pk, 0)})


@describe("Who takes part, or follows a lounge", TalkMemberSerializer(many=True), 400, 404)
@describe_action("Follow a lounge", FollowingSerializer, 404, status=201)
class ConversationMembersView(ListAPIView[ConversationMember], WriteView):
    queryset = ConversationMember.objects.none()
    serializer_class = TalkMemberSerializer
    filter_backends = []
    http_method_names = ["get", "head", "post"]
    ordering = ("pk",)

    def get_queryset(self) -> QuerySet[ConversationMember]:
        conversation = access_conversation_for(self.person, self.kwargs["pk"])
        return conversation.members.filter(removed_at=None).select_related("person")

    def post(self, request: Request, pk: int) -> Response:
        follow_lounge(person=self.person, conversation_id=pk)
        return Response({"following": True}, status=201)


@describe_action(
    "Take somebody out of a lounge",
    None,
    404,
    409,
    status=204,
    method="delete",
    details="For the coordinators of its network; the person reads it no more.",
)
class ConversationMemberView(WriteView):
    http_method_names = ["delete"]

    def delete(self, request: Request, pk: int, person: int) -> Response:
        remove_member(coordinator=self.person, conversation_id=pk, person_id=person)
        return Response(status=204)
