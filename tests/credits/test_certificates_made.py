"""Certificates as they are printed, revoked, made again and made in bulk; what never shows on one."""

import datetime as dt
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage

from backend.accounts.models import Person
from backend.common.clock import now, told_at
from backend.common.errors import ConflictError, DomainError, ForbiddenMoveError, NotFoundError, RoleRequiredError
from backend.credits.domain.batches import KEPT, LEASE, order_batch, purge_batches, work_on_batches
from backend.credits.domain.certificates import (
    NothingToCertifyError,
    cut_account,
    find_certificate,
    issue_certificate,
    reissue_certificate,
    revoke_certificate,
)
from backend.credits.domain.crediting import Held, credit_session
from backend.credits.domain.ledger import reverse_entry
from backend.credits.enums import CertificateRole
from backend.credits.models import Certificate, CertificateBatch, Entry
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.referentials.enums import Area
from backend.tutoring.domain.certificate_pages import print_certificate
from tests.support.factories import NetworkFactory, PersonFactory, ProfessionFactory, make_member
from tests.support.printed import read_code, read_facts, read_tags, read_text

pytestmark = pytest.mark.django_db

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 12, 31)


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create(name="CPTS d’ici")
    return found


@pytest.fixture
def coordinator(network: Network) -> Person:
    return make_member(network, Role.COORDINATOR)


@pytest.fixture
def tutor(network: Network) -> Person:
    profession = ProfessionFactory.create(label="Infirmière")
    return make_member(network, Role.TUTOR, first_name="Élise #panic()", profession=profession)


def hold(network: Network, tutor: Person, day: dt.date, rank: int) -> list[Entry]:
    learner = PersonFactory.create()
    return credit_session(Held(network, tutor, [learner], 45, Area.DATA, day, f"session:{10**8 + rank}"))


def issue(network: Network, person: Person, role: CertificateRole = CertificateRole.TUTOR) -> Certificate:
    return issue_certificate(network=network, person=person, role=role, period_start=FIRST, period_end=LAST)


def test_the_page_bears_every_particular(network: Network, tutor: Person, tmp_path: Path) -> None:
    hold(network, tutor, dt.date(2026, 3, 4), 1)
    hold(network, tutor, dt.date(2026, 2, 1), 2)
    certificate = issue(network, tutor)
    pdf = print_certificate(certificate)
    text = read_text(pdf, tmp_path)
    for words in (
        tutor.name,
        "Infirmière",
        "Employeur",
        "Intitulé",
        "Nature",
        "CPTS d’ici",
        "1 h 30",
        "15",
        "points CPTS",
        "01/02/2026",
        "04/03/2026",
        "ni un certificat de réalisation",
        "(DPC)",
        certificate.number,
    ):
        assert words in text.replace("\N{NO-BREAK SPACE}", " "), words
    assert "points DPC" not in text
    assert read_code(pdf, tmp_path) == f"{settings.PUBLIC_URL}/verifier/{certificate.number}/"
    assert {"Document", "Table", "TH", "TD", "Figure"} <= set(read_tags(pdf, tmp_path))
    assert read_facts(pdf, tmp_path)["Tagged"] == "yes"
    assert b"pdfuaid:part>1<" in pdf


def test_figures_stay_as_they_were_made(network: Network, tutor: Person, coordinator: Person) -> None:
    entries = hold(network, tutor, dt.date(2026, 3, 4), 1)
    hold(network, tutor, dt.date(2026, 3, 5), 2)
    before = issue(network, tutor)
    reverse_entry(entry=entries[0], reason="Doublon", author=coordinator)
    before.refresh_from_db()
    assert (before.minutes, before.points, len(before.lines)) == (90, Decimal(15), 2)
    after = reissue_certificate(certificate_id=before.pk, author=coordinator, reason="Une séance en double")
    before.refresh_from_db()
    assert (after.minutes, after.points, [line["source"] for line in after.lines]) == (
        45,
        Decimal("7.50"),
        ["session:100000002"],
    )
    assert (before.state, after.state, after.replaces) == ("revoked", "valid", before)
    assert [step.target for step in before.transitions.all()] == ["valid", "revoked"]


