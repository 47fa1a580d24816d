"""What serving a request is worth: the one formula, and the presets that scale its terms."""

from dataclasses import dataclass

from backend.campaigns.enums import Preset

BASE = 1000
URGENCY, GAP, WAITING, SITE = 500, 250, 300, 200
CAMPAIGNS_COUNTED = 3


@dataclass(frozen=True, slots=True)
class Factors:
    """Multipliers of the terms."""

    urgency: int = 1
    gap: int = 1
    waiting: int = 1
    site: int = 1


PRESETS = {
    Preset.BALANCED: Factors(),
    Preset.FAIRNESS: Factors(waiting=2, site=2),
    Preset.URGENCIES: Factors(urgency=2),
}


@dataclass(frozen=True, slots=True)
class Weight:
    """The terms of a weight, as shown: urgence, écart demandé, ancienneté, site prioritaire."""

    urgency: int
    gap: int
    waiting: int
    site: int

    @property
    def total(self) -> int:
        return BASE + self.urgency + self.gap + self.waiting + self.site


def weigh(
    *,
    urgency: int,
    level_wanted: int,
    level_start: int | None,
    campaigns_waited: int,
    site_short_of_means: bool,
    preset: Preset = Preset.BALANCED,
) -> Weight:
    """Terms of a request's weight; without a start level the gap counts as 1."""
    factors = PRESETS[preset]
    gap = 1 if level_start is None else level_wanted - level_start
    return Weight(
        urgency=factors.urgency * URGENCY * urgency,
        gap=factors.gap * GAP * gap,
        waiting=factors.waiting * WAITING * min(campaigns_waited, CAMPAIGNS_COUNTED),
        site=factors.site * SITE * site_short_of_means,
    )
