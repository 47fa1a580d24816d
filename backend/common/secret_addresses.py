"""Addresses that are keys: what signs in, joins or reads a calendar must not be read in a log."""

import logging
import re

SECRET = re.compile(r"(/(?:connexion|invitation|calendrier|compte/password/reset/key)/)[^/\s\"'?#]+")


def hide_secrets(text: str) -> str:
    """``/connexion/…/`` for an address with a secret in it."""
    return SECRET.sub(r"\1…", text)


class SecretAddressFilter(logging.Filter):
    """Rewrite a record before any handler writes it; Django names the path of each refused request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = hide_secrets(record.getMessage()), None
        return True
