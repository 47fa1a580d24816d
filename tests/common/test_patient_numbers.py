"""The guard stops patients' numbers however they are written, and lets ordinary messages through."""

import random
import time
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from backend.common.errors import DomainError
from backend.common.patient_numbers import (
    MESSAGE,
    contains_patient_number,
    refuse_patient_number,
    validate_no_patient_number,
)

# Invented: town 999 of a department does not exist.
EXAMPLE = "185057599908464"
GROUPS = ((1, 2, 2, 2, 3, 3, 2), (13, 2), (15,), (1, 2, 2, 5, 3, 2), (1,) * 15, (3, 3, 3, 3, 3), (1, 4, 5, 5))
SEPARATORS = (" ", ".", "-", "/", "_", "·", " . ", " - ", "\u00a0", "\u202f", "\t", "\n", "–", "\u2011", "  ", " | ")
AROUND = (
    ("", ""),
    ("Bonjour, le patient ", " ne retrouve plus son mot de passe."),
    ("NIR:", "."),
    ("(", ")"),
    ("n°", ""),
    ("chambre 12 ", " merci"),
    ("dossier 4 ", ", tél. 06 12 34 56 78"),
    ("06 12 34 56 78 ", " à rappeler"),
    ("insi", "fin"),
)


def with_key(number: str) -> str:
    """13 characters and their key, computed as INSEE does for Corsica: two millions or one taken away."""
    corsica = {"2A": 1_000_000, "2B": 2_000_000}.get(number[5:7], 0)
    return f"{number}{97 - (int(number.replace('A', '0').replace('B', '0')) - corsica) % 97:02d}"


def draw_number(draw: random.Random) -> str:
    first = draw.choice("1212123478")
    month = draw.choice([*range(1, 13), 20, *range(30, 43), *range(50, 100)])
    department = draw.choice([*(f"{number:02d}" for number in range(1, 96) if number != 20), "97", "99", "2A", "2B"])
    return with_key(f"{first}{draw.randrange(100):02d}{month:02d}{department}{draw.randrange(10**6):06d}")


def write_number(number: str, draw: random.Random) -> str:
    """One of the ways in which somebody may type a number."""
    separator, groups, rest = draw.choice(SEPARATORS), [], number
    for length in draw.choice(GROUPS):
        groups.append(rest[:length])
        rest = rest[length:]
    if draw.random() < 0.1:
        groups = [number[:13], draw.choice(("clé ", "Clé : ", "clef ", "cle:", "(")) + number[13:]]
    before, after = draw.choice(AROUND)
    written = separator.join(groups)
    return f"{before}{written.lower() if draw.random() < 0.3 else written}{after}"


def phone(draw: random.Random) -> str:
    pairs = [f"{draw.randrange(100):02d}" for _ in range(4)]
    separator = draw.choice((" ", ".", "", "-", "\u00a0"))
    start = draw.choice(("06", "07", "05", "01", "+33 6", "+33 (0)7", "0033 6", "0690", "+262 692"))
    return separator.join([start, *pairs])


def draw_digits(draw: random.Random, length: int, first: str = "0123456789") -> str:
    return draw.choice(first) + "".join(draw.choice("0123456789") for _ in range(length - 1))


def date(draw: random.Random) -> str:
    day, month, year = draw.randint(1, 28), draw.randint(1, 12), draw.randint(2024, 2028)
    return draw.choice(
        (f"{day:02d}/{month:02d}/{year}", f"{day:02d}.{month:02d}.{year}", f"{year}-{month:02d}-{day:02d}")
    )


