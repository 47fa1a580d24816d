"""The forms of sign-in in our words: a label above each field and nothing written inside it."""

from collections.abc import Mapping
from typing import Any

from allauth.account import forms as allauth_forms
from django import forms

LABELS: Mapping[str, str] = {
    "login": "Adresse électronique",
    "email": "Adresse électronique",
    "password": "Mot de passe",
    "oldpassword": "Mot de passe actuel",
    "password1": "Nouveau mot de passe",
    "password2": "Nouveau mot de passe, une seconde fois",
    "code": "Code reçu par courriel",
}


class PlainForm(forms.Form):
    """Mixin: labels of ``LABELS``, no placeholder."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)


class LoginForm(PlainForm, allauth_forms.LoginForm):
    pass


class RequestLoginCodeForm(PlainForm, allauth_forms.RequestLoginCodeForm):
    pass


class ConfirmLoginCodeForm(PlainForm, allauth_forms.ConfirmLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update({"class": "code-input", "autocapitalize": "characters"})


class ReauthenticateForm(PlainForm, allauth_forms.ReauthenticateForm):
    pass


class ChangePasswordForm(PlainForm, allauth_forms.ChangePasswordForm):
    pass


class SetPasswordForm(PlainForm, allauth_forms.SetPasswordForm):
    pass


class ResetPasswordForm(PlainForm, allauth_forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(PlainForm, allauth_forms.ResetPasswordKeyForm):
    pass
