"""``tandem load-referentials``: all files or none, rows updated in place, every problem with its path."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from backend.referentials.models import (
    Capacity,
    Competency,
    Domain,
    Formation,
    Framework,
    Notion,
    Profession,
    ReferenceList,
    Specialty,
    Territory,
)
from tests.support.clients import CommittingClient
from tests.support.factories import (
    HelpRequestFactory,
    NetworkFactory,
    PersonFactory,
    PositioningFactory,
    SessionFactory,
)

pytestmark = pytest.mark.django_db

type Files = dict[str, Any]
type Mutation = Callable[[Files], None]


def framework(slug: str, *competencies: list[str], supersedes: str | None = None) -> dict[str, Any]:
    """A framework of one domain, with the capacities of each competency."""
    return {
        "format": "tandem-framework/1",
        "slug": slug,
        "title": f"Référentiel {slug}",
        "printed_title": None,
        "version": "V1",
        "date": "2022",
        "supersedes": supersedes,
        "attribution": "printed",
        "audience": "Tous les publics.",
        "hours": 28,
        "ects": None,
        "notes": [],
        "domains": [
            {
                "position": 1,
                "number": "1",
                "suggested_number": None,
                "title": "Données de santé",
                "printed_title": None,
                "hours": 6,
                "notes": [],
                "competencies": [
                    competency(f"{slug}:1.{position}", position, texts)
                    for position, texts in enumerate(competencies, start=1)
                ],
            }
        ],
    }


def competency(key: str, position: int, texts: list[str]) -> dict[str, Any]:
    return {
        "position": position,
        "number": f"1.{position}",
        "suggested_number": None,
        "title": f"Compétence {position}",
        "printed_title": None,
        "hours": None,
        "introduction": None,
        "notes": [],
        "capacities": [
            {"position": index, "key": f"{key}.{index}", "text": text, "printed": None, "notes": []}
            for index, text in enumerate(texts, start=1)
        ],
    }


def notion(slug: str, *capacities: str, note: str | None = None) -> dict[str, Any]:
    return {
        "slug": slug,
        "title": f"Notion {slug}",
        "area": "data",
        "since_year": None,
        "note": note,
        "capacities": list(capacities),
    }


@pytest.fixture
def files() -> Files:
    """Two editions of a framework, a diploma without capacities, and the four lists."""
    return {
        "commun.json": framework(
            "commun", ["Identifier un usager", "Sécuriser sa messagerie"], ["Télésanté"], supersedes="ancien"
        ),
        "ancien.json": framework("ancien", ["Identifier l’usager"]),
        "diplome.json": framework("diplome", []),
        "notions.json": {
            "format": "tandem-notions/1",
            "reviewed": "2026-11-22",
            "notions": [
                notion("identite", "commun:1.1.1", "ancien:1.1.1"),
                notion("messagerie", "commun:1.1.2"),
                notion("telesante", "commun:1.2.1"),
            ],
            "coverage": {"diplome:1.1": ["telesante", "identite"]},
            "coverage_notes": {"diplome:1.1": "Ce que dit la plaquette."},
        },
        "professions.json": {
            "format": "tandem-professions/1",
            "types": [{"slug": "medecins", "label": "Professions de médecins"}],
            "formations": [
                {"slug": "medecin", "label": "Médecin", "printed": "Médecin", "type": "medecins", "notes": []}
            ],
            "professions": [
                {
                    "slug": "medecin",
                    "label": "Médecin",
                    "ans_code": "10",
                    "group": "medecins",
                    "referential": "commun",
                    "referential_note": None,
                    "has_rpps": True,
                    "has_order": True,
                }
            ],
        },
        "specialties.json": {
            "format": "tandem-specialties/1",
            "categories": [
                {"slug": "prevention", "label": "Prévention", "footnote": None},
                {"slug": "industrie", "label": "Industrie", "footnote": "À part."},
            ],
            "rows": [
                {
                    "slug": "urologie",
                    "profession": "Médecine",
                    "printed_profession": "Médecine",
                    "label": "Urologie",
                    "printed": None,
                    "marks": {"prevention": True, "industrie": False},
                }
            ],
            "notes": [{"id": "L06", "text": "Astérisque retiré."}],
        },
        "territories.json": {
            "format": "tandem-territories/1",
            "territories": [{"slug": "bretagne", "label": "Bretagne", "position": 1, "notes": []}],
            "notes": [],
        },
    }


class Loader:
    """A folder of data files and the command on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, files: Files) -> list[str]:
        """Load exactly these files; the lines printed."""
        self._write(files)
        output = io.StringIO()
        call_command("load-referentials", "--folder", str(self.folder), stdout=output)
        return output.getvalue().splitlines()

    def refuse(self, files: Files) -> list[str]:
        """Load exactly these files, which must be refused; the lines of the error output."""
        self._write(files)
        output, errors = io.StringIO(), io.StringIO()
        with pytest.raises(SystemExit) as refusal:
            call_command("load-referentials", "--folder", str(self.folder), stdout=output, stderr=errors)
        assert (refusal.value.code, output.getvalue()) == (1, "")
        return errors.getvalue().splitlines()

    def _write(self, files: Files) -> None:
        for path in self.folder.iterdir():
            path.unlink()
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (self.folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


def snapshot() -> dict[str, list[dict[str, Any]]]:
    """All rows of the référentiels, links included, as they are stored."""
    models = apps.get_app_config("referentials").get_models(include_auto_created=True)
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in models}


