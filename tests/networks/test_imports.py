"""What becomes of each line of a list of members, and what a confirmation writes."""

import datetime as dt
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.enums import PracticeMode
from backend.accounts.models import Person
from backend.common.clock import now, told_at
from backend.common.errors import DomainError, NotFoundError, RoleRequiredError
from backend.networks.domain.imports.importing import (
    IMPORTS_PER_HOUR,
    Choices,
    Outcome,
    TooManyImportsError,
    access_import_for,
    check_pace,
    confirm_import,
    prepare_import,
    read_verdicts,
)
from backend.networks.domain.imports.lines import Fate, Verdict
from backend.networks.domain.imports.reading import read_file
from backend.networks.domain.invitations import invite_address
from backend.networks.domain.membership import leave_network, suspend_member
from backend.networks.enums import Attachment, MembershipEvent, Role, SiteKind
from backend.networks.models import Invitation, MemberImport, Membership
from backend.networks.rules import roles_in
from backend.notifications.models import OutboxMessage
from backend.referentials.models import Profession
from tests.networks.conftest import Team
from tests.support import factories

RPPS, OTHER_RPPS = "10003456786", "10001234565"
INFORMED, UNINFORMED = Choices(informed=True), Choices(informed=False)
PATIENT_NUMBER = "2 84 05 78 006 084 90"


@pytest.fixture(autouse=True)
def professions(db: None) -> None:
    make = factories.ProfessionFactory.create
    make(slug="medecin", label="Médecin", ans_code="10", has_rpps=True)
    make(slug="infirmier", label="Infirmier ou infirmière", ans_code="60", has_rpps=True)
    make(slug="secretaire-medical", label="Secrétaire médical ou secrétaire médicale")
    factories.SpecialtyFactory.create(label="Gériatrie")


def prepare(team: Team, text: str, author: Person | None = None) -> MemberImport:
    lines = read_file(text.encode()).lines
    return prepare_import(network=team.network, author=author or team.coordinator, file_name="liste.csv", lines=lines)


def confirm(team: Team, member_import: MemberImport, choices: Choices = INFORMED) -> Outcome:
    return confirm_import(member_import=member_import, author=team.coordinator, choices=choices)


def judge(team: Team, text: str) -> list[Verdict]:
    return read_verdicts(prepare(team, text))


def judge_one(team: Team, **cells: str) -> Verdict:
    """The verdict on a line of a new person, but for what ``cells`` say."""
    values = {"nom": "Fictive", "prénom": "Nour", "courriel": "nour@ici.example"} | cells
    quoted = [f'"{value}"' for value in values.values()]
    [verdict] = judge(team, f"{';'.join(values)}\n{';'.join(quoted)}\n")
    return verdict


HEAD = "nom;prénom;courriel\n"


def test_a_new_person_is_made_whole(team: Team) -> None:
    text = (
        "nom;prénom;courriel;profession;spécialité;mode d’exercice;site;type d’établissement;rpps;rôle(s);"
        "rattachement\n"
        f"Fictive;Nour;Nour@Ici.example;Médecin;Gériatrie;libéral;Cabinet du Port;cabinet;{RPPS};"
        "tutorat, personne aidée;rattachée\n"
    )
    member_import = prepare(team, text)
    [verdict] = read_verdicts(member_import)
    assert (verdict.fate, verdict.notes) == (Fate.NEW, ["Nouveau lieu : Cabinet du Port."])
    assert not Person.objects.filter(email="nour@ici.example").exists(), "nothing is written before the confirmation"
    assert confirm(team, member_import) == Outcome.WRITTEN
    person = Person.objects.get(email="nour@ici.example")
    membership = person.memberships.get()
    assert (person.name, person.profession and person.profession.slug, person.specialty and person.specialty.label) == (
        "Nour Fictive",
        "medecin",
        "Gériatrie",
    )
    assert (person.practice_mode, person.rpps, person.has_usable_password()) == (PracticeMode.INDEPENDENT, RPPS, False)
    assert membership.site is not None
    assert (membership.site.name, membership.site.kind, membership.site.network) == (
        "Cabinet du Port",
        SiteKind.PRACTICE,
        team.network,
    )
    assert (membership.network, membership.attachment) == (team.network, Attachment.ATTACHED)
    assert roles_in(person, team.network) == {Role.TUTOR, Role.LEARNER}
    assert [(row.what, row.author) for row in membership.changes.all()] == [
        (MembershipEvent.JOINED, team.coordinator),
        (MembershipEvent.ROLE_GIVEN, team.coordinator),
        (MembershipEvent.ROLE_GIVEN, team.coordinator),
    ]


