"""Conversations and their messages: the same fields as on the socket."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.api.serializers.fields import InstantField, PersonSerializer
from backend.conversations.domain.messages import MESSAGE_LENGTH_MAX
from backend.conversations.domain.moderation import REASON_LENGTH_MAX
from backend.conversations.domain.queries import Item, title_for
from backend.conversations.enums import ConversationKind, ReportState
from backend.conversations.models import Conversation, ConversationMember, MessageReport


class ConversationSerializer(serializers.Serializer[Conversation]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=ConversationKind.choices)
    title = serializers.SerializerMethodField(help_text="Of a pair: the name of the other.")
    members = serializers.SerializerMethodField(help_text="Who takes part; of a lounge, the caller if following it.")
    last_number = serializers.IntegerField(help_text="Number of its last item; 0 when there is none.")
    unread = serializers.SerializerMethodField(help_text="What others wrote and the caller has not read.")
    closed_at = InstantField(allow_null=True, help_text="From then on nobody writes.")

    def get_title(self, conversation: Conversation) -> str:
        return title_for(self.context["request"].user, conversation)

    @extend_schema_field(PersonSerializer(many=True))
    def get_members(self, conversation: Conversation) -> list[dict[str, Any]]:
        """A lounge may have hundreds: `members` below it pages them."""
        reader = self.context["request"].user
        rows = [row for row in conversation.members.all() if row.removed_at is None]
        if conversation.kind == ConversationKind.LOUNGE:
            rows = [row for row in rows if row.person_id == reader.pk]
        return [{"id": row.person_id, "name": row.person.name} for row in rows]

    def get_unread(self, conversation: Conversation) -> int:
        unread: dict[int, int] = self.context["unread"]
        return unread.get(conversation.pk, 0)


class TalkMemberSerializer(serializers.Serializer[ConversationMember]):
    id = serializers.IntegerField(source="person_id")
    name = serializers.CharField(source="person.name")


class FollowingSerializer(serializers.Serializer[None]):
    following = serializers.BooleanField()


class SenderSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="sender_id", allow_null=True, help_text="Null once the person is erased.")
    name = serializers.CharField(source="sender_name")


class ItemSerializer(serializers.Serializer[Item]):
    """A message; or, with a ``target``, the news that the message of this number is gone."""

    topic = serializers.SerializerMethodField(help_text="Its topic on the socket: `conversation:` and the id.")
    number = serializers.IntegerField(help_text="1, 2, 3 … in each conversation, without holes.")
    id = serializers.IntegerField()
    sender = SenderSerializer(source="*")
    body = serializers.CharField(allow_blank=True, help_text="Empty once the message is gone.")
    sent_at = InstantField()
    withdrawn = serializers.BooleanField(help_text="Taken back by its author, or hidden by a coordinator.")
    target = serializers.IntegerField(allow_null=True)

    def get_topic(self, item: Item) -> str:
        return f"conversation:{item.conversation_id}"


class SentMessageSerializer(serializers.Serializer[None]):
    client_id = serializers.UUIDField(help_text="Drawn by you: the same again gives the message already stored.")
    body = serializers.CharField(max_length=MESSAGE_LENGTH_MAX, trim_whitespace=False)
    confirmed = serializers.BooleanField(
        default=False, help_text="Send although the answer was `maybe_patient`: it tells of no patient."
    )


class ReadUpToSerializer(serializers.Serializer[None]):
    number = serializers.IntegerField(min_value=0, max_value=2**31 - 1, help_text="The last number read.")


class UnreadMessagesSerializer(serializers.Serializer[None]):
    unread = serializers.IntegerField(help_text="What is left to read there.")


class SentPairSerializer(serializers.Serializer[None]):
    person = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, help_text="Id of somebody met in a session that was agreed on."
    )


class SentReportSerializer(serializers.Serializer[None]):
    reason = serializers.CharField(max_length=REASON_LENGTH_MAX, help_text="Read by the coordinators.")


class ReportSerializer(serializers.Serializer[MessageReport]):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ReportState.choices)
