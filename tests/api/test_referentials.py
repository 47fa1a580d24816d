"""Référentiels, notions and lists: the same for everybody signed in."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.referentials.enums import Area
from backend.referentials.models import Competency, Framework
from tests.api.conftest import SignIn
from tests.support.clients import CommittingClient
from tests.support.factories import (
    CapacityFactory,
    CompetencyFactory,
    DomainFactory,
    FrameworkFactory,
    NotionFactory,
    PersonFactory,
    ProfessionFactory,
    SpecialtyFactory,
    TerritoryFactory,
    TransverseCategoryFactory,
)

NOTE = {"id": "A01", "text": "Coquille corrigée."}


@pytest.fixture
def reader(sign_in: SignIn, db: None) -> CommittingClient:
    """Somebody in no network at all."""
    return sign_in(PersonFactory.create())


def make_tree(domains: int = 1) -> Framework:
    """A framework that holds ``domains`` domains, each with as many competencies, and so on."""
    framework: Framework = FrameworkFactory.create()
    for domain in DomainFactory.create_batch(domains, framework=framework):
        for competency in CompetencyFactory.create_batch(domains, domain=domain):
            CapacityFactory.create_batch(domains, competency=competency)
            competency.notions.add(*NotionFactory.create_batch(domains))
    return framework


def read(client: CommittingClient, address: str) -> Any:
    return client.get(f"/api/v1/{address}").json()


def test_the_list_tells_each_framework_without_its_tree(reader: CommittingClient) -> None:
    old = FrameworkFactory.create(slug="socle-v1", position=2, title="Socle", version="1")
    FrameworkFactory.create(slug="socle", position=1, title="Socle", version="2", supersedes=old, hours=12)
    plain = {"printed_title": "", "date": "", "audience": "", "attribution": "printed", "ects": None}
    assert read(reader, "referentials/") == {
        "results": [
            plain
            | {
                "slug": "socle",
                "title": "Socle",
                "version": "2",
                "supersedes": "socle-v1",
                "superseded_by": None,
                "hours": 12,
            },
            plain
            | {
                "slug": "socle-v1",
                "title": "Socle",
                "version": "1",
                "supersedes": None,
                "superseded_by": "socle",
                "hours": None,
            },
        ],
        "next": None,
        "previous": None,
    }


def test_one_framework_is_told_down_to_its_capacities_and_their_notions(reader: CommittingClient) -> None:
    framework = FrameworkFactory.create(slug="socle", title="Socle", notes=[NOTE])
    domain = DomainFactory.create(framework=framework, key="socle:1", number="1", title="Cybersécurité")
    competency = CompetencyFactory.create(domain=domain, key="socle:1.1", title="Se protéger", number="1.1")
    notion = NotionFactory.create(slug="hameconnage", title="Hameçonnage")
    competency.notions.add(notion)
    CapacityFactory.create(
        competency=competency, key="socle:1.1.1", text="Reconnaître", printed="Reconaître", notion=notion, notes=[NOTE]
    )
    CapacityFactory.create(notion=notion)
    answer = read(reader, "referentials/socle/")
    assert answer["notes"] == [NOTE]
    assert answer["domains"] == [
        {
            "key": "socle:1",
            "number": "1",
            "suggested_number": "",
            "title": "Cybersécurité",
            "printed_title": "",
            "hours": None,
            "face_to_face": None,
            "notes": [],
            "competencies": [
                {
                    "key": "socle:1.1",
                    "number": "1.1",
                    "suggested_number": "",
                    "code": "",
                    "level": None,
                    "title": "Se protéger",
                    "printed_title": "",
                    "introduction": "",
                    "hours": None,
                    "notions": ["hameconnage"],
                    "notes": [],
                    "capacities": [
                        {
                            "key": "socle:1.1.1",
                            "text": "Reconnaître",
                            "printed": "Reconaître",
                            "notion": "hameconnage",
                            "notion_title": "Hameçonnage",
                            "notes": [NOTE],
                        }
                    ],
                }
            ],
        }
    ]


def test_parts_of_a_tree_come_in_their_printed_order(reader: CommittingClient) -> None:
    framework = FrameworkFactory.create(slug="socle")
    for position in (2, 1):
        DomainFactory.create(framework=framework, position=position, title=f"Domaine {position}")
    titles = [domain["title"] for domain in read(reader, "referentials/socle/")["domains"]]
    assert titles == ["Domaine 1", "Domaine 2"]
    assert not Competency.objects.exists()


@pytest.mark.parametrize("address", ["referentials/absent/", "notions/absent/"])
def test_what_does_not_exist_is_a_404(reader: CommittingClient, address: str) -> None:
    FrameworkFactory.create()
    NotionFactory.create()
    answer = reader.get(f"/api/v1/{address}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_notion_is_told_alone_as_in_the_list(reader: CommittingClient) -> None:
    NotionFactory.create(slug="b", title="Sauvegarder", area=Area.CYBERSECURITY, since_year=2019, note="Jugement.")
    NotionFactory.create(slug="a", title="Téléconsulter", area=Area.TELEHEALTH)
    notion = {
        "slug": "b",
        "title": "Sauvegarder",
        "area": "cybersecurity",
        "since_year": 2019,
        "note": "Jugement.",
    }
    assert read(reader, "notions/b/") == notion
    answer = read(reader, "notions/")
    assert (answer["results"][0], [row["slug"] for row in answer["results"]]) == (notion, ["b", "a"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("area=telehealth", ["teleconsulter"]),
        ("search=TELECONSULTATION", ["teleconsulter"]),
        ("search=préparer+camera", ["teleconsulter"]),
        ("search=caméra+sauvegarde", []),
        ("search=sauvegardes", ["sauvegarder"]),
        ("search=secret&area=cybersecurity", ["sauvegarder"]),
        ("search=secret&area=telehealth", []),
        ("search=«+»", []),
    ],
)
def test_notions_are_found_by_area_and_words(reader: CommittingClient, query: str, found: list[str]) -> None:
    far = NotionFactory.create(slug="teleconsulter", title="Téléconsultation", area=Area.TELEHEALTH)
    near = NotionFactory.create(slug="sauvegarder", title="Les sauvegardes", area=Area.CYBERSECURITY)
    CapacityFactory.create(notion=far, text="Préparer la caméra et le micro")
    CapacityFactory.create(notion=near, text="Garder le code secret")
    CapacityFactory.create(notion=near, text="Garder un double secret")
    assert [notion["slug"] for notion in read(reader, f"notions/?{query}")["results"]] == found


@pytest.mark.parametrize("query", ["area=cooking", "area=", "search=", "search=+", "search=%00", "search=" + "x" * 201])
def test_a_filter_that_makes_no_sense_is_refused(reader: CommittingClient, query: str) -> None:
    answer = reader.get(f"/api/v1/notions/?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [query.partition("=")[0]])


def test_professions_tell_their_framework(reader: CommittingClient) -> None:
    ProfessionFactory.create(
        slug="infirmier", position=2, label="Infirmier", ans_code="60", group="Soins", has_rpps=True, has_order=True
    )
    ProfessionFactory.create(slug="ambulancier", position=1, framework=FrameworkFactory.create(slug="ambulanciers"))
    answer = read(reader, "professions/")["results"]
    assert [(row["slug"], row["framework"]) for row in answer] == [("ambulancier", "ambulanciers"), ("infirmier", None)]
    assert answer[1] == {
        "slug": "infirmier",
        "label": "Infirmier",
        "ans_code": "60",
        "group": "Soins",
        "framework": None,
        "has_rpps": True,
        "has_order": True,
    }


def test_specialties_tell_their_categories(reader: CommittingClient) -> None:
    specialty = SpecialtyFactory.create(slug="cardiologie", label="Cardiologie")
    specialty.categories.add(TransverseCategoryFactory.create(slug="urgences", label="Urgences"))
    TransverseCategoryFactory.create()
    assert read(reader, "specialties/")["results"] == [
        {
            "slug": "cardiologie",
            "label": "Cardiologie",
            "formation": "Médecine",
            "categories": [{"slug": "urgences", "label": "Urgences"}],
        }
    ]


def test_territories_are_told_in_their_order(reader: CommittingClient) -> None:
    for position, slug in ((2, "rhone"), (1, "ain")):
        TerritoryFactory.create(slug=slug, position=position, label=slug.title())
    assert read(reader, "territories/")["results"] == [
        {"slug": "ain", "label": "Ain"},
        {"slug": "rhone", "label": "Rhone"},
    ]


def make_specialties(count: int) -> None:
    for specialty in SpecialtyFactory.create_batch(count):
        specialty.categories.add(*TransverseCategoryFactory.create_batch(count))


def make_professions(count: int) -> None:
    for _ in range(count):
        ProfessionFactory.create(framework=FrameworkFactory.create())


def make_editions(count: int) -> None:
    """Each framework but the first replaces the one before."""
    before = None
    for _ in range(count):
        before = FrameworkFactory.create(supersedes=before)


# How to make rows of each list, and in how many queries it is read.
LISTS: dict[str, tuple[Callable[[int], Any], int]] = {
    "referentials/": (make_editions, 3),
    "notions/": (NotionFactory.create_batch, 3),
    "notions/?search=notion": (NotionFactory.create_batch, 4),
    "professions/": (make_professions, 3),
    "specialties/": (make_specialties, 4),
    "territories/": (TerritoryFactory.create_batch, 3),
}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("address", LISTS)
def test_the_number_of_queries_does_not_grow(
    address: str, count: int, reader: CommittingClient, django_assert_num_queries: Any
) -> None:
    make, queries = LISTS[address]
    make(count)
    with django_assert_num_queries(queries):
        assert len(read(reader, address)["results"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_a_whole_tree_takes_as_many_queries_whatever_its_size(
    count: int, reader: CommittingClient, django_assert_num_queries: Any
) -> None:
    framework = make_tree(count)
    with django_assert_num_queries(7):
        assert len(read(reader, f"referentials/{framework.slug}/")["domains"]) == count
