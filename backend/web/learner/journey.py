"""« Mon parcours », the person's alone: what changed, hours, sessions, attestations; to keep as PDF or JSON."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.accounts.models import Person
from backend.common.formats import format_date, format_minutes, format_number
from backend.common.pdf import PDF_TYPE, Block, Document, Facts, Heading, Note, Paragraph, Table, write_pdf
from backend.credits.domain.axes import axes_of, may_note_axes, note_axes
from backend.credits.enums import Axis, CertificateRole, EntryKind
from backend.credits.models import Certificate, Entry
from backend.networks.rules import zone_of
from backend.referentials.enums import Area
from backend.skills.domain.positioning import answers_of
from backend.skills.enums import PositioningLevel
from backend.skills.models import Positioning
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session
from backend.web.shared.access import PersonRequest, acting, reading
from backend.web.shared.files import download
from backend.web.shared.points import net_minutes, session_key, sum_minutes

NEITHER = "Ce relevé n’est ni un certificat de réalisation, ni une preuve de DPC."


@dataclass(frozen=True, slots=True)
class Move:
    """One capacity whose answer changed."""

    domain: str
    capacity: str
    before: int
    after: int
    at: dt.datetime

    @property
    def before_words(self) -> str:
        return str(PositioningLevel(self.before).label)

    @property
    def after_words(self) -> str:
        return str(PositioningLevel(self.after).label)


@dataclass(frozen=True, slots=True)
class Hours:
    area: str
    given: int
    received: int

    @property
    def label(self) -> str:
        return str(Area(self.area).label)


@dataclass(frozen=True, slots=True)
class Past:
    """A session that counts: it was held, and the ledger says so."""

    session: Session
    role: str
    minutes: int

    @property
    def day(self) -> dt.date:
        return self.session.starts_at.astimezone(self.session.network.zone).date()


@dataclass(frozen=True, slots=True)
class Journey:
    moves: Sequence[Move]
    hours: Sequence[Hours]
    sessions: Sequence[Past]
    certificates: Sequence[Certificate]


def read_journey(person: Person) -> Journey:
    """Five queries, however long it is."""
    entries = Entry.objects.filter(account__person=person)
    minutes = net_minutes(entries)
    hours = [
        Hours(
            area,
            sum_minutes(minutes, kind=EntryKind.TUTORING, area=area),
            sum_minutes(minutes, kind=EntryKind.LEARNING, area=area),
        )
        for area in Area.values
    ]
    certificates = Certificate.objects.filter(account__person=person).select_related("network")
    return Journey(
        moves=_moves_of(person),
        hours=[row for row in hours if row.given or row.received],
        sessions=_sessions_of(entries),
        certificates=list(certificates.order_by("-period_end", "-pk")),
    )


def _moves_of(person: Person) -> list[Move]:
    """First and last answer of every capacity answered more than once, the latest change first."""
    first: dict[int, Positioning] = {}
    last: dict[int, Positioning] = {}
    for answer in answers_of(person):
        last.setdefault(answer.capacity_id, answer)
        first[answer.capacity_id] = answer
    return [
        Move(
            answer.capacity.competency.domain.title,
            answer.capacity.text,
            first[key].level,
            answer.level,
            answer.answered_at,
        )
        for key, answer in last.items()
        if first[key].pk != answer.pk
    ]


def _sessions_of(entries: Any) -> list[Past]:
    rows = list(entries.exclude(kind=EntryKind.CORRECTION).order_by("-day", "-pk"))
    undone = set(entries.filter(kind=EntryKind.CORRECTION).values_list("source", flat=True))
    keys = [key for entry in rows if (key := session_key(entry))]
    held = Session.objects.filter(pk__in=keys, state=SessionState.HELD).select_related("notion", "network").in_bulk()
    return [
        Past(held[key], entry.role, entry.minutes)
        for entry in rows
        if (key := session_key(entry)) in held and f"correction:{entry.pk}" not in undone
    ]


class AxisForm(forms.Form):
    """One choice a domain."""

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        for area in Area:
            self.fields[area.value] = forms.TypedChoiceField(
                label=area.label,
                choices=[("", "Pas de note"), *Axis.choices],
                coerce=int,
                empty_value=None,
                required=False,
            )


@acting
def show_journey(request: PersonRequest) -> HttpResponse:
    person = request.user
    may_note = may_note_axes(person)
    if request.method == "POST":
        noted = AxisForm(request.POST)
        if noted.is_valid():
            note_axes(person=person, axes=noted.cleaned_data)
            messages.success(request, "Votre note est enregistrée, pour vous seul ou vous seule.")
            return redirect("journey")
    form = AxisForm(initial=axes_of(person)) if may_note else None
    context = {"journey": read_journey(person), "form": form, "zone": zone_of(person)}
    return render(request, "journey/page.html", context)


@reading
def download_journey(request: PersonRequest, file_format: str) -> HttpResponse:
    journey = read_journey(request.user)
    if file_format == "json":
        text = json.dumps(describe(request.user, journey), ensure_ascii=False, indent=2)
        return download(text, "mon-parcours.json", "application/json")
    return download(write_pdf(draw(request.user, journey)), "mon-parcours.pdf", PDF_TYPE)


def describe(person: Person, journey: Journey) -> dict[str, Any]:
    """The same, for another program of the person's."""
    return {
        "person": {"name": person.name, "profession": person.profession.label if person.profession else None},
        "progress": [
            {
                "domain": move.domain,
                "capacity": move.capacity,
                "before": move.before,
                "after": move.after,
                "at": move.at.isoformat(),
            }
            for move in journey.moves
        ],
        "hours": [{"domain": row.area, "given": row.given, "received": row.received} for row in journey.hours],
        "sessions": [
            {
                "network": past.session.network.slug,
                "day": past.day.isoformat(),
                "subject": past.session.notion.title,
                "role": past.role,
                "minutes": past.minutes,
            }
            for past in journey.sessions
        ],
        "certificates": [
            {
                "number": certificate.number,
                "network": certificate.network.slug,
                "role": certificate.role,
                "period": [certificate.period_start.isoformat(), certificate.period_end.isoformat()],
                "minutes": certificate.minutes,
                "points": f"{certificate.points:.2f}",
                "state": certificate.state,
            }
            for certificate in journey.certificates
        ],
        "axes": axes_of(person) if may_note_axes(person) else {},
    }


