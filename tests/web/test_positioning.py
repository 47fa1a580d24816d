"""« Où j’en suis »: saved answer by answer, resumable, and nobody else's business."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Person
from backend.networks.enums import Role
from backend.referentials.models import Capacity, Framework
from backend.skills.models import Positioning
from tests.support import factories
from tests.support.cast import Cast
from tests.web.reading import links, words

pytestmark = pytest.mark.django_db
ALONE = "je fais sans aide"


@pytest.fixture
def framework() -> Framework:
    """Two domains, of two capacities and one."""
    made: Framework = factories.FrameworkFactory.create(slug="metier", title="Référentiel du métier")
    for position, count in ((1, 2), (2, 1)):
        domain = factories.DomainFactory.create(framework=made, position=position, title=f"Domaine {position}")
        competency = factories.CompetencyFactory.create(domain=domain, position=1)
        for rank in range(1, count + 1):
            key = f"metier:{position}.1.{rank}"
            factories.CapacityFactory.create(competency=competency, position=rank, key=key, text=f"faire {key}")
    return made


@pytest.fixture
def learner(framework: Framework) -> Person:
    profession = factories.ProfessionFactory.create(framework=framework)
    return factories.make_member(factories.NetworkFactory.create(), Role.LEARNER, profession=profession)


def field(key: str) -> str:
    return f"q{Capacity.objects.get(key=key).pk}"


def levels() -> list[tuple[str, int]]:
    return list(Positioning.objects.order_by("pk").values_list("capacity__key", "level"))


def test_the_reference_of_ones_profession_comes_first_and_any_other_may_be_chosen(
    client: Client, learner: Person
) -> None:
    other = factories.CapacityFactory.create().competency.domain.framework
    empty = factories.FrameworkFactory.create(title="Certificat sans capacité", slug="sans")
    client.force_login(learner)
    page = client.get("/ou-j-en-suis/")
    assert [link for link in links(page) if link.startswith("/ou-j-en-suis/")] == [
        "/ou-j-en-suis/metier/",
        f"/ou-j-en-suis/{other.slug}/",
    ]
    assert f"{empty.title} : ces textes ne détaillent aucune capacité" in words(page)
    assert "On ne peut pas s’y situer." in words(client.get("/ou-j-en-suis/sans/"))
    assert client.get("/ou-j-en-suis/sans/1/").status_code == 404


def test_without_javascript_a_page_saves_what_was_answered_and_leads_on(client: Client, learner: Person) -> None:
    client.force_login(learner)
    answer = client.post("/ou-j-en-suis/metier/1/", {field("metier:1.1.2"): "0"})
    assert answer["Location"] == "/ou-j-en-suis/metier/2/"
    assert levels() == [("metier:1.1.2", 0)]
    assert client.post("/ou-j-en-suis/metier/2/", {})["Location"] == "/ou-j-en-suis/metier/"


def test_a_live_page_saves_each_answer_alone(client: Client, learner: Person) -> None:
    client.force_login(learner)
    answer = client.post("/ou-j-en-suis/metier/1/", {field("metier:1.1.1"): "2"}, headers={"hx-request": "true"})
    assert re.sub(r"<[^>]+>", "", answer.content.decode()).strip() == "Enregistré"
    assert levels() == [("metier:1.1.1", 2)]


def test_an_unchanged_answer_adds_no_row_and_a_changed_one_keeps_the_past(client: Client, learner: Person) -> None:
    client.force_login(learner)
    for level in ("0", "0", "2"):
        client.post("/ou-j-en-suis/metier/1/", {field("metier:1.1.1"): level})
    assert levels() == [("metier:1.1.1", 0), ("metier:1.1.1", 2)]
    text = words(client.get("/ou-j-en-suis/metier/"))
    assert "Faire metier:1.1.1 je ne connais pas" in text.partition("Avant, après")[2]


def test_it_resumes_at_the_first_question_without_an_answer(client: Client, learner: Person) -> None:
    client.force_login(learner)
    assert "/ou-j-en-suis/metier/1/" in links(client.get("/ou-j-en-suis/metier/"))
    client.post("/ou-j-en-suis/metier/1/", {field("metier:1.1.1"): "1"})
    assert f"/ou-j-en-suis/metier/1/#{field('metier:1.1.2')}" in links(client.get("/ou-j-en-suis/metier/"))
    client.post("/ou-j-en-suis/metier/1/", {field("metier:1.1.2"): "3"})
    assert f"/ou-j-en-suis/metier/2/#{field('metier:2.1.1')}" in links(client.get("/ou-j-en-suis/metier/"))


def test_bars_and_their_table_say_the_same_and_gaps_lead_to_asking(client: Client, learner: Person) -> None:
    client.force_login(learner)
    client.post("/ou-j-en-suis/metier/1/", {field("metier:1.1.1"): "1", field("metier:1.1.2"): "0"})
    page = client.get("/ou-j-en-suis/metier/")
    html = page.content.decode()
    assert 'aria-label="Domaine 1 : je fais avec de l’aide : 1 ; je ne connais pas : 1"' in html
    assert "style=" not in html
    assert "Domaine 1 0 0 1 1 0 Domaine 2 0 0 0 0 1" in words(page)
    asks = [link for link in links(page) if link.startswith("/demander/capacite/")]
    assert asks == ["/demander/capacite/metier:1.1.2/", "/demander/capacite/metier:1.1.1/"]


@pytest.mark.parametrize("value", ["4", "-1", "beaucoup"])
def test_what_is_no_answer_is_refused_and_saves_nothing(client: Client, learner: Person, value: str) -> None:
    client.force_login(learner)
    answer = client.post("/ou-j-en-suis/metier/1/", {field("metier:1.1.1"): value, field("metier:1.1.2"): "1"})
    assert answer.status_code == 422
    assert "1 point à corriger" in words(answer)
    assert levels() == []


@pytest.mark.parametrize("role", ["learner", "tutor", "coordinator", "auditor", "stranger", "admin"])
def test_nobody_else_reads_it_on_any_page(client: Client, cast: Cast, role: str) -> None:
    """Somebody of the same network answered; every page of positioning shows each reader their own, which is none."""
    owner = factories.make_member(cast.here.network, Role.LEARNER)
    capacity = cast.here.request.capacity
    factories.PositioningFactory.create(person=owner, capacity=capacity, level=2)
    person = cast.play(role)
    assert person is not None
    client.force_login(person)
    framework = capacity.competency.domain.framework
    for address in (
        "/ou-j-en-suis/",
        f"/ou-j-en-suis/{framework.slug}/",
        f"/ou-j-en-suis/{framework.slug}/{capacity.competency.domain.position}/",
    ):
        page = client.get(address)
        assert "checked" not in page.content.decode()
        assert "1 réponse" not in words(page)
    if role == "admin":
        assert "ositioning" not in client.get("/admin/").content.decode()
    client.force_login(owner)
    assert "1 réponse sur 1" in words(client.get(f"/ou-j-en-suis/{framework.slug}/"))


def test_the_admin_has_no_table_of_it(client: Client, cast: Cast) -> None:
    from django.contrib import admin  # noqa: PLC0415 (asked after everything registered)

    assert Positioning not in admin.site._registry


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_answer_as_for_three(
    count: int, client: Client, learner: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for capacity in Capacity.objects.filter(key__startswith="metier")[:count]:
        factories.PositioningFactory.create(person=learner, capacity=capacity, level=0)
    client.force_login(learner)
    for name, arguments, queries in (("positioning", [], 11), ("standing", ["metier"], 14)):
        with django_assert_num_queries(queries):
            client.get(reverse(name, args=arguments))
