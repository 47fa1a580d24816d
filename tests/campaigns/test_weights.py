"""What serving a request is worth: the one formula, term by term."""

import pytest

from backend.campaigns.domain.weights import Weight, weigh
from backend.campaigns.enums import Preset

TERMS = ("urgency", "level_wanted", "level_start", "campaigns_waited", "site_short_of_means")


@pytest.mark.parametrize(
    ("given", "total"),
    [
        ((0, 1, None, 0, False), 1000 + 250),
        ((0, 3, None, 0, False), 1000 + 250),
        ((0, 3, 0, 0, False), 1000 + 750),
        ((0, 3, 1, 0, False), 1000 + 500),
        ((0, 2, 1, 0, False), 1000 + 250),
        ((1, 1, None, 0, False), 1000 + 250 + 500),
        ((2, 1, None, 0, False), 1000 + 250 + 1000),
        ((0, 1, None, 1, False), 1000 + 250 + 300),
        ((0, 1, None, 3, False), 1000 + 250 + 900),
        ((0, 1, None, 9, False), 1000 + 250 + 900),
        ((0, 1, None, 0, True), 1000 + 250 + 200),
        ((2, 3, 0, 5, True), 1000 + 1000 + 750 + 900 + 200),
    ],
)
def test_terms_add_up(given: tuple[int, int, int | None, int, bool], total: int) -> None:
    urgency, wanted, start, waited, site = given
    weight = weigh(
        urgency=urgency, level_wanted=wanted, level_start=start, campaigns_waited=waited, site_short_of_means=site
    )
    assert weight.total == total


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        (Preset.BALANCED, Weight(urgency=1000, gap=750, waiting=600, site=200)),
        (Preset.FAIRNESS, Weight(urgency=1000, gap=750, waiting=1200, site=400)),
        (Preset.URGENCIES, Weight(urgency=2000, gap=750, waiting=600, site=200)),
    ],
)
def test_presets_scale_terms(preset: Preset, expected: Weight) -> None:
    weight = weigh(
        urgency=2, level_wanted=3, level_start=0, campaigns_waited=2, site_short_of_means=True, preset=preset
    )
    assert weight == expected
    assert weight.total == 1000 + expected.urgency + expected.gap + expected.waiting + expected.site