def test_a_revoked_one_is_so_for_good_and_says_so(
    network: Network, tutor: Person, coordinator: Person, tmp_path: Path
) -> None:
    hold(network, tutor, dt.date(2026, 3, 4), 1)
    certificate = issue(network, tutor)
    with pytest.raises(DomainError):
        revoke_certificate(certificate_id=certificate.pk, author=coordinator, reason=" ")
    for stranger, refusal in ((tutor, RoleRequiredError), (PersonFactory.create(), NotFoundError)):
        with pytest.raises(refusal):
            revoke_certificate(certificate_id=certificate.pk, author=stranger, reason="Non")
    revoked = revoke_certificate(certificate_id=certificate.pk, author=coordinator, reason="Erreur")
    assert "révoquée" in read_text(print_certificate(revoked), tmp_path)
    with pytest.raises((ForbiddenMoveError, ConflictError)):
        revoke_certificate(certificate_id=certificate.pk, author=coordinator, reason="Encore")


def test_an_erased_person_leaves_a_number_that_still_verifies(network: Network, tutor: Person) -> None:
    hold(network, tutor, dt.date(2026, 3, 4), 1)
    certificate = issue(network, tutor)
    cut_account(person=tutor)
    found = find_certificate(certificate.number)
    assert found is not None
    assert (found.state, found.minutes, found.holder) == ("valid", 45, {})
    with pytest.raises(NotFoundError):
        print_certificate(found)


# In bulk


def order(network: Network, coordinator: Person) -> CertificateBatch:
    return order_batch(
        network=network, author=coordinator, role=CertificateRole.TUTOR, period_start=FIRST, period_end=LAST
    )


def test_everybody_in_one_file_then_effaced(network: Network, coordinator: Person) -> None:
    tutors = [make_member(network, Role.TUTOR) for _ in range(23)]
    for rank, person in enumerate(tutors):
        hold(network, person, dt.date(2026, 3, 4), rank)
    batch = order(network, coordinator)
    assert order(network, coordinator) == batch
    work_on_batches(print_certificate)
    work_on_batches(print_certificate)
    batch.refresh_from_db()
    assert (batch.state, batch.total, batch.certificates.count(), batch.accounts) == ("done", 23, 23, [])
    assert Certificate.objects.count() == 23
    with default_storage.open(batch.file) as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        assert sorted(archive.namelist()) == sorted(
            f"attestation-{number}.pdf" for number in Certificate.objects.values_list("number", flat=True)
        )
        assert all(archive.read(name).startswith(b"%PDF-1.7") for name in archive.namelist())
    with told_at(now() + KEPT + dt.timedelta(seconds=1)):
        assert purge_batches() == 1
        assert purge_batches() == 0
    assert Certificate.objects.count() == 23


def test_a_dead_worker_leaves_its_place_after_its_lease(network: Network, tutor: Person, coordinator: Person) -> None:
    hold(network, tutor, dt.date(2026, 3, 4), 1)
    batch = order(network, coordinator)
    CertificateBatch.objects.filter(pk=batch.pk).update(leased_until=now() + LEASE)
    work_on_batches(print_certificate)
    assert not Certificate.objects.exists()
    with told_at(now() + LEASE + dt.timedelta(seconds=1)):
        work_on_batches(print_certificate)
    assert Certificate.objects.count() == 1


def test_only_coordinators_order_and_only_where_something_is(
    network: Network, tutor: Person, coordinator: Person
) -> None:
    with pytest.raises(NothingToCertifyError):
        order(network, coordinator)
    with pytest.raises(RoleRequiredError):
        order(network, tutor)
    with pytest.raises(NotFoundError):
        order(network, make_member(NetworkFactory.create(), Role.COORDINATOR))
