"""The référentiels as anybody reads and searches them."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.referentials.models import Capacity, Framework
from tests.support import factories
from tests.web.test_public import heading_of, text_of

pytestmark = pytest.mark.django_db
LIST = "/referentiels/"


def make_framework(slug: str, *texts: str, **fields: object) -> Framework:
    """A framework of one domain and one competency that holds ``texts``."""
    framework: Framework = factories.FrameworkFactory.create(slug=slug, title=f"Référentiel {slug}", **fields)
    domain = factories.DomainFactory.create(framework=framework, title=f"Domaine de {slug}")
    competency = factories.CompetencyFactory.create(domain=domain, key=f"{slug}:1.1", number="1.1")
    for rank, text in enumerate(texts, 1):
        factories.CapacityFactory.create(competency=competency, key=f"{slug}:1.1.{rank}", text=text)
    return framework


def same_idea(*keys: str) -> None:
    """Let the capacities of ``keys`` share one notion."""
    notion = Capacity.objects.get(key=keys[0]).notion
    Capacity.objects.filter(key__in=keys).update(notion=notion)


def links_of(response: object, part: str) -> list[str]:
    """Texts of the links inside the section that ``part`` heads."""
    html = response.content.decode()  # type: ignore[attr-defined]
    section = re.search(rf'<section[^>]*aria-labelledby="{part}".*?</section>', html, re.DOTALL)
    assert section
    return [text_of(link) for link in re.findall(r"<a .*?</a>", section[0], re.DOTALL)]


def test_frameworks_in_force_come_before_replaced_editions(client: Client) -> None:
    old = make_framework("ancien", "savoir lire")
    make_framework("neuf", "savoir lire", supersedes=old)
    make_framework("autre", "savoir écrire")
    response = client.get(LIST)
    assert links_of(response, "en-vigueur") == ["Référentiel neuf", "Référentiel autre"]
    assert links_of(response, "anterieures") == ["Référentiel ancien"]


def test_without_any_framework_the_page_says_what_to_do(client: Client) -> None:
    assert "tandem load-referentials" in text_of(client.get(LIST).content.decode())


def test_search_ignores_accents_and_leaves_out_replaced_editions(client: Client) -> None:
    old = make_framework("ancien", "préparer une téléconsultation")
    make_framework("neuf", "préparer une téléconsultation", "ranger sa messagerie", supersedes=old)
    response = client.get(LIST, {"q": "teleconsultation PREPARER"})
    assert links_of(response, "trouve") == ["Préparer une téléconsultation"]
    assert 'href="/referentiels/capacites/neuf:1.1.1/"' in response.content.decode()


def test_search_stays_in_the_framework_asked_for(client: Client) -> None:
    make_framework("un", "choisir un mot de passe")
    make_framework("deux", "gérer ses mots de passe")
    response = client.get(LIST, {"q": "passe", "cadre": "deux"})
    assert links_of(response, "trouve") == ["Gérer ses mots de passe"]


def test_search_without_a_result_says_what_to_try(client: Client) -> None:
    make_framework("un", "choisir un mot de passe")
    words = text_of(client.get(LIST, {"q": "zèbre"}).content.decode())
    assert "0 capacité trouvée pour « zèbre »" in words
    assert "Essayez un seul mot" in words


def test_words_that_look_like_code_are_only_words(client: Client) -> None:
    html = client.get(LIST, {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in html


def test_results_come_twenty_a_page_and_the_words_stay_in_the_address(client: Client) -> None:
    make_framework("un", *(f"ranger la chose {rank:02}" for rank in range(1, 23)))
    first = client.get(LIST, {"q": "ranger"})
    assert len(re.findall(r"<li class=\"card", first.content.decode())) == 20
    assert 'href="/referentiels/?page=2&amp;q=ranger"' in first.content.decode()
    second = client.get(LIST, {"q": "ranger", "page": "2"})
    assert [text for text in links_of(second, "trouve") if text.startswith("Ranger")] == [
        "Ranger la chose 21",
        "Ranger la chose 22",
    ]


def test_a_framework_shows_printed_text_and_remarks_beside_corrections(client: Client) -> None:
    framework = make_framework(
        "un", "sécuriser son poste", hours=12, notes=[{"id": "A01", "text": "Tableau sans titre."}]
    )
    Capacity.objects.update(printed="sécurisé son poste")
    response = client.get("/referentiels/un/")
    words = text_of(response.content.decode())
    assert heading_of(response) == framework.title
    assert "Sécuriser son poste Texte imprimé : sécurisé son poste" in words
    assert "Tableau sans titre." in words
    assert "1 domaine , 1 capacité , 12 heures" in words.replace("domaine,", "domaine ,").replace(
        "capacité,", "capacité ,"
    )


def test_a_replaced_edition_leads_to_the_newer_one(client: Client) -> None:
    old = make_framework("ancien", "savoir lire")
    make_framework("neuf", "savoir lire", supersedes=old)
    for address in ("/referentiels/ancien/", "/referentiels/capacites/ancien:1.1.1/"):
        assert '<a href="/referentiels/neuf/">Référentiel neuf</a>' in client.get(address).content.decode()


def test_a_capacity_shows_how_other_professions_word_it(client: Client) -> None:
    make_framework("un", "réagir en cas d’incident")
    make_framework("deux", "réagir en cas d’incident", "ranger sa messagerie")
    make_framework("trois", "savoir quoi faire après une attaque")
    same_idea("un:1.1.1", "deux:1.1.1", "trois:1.1.1")
    response = client.get("/referentiels/capacites/un:1.1.1/")
    assert heading_of(response) == "Réagir en cas d’incident"
    assert links_of(response, "ailleurs") == ["Référentiel deux", "Référentiel trois"]
    words = text_of(response.content.decode())
    assert "Dans les mêmes mots Référentiel deux" in words
    assert "« Savoir quoi faire après une attaque » Référentiel trois" in words
    assert "notion" not in words.casefold()


def test_a_capacity_names_the_certificates_that_cover_it(client: Client) -> None:
    make_framework("un", "réagir en cas d’incident")
    certificate = make_framework("c2i")
    competency = certificate.domains.get().competencies.get()
    competency.notions.add(Capacity.objects.get().notion)
    assert links_of(client.get("/referentiels/capacites/un:1.1.1/"), "preuves") == ["Référentiel c2i"]


@pytest.mark.parametrize("address", ["/referentiels/absent/", "/referentiels/capacites/absent:1.1.1/"])
def test_what_does_not_exist_is_a_404(client: Client, address: str) -> None:
    make_framework("un", "savoir lire")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        (LIST, 2),
        (f"{LIST}?q=ranger", 3),
        ("/referentiels/cadre-0/", 5),
        ("/referentiels/capacites/cadre-0:1.1.1/", 3),
    ],
)
def test_the_number_of_queries_does_not_grow(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, size: int, address: str, queries: int
) -> None:
    for rank in range(size):
        make_framework(f"cadre-{rank}", *(f"ranger la chose {number}" for number in range(size)))
    same_idea(*(f"cadre-{rank}:1.1.1" for rank in range(size)))
    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200