# What a load writes


def test_everything_in_the_files_is_stored(loader: Loader, files: Files) -> None:
    loader.load(files)
    assert list(Framework.objects.values_list("slug", "position", "supersedes__slug", "hours", "ects", "version")) == [
        ("ancien", 1, None, 28, None, "V1"),
        ("commun", 2, "ancien", 28, None, "V1"),
        ("diplome", 3, None, 28, None, "V1"),
    ]
    assert list(Domain.objects.values_list("key", "framework__slug", "title")) == [
        ("ancien:1", "ancien", "Données de santé"),
        ("commun:1", "commun", "Données de santé"),
        ("diplome:1", "diplome", "Données de santé"),
    ]
    assert list(Capacity.objects.order_by("key").values_list("key", "folded", "notion__slug", "competency__key")) == [
        ("ancien:1.1.1", "identifier l'usager", "identite", "ancien:1.1"),
        ("commun:1.1.1", "identifier un usager", "identite", "commun:1.1"),
        ("commun:1.1.2", "securiser sa messagerie", "messagerie", "commun:1.1"),
        ("commun:1.2.1", "telesante", "telesante", "commun:1.2"),
    ]


def test_a_competency_proves_its_capacities_notions_or_those_it_covers(loader: Loader, files: Files) -> None:
    loader.load(files)
    proved = {
        competency.key: (sorted(notion.slug for notion in competency.notions.all()), competency.coverage_note)
        for competency in Competency.objects.prefetch_related("notions")
    }
    assert proved == {
        "ancien:1.1": (["identite"], ""),
        "commun:1.1": (["identite", "messagerie"], ""),
        "commun:1.2": (["telesante"], ""),
        "diplome:1.1": (["identite", "telesante"], "Ce que dit la plaquette."),
    }


def test_the_lists_are_stored(loader: Loader, files: Files) -> None:
    loader.load(files)
    assert list(
        Profession.objects.values_list("slug", "group", "ans_code", "framework__slug", "has_rpps", "has_order")
    ) == [("medecin", "Professions de médecins", "10", "commun", True, True)]
    assert list(Formation.objects.values_list("slug", "type")) == [("medecin", "Professions de médecins")]
    assert list(Specialty.objects.values_list("slug", "formation", "categories__slug")) == [
        ("urologie", "Médecine", "prevention")
    ]
    assert list(Territory.objects.values_list("slug", "position")) == [("bretagne", 1)]
    assert list(ReferenceList.objects.values_list("slug", "reviewed", "notes")) == [
        ("notions", "2026-11-22", []),
        ("professions", "", []),
        ("specialties", "", [{"id": "L06", "text": "Astérisque retiré."}]),
        ("territories", "", []),
    ]


