"""Who opens a socket: the browser's session, from a page of ours, or the token that a program shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

from backend.accounts.domain.tokens import hash_secret, person_of_token
from backend.accounts.models import Person

type Scope = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Credential:
    """What a person signed in with: it must still be good a second later, and the next one."""

    person_id: int
    session_key: str = ""
    token_hash: str = ""
    # The stored form of the password: another one ends every session, as Django does for pages.
    password: str = ""


def header_of(scope: Scope, name: bytes) -> str:
    """A header that came once; empty when it is absent, or came twice, which no honest client does."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def token_of(scope: Scope) -> str | None:
    """The secret of ``Authorization: Token …``; nothing when there is no such header."""
    keyword, _space, secret = header_of(scope, b"authorization").partition(" ")
    return secret.strip() if keyword.lower() == "token" else None


def is_welcome(scope: Scope) -> bool:
    """Whether the handshake may go on: a token is never sent by a foreign page, a cookie may be."""
    return token_of(scope) is not None or is_own_origin(scope)


def is_own_origin(scope: Scope) -> bool:
    """Whether the page that asks is one of ours: the host it was asked for, or one that the settings trust."""
    origin = header_of(scope, b"origin").lower()
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in ({"https"} if settings.HTTPS_ONLY else {"http", "https"}) or not parts.netloc:
        return False
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    host = _host_of(scope)
    name, _port = split_domain_port(host)
    return bool(name) and validate_host(name, settings.ALLOWED_HOSTS) and origin == f"{parts.scheme}://{host}"


def _host_of(scope: Scope) -> str:
    forwarded = header_of(scope, b"x-forwarded-host") if getattr(settings, "USE_X_FORWARDED_HOST", False) else ""
    return (forwarded or header_of(scope, b"host")).lower()


def authenticate(scope: Scope) -> tuple[Person, Credential] | None:
    """The person and what proves it; asks the database."""
    secret = token_of(scope)
    if secret is not None:
        person = person_of_token(secret=secret)
        return (person, Credential(person.pk, token_hash=hash_secret(secret))) if person else None
    return _person_of_session(_cookie_of(scope, settings.SESSION_COOKIE_NAME))


def _person_of_session(session_key: str) -> tuple[Person, Credential] | None:
    if not session_key:
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)
    person = get_user(request)
    if not isinstance(person, Person):
        return None
    return person, Credential(person.pk, session_key=session_key, password=person.password)


def _cookie_of(scope: Scope, name: str) -> str:
    try:
        cookies = SimpleCookie(header_of(scope, b"cookie"))
    except CookieError:
        return ""
    return cookies[name].value if name in cookies else ""
