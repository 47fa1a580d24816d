"""The caller's notifications."""

from django.db.models import QuerySet
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.schema import describe, describe_action
from backend.api.serializers.notifications import NotificationSerializer, ReadSerializer, UnreadSerializer
from backend.api.views.base import ReadView, WriteView
from backend.notifications.domain.notify import (
    count_unread_notifications,
    mark_notifications_read,
    notifications_for,
)
from backend.notifications.models import Notification


@describe("My notifications, newest first", NotificationSerializer(many=True), 400)
class NotificationListView(ListAPIView[Notification], ReadView):
    queryset = Notification.objects.none()
    serializer_class = NotificationSerializer
    filter_backends = []
    ordering = ("-number",)

    def get_queryset(self) -> QuerySet[Notification]:
        return notifications_for(self.person)


@describe_action("Mark my notifications as read", UnreadSerializer, sent=ReadSerializer)
class ReadNotificationsView(WriteView):
    http_method_names = ["post"]

    def post(self, request: Request) -> Response:
        form = ReadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        mark_notifications_read(person=self.person, up_to=form.validated_data["number"])
        return Response({"unread": count_unread_notifications(self.person)})
