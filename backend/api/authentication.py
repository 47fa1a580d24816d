"""Who is asking: the browser's session, or a token that a program shows."""

from rest_framework import authentication, exceptions
from rest_framework.request import Request

from backend.accounts.domain.tokens import person_of_token
from backend.accounts.models import Person

REALM = 'realm="Tandem"'


class CsrfFailed(exceptions.PermissionDenied):
    """A write by session without the token that proves it comes from our own pages."""

    default_code = "csrf_failed"


class SessionAuthentication(authentication.SessionAuthentication):
    """Nobody signed in is a 401, which needs a header; REST framework alone answers 403."""

    def authenticate_header(self, request: Request) -> str:
        return f"Session {REALM}"

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as refusal:
            raise CsrfFailed(refusal.detail) from None


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Token <secret>``; a wrong secret is a 401, whatever session comes with it."""

    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[Person, None] | None:
        keyword, _space, secret = authentication.get_authorization_header(request).decode("latin-1").partition(" ")
        if keyword.lower() != self.keyword.lower():
            return None
        person = person_of_token(secret=secret.strip())
        if person is None:
            raise exceptions.AuthenticationFailed
        return person, None

    def authenticate_header(self, request: Request) -> str:
        return f"{self.keyword} {REALM}"
