"""Filters and tags that every page has without loading them.

Times always take the zone they are shown in: ``{{ session.starts_at|instant:network.zone }}``, or a session itself:
``{{ session|span }}`` (« jeudi 3 décembre, 12 h 30 – 13 h 15 »), ``{{ session|times }}`` (« 12 h 30 – 13 h 15 »).
"""

import datetime as dt
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from backend.common import formats
from backend.networks.models import Network
from backend.web.shared.icons import ICONS

register = template.Library()


class Timed(Protocol):
    """What has a beginning and an end in a network: a session, a proposal."""

    network: Network
    starts_at: dt.datetime
    ends_at: dt.datetime


@register.filter
def span(item: Timed) -> str:
    return formats.format_span(item.starts_at, item.ends_at, item.network.zone)


@register.filter
def times(item: Timed) -> str:
    return formats.format_times(item.starts_at, item.ends_at, item.network.zone)


@register.filter
def instant(value: dt.datetime, zone: dt.tzinfo) -> str:
    return formats.format_instant(value, zone)


@register.filter
def short_instant(value: dt.datetime, zone: dt.tzinfo) -> str:
    return formats.format_short_instant(value, zone)


@register.filter
def clock_time(value: dt.datetime, zone: dt.tzinfo) -> str:
    return formats.format_time(value, zone)


@register.filter
def full_day(value: dt.datetime, zone: dt.tzinfo) -> str:
    return formats.format_day(value.astimezone(zone).date())


@register.filter
def long_date(value: dt.date) -> str:
    return formats.format_date(value)


@register.filter
def edition(printed: str) -> str:
    return formats.format_edition(printed)


@register.filter
def hours(minutes: int) -> str:
    return formats.format_minutes(minutes)


@register.filter
def points(value: Decimal | int) -> str:
    return formats.format_points(value)


@register.filter
def number(value: Decimal | int) -> str:
    return formats.format_number(value)


@register.filter
def count(value: Decimal | int, words: str) -> str:
    """``{{ total|count:"demande" }}``, ``{{ total|count:"cheval,chevaux" }}``."""
    singular, _, plural = words.partition(",")
    return formats.format_count(value, singular, plural)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing beside words: ``{% icon "calendar" %} Séances``."""
    drawing = mark_safe(ICONS[name])  # noqa: S308 (our own constant)
    return format_html('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', drawing)


@register.inclusion_tag("components/day.html")
def day_block(value: dt.datetime, zone: dt.tzinfo) -> dict[str, str]:
    """The square with a day that opens a session line; read aloud as the full date."""
    day = value.astimezone(zone).date()
    return {
        "iso": day.isoformat(),
        "full": formats.format_day(day),
        "weekday": formats.SHORT_DAYS[day.weekday()],
        "number": formats.format_day_number(day),
        "month": formats.SHORT_MONTHS[day.month - 1],
    }


@register.simple_block_tag
def scroll(content: SafeString, label: str) -> SafeString:
    """Let a wide table scroll in its own box: ``{% scroll "Tableau des propositions" %}<table>…{% endscroll %}``."""
    return format_html('<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>', label, content)


@register.simple_block_tag
def card(content: SafeString, title: str = "", key: str = "") -> SafeString:
    """A card; with a title it is a section of the page: ``{% card title="Propositions" key="matches" %}``."""
    if not title:
        return format_html('<div class="card">{}</div>', content)
    head = format_html('<h2 id="{}">{}</h2>', key, title)
    return format_html('<section class="card" aria-labelledby="{}">{}{}</section>', key, head, content)


@register.simple_tag(takes_context=True)
def same_page(context: RequestContext, **changes: Any) -> str:
    """Address of this page with some of its parameters changed, ``None`` taking one away."""
    request: HttpRequest = context["request"]
    parameters = request.GET.copy()
    for name, value in changes.items():
        parameters.pop(name, None)
        if value is not None:
            parameters[name] = str(value)
    query = urlencode(sorted(parameters.lists()), doseq=True)
    return f"{request.path}?{query}" if query else request.path
