"""Opening a campaign in three questions; what it collects; priorities of one's own."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign, OwnPreset
from backend.networks.enums import Role
from backend.networks.models import MembershipRole
from backend.notifications.models import Notification
from tests.support import factories
from tests.support.cast import Cast
from tests.web.reading import choices, words

OPEN, PRESETS = "/campagnes/ouvrir/", "/campagnes/priorites/"
ANSWERS = {
    "first_day": "2026-12-07",
    "weeks": "3",
    "session_minutes": "45",
    "audience": "everyone",
    "group_size_max": "1",
    "preset": "balanced",
}
FACTORS = {"urgency": "1", "gap": "1", "waiting": "3", "site": "2"}


@pytest.fixture(autouse=True)
def _thursday() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 12, 3, 9, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def coordinator(client: Client, cast: Cast) -> Client:
    client.force_login(cast.here.coordinator)
    return client


def opened() -> Campaign:
    return Campaign.objects.latest("pk")


def test_three_questions_and_a_button(coordinator: Client, cast: Cast) -> None:
    response = coordinator.get(OPEN)
    text = words(response)
    assert "Lundi 7 décembre" in text
    assert text.index("Combien de temps dure une séance ?") < text.index("Réglages avancés")
    answer = coordinator.post(OPEN, ANSWERS)
    campaign = opened()
    assert answer["Location"] == f"/campagnes/{campaign.pk}/"
    assert (campaign.network, campaign.title, campaign.state) == (
        cast.here.network,
        "Campagne du 7 décembre",
        CampaignState.COLLECTING,
    )
    assert Notification.objects.filter(inbox__person=cast.here.tutor, key__startswith="call:").exists()
    assert "les personnes invitées ont un message" in words(coordinator.get(answer["Location"]))


def test_advanced_settings_are_kept(coordinator: Client, cast: Cast) -> None:
    own = OwnPreset.objects.create(network=cast.here.network, name="Nos sites", site=4)
    changes = {
        "title": "Avant Noël",
        "collect_until": "2026-12-05",
        "group_size_max": "4",
        "preset": f"own-{own.pk}",
        "lent_tutors": "on",
        "audience": "nobody",
    }
    coordinator.post(OPEN, ANSWERS | changes)
    campaign = opened()
    assert (campaign.title, campaign.collect_until, campaign.group_size_max) == ("Avant Noël", dt.date(2026, 12, 5), 4)
    assert (campaign.preset_words, campaign.factors["site"], campaign.lent_tutors) == ("Nos sites", 4, True)
    assert not campaign.calls.exists()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"first_day": "2026-12-08"}, "2026-12-08"),
        ({"weeks": "99"}, "99"),
        ({"session_minutes": "50"}, "50"),
        ({"audience": "all"}, "all"),
        ({"collect_until": "hier"}, "Écrivez une date"),
        ({"collect_until": "2026-12-01"}, "Choisissez un jour entre aujourd’hui et la fin de la campagne."),
        ({"group_size_max": "0"}, "1"),
        ({"preset": "own-1000"}, "own-1000"),
        ({"title": "Pour 1 85 05 78 006 084 91"}, "patient"),
    ],
)
def test_wrong_answers_are_told_and_open_nothing(coordinator: Client, changes: dict[str, str], problem: str) -> None:
    before = Campaign.objects.count()
    response = coordinator.post(OPEN, ANSWERS | changes)
    assert response.status_code == 422
    assert "à corriger" in words(response)
    assert problem in words(response)
    assert Campaign.objects.count() == before


def test_a_coordinator_of_two_networks_says_which(coordinator: Client, cast: Cast) -> None:
    second = factories.NetworkFactory.create()
    membership = factories.MembershipFactory.create(network=second, person=cast.here.coordinator)
    MembershipRole.objects.create(membership=membership, role=Role.COORDINATOR)
    assert coordinator.post(OPEN, ANSWERS).status_code == 422
    coordinator.post(OPEN, ANSWERS | {"network": second.slug})
    assert opened().network == second
    assert coordinator.post(OPEN, ANSWERS | {"network": cast.elsewhere.network.slug}).status_code == 422


# Collecting


def collecting(cast: Cast) -> Campaign:
    campaign: Campaign = factories.CampaignFactory.create(network=cast.here.network, state=CampaignState.COLLECTING)
    return campaign


def act(client: Client, campaign: Campaign, action: str) -> Any:
    return client.post(f"/campagnes/{campaign.pk}/", {"action": action})


def test_reminding_once_and_twice(coordinator: Client, cast: Cast) -> None:
    campaign = collecting(cast)
    text = words(coordinator.get(f"/campagnes/{campaign.pk}/"))
    assert "1 membre sans demande en cours." in text or "Chaque membre a une demande en cours." in text
    assert act(coordinator, campaign, "remind_tutors").status_code == 302
    assert "Dernier message le jeudi 3 décembre" in words(coordinator.get(f"/campagnes/{campaign.pk}/"))
    again = act(coordinator, campaign, "remind_tutors")
    assert (again.status_code, "Un rappel est déjà parti" in words(again)) == (409, True)


def test_cancelling_once_and_twice(coordinator: Client, cast: Cast) -> None:
    campaign = collecting(cast)
    assert act(coordinator, campaign, "cancel").status_code == 302
    assert "La campagne est annulée." in words(coordinator.get(f"/campagnes/{campaign.pk}/"))
    assert act(coordinator, campaign, "cancel").status_code == 409


@pytest.mark.parametrize("notions", [1, 3])
def test_the_collecting_page_asks_as_much_for_three_subjects_as_for_one(
    coordinator: Client, cast: Cast, notions: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    campaign = collecting(cast)
    for _ in range(notions):
        factories.HelpRequestFactory.create(network=cast.here.network, person=cast.here.learner)
    with django_assert_num_queries(18):
        coordinator.get(f"/campagnes/{campaign.pk}/")


# Priorities


def test_saving_choosing_and_deleting_a_priority(coordinator: Client) -> None:
    assert coordinator.post(PRESETS, {"action": "save", "name": "Ancienneté", **FACTORS}).status_code == 302
    own = OwnPreset.objects.get()
    assert (own.waiting, own.site) == (3, 2)
    assert f"own-{own.pk}" in choices(coordinator.get(OPEN), "preset")
    text = words(coordinator.get(PRESETS))
    assert "Ancienneté × 1 × 1 × 3 × 2" in text
    assert "Urgences × 2 × 1 × 1 × 1" in text
    twice = coordinator.post(PRESETS, {"action": "save", "name": "Ancienneté", **FACTORS})
    assert (twice.status_code, "porte déjà ce nom" in words(twice)) == (422, True)
    assert coordinator.post(PRESETS, {"action": "delete", "preset": own.pk}).status_code == 302
    assert coordinator.post(PRESETS, {"action": "delete", "preset": own.pk}).status_code == 404


@pytest.mark.parametrize("data", [{}, {"action": "explode"}, {"action": "delete"}, {"action": "delete", "preset": "x"}])
def test_an_unknown_action_is_refused(coordinator: Client, data: dict[str, str]) -> None:
    assert coordinator.post(PRESETS, data).status_code == 400


@pytest.mark.parametrize("value", ["-1", "6", "x", ""])
def test_a_factor_out_of_bounds_is_told(coordinator: Client, value: str) -> None:
    response = coordinator.post(PRESETS, {"action": "save", "name": "Trop", **FACTORS, "site": value})
    assert response.status_code == 422
    assert not OwnPreset.objects.exists()


def test_the_neighbours_priorities_are_theirs(coordinator: Client, cast: Cast) -> None:
    own = OwnPreset.objects.create(network=cast.elsewhere.network, name="À eux")
    assert "À eux" not in words(coordinator.get(PRESETS)) + words(coordinator.get(OPEN))
    assert coordinator.post(OPEN, ANSWERS | {"preset": f"own-{own.pk}"}).status_code == 422
    assert coordinator.post(PRESETS, {"action": "delete", "preset": own.pk}).status_code == 404
    assert OwnPreset.objects.exists()
