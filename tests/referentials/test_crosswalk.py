"""The reviewed crosswalk: every capacity has one notion, one idea meets across référentiels, two ideas stay apart."""

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "referentials"
AREAS = ("data", "cybersecurity", "communication", "tools", "telehealth")  # domains 1 to 5 of the socle
CAPACITIES = {
    "socle-4-8": 80,
    "socle-4-8-v1": 78,
    "as-ap": 48,
    "ambulanciers": 45,
    "arm": 60,
    "ts-accompagnants": 49,
    "ts-educateurs-assistants": 62,
    "mediateurs": 28,
}
OLDER_EDITION = "socle-4-8-v1"
CERTIFICATES = ("c2i2ms", "du-cns")

# The same sentence printed twice in one table (T21): the only notion that holds a framework twice.
HELD_TWICE = {
    "numerique-inclusif": [
        "ts-accompagnants:3.2.1",
        "ts-accompagnants:4.2.4",
        "ts-educateurs-assistants:3.2.1",
        "ts-educateurs-assistants:4.2.6",
    ],
}

# V1.2022 -> V1.1.2022: reworded, and one moved from 1.4 to 4.4.
REWORDED = {
    "1.1.1": "1.1.1",
    "1.3.3": "1.3.3",
    "1.3.7": "1.3.7",
    "1.3.8": "1.3.8",
    "1.4.1": "1.4.1",
    "4.2.3": "4.2.3",
    "5.1.5": "5.1.5",
}
MOVED = {"1.4.4": "4.4.3"}
ADDED = {"1.4.3", "4.1.4"}

# One idea, worded otherwise by another profession: a judgement of the review, held here word for word.
MUST_MEET = [
    ("socle-4-8:1.2.1", "as-ap:1.2.1", "mediateurs:2.1.3"),
    ("socle-4-8:1.2.2", "mediateurs:2.1.1"),
    ("socle-4-8:1.2.4", "arm:1.2.2", "ts-accompagnants:1.1.2"),
    ("socle-4-8:1.2.5", "ambulanciers:1.2.3", "ts-educateurs-assistants:1.1.3"),
    ("socle-4-8:1.3.1", "as-ap:1.3.1", "ts-accompagnants:1.2.1"),
    ("socle-4-8:1.3.3", "socle-4-8-v1:1.3.3", "ts-accompagnants:1.2.2"),
    ("socle-4-8:1.3.5", "ambulanciers:1.3.3", "ts-educateurs-assistants:1.2.5"),
    ("socle-4-8:1.4.1", "arm:1.4.1", "ts-accompagnants:1.3.1"),
    ("socle-4-8:2.1.5", "ambulanciers:2.1.4", "mediateurs:5.1.1"),
    ("socle-4-8:2.2.1", "as-ap:2.2.1", "mediateurs:5.1.2"),
    ("socle-4-8:2.2.5", "arm:2.2.4", "ts-accompagnants:2.2.4"),
    ("socle-4-8:3.2.2", "as-ap:3.2.1", "ambulanciers:3.2.1", "arm:3.2.1", "ts-accompagnants:3.2.3"),
    ("socle-4-8:3.2.3", "as-ap:3.2.2", "ts-educateurs-assistants:3.2.4"),
    ("socle-4-8:3.2.4", "ambulanciers:3.2.3", "ts-accompagnants:3.2.5", "ts-educateurs-assistants:3.2.5"),
    ("socle-4-8:3.2.6", "as-ap:3.2.5", "ts-accompagnants:3.2.6"),
    ("socle-4-8:3.3.4", "as-ap:3.3.4", "ts-educateurs-assistants:3.4.4"),
    ("socle-4-8:4.1.2", "arm:4.1.2", "ts-accompagnants:4.1.2"),
    ("socle-4-8:4.3.2", "as-ap:4.2.1", "mediateurs:4.1.2"),
    ("socle-4-8:4.4.3", "arm:4.4.3", "ts-educateurs-assistants:4.4.5"),
    ("socle-4-8:4.4.4", "ts-accompagnants:4.3.5", "mediateurs:6.1.3"),
    ("socle-4-8:4.4.5", "ts-educateurs-assistants:4.4.7", "mediateurs:6.1.2"),
    ("socle-4-8:5.1.3", "as-ap:5.1.3", "arm:5.1.3"),
    ("socle-4-8:5.2.3", "as-ap:5.2.3", "arm:5.2.2"),
    ("as-ap:5.2.2", "ambulanciers:5.2.2"),
]

