"""What pages and the API read of the référentiels: trees, search by words, the other wordings of a notion."""

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.common.errors import NotFoundError
from backend.referentials.domain.queries import (
    get_framework,
    list_frameworks,
    list_other_wordings,
    search_capacities,
)
from backend.referentials.models import Capacity, Competency, Framework, Notion
from tests.support.factories import (
    CapacityFactory,
    CompetencyFactory,
    DomainFactory,
    FrameworkFactory,
    NotionFactory,
)

pytestmark = pytest.mark.django_db


def make_competency(slug: str, *, position: int, superseded_by: Framework | None = None) -> Competency:
    """The one competency of a new framework."""
    framework = FrameworkFactory.create(slug=slug, position=position)
    if superseded_by is not None:
        superseded_by.supersedes = framework
        superseded_by.save(update_fields=["supersedes"])
    return CompetencyFactory.create(domain=DomainFactory.create(framework=framework), title=slug)


def make_capacities(competency: Competency, *texts: str, notion: Notion | None = None) -> list[Capacity]:
    given = {} if notion is None else {"notion": notion}
    return [
        CapacityFactory.create(competency=competency, position=position, text=text, **given)
        for position, text in enumerate(texts, start=1)
    ]


def found(words: str, *, with_superseded: bool = False) -> list[str]:
    return [capacity.text for capacity in search_capacities(words=words, with_superseded=with_superseded)]


# Search


@pytest.mark.parametrize(
    "words", ["telesante", "TÉLÉSANTÉ", "Télésanté", "te\u0301le\u0301sante\u0301", "  télésanté  ", "lésan"]
)
def test_accents_case_and_spaces_do_not_matter(words: str) -> None:
    competency = make_competency("commun", position=1)
    make_capacities(competency, "Pratiquer la Télésanté", "Coder un acte de télé-expertise", "Chiffrer un message")
    assert found(words) == ["Pratiquer la Télésanté"]


@pytest.mark.parametrize("words", ["l'usager", "l’usager", "L‘USAGER"])
def test_any_apostrophe_will_do(words: str) -> None:
    make_capacities(make_competency("commun", position=1), "Identifier l’usager", "Identifier un lusager")
    assert found(words) == ["Identifier l’usager"]


def test_all_words_must_match_in_any_order() -> None:
    competency = make_competency("commun", position=1)
    make_capacities(competency, "Sécuriser sa messagerie", "Sécuriser son poste", "Choisir une messagerie")
    assert found("messagerie securiser") == ["Sécuriser sa messagerie"]


@pytest.mark.parametrize("words", ["%", "_", "50 %_"])
def test_signs_of_the_database_are_words_like_others(words: str) -> None:
    make_capacities(make_competency("commun", position=1), "Chiffrer un message")
    assert found(words) == []


@pytest.mark.parametrize("words", ["", "   ", "« »"])
def test_no_word_finds_nothing(words: str) -> None:
    make_capacities(make_competency("commun", position=1), "Chiffrer un message")
    assert found(words) == []


def test_what_begins_so_comes_first_then_frameworks_in_order() -> None:
    later = make_competency("later", position=2)
    first = make_competency("first", position=1)
    make_capacities(later, "Bien utiliser la messagerie", "Utiliser la messagerie (later)")
    make_capacities(
        first, "Savoir utiliser la messagerie", "Utiliser la messagerie (first)", "La messagerie : utiliser"
    )
    assert found("utiliser la messagerie") == [
        "Utiliser la messagerie (first)",
        "Utiliser la messagerie (later)",
        "Savoir utiliser la messagerie",
        "La messagerie : utiliser",
        "Bien utiliser la messagerie",
    ]


def test_a_superseded_edition_is_searched_only_when_asked() -> None:
    newer = make_competency("newer", position=1)
    older = make_competency("older", position=2, superseded_by=newer.domain.framework)
    make_capacities(newer, "Chiffrer un message")
    make_capacities(older, "Chiffrer le message")
    assert found("chiffrer") == ["Chiffrer un message"]
    assert found("chiffrer", with_superseded=True) == ["Chiffrer un message", "Chiffrer le message"]


# Other wordings


