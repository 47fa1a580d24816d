"""Identifiers of health professionals."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError

TEST_IDENTITY = re.compile(r"(ANS)?\d{11,17}", re.ASCII)
RPPS_PATTERN = re.compile(r"\d{11}", re.ASCII)


def luhn_sum(digits: str) -> int:
    """Luhn sum modulo 10 of a number with its key; 0 when the key is right."""
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if rank % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10


def validate_rpps(value: str) -> None:
    """Accept 11 digits whose last one is the Luhn key (Annuaire Santé, répertoire RPPS).

    The identities of Pro Santé Connect's test side break the key, or are no number at all: a setting lets them in.
    """
    if settings.RPPS_TEST_IDENTITIES and TEST_IDENTITY.fullmatch(value):
        return
    if not RPPS_PATTERN.fullmatch(value):
        raise ValidationError("Un numéro RPPS a 11 chiffres.", code="rpps_format")
    if luhn_sum(value):
        raise ValidationError("Ce numéro RPPS n’existe pas : vérifiez les chiffres.", code="rpps_key")