# Close words, different ideas: a tutor of one could not help with the other.
MUST_STAY_APART = [
    ("socle-4-8:1.4.5", "arm:4.4.3"),  # take part in research / search publications
    ("socle-4-8:1.3.4", "ts-educateurs-assistants:1.1.5"),  # liability incurred / a mandate that frames it
    ("socle-4-8:3.1.3", "ts-accompagnants:3.1.2"),  # secure health messaging / video and shared workspaces
    ("socle-4-8:3.2.1", "mediateurs:3.1.2"),  # who governs digital health / who provides care
    ("socle-4-8:3.2.6", "mediateurs:3.1.5"),  # help with formalities / know one's rights
    ("socle-4-8:3.2.7", "mediateurs:2.1.4"),  # share data / understand why it is shared
    ("socle-4-8:4.1.3", "mediateurs:1.1.2"),  # market and programmes / the national road map
    ("socle-4-8:4.2.1", "mediateurs:2.1.7"),  # categories and CE marking / what connected objects change
    ("socle-4-8:4.2.2", "ts-educateurs-assistants:4.3.3"),  # identify a tool / recommend one
    ("socle-4-8:4.2.3", "ts-accompagnants:4.2.1"),  # judge reliability / help someone choose
    ("socle-4-8:4.3.2", "mediateurs:4.1.3"),  # use Mon espace santé / manage access to it
    ("socle-4-8:2.2.5", "ambulanciers:4.1.5"),  # an attack / a device that fails
    ("socle-4-8:4.4.2", "ts-accompagnants:4.3.3"),  # one search / a watch over time
    ("socle-4-8:1.3.3", "mediateurs:2.1.8"),  # explain a cloud or a host / know where one's own data are
    ("socle-4-8:1.3.6", "mediateurs:2.1.5"),  # duties towards a patient / the right to know what is done with data
    ("ts-accompagnants:3.2.2", "mediateurs:1.1.1"),  # why digital mediation / who does it
    ("ts-accompagnants:4.3.7", "mediateurs:6.1.1"),  # the economy of platforms / how information spreads
    ("socle-4-8:5.2.2", "ambulanciers:5.2.2"),  # lead a project / describe one
    ("socle-4-8:5.2.3", "mediateurs:5.1.3"),  # choose telehealth tools for a practice / use a video call safely
    ("socle-4-8:5.2.4", "as-ap:5.2.4"),  # accompany patients and carers / know which schemes do
    ("ts-accompagnants:3.1.2", "mediateurs:5.1.3"),  # tools of colleagues / video calls of the public
]

# Certificates that teach nothing any capacity words: proposing a neighbour would validate what was never shown.
COVER_NOTHING = {
    "c2i2ms:3.3",  # distance learning
    "c2i2ms:4.2",  # administrative and medico-economic information
    "du-cns:2.3",  # a culture of cybersecurity among teams
}

# Close to a certificate's words, and still not what it shows.
MUST_NOT_COVER = [
    ("c2i2ms:1.2", "socle-4-8:4.4.3"),  # search the web / write a bibliography
    ("c2i2ms:3.2", "socle-4-8:3.1.3"),  # secure exchanges / name MSSanté and the citizens' messaging
    ("c2i2ms:3.2", "socle-4-8:2.1.5"),  # secure exchanges / passwords
    ("c2i2ms:3.4", "ts-educateurs-assistants:3.3.5"),  # a first look at tools / build a network on a platform
    ("c2i2ms:4.1", "as-ap:4.2.3"),  # the electronic record / why writing is kept
    ("du-cns:1.1", "socle-4-8:1.1.2"),  # identify patients / RPPS and FINESS
    ("du-cns:6.1", "socle-4-8:4.1.3"),  # programmes of 2012 / those in force
]


def read_json(slug: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / f"{slug}.json").read_text(encoding="utf-8"))
    return content


