"""How fast the ledger is checked, read and certified; run it by hand.

`python -m tests.benchmarks.ledger` on an empty database of its own (SQLite in a temporary folder).
"""

import datetime as dt
import os
import sys
import tempfile
import time
from decimal import Decimal

ENTRIES, CERTIFICATES, STATEMENT = 40_000, 200, 5_000


def main() -> None:
    os.environ["TANDEM_VAR"] = tempfile.mkdtemp()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")
    import django  # noqa: PLC0415 (settings come from the environment)

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    measure()


def measure() -> None:
    from backend.accounts.models import Person  # noqa: PLC0415
    from backend.credits.domain.batches import order_batch, work_on_batches  # noqa: PLC0415
    from backend.credits.domain.ledger import NewEntry, account_of, write_entries  # noqa: PLC0415
    from backend.credits.domain.proof import verify_chain  # noqa: PLC0415
    from backend.credits.enums import CertificateRole, EntryKind  # noqa: PLC0415
    from backend.networks.enums import Role  # noqa: PLC0415
    from backend.networks.models import Membership, MembershipRole, Network  # noqa: PLC0415
    from backend.tutoring.domain.certificate_pages import print_certificate  # noqa: PLC0415

    network = Network.objects.create(slug="mesure", name="CPTS mesurée")
    people = [
        Person.objects.create(email=f"p{rank}@exemple.example", first_name="P", last_name=f"Fictive {rank}")
        for rank in range(CERTIFICATES)
    ]
    membership = Membership.objects.create(network=network, person=people[0])
    MembershipRole.objects.create(membership=membership, role=Role.COORDINATOR)
    accounts = [account_of(person) for person in people]
    day = dt.date(2026, 3, 4)
    entries = [
        NewEntry(
            accounts[rank % CERTIFICATES], EntryKind.TUTORING, "data", Decimal("7.5"), 45, f"session:{rank}", day=day
        )
        for rank in range(ENTRIES)
    ]
    for start in range(0, ENTRIES, STATEMENT):
        write_entries(network=network, entries=entries[start : start + STATEMENT])
    started = time.perf_counter()
    verdict = verify_chain(network)
    seconds = time.perf_counter() - started
    rate = verdict.entries / seconds
    sys.stdout.write(f"chain: {verdict.entries} entries, {rate:,.0f} a second, {verdict.fault or 'ok'}\n")
    started = time.perf_counter()
    order_batch(network=network, author=people[0], role=CertificateRole.TUTOR, period_start=day, period_end=day)
    work_on_batches(print_certificate)
    seconds = time.perf_counter() - started
    sys.stdout.write(f"certificates: {CERTIFICATES} in one file in {seconds:.1f} s\n")


if __name__ == "__main__":
    main()