def test_the_first_message_says_where_the_data_come_from(team: Team) -> None:
    confirm(team, prepare(team, HEAD + "Fictive;Nour;nour@ici.example\n"))
    message = OutboxMessage.objects.get(address="nour@ici.example")
    assert "Source : Personne Fictive" in message.body
    assert "CNIL" in message.body
    assert "/compte/login/" in message.body


def test_who_does_not_know_yet_gets_an_invitation_and_no_account(team: Team) -> None:
    confirm(team, prepare(team, HEAD + "Fictive;Nour;nour@ici.example\n"), UNINFORMED)
    assert not Person.objects.filter(email="nour@ici.example").exists()
    invitation = Invitation.objects.get(network=team.network)
    assert (invitation.email, invitation.roles, invitation.author) == (
        "nour@ici.example",
        [Role.LEARNER],
        team.coordinator,
    )


def test_an_account_of_another_network_looks_new_and_is_only_invited(team: Team) -> None:
    stranger = team.stranger
    member_import = prepare(team, f"{HEAD}Autre;Nom;{stranger.email}\nFictive;Nour;nour@ici.example\n")
    verdicts = read_verdicts(member_import)
    assert [(row.fate, row.problems, row.changes, row.notes) for row in verdicts] == [(Fate.NEW, {}, [], [])] * 2
    confirm(team, member_import)
    assert not Membership.objects.filter(network=team.network, person=stranger).exists()
    assert Invitation.objects.get(network=team.network).email == stranger.email
    stranger.refresh_from_db()
    assert stranger.last_name != "Autre"


def test_who_left_is_invited_back(team: Team) -> None:
    leave_network(membership=team.membership(team.member), author=team.member)
    member_import = prepare(team, f"{HEAD}Fictive;Personne;{team.member.email}\n")
    assert [row.fate for row in read_verdicts(member_import)] == [Fate.NEW]
    confirm(team, member_import)
    assert team.membership(team.member).left_at is not None
    assert Invitation.objects.get().email == team.member.email


def test_an_invitation_that_waits_ends_once_the_account_is_there(team: Team) -> None:
    invitation = invite_address(
        network=team.network, author=team.coordinator, email="nour@ici.example", roles=[Role.COORDINATOR]
    )
    confirm(team, prepare(team, HEAD + "Fictive;Nour;nour@ici.example\n"))
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None
    assert roles_in(Person.objects.get(email="nour@ici.example"), team.network) == {Role.LEARNER}


def test_a_member_as_the_list_says_is_known(team: Team) -> None:
    member = team.member
    verdicts = judge(team, f"{HEAD}{member.last_name};{member.first_name};{member.email.upper()}\n")
    assert [(row.fate, row.changes, row.notes) for row in verdicts] == [(Fate.KNOWN, [], [])]


def test_a_suspended_member_stays_so(team: Team) -> None:
    member = team.member
    suspend_member(membership=team.membership(member), author=team.coordinator)
    [verdict] = judge(team, f"{HEAD}{member.last_name};{member.first_name};{member.email}\n")
    assert (verdict.fate, verdict.notes) == (Fate.KNOWN, ["Sa participation est suspendue, et le reste."])


