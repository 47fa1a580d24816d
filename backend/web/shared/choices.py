"""« Vos choix »: which mails one gets, at which hours, and whether others see what one has read."""

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.accounts.models import Person
from backend.common.errors import DomainError
from backend.conversations.domain.choices import choose_reading_shown, shows_reading
from backend.networks.rules import zone_of
from backend.notifications.domain.notify import mute_kinds, muted_kinds_of
from backend.notifications.domain.quiet import choose_quiet_hours, quiet_hours_of
from backend.notifications.enums import Kind
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, refuse


class MailForm(forms.Form):
    """Which kinds of news come by mail; all of them show in the application anyway."""

    kinds = forms.MultipleChoiceField(
        label="M’écrire aussi par courriel pour",
        help_text="Pour les messages : un seul courriel, après 30 minutes sans lecture, sans leur texte.",
        choices=Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Ce choix n’existe pas."},
    )


class QuietForm(forms.Form):
    """Both hours, or none."""

    start = forms.TimeField(
        label="De",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Écrivez une heure, telle que 20:00."},
    )
    end = forms.TimeField(
        label="À",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Écrivez une heure, telle que 07:00."},
    )


class ReadingForm(forms.Form):
    shown = forms.BooleanField(
        label="Montrer aux autres que j’ai lu leurs messages",
        help_text="Dans les échanges de séance et à deux. Sans cela, personne ne sait ce que vous avez lu.",
        required=False,
    )


@acting
def show_choices(request: PersonRequest) -> HttpResponse:
    """Three forms post here, each saved by itself."""
    if request.method != "POST":
        return _draw(request, {})
    match request.POST.get("action"):
        case "mails":
            form: forms.Form = MailForm(request.POST)
        case "quiet":
            form = QuietForm(request.POST, prefix="quiet")
        case "reading":
            form = ReadingForm(request.POST)
        case _:
            raise BadRequest
    status = UNPROCESSABLE
    if form.is_valid():
        try:
            _save(request.user, form)
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, "Vos choix sont enregistrés.")
            return redirect("choices")
    return _draw(request, {request.POST["action"]: form, "form": form}, status)


def _save(person: Person, form: forms.Form) -> None:
    chosen = form.cleaned_data
    if isinstance(form, MailForm):
        mute_kinds(person=person, kinds=[kind for kind in Kind if kind not in chosen["kinds"]])
    elif isinstance(form, QuietForm):
        choose_quiet_hours(person=person, start=chosen["start"], end=chosen["end"])
    else:
        choose_reading_shown(person=person, shown=chosen["shown"])


def _draw(request: PersonRequest, sent: dict[str, forms.Form], status: int = 200) -> HttpResponse:
    muted = muted_kinds_of(request.user)
    start, end = quiet_hours_of(request.user)
    context = {
        "mails": MailForm(initial={"kinds": [kind for kind in Kind.values if kind not in muted]}),
        "quiet": QuietForm(initial={"start": start, "end": end}, prefix="quiet"),
        "reading": ReadingForm(initial={"shown": shows_reading(request.user)}),
        "form": None,
        "zone": zone_of(request.user),
        **sent,
    }
    return render(request, "profile/choices.html", context, status=status)
