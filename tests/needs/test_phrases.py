"""The reviewed phrases against the real référentiels, and requests and positioning on every capacity of each."""

from collections import Counter

import pytest
from django.conf import settings

from backend.accounts.models import Person
from backend.common.errors import NotFoundError
from backend.needs.domain.phrases import (
    capacities_of,
    find_phrase,
    read_themes,
    search_in_own_words,
    search_phrases,
)
from backend.needs.domain.requests import ask_for_help
from backend.needs.models import HelpRequest
from backend.networks.enums import Role
from backend.referentials.domain.loading import load_referentials
from backend.referentials.models import Capacity, Framework, Notion, Profession
from backend.skills.domain.positioning import read_standing, record_positioning
from tests.support.factories import NetworkFactory, ProfessionFactory, make_member

pytestmark = pytest.mark.django_db

PHRASES = [phrase for theme in read_themes() for phrase in theme.phrases]


@pytest.fixture
def _referentials() -> None:
    load_referentials(folder=settings.FIXTURES_DIR / "referentials")


def with_capacities() -> list[Framework]:
    return list(Framework.objects.filter(domains__competencies__capacities__isnull=False).distinct())


def somebody_of(framework: Framework) -> Person:
    profession = Profession.objects.filter(framework=framework).first() or ProfessionFactory.create(framework=framework)
    return make_member(NetworkFactory.create(), Role.LEARNER, profession=profession)


def test_the_file_is_whole() -> None:
    assert len(PHRASES) >= 40
    assert 6 <= len(read_themes()) <= 8
    for names in ([phrase.slug for phrase in PHRASES], [phrase.text for phrase in PHRASES]):
        assert [name for name, times in Counter(names).items() if times > 1] == []
    for phrase in PHRASES:
        assert len(phrase.notions) == len(set(phrase.notions))
        assert " ?" not in phrase.text, "a space that may break before a question mark"
        assert len(phrase.text) <= 80


@pytest.mark.usefixtures("_referentials")
def test_each_phrase_is_worded_by_several_frameworks_and_answered_for_everybody() -> None:
    known = set(Notion.objects.values_list("slug", flat=True))
    people = {framework.slug: somebody_of(framework) for framework in with_capacities()}
    for phrase in PHRASES:
        assert set(phrase.notions) <= known, phrase.slug
        found = {slug: capacities_of(phrase, person) for slug, person in people.items()}
        assert all(found.values()), phrase.slug
        own = {slug for slug, rows in found.items() if rows[0].competency.domain.framework.slug == slug}
        assert len(own) >= 2, phrase.slug
        for slug, rows in found.items():
            ranks = [phrase.notions.index(row.notion.slug) for row in rows]
            assert ranks == sorted(set(ranks)), (phrase.slug, slug)


@pytest.mark.usefixtures("_referentials")
def test_words_of_any_framework_find_ones_own() -> None:
    assistant = somebody_of(Framework.objects.get(slug="as-ap"))
    found = search_in_own_words("HAMECONNAGE", assistant)
    assert found[0].competency.domain.framework.slug == "as-ap"
    assert [row.notion.slug for row in found] == list(dict.fromkeys(row.notion.slug for row in found))
    assert "J’ai perdu mes codes" in [phrase.text for phrase in search_phrases("codes PERDU")]
    assert (search_in_own_words(" ", assistant), search_phrases("")) == ([], [])
    with pytest.raises(NotFoundError):
        find_phrase("absente")


@pytest.mark.usefixtures("_referentials")
def test_every_capacity_can_be_positioned_and_requested_in_each_framework_that_has_some() -> None:
    frameworks = with_capacities()
    assert len(frameworks) == 8
    for framework in frameworks:
        person = somebody_of(framework)
        network = person.memberships.get().network
        standing = read_standing(person, framework)
        for step in standing.steps:
            record_positioning(person=person, capacity=step.capacity, level=1)
            ask_for_help(person=person, network=network, capacity=step.capacity, level_wanted=2)
        assert read_standing(person, framework).next_step is None
        count = Capacity.objects.filter(competency__domain__framework=framework).count()
        assert (len(standing.steps), HelpRequest.objects.filter(person=person).count()) == (count, count)
    without = set(Framework.objects.values_list("slug", flat=True)) - {row.slug for row in frameworks}
    assert without == {"c2i2ms", "du-cns"}