def test_changes_are_told_then_written(team: Team) -> None:
    factories.SiteFactory.create(network=team.network, name="Cabinet du Port")
    member = team.member
    text = (
        "courriel;nom;prénom;profession;mode d’exercice;site;rôle;rattachement\n"
        f"{member.email};Corrigé;{member.first_name};Infirmière;Salariée;cabinet du port;tuteur;personne rattachée\n"
    )
    before = member.last_name
    member_import = prepare(team, text)
    [verdict] = read_verdicts(member_import)
    assert (verdict.fate, verdict.changes) == (
        Fate.CHANGED,
        [
            f"Nom : {before} → Corrigé",
            "Profession : vide → Infirmier ou infirmière",
            "Mode d’exercice : vide → Salarié",
            "Site : vide → Cabinet du Port",
            "Rattachement : Membre → Personne rattachée",
            "Rôle ajouté : Tutorat",
        ],
    )
    confirm(team, member_import)
    member.refresh_from_db()
    membership = team.membership(member)
    assert (member.last_name, member.profession and member.profession.slug, member.practice_mode) == (
        "Corrigé",
        "infirmier",
        PracticeMode.EMPLOYED,
    )
    assert "corrige" in member.folded
    assert membership.site is not None
    assert (membership.site.name, membership.attachment) == ("Cabinet du Port", Attachment.ATTACHED)
    assert roles_in(member, team.network) == {Role.LEARNER, Role.TUTOR}
    assert OutboxMessage.objects.filter(person=member, subject__contains="Un rôle vous est confié").exists()


def open_the_account(team: Team) -> None:
    Person.objects.filter(pk=team.member.pk).update(last_login=now())


def join_another_network(team: Team) -> None:
    network = team.stranger.memberships.get().network
    factories.MembershipFactory.create(network=network, person=team.member)


def make_an_administrator(team: Team) -> None:
    Person.objects.filter(pk=team.member.pk).update(is_staff=True)


@pytest.mark.parametrize("owned", [open_the_account, join_another_network, make_an_administrator])
def test_the_identity_of_an_account_in_use_is_its_own(owned: Any, team: Team) -> None:
    owned(team)
    member = team.member
    head = "nom;prénom;courriel;rôle\n"
    member_import = prepare(team, f"{head}Autre;{member.first_name};{member.email};tutorat\n")
    [verdict] = read_verdicts(member_import)
    assert (verdict.changes, verdict.notes) == (
        ["Rôle ajouté : Tutorat"],
        ["La personne a dit autre chose de : nom. Son compte garde ce qu’elle a dit."],
    )
    confirm(team, member_import)
    member.refresh_from_db()
    assert member.last_name != "Autre"
    assert roles_in(member, team.network) == {Role.LEARNER, Role.TUTOR}


def test_another_profession_clears_what_belonged_to_the_last(team: Team) -> None:
    doctor = Profession.objects.get(slug="medecin")
    specialty = factories.SpecialtyFactory.create()
    Person.objects.filter(pk=team.member.pk).update(profession=doctor, specialty=specialty, rpps=RPPS)
    text = f"nom;prénom;courriel;profession\n{team.member.last_name};Personne;{team.member.email};secrétaire médicale\n"
    confirm(team, prepare(team, text))
    team.member.refresh_from_db()
    assert (team.member.profession and team.member.profession.slug, team.member.specialty, team.member.rpps) == (
        "secretaire-medical",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("cells", "problems"),
    [
        ({"nom": " "}, {"last_name": ["Ce champ est vide."]}),
        ({"courriel": ""}, {"email": ["Ce champ est vide."]}),
        ({"courriel": "nour(at)ici"}, {"email": ["Ce n’est pas une adresse électronique."]}),
        ({"nom": "x" * 81}, {"last_name": ["80 caractères au plus."]}),
        ({"nom": PATIENT_NUMBER}, None),
        (
            {"profession": "Infirmieer"},
            {"profession": ["Profession inconnue. Le plus proche : « Infirmier ou infirmière »."]},
        ),
        ({"profession": "zzz"}, {"profession": ["Profession inconnue."]}),
        (
            {"profession": "infirmier", "spécialité": "Gériatrie"},
            {"specialty": ["La spécialité ne concerne que les médecins."]},
        ),
        (
            {"profession": "médecin", "spécialité": "Gériatri"},
            {"specialty": ["Spécialité inconnue. Le plus proche : « Gériatrie »."]},
        ),
        (
            {"profession": "médecin", "rpps": "10003456787"},
            {"rpps": ["Ce numéro RPPS n’existe pas : vérifiez les chiffres."]},
        ),
        ({"profession": "médecin", "rpps": "123"}, {"rpps": ["Un numéro RPPS a 11 chiffres."]}),
        ({"profession": "secrétaire médical", "rpps": RPPS}, {"rpps": ["Cette profession n’a pas de numéro RPPS."]}),
        ({"rpps": RPPS}, {"rpps": ["Écrivez aussi la profession : toutes n’ont pas de numéro RPPS."]}),
        ({"mode d’exercice": "bénévole"}, {"practice_mode": ["Écrivez : libéral, salarié, mixte ou autre."]}),
        ({"rattachement": "ami"}, {"attachment": ["Écrivez : membre ou rattaché."]}),
        ({"rôle": "chef"}, {"roles": ["« chef » : écrivez « personne aidée » ou « tutorat »."]}),
        ({"rôle": "coordination"}, {"roles": ["« coordination » se confie depuis la page de la personne."]}),
        ({"site": "Cabinet du Lac", "type d’établissement": "usine"}, None),
        (
            {"site": "Cabinet du Lac"},
            {
                "site": [
                    (
                        "Ce lieu n’est pas dans le réseau. Pour l’ajouter, écrivez aussi le type d’établissement. "
                        "Le plus proche : « Cabinet du Parc »."
                    )
                ]
            },
        ),
        (
            {"nom": "", "prénom": "", "courriel": "?"},
            {
                "last_name": ["Ce champ est vide."],
                "first_name": ["Ce champ est vide."],
                "email": ["Ce n’est pas une adresse électronique."],
            },
        ),
    ],
)
def test_what_is_wrong_is_said_beside_its_column(
    cells: dict[str, str], problems: dict[str, list[str]] | None, team: Team
) -> None:
    factories.SiteFactory.create(network=team.network, name="Cabinet du Parc")
    factories.SiteFactory.create(name="Cabinet du Lac")  # of another network
    verdict = judge_one(team, **cells)
    assert verdict.fate == Fate.REFUSED
    assert problems is None or verdict.problems == problems


