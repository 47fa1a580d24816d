"""The transcribed référentiels: what a careful reading of the source documents must have kept."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

type Data = dict[str, Any]

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "referentials"

# slug: (domains, competencies, capacities, hours, ects, hours of each domain)
SHAPES: dict[str, tuple[int, int, int, int | None, int | None, list[int | None]]] = {
    "c2i2ms": (4, 16, 0, None, None, [None] * 4),
    "socle-4-8": (5, 15, 80, 28, None, [6, 5, 5, 6, 6]),
    "socle-4-8-v1": (5, 15, 78, 28, 2, [6, 5, 5, 6, 6]),
    "as-ap": (5, 12, 48, 18, None, [5, 4, 5, 2, 2]),
    "ambulanciers": (5, 12, 45, 12, None, [2, 2, 2, 3, 3]),
    "arm": (5, 15, 60, 18, None, [4, 4, 3, 4, 3]),
    "ts-accompagnants": (4, 12, 49, 21, None, [4, 3, 6, 8]),
    "ts-educateurs-assistants": (4, 13, 62, 28, None, [5, 3, 8, 12]),
    "mediateurs": (6, 6, 28, None, None, [None] * 6),
    "du-cns": (6, 16, 0, 165, None, [25, 27, 27, 27, 27, 15]),
}
FRAMEWORKS = sorted(SHAPES)
LISTS = ["professions", "specialties", "territories"]
# The codes of the nomenclature TRE_G15.
NATIONAL_CODES = [
    "10",
    "21",
    "26",
    "28",
    "31",
    "32",
    "35",
    "36",
    "37",
    "38",
    "39",
    "40",
    "50",
    "60",
    "69",
    "70",
    "80",
    "81",
    "82",
    "83",
    "84",
    "85",
    "86",
    "91",
    "92",
    "93",
    "94",
    "95",
    "96",
    "98",
]
TOP_KEYS = [
    "format",
    "slug",
    "title",
    "printed_title",
    "version",
    "date",
    "supersedes",
    "attribution",
    "audience",
    "hours",
    "ects",
    "notes",
    "domains",
]
DOMAIN_KEYS = [
    "position",
    "number",
    "suggested_number",
    "title",
    "printed_title",
    "hours",
    "notes",
    "competencies",
]
COMPETENCY_KEYS = [
    "position",
    "number",
    "suggested_number",
    "title",
    "printed_title",
    "hours",
    "introduction",
    "notes",
    "capacities",
]


def load(name: str) -> Data:
    data: Data = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return data


def competencies(framework: Data) -> list[Data]:
    return [competency for domain in framework["domains"] for competency in domain["competencies"]]


def capacities(framework: Data) -> list[Data]:
    return [capacity for competency in competencies(framework) for capacity in competency["capacities"]]


def texts(framework: Data) -> list[str]:
    return [capacity["text"] for capacity in capacities(framework)]


def capacity(key: str) -> Data:
    return next(row for row in capacities(load(key.split(":", maxsplit=1)[0])) if row["key"] == key)


def competency(key: str) -> Data:
    slug, numbers = key.split(":")
    domain, position = (int(part) for part in numbers.split("."))
    found: Data = load(slug)["domains"][domain - 1]["competencies"][position - 1]
    return found


def note_ids(row: Data) -> list[str]:
    return [note["id"] for note in row["notes"]]


def strings(value: object) -> Iterator[tuple[str, str]]:
    """Every string of a file, with the name of the field that holds it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str):
                yield name, inner
            else:
                yield from ((name if below == "" else below, text) for below, text in strings(inner))
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, str):
                yield "", inner
            else:
                yield from strings(inner)


def fold(text: str) -> str:
    """One spelling for the variants that the editions print (T12)."""
    for variant, kept in (
        ("onnait", "onnaît"),
        ("aitris", "aîtris"),
        ("règlementaire", "réglementaire"),
        ("vis à vis", "vis-à-vis"),
        ("...", "…"),
        ("nᵒ", "n°"),
    ):
        text = text.replace(variant, kept)
    return text


@pytest.mark.parametrize("slug", FRAMEWORKS)
def test_framework_has_the_printed_counts_and_hours(slug: str) -> None:
    framework = load(slug)
    found = (
        len(framework["domains"]),
        len(competencies(framework)),
        len(capacities(framework)),
        framework["hours"],
        framework["ects"],
        [domain["hours"] for domain in framework["domains"]],
    )
    assert found == SHAPES[slug]


