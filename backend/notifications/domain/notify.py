"""Telling somebody something: a line in the application, and a mail unless they muted its kind."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from backend.accounts.models import Person
from backend.common.clock import now
from backend.networks.domain.members import coordinators_of
from backend.networks.models import Network
from backend.notifications.domain.invitations import CalendarPart
from backend.notifications.domain.quiet import end_of_quiet
from backend.notifications.enums import Kind, MailState
from backend.notifications.models import Inbox, Notification, OutboxMessage

SIGNATURE = "\n\n—\nTandem, l’entraide numérique de votre CPTS.\nChoisir les courriels que vous recevez : {choices}\n"


@dataclass(frozen=True, slots=True)
class News:
    """One sentence (``title``), where it leads (``url``, a path), and the mail's text when it says more.

    ``key`` names what happened: with the person, it makes the same news tell once. ``mail_url`` is where the mail leads
    when that is a key of the person's own, which no page shows. ``part`` is for the person's calendar.
    """

    key: str
    kind: Kind
    title: str
    url: str
    body: str = ""
    mail_url: str = ""
    part: CalendarPart | None = None


@transaction.atomic
def notify(*, person: Person, news: News, mail_delay: dt.timedelta = dt.timedelta()) -> Notification:
    """Write the notification and its mail in the caller's transaction; news already told gives what is there."""
    notify_all(letters=[(person, news)], mail_delay=mail_delay)
    return Notification.objects.get(inbox__person=person, key=news.key)


@transaction.atomic
def notify_all(*, letters: Sequence[tuple[Person, News]], mail_delay: dt.timedelta = dt.timedelta()) -> None:
    """Tell many people many things at once, each thing once; a handful of queries however many there are.

    Inboxes are locked in one order everywhere, and their numbers have no holes.
    """
    people = sorted({person.pk for person, _ in letters})
    Inbox.objects.bulk_create([Inbox(person_id=key) for key in people], ignore_conflicts=True)
    locked = Inbox.objects.select_for_update(of=("self",)).filter(person__in=people).order_by("person")
    inboxes = {inbox.person_id: inbox for inbox in locked}
    keys = {news.key for _, news in letters}
    told = set(
        Notification.objects.filter(inbox__in=inboxes.values(), key__in=keys).values_list("inbox__person", "key")
    )
    lines, mails = [], []
    for person, news in letters:
        if (person.pk, news.key) in told:
            continue
        told.add((person.pk, news.key))
        inbox = inboxes[person.pk]
        inbox.last_number += 1
        lines.append(_line(inbox, news))
        if _wants_mail(inbox, news):
            mails.append(_mail(inbox, person, news, mail_delay))
    Inbox.objects.bulk_update(inboxes.values(), ["last_number"], batch_size=500)
    Notification.objects.bulk_create(lines, batch_size=500)
    OutboxMessage.objects.bulk_create(mails, batch_size=500, ignore_conflicts=True)


@transaction.atomic
def mail_only(*, person: Person, news: News) -> None:
    """Write the mail of news that its person made, and needs no line about."""
    inbox, _ = Inbox.objects.get_or_create(person=person)
    if _wants_mail(inbox, news):
        OutboxMessage.objects.bulk_create([_mail(inbox, person, news, dt.timedelta())], ignore_conflicts=True)


def _wants_mail(inbox: Inbox, news: News) -> bool:
    """What a mail once put in a calendar is kept right, whatever its person muted since."""
    return news.kind not in inbox.muted_kinds or (news.part is not None and news.part.follows)


def _line(inbox: Inbox, news: News) -> Notification:
    return Notification(
        inbox=inbox, number=inbox.last_number, key=news.key, kind=news.kind, title=news.title, url=news.url
    )


def _mail(inbox: Inbox, person: Person, news: News, delay: dt.timedelta) -> OutboxMessage:
    return OutboxMessage(
        key=f"{news.key}:{person.pk}",
        person=person,
        address=person.email,
        subject=news.title,
        body=greet_and_sign(person, news.body or news.title, absolute_url(news.mail_url or news.url)),
        due_at=end_of_quiet(inbox, now() + delay),
        series=news.part.series if news.part else "",
        method=news.part.method if news.part else "",
        calendar=news.part.content if news.part else "",
    )


@transaction.atomic
def forget_news(*, keys: Sequence[str]) -> None:
    """Take back news that nothing came of: lines and mails that have not left."""
    lines = Notification.objects.filter(key__in=keys)
    mails = [f"{key}:{person}" for key, person in lines.values_list("key", "inbox__person")]
    OutboxMessage.objects.filter(state=MailState.WAITING, key__in=mails).delete()
    lines.delete()


def tell_coordinators(*, network: Network, news: News, but: Person | None = None) -> None:
    """Notify everybody who coordinates a network, except whoever the news is about."""
    for coordinator in coordinators_of(network):
        if coordinator != but:
            notify(person=coordinator, news=news)


def notifications_for(person: Person) -> QuerySet[Notification]:
    """The person's notifications, last first."""
    return Notification.objects.filter(inbox__person=person).order_by("-number")


def count_unread_notifications(person: Person) -> int:
    return Notification.objects.filter(inbox__person=person, read_at=None).count()


def mark_notifications_read(*, person: Person, up_to: int) -> None:
    """Mark as read all notifications up to a number, included."""
    notifications_for(person).filter(number__lte=up_to, read_at=None).update(read_at=now())


@transaction.atomic
def mute_kinds(*, person: Person, kinds: list[Kind]) -> None:
    """Say which news should not come by mail; in the application they always show."""
    Inbox.objects.update_or_create(person=person, defaults={"muted_kinds": sorted(kinds)})


def muted_kinds_of(person: Person) -> list[str]:
    """Kinds of news the person does not want by mail."""
    inbox = Inbox.objects.filter(person=person).first()
    return list(inbox.muted_kinds) if inbox else []


def absolute_url(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"


def greet_and_sign(person: Person, text: str, address: str) -> str:
    """A mail's whole text: it ends with where it leads, and where to choose which mails one gets."""
    signature = SIGNATURE.format(choices=absolute_url(reverse("choices")))
    return f"Bonjour {person.first_name},\n\n{text}\n\n{address}{signature}"