@pytest.mark.parametrize("start", ["=1+1", "+33", "-2", "@SUM(A1)", "\tx", "\rx", "#REF!"])
@pytest.mark.parametrize("column", ["nom", "site", "rôle"])
def test_a_cell_that_a_spreadsheet_would_run_is_refused(start: str, column: str, team: Team) -> None:
    verdict = judge_one(team, **{column: start})
    assert verdict.fate == Fate.REFUSED
    assert len(verdict.problems) == 1


def test_a_patient_number_is_refused_and_kept_nowhere(team: Team) -> None:
    verdict = judge_one(team, nom=f"Fictive {PATIENT_NUMBER}")
    assert (verdict.fate, list(verdict.problems)) == (Fate.REFUSED, ["last_name"])
    assert "84 05" not in str(MemberImport.objects.get().lines)


def test_twins_within_the_list_point_to_the_first(team: Team) -> None:
    text = (
        "nom;prénom;courriel;profession;rpps\n"
        f"Un;A;un@ici.example;médecin;{RPPS}\nDeux;B;UN@ici.example;médecin;\nTrois;C;trois@ici.example;médecin;{RPPS}\n"
    )
    assert [(row.fate, row.problems) for row in judge(team, text)] == [
        (Fate.NEW, {}),
        (Fate.REFUSED, {"email": ["Déjà à la ligne 2."]}),
        (Fate.REFUSED, {"rpps": ["Déjà à la ligne 2."]}),
    ]


def test_numbers_and_addresses_of_others_are_refused(team: Team) -> None:
    doctor = Profession.objects.get(slug="medecin")
    Person.objects.filter(pk=team.member.pk).update(profession=doctor, rpps=RPPS)
    text = (
        "nom;prénom;courriel;profession;rpps\n"
        f"Un;A;un@ici.example;médecin;{RPPS}\nDeux;B;{team.member.email};médecin;{OTHER_RPPS}\n"
    )
    assert [(row.fate, row.problems) for row in judge(team, text)] == [
        (Fate.REFUSED, {"rpps": ["Ce numéro RPPS est déjà celui d’un autre compte."]}),
        (Fate.REFUSED, {"email": ["Cette adresse est celle d’une personne qui a un autre numéro RPPS."]}),
    ]