ORDINARY: tuple[Callable[[random.Random], str], ...] = (
    lambda draw: f"Rappelez-moi au {phone(draw)} ou au {phone(draw)}.",
    lambda draw: f"{phone(draw)} {phone(draw)} {phone(draw)}",
    lambda draw: f"{phone(draw)} / {phone(draw)}\n{phone(draw)} - {phone(draw)}",
    lambda draw: f"Mon RPPS est le {draw_digits(draw, 11, '1')}, depuis {draw.randint(1990, 2026)}.",
    lambda draw: f"RPPS {draw_digits(draw, 11, '1')} / FINESS {draw_digits(draw, 9)}",
    lambda draw: f"FINESS {draw_digits(draw, 9)} SIRET {draw_digits(draw, 14)}",
    lambda draw: f"Séance le {date(draw)} à {draw.randint(8, 19)}:{draw.choice(('00', '15', '30', '45'))}, salle 12.",
    lambda draw: f"Du {date(draw)} au {date(draw)}, de 9h30 à 12h15.",
    lambda draw: f"{date(draw)} - {date(draw)} - {date(draw)}",
    lambda draw: f"Facture de {draw.randint(1, 99)} {draw.randrange(1000):03d},{draw.randrange(100):02d} € réglée.",
    lambda draw: f"Code {draw_digits(draw, 6)}, puis {draw_digits(draw, 6)} si le premier a expiré.",
    lambda draw: f"https://visio.example/j/{draw_digits(draw, 11)}?pwd={draw_digits(draw, 8)}",
    lambda draw: (
        f"Version {draw.randint(1, 20)}.{draw.randint(0, 9)}.{draw.randint(0, 300)} installée le {date(draw)}."
    ),
    lambda draw: f"Le {phone(draw)} le {date(draw)} de 14 h 30 à 15 h 15, au 12 rue des Lilas 75000 Ville.",
    lambda draw: f"Ticket n° {draw_digits(draw, 8)} du {date(draw)} : {draw.randint(1, 500)} fichiers.",
    lambda _: "Bonjour, je bloque toujours sur la messagerie sécurisée, pouvez-vous m’aider ?",
)


def test_a_thousand_numbers_are_stopped_however_they_are_written() -> None:
    draw = random.Random(1)
    texts = [write_number(draw_number(draw), draw) for _ in range(1000)]
    assert [text for text in texts if not contains_patient_number(text)] == []


def test_ordinary_messages_go_through() -> None:
    draw = random.Random(2)
    stopped = [text for rank in range(10_000) if contains_patient_number(text := ORDINARY[rank % 16](draw))]
    assert len(stopped) < 10, stopped


def test_a_wrong_key_is_not_a_patient_number() -> None:
    key = int(EXAMPLE[13:])
    stopped = [other for other in range(100) if contains_patient_number(f"{EXAMPLE[:13]}{other:02d}")]
    assert stopped == [key]


@pytest.mark.parametrize(
    "hidden",
    [
        "".join(chr(ord("\uff10") + int(digit)) for digit in EXAMPLE),
        "\u200b".join(EXAMPLE),
        f"1 {EXAMPLE}",
        f"12 {EXAMPLE[:13]} {EXAMPLE[13:]}",
        f"{EXAMPLE} {EXAMPLE}",
    ],
    ids=["wide digits", "no width between", "after a digit", "after a number", "twice"],
)
def test_what_hides_a_number_does_not_hide_it(hidden: str) -> None:
    assert contains_patient_number(hidden)


@pytest.mark.parametrize("longer", [f"{EXAMPLE}0", f"0{EXAMPLE}", f"5{EXAMPLE}"])
def test_a_longer_row_of_digits_is_another_number(longer: str) -> None:
    assert not contains_patient_number(longer)


def test_the_refusal_never_repeats_the_number() -> None:
    with pytest.raises(ValidationError) as refused:
        validate_no_patient_number(f"Patient {EXAMPLE}")
    assert refused.value.messages == [MESSAGE]
    with pytest.raises(DomainError) as told:
        refuse_patient_number(f"Patient {EXAMPLE}", field="body")
    assert (told.value.code, told.value.fields) == ("patient_number", {"body": [MESSAGE]})


@pytest.mark.parametrize(
    "unit", ["1", "1 ", "1 . ", "2 A ", "12 ", "1850575999084 ", "1\u200b", "clé", " . ", "1 clé "], ids=repr
)
def test_time_grows_with_the_text_alone(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        started = time.thread_time()
        contains_patient_number(text)
        return time.thread_time() - started

    # Twenty times longer: four hundred times slower if it grew with the square.
    short = min(seconds(2_000) for _ in range(3))
    assert min(seconds(40_000) for _ in range(2)) < 100 * short + 0.05