@pytest.mark.parametrize("slug", FRAMEWORKS)
def test_framework_has_the_agreed_keys(slug: str) -> None:
    framework = load(slug)
    extra_top = ["matieres", "macro_competencies"] if slug == "du-cns" else []
    extra_domain = ["face_to_face"] if slug == "mediateurs" else []
    extra_competency = ["level", "code", "matieres"] if slug == "du-cns" else []
    assert (framework["format"], framework["slug"]) == ("tandem-framework/1", slug)
    assert sorted(framework) == sorted(TOP_KEYS + extra_top)
    for domain in framework["domains"]:
        assert sorted(domain) == sorted(DOMAIN_KEYS + extra_domain)
    for row in competencies(framework):
        assert sorted(row) == sorted(COMPETENCY_KEYS + extra_competency)
    for row in capacities(framework):
        assert list(row) == ["position", "key", "text", "printed", "notes"]


@pytest.mark.parametrize("slug", FRAMEWORKS)
def test_capacity_keys_follow_positions(slug: str) -> None:
    found, expected = [], []
    for d, domain in enumerate(load(slug)["domains"], start=1):
        assert domain["position"] == d
        for c, row in enumerate(domain["competencies"], start=1):
            assert row["position"] == c
            found += [(inner["position"], inner["key"]) for inner in row["capacities"]]
            expected += [(p, f"{slug}:{d}.{c}.{p}") for p in range(1, len(row["capacities"]) + 1)]
    assert found == expected
    assert len(set(found)) == len(found)


def test_frameworks_in_force_hold_372_capacities() -> None:
    loaded = [load(slug) for slug in FRAMEWORKS]
    superseded = {framework["supersedes"] for framework in loaded} - {None}
    assert superseded == {"socle-4-8-v1"}
    in_force = {row["slug"]: len(capacities(row)) for row in loaded if row["slug"] not in superseded}
    assert sum(in_force.values()) == 372


@pytest.mark.parametrize("slug", FRAMEWORKS)
def test_domain_hours_add_up(slug: str) -> None:
    framework = load(slug)
    hours = [domain["hours"] for domain in framework["domains"]]
    outside = [
        row[kind] or 0
        for row in framework.get("matieres", [])
        for kind in ("hours_lecture", "hours_tutorial", "hours_evaluation")
    ]
    total = None if None in hours else sum(hours) + sum(outside)
    assert total == framework["hours"]


@pytest.mark.parametrize("slug", FRAMEWORKS)
def test_competency_hours_exist_only_where_printed(slug: str) -> None:
    framework = load(slug)
    for domain in framework["domains"]:
        hours = [row["hours"] for row in domain["competencies"]]
        if slug in ("as-ap", "du-cns"):
            assert sum(hours) == domain["hours"]
        else:
            assert set(hours) == {None}


