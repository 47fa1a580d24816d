"""« En 45 minutes »: the page of a notion, how it was written, and writing it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Max, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError, RoleRequiredError
from backend.common.patient_numbers import validate_no_patient_number
from backend.referentials.models import Notion
from backend.skills.domain.guides import (
    ADDRESS_LENGTH_MAX,
    AIMS_LENGTH_MAX,
    CHANGE_LENGTH_MAX,
    EXERCISE_LENGTH_MAX,
    LABEL_LENGTH_MAX,
    LINKS_MAX,
    STARTER,
    Link,
    access_version,
    current_guide,
    is_safe_address,
    may_write_guide,
    restore_guide,
    versions_of,
    write_guide,
)
from backend.skills.models import Guide
from backend.web.shared.access import CONFLICT, UNPROCESSABLE, PersonRequest, acting, page_of, reading, refuse
from backend.web.shared.notion_words import words_for

NUMBERS = range(1, LINKS_MAX + 1)
WRITERS_ONLY = "Cette page s’écrit par les tuteurs validés sur ce sujet."


class GuideForm(forms.Form):
    """The page of a notion, one idea a line."""

    aims = forms.CharField(
        label="À la fin, on sait…",
        help_text="Un but par ligne.",
        max_length=AIMS_LENGTH_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        validators=[validate_no_patient_number],
        error_messages={"required": "Écrivez au moins un but."},
    )
    exercise = forms.CharField(
        label="L’exercice, pas à pas",
        help_text="Une étape par ligne. Sans dossier ni donnée de patient : on s’entraîne à vide.",
        max_length=EXERCISE_LENGTH_MAX,
        widget=forms.Textarea(attrs={"rows": 10}),
        validators=[validate_no_patient_number],
        error_messages={"required": "Écrivez au moins une étape."},
    )
    change = forms.CharField(
        label="Ce que vous avez changé",
        help_text="En quelques mots, pour qui relira.",
        max_length=CHANGE_LENGTH_MAX,
        required=False,
        validators=[validate_no_patient_number],
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, use_required_attribute=False)
        for number in NUMBERS:
            self.fields[f"label_{number}"] = forms.CharField(
                label=f"Nom du lien {number}",
                max_length=LABEL_LENGTH_MAX,
                required=False,
                validators=[validate_no_patient_number],
            )
            self.fields[f"url_{number}"] = forms.CharField(
                label=f"Adresse du lien {number}",
                max_length=ADDRESS_LENGTH_MAX,
                required=False,
                widget=forms.URLInput(attrs={"placeholder": "https://"}),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for number in NUMBERS:
            label, url = data.get(f"label_{number}"), data.get(f"url_{number}")
            if label and not url:
                self.add_error(f"url_{number}", "Donnez aussi son adresse.")
            if url and not label:
                self.add_error(f"label_{number}", "Donnez aussi son nom.")
            if url and not is_safe_address(url):
                self.add_error(f"url_{number}", "Donnez une adresse complète, qui commence par https://.")
        return data

    @property
    def links(self) -> list[Link]:
        pairs = ((self.cleaned_data[f"label_{number}"], self.cleaned_data[f"url_{number}"]) for number in NUMBERS)
        return [{"label": label, "url": url} for label, url in pairs if url]

    @property
    def link_pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"label_{number}"], self[f"url_{number}"]) for number in NUMBERS]


@reading
def list_guides(request: PersonRequest) -> HttpResponse:
    page = page_of(request, _written())
    words = words_for(request.user, page.object_list)
    return render(request, "guides/list.html", {"page": page, "rows": [(notion, words[notion.pk]) for notion in page]})


def _written() -> QuerySet[Notion]:
    return Notion.objects.exclude(guides=None).annotate(version=Max("guides__number")).order_by("area", "title")


@reading
def show_guide(request: PersonRequest, slug: str) -> HttpResponse:
    notion = get_object_or_404(Notion, slug=slug)
    return _draw(request, notion, current_guide(notion), latest=True)


@reading
def list_versions(request: PersonRequest, slug: str) -> HttpResponse:
    notion = get_object_or_404(Notion, slug=slug)
    page = page_of(request, versions_of(notion))
    context = {
        "notion": notion,
        "page": page,
        "rows": [(version, who_wrote(version, request.user)) for version in page],
    }
    return render(request, "guides/versions.html", context)


@acting
def show_version(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """An old version, which may become the one shown again."""
    notion = get_object_or_404(Notion, slug=slug)
    guide = access_version(notion, number)
    if request.method != "POST":
        return _draw(request, notion, guide, latest=False)
    based_on = request.POST.get("based_on", "")
    if not based_on.isdecimal():
        raise ConflictError
    restored = restore_guide(notion=notion, author=request.user, number=number, based_on=int(based_on))
    messages.success(request, f"La version {number} est de nouveau celle que l’on lit (version {restored.number}).")
    return redirect("guide", slug=notion.slug)


@acting
def edit_guide(request: PersonRequest, slug: str) -> HttpResponse:
    notion = get_object_or_404(Notion, slug=slug)
    if not may_write_guide(request.user, notion):
        raise RoleRequiredError(WRITERS_ONLY)
    guide = current_guide(notion)
    if request.method != "POST":
        return _draw_form(request, notion, GuideForm(initial=_initial(guide)))
    form, status, newer = GuideForm(request.POST), UNPROCESSABLE, None
    if form.is_valid():
        data = form.cleaned_data
        try:
            write_guide(
                notion=notion,
                author=request.user,
                based_on=data["based_on"],
                aims=data["aims"],
                exercise=data["exercise"],
                links=form.links,
                change=data["change"],
            )
        except DomainError as error:
            status = refuse(form, error)
            newer = current_guide(notion) if status == CONFLICT else None
        else:
            messages.success(request, "Merci : c’est la page que l’on lit désormais.")
            return redirect("guide", slug=notion.slug)
    return _draw_form(request, notion, form, newer, status)


def who_wrote(guide: Guide, reader: Person) -> str:
    """Pages cross networks, names do not."""
    if guide.change == STARTER:
        return "par l’équipe de Tandem"
    return "par vous" if guide.author_id == reader.pk else "par un tuteur validé sur ce sujet"


def _initial(guide: Guide | None) -> dict[str, Any]:
    if guide is None:
        return {"based_on": 0}
    fields: dict[str, Any] = {"aims": guide.aims, "exercise": guide.exercise, "based_on": guide.number}
    for number, link in enumerate(guide.links, 1):
        fields |= {f"label_{number}": link["label"], f"url_{number}": link["url"]}
    return fields


def _draw(request: PersonRequest, notion: Notion, guide: Guide | None, *, latest: bool) -> HttpResponse:
    newest = guide if latest else current_guide(notion)
    context = {
        "notion": notion,
        "wording": words_for(request.user, [notion])[notion.pk],
        "guide": guide,
        "latest": latest or guide == newest,
        "newest": newest.number if newest else 0,
        "who": who_wrote(guide, request.user) if guide else "",
        "may_write": may_write_guide(request.user, notion),
    }
    return render(request, "guides/page.html", context)


def _draw_form(
    request: PersonRequest, notion: Notion, form: GuideForm, newer: Guide | None = None, status: int = 200
) -> HttpResponse:
    """With the newer version beside what was typed: sent again, it comes after that one."""
    context = {"notion": notion, "form": form, "newer": newer}
    context["based_on"] = newer.number if newer else form["based_on"].value()
    return render(request, "guides/edit.html", context, status=status)
