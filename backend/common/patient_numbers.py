"""The guard that keeps patients' numbers out of every free text.

A *NIR* (and the INS, which has its form) is 13 characters and a key of two digits, ``97 − n mod 97``, with ``2A``
counted as 19 and ``2B`` as 18 (arrêté du 27 mai 2021 portant approbation du référentiel « Identifiant national de
santé »; INSEE, numéro d’inscription au répertoire). Spaces, dots, hyphens and slashes between its characters are
allowed for, and the word « clé » before its key.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError

from backend.common.errors import DomainError

SEPARATOR = r"[\s.\-‐-―/_·|]{0,3}"  # noqa: RUF001 (hyphens and dashes of every length)
DIGIT = rf"{SEPARATOR}\d"
BEFORE_KEY = r"[\s.,:;\-‐-―/_·|(]{0,4}(?:cl[eé]f?[\s.:\-(]{0,3})?"  # noqa: RUF001 (as above)
# What comes right before the first digit of a telephone number, but for its zero.
NOT_AFTER = r"(?<!\d)(?<!\+)(?<!\(0\))(?<!\+33[\s.\-])(?<!0033[\s.\-])"
# Sex (or a provisional number's first digit), year and month; department; town and rank; key. A look-ahead, so that
# another number right before hides nothing. Every part is bounded: the time it takes grows with the text alone.
NUMBER = re.compile(
    rf"{NOT_AFTER}(?=([1-478]{DIGIT * 4}(?:{DIGIT * 2}|{SEPARATOR}2{SEPARATOR}[ab]){DIGIT * 6}){BEFORE_KEY}"
    rf"(\d{SEPARATOR}\d)(?!\d))",
    re.IGNORECASE,
)
# Signs without width, which a copied text may hold between two digits.
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
MESSAGE = (
    "Ce texte contient un numéro de sécurité sociale : il n’a pas été enregistré. "
    "Pour parler d’un patient, utilisez votre messagerie sécurisée de santé (MSSanté)."
)


def has_valid_key(number: str) -> bool:
    """Whether 15 characters, without separators, end with the key of the first 13."""
    digits = number.upper().replace("2A", "19").replace("2B", "18")
    return digits.isdecimal() and 97 - int(digits[:13]) % 97 == int(digits[13:])


def contains_patient_number(text: str) -> bool:
    """Whether a number with a valid key stands anywhere in ``text``."""
    plain = unicodedata.normalize("NFKC", text).translate(INVISIBLE)
    return any(has_valid_key(re.sub(r"[\W_]", "", match[1] + match[2])) for match in NUMBER.finditer(plain))


def validate_no_patient_number(text: str) -> None:
    """Refuse a text that holds a patient's number; the value itself is never repeated, stored or logged."""
    if contains_patient_number(text):
        raise ValidationError(MESSAGE, code="patient_number")


def refuse_patient_number(text: str, *, field: str = "") -> None:
    """As ``validate_no_patient_number``, for domain functions; ``field`` names what was filled in."""
    if contains_patient_number(text):
        raise DomainError(MESSAGE, code="patient_number", fields={field: [MESSAGE]} if field else {})
