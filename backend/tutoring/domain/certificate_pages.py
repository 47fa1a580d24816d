"""The printed « attestation d’entraide »: particulars of a certificat de réalisation, and that it is none."""

from decimal import Decimal
from typing import Any

from django.conf import settings

from backend.common.errors import NotFoundError
from backend.common.formats import format_count, format_date, format_minutes, format_number
from backend.common.pdf import (
    Block,
    Code,
    Document,
    Facts,
    Figures,
    Heading,
    Note,
    Signatures,
    Table,
    write_pdf,
)
from backend.credits.enums import CertificateRole, CertificateState
from backend.credits.models import Certificate
from backend.referentials.enums import Area
from backend.tutoring.models import Session

NEITHER = (
    "Cette attestation d’entraide n’est ni un certificat de réalisation d’une action de formation, ni une preuve de "
    "développement professionnel continu (DPC)."
)
NATURES = {
    CertificateRole.TUTOR: "Aide donnée à des collègues, entre pairs",
    CertificateRole.LEARNER: "Aide reçue de collègues, entre pairs",
}


def print_certificate(certificate: Certificate) -> bytes:
    """As it was made; ``NotFoundError`` once nobody knows any more whom it is for."""
    holder: dict[str, str] = certificate.holder
    if not holder.get("name"):
        raise NotFoundError
    network = certificate.network
    blocks: list[Block] = []
    if certificate.state == CertificateState.REVOKED:
        blocks.append(Note("Cette attestation est révoquée : elle ne vaut plus rien."))
    blocks += [
        Facts(_facts(certificate, holder)),
        Figures(_figures(certificate)),
        Note(NEITHER),
        Heading("Séances"),
        _sessions_table(certificate),
        _code(certificate),
        Signatures([f"Pour {network.name}", f"{holder['name']}"]),
    ]
    return write_pdf(
        Document(
            title="Attestation d’entraide",
            lead=f"Établie par {network.name} le {format_date(certificate.issued_at.astimezone(network.zone).date())}",
            author=network.name,
            footer=f"Attestation {certificate.number} · {network.name}",
            blocks=blocks,
        )
    )


def _facts(certificate: Certificate, holder: dict[str, str]) -> list[tuple[str, str]]:
    period = f"du {format_date(certificate.period_start)} au {format_date(certificate.period_end)}"
    facts = [
        ("Délivrée à", ", ".join(part for part in (holder["name"], holder.get("profession")) if part)),
        ("Employeur ou lieu d’exercice", holder.get("employer") or "non indiqué"),
        ("Intitulé", "Entraide numérique en santé"),
        ("Nature", NATURES[CertificateRole(certificate.role)]),
        ("Période", period),
        ("Durée", format_minutes(certificate.minutes)),
        ("Organisme", certificate.network.name),
    ]
    if certificate.issued_by is not None:
        facts.append(("Établie par", f"{certificate.issued_by.name}, {certificate.network.name}"))
    return facts


def _figures(certificate: Certificate) -> list[tuple[str, str]]:
    sessions = len(certificate.lines)
    figures = [
        ("d’entraide", format_minutes(certificate.minutes)),
        ("séance" if sessions < 2 else "séances", format_number(sessions)),
    ]
    if certificate.role == CertificateRole.TUTOR:
        figures.append(("points CPTS", format_number(certificate.points)))
    return figures


def _sessions_table(certificate: Certificate) -> Table:
    titles = _titles(certificate.lines)
    with_points = certificate.role == CertificateRole.TUTOR
    headers = ["Date", "Sujet", "Domaine", "Modalité", "Durée", *(["Points"] if with_points else [])]
    rows = []
    for line in certificate.lines:
        title, modality = titles.get(str(line["source"]), ("Séance d’entraide", ""))
        figures = [format_minutes(int(line["minutes"]))]
        if with_points:
            figures.append(format_number(Decimal(str(line["points"]))))
        rows.append([_day(line), title, str(Area(line["area"]).label), modality, *figures])
    return Table(
        headers, rows, numeric=[4, 5] if with_points else [4], widths=[16, 34, 22, 14, 10, *([10] * with_points)]
    )


def _day(line: dict[str, Any]) -> str:
    year, month, day = str(line["day"]).split("-")
    return f"{day}/{month}/{year}"


def _titles(lines: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """Subject and modality of each session, by source."""
    keys = [source.removeprefix("session:") for source in (str(line["source"]) for line in lines)]
    sessions = Session.objects.filter(pk__in=[key for key in keys if key.isdecimal()]).select_related("notion")
    return {session.source: (session.notion.title, session.get_modality_display()) for session in sessions}


def _code(certificate: Certificate) -> Code:
    address = f"{settings.PUBLIC_URL}/verifier/{certificate.number}/"
    return Code(
        address=address,
        alternative=f"Code à flasher vers la page de vérification de l’attestation {certificate.number}",
        lines=[
            f"Numéro {certificate.number}",
            "Toute personne peut vérifier que cette attestation est authentique et n’est pas révoquée :",
            address,
            f"Établie d’après {format_count(len(certificate.lines), 'écriture')} du registre de points de la CPTS.",
        ],
    )
