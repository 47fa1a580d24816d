"""The attendance sheet of a session on site, to print, sign and type back in."""

from backend.common.formats import format_date, format_minutes, format_times
from backend.common.pdf import Document, Facts, Note, Paragraph, Table, write_pdf
from backend.tutoring.models import Session

BLANK = ""


def print_sheet(session: Session) -> bytes:
    """Hours, subject, who gives and who receives; a box for each signature."""
    zone = session.network.zone
    day = format_date(session.starts_at.astimezone(zone).date())
    half = "Matin" if session.starts_at.astimezone(zone).hour < 12 else "Après-midi"
    parts = session.participations.select_related("person__profession").order_by("person__last_name", "pk")
    rows = [[session.tutor.name, "donne l’aide", BLANK]]
    rows += [[part.person.name, "reçoit l’aide", BLANK] for part in parts]
    facts = [
        ("Séance", f"n° {session.pk}"),
        ("Date et horaires", f"{day}, {format_times(session.starts_at, session.ends_at, zone)} ({half.lower()})"),
        ("Durée", format_minutes(session.minutes)),
        ("Sujet", session.notion.title),
        ("Lieu", session.join_value),
        ("Aide donnée par", session.tutor.name),
    ]
    return write_pdf(
        Document(
            title="Feuille de présence",
            lead=session.network.name,
            author=session.network.name,
            footer=f"{session.network.name} · séance n° {session.pk}",
            blocks=[
                Facts(facts),
                Note("On s’entraîne sans patient : n’écrivez aucune donnée de patient sur cette feuille."),
                Table(["Nom", "Rôle", f"Signature, {half.lower()}"], rows, widths=[3, 2, 4], tall=True),
                Paragraph("Chaque personne présente signe. Laissez vide la case d’une personne absente."),
                Paragraph(
                    "Remettez la feuille à la coordination : elle la saisit sur la page de la séance, et les heures "
                    "sont inscrites au registre.",
                    soft=True,
                ),
            ],
        )
    )