def draw(person: Person, journey: Journey) -> Document:
    blocks: list[Block] = [
        Facts(
            [
                ("Personne", person.name),
                ("Profession", person.profession.label if person.profession else "non indiquée"),
            ]
        ),
        Note(NEITHER),
        *_table(
            "Ce qui a changé",
            ["Point du référentiel", "Avant", "Maintenant"],
            [[move.capacity, move.before_words, move.after_words] for move in journey.moves],
            widths=[3, 2, 2],
        ),
        *_table(
            "Heures par domaine",
            ["Domaine", "Données", "Reçues"],
            [[row.label, format_minutes(row.given), format_minutes(row.received)] for row in journey.hours],
            numeric=[1, 2],
        ),
        *_table(
            "Séances",
            ["Jour", "Sujet", "Côté", "Durée"],
            [
                [
                    format_date(past.day),
                    past.session.notion.title,
                    str(CertificateRole(past.role).label),
                    format_minutes(past.minutes),
                ]
                for past in journey.sessions
            ],
            widths=[2, 4, 2, 1],
            numeric=[3],
        ),
        *_table(
            "Attestations",
            ["Numéro", "Période", "Durée", "Points"],
            [
                [
                    certificate.number,
                    f"{format_date(certificate.period_start)} – {format_date(certificate.period_end)}",
                    format_minutes(certificate.minutes),
                    format_number(certificate.points),
                ]
                for certificate in journey.certificates
            ],
            widths=[3, 4, 1, 1],
            numeric=[2, 3],
        ),
    ]
    if may_note_axes(person) and (axes := axes_of(person)):
        rows = [[str(Area(area).label), str(Axis(axis).label)] for area, axis in axes.items()]
        blocks += _table("Mes notes pour la certification périodique", ["Domaine", "Axe"], rows, widths=[2, 3])
    return Document("Mon parcours", blocks, lead="Entraide numérique en santé", author=person.name)


def _table(title: str, headers: list[str], rows: list[list[str]], **options: Any) -> list[Block]:
    table: Block = Table(headers, rows, **options) if rows else Paragraph("Rien pour l’instant.", soft=True)
    return [Heading(title), table]
