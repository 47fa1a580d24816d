"""Certificates of everybody in one file: asked for, made by a job a few at a time, kept some days, effaced."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import DomainError, NotFoundError
from backend.credits.domain.certificates import NothingToCertifyError, accounts_to_certify, issue_certificate
from backend.credits.enums import BatchState, CertificateRole
from backend.credits.models import Account, Certificate, CertificateBatch
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import require_role

AT_ONCE = 20
LEASE = dt.timedelta(minutes=2)
KEPT = dt.timedelta(days=7)
FOLDER = "certificate-batches"

type Printer = Callable[[Certificate], bytes]


@transaction.atomic
def order_batch(
    *, network: Network, author: Person, role: CertificateRole, period_start: dt.date, period_end: dt.date
) -> CertificateBatch:
    """Ask for the certificates of everybody who earned something; a job makes them. One order at a time."""
    require_role(author, network, Role.COORDINATOR)
    if period_end < period_start:
        message = "Le dernier jour vient après le premier."
        raise DomainError(message, code="period", fields={"period_end": [message]})
    Network.objects.select_for_update(of=("self",)).get(pk=network.pk)
    same = CertificateBatch.objects.filter(
        network=network, role=role, period_start=period_start, period_end=period_end, state=BatchState.WAITING
    )
    if waiting := same.first():
        return waiting
    accounts = accounts_to_certify(network=network, role=role, period_start=period_start, period_end=period_end)
    if not accounts:
        raise NothingToCertifyError
    return CertificateBatch.objects.create(
        network=network,
        author=author,
        role=role,
        period_start=period_start,
        period_end=period_end,
        accounts=list(accounts),
        total=len(accounts),
    )


def batches_of(network: Network) -> QuerySet[CertificateBatch]:
    return CertificateBatch.objects.filter(network=network).select_related("author").order_by("-created_at", "-pk")


def access_batch_for(person: Person, batch_id: int) -> CertificateBatch:
    found = CertificateBatch.objects.select_related("network").filter(pk=batch_id).first()
    if found is None:
        raise NotFoundError
    require_role(person, found.network, Role.COORDINATOR)
    return found


def work_on_batches(print_certificate: Printer) -> None:
    """Take the oldest order that nobody works on and finish it; efface files that are old. Safe to run twice at once.

    A worker that dies leaves its lease behind: the next one goes on where it was.
    """
    purge_batches()
    batch = _lease()
    while batch is not None and batch.accounts:
        batch = _issue_some(batch.pk)
    if batch is not None:
        _finish(batch, print_certificate)


@transaction.atomic
def _lease() -> CertificateBatch | None:
    free = Q(leased_until=None) | Q(leased_until__lt=now())
    waiting = CertificateBatch.objects.filter(free, state=BatchState.WAITING).order_by("pk")
    batch = waiting.select_for_update(of=("self",), skip_locked=True).first()
    if batch is not None:
        batch.leased_until = now() + LEASE
        batch.save(update_fields=["leased_until"])
    return batch


@transaction.atomic
def _issue_some(batch_id: int) -> CertificateBatch | None:
    """Make the next certificates: they, and what is left to do, are saved together."""
    batches = CertificateBatch.objects.select_for_update(of=("self",)).select_related("network")
    batch = batches.filter(pk=batch_id, state=BatchState.WAITING).first()
    if batch is None:
        return None
    chosen, batch.accounts = batch.accounts[:AT_ONCE], batch.accounts[AT_ONCE:]
    for account in Account.objects.filter(pk__in=chosen).select_related("person__profession").order_by("pk"):
        if account.person is not None:
            _issue(batch, account.person)
    batch.leased_until = now() + LEASE
    batch.save(update_fields=["accounts", "leased_until"])
    return batch


def _issue(batch: CertificateBatch, person: Person) -> None:
    try:
        certificate = issue_certificate(
            network=batch.network,
            person=person,
            role=CertificateRole(batch.role),
            period_start=batch.period_start,
            period_end=batch.period_end,
            author=batch.author,
        )
    except NothingToCertifyError:
        # Corrected away since the order: there is nothing left of theirs.
        batch.total -= 1
        batch.save(update_fields=["total"])
    else:
        batch.certificates.add(certificate)


def _finish(batch: CertificateBatch, print_certificate: Printer) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for certificate in batch.certificates.select_related("network", "account__person").order_by("pk"):
            archive.writestr(f"attestation-{certificate.number}.pdf", print_certificate(certificate))
    with transaction.atomic():
        found = CertificateBatch.objects.select_for_update(of=("self",)).filter(pk=batch.pk, state=BatchState.WAITING)
        if (waiting := found.first()) is None:
            return
        name = default_storage.save(f"{FOLDER}/{batch.pk}.zip", ContentFile(stream.getvalue()))
        waiting.file, waiting.state, waiting.done_at, waiting.leased_until = name, BatchState.DONE, now(), None
        waiting.save(update_fields=["file", "state", "done_at", "leased_until"])


@transaction.atomic
def purge_batches() -> int:
    """Efface the files of orders that are old enough; how many. The certificates stay."""
    old = CertificateBatch.objects.filter(state=BatchState.DONE, done_at__lte=now() - KEPT).order_by("pk")
    batches = list(old.select_for_update(of=("self",), skip_locked=True))
    for batch in batches:
        transaction.on_commit(partial(default_storage.delete, batch.file))
        batch.state, batch.file = BatchState.PURGED, ""
        batch.save(update_fields=["state", "file"])
    return len(batches)
