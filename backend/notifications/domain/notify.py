"""Telling somebody something: a line in the application, and a mail unless they muted its kind."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import Person
from backend.common.clock import now
from backend.networks.domain.members import coordinators_of
from backend.networks.models import Network
from backend.notifications.domain.outbox import write_mail
from backend.notifications.enums import Kind
from backend.notifications.models import Inbox, Notification

SIGNATURE = "\n\n—\nTandem, l’entraide numérique de votre CPTS.\nChoisir les courriels que vous recevez : {profile}\n"


@dataclass(frozen=True, slots=True)
class News:
    """One sentence (``title``), where it leads (``url``, a path), and the mail's text when it says more.

    ``key`` names what happened: with the person, it makes the same news tell once.
    """

    key: str
    kind: Kind
    title: str
    url: str
    body: str = ""


@transaction.atomic
def notify(*, person: Person, news: News, mail_delay: dt.timedelta = dt.timedelta()) -> Notification:
    """Write the notification and its mail in the caller's transaction; news already told gives what is there."""
    Inbox.objects.get_or_create(person=person)
    inbox = Inbox.objects.select_for_update(of=("self",)).get(person=person)
    if told := inbox.notifications.filter(key=news.key).first():
        return told
    inbox.last_number += 1
    inbox.save(update_fields=["last_number"])
    notification = Notification.objects.create(
        inbox=inbox, number=inbox.last_number, key=news.key, kind=news.kind, title=news.title, url=news.url
    )
    if news.kind not in inbox.muted_kinds:
        write_mail(
            key=f"{news.key}:{person.pk}",
            person=person,
            address=person.email,
            subject=news.title,
            body=_mail_body(person, news),
            delay=mail_delay,
        )
    return notification


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


def _mail_body(person: Person, news: News) -> str:
    text = news.body or news.title
    signature = SIGNATURE.format(profile=absolute_url("/profil/"))
    return f"Bonjour {person.first_name},\n\n{text}\n\n{absolute_url(news.url)}{signature}"
