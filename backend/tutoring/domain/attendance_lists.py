"""Lists with names for whoever pays: who was there, when, for how long, and from which employer."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from backend.accounts.models import Person
from backend.common.formats import NBSP, format_minutes, format_times
from backend.common.pdf import Document, Note, Signatures, Table, write_pdf
from backend.common.spreadsheets import Sheet, Value, write_workbook
from backend.credits.domain.indemnities import indemnified_in
from backend.credits.enums import CertificateRole
from backend.credits.models import Entry
from backend.networks.models import Membership, Network
from backend.tutoring.enums import Attendance, Modality, SessionState, Settlement
from backend.tutoring.models import Participation, Session

NEITHER = "Cette liste n’est ni un certificat de réalisation, ni une preuve de DPC."


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table with names, ready to be written as a file."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Value]]
    numeric: Sequence[int] = ()


def list_attendance(network: Network, first: dt.date, last: dt.date) -> NamedTable:
    """One line a person and session held in the period; four queries."""
    employers = _employers(network)
    sessions = Session.objects.filter(
        network=network,
        state=SessionState.HELD,
        starts_at__gte=dt.datetime.combine(first, dt.time(), network.zone),
        starts_at__lt=dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), network.zone),
    )
    rows: list[list[Value]] = []
    found = sessions.select_related("tutor__profession", "notion").prefetch_related(
        "participations__person__profession"
    )
    for session in found.order_by("starts_at", "pk"):
        present = [part for part in session.participations.all() if part.attendance == Attendance.PRESENT]
        rows.append([*_when(session, network), session.tutor.name, "donne l’aide", *_who(session.tutor, employers), ""])
        rows += [
            [*_when(session, network), part.person.name, "reçoit l’aide", *_who(part.person, employers), _how(part)]
            for part in present
        ]
    headers = [
        "Jour",
        "Horaires",
        "Durée (h)",
        "Sujet",
        "Modalité",
        "Nom",
        "Rôle",
        "Profession",
        "Employeur",
        "Présence",
    ]
    return NamedTable("Présences", headers, rows, numeric=[2])


def _when(session: Session, network: Network) -> list[Value]:
    day = session.starts_at.astimezone(network.zone).date()
    times = format_times(session.starts_at, session.ends_at, network.zone)
    modality = Modality(session.modality).label
    return [day, times, round(session.minutes / 60, 2), session.notion.title, modality]


def _who(person: Person, employers: dict[int, str]) -> list[Value]:
    return [person.profession.label if person.profession else "", employers.get(person.pk, "")]


def _how(part: Participation) -> str:
    return Settlement(part.settlement).label if part.settlement else ""


def list_indemnities(network: Network, first: dt.date, last: dt.date) -> NamedTable:
    """Hours that those whom the network pays gave in the period, by day, then their total; three queries."""
    paid = indemnified_in(network)
    entries = Entry.objects.filter(
        network=network, role=CertificateRole.TUTOR, day__gte=first, day__lte=last, account__person__in=paid
    )
    employers = _employers(network)
    rows: list[list[Value]] = []
    totals: dict[int, int] = {}
    people: dict[int, Person] = {}
    ordered = entries.select_related("account__person__profession").order_by("day", "sequence")
    for entry in ordered:
        person = entry.account.person
        if person is not None:
            people[person.pk] = person
            totals[person.pk] = totals.get(person.pk, 0) + entry.minutes
            kind = str(entry.get_kind_display())
            rows.append([person.name, *_who(person, employers), entry.day, round(entry.minutes / 60, 2), kind])
    rows.sort(key=lambda row: str(row[0]))
    rows += [
        [people[key].name, *_who(people[key], employers), "Total", round(minutes / 60, 2), ""]
        for key, minutes in sorted(totals.items(), key=lambda pair: people[pair[0]].name)
    ]
    headers = ["Nom", "Profession", "Employeur", "Jour", "Heures données", "Écriture"]
    return NamedTable("Heures indemnisées", headers, rows, numeric=[4])


def write_named_workbook(table: NamedTable) -> bytes:
    return write_workbook([Sheet(table.title, table.headers, table.rows)])


def write_named_pdf(table: NamedTable, network: Network, *, purpose: str, period: str) -> bytes:
    rows = [[_text(value) for value in row] for row in table.rows]
    return write_pdf(
        Document(
            title=table.title,
            lead=f"{network.name}, {period}",
            author=network.name,
            footer=f"{network.name} · {purpose}",
            wide=True,
            size=9,
            blocks=[
                Note(NEITHER),
                Table(table.headers, rows, numeric=table.numeric, widths=[1] * len(table.headers)),
                Signatures([f"Pour {network.name}"]),
            ],
        )
    )


def _text(value: Value) -> str:
    match value:
        case None:
            return ""
        case dt.date():
            return f"{value:%d/%m/%Y}"
        case float():
            hours = format_minutes(abs(round(value * 60)))
            return f"−{hours}" if value < 0 else hours
    return str(value).replace(" h ", f"{NBSP}h{NBSP}")


def _employers(network: Network) -> dict[int, str]:
    """Name of the member's site, by person."""
    rows = Membership.objects.filter(network=network).exclude(site=None)
    return dict(rows.values_list("person_id", "site__name"))
