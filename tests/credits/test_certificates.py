"""Certificates say what the ledger held, and their numbers are checked by anybody."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backend.accounts.models import Person
from backend.common.clock import told_at
from backend.credits.domain.certificates import NothingToCertifyError, find_certificate, issue_certificate
from backend.credits.domain.ledger import NewEntry, account_of, reverse_entry, write_entries
from backend.credits.domain.scales import points_for, scale_on
from backend.credits.enums import CertificateRole, CertificateState, EntryKind
from backend.credits.models import NUMBER_ALPHABET, Account, Certificate, Entry, Scale, draw_certificate_number
from backend.networks.models import Network
from backend.referentials.enums import Area
from tests.support.factories import CertificateFactory, NetworkFactory, PersonFactory, ScaleFactory

pytestmark = pytest.mark.django_db

JANUARY, JUNE = dt.date(2026, 1, 1), dt.date(2026, 6, 30)


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create(timezone="Indian/Reunion")
    return found


@pytest.fixture
def person() -> Person:
    found: Person = PersonFactory.create()
    return found


def write(network: Network, person: Person, at: str, points: str, kind: EntryKind = EntryKind.TUTORING) -> Entry:
    """45 minutes written in the ledger at a local time."""
    instant = dt.datetime.fromisoformat(at).replace(tzinfo=network.zone)
    entry = NewEntry(
        account=account_of(person),
        kind=kind,
        area=Area.DATA,
        points=Decimal(points),
        minutes=45,
        source=f"session:{at}",
    )
    with told_at(instant):
        return write_entries(network=network, entries=[entry])[0]


def issue(network: Network, person: Person, role: CertificateRole = CertificateRole.TUTOR) -> Certificate:
    return issue_certificate(network=network, person=person, role=role, period_start=JANUARY, period_end=JUNE)


def test_both_days_are_included_in_the_zone_of_the_network(network: Network, person: Person) -> None:
    for at, points in (
        ("2025-12-31T23:59:59", "1000"),
        ("2026-01-01T00:00:00", "1"),
        ("2026-06-30T23:59:59", "2"),
        ("2026-07-01T00:00:00", "4000"),
    ):
        write(network, person, at, points)
    certificate = issue(network, person)
    assert (certificate.minutes, certificate.points) == (90, Decimal(3))
    assert (certificate.period_start, certificate.period_end, certificate.state) == (JANUARY, JUNE, "valid")
    assert certificate.account == account_of(person)


def test_each_role_has_its_own_hours(network: Network, person: Person) -> None:
    write(network, person, "2026-03-01T12:00", "7.50")
    write(network, person, "2026-03-02T12:00", "0", EntryKind.LEARNING)
    write(network, person, "2026-03-03T12:00", "0", EntryKind.LEARNING)
    figures = {
        role: (issue(network, person, role).minutes, issue(network, person, role).points) for role in CertificateRole
    }
    assert figures == {CertificateRole.TUTOR: (45, Decimal("7.50")), CertificateRole.LEARNER: (90, Decimal(0))}


def test_others_and_other_networks_do_not_count(network: Network, person: Person) -> None:
    write(network, PersonFactory.create(), "2026-03-01T12:00", "7.50")
    write(NetworkFactory.create(), person, "2026-03-02T12:00", "7.50")
    with pytest.raises(NothingToCertifyError):
        issue(network, person)
    assert not Certificate.objects.exists()


@pytest.mark.parametrize("corrected_at", ["2026-03-05T12:00", "2026-09-05T12:00"])
def test_corrections_count_whenever_they_were_written(corrected_at: str, network: Network, person: Person) -> None:
    kept = write(network, person, "2026-03-01T12:00", "7.50")
    wrong = write(network, person, "2026-03-02T12:00", "100")
    before = write(network, person, "2025-03-02T12:00", "50")
    with told_at(dt.datetime.fromisoformat(corrected_at).replace(tzinfo=network.zone)):
        reverse_entry(entry=wrong, reason="Erreur", author=person)
        opposite = reverse_entry(entry=before, reason="Erreur", author=person)
    certificate = issue(network, person)
    assert (certificate.minutes, certificate.points) == (45, kept.points)
    reverse_entry(entry=kept, reason="Erreur", author=person)
    with pytest.raises(NothingToCertifyError):
        issue(network, person)
    reverse_entry(entry=opposite, reason="Ce n’était pas une erreur", author=person)
    with pytest.raises(NothingToCertifyError):
        issue(network, person)


def test_a_correction_that_is_itself_corrected_no_longer_counts(network: Network, person: Person) -> None:
    entry = write(network, person, "2026-03-01T12:00", "7.50")
    opposite = reverse_entry(entry=entry, reason="Erreur", author=person)
    reverse_entry(entry=opposite, reason="Ce n’était pas une erreur", author=person)
    assert issue(network, person).points == Decimal("7.50")


def test_figures_stay_as_they_stood(network: Network, person: Person) -> None:
    write(network, person, "2026-03-01T12:00", "7.50")
    first = issue(network, person)
    write(network, person, "2026-03-02T12:00", "7.50")
    second = issue(network, person)
    first.refresh_from_db()
    assert [(row.minutes, row.points) for row in (first, second)] == [(45, Decimal("7.50")), (90, Decimal(15))]
    assert first.number != second.number


@pytest.mark.parametrize(
    "typed",
    [
        "7K2M-90QX-A1B0-ZZ11",
        "7k2m90qxa1b0zz11",
        " 7K2M 90QX\tA1B0 ZZ11\n",
        "7K2M–90QX–A1B0–ZZ11",
        "7K2M-9OQX-AIBO-ZZLi",
    ],
)
def test_a_number_is_found_however_it_is_typed(typed: str) -> None:
    certificate = CertificateFactory.create(number="7K2M-90QX-A1B0-ZZ11")
    CertificateFactory.create(number="7K2M-90QX-A1B0-ZZ12")
    assert find_certificate(typed) == certificate


@pytest.mark.parametrize(
    "typed", ["", "-", "7K2M", "7K2M-90QX-A1B0-ZZ1", "7K2M-90QX-A1B0-ZZ111", "7K2M-90QX-A1B0-ZZ11-ZZ11", "%", "\x00"]
)
def test_another_number_is_not_found(typed: str) -> None:
    CertificateFactory.create(number="7K2M-90QX-A1B0-ZZ11")
    assert find_certificate(typed) is None


def test_a_revoked_certificate_is_found_and_says_so() -> None:
    certificate = CertificateFactory.create(state=CertificateState.REVOKED)
    found = find_certificate(certificate.number)
    assert found is not None
    assert found.state == CertificateState.REVOKED


def test_numbers_cannot_be_guessed() -> None:
    numbers = [draw_certificate_number() for _ in range(2000)]
    assert len(set(numbers)) == 2000
    assert {tuple(map(len, number.split("-"))) for number in numbers} == {(4, 4, 4, 4)}
    assert set("".join(numbers)) == {*NUMBER_ALPHABET, "-"}
    # 32 signs in each of 16 places: 80 bits.
    signs = [number.replace("-", "") for number in numbers]
    assert [len({number[place] for number in signs}) for place in range(16)] == [32] * 16
    assert set("ILOU").isdisjoint(NUMBER_ALPHABET)


def test_an_erased_persons_certificate_still_verifies(network: Network, person: Person) -> None:
    write(network, person, "2026-03-01T12:00", "7.50")
    certificate = issue(network, person)
    Account.objects.update(person=None)
    assert find_certificate(certificate.number) == certificate


# Scales


@pytest.mark.parametrize(
    ("minutes", "present", "points"),
    [
        (60, 1, "10.00"),
        (45, 1, "7.50"),
        (30, 1, "5.00"),
        (60, 2, "12.00"),
        (45, 2, "9.00"),
        (45, 3, "10.50"),
        (30, 12, "16.00"),
        (45, 0, "0"),
    ],
)
def test_the_default_rule_of_points(minutes: int, present: int, points: str, network: Network) -> None:
    scale = scale_on(network, JANUARY)
    assert not Scale.objects.exists()
    assert points_for(scale, minutes=minutes, present=present) == Decimal(points)


def test_points_are_rounded_half_up_to_the_hundredth() -> None:
    scale = Scale(points_per_hour=Decimal("0.50"), points_per_extra_learner=Decimal("0.06"))
    assert points_for(scale, minutes=45, present=1) == Decimal("0.38")
    assert points_for(scale, minutes=15, present=2) == Decimal("0.14")


def test_the_newest_rule_in_force_applies(network: Network) -> None:
    old = ScaleFactory.create(network=network, valid_from=JANUARY, points_per_hour=Decimal(12))
    new = ScaleFactory.create(network=network, valid_from=JUNE, points_per_hour=Decimal(8))
    ScaleFactory.create(valid_from=JANUARY, points_per_hour=Decimal(99))
    days = [dt.date(2025, 12, 31), JANUARY, dt.date(2026, 6, 29), JUNE, dt.date(2030, 1, 1)]
    assert [scale_on(network, day).pk for day in days] == [None, old.pk, old.pk, new.pk, new.pk]
    with pytest.raises(IntegrityError), transaction.atomic():
        ScaleFactory.create(network=network, valid_from=JUNE)
