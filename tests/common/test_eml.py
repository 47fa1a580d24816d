"""Mail of the embedded mode lies whole in its folder."""

import datetime as dt
import email
import email.policy
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives

from backend.common.clock import told_at
from backend.common.eml import EmailBackend


def make_message(subject: str, body: str = "Bonjour,\nà jeudi.") -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(subject, body, "bonjour@tandem.example", ["tutrice@exemple.example"])
    message.attach_alternative(f"<p>{body}</p>", "text/html")
    return message


def test_each_message_is_one_whole_file(tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    sent = EmailBackend(folder=folder).send_messages([make_message("Séance confirmée"), make_message("Rappel")])
    files = sorted(folder.iterdir())
    assert sent == 2
    assert [file.suffix for file in files] == [".eml", ".eml"]
    read = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    assert [message["subject"] for message in read] == ["Séance confirmée", "Rappel"]
    plain = read[0].get_body(("plain",))
    assert plain is not None
    assert plain.get_content().strip() == "Bonjour,\nà jeudi."
    assert [part.get_content_type() for part in read[0].iter_parts()] == ["text/plain", "text/html"]


def test_the_folder_lists_messages_in_order(tmp_path: Path) -> None:
    backend = EmailBackend(folder=str(tmp_path))
    for minute in (3, 1, 2):
        with told_at(dt.datetime(2026, 12, 3, 12, minute, tzinfo=dt.UTC)):
            backend.send_messages([make_message(f"minute {minute}")])
    names = [email.message_from_bytes(file.read_bytes())["subject"] for file in sorted(tmp_path.iterdir())]
    assert names == ["minute 1", "minute 2", "minute 3"]


def test_nothing_is_seen_of_a_message_that_cannot_be_written(tmp_path: Path) -> None:
    wrong = make_message("Sujet")
    wrong.extra_headers["Subject"] = "two\nlines"
    with pytest.raises(ValueError, match="Subject"):
        EmailBackend(folder=tmp_path).send_messages([wrong])
    assert list(tmp_path.iterdir()) == []
