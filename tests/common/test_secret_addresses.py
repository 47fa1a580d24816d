"""No log repeats an address that is a key."""

import logging

import pytest

from backend.common.secret_addresses import SecretAddressFilter, hide_secrets


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("Too Many Requests: /connexion/aB-3_x/", "Too Many Requests: /connexion/…/"),
        ("Gone: /invitation/12.aB-3/", "Gone: /invitation/…/"),
        ("Not Found: /calendrier/aB3.ics", "Not Found: /calendrier/…"),
        ("GET /compte/password/reset/key/1-abc/ 200", "GET /compte/password/reset/key/…/ 200"),
        ("Not Found: /membres/12/", "Not Found: /membres/12/"),
    ],
)
def test_the_key_is_left_out(line: str, hidden: str) -> None:
    assert hide_secrets(line) == hidden


def test_a_record_is_rewritten_with_its_arguments() -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, "%s: %s", ("Gone", "/connexion/secret/"), None)
    assert SecretAddressFilter().filter(record)
    assert record.getMessage() == "Gone: /connexion/…/"
