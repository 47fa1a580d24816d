"""« En 45 minutes »: reading, writing, two writers, coming back to a version, and where the page is linked."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.referentials.models import Notion
from backend.skills.enums import ClaimState
from backend.skills.models import Claim, Guide
from tests.support import factories
from tests.support.cast import Cast
from tests.web.reading import links, words

NIR = "185057800608491"


@pytest.fixture
def notion(cast: Cast) -> Notion:
    """What the tutor is validated on, with a page of one version."""
    Claim.objects.filter(pk=cast.here.claim.pk).update(state=ClaimState.ACCEPTED)
    found: Notion = cast.here.claim.notion
    factories.GuideFactory.create(notion=found, change="Page de départ", links=[{"label": "A", "url": "https://a.fr/"}])
    return found


def address(notion: Notion, end: str = "") -> str:
    return f"/en-45-minutes/{notion.slug}/{end}"


def write(client: Client, notion: Notion, **changes: Any) -> Any:
    data = {"aims": "Savoir mieux", "exercise": "Refaire", "change": "Plus court", "based_on": 1, **changes}
    return client.post(address(notion, "modifier/"), data)


def test_the_page_is_read_by_all_and_written_by_the_validated(client: Client, cast: Cast, notion: Notion) -> None:
    edit = address(notion, "modifier/")
    answers = {}
    for role in ("learner", "tutor", "coordinator", "stranger"):
        client.force_login(cast.play(role))  # type: ignore[arg-type]  # all of them are people
        page = client.get(address(notion))
        answers[role] = (
            page.status_code,
            edit in links(page),
            client.get(edit).status_code,
            "Recommencer" in words(page),
        )
    assert answers == {
        "learner": (200, False, 403, True),
        "tutor": (200, True, 200, True),
        "coordinator": (200, False, 403, True),
        "stranger": (200, False, 403, True),
    }


def test_a_page_that_is_missing_says_who_may_write_it(client: Client, cast: Cast, notion: Notion) -> None:
    Guide.objects.all().delete()
    client.force_login(cast.here.learner)
    assert "Un tuteur validé sur ce sujet l’écrira." in words(client.get(address(notion)))
    client.force_login(cast.here.tutor)
    assert address(notion, "modifier/") in links(client.get(address(notion)))
    write(client, notion, based_on=0)
    assert "Savoir mieux" in words(client.get(address(notion)))


def test_a_tutor_writes_a_version(client: Client, cast: Cast, notion: Notion) -> None:
    client.force_login(cast.here.tutor)
    assert 'value="https://a.fr/"' in client.get(address(notion, "modifier/")).content.decode()
    assert write(client, notion, label_2="CNIL", url_2="https://www.cnil.fr/")["Location"] == address(notion)
    page = client.get(address(notion))
    assert "Version 2, écrite par vous" in words(page)
    assert "https://www.cnil.fr/" in links(page)
    client.force_login(cast.elsewhere.tutor)
    text = words(client.get(address(notion, "versions/")))
    assert "par un tuteur validé sur ce sujet" in text
    assert "Plus court" in text
    assert cast.here.tutor.name not in text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"aims": ""}, "aims"),
        ({"exercise": f"Dossier {NIR}"}, "exercise"),
        ({"change": NIR}, "change"),
        ({"label_1": "Piège", "url_1": "http://a.fr/"}, "url_1"),
        ({"label_1": "Piège", "url_1": "javascript:alert(1)"}, "url_1"),
        ({"label_3": "Sans adresse"}, "url_3"),
        ({"url_3": "https://a.fr/"}, "label_3"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: Client, cast: Cast, notion: Notion, changes: dict[str, str], field: str
) -> None:
    client.force_login(cast.here.tutor)
    page = write(client, notion, **changes)
    text = page.content.decode()
    assert (page.status_code, f'href="#id_{field}"' in text, "Plus court" in text or "change" in changes) == (
        422,
        True,
        True,
    )
    assert Guide.objects.count() == 1


def test_the_second_writer_keeps_the_text_and_comes_after(client: Client, cast: Cast, notion: Notion) -> None:
    factories.GuideFactory.create(notion=notion, number=2, aims="Écrit entre-temps")
    client.force_login(cast.here.tutor)
    page = write(client, notion, aims="Mon long texte")
    text = page.content.decode()
    assert page.status_code == 409
    assert ("Mon long texte</textarea>" in text, "Écrit entre-temps" in words(page)) == (True, True)
    assert '<input type="hidden" name="based_on" value="2">' in text
    write(client, notion, aims="Mon long texte", based_on=2)
    assert list(Guide.objects.order_by("number").values_list("number", "aims")) == [
        (1, "Savoir le faire"),
        (2, "Écrit entre-temps"),
        (3, "Mon long texte"),
    ]


def test_the_same_form_sent_twice_makes_one(client: Client, cast: Cast, notion: Notion) -> None:
    client.force_login(cast.here.tutor)
    assert [write(client, notion).status_code for _ in range(2)] == [302, 302]
    assert Guide.objects.count() == 2


def test_an_old_version_comes_back(client: Client, cast: Cast, notion: Notion) -> None:
    factories.GuideFactory.create(notion=notion, number=2, aims="Moins bien")
    old = address(notion, "versions/1/")
    client.force_login(cast.here.learner)
    assert "Revenir à cette version" not in words(client.get(old))
    client.force_login(cast.here.tutor)
    assert "Revenir à cette version" in words(client.get(old))
    assert client.post(old, {"based_on": "1"}).status_code == 409
    client.post(old, {"based_on": "2"})
    assert "Savoir le faire" in words(client.get(address(notion)))
    assert Guide.objects.latest("number").change == "Retour à la version 1"
    assert client.get(address(notion, "versions/9/")).status_code == 404


def test_the_page_is_where_it_is_needed(client: Client, cast: Cast) -> None:
    wanted = address(cast.here.session.notion)
    for person in (cast.here.tutor, cast.here.learner):
        client.force_login(person)
        assert wanted in links(client.get(f"/seances/{cast.here.session.pk}/"))
    capacity = f"/referentiels/capacites/{cast.here.request.capacity.key}/"
    of_capacity = address(cast.here.request.capacity.notion)
    assert of_capacity in links(client.get(capacity))
    client.logout()
    assert of_capacity not in links(client.get(capacity))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_much_for_three_as_for_one(
    client: Client, cast: Cast, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.GuideFactory.create_batch(count)
    client.force_login(cast.here.learner)
    with django_assert_num_queries(7):
        shown = links(client.get("/en-45-minutes/"))
    assert len(shown) == count
