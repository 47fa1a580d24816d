"""Opening an account, and keeping one's professional identity."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError
from backend.common.patient_numbers import refuse_patient_number
from backend.referentials.models import Profession, Specialty

# Whose specialty is asked: the list of specialties is that of doctors' training.
SPECIALIST_PROFESSION = "medecin"
RPPS_TAKEN = (
    "Ce numéro RPPS est déjà celui d’un autre compte. Vérifiez les chiffres, ou parlez-en à votre coordination."
)


@dataclass(frozen=True, slots=True)
class Profile:
    """Who somebody is at work."""

    first_name: str
    last_name: str
    profession: Profession | None = None
    specialty: Specialty | None = None
    practice_mode: str = ""
    rpps: str = ""


@transaction.atomic
def open_account(*, email: str, profile: Profile, password: str | None = None) -> Person:
    """Make a person who signs in by ``email``. Raises ``ConflictError`` when the address has an account."""
    if Person.objects.filter(email=email.lower()).exists():
        raise ConflictError("Cette adresse a déjà un compte : connectez-vous.", code="account_exists")
    person = Person(email=Person.objects.normalize_email(email).lower())
    person.set_password(password)
    _write_profile(person, profile)
    return person


@transaction.atomic
def change_profile(*, person: Person, profile: Profile) -> Person:
    """Correct one's own identity. Raises ``DomainError`` with what is wrong, field by field."""
    locked = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    _write_profile(locked, profile)
    return locked


def _write_profile(person: Person, profile: Profile) -> None:
    _check_profile(profile)
    person.first_name, person.last_name = profile.first_name.strip(), profile.last_name.strip()
    person.profession, person.specialty = profile.profession, profile.specialty
    person.practice_mode, person.rpps = profile.practice_mode, normalise_rpps(profile.rpps) or None
    try:
        person.full_clean(exclude=["password"])
        with transaction.atomic():
            person.save()
    except ValidationError as error:
        raise _refusal(error) from error
    except IntegrityError as error:  # two people at once: the check above saw neither
        raise ConflictError(code="account_taken") from error


def normalise_rpps(text: str) -> str:
    """Digits without the spaces and dots that people put between them."""
    return "".join(sign for sign in text if not sign.isspace() and sign not in ".-")


def _check_profile(profile: Profile) -> None:
    refuse_patient_number(profile.first_name, field="first_name")
    refuse_patient_number(profile.last_name, field="last_name")
    profession = profile.profession
    if profile.specialty and (profession is None or profession.slug != SPECIALIST_PROFESSION):
        _refuse("specialty", "La spécialité ne concerne que les médecins.", "specialty_of_another_profession")
    if profile.rpps.strip() and (profession is None or not profession.has_rpps):
        _refuse("rpps", "Cette profession n’a pas de numéro RPPS : laissez ce champ vide.", "profession_without_rpps")


def _refuse(field: str, message: str, code: str) -> None:
    raise DomainError(message, code=code, fields={field: [message]})


def _refusal(error: ValidationError) -> DomainError:
    """The model's own checks in the shape of ours; a number in use says so in words that help."""
    fields: dict[str, list[str]] = {}
    for name, problems in error.error_dict.items():
        fields[name] = [_words_of(name, problem) for problem in problems]
    message = next(iter(fields.values()))[0]
    return DomainError(message, code="profile_invalid", fields=fields)


def _words_of(field: str, problem: Any) -> str:
    return RPPS_TAKEN if field == "rpps" and problem.code == "unique" else problem.messages[0]
