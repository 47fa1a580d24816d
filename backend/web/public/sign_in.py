"""How allauth signs people in here."""

from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class SignInAdapter(DefaultAccountAdapter):
    """Accounts come from an invitation or a coordinator, never from a public form."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "Ce compte est fermé. La coordination de votre CPTS peut le rouvrir.",
        "email_password_mismatch": "Adresse ou mot de passe inexact. Vous pouvez aussi recevoir un code.",
        "enter_current_password": "Ce n’est pas votre mot de passe actuel.",
        "incorrect_code": "Ce n’est pas le bon code. Recopiez-le depuis le dernier courriel reçu.",
        "incorrect_password": "Ce n’est pas le bon mot de passe.",
        "invalid_password_reset": "Ce lien a déjà servi ou a expiré. Demandez-en un autre.",
        "too_many_login_attempts": "Trop d’essais. Attendez cinq minutes, puis recommencez.",
        "unknown_email": "Aucun compte n’a cette adresse.",
        "rate_limited": "Trop d’envois à la suite. Attendez une minute, puis recommencez.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
