"""The rule of points in force on a day."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from backend.credits.models import Scale
from backend.networks.models import Network


def scale_on(network: Network, day: dt.date) -> Scale:
    """The newest scale that is in force on ``day``; the default one, unsaved, before any."""
    scale = Scale.objects.filter(network=network, valid_from__lte=day).order_by("-valid_from").first()
    return scale or Scale(network=network, valid_from=day)


def points_for(scale: Scale, *, minutes: int, present: int) -> Decimal:
    """Points of a tutor: (per hour + per extra learner · (present − 1)) · hours, to the hundredth; 0 if nobody came."""
    if not present:
        return Decimal(0)
    per_hour = scale.points_per_hour + scale.points_per_extra_learner * (present - 1)
    return (per_hour * minutes / 60).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
