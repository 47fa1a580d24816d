"""What each event means for whoever listens. All after the commit, best effort.

Notifications have none: they are written by hundreds at once, and ``watch`` sees within a second whose number rose.
"""

from backend.conversations.domain.queries import item_of
from backend.events.bus import listen
from backend.events.types import MemberRemoved, MessageSent, MessageWithdrawn, ReadMarked, RunProgressed
from realtime.frames import Topic, write_frame
from realtime.news import Kind, News, tell
from realtime.stored import frame_of, frame_of_run


@listen(MessageSent, after_commit=True)
def tell_message(event: MessageSent) -> None:
    _tell_item(event.conversation_id, event.message_id)


@listen(MessageWithdrawn, after_commit=True)
def tell_withdrawal(event: MessageWithdrawn) -> None:
    _tell_item(event.conversation_id, event.message_id)


@listen(ReadMarked, after_commit=True)
def tell_reading(event: ReadMarked) -> None:
    topic = Topic("conversation", event.conversation_id)
    tell(News(Kind.READ, topic, person=event.person_id))
    if event.is_shown:
        text = write_frame("read", topic=str(topic), person=event.person_id, number=event.number)
        tell(News(Kind.PASSING, topic, text=text, person=event.person_id))


@listen(MemberRemoved, after_commit=True)
def end_seat(event: MemberRemoved) -> None:
    tell(News(Kind.REMOVED, Topic("conversation", event.conversation_id), person=event.person_id))


@listen(RunProgressed, after_commit=True)
def tell_progress(event: RunProgressed) -> None:
    topic = Topic("campaign", event.campaign_id)
    tell(News(Kind.PASSING, topic, text=frame_of_run(event.run_id)))


def _tell_item(conversation_id: int, message_id: int) -> None:
    item = frame_of(item_of(message_id))
    tell(News(Kind.STORED, Topic("conversation", conversation_id), item.number, item.text))
