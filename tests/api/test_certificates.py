"""GET and POST /api/v1/certificates/, and the file of one."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import Person
from backend.credits.domain.certificates import cut_account
from backend.credits.domain.ledger import account_of
from backend.credits.enums import CertificateRole
from backend.credits.models import Certificate
from tests.api.conftest import SignIn
from tests.support.cast import Cast
from tests.support.factories import CertificateFactory, EntryFactory

ADDRESS = "/api/v1/certificates/"
YEAR = {"first": "2026-01-01", "last": "2026-12-31"}


def post(client: Any, body: dict[str, Any], key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(ADDRESS, body, content_type="application/json", headers=headers)


def read_ids(client: Any, query: str = "") -> list[int]:
    return [row["id"] for row in client.get(f"{ADDRESS}{query}").json()["results"]]


def earn(cast: Cast, person: Person) -> None:
    EntryFactory.create(
        network=cast.here.network, account=account_of(person), day=dt.date(2026, 3, 4), points=Decimal("7.50")
    )


def test_everybody_reads_their_own(cast: Cast, sign_in: SignIn, settings: Any) -> None:
    settings.PUBLIC_URL = "https://tandem.example"
    own = cast.here.certificate
    client = sign_in(cast.here.tutor)
    shape = {
        "id": own.pk,
        "number": own.number,
        "network": "ici",
        "person": cast.here.tutor.pk,
        "role": "tutor",
        "period": {"first": "2026-01-01", "last": "2026-06-30"},
        "state": "valid",
        "pdf_url": f"https://tandem.example{ADDRESS}{own.pk}/file/",
        "verify_url": f"https://tandem.example/verifier/{own.number}/",
    }
    assert client.get(ADDRESS).json() == {"results": [shape], "next": None, "previous": None}
    assert client.get(f"{ADDRESS}{own.pk}/").json() == shape
    assert read_ids(sign_in(cast.here.learner)) == []


def test_addresses_are_whole_without_a_public_one(cast: Cast, sign_in: SignIn, settings: Any) -> None:
    settings.PUBLIC_URL = ""
    shape = sign_in(cast.here.tutor).get(f"{ADDRESS}{cast.here.certificate.pk}/").json()
    assert shape["verify_url"] == f"http://testserver/verifier/{cast.here.certificate.number}/"


def test_a_coordinator_reads_those_of_the_network(cast: Cast, sign_in: SignIn) -> None:
    assert read_ids(sign_in(cast.here.coordinator)) == [cast.here.certificate.pk]
    assert read_ids(sign_in(cast.elsewhere.coordinator)) == [cast.elsewhere.certificate.pk]


def test_filters_narrow_and_refuse_nonsense(cast: Cast, sign_in: SignIn) -> None:
    account = cast.here.certificate.account
    helped = CertificateFactory.create(network=cast.here.network, account=account, role=CertificateRole.LEARNER)
    revoked = CertificateFactory.create(network=cast.here.network, account=account, state="revoked")
    client = sign_in(cast.here.tutor)
    assert read_ids(client, "?role=learner") == [helped.pk]
    assert read_ids(client, "?state=revoked&network=ici") == [revoked.pk]
    for query in ("?state=lost", "?role=", "?network="):
        assert client.get(f"{ADDRESS}{query}").status_code == 400, query
    for slug in ("ailleurs", "nulle-part"):
        assert client.get(f"{ADDRESS}?network={slug}").status_code == 404


def test_pages_follow_each_other(cast: Cast, sign_in: SignIn) -> None:
    more = CertificateFactory.create_batch(2, network=cast.here.network, account=cast.here.certificate.account)
    client = sign_in(cast.here.tutor)
    found, address = [], f"{ADDRESS}?page_size=2"
    while address:
        page = client.get(address).json()
        found += [row["id"] for row in page["results"]]
        address = page["next"]
    assert found == [more[1].pk, more[0].pk, cast.here.certificate.pk]


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    count: int, cast: Cast, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    for _ in range(count - 1):
        CertificateFactory.create(network=cast.here.network)
    client = sign_in(cast.here.coordinator)
    with django_assert_num_queries(3):
        assert len(read_ids(client)) == count


def test_one_has_one_s_own_made_once_for_a_key(cast: Cast, sign_in: SignIn) -> None:
    earn(cast, cast.here.learner)
    client = sign_in(cast.here.learner)
    body = {"network": "ici", "role": "tutor", "period": YEAR}
    first, again = post(client, body, "k"), post(client, body, "k")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    made = Certificate.objects.get(account__person=cast.here.learner)
    assert (made.minutes, made.points, first.json()["number"]) == (45, Decimal("7.50"), made.number)
    other = post(client, {**body, "role": "learner"}, "k")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_who_left_still_has_their_hours_certified(cast: Cast, sign_in: SignIn) -> None:
    earn(cast, cast.here.learner)
    cast.here.learner.memberships.update(left_at=timezone.now())
    answer = post(sign_in(cast.here.learner), {"network": "ici", "role": "tutor", "period": YEAR})
    assert answer.status_code == 201


REFUSED: list[tuple[dict[str, Any], int, str, list[str]]] = [
    ({"period": {"first": "2026-02-01", "last": "2026-01-31"}}, 400, "invalid", ["period.last"]),
    ({"period": {"first": "hier", "last": "2026-01-31"}}, 400, "invalid", ["period.first"]),
    ({"role": "boss"}, 400, "invalid", ["role"]),
    ({"period": {"first": "2020-01-01", "last": "2020-12-31"}}, 400, "nothing_to_certify", []),
    ({"network": "ailleurs"}, 404, "not_found", []),
    ({"network": "nulle-part"}, 404, "not_found", []),
]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_makes_no_sense_is_refused(
    cast: Cast, sign_in: SignIn, case: tuple[dict[str, Any], int, str, list[str]]
) -> None:
    change, *expected = case
    earn(cast, cast.here.learner)
    answer = post(sign_in(cast.here.learner), {"network": "ici", "role": "tutor", "period": YEAR} | change)
    told = answer.json()
    assert [answer.status_code, told["code"], list(told["fields"])] == expected
    assert not Certificate.objects.filter(account__person=cast.here.learner).exists()


def test_the_file_goes_to_its_holder_and_coordinators_alone(cast: Cast, sign_in: SignIn) -> None:
    path = f"{ADDRESS}{cast.here.certificate.pk}/file/"
    for person in (cast.here.tutor, cast.here.coordinator):
        answer = sign_in(person).get(path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF-1.7")
        assert "no-cache" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]
    absent = sign_in(cast.here.learner).get(f"{ADDRESS}{10**9}/file/").json()
    for person in (cast.here.learner, cast.here.auditor, cast.elsewhere.coordinator, cast.admin):
        refused = sign_in(person).get(path)
        assert (refused.status_code, refused.json()) == (404, absent)


def test_no_file_once_nobody_knows_whose_it_was(cast: Cast, sign_in: SignIn) -> None:
    cut_account(person=cast.here.tutor)
    client = sign_in(cast.here.coordinator)
    assert client.get(f"{ADDRESS}{cast.here.certificate.pk}/").json()["person"] is None
    assert client.get(f"{ADDRESS}{cast.here.certificate.pk}/file/").status_code == 404
