"""The Annuaire Santé extraction: read as a stream, by header name, each person once."""

import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from backend.accounts.models import Person
from backend.common.errors import DomainError
from backend.networks.domain import directory
from backend.networks.domain.directory import is_directory, read_directory
from backend.networks.models import MemberImport, Membership
from tests.networks.conftest import Team
from tests.support import factories

# As the file of 2023 prints them; the last name is empty, for a separator ends each line.
HEADERS = (
    "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|"
    "Libellé civilité d'exercice|Code civilité|Libellé civilité|Nom d'exercice|Prénom d'exercice|Code profession|"
    "Libellé profession|Code catégorie professionnelle|Libellé catégorie professionnelle|Code type savoir-faire|"
    "Libellé type savoir-faire|Code savoir-faire|Libellé savoir-faire|Code mode exercice|Libellé mode exercice|"
    "Numéro SIRET site|Numéro SIREN site|Numéro FINESS site|Numéro FINESS établissement juridique|"
    "Identifiant technique de la structure|Raison sociale site|Enseigne commerciale site|"
    "Complément destinataire (coord. structure)|Complément point géographique (coord. structure)|"
    "Numéro Voie (coord. structure)|Indice répétition voie (coord. structure)|Code type de voie (coord. structure)|"
    "Libellé type de voie (coord. structure)|Libellé Voie (coord. structure)|"
    "Mention distribution (coord. structure)|Bureau cedex (coord. structure)|Code postal (coord. structure)|"
    "Code commune (coord. structure)|Libellé commune (coord. structure)|Code pays (coord. structure)|"
    "Libellé pays (coord. structure)|Téléphone (coord. structure)|Téléphone 2 (coord. structure)|"
    "Télécopie (coord. structure)|Adresse e-mail (coord. structure)|Code Département (structure)|"
    "Libellé Département (structure)|Ancien identifiant de la structure|Autorité d'enregistrement|"
    "Code secteur d'activité|Libellé secteur d'activité|Code section tableau pharmaciens|"
    "Libellé section tableau pharmaciens|Code rôle|Libellé rôle|Code genre activité|Libellé genre activité|"
)
HEADER = HEADERS + "\n"
COLUMNS = HEADERS.split("|")
RPPS, OTHER_RPPS = "10003456786", "10001234565"
# What tracks the memory of a process of its own, started from nothing but the reader.
MEASURE = """
import re, sys
from backend.networks.domain.directory import read_directory
with open(sys.argv[1], encoding="utf-8") as lines:
    found = read_directory(lines, postcodes=["17000"])
peak = re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]
print(found.lines, len(found.people), int(peak) // 1024)
"""


def activity(**cells: str) -> str:
    """One line; ``cells`` by a short name."""
    names = {
        "kind": "Type d'identifiant PP",
        "identifier": "Identifiant PP",
        "national": "Identification nationale PP",
        "last": "Nom d'exercice",
        "first": "Prénom d'exercice",
        "profession": "Code profession",
        "label": "Libellé profession",
        "mode": "Code mode exercice",
        "company": "Raison sociale site",
        "sign": "Enseigne commerciale site",
        "postcode": "Code postal (coord. structure)",
        "town": "Libellé commune (coord. structure)",
    }
    known = {"kind": "8", "identifier": RPPS, "last": "FICTIVE", "first": "Nour", "profession": "60", "mode": "L"}
    wanted = known | {"national": "8" + cells.get("identifier", RPPS), "postcode": "17000"} | cells
    row = dict.fromkeys(COLUMNS, "") | {names[name]: value for name, value in wanted.items()}
    return "|".join(row.values()) + "\n"


def test_the_file_is_known_by_its_header() -> None:
    assert len(COLUMNS) == 57
    assert is_directory(HEADER)
    assert not is_directory("nom;prénom;courriel")


def test_a_person_comes_once_with_all_activities() -> None:
    lines = [
        HEADER,
        activity(sign="Cabinet du Port", town="La Rochelle"),
        activity(identifier=OTHER_RPPS, first="Sacha", mode="S"),
        activity(mode="S", company='SOCIETE "X"', postcode="17100"),
        activity(sign="Cabinet du Port", town="La Rochelle"),
    ]
    found = read_directory(iter(lines))
    assert [(row.rpps, row.first_name, len(row.activities)) for row in found.people] == [
        (RPPS, "Nour", 2),
        (OTHER_RPPS, "Sacha", 1),
    ]
    assert found.people[0].activities[1].site == 'SOCIETE "X"', "a quote is a sign like another"
    assert (found.lines, found.broken) == (4, 0)


def test_another_kind_of_identifier_is_no_rpps() -> None:
    [person] = read_directory([HEADER, activity(kind="0", identifier="171234567", national="0171234567")]).people
    assert (person.rpps, person.national) == ("", "0171234567")


@pytest.mark.parametrize(
    ("postcodes", "professions", "first_names"),
    [
        ([], [], ["A", "B", "C"]),
        (["17000"], [], ["A", "C"]),
        (["17"], [], ["A", "B", "C"]),
        (["33"], [], []),
        ([], ["60"], ["A", "B"]),
        (["17000", "17100"], ["60", "10"], ["A", "B", "C"]),
        (["17000"], ["10"], ["C"]),
    ],
)
def test_filters(postcodes: list[str], professions: list[str], first_names: list[str]) -> None:
    lines = [
        HEADER,
        activity(identifier="1", first="A"),
        activity(identifier="2", first="B", postcode="17100"),
        activity(identifier="3", first="C", profession="10"),
    ]
    found = read_directory(lines, postcodes=postcodes, professions=professions)
    assert [person.first_name for person in found.people] == first_names


