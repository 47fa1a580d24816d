"""Calling people to a campaign: whom, how often, in what words; and what a network weighs its own way."""

import datetime as dt

import pytest

from backend.accounts.models import Person
from backend.campaigns.domain.calls import remind_people, silent_learners, silent_tutors
from backend.campaigns.domain.campaigns import cancel_campaign
from backend.campaigns.domain.collecting import count_collected
from backend.campaigns.domain.presets import delete_preset, save_preset
from backend.campaigns.domain.runs import start_run
from backend.campaigns.domain.weights import Factors
from backend.campaigns.enums import Audience, CampaignState, Preset
from backend.campaigns.models import Campaign, OwnPreset
from backend.common.clock import told_at
from backend.common.errors import ConflictError, DomainError, ForbiddenMoveError, NotFoundError, RoleRequiredError
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.notifications.models import Notification, OutboxMessage
from tests.support.campaign_scene import TODAY, make_campaign, make_learner, make_requests, make_tutor
from tests.support.factories import NetworkFactory, NotionFactory, TutorOfferFactory, make_member


def told() -> dict[str, str]:
    """Per address, the title of what they were told."""
    return {row.inbox.person.email: row.title for row in Notification.objects.select_related("inbox__person")}


@pytest.fixture
def people(network: Network) -> dict[str, Person]:
    return {
        "tutor": make_tutor(network, NotionFactory.create()),
        "silent": make_member(network, Role.TUTOR),
        "asked": make_requests(network, [NotionFactory.create()])[0].person,
        "learner": make_learner(network),
        "both": make_member(network, Role.TUTOR, Role.LEARNER),
        "auditor": make_member(network, Role.AUDITOR),
        "elsewhere": make_member(NetworkFactory.create(), Role.TUTOR, Role.LEARNER),
    }


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        (Audience.EVERYONE, {"tutor", "silent", "both", "asked", "learner"}),
        (Audience.TUTORS, {"tutor", "silent", "both"}),
        (Audience.LEARNERS, {"asked", "learner", "both"}),
        (Audience.NOBODY, set()),
    ],
)
def test_opening_calls_whom_the_coordinator_chose(
    audience: Audience, expected: set[str], network: Network, coordinator: Person, people: dict[str, Person]
) -> None:
    Notification.objects.all().delete()
    with told_at(TODAY):
        campaign = make_campaign(network, coordinator, audience=audience)
    assert set(told()) == {people[name].email for name in expected}
    assert campaign.calls.count() == (audience != Audience.NOBODY)


def test_a_call_says_when_and_until_when(network: Network, coordinator: Person, people: dict[str, Person]) -> None:
    with told_at(TODAY):
        make_campaign(network, coordinator, audience=Audience.EVERYONE, collect_until=dt.date(2026, 12, 4))
    assert told()[people["both"].email] == "Décembre : dites quand vous pouvez aider"
    mail = OutboxMessage.objects.get(person=people["learner"], key__startswith="call:")
    assert mail.subject == "Décembre : demandez de l’aide"
    assert "avant la fin du vendredi 4\u00a0décembre" in mail.body
    assert "/demander/" in mail.body


def test_reminders_reach_only_the_silent_and_once_a_day(
    campaign: Campaign, coordinator: Person, people: dict[str, Person]
) -> None:
    Notification.objects.all().delete()
    remind_people(campaign=campaign, author=coordinator, audience=Audience.TUTORS)
    assert set(told()) == {people["silent"].email, people["both"].email}
    assert set(told().values()) == {"Rappel : dites quand vous pouvez aider"}
    with pytest.raises(ConflictError) as refused:
        remind_people(campaign=campaign, author=coordinator, audience=Audience.TUTORS)
    assert refused.value.code == "reminded_lately"
    remind_people(campaign=campaign, author=coordinator, audience=Audience.LEARNERS)
    assert people["learner"].email in told()
    assert people["asked"].email not in told()
    with told_at(TODAY + dt.timedelta(days=1, seconds=1)):
        remind_people(campaign=campaign, author=coordinator, audience=Audience.TUTORS)
    assert Notification.objects.filter(inbox__person=people["silent"]).count() == 2


