"""Sessions as lists: what is planned, without a name, and who was there, with names."""

from collections.abc import Iterator, Sequence

from backend.common.clock import now
from backend.common.formats import format_date, format_minutes, format_span, format_times
from backend.common.pdf import Document, Paragraph, Signatures, Table, write_pdf
from backend.common.spreadsheets import Sheet, Value, write_csv, write_workbook
from backend.networks.models import Network
from backend.reports.domain.facts import within
from backend.reports.domain.periods import Days
from backend.reports.domain.words import hours_of, tell_days
from backend.reports.models import NamedListExport
from backend.tutoring.enums import STANDING_STATES, SessionState
from backend.tutoring.models import Participation, Session

FORECAST = ("Début", "Fin", "Sujet", "Façon de se voir", "Lieu", "Personnes aidées", "État")
ATTENDANCE = ("Début", "Fin", "Heures", "Sujet", "Tuteur", "Personne aidée", "Profession", "Séance", "Présence")
ALREADY_SETTLED = (SessionState.CONFIRMED, SessionState.HELD, SessionState.MISSED)


def forecast_of(network: Network) -> list[Session]:
    """Sessions to come, proposed or confirmed, each with how many ``learners``; one query, and one for learners."""
    coming = Session.objects.filter(network=network, state__in=STANDING_STATES, starts_at__gte=now())
    return list(
        coming.select_related("notion", "site", "network")
        .prefetch_related("participations")
        .order_by("starts_at", "pk")
    )


def attendance_of(network: Network, days: Days) -> list[Participation]:
    """Every place in the sessions confirmed, held or missed of these days, in order of time."""
    parts = Participation.objects.filter(
        within({network: days}, "session__network", "session__starts_at"), session__state__in=ALREADY_SETTLED
    )
    return list(
        parts.select_related("session__notion", "session__tutor", "person__profession").order_by(
            "session__starts_at", "session", "person__last_name", "pk"
        )
    )


def forecast_rows(network: Network, sessions: Sequence[Session]) -> Iterator[list[Value]]:
    for session in sessions:
        yield [
            session.starts_at.astimezone(network.zone),
            session.ends_at.astimezone(network.zone),
            session.notion.title,
            str(session.get_modality_display()),
            session.site.name if session.site else "",
            len(session.participations.all()),
            str(session.get_state_display()),
        ]


def forecast_file(network: Network, form: str) -> bytes | str:
    sessions = forecast_of(network)
    if form == "pdf":
        return _print_forecast(network, sessions)
    rows = list(forecast_rows(network, sessions))
    return write_csv(FORECAST, rows) if form == "csv" else write_workbook([Sheet("Prévisions", FORECAST, rows)])


def attendance_file(trace: NamedListExport, form: str) -> bytes | str:
    """The list that ``trace`` notes: nobody gets one that is not noted."""
    network, days = trace.network, Days(trace.period_start, trace.period_end)
    parts = attendance_of(network, days)
    if form == "pdf":
        return _print_attendance(trace, parts)
    rows = [_attendance_row(network, part) for part in parts]
    if form == "csv":
        return write_csv(ATTENDANCE, rows)
    about: list[list[Value]] = [
        ["Réseau", network.name],
        ["Premier jour", days.first],
        ["Dernier jour", days.last],
        ["Finalité", trace.purpose],
    ]
    return write_workbook([Sheet("Présences", ATTENDANCE, rows), Sheet("À propos", ["Quoi", "Valeur"], about)])


def _attendance_row(network: Network, part: Participation) -> list[Value]:
    session = part.session
    return [
        session.starts_at.astimezone(network.zone),
        session.ends_at.astimezone(network.zone),
        hours_of(session.minutes),
        session.notion.title,
        session.tutor.name,
        part.person.name,
        part.person.profession.label if part.person.profession else "",
        str(session.get_state_display()),
        str(part.attendance.label),
    ]


def _print_forecast(network: Network, sessions: Sequence[Session]) -> bytes:
    rows = [
        [
            format_span(session.starts_at, session.ends_at, network.zone),
            session.notion.title,
            session.site.name if session.site else str(session.get_modality_display()),
            str(len(session.participations.all())),
            str(session.get_state_display()),
        ]
        for session in sessions
    ]
    total = sum(session.minutes for session in sessions)
    table = Table(["Quand", "Sujet", "Où", "Personnes aidées", "État"], rows, numeric=[3])
    lead = f"{len(sessions)} séances à venir, {format_minutes(total)}."
    return write_pdf(
        Document("Calendrier prévisionnel", [table] if rows else [], lead=lead, author=network.name, wide=True)
    )


def _print_attendance(trace: NamedListExport, parts: Sequence[Participation]) -> bytes:
    zone = trace.network.zone
    rows = [
        [
            format_date(part.session.starts_at.astimezone(zone).date()),
            format_times(part.session.starts_at, part.session.ends_at, zone),
            part.session.notion.title,
            part.session.tutor.name,
            part.person.name,
            str(part.attendance.label),
        ]
        for part in parts
    ]
    table = Table(["Jour", "Heures", "Sujet", "Tuteur", "Personne aidée", "Présence"], rows)
    blocks = [
        Paragraph(f"Finalité : {trace.purpose}"),
        *([table] if rows else [Paragraph("Aucune séance dans cette période.")]),
        Signatures(["Coordination"]),
    ]
    lead = tell_days(Days(trace.period_start, trace.period_end))
    return write_pdf(Document("Feuille de présence", blocks, lead=lead, author=trace.network.name, wide=True))