@pytest.mark.parametrize("drift", [str.upper, lambda text: text.replace("'", "’"), lambda text: text.replace("é", "e")])
def test_the_spelling_of_headers_may_drift(drift: object) -> None:
    header = drift(HEADER)  # type: ignore[operator]
    assert is_directory(header)
    assert len(read_directory(["\ufeff" + header, activity()]).people) == 1


@pytest.mark.parametrize("column", ["Identifiant PP", "Code profession", "Code postal (coord. structure)"])
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(DomainError) as refusal:
        read_directory([HEADER.replace(f"{column}|", "Autre chose|")])
    assert refusal.value.message == f"Colonnes absentes de l’extraction : {column}."


def test_broken_lines_are_counted_and_left_out() -> None:
    found = read_directory([HEADER, "8|1|\n", "\n", activity(), activity(town="A|B")])
    assert (found.lines, found.broken, len(found.people)) == (4, 2, 1)


def test_more_people_than_a_list_may_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "PEOPLE_MAX", 2)
    lines = [HEADER, *(activity(identifier=str(number)) for number in range(3))]
    with pytest.raises(DomainError) as refusal:
        read_directory(lines)
    assert refusal.value.code == "too_many_people"


def many_activities(count: int) -> Iterator[str]:
    yield HEADER
    for number in range(count):
        yield activity(identifier=f"{number // 2:011}", postcode=f"17{number % 97:03}", company="X" * 200)


def test_two_hundred_thousand_lines_stay_under_two_hundred_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "extraction.txt"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(many_activities(200_000))
    command = [sys.executable, "-c", MEASURE, str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    lines, people, megabytes = map(int, answer.stdout.split())
    assert (lines, people) == (200_000, 2062)
    assert megabytes < 200
    assert megabytes < path.stat().st_size // 2**20, "less than the file itself: it is never held whole"


@pytest.fixture
def extraction(tmp_path: Path) -> Path:
    factories.ProfessionFactory.create(slug="infirmier", label="Infirmier ou infirmière", ans_code="60", has_rpps=True)
    path = tmp_path / "PS_LibreAcces_Personne_activite_202601.txt"
    rows = [activity(), activity(identifier=OTHER_RPPS, first="Sacha", sign="Cabinet", town="La Rochelle", mode="S")]
    path.write_text(HEADER + "".join(rows) + activity(postcode="33000", identifier="9"), encoding="utf-8")
    return path


def run(*words: object) -> str:
    output = StringIO()
    call_command("import-members", *map(str, words), "--network", "ici", stdout=output)
    return output.getvalue()


def test_people_of_the_extraction_are_listed_and_never_made(team: Team, extraction: Path, tmp_path: Path) -> None:
    Person.objects.filter(pk=team.member.pk).update(rpps=RPPS)
    before = Person.objects.count(), Membership.objects.count()
    output = tmp_path / "candidats.csv"
    printed = run(extraction, "--postcode", "17000", "--profession", "60", "--output", output)
    assert "déjà membre : 1 · à inviter (adresse à trouver) : 1" in printed
    assert "Rien à écrire." in printed
    assert (Person.objects.count(), Membership.objects.count()) == before
    header, row = output.read_text(encoding="utf-8-sig").splitlines()
    cells = dict(zip(header.split(";"), row.split(";"), strict=True))
    assert {name: cell for name, cell in cells.items() if cell} == {
        "Nom": "FICTIVE",
        "Prénom": "Sacha",
        "Profession": "Infirmier ou infirmière",
        "Mode d’exercice": "Salarié",
        "RPPS": OTHER_RPPS,
        "Lieu d’exercice (annuaire)": "Cabinet, 17000 La Rochelle",
    }


def test_the_account_of_another_network_is_told_to_nobody(team: Team, extraction: Path) -> None:
    Person.objects.filter(pk=team.stranger.pk).update(rpps=RPPS)
    assert "à inviter (adresse à trouver) : 2" in run(extraction, "--postcode", "17000")


LIST = "nom;prénom;courriel\nFictive;Nour;nour@ici.example\n"


def test_the_command_tells_then_writes(team: Team, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(LIST, encoding="utf-8")
    assert "nouvelle : 1" in run(path, "--dry-run")
    assert not Person.objects.filter(email="nour@ici.example").exists()
    assert not MemberImport.objects.exists()
    assert "Écrit." in run(path)
    assert Membership.objects.filter(network=team.network, person__email="nour@ici.example").exists()
    assert "déjà membre : 1" in run(path)


@pytest.mark.parametrize("option", ["--dry-run", None])
def test_a_refused_line_fails_the_command_and_writes_nothing(option: str | None, team: Team, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(LIST + "Fictive;Ici;?\n", encoding="utf-8")
    with pytest.raises(CommandError):
        run(path, *filter(None, [option]))
    assert not Person.objects.filter(email="nour@ici.example").exists()
    if option is None:
        run(path, "--skip-refused", "--invite")
        assert team.network.invitations.get().email == "nour@ici.example"


@pytest.mark.parametrize("name", ["absent.csv", "."])
def test_a_file_that_cannot_be_opened_is_said_so(name: str, team: Team, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        run(tmp_path / name)


def test_an_unknown_network_is_said_so(team: Team, extraction: Path) -> None:
    with pytest.raises(CommandError, match="ailleurs-encore"):
        call_command("import-members", str(extraction), "--network", "ailleurs-encore")