def test_the_first_load_says_how_much_it_added(loader: Loader, files: Files) -> None:
    assert loader.load(files) == [
        "frameworks                3  3 added",
        "domains                   3  3 added",
        "competencies              4  4 added",
        "capacities                4  4 added",
        "notions                   3  3 added",
        "professions               1  1 added",
        "formations                1  1 added",
        "transverse categories     2  2 added",
        "specialties               1  1 added",
        "territories               1  1 added",
        "reference lists           4  4 added",
    ]


def test_a_second_load_writes_nothing_and_says_so(loader: Loader, files: Files) -> None:
    loader.load(files)
    before = snapshot()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        lines = loader.load(files)
    assert lines[-1] == "Nothing changed: the database already held all of this."
    assert {line.split(maxsplit=1)[-1].split()[-1] for line in lines[:-1]} == {"unchanged"}
    assert [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []
    assert snapshot() == before


def test_a_changed_text_is_reported_and_keeps_its_row(loader: Loader, files: Files) -> None:
    loader.load(files)
    request = HelpRequestFactory.create(capacity=Capacity.objects.get(key="commun:1.1.2"))
    files["commun.json"]["domains"][0]["competencies"][0]["capacities"][1]["text"] = "Sécuriser sa Messagerie MSSanté"
    lines = loader.load(files)
    assert [line for line in lines if "unchanged" not in line] == [
        "capacities                4  1 changed",
        "capacities changed: commun:1.1.2",
    ]
    request.refresh_from_db()
    assert (request.capacity.text, request.capacity.folded) == (
        "Sécuriser sa Messagerie MSSanté",
        "securiser sa messagerie mssante",
    )


def test_a_capacity_that_moves_to_another_notion_moves_what_its_competency_proves(loader: Loader, files: Files) -> None:
    loader.load(files)
    files["notions.json"]["notions"][1] = notion("courriels", "commun:1.1.2")
    lines = loader.load(files)
    assert [line for line in lines if ":" in line] == [
        "competencies changed: commun:1.1",
        "capacities changed: commun:1.1.2",
        "notions added: courriels",
        "notions removed: messagerie",
    ]
    assert set(Competency.objects.get(key="commun:1.1").notions.values_list("slug", flat=True)) == {
        "identite",
        "courriels",
    }


def test_a_changed_mark_changes_its_row_of_the_matrix(loader: Loader, files: Files) -> None:
    loader.load(files)
    files["specialties.json"]["rows"][0]["marks"] = {"prevention": False, "industrie": True}
    assert loader.load(files)[-1] == "specialties changed: urologie"
    assert list(Specialty.objects.values_list("categories__slug", flat=True)) == ["industrie"]


def test_a_capacity_that_disappeared_is_removed(loader: Loader, files: Files) -> None:
    loader.load(files)
    files["commun.json"]["domains"][0]["competencies"].pop()
    files["notions.json"]["notions"][2]["capacities"] = []
    lines = loader.load(files)
    assert [line for line in lines if "unchanged" not in line] == [
        "competencies              3  1 removed",
        "capacities                3  1 removed",
        "competencies removed: commun:1.2",
        "capacities removed: commun:1.2.1",
    ]
    assert not Capacity.objects.filter(key="commun:1.2.1").exists()


def test_a_framework_that_disappeared_goes_with_its_tree(loader: Loader, files: Files) -> None:
    loader.load(files)
    del files["ancien.json"]
    files["commun.json"]["supersedes"] = None
    files["notions.json"]["notions"][0]["capacities"].remove("ancien:1.1.1")
    lines = loader.load(files)
    assert [line for line in lines if ":" in line] == [
        "frameworks changed: commun, diplome",
        "frameworks removed: ancien",
        "domains removed: ancien:1",
        "competencies removed: ancien:1.1",
        "capacities removed: ancien:1.1.1",
    ]


def test_another_edition_may_take_over_from_an_older_one(loader: Loader, files: Files) -> None:
    loader.load(files)
    files["commun.json"]["supersedes"] = None
    files["diplome.json"]["supersedes"] = "ancien"
    assert loader.load(files)[-1] == "frameworks changed: commun, diplome"
    assert dict(Framework.objects.values_list("slug", "supersedes__slug")) == {
        "ancien": None,
        "commun": None,
        "diplome": "ancien",
    }


# What is still in use


def test_a_capacity_that_disappeared_but_is_in_use_is_refused(loader: Loader, files: Files) -> None:
    loader.load(files)
    used = Capacity.objects.get(key="commun:1.2.1")
    HelpRequestFactory.create_batch(2, capacity=used)
    PositioningFactory.create(capacity=used)
    before = snapshot()
    files["commun.json"]["domains"][0]["competencies"].pop()
    files["commun.json"]["title"] = "Un titre qui ne doit pas être écrit"
    files["notions.json"]["notions"][2]["capacities"] = []
    assert loader.refuse(files) == [
        "capacity commun:1.2.1 is in no file any more, but still in use: 2 × help request, 1 × positioning"
    ]
    assert snapshot() == before


def test_a_notion_a_profession_and_a_territory_in_use_are_refused_together(loader: Loader, files: Files) -> None:
    loader.load(files)
    SessionFactory.create(notion=Notion.objects.get(slug="messagerie"))
    PersonFactory.create(profession=Profession.objects.get())
    NetworkFactory.create(territory=Territory.objects.get())
    files["notions.json"]["notions"][1]["slug"] = "courriels"
    files["professions.json"]["professions"] = []
    files["territories.json"]["territories"] = []
    assert loader.refuse(files) == [
        "notion messagerie is in no file any more, but still in use: 1 × session",
        "profession medecin is in no file any more, but still in use: 1 × person",
        "territory bretagne is in no file any more, but still in use: 1 × network",
    ]


# What is refused


def set_at(*steps: str | int, to: Any) -> Mutation:
    """Change one value."""

    def mutate(files: Files) -> None:
        place: Any = files
        for step in steps[:-1]:
            place = place[step]
        place[steps[-1]] = to

    return mutate


def drop(*steps: str | int) -> Mutation:
    """Take one key away."""

    def mutate(files: Files) -> None:
        place: Any = files
        for step in steps[:-1]:
            place = place[step]
        del place[steps[-1]]

    return mutate


FIRST_COMPETENCY = ("commun.json", "domains", 0, "competencies", 0)
FIRST_CAPACITY = (*FIRST_COMPETENCY, "capacities", 0)
FORMATS = "tandem-framework/1, tandem-professions/1, tandem-specialties/1, tandem-territories/1, tandem-notions/1"
REFUSALS = {
    "missing key": (
        drop(*FIRST_COMPETENCY, "title"),
        "commun.json: domains[0].competencies[0].title: missing",
    ),
    "unknown key": (
        set_at(*FIRST_CAPACITY, "mandatory", to=True),
        "commun.json: domains[0].competencies[0].capacities[0].mandatory: unknown key",
    ),
    "text for a number": (set_at("commun.json", "hours", to="28"), "commun.json: hours: must be a whole number"),
    "true for a number": (set_at("commun.json", "hours", to=True), "commun.json: hours: must be a whole number"),
    "negative number": (set_at("commun.json", "ects", to=-1), "commun.json: ects: must be a whole number"),
    "number for a text": (set_at("commun.json", "title", to=3), "commun.json: title: must be a text"),
    "null where nothing may lack": (set_at("commun.json", "title", to=None), "commun.json: title: must be a text"),
    "blank text": (
        set_at(*FIRST_CAPACITY, "text", to=" "),
        "commun.json: domains[0].competencies[0].capacities[0].text: must not be empty",
    ),
    "text too long": (
        set_at("commun.json", "version", to="V" * 41),
        "commun.json: version: must be at most 40 characters long",
    ),
    "not a list": (set_at("commun.json", "domains", to={}), "commun.json: domains: must be a list"),
    "not an object": (set_at("commun.json", "notes", to=["A1"]), "commun.json: notes[0]: must be an object"),
    "not true or false": (
        set_at("professions.json", "professions", 0, "has_rpps", to="yes"),
        "professions.json: professions[0].has_rpps: must be true or false",
    ),
    "unknown choice": (
        set_at("commun.json", "attribution", to="guessed"),
        "commun.json: attribution: must be one of printed, deduced",
    ),
    "not a slug": (
        set_at("territories.json", "territories", 0, "slug", to="Bretagne !"),
        "territories.json: territories[0].slug: must be small letters, digits and hyphens",
    ),
    "unknown area": (
        set_at("notions.json", "notions", 1, "area", to="sports"),
        "notions.json: notions[1].area: must be one of data, cybersecurity, communication, tools, telehealth",
    ),
    "slug that is not the file's": (
        set_at("diplome.json", "slug", to="commun"),
        'diplome.json: slug: must be the name of the file, not "commun"',
    ),
    "position out of order": (
        set_at(*FIRST_COMPETENCY, "position", to=2),
        "commun.json: domains[0].competencies[0].position: must be 1, not 2",
    ),
    "key that is not the position": (
        set_at(*FIRST_CAPACITY, "key", to="commun:1.1.7"),
        'commun.json: domains[0].competencies[0].capacities[0].key: must be "commun:1.1.1", not "commun:1.1.7"',
    ),
    "unknown older edition": (
        set_at("commun.json", "supersedes", to="absent"),
        'commun.json: supersedes: no framework "absent"',
    ),
    "older edition replaced twice": (
        set_at("diplome.json", "supersedes", to="ancien"),
        'diplome.json: supersedes: "ancien" is already superseded by "commun"',
    ),
    "edition that replaces itself": (
        set_at("diplome.json", "supersedes", to="diplome"),
        "diplome.json: supersedes: goes round in a circle",
    ),
    "profession on an unknown framework": (
        set_at("professions.json", "professions", 0, "referential", to="absent"),
        'professions.json: professions[0].referential: no framework "absent"',
    ),
    "profession of an unknown type": (
        set_at("professions.json", "professions", 0, "group", to="absent"),
        'professions.json: professions[0].group: no type "absent"',
    ),
    "formation of an unknown type": (
        set_at("professions.json", "formations", 0, "type", to="absent"),
        'professions.json: formations[0].type: no type "absent"',
    ),
    "unknown category": (
        set_at("specialties.json", "rows", 0, "marks", "absent", to=True),
        "specialties.json: rows[0].marks.absent: no such category",
    ),
    "missing category": (
        drop("specialties.json", "rows", 0, "marks", "industrie"),
        "specialties.json: rows[0].marks.industrie: missing",
    ),
    "slug used twice": (
        set_at("notions.json", "notions", 2, "slug", to="identite"),
        'notions.json: notions[2].slug: "identite" is already at notions[0].slug',
    ),
    "capacity with two notions": (
        set_at("notions.json", "notions", 2, "capacities", to=["commun:1.2.1", "ancien:1.1.1"]),
        'notions.json: notions[2].capacities[1]: "ancien:1.1.1" already has the notion "identite"',
    ),
    "capacity without a notion": (
        set_at("notions.json", "notions", 1, "capacities", to=[]),
        'notions.json: notions: capacity "commun:1.1.2" has no notion',
    ),
    "unknown covered notion": (
        set_at("notions.json", "coverage", "diplome:1.1", to=["absent"]),
        'notions.json: coverage["diplome:1.1"][0]: no notion "absent"',
    ),
    "covered notion named twice": (
        set_at("notions.json", "coverage", "diplome:1.1", to=["identite", "identite"]),
        'notions.json: coverage["diplome:1.1"][1]: "identite" is already in this list',
    ),
    "unknown covering competency": (
        set_at("notions.json", "coverage", "diplome:9.9", to=["identite"]),
        'notions.json: coverage["diplome:9.9"]: no such competency',
    ),
    "note on nothing": (
        set_at("notions.json", "coverage_notes", "commun:1.1", to="Une note."),
        'notions.json: coverage_notes["commun:1.1"]: no such key under coverage',
    ),
    "unknown format": (
        set_at("commun.json", "format", to="tandem-framework/2"),
        f"commun.json: format: must be one of {FORMATS}",
    ),
    "not JSON": (
        set_at("commun.json", to='{"format": }'),
        "commun.json: not JSON: Expecting value at line 1, column 12",
    ),
    "not an object at all": (set_at("commun.json", to=[]), "commun.json: must be an object"),
    "second list of one kind": (
        set_at("zones.json", to={"format": "tandem-territories/1", "territories": [], "notes": []}),
        "zones.json: format: territories.json is already of this format",
    ),
    "missing list": (drop("territories.json"), "no file of format tandem-territories/1"),
}


@pytest.mark.parametrize(("mutate", "line"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_wrong_file_is_refused_whole(loader: Loader, files: Files, mutate: Mutation, line: str) -> None:
    loader.load(files)
    before = snapshot()
    files["ancien.json"]["title"] = "Un titre qui ne doit pas être écrit"
    mutate(files)
    assert loader.refuse(files) == [line]
    assert snapshot() == before


def test_a_note_must_say_why_a_notion_holds_a_framework_twice(loader: Loader, files: Files) -> None:
    files["notions.json"]["notions"] = [
        notion("identite", "commun:1.1.1", "commun:1.1.2", "ancien:1.1.1"),
        notion("telesante", "commun:1.2.1"),
    ]
    assert loader.refuse(files) == [
        "notions.json: notions[0].note: must say why this notion holds several capacities of commun"
    ]
    files["notions.json"]["notions"][0]["note"] = "La même idée, imprimée deux fois."
    loader.load(files)
    assert Notion.objects.get(slug="identite").capacities.count() == 3


def test_a_competency_may_prove_nothing_if_a_note_says_why(loader: Loader, files: Files) -> None:
    files["notions.json"]["coverage"] |= {"diplome:1.1": [], "commun:1.2": []}
    assert loader.refuse(files) == [
        'notions.json: coverage["commun:1.2"]: names no notion, and no note under coverage_notes says why'
    ]
    files["notions.json"]["coverage_notes"]["commun:1.2"] = "Rien ne le prouve."
    loader.load(files)
    assert list(Competency.objects.filter(notions=None).order_by("key").values_list("key", flat=True)) == [
        "commun:1.2",
        "diplome:1.1",
    ]


def test_a_competency_without_capacities_must_be_under_coverage(loader: Loader, files: Files) -> None:
    files["notions.json"] |= {"coverage": {}, "coverage_notes": {}}
    assert loader.refuse(files) == [
        'notions.json: coverage: competency "diplome:1.1" is missing, though it holds no capacity'
    ]


def test_a_notion_may_not_name_an_unknown_capacity(loader: Loader, files: Files) -> None:
    files["notions.json"]["notions"][0]["capacities"].append("commun:7.7.7")
    files["notions.json"]["notions"][0]["note"] = "Deux fois le même référentiel."
    assert loader.refuse(files) == ['notions.json: notions[0].capacities[2]: no capacity "commun:7.7.7"']


def test_editions_may_not_go_round_in_a_circle(loader: Loader, files: Files) -> None:
    files["ancien.json"]["supersedes"] = "commun"
    assert loader.refuse(files) == [
        "ancien.json: supersedes: goes round in a circle",
        "commun.json: supersedes: goes round in a circle",
    ]


def test_a_key_may_not_appear_twice_in_one_object(loader: Loader, files: Files) -> None:
    text = json.dumps(files["ancien.json"])
    files["ancien.json"] = text.replace('"version"', '"title": "Autre", "version"', 1)
    assert loader.refuse(files) == ['ancien.json: key "title" appears twice in one object']


def test_every_problem_of_every_file_is_listed(loader: Loader, files: Files) -> None:
    del files["ancien.json"]["domains"][0]["title"]
    files["commun.json"]["domains"][0]["competencies"][1]["capacities"][0]["position"] = 4
    files["commun.json"]["domains"][0]["competencies"][1]["capacities"][0]["key"] = "commun:1.2.4"
    files["professions.json"]["professions"][0] |= {"has_order": None, "colour": "blue"}
    assert loader.refuse(files) == [
        "ancien.json: domains[0].title: missing",
        "commun.json: domains[0].competencies[1].capacities[0].position: must be 1, not 4",
        'commun.json: domains[0].competencies[1].capacities[0].key: must be "commun:1.2.1", not "commun:1.2.4"',
        "professions.json: professions[0].colour: unknown key",
        "professions.json: professions[0].has_order: must be true or false",
    ]
    assert Framework.objects.count() == 0


def test_an_empty_folder_is_refused(loader: Loader) -> None:
    assert loader.refuse({}) == [f"{loader.folder.name}: no such folder, or no data file in it"]


# The real files

REAL_COUNTS = {
    "socle-4-8": (5, 15, 80),
    "as-ap": (5, 12, 48),
    "ambulanciers": (5, 12, 45),
    "arm": (5, 15, 60),
    "ts-accompagnants": (4, 12, 49),
    "ts-educateurs-assistants": (4, 13, 62),
    "mediateurs": (6, 6, 28),
    "c2i2ms": (4, 16, 0),
    "du-cns": (6, 16, 0),
    "socle-4-8-v1": (5, 15, 78),
}


def test_the_real_files_load_whole_in_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(40):
        call_command("load-referentials", stdout=io.StringIO())
    counts = {
        slug: (
            Domain.objects.filter(framework__slug=slug).count(),
            Competency.objects.filter(domain__framework__slug=slug).count(),
            Capacity.objects.filter(competency__domain__framework__slug=slug).count(),
        )
        for slug in Framework.objects.values_list("slug", flat=True)
    }
    assert list(counts.items()) == list(REAL_COUNTS.items())
    assert Capacity.objects.in_force().count() == 372
    assert (Formation.objects.count(), Specialty.objects.count(), Territory.objects.count()) == (48, 56, 13)
    assert not Competency.objects.filter(notions=None, coverage_note="").exists()


def test_the_real_files_load_twice_without_a_change() -> None:
    call_command("load-referentials", stdout=io.StringIO())
    output = io.StringIO()
    call_command("load-referentials", stdout=output)
    assert output.getvalue().splitlines()[-1] == "Nothing changed: the database already held all of this."


# Support


def test_support_reads_and_edits_nothing(loader: Loader, files: Files, client: CommittingClient) -> None:
    loader.load(files)
    client.force_login(PersonFactory.create(is_staff=True, is_superuser=True))
    capacity = Capacity.objects.get(key="commun:1.2.1")
    names = [model._meta.model_name for model in apps.get_app_config("referentials").get_models()]
    assert {name: client.get(f"/admin/referentials/{name}/").status_code for name in names} == dict.fromkeys(names, 200)
    url = f"/admin/referentials/capacity/{capacity.pk}/"
    assert client.get(f"{url}change/").status_code == 200
    assert client.post(f"{url}change/", {"text": "Autre"}).status_code == 403
    assert client.post(f"{url}delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/referentials/capacity/add/").status_code == 403
