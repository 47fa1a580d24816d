"""Why the last published run proposed nothing, and what would help, in words for the person who asked."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from backend.campaigns.domain.instance import period_of
from backend.campaigns.models import Campaign, Run, Unserved
from backend.common.formats import DAYS, format_time
from backend.needs.models import HelpRequest
from backend.web.shared.wording import REASONS_FOR_LEARNER
from matching.result import Reason

OTHER_TIME = "Qu’un tuteur de ce sujet soit libre à un autre moment."
MORE_SESSIONS = "Qu’un tuteur de ce sujet donne une séance de plus."
NEW_TUTOR = "Un tuteur de plus sur ce sujet : votre coordination le voit."


@dataclass(frozen=True, slots=True)
class Why:
    """``ways`` are single changes that were computed, the cheapest first; no tutor is named."""

    reason: str
    ways: list[str]


def tell_why(requests: Collection[HelpRequest]) -> dict[int, Why]:
    """For those that the last published run of their network left out; two queries."""
    networks = {request.network_id for request in requests}
    published = Run.objects.filter(campaign__network__in=networks, published_at__isnull=False)
    last = dict(published.order_by("published_at").values_list("campaign__network", "pk"))
    rows = Unserved.objects.filter(request__in=requests, run__in=last.values()).select_related("run__campaign__network")
    people = {request.pk: request.person_id for request in requests}
    return {
        row.request_id: Why(REASONS_FOR_LEARNER[Reason(row.reason)], _tell_ways(row, people[row.request_id]))
        for row in rows.defer("run__instance", "run__solution")
    }


def _tell_ways(row: Unserved, person_id: int) -> list[str]:
    ways = [_tell_way(row.run.campaign, change, person_id) for change in row.unblock]
    return list(dict.fromkeys(ways))


def _tell_way(campaign: Campaign, change: dict[str, Any], person_id: int) -> str:
    match change["change"]:
        case "session":
            return MORE_SESSIONS
        case "interval" if change.get("learner") == str(person_id):
            return _tell_free_time(campaign, change)
        case "interval":
            return OTHER_TIME
        case _:
            return NEW_TUTOR


def _tell_free_time(campaign: Campaign, change: dict[str, Any]) -> str:
    """A day of the week: the very date may be behind us when this is read."""
    period, zone = period_of(campaign), campaign.network.zone
    start, end = period.start_of(change["start"]), period.start_of(change["end"])
    day = DAYS[start.astimezone(zone).weekday()]
    return f"Ajoutez un moment libre le {day}, de {format_time(start, zone)} à {format_time(end, zone)}."
