"""``Idempotency-Key``: a POST that is sent again gets the first answer, and does nothing twice.

The record of a key, what the view does and its answer are one transaction: the record is there if, and only if, the
thing was done. So a second request that comes while the first one runs waits for it (the key is unique), and one that
comes after a crash finds nothing and is the first. A refusal (4xx) is an answer too; after a 500 the key is free.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from backend.accounts.models import IdempotencyRecord, Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError

HEADER = "Idempotency-Key"
KEY_LENGTH_MAX = 255
KEY_PATTERN = "^[!-~]+$"
KEPT = dt.timedelta(hours=24)
# From here on the answer says nothing of what was asked, only that we failed.
FIRST_FAILURE = 500

type Handler = Callable[..., Response]


def read_key(request: Request) -> str:
    """The key of a request, empty when it bears none; one that is there but empty was lost on the way: refused."""
    if HEADER not in request.headers:
        return ""
    key = request.headers[HEADER].strip()
    if len(key) > KEY_LENGTH_MAX or not re.fullmatch(KEY_PATTERN, key):
        message = f"{HEADER} : de 1 à {KEY_LENGTH_MAX} lettres, chiffres et signes, sans accent ni espace."
        raise DomainError(message, code="idempotency_key_invalid")
    return key


def answer_once(
    *, request: Request, person: Person, key: str, handler: Handler, refuse: Callable[[Exception], Response]
) -> Response:
    """The answer of ``handler``, or the one that this key got before; ``refuse`` answers what the handler raises."""
    fingerprint = fingerprint_of(request)
    with transaction.atomic():
        record, is_new = _take_key(person, key, request.path, fingerprint)
        if not is_new:
            return _repeat(record, fingerprint)
        response = _run(handler, refuse)
        if response.status_code < FIRST_FAILURE:
            _keep(record, response)
        else:
            transaction.set_rollback(True)
    return response


def fingerprint_of(request: Request) -> str:
    """SHA-256 of what is asked; a form with files is read first, since its boundaries change each time it is sent."""
    digest = hashlib.sha256()
    for part in _parts_of(request):
        digest.update(part)
    return digest.hexdigest()


def _parts_of(request: Request) -> Iterator[bytes]:
    if not (request.content_type or "").startswith("multipart/"):
        yield request.body
        return
    if not isinstance(request.data, QueryDict):  # sent under a false name to a view that reads JSON whatever it is
        yield json.dumps(request.data, sort_keys=True).encode()
        return
    for name, values in sorted(request.data.lists()):
        for value in values:
            yield f"\0{name}\0".encode()
            yield from _chunks_of(value)


def _chunks_of(value: Any) -> Iterator[bytes]:
    if not isinstance(value, UploadedFile):
        yield str(value).encode()
        return
    yield from value.chunks()
    value.seek(0)


def _take_key(person: Person, key: str, route: str, fingerprint: str) -> tuple[IdempotencyRecord, bool]:
    """The record of a key, and whether it is ours to fill: whoever comes second waits here for the first."""
    IdempotencyRecord.objects.filter(person=person, created_at__lt=now() - KEPT).delete()
    return IdempotencyRecord.objects.get_or_create(
        person=person, key=key, route=route, defaults={"fingerprint": fingerprint}
    )


def _run(handler: Handler, refuse: Callable[[Exception], Response]) -> Response:
    """What the view answers; a refusal leaves nothing of what came before it."""
    try:
        with transaction.atomic():
            return handler()
    except Exception as refusal:  # noqa: BLE001 (as REST framework's own dispatch: `refuse` knows them all)
        return refuse(refusal)


def _keep(record: IdempotencyRecord, response: Response) -> None:
    record.status = response.status_code
    record.answer = JSONRenderer().render(response.data).decode()
    record.save(update_fields=["status", "answer"])


def _repeat(record: IdempotencyRecord, fingerprint: str) -> Response:
    if record.fingerprint != fingerprint:
        raise ConflictError("Cette clé a déjà servi à demander autre chose.", code="idempotency_key_reused")
    return Response(json.loads(record.answer) if record.answer else None, status=record.status)
