"""« Importer une liste »: a file is read, each line's fate shown, and nothing written before a confirmation."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from backend.common.errors import DomainError
from backend.common.formats import format_count
from backend.networks.domain.imports.importing import (
    WRITTEN,
    Choices,
    Outcome,
    TooManyImportsError,
    access_import_for,
    check_pace,
    confirm_import,
    prepare_import,
    read_verdicts,
)
from backend.networks.domain.imports.lines import EVERY_LABEL, Column, Fate, Verdict
from backend.networks.domain.imports.reading import SIZE_MAX, read_file
from backend.networks.domain.imports.sheets import write_candidates, write_template
from backend.networks.enums import Role
from backend.networks.models import MemberImport, Network
from backend.networks.rules import networks_with_role
from backend.web.shared.access import CONFLICT, UNPROCESSABLE, PersonRequest, acting, page_of, reading, refuse
from backend.web.shared.limits import TOO_MANY, refuse_flood
from backend.web.shared.wording import Tag

LINES_PER_PAGE = 50
RECENT = 10
UPLOADS_PER_MINUTE = 60
HOUR = 3600
ALL = "toutes"
FATE_TAGS = {
    Fate.NEW: Tag("nouvelle", "good", "group"),
    Fate.CHANGED: Tag("modifiée", "warm", "edit"),
    Fate.KNOWN: Tag("déjà membre", "quiet", "check"),
    Fate.CANDIDATE: Tag("adresse à trouver", "warm", "mail"),
    Fate.REFUSED: Tag("refusée", "bad", "alert"),
}
# In the address, and above the list.
FILTERS = {
    Fate.REFUSED: ("refusees", "refusée", "refusées"),
    Fate.NEW: ("nouvelles", "nouvelle", "nouvelles"),
    Fate.CHANGED: ("modifiees", "modifiée", "modifiées"),
    Fate.CANDIDATE: ("a-completer", "sans adresse", "sans adresse"),
    Fate.KNOWN: ("connues", "déjà membre", "déjà membres"),
}


class UploadForm(forms.Form):
    network = forms.ChoiceField(label="Réseau")
    file = forms.FileField(
        label="Votre liste",
        help_text="CSV ou classeur XLSX, 5 Mo et 10 000 lignes au plus. Rien n’est écrit à cette étape.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        allow_empty_file=True,
        error_messages={"required": "Choisissez un fichier.", "invalid": "Choisissez un fichier."},
    )

    def __init__(self, networks: list[Network], data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, use_required_attribute=False)
        self.networks = {network.slug: network for network in networks}
        choices = [(network.slug, network.name) for network in networks]
        self.fields["network"].choices = choices  # type: ignore[attr-defined]  # a choice field
        if len(networks) < 2:
            del self.fields["network"]

    def prepare(self, request: PersonRequest) -> tuple[MemberImport, list[str]]:
        """The list as it was kept, and the headers that nobody here knows."""
        check_pace(request.user)
        file = self.cleaned_data["file"]
        read = read_file(file.read(SIZE_MAX + 1))
        slug = self.cleaned_data.get("network")
        network = self.networks[slug] if slug else next(iter(self.networks.values()))
        made = prepare_import(network=network, author=request.user, file_name=file.name or "liste", lines=read.lines)
        return made, read.ignored


class ConfirmationForm(forms.Form):
    informed = forms.ChoiceField(
        label="Les nouvelles personnes le savent-elles ?",
        help_text="Chacune reçoit un courriel qui dit d’où viennent ses informations et quels sont ses droits.",
        choices=[
            ("oui", "Oui, elles sont d’accord : leur ouvrir un compte"),
            ("non", "Pas encore : leur envoyer une invitation (500 par jour au plus)"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une réponse."},
    )
    skip_refused = forms.BooleanField(required=False)

    def __init__(self, counts: Counter[Fate], data: QueryDict | None = None) -> None:
        super().__init__(data, use_required_attribute=False)
        refused = counts[Fate.REFUSED]
        words = format_count(refused, "ligne refusée", "lignes refusées")
        self.fields["skip_refused"].label = f"Laisser de côté {words}, importer le reste"
        if not refused:
            del self.fields["skip_refused"]
        if not counts[Fate.NEW]:
            del self.fields["informed"]

    @property
    def choices(self) -> Choices:
        data = self.cleaned_data
        return Choices(informed=data.get("informed") != "non", skip_refused=data.get("skip_refused", False))


class Row:
    """A line as the page shows it."""

    def __init__(self, verdict: Verdict) -> None:
        values = verdict.line.values
        self.number, self.tag = verdict.line.number, FATE_TAGS[verdict.fate]
        names = (values.get(column, "") for column in (Column.FIRST_NAME, Column.LAST_NAME))
        self.name = " ".join(filter(None, names))
        self.detail = values.get(Column.EMAIL) or values.get(Column.PLACE, "")
        self.problems = [
            (EVERY_LABEL[Column(name)], values.get(name, ""), " ".join(texts))
            for name, texts in verdict.problems.items()
        ]
        self.changes, self.notes = verdict.changes, verdict.notes


@acting
def import_members(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    if request.method != "POST":
        return _draw_upload(request, networks, UploadForm(networks), 200)
    if flood := refuse_flood(request, action="import", per_minute=UPLOADS_PER_MINUTE):
        return flood
    return _upload(request, networks, UploadForm(networks, request.POST, request.FILES))


def _upload(request: PersonRequest, networks: list[Network], form: UploadForm) -> HttpResponse:
    if not form.is_valid():
        return _draw_upload(request, networks, form, UNPROCESSABLE)
    try:
        made, ignored = form.prepare(request)
    except TooManyImportsError as error:
        form.add_error(None, error.message)
        answer = _draw_upload(request, networks, form, TOO_MANY)
        answer["Retry-After"] = str(HOUR)
        return answer
    except DomainError as error:
        return _draw_upload(request, networks, form, refuse(form, error))
    if ignored:
        messages.info(request, f"Colonnes non lues : {', '.join(ignored)}.")
    return redirect("member_import", import_id=made.pk)


def _draw_upload(request: PersonRequest, networks: list[Network], form: UploadForm, status: int) -> HttpResponse:
    recent = MemberImport.objects.filter(network__in=networks).select_related("network", "author").defer("lines")
    context = {"form": form, "recent": recent.order_by("-created_at", "-pk")[:RECENT], "several": len(networks) > 1}
    return render(request, "members/import.html", context, status=status)


@acting
def show_import(request: PersonRequest, import_id: int) -> HttpResponse:
    member_import = access_import_for(request.user, import_id)
    if request.method == "POST":
        return _confirm(request, member_import)
    return _draw(request, member_import)


def _confirm(request: PersonRequest, member_import: MemberImport) -> HttpResponse:
    form = ConfirmationForm(_count(read_verdicts(member_import)), request.POST)
    if member_import.written_at is None and not form.is_valid():
        return _draw(request, member_import, form, UNPROCESSABLE)
    try:
        outcome = confirm_import(
            member_import=member_import,
            author=request.user,
            choices=form.choices if form.is_valid() else Choices(informed=False),
        )
    except DomainError as error:
        return _draw(request, member_import, form, refuse(form, error))
    if outcome == Outcome.CHANGED:
        member_import.refresh_from_db()
        return _draw(request, member_import, status=CONFLICT, is_changed=True)
    if outcome == Outcome.REPEATED:
        messages.info(request, "Cette liste est déjà importée : rien n’a été fait deux fois.")
    else:
        messages.success(request, "La liste est importée.")
    return redirect("member_import", import_id=member_import.pk)


def _draw(
    request: PersonRequest,
    member_import: MemberImport,
    form: ConfirmationForm | None = None,
    status: int = 200,
    *,
    is_changed: bool = False,
) -> HttpResponse:
    verdicts = read_verdicts(member_import)
    counts = _count(verdicts)
    wanted = request.GET.get("lignes", ALL)
    page = page_of(request, _filter(verdicts, wanted), LINES_PER_PAGE)
    context = {
        "made": member_import,
        "form": form or ConfirmationForm(counts),
        "page": page,
        "rows": [Row(verdict) for verdict in page.object_list],
        "filters": _filters_of(counts),
        "wanted": wanted,
        "is_changed": is_changed,
        "may_confirm": member_import.written_at is None and any(counts[fate] for fate in WRITTEN),
        "candidates": counts[Fate.CANDIDATE],
    }
    return render(request, "members/import_lines.html", context, status=status)


def _count(verdicts: Sequence[Verdict]) -> Counter[Fate]:
    return Counter(verdict.fate for verdict in verdicts)


def _filter(verdicts: list[Verdict], wanted: str) -> list[Verdict]:
    """An unknown filter shows everything."""
    fates = {value: fate for fate, (value, _, _) in FILTERS.items()}
    return [row for row in verdicts if row.fate == fates[wanted]] if wanted in fates else verdicts


def _filters_of(counts: Counter[Fate]) -> list[tuple[str, str]]:
    """Those that have lines, with how many."""
    some = [
        (value, format_count(counts[fate], one, many)) for fate, (value, one, many) in FILTERS.items() if counts[fate]
    ]
    return [(ALL, format_count(counts.total(), "ligne", "lignes")), *some]


@reading
def download_template(request: PersonRequest) -> HttpResponse:
    networks_with_role(request.user, Role.COORDINATOR)
    return _csv(write_template(), "modele-membres.csv")


@reading
def download_candidates(request: PersonRequest, import_id: int) -> HttpResponse:
    """People of the directory whose address is to be found, to complete and import."""
    return _csv(write_candidates(read_verdicts(access_import_for(request.user, import_id))), "a-completer.csv")


def _csv(text: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
