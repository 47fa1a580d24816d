"""People: one address each whatever its case, one RPPS each, no password unless wanted."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from pytest_django import Settings

from backend.accounts.models import Person
from backend.accounts.validators import validate_rpps

# Invented; its last digit is the Luhn key.
RPPS = "10100000008"


def make_person(email: str, **fields: Any) -> Person:
    return Person.objects.create_user(email, first_name="Personne", last_name="Fictive", **fields)


@pytest.mark.parametrize("number", ["79927398713", RPPS, "00000000000"])
def test_a_right_rpps(number: str) -> None:
    validate_rpps(number)


@pytest.mark.parametrize("key", sorted({*"0123456789"} - {RPPS[10]}))
def test_one_key_only_is_right(key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_rpps(RPPS[:10] + key)
    assert refused.value.code == "rpps_key"


@pytest.mark.parametrize(
    "number",
    ["", "1010000000", "101000000030", "1010000000A", "10 10000000", "ANS20230001", "१०१०००००००३", f"{RPPS}\n"],
)
def test_not_an_rpps(number: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_rpps(number)
    assert refused.value.code == "rpps_format"


@pytest.mark.parametrize("number", ["ANS20230331160039", "99700218897", "10100000000"])
def test_test_identities_need_a_setting(number: str, settings: Settings) -> None:
    with pytest.raises(ValidationError):
        validate_rpps(number)
    settings.RPPS_TEST_IDENTITIES = True
    validate_rpps(number)
    with pytest.raises(ValidationError):
        validate_rpps("PRENOM.NOM")


@pytest.mark.django_db
def test_an_address_has_one_account_whatever_its_case() -> None:
    person = make_person("Camille.Fictive@Exemple.EXAMPLE")
    assert person.email == "camille.fictive@exemple.example"
    with pytest.raises(ValidationError, match="Cette adresse a déjà un compte"):
        make_person("CAMILLE.fictive@exemple.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(email="CAMILLE.FICTIVE@exemple.example")
    assert Person.objects.count() == 1


@pytest.mark.django_db
def test_an_rpps_has_one_account_and_many_people_have_none() -> None:
    first = make_person("une@exemple.example", rpps=RPPS)
    with pytest.raises(ValidationError) as refused:
        make_person("deux@exemple.example", rpps=RPPS)
    assert set(refused.value.message_dict) == {"rpps"}
    others = [make_person(f"autre{rank}@exemple.example", rpps="") for rank in range(2)]
    assert [person.rpps for person in (first, *others)] == [RPPS, None, None]


@pytest.mark.django_db
def test_a_wrong_rpps_makes_no_account() -> None:
    with pytest.raises(ValidationError):
        make_person("une@exemple.example", rpps="10100000009")
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_a_person_without_password_signs_in_with_none() -> None:
    person = make_person("sans@exemple.example")
    assert not person.has_usable_password()
    assert not person.check_password("")
    with_one = make_person("avec@exemple.example", password="une longue phrase")
    assert with_one.check_password("une longue phrase")


@pytest.mark.django_db
def test_an_administrator_is_made_as_django_expects() -> None:
    admin = Person.objects.create_superuser(
        "admin@exemple.example", "une longue phrase", first_name="Admin", last_name="Fictif"
    )
    assert (admin.is_staff, admin.is_superuser, str(admin), admin.get_short_name()) == (
        True,
        True,
        "Admin Fictif",
        "Admin",
    )
