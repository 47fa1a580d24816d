"""« Vérifier une attestation »: for anybody who holds a number; never a person's name."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from backend.credits.domain.certificates import find_certificate
from backend.credits.enums import CertificateState
from backend.credits.models import GROUP_LENGTH, NUMBER_GROUPS, Certificate
from backend.web.shared.limits import refuse_flood

CHECKS_PER_MINUTE = 120
NUMBER_LENGTH = NUMBER_GROUPS * GROUP_LENGTH


class NumberForm(forms.Form):
    """The number as it is printed, or as somebody types it."""

    numero = forms.CharField(
        label="Numéro de l’attestation",
        help_text="16 signes sous le code à flasher. Majuscules, espaces et tirets ne comptent pas.",
        max_length=40,
        error_messages={"required": "Recopiez le numéro imprimé sur l’attestation."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_numero(self) -> str:
        signs = read_number(self.cleaned_data["numero"])
        if len(signs) != NUMBER_LENGTH:
            raise forms.ValidationError(f"Ce numéro a {len(signs)} signes ; il en faut {NUMBER_LENGTH}.")
        return "-".join(signs[start : start + GROUP_LENGTH] for start in range(0, NUMBER_LENGTH, GROUP_LENGTH))


def read_number(text: str) -> str:
    """The signs of a number, however it was typed."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


@require_safe
def ask_number(request: HttpRequest) -> HttpResponse:
    form = NumberForm(request.GET if "numero" in request.GET else None)
    if form.is_valid():
        return redirect("certificate", number=form.cleaned_data["numero"])
    return render(request, "certificates/form.html", {"form": form})


@require_safe
def check_certificate(request: HttpRequest, number: str) -> HttpResponse:
    if flood := refuse_flood(request, action="certificate", per_minute=CHECKS_PER_MINUTE):
        return flood
    certificate = _find(number)
    context = {
        "certificate": certificate,
        "is_valid": certificate is not None and certificate.state == CertificateState.VALID,
        "number": number[:40],
    }
    return render(request, "certificates/page.html", context, status=200 if certificate else 404)


def _find(number: str) -> Certificate | None:
    signs = read_number(number)
    return find_certificate(signs) if len(signs) == NUMBER_LENGTH else None