def test_refused_lines_hold_the_list_back_unless_set_aside(team: Team) -> None:
    member_import = prepare(team, HEAD + "Fictive;Nour;nour@ici.example\nFictive;Ici;?\n")
    with pytest.raises(DomainError) as refusal:
        confirm(team, member_import)
    assert refusal.value.code == "lines_refused"
    assert not Person.objects.filter(email="nour@ici.example").exists()
    assert confirm(team, member_import, Choices(informed=True, skip_refused=True)) == Outcome.WRITTEN
    assert Person.objects.filter(email="nour@ici.example").exists()


def test_a_list_that_brings_nothing_cannot_be_confirmed(team: Team) -> None:
    member = team.member
    member_import = prepare(team, f"{HEAD}{member.last_name};{member.first_name};{member.email}\n")
    with pytest.raises(DomainError) as refusal:
        confirm(team, member_import)
    assert refusal.value.code == "nothing_to_write"


def test_a_second_confirmation_does_nothing_twice(team: Team) -> None:
    member_import = prepare(team, HEAD + "Fictive;Nour;nour@ici.example\n")
    assert [confirm(team, member_import), confirm(team, member_import)] == [Outcome.WRITTEN, Outcome.REPEATED]
    assert Membership.objects.filter(person__email="nour@ici.example").count() == 1
    assert OutboxMessage.objects.filter(address="nour@ici.example").count() == 1


def test_nothing_is_written_once_the_situation_has_changed(team: Team) -> None:
    member_import = prepare(team, HEAD + "Fictive;Nour;nour@ici.example\nFictive;Sacha;sacha@ici.example\n")
    factories.make_member(team.network, Role.LEARNER, email="nour@ici.example", first_name="Nour", last_name="Fictive")
    assert confirm(team, member_import) == Outcome.CHANGED
    assert not Person.objects.filter(email="sacha@ici.example").exists()
    member_import.refresh_from_db()
    assert member_import.written_at is None
    assert [row.fate for row in read_verdicts(member_import)] == [Fate.KNOWN, Fate.NEW]
    assert confirm(team, member_import) == Outcome.WRITTEN


def test_too_many_invitations_write_nothing_at_all(team: Team) -> None:
    rows = "".join(f"Fictive;Nour;p{n}@ici.example\n" for n in range(501))
    member_import = prepare(team, HEAD + rows)
    with pytest.raises(DomainError) as refusal:
        confirm(team, member_import, UNINFORMED)
    assert refusal.value.code == "too_many_invitations"
    member_import.refresh_from_db()
    assert (member_import.written_at, Invitation.objects.count()) == (None, 0)


def test_only_coordinators_of_the_network_import(team: Team) -> None:
    member_import = prepare(team, HEAD + "Fictive;Nour;nour@ici.example\n")
    for person, error in ((team.member, RoleRequiredError), (team.stranger, NotFoundError)):
        with pytest.raises(error):
            prepare(team, HEAD + "Fictive;Nour;nour@ici.example\n", person)
        with pytest.raises(error):
            confirm_import(member_import=member_import, author=person, choices=INFORMED)
        with pytest.raises(error):
            access_import_for(person, member_import.pk)
    assert access_import_for(team.colleague, member_import.pk) == member_import


def test_the_same_form_twice_makes_one_list_and_old_lists_go(team: Team) -> None:
    text = HEAD + "Fictive;Nour;nour@ici.example\n"
    with told_at(now() - dt.timedelta(days=31)):
        old = prepare(team, text)
    first, second = prepare(team, text), prepare(team, text)
    assert first == second
    assert not MemberImport.objects.filter(pk=old.pk).exists()


def test_lists_are_counted_by_the_hour(team: Team) -> None:
    for number in range(IMPORTS_PER_HOUR):
        check_pace(team.coordinator)
        prepare(team, f"{HEAD}Fictive;Nour;p{number}@ici.example\n")
    with pytest.raises(TooManyImportsError):
        check_pace(team.coordinator)
    check_pace(team.colleague)


@pytest.mark.parametrize("size", [3, 300])
def test_queries_do_not_grow_with_the_list(
    size: int, team: Team, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = "".join(f"Fictive;Nour;p{n}@ici.example\n" for n in range(size))
    with django_assert_max_num_queries(15):
        member_import = prepare(team, HEAD + rows)
    with django_assert_max_num_queries(25):
        confirm(team, member_import)
    assert Membership.objects.filter(network=team.network).count() == size + 3
