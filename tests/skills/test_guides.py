"""« En 45 minutes »: who writes, versions, what is refused, and the starter pages."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError, RoleRequiredError
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.referentials.domain.loading import load_referentials
from backend.referentials.models import Notion
from backend.skills.domain.guides import (
    current_guide,
    is_safe_address,
    load_guides,
    may_write_guide,
    restore_guide,
    write_guide,
)
from backend.skills.enums import ClaimState
from backend.skills.models import Guide
from tests.support.factories import ClaimFactory, GuideFactory, NetworkFactory, NotionFactory, make_member

pytestmark = pytest.mark.django_db

STARTER = settings.FIXTURES_DIR / "guides" / "starter.json"
LINK = {"label": "ANSSI", "url": "https://cyber.gouv.fr/"}
TODAY = now().date()


@pytest.fixture
def notion() -> Notion:
    found: Notion = NotionFactory.create()
    return found


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def writer(network: Network, notion: Notion) -> Person:
    person = make_member(network, Role.TUTOR)
    ClaimFactory.create(person=person, network=network, notion=notion, state=ClaimState.ACCEPTED)
    return person


def write(notion: Notion, author: Person, based_on: int = 0, **changes: Any) -> Guide:
    given: dict[str, Any] = {"aims": "Savoir", "exercise": "Faire\nRefaire", "links": [LINK]}
    return write_guide(notion=notion, author=author, based_on=based_on, **(given | changes))


def test_who_writes(notion: Notion, network: Network, writer: Person) -> None:
    people: dict[str, Person] = {"validated": writer}
    claims: dict[str, dict[str, Any]] = {
        "expired": {"state": ClaimState.ACCEPTED, "expires_on": TODAY},
        "pending": {"state": ClaimState.AWAITING},
        "revoked": {"state": ClaimState.REVOKED},
    }
    for name, fields in claims.items():
        people[name] = make_member(network, Role.TUTOR)
        ClaimFactory.create(person=people[name], network=network, notion=notion, **fields)
    people["elsewhere"] = make_member(NetworkFactory.create(), Role.TUTOR)
    ClaimFactory.create(person=people["elsewhere"], network=network, notion=notion, state=ClaimState.ACCEPTED)
    people["gone"] = make_member(network, Role.TUTOR)
    ClaimFactory.create(person=people["gone"], network=network, notion=notion, state=ClaimState.ACCEPTED)
    people["gone"].memberships.update(left_at=now())
    people["other notion"] = make_member(network, Role.TUTOR)
    ClaimFactory.create(person=people["other notion"], network=network, state=ClaimState.ACCEPTED)
    people["coordinator"] = make_member(network, Role.COORDINATOR)
    assert [name for name, person in people.items() if may_write_guide(person, notion)] == ["validated"]
    with pytest.raises(RoleRequiredError):
        write(notion, people["coordinator"])
    assert not Guide.objects.exists()


def test_each_writing_is_a_version(notion: Notion, writer: Person) -> None:
    first = write(notion, writer, aims=" Savoir \n\n  Dire ", change=" Début ")
    assert (first.number, first.aims, first.change, first.links) == (1, "Savoir\nDire", "Début", [LINK])
    second = write(notion, writer, based_on=1, aims="Savoir mieux")
    assert (second.number, current_guide(notion)) == (2, second)
    assert restore_guide(notion=notion, author=writer, number=1, based_on=2).aims == "Savoir\nDire"
    rows = Guide.objects.order_by("number").values_list("number", "aims", "change")
    assert list(rows) == [
        (1, "Savoir\nDire", "Début"),
        (2, "Savoir mieux", ""),
        (3, "Savoir\nDire", "Retour à la version 1"),
    ]
    with pytest.raises(NotFoundError):
        restore_guide(notion=notion, author=writer, number=9, based_on=3)


def test_the_same_text_again_makes_no_version(notion: Notion, writer: Person) -> None:
    assert write(notion, writer) == write(notion, writer) == write(notion, writer, based_on=1)
    assert Guide.objects.count() == 1


@pytest.mark.parametrize("based_on", [0, 1, 3])
def test_the_second_of_two_writers_is_told(notion: Notion, writer: Person, based_on: int) -> None:
    write(notion, writer)
    write(notion, writer, based_on=1, aims="Entre-temps")
    with pytest.raises(ConflictError) as refused:
        write(notion, writer, based_on=based_on, aims="Trop tard")
    assert refused.value.code == "newer_version"
    assert Guide.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"aims": " \n "}, "aims"),
        ({"exercise": ""}, "exercise"),
        ({"aims": "a" * 2001}, "aims"),
        ({"exercise": "a" * 6001}, "exercise"),
        ({"change": "a" * 201}, "change"),
        ({"aims": "1 85 05 75 999 084 64"}, "aims"),
        ({"exercise": "Ouvrir le dossier 1 85 05 75 999 084 64"}, "exercise"),
        ({"change": "1 85 05 75 999 084 64"}, "change"),
        ({"links": [LINK] * 7}, "links"),
        ({"links": [{"label": "", "url": LINK["url"]}]}, "links"),
        ({"links": [{"label": "Piège", "url": "javascript:alert(1)"}]}, "links"),
        ({"links": [{"label": "1 85 05 75 999 084 64", "url": LINK["url"]}]}, "links"),
    ],
)
def test_what_is_refused(notion: Notion, writer: Person, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        write(notion, writer, **changes)
    assert list(refused.value.fields) == [field]
    assert not Guide.objects.exists()


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://www.cnil.fr/fr/page?a=1#b", True),
        ("http://www.cnil.fr/", False),
        ("//www.cnil.fr/", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://", False),
        ("https://localhost/", False),
        ("https://cnil.fr:8443/", False),
        ("https://cnil.fr:x/", False),
        ("https://cnil.fr@mal.example/", False),
        ("https://[::1", False),
        ("https://cnil.fr/ a", False),
        ("https://cnil.fr\\@mal.example/", False),
        ("https://cnil.fr/\u202e", False),
    ],
)
def test_links_lead_to_plain_https_addresses(url: str, safe: bool) -> None:  # noqa: FBT001 (a column of the table)
    assert is_safe_address(url) is safe


def test_starter_pages_never_touch_what_is_there() -> None:
    load_referentials(folder=settings.FIXTURES_DIR / "referentials")
    rows = json.loads(STARTER.read_text(encoding="utf-8"))["guides"]
    kept = GuideFactory.create(notion=Notion.objects.get(slug=rows[0]["notion"]), aims="Écrit par quelqu’un")
    assert (len(rows), load_guides(path=STARTER), load_guides(path=STARTER)) == (20, 19, 0)
    kept.refresh_from_db()
    assert (kept.aims, Guide.objects.count()) == ("Écrit par quelqu’un", 20)
    added = Guide.objects.exclude(pk=kept.pk)
    assert added.filter(number=1, author=None, change="Page de départ").count() == 19


def test_the_starter_file_is_useful() -> None:
    for row in json.loads(STARTER.read_text(encoding="utf-8"))["guides"]:
        assert 3 <= len(row["aims"]) <= 4
        minutes = sum(int(step.split(" min.")[0]) for step in row["exercise"])
        assert 30 <= minutes <= 40
        assert 2 <= len(row["links"]) <= 3


def test_the_command_says_how_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    NotionFactory.create(slug="un")
    row = {"notion": "un", "aims": ["Savoir"], "exercise": ["Faire"], "links": [LINK]}
    path = tmp_path / "pages.json"
    path.write_text(json.dumps({"guides": [row, row | {"notion": "absente"}]}), encoding="utf-8")
    for added in (1, 0):
        call_command("load-guides", file=path)
        assert capsys.readouterr().out == f"{added} starter pages added.\n"
