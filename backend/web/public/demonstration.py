"""« Courriels de démonstration »: what the embedded mode would have sent, to read in the browser."""

import datetime as dt
import email
import zoneinfo
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

MAILS_PER_PAGE = 20
ZONE = zoneinfo.ZoneInfo("Europe/Paris")
NAME_FORMAT = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of the outbox folder."""

    name: str
    sent_at: dt.datetime
    to: str
    subject: str
    text: str


@require_safe
def list_mails(request: HttpRequest) -> HttpResponse:
    paths = sorted(_folder().glob("*.eml"), reverse=True)
    page = Paginator(paths, MAILS_PER_PAGE).get_page(request.GET.get("page"))
    mails = [_read(path) for path in page.object_list]
    return render(request, "public/mails.html", {"page": page, "mails": mails, "zone": ZONE})


@require_safe
def show_mail(request: HttpRequest, name: str) -> HttpResponse:
    path = _folder() / f"{name}.eml"
    if not path.is_file():
        raise Http404
    return render(request, "public/mail.html", {"mail": _read(path), "zone": ZONE})


def _folder() -> Path:
    """The outbox of the embedded mode; production has none, and no such page."""
    if not settings.LOCAL or settings.MAIL_URL:
        raise Http404
    return Path(settings.EML_DIR)


def _read(path: Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)
    sent_at = dt.datetime.strptime(path.stem.partition("-")[0], NAME_FORMAT).replace(tzinfo=dt.UTC)
    return Mail(path.stem, sent_at, str(message["To"]), str(message["Subject"]), _plain_text(message))


def _plain_text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain",))
    return body.get_content().strip() if body else ""
