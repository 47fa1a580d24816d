"""Mail of the embedded mode: one readable ``.eml`` file a message, nothing sent."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from backend.common.clock import now


class EmailBackend(BaseEmailBackend):
    """Write each message to ``folder``, named by instant so that the folder lists them in order."""

    def __init__(self, *, folder: str | Path, **options: Any) -> None:
        super().__init__(**options)
        self.folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write all messages; a half-written one is never seen under its final name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            path = self.folder / f"{now():%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:8]}.eml"
            draft = path.with_suffix(".part")
            draft.write_bytes(message.message().as_bytes())
            draft.rename(path)
        return len(email_messages)