def test_other_frameworks_word_the_same_notion_in_their_order() -> None:
    notion = NotionFactory.create()
    newer, second, third = (make_competency(slug, position=n) for n, slug in enumerate(("a", "b", "c"), start=1))
    older = make_competency("d", position=4, superseded_by=newer.domain.framework)
    (asked, _twin) = make_capacities(newer, "Chiffrer", "Chiffrer encore", notion=notion)
    make_capacities(third, "Chiffrer un message", notion=notion)
    make_capacities(second, "Savoir chiffrer", notion=notion)
    make_capacities(older, "Chiffrer naguère", notion=notion)
    make_capacities(make_competency("e", position=5), "Chiffrer une facture")
    wordings = list_other_wordings(capacities=[asked])
    assert [wording.text for wording in wordings[asked.pk]] == ["Savoir chiffrer", "Chiffrer un message"]
    all_wordings = list_other_wordings(capacities=[asked], with_superseded=True)
    assert [wording.text for wording in all_wordings[asked.pk]] == [
        "Savoir chiffrer",
        "Chiffrer un message",
        "Chiffrer naguère",
    ]


def test_a_capacity_worded_once_has_no_other_wording() -> None:
    (alone,) = make_capacities(make_competency("commun", position=1), "Chiffrer")
    assert list_other_wordings(capacities=[alone]) == {alone.pk: []}


@pytest.mark.parametrize("item_count", [1, 3])
def test_search_with_other_wordings_takes_two_queries(
    item_count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(item_count):
        notion = NotionFactory.create()
        make_capacities(make_competency(f"one-{n}", position=2 * n), "Chiffrer un message", notion=notion)
        make_capacities(make_competency(f"other-{n}", position=2 * n + 1), "Chiffrer", notion=notion)
    with django_assert_num_queries(2):
        capacities = list(search_capacities(words="chiffrer un"))
        wordings = list_other_wordings(capacities=capacities)
        shown = [
            (
                capacity.competency.domain.framework.slug,
                capacity.notion.title,
                [other.competency.domain.framework.slug for other in wordings[capacity.pk]],
            )
            for capacity in capacities
        ]
    assert [(slug, others) for slug, _, others in shown] == [(f"one-{n}", [f"other-{n}"]) for n in range(item_count)]


# Trees


@pytest.mark.parametrize("item_count", [1, 3])
def test_whole_trees_take_five_queries(item_count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for n in range(item_count):
        framework = FrameworkFactory.create(slug=f"framework-{n}", position=n)
        for domain in DomainFactory.create_batch(item_count, framework=framework):
            for competency in CompetencyFactory.create_batch(item_count, domain=domain):
                competency.notions.set(
                    capacity.notion for capacity in CapacityFactory.create_batch(item_count, competency=competency)
                )
    with django_assert_num_queries(5):
        tree = [
            (framework.slug, framework.supersedes, capacity.text, capacity.notion.title, notion.title)
            for framework in list_frameworks()
            for domain in framework.domains.all()
            for competency in domain.competencies.all()
            for capacity in competency.capacities.all()
            for notion in competency.notions.all()
        ]
    assert len(tree) == item_count**5


def test_a_tree_is_in_printed_order_without_superseded_editions() -> None:
    newer = make_competency("newer", position=2)
    make_competency("older", position=1, superseded_by=newer.domain.framework)
    for position in (2, 1, 3):
        CapacityFactory.create(competency=newer, position=position, text=f"Capacité {position}")
    assert [framework.slug for framework in list_frameworks()] == ["newer"]
    assert [framework.slug for framework in list_frameworks(with_superseded=True)] == ["older", "newer"]
    (domain,) = get_framework(slug="newer").domains.all()
    (competency,) = domain.competencies.all()
    assert [capacity.text for capacity in competency.capacities.all()] == ["Capacité 1", "Capacité 2", "Capacité 3"]


def test_a_superseded_edition_can_still_be_read() -> None:
    newer = make_competency("newer", position=1)
    make_competency("older", position=2, superseded_by=newer.domain.framework)
    assert get_framework(slug="older").superseded_by.slug == "newer"


def test_an_unknown_framework_is_not_found() -> None:
    make_competency("commun", position=1)
    with pytest.raises(NotFoundError):
        get_framework(slug="absent")