def iterate_competencies(slug: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for domain in read_json(slug)["domains"]:
        for competency in domain["competencies"]:
            yield f"{slug}:{domain['position']}.{competency['position']}", competency


def fold(text: str) -> str:
    """One form for spellings of the same words: case, accents, dashes, apostrophes, usager and utilisateur."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    words = re.findall(r"[a-z0-9]+", plain.lower().replace("œ", "oe"))
    # « nᵒ » decomposes into letters, « n° » does not.
    replaced = {"usager": "utilisateur", "usagers": "utilisateurs", "no": "n"}
    return " ".join(replaced.get(word, word) for word in words)


CROSSWALK = read_json("notions")
NOTIONS: list[dict[str, Any]] = CROSSWALK["notions"]
TEXTS = {
    capacity["key"]: capacity["text"]
    for slug in CAPACITIES
    for _, competency in iterate_competencies(slug)
    for capacity in competency["capacities"]
}
NOTION_OF = {key: notion["slug"] for notion in NOTIONS for key in notion["capacities"]}


def framework_of(key: str) -> str:
    return key.partition(":")[0]


def test_every_capacity_has_exactly_one_notion() -> None:
    mapped = Counter(key for notion in NOTIONS for key in notion["capacities"])
    assert mapped == Counter(dict.fromkeys(TEXTS, 1))


def test_counts_per_framework() -> None:
    assert Counter(framework_of(key) for key in NOTION_OF) == CAPACITIES
    assert sum(count for slug, count in CAPACITIES.items() if slug != OLDER_EDITION) == 372


def test_number_of_notions() -> None:
    in_force = {slug for key, slug in NOTION_OF.items() if framework_of(key) != OLDER_EDITION}
    assert len(NOTIONS) == len(in_force) == 120
    assert Counter(notion["area"] for notion in NOTIONS) == {
        "data": 29,
        "cybersecurity": 13,
        "communication": 26,
        "tools": 40,
        "telehealth": 12,
    }


def test_number_of_notions_per_framework() -> None:
    pairs = {(framework_of(key), slug) for key, slug in NOTION_OF.items()}
    # Each social work table prints one sentence twice (T21): one notion less than capacities.
    expected = CAPACITIES | {"ts-accompagnants": 48, "ts-educateurs-assistants": 61}
    assert Counter(framework for framework, _ in pairs) == expected


def test_no_notion_holds_a_framework_twice_unless_noted() -> None:
    held_twice = {
        notion["slug"]: notion["capacities"]
        for notion in NOTIONS
        if max(Counter(map(framework_of, notion["capacities"])).values()) > 1
    }
    assert held_twice == HELD_TWICE
    assert all(notion["note"].startswith("T21") for notion in NOTIONS if notion["slug"] in HELD_TWICE)


def test_identical_wordings_meet() -> None:
    notions_of_text = defaultdict(set)
    for key, text in TEXTS.items():
        notions_of_text[fold(text)].add(NOTION_OF[key])
    assert {text: slugs for text, slugs in notions_of_text.items() if len(slugs) > 1} == {}
    assert len(notions_of_text) == 169


def test_a_notion_whose_wordings_differ_says_why() -> None:
    silent = [
        notion["slug"]
        for notion in NOTIONS
        if len({fold(TEXTS[key]) for key in notion["capacities"]}) > 1 and not notion["note"]
    ]
    assert silent == []


@pytest.mark.parametrize("keys", MUST_MEET, ids=lambda keys: keys[-1])
def test_one_idea_meets_across_professions(keys: tuple[str, ...]) -> None:
    assert len({NOTION_OF[key] for key in keys}) == 1


@pytest.mark.parametrize("keys", MUST_STAY_APART, ids=lambda keys: keys[-1])
def test_different_ideas_stay_apart(keys: tuple[str, ...]) -> None:
    assert len({NOTION_OF[key] for key in keys}) == 2


def test_same_sentence_twice_in_a_table_is_one_notion() -> None:
    keys = [key for key, text in TEXTS.items() if fold(text) == "connaitre les bonnes pratiques du numerique inclusif"]
    assert keys == HELD_TWICE["numerique-inclusif"]
    assert {NOTION_OF[key] for key in keys} == {"numerique-inclusif"}


def test_judging_reliability_and_helping_to_choose_are_two_capacities() -> None:
    assert TEXTS["ts-educateurs-assistants:4.2.1"].startswith("Savoir évaluer la fiabilité")
    assert TEXTS["ts-educateurs-assistants:4.2.4"].startswith("Comprendre comment évaluer la fiabilité")
    notes = {notion["slug"]: notion["note"] for notion in NOTIONS}
    slugs = [NOTION_OF[f"ts-educateurs-assistants:{number}"] for number in ("4.2.1", "4.2.4")]
    assert slugs == ["accompagner-choix-applications", "fiabilite-objets-applications"]
    assert all("T22" in notes[slug] for slug in slugs)


def test_older_edition_meets_the_one_in_force() -> None:
    in_force = {fold(text): key for key, text in TEXTS.items() if framework_of(key) == "socle-4-8"}
    successors = {f"socle-4-8-v1:{old}": f"socle-4-8:{new}" for old, new in REWORDED.items()}
    for key, text in TEXTS.items():
        if framework_of(key) == OLDER_EDITION and key not in successors:
            successors[key] = in_force[fold(text)]
    assert {key for key in successors if NOTION_OF[key] != NOTION_OF[successors[key]]} == set()
    assert len(successors) == len(set(successors.values())) == 78
    without_ancestor = {key for key in TEXTS if framework_of(key) == "socle-4-8"} - set(successors.values())
    assert without_ancestor == {f"socle-4-8:{number}" for number in ADDED}


def test_reworded_and_moved_capacities_are_those_of_the_source() -> None:
    for old, new in REWORDED.items():
        assert fold(TEXTS[f"socle-4-8-v1:{old}"]) != fold(TEXTS[f"socle-4-8:{new}"])
        assert NOTION_OF[f"socle-4-8-v1:{old}"] == NOTION_OF[f"socle-4-8:{new}"]
    for old, new in MOVED.items():
        assert fold(TEXTS[f"socle-4-8-v1:{old}"]) == fold(TEXTS[f"socle-4-8:{new}"])
        assert NOTION_OF[f"socle-4-8-v1:{old}"] == NOTION_OF[f"socle-4-8:{new}"]


def test_every_competency_of_a_certificate_covers_known_notions() -> None:
    coverage = CROSSWALK["coverage"]
    expected = {key for slug in CERTIFICATES for key, _ in iterate_competencies(slug)}
    assert set(coverage) == expected
    assert Counter(map(framework_of, coverage)) == {"c2i2ms": 16, "du-cns": 16}
    known = {notion["slug"] for notion in NOTIONS}
    assert {key for key, slugs in coverage.items() if not set(slugs) <= known} == set()
    assert {key for key, slugs in coverage.items() if len(slugs) != len(set(slugs))} == set()


def test_a_competency_without_counterpart_covers_nothing_and_says_why() -> None:
    assert {key for key, slugs in CROSSWALK["coverage"].items() if not slugs} == COVER_NOTHING
    notes = CROSSWALK["coverage_notes"]
    assert {key for key in COVER_NOTHING if "rien n’est proposé" not in notes[key].lower()} == set()


@pytest.mark.parametrize(("competency", "capacity"), MUST_NOT_COVER)
def test_a_certificate_does_not_cover_what_it_does_not_name(competency: str, capacity: str) -> None:
    assert NOTION_OF[capacity] not in CROSSWALK["coverage"][competency]


def test_leading_a_project_covers_understanding_one() -> None:
    covered = CROSSWALK["coverage"]["du-cns:5.3"]
    assert [NOTION_OF[key] in covered for key in ("socle-4-8:5.2.2", "as-ap:5.2.2")] == [True, True]


def test_coverage_notes_belong_to_a_coverage() -> None:
    notes = CROSSWALK["coverage_notes"]
    assert set(notes) <= set(CROSSWALK["coverage"])
    assert {key for key in CROSSWALK["coverage"] if framework_of(key) == "du-cns"} <= set(notes)
    assert all(notes.values())


def test_only_what_did_not_exist_before_has_a_year() -> None:
    years = {notion["slug"]: notion["since_year"] for notion in NOTIONS if notion["since_year"] is not None}
    assert years == {
        "definir-donnee-de-sante": 2018,
        "rester-conforme-rgpd": 2018,
        "violation-donnees": 2018,
        "dmp-mon-espace-sante": 2022,
        "feuille-de-route-numerique-sante": 2019,
        "deploiement-outils-publics": 2022,
        "droits-mon-espace-sante": 2022,
    }
    assert all("L’année est celle" in notion["note"] for notion in NOTIONS if notion["slug"] in years)


def test_area_is_the_domain_of_the_socle() -> None:
    for notion in NOTIONS:
        # Domain numbers in the tables of other professions follow those of the socle, with fewer or other domains:
        # the edition in force decides.
        numbers = {key.split(":")[1][0] for key in notion["capacities"] if framework_of(key) == "socle-4-8"}
        assert numbers <= {str(AREAS.index(notion["area"]) + 1)}, notion["slug"]


def test_notions_follow_the_areas_then_the_socle() -> None:
    rank = {key: position for position, key in enumerate(TEXTS)}
    order = [(AREAS.index(notion["area"]), rank[notion["capacities"][0]]) for notion in NOTIONS]
    assert order == sorted(order)
    assert all(notion["capacities"] == sorted(notion["capacities"], key=rank.__getitem__) for notion in NOTIONS)


def test_slugs_and_titles_are_short_and_unique() -> None:
    assert CROSSWALK["format"] == "tandem-notions/1"
    for field in ("slug", "title"):
        assert [a[field] for a, b in combinations(NOTIONS, 2) if fold(a[field]) == fold(b[field])] == []
    for notion in NOTIONS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", notion["slug"])
        assert len(notion["slug"]) <= 80
        assert len(notion["title"]) <= 90
        assert notion["area"] in AREAS
        assert re.match(r"(Se |S’)?\w+(er|ir|re) ", notion["title"]), notion["title"]
        assert "'" not in notion["title"] + (notion["note"] or "")


def test_notes_name_existing_notions() -> None:
    slugs = {notion["slug"] for notion in NOTIONS}
    for notion in NOTIONS:
        named = set(re.findall(r"\(([a-z]+(?:-[a-z]+)+)\)", notion["note"] or ""))
        assert named <= slugs