@pytest.mark.parametrize("name", FRAMEWORKS + LISTS)
def test_file_is_stable_utf8_json(name: str) -> None:
    raw = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert raw == json.dumps(json.loads(raw), ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("name", FRAMEWORKS + LISTS)
def test_no_string_keeps_markup_or_loose_space(name: str) -> None:
    for field, text in strings(load(name)):
        assert not re.search(r"<[^>]*>|list-style|https?:|�|[•]|^[-–] ?|\n|\t|  ", text), (field, text)
        assert text == text.strip()


@pytest.mark.parametrize("name", FRAMEWORKS + LISTS)
def test_shown_strings_use_one_apostrophe(name: str) -> None:
    shown = [text for field, text in strings(load(name)) if not field.startswith("printed")]
    assert [text for text in shown if re.search(r"['‘´`\"“”]", text)] == []


@pytest.mark.parametrize("slug", FRAMEWORKS)
def test_shown_text_has_plain_spaces_and_no_list_punctuation(slug: str) -> None:
    framework = load(slug)
    shown = texts(framework) + [row["title"] for row in framework["domains"] + competencies(framework)]
    assert [text for text in shown if "\u00a0" in text or re.search(r"[;,]$|(?<!\.)\.$", text)] == []


@pytest.mark.parametrize("name", FRAMEWORKS + LISTS)
def test_notes_are_french_sentences_with_an_identifier(name: str) -> None:
    def walk(value: object) -> Iterator[Data]:
        if isinstance(value, dict):
            yield from value.get("notes", [])
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    for note in walk(load(name)):
        assert re.fullmatch(r"[ADLPT]\d\d", note["id"])
        assert note["text"].endswith(".")
        assert not re.search(r" [:;?!»]|« ", note["text"]), note["text"]


def test_every_anomaly_noted_in_data_is_in_the_source_page() -> None:
    page = (FOLDER / "SOURCE.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([A-Z]\d\d) \|", page, re.MULTILINE)
    used = {
        text for name in FRAMEWORKS + LISTS for field, text in strings(load(name)) if re.fullmatch(r"[A-Z]\d\d", text)
    }
    assert len(listed) == len(set(listed)) == 66
    assert used <= set(listed)


@pytest.mark.parametrize("slug", FRAMEWORKS)
def test_printed_is_kept_exactly_where_the_text_was_corrected(slug: str) -> None:
    for row in capacities(load(slug)):
        if row["printed"] is not None:
            assert re.sub("['‘]", "’", row["printed"]) != row["text"]
            assert row["notes"] != []


FRAMEWORK_NOTES = {
    "A01": ["ts-accompagnants", "ts-educateurs-assistants"],
    "A02": ["as-ap"],
    "A03": ["arm", "ts-accompagnants", "ts-educateurs-assistants"],
    "A10": ["ts-accompagnants", "ts-educateurs-assistants"],
    "A11": ["ambulanciers", "arm"],
    "A12": ["socle-4-8", "socle-4-8-v1"],
    "A13": ["du-cns"],
    "A14": ["ambulanciers", "arm", "socle-4-8", "socle-4-8-v1", "ts-accompagnants", "ts-educateurs-assistants"],
    "A15": ["c2i2ms", "mediateurs"],
    "A26": ["ts-accompagnants", "ts-educateurs-assistants"],
    "A27": ["c2i2ms"],
    "A28": ["mediateurs"],
    "P08": ["du-cns"],
    "P09": ["du-cns"],
    "D01": ["du-cns"],
    "D04": ["du-cns"],
    "D06": ["du-cns"],
    "D09": ["du-cns"],
}


def test_frameworks_carry_exactly_the_notes_that_concern_them() -> None:
    found: dict[str, list[str]] = {}
    for slug in FRAMEWORKS:
        for identifier in note_ids(load(slug)):
            found.setdefault(identifier, []).append(slug)
    assert found == FRAMEWORK_NOTES


def test_a01_attribution_is_deduced_only_for_social_workers() -> None:
    deduced = [slug for slug in FRAMEWORKS if load(slug)["attribution"] == "deduced"]
    assert deduced == ["ts-accompagnants", "ts-educateurs-assistants"]
    assert {load(slug)["attribution"] for slug in FRAMEWORKS} == {"deduced", "printed"}
    assert [load(slug)["printed_title"] for slug in deduced] == [None, None]


def test_versions_and_dates_are_those_printed() -> None:
    found = {slug: (load(slug)["version"], load(slug)["date"]) for slug in FRAMEWORKS}
    assert found == {
        "c2i2ms": (None, None),
        "socle-4-8": ("V1.1.2022", "2022"),
        "socle-4-8-v1": ("V1.2022", "2022"),
        "as-ap": (None, "2023-06"),
        "ambulanciers": ("V.1.1.2023", "2023"),
        "arm": ("V1.1.2023", "2023"),
        "ts-accompagnants": (None, None),
        "ts-educateurs-assistants": (None, None),
        "mediateurs": (None, None),
        "du-cns": (None, None),
    }


def test_a20_arm_keeps_printed_and_suggested_numbers() -> None:
    domain = load("arm")["domains"][3]
    assert [(row["number"], row["suggested_number"], note_ids(row)) for row in domain["competencies"]] == [
        ("4.1", None, []),
        ("4.1", "4.2", ["A20"]),
        ("4.2", "4.3", ["A20"]),
        ("4.4", None, []),
    ]


@pytest.mark.parametrize("slug", ["ts-accompagnants", "ts-educateurs-assistants"])
def test_a21_repeated_number_leaves_the_title(slug: str) -> None:
    row = competency(f"{slug}:3.4")
    assert row["title"] == "Interagir sur internet en maîtrisant son identité numérique"
    assert row["printed_title"] == "3.4. " + row["title"]


def test_a22_ambulanciers_keep_domain_three() -> None:
    assert [row["number"] for row in load("ambulanciers")["domains"]] == ["1", "2", "3", "4", "5"]
    assert load("ambulanciers")["domains"][2]["title"] == "Communication en santé"


def test_a23_to_a25_social_work_titles_are_whole() -> None:
    longer = load("ts-educateurs-assistants")["domains"]
    shorter = load("ts-accompagnants")["domains"]
    assert [row["title"] for row in shorter] == [
        "Données de santé et données à caractère personnel",
        "Cybersécurité en santé",
        "Communication en santé sociale",
        "Outils numériques en santé",
    ]
    assert [row["title"] for row in longer] == [
        "Données de santé et données à caractère personnel",
        "Cybersécurité en santé sociale",
        "Communication en santé sociale",
        "Outils numériques en santé sociale",
    ]
    assert [(row["title"], len(row["capacities"])) for row in longer[3]["competencies"]] == [
        ("Maitriser les logiciels métiers et les services numériques", 4),
        ("Utiliser un objet connecté ou une application mobile et analyser leur fiabilité", 6),
        ("Utiliser ou recommander un outil numérique adapté au besoin métier", 3),
        ("Chercher de l’information probante en santé", 8),
    ]


def test_a27_c2i_leaflet_has_sixteen_leaves() -> None:
    framework = load("c2i2ms")
    assert [len(domain["competencies"]) for domain in framework["domains"]] == [4, 4, 4, 4]
    assert [row["number"] for row in competencies(framework)] == [f"{d}.{c}" for d in range(1, 5) for c in range(1, 5)]


def test_a28_mediators_have_six_modules() -> None:
    domains = load("mediateurs")["domains"]
    assert [(row["number"], row["face_to_face"]) for row in domains] == [
        ("1", False),
        ("2", True),
        ("3", False),
        ("4", False),
        ("5", True),
        ("6", False),
    ]
    assert [len(row["competencies"][0]["capacities"]) for row in domains] == [2, 10, 6, 3, 3, 4]
    introductions = [row["competencies"][0]["introduction"] for row in domains]
    assert introductions[1:] == [None] * 5
    assert introductions[0] == (
        "S’approprier les enjeux du numérique en santé dont les enjeux éthiques dans le contexte actuel du domaine de "
        "l’inclusion numérique. Bien appréhender :"
    )


@pytest.mark.parametrize(
    ("identifier", "key", "shown", "printed"),
    [
        ("T01", "socle-4-8:3.2.6", "l’usager", "l'utilisateur"),
        ("T01", "ambulanciers:1.3.3", "l’usager", "l'utilisateur"),
        ("T01", "ambulanciers:4.1.5", "l’usager", "l'utilisateur"),
        ("T01", "arm:1.3.5", "l’usager", "l'utilisateur"),
        ("T02", "socle-4-8:1.3.1", "données des usagers", "données de usagers"),
        ("T03", "socle-4-8:4.1.3", "Ségur numérique", "Sécur numérique"),
        ("T04", "socle-4-8:4.1.3", "Hop’en", "Hop 'en"),
        ("T05", "socle-4-8:4.3.4", "e-Prescription", "e-Préscription"),
        ("T07", "ts-educateurs-assistants:4.1.3", "Ségur numérique", "Séjour numérique"),
        ("T09", "socle-4-8:2.2.1", "types d’actions malveillantes", "types d'action malveillantes"),
        ("T09", "socle-4-8-v1:2.2.1", "types d’actions malveillantes", "types d'action malveillantes"),
        ("T09", "as-ap:2.2.1", "types d’actions malveillantes", "types d'action malveillantes"),
        ("T09", "ambulanciers:2.2.1", "types d’actions malveillantes", "types d'action malveillantes"),
        ("T09", "arm:2.2.1", "types d’actions malveillantes", "types d'action malveillantes"),
        ("T10", "socle-4-8-v1:3.3.2", "connexion à des plateformes", "connexion a des plateformes"),
        ("T10", "as-ap:3.3.2", "connexion à des plateformes", "connexion a des plateformes"),
        ("T11", "socle-4-8-v1:5.1.3", "télésoin", "télé soin"),
        ("T11", "as-ap:5.1.3", "télésoin", "télé soin"),
        ("T14", "ts-educateurs-assistants:3.3.1", "GRADeS", "GRADES"),
        ("T15", "ts-educateurs-assistants:1.1.5", "Aidants Connect", "Aidant Connect"),
        ("T15", "ts-educateurs-assistants:4.1.2", "Aidants Connect", "Aidants connect"),
        ("T15", "ts-accompagnants:4.1.2", "Aidants Connect", "Aidants connect"),
        ("T16", "mediateurs:2.1.9", "enjeux de mesures techniques", "enjeux de mesure techniques"),
    ],
)
def test_misprint_is_corrected_beside_the_printed_text(identifier: str, key: str, shown: str, printed: str) -> None:
    row = capacity(key)
    assert shown in row["text"]
    assert printed in row["printed"]
    assert identifier in note_ids(row)


@pytest.mark.parametrize(
    ("slug", "count"),
    [("socle-4-8", 3), ("ambulanciers", 2), ("arm", 2), ("as-ap", 0), ("socle-4-8-v1", 0), ("mediateurs", 0)],
)
def test_t01_usager_is_restored_everywhere_but_in_the_rights(slug: str, count: int) -> None:
    framework = load(slug)
    corrected = [row for row in capacities(framework) if row["printed"] and "l'utilisateur" in row["printed"]]
    left = [text for text in texts(framework) if "l’utilisateur" in text]
    titles = [row["title"] for row in competencies(framework)]
    assert len(corrected) == count
    assert left == [text for text in texts(framework) if "les droits de l’utilisateur" in text]
    assert len(left) == (1 if slug in ("socle-4-8", "socle-4-8-v1", "arm") else 0)
    assert [title for title in titles if "utilisateur" in title] == []


@pytest.mark.parametrize("slug", ["socle-4-8", "ambulanciers", "arm"])
def test_t01_titles_keep_what_was_printed(slug: str) -> None:
    for key, end in (("3.2", "et administrations"), ("5.2", "et l'utilisateur")):
        row = competency(f"{slug}:{key}")
        assert "l'utilisateur" in row["printed_title"]
        assert row["printed_title"].endswith(end)
        assert note_ids(row) == ["T01"]


@pytest.mark.parametrize("slug", ["socle-4-8", "ambulanciers"])
def test_t06_telesante_is_one_domain_name(slug: str) -> None:
    domain = load(slug)["domains"][4]
    assert (domain["title"], domain["printed_title"], note_ids(domain)) == ("Télésanté", "Télesanté", ["T06"])


def test_t12_editions_keep_their_spelling() -> None:
    assert capacity("as-ap:1.2.1")["text"].startswith("connaitre ")
    assert capacity("ambulanciers:1.2.1")["text"].startswith("connaître ")


@pytest.mark.parametrize(
    ("key", "title", "printed"),
    [
        ("c2i2ms:1.1", "codification", "codifi cation"),
        ("c2i2ms:2.1", "confidentialité", "confidentialité".replace("fi", "fi ")),
        ("c2i2ms:3.1", "Identifier", "Identifi er"),
    ],
)
def test_t13_broken_ligatures_are_mended(key: str, title: str, printed: str) -> None:
    row = competency(key)
    assert title in row["title"]
    assert printed in row["printed_title"]
    assert note_ids(row) == ["T13"]


def test_t13_no_broken_ligature_is_shown() -> None:
    shown = [text for row in competencies(load("c2i2ms")) for text in (row["title"],)]
    assert [text for text in shown if re.search(r"\w(?:fi|fl) (?:cation|dent|er\b)", text)] == []


@pytest.mark.parametrize(
    ("identifier", "key", "words"),
    [
        (
            "T08",
            "ts-educateurs-assistants:4.1.3",
            "La stratégie numérique inclusif, la Loi sur la République numérique",
        ),
        ("T14", "ts-educateurs-assistants:3.3.1", "privés) du social (HCTS"),
        ("T19", "socle-4-8:2.1.1", "référentiels de référence"),
        ("T19", "socle-4-8-v1:2.1.5", "à double facteurs"),
        ("T19", "as-ap:2.1.4", "à double facteurs"),
        ("T19", "ambulanciers:2.1.4", "à double facteurs"),
        ("T19", "arm:2.1.4", "à double facteurs"),
        ("T20", "socle-4-8-v1:1.1.1", "Identifiant National de Santé"),
        ("T20", "socle-4-8-v1:1.3.7", "Identifiant National de Santé"),
    ],
)
def test_words_left_as_printed_carry_a_note(identifier: str, key: str, words: str) -> None:
    row = capacity(key)
    assert words in row["text"]
    assert identifier in note_ids(row)


def test_t17_and_t18_mediator_titles_are_left_as_printed() -> None:
    domains = load("mediateurs")["domains"]
    context = domains[5]["competencies"][0]
    assert domains[3]["title"] == "Les outils publics du numérique en santé : DMP et ENS"
    assert note_ids(domains[3]) == ["T18"]
    assert context["title"].startswith("Reconnaître une information fiable et dans un contexte de recherche")
    assert note_ids(context) == ["T17"]


def test_t20_identity_is_worded_by_edition() -> None:
    older, newer = " ".join(texts(load("socle-4-8-v1"))), " ".join(texts(load("socle-4-8")))
    wordings = [("Identifiant National de Santé", 2, 0), ("Identité Nationale de Santé", 1, 3)]
    assert [(words, older.count(words), newer.count(words)) for words, _, _ in wordings] == wordings


@pytest.mark.parametrize("slug", FRAMEWORKS)
def test_t21_only_one_capacity_is_printed_twice(slug: str) -> None:
    twice = [text for text, count in Counter(texts(load(slug))).items() if count > 1]
    expected = ["Connaître les bonnes pratiques du numérique inclusif"] if slug.startswith("ts-") else []
    assert twice == expected
    noted = [row["key"].split(":")[1][:3] for row in capacities(load(slug)) if "T21" in note_ids(row)]
    assert noted == ["4.2"] * len(expected)


def test_t22_reliability_is_two_capacities() -> None:
    rows = [row for row in capacities(load("ts-educateurs-assistants")) if "T22" in note_ids(row)]
    assert [row["key"] for row in rows] == ["ts-educateurs-assistants:4.2.1", "ts-educateurs-assistants:4.2.4"]


# The wording V1.2022 lost and the wording V1.1.2022 gained in its place, by competency.
REWORDED = {
    "1.1": [("[Identifiant National de Santé (INS)", "[Identité Nationale de Santé (INS)")],
    "1.3": [
        ("le Health Data Hub (HDH)", "la plateforme de données de santé"),
        ("[Identifiant National de Santé (INS)", "[Identité Nationale de Santé (INS)"),
        ("dans l’utilisation des données", "dans l’accès aux données"),
    ],
    "1.4": [("éthiques associés", "éthiques associés aux traitements des données de santé")],
    "4.2": [("évaluer la fiabilité", "comprendre comment évaluer la fiabilité")],
    "5.1": [
        (
            "identifier les enjeux éthiques et de déontologie",
            "savoir identifier les enjeux éthiques et de déontologie de la télésanté",
        )
    ],
}
CODINGS = (
    "connaître les principales codifications utilisées pour les pathologies, actes, produits de santé, "
    "nationales et internationales (SNOMED CT)"
)
BIBLIOGRAPHY = (
    "chercher des données scientifiques publiées et savoir les interpréter, produire une bibliographie pertinente"
)
REMOVED = {"1.4": [BIBLIOGRAPHY]}
ADDED = {
    "1.4": [CODINGS],
    "4.1": ["être sensibilisé à l’impact environnemental du numérique en santé"],
    "4.4": [BIBLIOGRAPHY],
}


def test_v1_to_v1_1_changes_are_exactly_those_listed() -> None:
    pairs = zip(competencies(load("socle-4-8-v1")), competencies(load("socle-4-8")), strict=True)
    for before, after in pairs:
        number = before["number"]
        old = [fold(row["text"]) for row in before["capacities"]]
        new = [fold(row["text"]) for row in after["capacities"]]
        lost = [text for text in old if text not in new + REMOVED.get(number, [])]
        gained = [text for text in new if text not in old + ADDED.get(number, [])]
        changes = REWORDED.get(number, [])
        assert after["number"] == number
        assert [text.replace(*change) for text, change in zip(lost, changes, strict=True)] == gained
        assert [text for text in REMOVED.get(number, []) if text in new or text not in old] == []
        assert [text for text in ADDED.get(number, []) if text in old or text not in new] == []


def test_v1_to_v1_1_changes_one_title() -> None:
    pairs = zip(competencies(load("socle-4-8-v1")), competencies(load("socle-4-8")), strict=True)
    changed = [(old["title"], new["title"]) for old, new in pairs if fold(old["title"]) != fold(new["title"])]
    assert changed == [
        (
            "Maîtriser la réglementation et les bonnes pratiques en télésanté",
            "Maîtriser la réglementation de la télésanté",
        )
    ]


def test_social_work_tables_share_48_capacities() -> None:
    def pairs(slug: str) -> Counter[tuple[str, str]]:
        return Counter((row["title"], inner["text"]) for row in competencies(load(slug)) for inner in row["capacities"])

    shorter, longer = pairs("ts-accompagnants"), pairs("ts-educateurs-assistants")
    assert (shorter & longer).total() == 48
    assert (longer - shorter).total() == 14
    assert [text[:38] for _, text in (shorter - longer).elements()] == ["Prévenir, identifier et accompagner un"]


def test_as_ap_follows_the_titled_printing() -> None:
    words = " ".join(texts(load("as-ap")))
    assert "utilisateur" not in words
    assert words.count("données des usagers") == 1
    assert [row["hours"] for row in competencies(load("as-ap"))] == [2, 1, 2, 2, 2, 2, 1, 2, 1, 1, 1, 1]


def test_du_hours_by_level_and_kind() -> None:
    framework = load("du-cns")
    blocs: Counter[int] = Counter()
    for row in competencies(framework):
        blocs[row["level"]] += row["hours"]
    assert blocs == {0: 15, 1: 35, 2: 50, 3: 48}
    outside = [(row["level"], row["hours_tutorial"], row["hours_evaluation"]) for row in framework["matieres"]]
    assert outside == [(1, 5, None), (2, 5, None), (3, 5, None), (3, None, 2)]
    assert [note_ids(row) for row in framework["matieres"]] == [["D09"], ["D09"], ["D09"], ["D08"]]


def test_du_initiation_sums_its_three_parts() -> None:
    row = competency("du-cns:6.1")
    assert [(part["code"], part["hours_lecture"]) for part in row["matieres"]] == [
        ("LV5L3KG0", 3),
        ("LV5L3YHV", 7),
        ("LV5L4AFG", 5),
    ]
    assert (row["hours"], row["level"], row["code"], note_ids(row)) == (15, 0, "LV5L2IQ2", ["D07"])


def test_du_codes_are_all_there_once() -> None:
    framework = load("du-cns")
    rows = competencies(framework) + framework["matieres"] + competency("du-cns:6.1")["matieres"]
    codes = [row["code"] for row in rows]
    assert len(codes) == len(set(codes)) == 23
    assert all(re.fullmatch(r"LV5[0-9A-Z]{5}", code) for code in codes)


def test_du_macro_competencies() -> None:
    macros = load("du-cns")["macro_competencies"]
    counts = [[len(level["items"]) for level in macro["levels"]] for macro in macros]
    assert counts == [[2, 1, 1], [2, 1, 1], [1, 1, 1], [2, 1, 1], [1, 1, 1]]
    assert note_ids(macros[4]) == ["D03"]
    assert "l’ensemble du processus réglementaire qui doit accompagner" in macros[4]["title"]
    truncated = macros[4]["levels"][1]["items"][0]
    assert truncated["text"].endswith("numérique, en assurant")
    assert note_ids(truncated) == ["D02"]
    moved = macros[3]["levels"][0]["items"][1]
    assert moved["text"].startswith("Identifier les politiques et les directives institutionnelles")
    assert note_ids(moved) == ["P07"]


def test_d05_heading_misprints_are_nowhere() -> None:
    words = (FOLDER / "du-cns.json").read_text(encoding="utf-8")
    assert not re.search(r"macro-macro|Intermédiare|Cértification|Fec |Emannuel|Temoignage", words)


def test_professions_are_48_formations_in_6_types() -> None:
    data = load("professions")
    assert data["format"] == "tandem-professions/1"
    by_type = Counter(row["type"] for row in data["formations"])
    assert [(row["slug"], by_type[row["slug"]]) for row in data["types"]] == [
        ("pharmacie-physique-medicale", 3),
        ("medecins", 3),
        ("auxiliaires-medicaux", 22),
        ("travailleurs-sociaux", 15),
        ("experts", 3),
        ("agents-administratifs", 2),
    ]
    assert len({row["slug"] for row in data["formations"]}) == 48


@pytest.mark.parametrize(
    ("identifier", "slugs"),
    [
        ("L01", ["psychomotricien", "technicien-de-laboratoire-medical"]),
        ("L03", ["chirurgien-dentiste", "sage-femme", "manipulateur-d-erm"]),
    ],
)
def test_formations_in_doubt_carry_a_note(identifier: str, slugs: list[str]) -> None:
    rows = load("professions")["formations"]
    assert [row["slug"] for row in rows if identifier in note_ids(row)] == slugs


def test_l02_ten_social_formations_follow_the_page_break() -> None:
    rows = [row for row in load("professions")["formations"] if "L02" in note_ids(row)]
    assert (len(rows), {row["type"] for row in rows}) == (10, {"travailleurs-sociaux"})


def test_professions_hold_the_national_codes() -> None:
    rows = load("professions")["professions"]
    codes = NATIONAL_CODES
    assert [row["ans_code"] for row in rows if row["ans_code"]] == codes
    assert {row["ans_code"] for row in rows if row["has_order"]} == {"10", "21", "40", "50", "60", "70", "80"}
    assert [row["slug"] for row in rows if row["has_rpps"] != (row["ans_code"] is not None)] == []
    assert len({row["slug"] for row in rows}) == len({row["label"] for row in rows}) == len(rows) == 53


def test_professions_point_to_groups_and_frameworks_that_exist() -> None:
    data = load("professions")
    types = {row["slug"] for row in data["types"]}
    for row in data["professions"]:
        assert row["group"] in types
        assert row["referential"] in {None, *SHAPES}
        assert row["referential"] or row["referential_note"]
    targets = {row["slug"]: row["referential"] for row in data["professions"]}
    assert [slug for slug, target in targets.items() if target == "as-ap"] == [
        "aide-soignant",
        "auxiliaire-de-puericulture",
    ]
    assert [slug for slug, target in targets.items() if target in ("ambulanciers", "arm", "mediateurs")] == [
        "ambulancier",
        "assistant-de-regulation-medicale",
        "mediateur-numerique",
    ]


def test_specialties_are_56_rows_of_8_marks() -> None:
    data = load("specialties")
    slugs = [row["slug"] for row in data["categories"]]
    assert data["format"] == "tandem-specialties/1"
    assert Counter(row["profession"] for row in data["rows"]) == {
        "Odontologie": 4,
        "Médecine": 42,
        "Pharmacie": 5,
        "Maïeutique": 1,
        "Infirmier": 4,
    }
    assert len({row["slug"] for row in data["rows"]}) == 56
    assert [list(row["marks"]) for row in data["rows"]] == [slugs] * 56
    assert [sum(row["marks"][slug] for row in data["rows"]) for slug in slugs] == [20, 28, 28, 28, 23, 24, 2, 56]


def test_l04_to_l06_specialty_names_keep_raw_and_corrected() -> None:
    data = load("specialties")
    changed = [
        (row["printed"], row["label"])
        for row in data["rows"]
        if row["printed"] is None or row["printed"].replace("'", "’") != row["label"]
    ]
    assert changed == [
        ("Ophthalmologie", "Ophtalmologie"),
        ("Hépto-gastroentérologie", "Hépato-gastro-entérologie"),
        (None, "Maïeutique"),
        ("IAE (anesthésiste)", "IADE (anesthésiste)"),
    ]
    assert {row["printed_profession"] for row in data["rows"] if row["profession"] == "Maïeutique"} == {"Maieutique"}
    footnotes = [(row["label"], row["footnote"] is not None) for row in data["categories"]]
    assert footnotes[-1] == ("Intelligence artificielle", True)
    assert [label for label, noted in footnotes if noted] == ["Intelligence artificielle"]
    assert [note["id"] for note in data["notes"]] == ["L04", "L05", "L06"]


def test_l07_territories_are_the_13_printed_lines() -> None:
    data = load("territories")
    assert data["format"] == "tandem-territories/1"
    assert [row["position"] for row in data["territories"]] == list(range(1, 14))
    assert [row["label"] for row in data["territories"] if row["notes"]] == [
        "Provence-Alpes-Côte d’Azur Corse",
        "Guadeloupe Martinique Guyane",
    ]
    assert note_ids(data) == ["L07"]
