"""Every address under ``/api/v1/``."""

from django.urls import path, re_path

from backend.api.views import (
    availabilities,
    claims,
    conversations,
    documentation,
    ledger,
    me,
    members,
    needs,
    networks,
    notifications,
    referentials,
    sessions,
)
from backend.api.views.base import UnknownAddressView

app_name = "api"
urlpatterns = [
    path("availabilities/", availabilities.AvailabilitiesView.as_view(), name="availabilities"),
    path("availabilities/windows/", availabilities.WindowListView.as_view(), name="availability_windows"),
    path("availabilities/windows/<int:pk>/", availabilities.WindowView.as_view(), name="availability_window"),
    path("availabilities/exceptions/", availabilities.ExceptionListView.as_view(), name="availability_exceptions"),
    path("availabilities/exceptions/<int:pk>/", availabilities.ExceptionView.as_view(), name="availability_exception"),
    path("availabilities/offers/<slug:network>/", availabilities.OfferView.as_view(), name="availability_offer"),
    path("claims/", claims.ClaimListView.as_view(), name="claims"),
    path("claims/<int:pk>/", claims.ClaimDetailView.as_view(), name="claim"),
    path("claims/<int:pk>/accept/", claims.AcceptClaimView.as_view(), name="accept_claim"),
    path("claims/<int:pk>/refuse/", claims.RefuseClaimView.as_view(), name="refuse_claim"),
    path("claims/<int:pk>/ask-more/", claims.AskMoreView.as_view(), name="ask_more"),
    path("claims/<int:pk>/revoke/", claims.RevokeClaimView.as_view(), name="revoke_claim"),
    path("claims/<int:pk>/answer/", claims.AnswerClaimView.as_view(), name="answer_claim"),
    path("claims/<int:pk>/withdraw/", claims.WithdrawClaimView.as_view(), name="withdraw_claim"),
    path("conversations/", conversations.ConversationListView.as_view(), name="conversations"),
    path("conversations/<int:pk>/", conversations.ConversationDetailView.as_view(), name="conversation"),
    path("conversations/<int:pk>/messages/", conversations.MessageListView.as_view(), name="messages"),
    path("conversations/<int:pk>/messages/<int:number>/", conversations.MessageView.as_view(), name="message"),
    path(
        "conversations/<int:pk>/messages/<int:number>/report/",
        conversations.ReportMessageView.as_view(),
        name="report_message",
    ),
    path("conversations/<int:pk>/read/", conversations.ReadConversationView.as_view(), name="read_conversation"),
    path(
        "conversations/<int:pk>/members/", conversations.ConversationMembersView.as_view(), name="conversation_members"
    ),
    path(
        "conversations/<int:pk>/members/<int:person>/",
        conversations.ConversationMemberView.as_view(),
        name="conversation_member",
    ),
    path("me/", me.MeView.as_view(), name="me"),
    path("members/", members.MemberListView.as_view(), name="members"),
    path("members/<int:pk>/", members.MemberDetailView.as_view(), name="member"),
    path("members/<int:pk>/suspend/", members.SuspendMemberView.as_view(), name="suspend_member"),
    path("networks/", networks.NetworkListView.as_view(), name="networks"),
    path("notifications/", notifications.NotificationListView.as_view(), name="notifications"),
    path("notifications/read/", notifications.ReadNotificationsView.as_view(), name="read_notifications"),
    path("positioning/", needs.PositioningListView.as_view(), name="positioning"),
    path("requests/", needs.RequestListView.as_view(), name="requests"),
    path("requests/<int:pk>/", needs.RequestDetailView.as_view(), name="request"),
    path("requests/<int:pk>/withdraw/", needs.WithdrawRequestView.as_view(), name="withdraw_request"),
    path("sessions/", sessions.SessionListView.as_view(), name="sessions"),
    path("sessions/<int:pk>/", sessions.SessionDetailView.as_view(), name="session"),
    path("ledger/", ledger.LedgerView.as_view(), name="ledger"),
    path("referentials/", referentials.FrameworkListView.as_view(), name="referentials"),
    path("referentials/<slug:slug>/", referentials.FrameworkDetailView.as_view(), name="referential"),
    path("notions/", referentials.NotionListView.as_view(), name="notions"),
    path("notions/<slug:slug>/", referentials.NotionDetailView.as_view(), name="notion"),
    path("professions/", referentials.ProfessionListView.as_view(), name="professions"),
    path("specialties/", referentials.SpecialtyListView.as_view(), name="specialties"),
    path("territories/", referentials.TerritoryListView.as_view(), name="territories"),
    path("schema/", documentation.SchemaView.as_view(), name="schema"),
    path("docs/", documentation.DocsView.as_view(), name="docs"),
    re_path(r"^.*$", UnknownAddressView.as_view(), name="unknown"),
]
