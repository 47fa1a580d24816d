"""What lists may be narrowed by; a value that makes no sense is a 400, an unknown parameter is ignored."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from backend.common.folding import fold
from backend.credits.models import Entry
from backend.needs.enums import RequestState
from backend.needs.models import HelpRequest
from backend.networks.domain.members import MemberSearch, search_members
from backend.networks.enums import MemberState, Role
from backend.networks.models import Membership
from backend.networks.rules import access_network_for
from backend.referentials.enums import Area
from backend.referentials.models import Capacity, Notion
from backend.skills.enums import ClaimState
from backend.skills.models import Claim
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session

SEARCH_LENGTH_MAX = 200
SLUG_LENGTH_MAX = 60
SLUG = {"minLength": 1, "maxLength": SLUG_LENGTH_MAX, "pattern": "^[-a-zA-Z0-9_]+$"}
NOT_AN_INSTANT = "Écrivez un instant avec son décalage, tel que 2026-01-31T12:00:00Z."


class InstantFormField(forms.CharField):
    """ISO 8601 with an offset: an hour alone would be a guess."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            instant = parse_datetime(text)
            # Some databases keep instants in UTC, where the first and last days of the calendar have no room.
            converted = instant.astimezone(dt.UTC) if instant and instant.tzinfo else None
        except (ValueError, OverflowError):
            converted = None
        if converted is None:
            raise ValidationError(NOT_AN_INSTANT)
        return converted


class InstantFilter(filters.Filter):
    field_class = InstantFormField


class SlugFilter(filters.CharFilter):
    field_class = forms.SlugField


class FilterForm(forms.Form):
    def clean(self) -> dict[str, Any]:
        """Refuse an empty value: a program that lost one must not read everything instead."""
        for name in self.fields:
            if name in self.data and not self.data[name].strip() and name not in self.errors:
                self.add_error(name, "Donnez une valeur, ou retirez ce filtre.")
        return self.cleaned_data


class StrictFilter(filters.FilterSet):
    class Meta:
        form = FilterForm


def describe_filter(item: filters.Filter, details: str, **schema: Any) -> filters.Filter:
    """``item``, with what the description says of its values."""
    extend_schema_field({"type": "string", "description": details, **schema})(item)
    return item


def instant_filter(lookup: str, details: str) -> filters.Filter:
    return describe_filter(InstantFilter("starts_at", lookup), details, format="date-time")


def network_filter(details: str) -> filters.Filter:
    """A network of the caller’s, by its slug: another’s is as absent as none."""
    item = filters.CharFilter(method="of_network")
    return describe_filter(item, details, **SLUG)


class SessionFilter(StrictFilter):
    state = filters.ChoiceFilter(choices=SessionState.choices)
    network = network_filter("Slug of one of the caller’s networks.")

    @classmethod
    def get_filters(cls) -> dict[str, filters.Filter]:
        """``from`` is a word of Python’s: no class attribute may bear it."""
        return {
            **super().get_filters(),
            "from": instant_filter("gte", "Sessions that start then or later."),
            "to": instant_filter("lt", "Sessions that start before."),
        }

    def of_network(self, sessions: QuerySet[Session], name: str, slug: str) -> QuerySet[Session]:
        return sessions.filter(network=access_network_for(self.request.user, slug))


class MemberFilter(StrictFilter):
    network = network_filter("Slug of one of the caller’s networks.")
    role = filters.ChoiceFilter(field_name="roles__role", choices=Role.choices)
    state = filters.ChoiceFilter(choices=MemberState.choices, method="in_state")
    search = describe_filter(
        filters.CharFilter(method="with_words", max_length=SEARCH_LENGTH_MAX),
        "Words of the name or the address; accents and case are ignored.",
        minLength=1,
        maxLength=SEARCH_LENGTH_MAX,
        pattern=r"\S",
    )

    def of_network(self, members: QuerySet[Membership], name: str, slug: str) -> QuerySet[Membership]:
        return members.filter(network=access_network_for(self.request.user, slug))

    def in_state(self, members: QuerySet[Membership], name: str, state: str) -> QuerySet[Membership]:
        return search_members(members, MemberSearch(state=state))

    def with_words(self, members: QuerySet[Membership], name: str, text: str) -> QuerySet[Membership]:
        return search_members(members, MemberSearch(words=text))


class NotionFilter(StrictFilter):
    area = filters.ChoiceFilter(choices=Area.choices)
    search = describe_filter(
        filters.CharFilter(method="with_words", max_length=SEARCH_LENGTH_MAX),
        "Words of its title or of one of its capacities; accents and case are ignored.",
        minLength=1,
        maxLength=SEARCH_LENGTH_MAX,
        pattern=r"\S",
    )

    def with_words(self, notions: QuerySet[Notion], name: str, text: str) -> QuerySet[Notion]:
        words = fold(text).split()
        if not words:
            return notions.none()
        # A few hundred titles: folding them here costs less than storing them folded.
        titles = notions.values_list("pk", "title")
        titled = [key for key, title in titles if all(word in fold(title) for word in words)]
        worded = Capacity.objects.matching_words(text).values("notion")
        return notions.filter(Q(pk__in=titled) | Q(pk__in=worded))


class LedgerFilter(StrictFilter):
    network = network_filter("Slug of one of the caller’s networks; who coordinates it sees everybody’s entries.")

    def of_network(self, entries: QuerySet[Entry], name: str, slug: str) -> QuerySet[Entry]:
        return entries.filter(network=access_network_for(self.request.user, slug))


class RequestFilter(StrictFilter):
    state = filters.ChoiceFilter(choices=RequestState.choices)
    network = network_filter("Slug of one of the caller’s networks.")

    def of_network(self, requests: QuerySet[HelpRequest], name: str, slug: str) -> QuerySet[HelpRequest]:
        return requests.filter(network=access_network_for(self.request.user, slug))


class ClaimFilter(StrictFilter):
    state = filters.ChoiceFilter(choices=ClaimState.choices)
    network = network_filter("Slug of one of the caller’s networks.")

    def of_network(self, claims: QuerySet[Claim], name: str, slug: str) -> QuerySet[Claim]:
        return claims.filter(network=access_network_for(self.request.user, slug))


class PositioningFilter(StrictFilter):
    framework = describe_filter(
        SlugFilter("capacity__competency__domain__framework__slug", max_length=SLUG_LENGTH_MAX),
        "Slug of a référentiel.",
        **SLUG,
    )
