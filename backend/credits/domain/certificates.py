"""Making a certificate from the ledger, and checking one by its number."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction

from backend.accounts.models import Person
from backend.common.errors import DomainError
from backend.credits.domain.ledger import account_of, correction_source
from backend.credits.enums import CertificateRole, EntryKind
from backend.credits.models import GROUP_LENGTH, Certificate, Entry
from backend.networks.models import Network

KIND_OF_ROLE = {CertificateRole.TUTOR: EntryKind.TUTORING, CertificateRole.LEARNER: EntryKind.LEARNING}


LOOK_ALIKES = str.maketrans("OIL", "011")


class NothingToCertifyError(DomainError):
    code = "nothing_to_certify"
    message = "Aucune heure n’est inscrite au registre sur cette période."


@transaction.atomic
def issue_certificate(
    *, network: Network, person: Person, role: CertificateRole, period_start: dt.date, period_end: dt.date
) -> Certificate:
    """Certify what the ledger holds between both days, included, in the network's zone.

    Corrections count with the entry they reverse, whenever they were written. Raises ``NothingToCertifyError`` when
    nothing remains.
    """
    account = account_of(person)
    start = dt.datetime.combine(period_start, dt.time(), network.zone)
    end = dt.datetime.combine(period_end + dt.timedelta(days=1), dt.time(), network.zone)
    entries = Entry.objects.filter(account=account, network=network).order_by("sequence")
    earned = entries.filter(kind=KIND_OF_ROLE[role], created_at__gte=start, created_at__lt=end)
    kept = with_corrections(earned, entries.filter(kind=EntryKind.CORRECTION))
    minutes = sum(entry.minutes for entry in kept)
    if minutes <= 0:
        raise NothingToCertifyError
    return Certificate.objects.create(
        account=account,
        network=network,
        role=role,
        period_start=period_start,
        period_end=period_end,
        minutes=minutes,
        points=sum((entry.points for entry in kept), Decimal(0)),
    )


def with_corrections(entries: Iterable[Entry], corrections: Iterable[Entry]) -> list[Entry]:
    """``entries`` and what corrects them, or corrects that; ``corrections`` come in the order of the ledger."""
    kept = list(entries)
    sources = {correction_source(entry.pk) for entry in kept}
    for correction in corrections:
        if correction.source in sources:
            kept.append(correction)
            sources.add(correction_source(correction.pk))
    return kept


def find_certificate(number: str) -> Certificate | None:
    """The certificate of a number typed by anybody: case, spaces, hyphens and look-alikes do not matter."""
    signs = "".join(sign for sign in number.upper().translate(LOOK_ALIKES) if sign.isalnum())
    groups = [signs[start : start + GROUP_LENGTH] for start in range(0, len(signs), GROUP_LENGTH)]
    return Certificate.objects.filter(number="-".join(groups)).first()
