"""Support pages: who talks with whom. What they say is theirs: no message is shown."""

from django.contrib import admin

from backend.common.admin import ReadOnly, ReadOnlyInline
from backend.conversations.models import Conversation, ConversationMember


class ConversationMemberInline(ReadOnlyInline):
    model = ConversationMember
    fields = ["person", "last_read", "joined_at"]


@admin.register(Conversation)
class ConversationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["title", "kind", "network", "last_number", "created_at"]
    list_filter = ["kind", "network"]
    list_select_related = ["network"]
    search_fields = ["title", "members__person__email", "members__person__last_name"]
    fields = ["title", "kind", "network", "last_number", "created_at"]
    inlines = [ConversationMemberInline]
