"""The link of a mail by which one person answers about one session without signing in.

It opens a page; only the button on it does anything. It bears who and which session, signed, and dies with age: what it
lets do is what the session lets that person do at that moment.
"""

import datetime as dt

from django.core import signing

from backend.accounts.models import Person
from backend.common.errors import NotFoundError
from backend.tutoring.models import Session

VALID = dt.timedelta(days=60)


def token_for(session: Session, person: Person) -> str:
    return _signer().sign(f"{session.pk}-{person.pk}")


def read_token(token: str) -> tuple[int, Person]:
    """Primary key of the session, and who answers; ``NotFoundError`` for a link that is not ours, or too old."""
    try:
        session, _, person = _signer().unsign(token, max_age=VALID).partition("-")
    except signing.BadSignature as error:
        raise NotFoundError from error
    found = Person.objects.filter(pk=int(person), is_active=True).first()
    if found is None:
        raise NotFoundError
    return int(session), found


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="tutoring.answer", sep=".")
