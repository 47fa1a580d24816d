"""The rule of points: which is in force on a day, what it gives, how it is changed."""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError
from backend.credits.enums import Rounding
from backend.credits.models import Scale
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import require_role

STEPS = {Rounding.HUNDREDTH: Decimal("0.01"), Rounding.HALF: Decimal("0.5"), Rounding.UNIT: Decimal(1)}
POINTS_MAX = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a scale says, before it is saved."""

    points_per_hour: Decimal
    points_per_extra_learner: Decimal
    cap_per_month: Decimal | None = None
    rounding: str = Rounding.HUNDREDTH


def scale_on(network: Network, day: dt.date) -> Scale:
    """The newest scale that is in force on ``day``; the default one, unsaved, before any."""
    scale = Scale.objects.filter(network=network, valid_from__lte=day).order_by("-valid_from").first()
    return scale or Scale(network=network, valid_from=day)


def scales_of(network: Network) -> QuerySet[Scale]:
    """All that were or will be in force, newest first."""
    return Scale.objects.filter(network=network).select_related("author").order_by("-valid_from")


def points_for(scale: Scale | Rule, *, minutes: int, present: int) -> Decimal:
    """Points of a tutor: (per hour + per extra learner · (present − 1)) · hours, rounded; 0 if nobody came."""
    if not present:
        return Decimal(0)
    per_hour = scale.points_per_hour + scale.points_per_extra_learner * (present - 1)
    step = STEPS[Rounding(scale.rounding)]
    steps = (per_hour * minutes / 60 / step).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return (steps * step).quantize(Decimal("0.01"))


def cap_points(scale: Scale | Rule, points: Decimal, *, earned: Decimal) -> Decimal:
    """``points``, or what remains of the month's cap when ``earned`` were written already."""
    if scale.cap_per_month is None:
        return points
    return min(points, max(scale.cap_per_month - earned, Decimal(0)))


@transaction.atomic
def save_scale(*, network: Network, author: Person, valid_from: dt.date, rule: Rule) -> Scale:
    """A rule from a day on, today at the earliest: what was held under another keeps it.

    One that is not yet in force may be written again; one that is stands as it is.
    """
    require_role(author, network, Role.COORDINATOR)
    _check_rule(rule)
    today = today_of(network)
    if valid_from < today:
        message = "Choisissez aujourd’hui ou un jour à venir : le passé garde sa règle."
        raise DomainError(message, code="past", fields={"valid_from": [message]})
    # Two savings of one network wait for each other.
    Network.objects.select_for_update(of=("self",)).get(pk=network.pk)
    there = Scale.objects.filter(network=network, valid_from=valid_from).first()
    if there is not None and valid_from == today:
        raise ConflictError("Une règle est déjà entrée en vigueur aujourd’hui : choisissez demain.", code="in_force")
    scale = there or Scale(network=network, valid_from=valid_from)
    scale.points_per_hour, scale.points_per_extra_learner = rule.points_per_hour, rule.points_per_extra_learner
    scale.cap_per_month, scale.rounding = rule.cap_per_month, rule.rounding
    scale.author, scale.created_at = author, now()
    scale.save()
    return scale


@transaction.atomic
def withdraw_scale(*, scale: Scale, author: Person) -> None:
    """Give up a rule before its day comes."""
    require_role(author, scale.network, Role.COORDINATOR)
    if scale.valid_from <= today_of(scale.network):
        raise ConflictError("Cette règle est en vigueur, ou l’a été : elle reste.", code="in_force")
    scale.delete()


def today_of(network: Network) -> dt.date:
    return now().astimezone(network.zone).date()


def _check_rule(rule: Rule) -> None:
    amounts = {
        "points_per_hour": rule.points_per_hour,
        "points_per_extra_learner": rule.points_per_extra_learner,
        "cap_per_month": rule.cap_per_month,
    }
    wrong = [name for name, value in amounts.items() if value is not None and not 0 <= value <= POINTS_MAX]
    if wrong:
        message = f"Écrivez un nombre de points entre 0 et {POINTS_MAX}."
        raise DomainError(message, code="points", fields={name: [message] for name in wrong})
