"""What is stored behind each topic, as frames: the history a client catches up with, and what is news for others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.accounts.models import Person
from backend.campaigns.domain.campaigns import access_campaign_for
from backend.campaigns.models import Run
from backend.common.errors import NotFoundError, RoleRequiredError
from backend.conversations.domain import queries
from backend.conversations.domain.queries import messages_after
from backend.notifications.domain.notify import notifications_for
from backend.notifications.models import Inbox, Notification
from matching.result import relative_gap
from realtime.frames import Code, FrameError, Topic, write_frame
from realtime.talks import read_last_number

PAGE = 200


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered frame of a topic."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """Items above a number, in order, and the number of the last one there is."""

    items: Sequence[Item]
    last: int

    @property
    def more(self) -> bool:
        return bool(self.items) and self.items[-1].number < self.last


def read_page(person: Person, topic: Topic, after: int) -> Page:
    """What the person has not seen of a topic; raises ``FrameError`` when it is not theirs, or not there."""
    try:
        return READERS[topic.kind](person, topic, after)
    except (NotFoundError, RoleRequiredError):
        raise FrameError(Code.NOT_FOUND) from None


def _read_conversation(person: Person, topic: Topic, after: int) -> Page:
    # First, so that an item written meanwhile makes a longer page, not a longer wait.
    last = read_last_number(topic.number)
    items = [frame_of(item) for item in messages_after(person, topic.number, after, PAGE)]
    return Page(items, max(last, items[-1].number) if items else last)


def _read_inbox(person: Person, _topic: Topic, after: int) -> Page:
    last = Inbox.objects.filter(person=person).values_list("last_number", flat=True).first() or 0
    news = notifications_for(person).filter(number__gt=after).order_by("number")[:PAGE]
    return Page([item_of_notification(notification) for notification in news], last)


def _read_campaign(person: Person, topic: Topic, _after: int) -> Page:
    access_campaign_for(person, topic.number)
    return Page([], 0)


READERS: dict[str, Callable[[Person, Topic, int], Page]] = {
    "conversation": _read_conversation,
    "me": _read_inbox,
    "campaign": _read_campaign,
}


def frame_of(item: queries.Item) -> Item:
    """A message, or the news that one is gone."""
    topic = f"conversation:{item.conversation_id}"
    if item.target is not None:
        return Item(item.number, write_frame("message_withdrawn", topic=topic, number=item.number, target=item.target))
    text = write_frame(
        "message",
        topic=topic,
        number=item.number,
        id=item.id,
        sender={"id": item.sender_id, "name": item.sender_name},
        body=item.body,
        sent_at=item.sent_at.isoformat(),
        withdrawn=item.withdrawn,
    )
    return Item(item.number, text)


def frame_of_run(run_id: int) -> str:
    """How far a computation is."""
    run = Run.objects.defer("instance", "solution").get(pk=run_id)
    latest = run.progress.order_by("elapsed", "pk").last()
    return write_frame(
        "run_progress",
        topic=f"campaign:{run.campaign_id}",
        elapsed=latest.elapsed if latest else None,
        objective=latest.objective if latest else None,
        bound=latest.bound if latest else None,
        gap=relative_gap(latest.objective, latest.bound) if latest and latest.bound is not None else None,
        served=latest.served if latest else None,
        state=run.state,
    )


def read_progress(topic: Topic) -> str | None:
    """The frame of a campaign's last computation, for whoever comes while it runs."""
    run = Run.objects.filter(campaign=topic.number).order_by("-pk").only("pk").first()
    return frame_of_run(run.pk) if run else None


def item_of_notification(notification: Notification) -> Item:
    text = write_frame(
        "notification",
        topic="me",
        number=notification.number,
        kind=notification.kind,
        title=notification.title,
        url=notification.url,
        created_at=notification.created_at.isoformat(),
    )
    return Item(notification.number, text)
