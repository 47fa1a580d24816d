"""What is told of conversations besides their messages, which ``digest`` tells of."""

from django.urls import reverse

from backend.conversations.models import MessageReport
from backend.events.bus import listen
from backend.events.types import MessageReported
from backend.notifications.domain.notify import News, tell_coordinators
from backend.notifications.enums import Kind


@listen(MessageReported)
def ask_coordinators_to_look(event: MessageReported) -> None:
    """The message itself is read on its page alone."""
    report = MessageReport.objects.select_related("message__conversation__network", "message__sender").get(
        pk=event.report_id
    )
    news = News(key=f"report:{report.pk}", kind=Kind.MESSAGE, title="Un message est signalé", url=reverse("moderation"))
    tell_coordinators(network=report.message.conversation.network, news=news, but=report.message.sender)
