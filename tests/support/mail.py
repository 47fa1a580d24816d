"""Mail servers that misbehave, as the outbox must expect."""

from collections.abc import Sequence
from typing import ClassVar

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend as MemoryBackend


class RefusingBackend(BaseEmailBackend):
    """A server that cannot be reached."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise ConnectionRefusedError(f"no server for {len(email_messages)} mails")


class DyingBackend(MemoryBackend):
    """Takes the mail, then the process dies before it can note so."""

    dies: ClassVar[bool] = True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        sent = super().send_messages(email_messages)
        if type(self).dies:
            raise SystemExit("killed")
        return sent
