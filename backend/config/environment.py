"""Typed readers of environment variables, which fail loudly on a wrong value."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off", ""}


def read_text(name: str, default: str = "") -> str:
    """Value of ``name``, or the content of the file that ``name``_FILE points to (for secrets)."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def read_bool(name: str, *, default: bool = False) -> bool:
    word = read_text(name, "1" if default else "0").strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1, true, yes, on, 0, false, no, off; got {word!r}")


def read_list(name: str, default: str = "") -> list[str]:
    """Comma-separated words."""
    return [word.strip() for word in read_text(name, default).split(",") if word.strip()]


def parse_database_url(url: str) -> dict[str, object]:
    """Django's settings for ``postgres://user:password@host:port/name``; other engines are refused."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL must start with postgres://, got {parts.scheme or url!r}")
    name = parts.path.lstrip("/")
    if not name:
        raise ImproperlyConfigured("DATABASE_URL names no database")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(name),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }


def parse_mail_url(url: str) -> dict[str, object]:
    """Mailer options for ``smtp://`` (STARTTLS), ``smtps://`` (TLS from the start) or ``smtp+plain://``."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps", "smtp+plain"} or not parts.hostname:
        raise ImproperlyConfigured("MAIL_URL must look like smtp://user:password@host:587")
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or (465 if parts.scheme == "smtps" else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": parts.scheme == "smtps",
            "use_tls": parts.scheme == "smtp",
        },
    }