def test_hours_without_time_are_silence_too(network: Network) -> None:
    person = make_member(network, Role.TUTOR)
    assert list(silent_tutors(network)) == [person]
    TutorOfferFactory.create(network=network, person=person, hours_per_month=2)
    assert list(silent_tutors(network)) == [person]
    make_tutor(network)
    assert list(silent_tutors(network)) == [person]
    assert list(silent_learners(network)) == []


def test_reminders_are_the_coordinators(campaign: Campaign, network: Network) -> None:
    tutor, stranger = make_member(network, Role.TUTOR), make_member(NetworkFactory.create(), Role.COORDINATOR)
    for author, error in ((tutor, RoleRequiredError), (stranger, NotFoundError)):
        for attempt in (
            lambda author=author: remind_people(campaign=campaign, author=author, audience=Audience.TUTORS),
            lambda author=author: cancel_campaign(campaign=campaign, author=author),
            lambda author=author: save_preset(network=network, author=author, name="À nous", factors=Factors()),
        ):
            with pytest.raises(error):
                attempt()
    assert not campaign.calls.exists()


def test_a_cancelled_campaign_reminds_and_computes_no_more(campaign: Campaign, coordinator: Person) -> None:
    assert cancel_campaign(campaign=campaign, author=coordinator).state == CampaignState.CANCELLED
    campaign.refresh_from_db()
    with pytest.raises(ConflictError):
        remind_people(campaign=campaign, author=coordinator, audience=Audience.TUTORS)
    with pytest.raises(ConflictError):
        start_run(campaign=campaign, author=coordinator)
    with pytest.raises(ForbiddenMoveError):
        cancel_campaign(campaign=campaign, author=coordinator)


@pytest.mark.parametrize("day", ["2026-12-02", "2026-12-21"])
def test_a_last_day_behind_or_beyond_is_refused(day: str, network: Network, coordinator: Person) -> None:
    with told_at(TODAY), pytest.raises(DomainError) as refused:
        make_campaign(network, coordinator, collect_until=dt.date.fromisoformat(day))
    assert list(refused.value.fields) == ["collect_until"]


def test_what_was_collected(campaign: Campaign, network: Network, people: dict[str, Person]) -> None:
    found = count_collected(campaign)
    assert (found.requests, found.offers, int(found.hours), found.unconfirmed) == (1, 1, 4, 0)
    assert [row.requests for row in found.orphans] == [1]
    assert (found.silent_tutors, found.silent_learners) == (2, 2)
    assert found.last_to_tutors is found.last_to_learners is None


# The network's own priorities


def test_a_preset_of_ones_own_weighs_in_campaign_and_runs(network: Network, coordinator: Person) -> None:
    own = save_preset(network=network, author=coordinator, name="Nos sites", factors=Factors(site=5, urgency=0))
    make_requests(network, [NotionFactory.create()], urgency=1)
    with told_at(TODAY):
        campaign = make_campaign(network, coordinator, own_preset=own)
        delete_preset(preset_id=own.pk, author=coordinator)
        campaign.refresh_from_db()
        run = start_run(campaign=campaign, author=coordinator)
    assert (campaign.preset, campaign.preset_words) == (Preset.OWN, "Nos sites")
    assert (run.preset_words, run.factors["site"]) == ("Nos sites", 5)
    assert run.instance["requests"][0]["weight"] == 1000 + 250


def test_presets_have_one_name_and_bounds(network: Network, coordinator: Person) -> None:
    save_preset(network=network, author=coordinator, name="À nous", factors=Factors())
    for name, factors in (("À nous", Factors()), ("Trop", Factors(gap=6)), ("", Factors())):
        with pytest.raises(DomainError):
            save_preset(network=network, author=coordinator, name=name, factors=factors)
    assert OwnPreset.objects.count() == 1


def test_a_preset_of_another_network_is_not_found(network: Network, coordinator: Person) -> None:
    other = NetworkFactory.create()
    own = save_preset(network=other, author=make_member(other, Role.COORDINATOR), name="À eux", factors=Factors(site=3))
    with told_at(TODAY), pytest.raises(NotFoundError):
        make_campaign(network, coordinator, own_preset=own)
    with pytest.raises(NotFoundError):
        delete_preset(preset_id=own.pk, author=coordinator)
    with pytest.raises(NotFoundError):
        delete_preset(preset_id=own.pk + 1000, author=coordinator)
