"""The patient-number guard stands on every free text: a new one without it, or without a line here, fails.

Three looks at the same thing: what models store, what pages ask, what the API takes.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import RequestFactory
from rest_framework import serializers

import backend.api.serializers
import backend.web
from backend.common.patient_numbers import validate_no_patient_number
from tests.support.factories import PersonFactory

# What people fill with words of their own, in models and in what the API takes, and the module that refuses there.
GUARDED = {
    "accounts.Person.first_name": "accounts.domain.people",
    "accounts.Person.last_name": "accounts.domain.people",
    "accounts.ApiToken.label": "accounts.domain.tokens",
    "campaigns.Campaign.title": "campaigns.domain.campaigns",
    "conversations.Message.body": "conversations.domain.messages",
    "conversations.MessageReport.body": "conversations.domain.messages",
    "conversations.MessageReport.reason": "conversations.domain.moderation",
    "credits.CertificateTransition.reason": "credits.domain.certificates",
    "credits.Entry.reason": "credits.domain.ledger",
    "needs.HelpRequest.context": "needs.domain.requests",
    "needs.TutorOffer.room_link": "needs.domain.offers",
    "needs.TutorOffer.telephone": "needs.domain.offers",
    "networks.MembershipChange.reason": "networks.domain.membership",
    "reports.NamedListExport.purpose": "reports.domain.named_lists",
    "skills.ClaimTransition.reason": "skills.domain.claims",
    "skills.Credential.note": "skills.domain.credentials",
    "skills.Credential.title": "skills.domain.credentials",
    "skills.CredentialTransition.reason": "skills.domain.claims",
    "skills.Evidence.name": "skills.domain.evidence",
    "skills.Guide.aims": "skills.domain.guides",
    "skills.Guide.change": "skills.domain.guides",
    "skills.Guide.exercise": "skills.domain.guides",
    "tutoring.SessionTransition.reason": "tutoring.domain.answers",
    "AcceptanceSerializer.reason": "skills.domain.claims",
    "SentAddressSerializer.name": "agenda.domain.outside",
    "SentCampaignSerializer.title": "campaigns.domain.campaigns",
    "SentClaimSerializer.note": "skills.domain.credentials",
    "SentClaimSerializer.title": "skills.domain.credentials",
    "SentFileSerializer.name": "agenda.domain.outside",
    "SentMessageSerializer.body": "conversations.domain.messages",
    "SentOfferSerializer.room_link": "needs.domain.offers",
    "SentOfferSerializer.telephone": "needs.domain.offers",
    "SentReportSerializer.reason": "conversations.domain.moderation",
    "SentRequestSerializer.context": "needs.domain.requests",
    "SessionReasonSerializer.reason": "tutoring.domain.answers",
    "SuspensionSerializer.reason": "networks.domain.membership",
    "WhySerializer.reason": "skills.domain.claims",
}
# Words that stand in a model although the domain writes nothing there that a person typed in its own form.
WORDS = {
    "aims",
    "address",
    "body",
    "change",
    "comment",
    "context",
    "exercise",
    "feedback",
    "first_name",
    "label",
    "last_name",
    "note",
    "purpose",
    "reason",
    "room_link",
    "telephone",
    "text",
    "title",
}
# Official texts; what the application itself composes; and codes of why, which the domain chooses.
COMPOSED = {
    "campaigns.CampaignTransition.reason",
    "campaigns.Unserved.reason",
    "conversations.Conversation.title",
    "needs.HelpRequestTransition.reason",
    "networks.AgreementTransition.reason",
    "networks.SharedCoordinationTransition.reason",
    "networks.Site.address",
    "notifications.Notification.title",
    "notifications.OutboxMessage.body",
}
# What a field takes is no text: secrets, keys, addresses, or what is only looked for.
NO_WORDS = {
    "code",
    "emails",
    "number",
    "numero",
    "oldpassword",
    "password",
    "password1",
    "password2",
    "q",
    "rpps",
    "start",
    "url",
}
GUARDED_ON_SENDING = {
    "MessageForm.body": "conversations.domain.messages",
    "OfferForm.room_link": "needs.domain.offers",
    "OfferForm.telephone": "needs.domain.offers",
    "TokenForm.label": "accounts.domain.tokens",
}


def modules_below(package: ModuleType) -> None:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(found.name)


def subclasses_of(kind: type[Any]) -> Iterator[type[Any]]:
    for found in kind.__subclasses__():
        if found.__module__.startswith("backend."):
            yield found
        yield from subclasses_of(found)


def written_columns() -> Iterator[str]:
    for model in apps.get_models():
        label = model._meta.app_label
        if not model.__module__.startswith("backend.") or label == "referentials":
            continue
        for field in model._meta.fields:
            is_text = type(field) in {models.CharField, models.TextField} and not field.choices and field.editable
            if is_text and field.name in WORDS:
                yield f"{label}.{model.__name__}.{field.name}"


def typed_fields() -> Iterator[tuple[str, forms.CharField]]:
    modules_below(backend.web)
    for form in subclasses_of(forms.BaseForm):
        if form.__module__.endswith(".admin"):
            continue
        for name, field in getattr(form, "base_fields", {}).items():
            if type(field).__name__ in {"CharField", "ReasonField"} and name not in NO_WORDS:
                yield f"{form.__name__}.{name}", field


def sent_fields() -> Iterator[str]:
    modules_below(backend.api.serializers)
    for kind in subclasses_of(serializers.Serializer):
        for name, field in kind._declared_fields.items():
            is_sent = "Sent" in kind.__name__ or getattr(field, "max_length", None) is not None
            if (
                type(field) is serializers.CharField
                and not field.read_only
                and is_sent
                and name not in NO_WORDS | {"timezone"}
            ):
                yield f"{kind.__name__}.{name}"


def test_every_column_of_words_is_guarded() -> None:
    left = set(written_columns()) - GUARDED.keys() - COMPOSED
    assert not left, f"guard these, then say where: {sorted(left)}"


def test_every_text_that_a_page_asks_for_is_guarded() -> None:
    found: dict[str, forms.CharField] = dict(typed_fields())
    bare = {name for name, field in found.items() if validate_no_patient_number not in field.validators}
    assert bare - GUARDED_ON_SENDING.keys() == set()
    assert GUARDED_ON_SENDING.keys() <= found.keys()


def test_every_text_that_the_api_takes_is_guarded() -> None:
    assert set(sent_fields()) - GUARDED.keys() == set()


@pytest.mark.parametrize("module", sorted({*GUARDED.values(), *GUARDED_ON_SENDING.values()}))
def test_what_is_said_to_refuse_does(module: str) -> None:
    assert hasattr(importlib.import_module(f"backend.{module}"), "refuse_patient_number")


def test_the_administration_is_guarded_too(rf: RequestFactory, db: None) -> None:
    request = rf.get("/")
    request.user = PersonFactory.create(is_staff=True, is_superuser=True)
    seen = []
    for model, pages in admin.site._registry.items():
        if not model.__module__.startswith("backend.") or not pages.has_change_permission(request):
            continue
        for name, field in pages.get_form(request, change=True).base_fields.items():
            if type(field) is forms.CharField and name in WORDS | {"name"}:
                seen.append(name)
                assert validate_no_patient_number in field.validators, f"{model.__name__}.{name}"
    assert {"first_name", "last_name", "name", "address"} <= set(seen)
