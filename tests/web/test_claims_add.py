"""« Ajouter des compétences »: by certificate or by words, with files; then the page of what was sent."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.referentials.models import Framework, Notion
from backend.skills.enums import ClaimState, CredentialKind
from backend.skills.models import Claim, Credential, Evidence
from tests.support import factories
from tests.support.cast import Cast
from tests.support.clients import in_one_minute
from tests.support.files import make_pdf, make_png
from tests.web.reading import choices, links, words

ADD = "/mes-competences/ajouter/"
NIR = "185057800608491"
KEY = "7c7d5a5e-5b5c-4f0e-8d7e-2f8f3c2f1a10"


@pytest.fixture
def notions(cast: Cast) -> dict[str, Notion]:
    """A C2i of two domains and a DU block, in a référentiel of the tutor's own words."""
    own = factories.FrameworkFactory.create()
    cast.here.tutor.profession = factories.ProfessionFactory.create(framework=own)
    cast.here.tutor.save()
    years = {"ancienne": None, "autre": None, "jeune": 2022, "du": None}
    made = {slug: factories.NotionFactory.create(slug=slug, since_year=year) for slug, year in years.items()}
    for notion in made.values():
        capacity = factories.CapacityFactory.create(notion=notion, competency__domain__framework=own)
        capacity.text = f"faire {notion.slug} à ma façon"
        capacity.save()
    c2i = factories.FrameworkFactory.create(slug="c2i2ms")
    for position, names in ((1, ["ancienne", "jeune"]), (2, ["autre"])):
        domain = factories.DomainFactory.create(framework=c2i, position=position, title=f"Domaine {position}")
        factories.CompetencyFactory.create(domain=domain).notions.set([made[name] for name in names])
    du = factories.FrameworkFactory.create(slug="du-cns")
    block = factories.CompetencyFactory.create(domain__framework=du, level=3, key="du-cns:1.3", title="Bloc expert")
    block.notions.set([made["du"]])
    return made


def sent(**changes: Any) -> dict[str, Any]:
    return {"note": "", "client_id": KEY, **changes}


def png(name: str = "certificat.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, make_png(), content_type="image/png")


def claims_of(cast: Cast) -> dict[str, tuple[int, str]]:
    rows = Claim.objects.filter(person=cast.here.tutor).exclude(pk=cast.here.claim.pk).select_related("notion")
    return {claim.notion.slug: (claim.level, claim.state) for claim in rows}


def test_every_way_is_offered(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.tutor)
    ways = [link for link in links(client.get(ADD)) if link.startswith(ADD)]
    assert ways == [f"{ADD}{way}/" for way in ("c2i", "du", "pix", "diplome", "sans-certificat")]
    assert [client.get(way).status_code for way in [*ways, f"{ADD}permis/"]] == [200] * 5 + [404]


def test_a_certificate_asks_for_what_it_needs(client: Client, cast: Cast, notions: dict[str, Notion]) -> None:
    client.force_login(cast.here.tutor)
    assert choices(client.get(f"{ADD}c2i/"), "parts") == ["1", "2"]
    assert choices(client.get(f"{ADD}du/"), "parts") == ["du-cns:1.3"]
    page = client.get(f"{ADD}c2i/?suite=1&title=&obtained_on=demain")
    assert "3 points à corriger" in words(page)
    assert 'value="demain"' in page.content.decode()


def test_a_c2i_proposes_its_domains_less_what_is_younger(
    client: Client, cast: Cast, notions: dict[str, Notion]
) -> None:
    factories.ClaimFactory.create(person=cast.here.tutor, network=cast.here.network, notion=notions["autre"])
    client.force_login(cast.here.tutor)
    address = f"{ADD}c2i/?suite=1&title=C2i&obtained_on=2015-06-30&parts=1"
    page = client.get(address)
    assert choices(page, "levels") == ["ancienne"]
    assert "Faire ancienne à ma façon" in words(page)
    assert "Apparue en 2022, après votre certificat" in words(page)
    assert "Déjà envoyée, en attente de relecture." in words(client.get(f"{address}&parts=2"))
    answer = client.post(address, sent(levels=["ancienne"], level_ancienne="3", evidence=[png()]))
    credential = Credential.objects.get(kind=CredentialKind.C2I2MS)
    assert answer["Location"] == f"/mes-competences/certificats/{credential.pk}/"
    assert claims_of(cast) == {"ancienne": (3, "awaiting"), "autre": (3, "awaiting")}
    assert (credential.network, credential.obtained_on, credential.evidence.count()) == (
        cast.here.network,
        dt.date(2015, 6, 30),
        1,
    )


def test_a_block_of_the_du_gives_its_level(client: Client, cast: Cast, notions: dict[str, Notion]) -> None:
    client.force_login(cast.here.tutor)
    address = f"{ADD}du/?suite=1&title=DU&obtained_on=2025-06-30&parts=du-cns:1.3"
    assert choices(client.get(address), "levels") == ["du"]
    client.post(address, sent(levels=["du"]))
    assert claims_of(cast) == {"du": (3, "awaiting")}


def test_what_is_not_offered_is_not_claimed(client: Client, cast: Cast, notions: dict[str, Notion]) -> None:
    client.force_login(cast.here.tutor)
    address = f"{ADD}c2i/?suite=1&title=C2i&obtained_on=2015-06-30&parts=1"
    for data in (sent(levels=["jeune"]), sent(levels=["du"]), sent(levels=["ancienne"], level_ancienne="9"), sent()):
        assert client.post(address, data).status_code == 422
    assert claims_of(cast) == {}


def test_a_bad_file_loses_nothing_that_was_typed(client: Client, cast: Cast, notions: dict[str, Notion]) -> None:
    client.force_login(cast.here.tutor)
    address = f"{ADD}c2i/?suite=1&title=C2i&obtained_on=2025-06-30&parts=1"
    fake = SimpleUploadedFile("certificat.pdf", b"<html>", content_type="application/pdf")
    page = client.post(address, sent(levels=["jeune"], level_jeune="1", note="Voici", evidence=[png(), fake]))
    text = page.content.decode()
    assert page.status_code == 422
    assert "« certificat.pdf » : Ce fichier n’est ni un PDF, ni une image" in words(page)
    assert 'href="#id_evidence"' in text
    assert ("Voici</textarea>" in text, 'value="jeune" checked' in text, 'value="ancienne" checked' in text) == (
        True,
        True,
        False,
    )
    assert KEY in text
    assert (claims_of(cast), Evidence.objects.count()) == ({}, 0)


def test_the_same_form_sent_twice_makes_one(client: Client, cast: Cast, notions: dict[str, Notion]) -> None:
    client.force_login(cast.here.tutor)
    address = f"{ADD}c2i/?suite=1&title=C2i&obtained_on=2025-06-30&parts=2"
    answers = [client.post(address, sent(levels=["autre"])) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [answers[0]["Location"]] * 2
    assert claims_of(cast) == {"autre": (2, "awaiting")}
    assert Credential.objects.filter(kind=CredentialKind.C2I2MS).count() == 1


def test_pix_goes_without_competencies(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.tutor)
    address = f"{ADD}pix/?suite=1&title=Pix&obtained_on=2025-06-30"
    assert "Votre coordination lira votre certificat" in words(client.get(address))
    page = client.post(address, sent(), follow=True)
    assert "en attente de relecture" in words(page)
    assert Credential.objects.get(kind=CredentialKind.PIX, title="Pix").state == ClaimState.AWAITING
    assert f"/mes-competences/certificats/{Credential.objects.latest('pk').pk}/" in links(
        client.get("/mes-competences/")
    )


def test_one_by_one_from_a_search_in_own_words(client: Client, cast: Cast, notions: dict[str, Notion]) -> None:
    client.force_login(cast.here.tutor)
    found = [link for link in links(client.get(f"{ADD}sans-certificat/?q=facon")) if "choix=" in link]
    assert len(found) == 4
    page = client.get(next(link for link in found if "choix=du" in link))
    assert choices(page, "levels") == ["du"]
    page = client.get(f"{ADD}sans-certificat/?choix=du&q=jeune&choix=ancienne&choix=absente")
    assert sorted(choices(page, "levels")) == ["ancienne", "du"]
    client.post(f"{ADD}sans-certificat/?choix=du&choix=ancienne", sent(levels=["du"], level_du="1"))
    assert claims_of(cast) == {"du": (1, "awaiting")}
    assert "Rien avec ces mots" in words(client.get(f"{ADD}diplome/?suite=1&title=D&obtained_on=2020-01-01&q=zzz"))


def test_the_network_is_one_where_the_person_tutors(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.tutor)
    client.post(f"{ADD}pix/?suite=1&title=Pix&obtained_on=2025-06-30&reseau=ailleurs", sent())
    assert Credential.objects.get(title="Pix").network == cast.here.network


def test_uploads_are_limited(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.tutor)
    address = f"{ADD}pix/?suite=1&title=Pix&obtained_on=2025-06-30"
    with in_one_minute():
        answers = [client.post(address, sent(note=NIR)).status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]


@pytest.mark.parametrize("count", [1, 3])
def test_a_proposal_asks_as_much_for_many(
    client: Client, cast: Cast, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    c2i: Framework = factories.FrameworkFactory.create(slug="c2i2ms")
    part = factories.CompetencyFactory.create(domain__framework=c2i)
    part.notions.set(factories.NotionFactory.create_batch(count))
    client.force_login(cast.here.tutor)
    with django_assert_num_queries(11):
        page = client.get(f"{ADD}c2i/?suite=1&title=C2i&obtained_on=2015-06-30&parts={part.domain.position}")
    assert len(choices(page, "levels")) == count


# The page of what was sent


def own_page(claim: Claim) -> str:
    return f"/mes-competences/certificats/{claim.credential_id}/"


def ask_more(claim: Claim) -> None:
    Claim.objects.filter(pk=claim.pk).update(state=ClaimState.MORE_ASKED)
    claim.transitions.create(source="awaiting", target=ClaimState.MORE_ASKED, reason="La date manque")


def test_the_person_answers_what_is_asked(client: Client, cast: Cast) -> None:
    claim = cast.here.claim
    client.force_login(cast.here.tutor)
    assert "Joignez votre certificat" in words(client.get(own_page(claim)))
    ask_more(claim)
    page = client.get(own_page(claim))
    assert "« La date manque »" in words(page)
    empty = client.post(own_page(claim), {"action": "answer", "text": " "})
    assert (empty.status_code, "Répondez en quelques mots, ou joignez un fichier." in words(empty)) == (422, True)
    page = client.post(own_page(claim), {"action": "answer", "text": "En 2019", "evidence": [png()]}, follow=True)
    assert "Complément donné par Tutor Ici" in words(page)
    claim.refresh_from_db()
    assert (claim.state, claim.credential.evidence.count()) == (ClaimState.AWAITING, 1)


def test_files_are_joined_and_taken_back(client: Client, cast: Cast) -> None:
    claim = cast.here.claim
    client.force_login(cast.here.tutor)
    nothing = client.post(own_page(claim), {"action": "join"})
    assert (nothing.status_code, "Choisissez un fichier." in words(nothing)) == (422, True)
    client.post(own_page(claim), {"action": "join", "evidence": [png()]})
    evidence = claim.credential.evidence.get()
    assert choices(client.get(own_page(claim)), "evidence")[0] == str(evidence.pk)
    client.post(own_page(claim), {"action": "remove", "evidence": str(evidence.pk)})
    assert not claim.credential.evidence.exists()
    assert client.post(own_page(claim), {"action": "remove", "evidence": "x"}).status_code == 400
    assert client.post(own_page(claim), {"action": "remove", "evidence": str(evidence.pk)}).status_code == 404


def test_the_person_takes_back_what_is_open(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.tutor)
    client.post(f"/validations/{cast.here.claim.pk}/", {"action": "withdraw"})
    cast.here.claim.refresh_from_db()
    assert cast.here.claim.state == ClaimState.CANCELLED
    late = client.post(own_page(cast.here.claim), {"action": "withdraw"})
    assert (late.status_code, "Tout est déjà décidé" in words(late)) == (409, True)


def test_an_expired_validation_says_so(client: Client, cast: Cast) -> None:
    yesterday = timezone.now().date() - dt.timedelta(days=1)
    Claim.objects.filter(pk=cast.here.claim.pk).update(state=ClaimState.ACCEPTED, expires_on=yesterday)
    client.force_login(cast.here.tutor)
    assert "expirée" in words(client.get(own_page(cast.here.claim)))
    assert "0 compétence validée" in words(client.get("/mes-competences/")).replace("\xa0", " ")


def test_a_file_is_served_to_be_saved_and_kept_by_nobody(client: Client, cast: Cast) -> None:
    client.force_login(cast.here.tutor)
    document = SimpleUploadedFile("été <b>.html", make_pdf(), content_type="text/html")
    client.post(own_page(cast.here.claim), {"action": "join", "evidence": [document]})
    address = f"/justificatifs/{cast.here.claim.credential.evidence.get().pk}/"
    answers = {}
    for role in ("tutor", "coordinator", "learner", "auditor", "stranger", "admin"):
        client.force_login(cast.play(role))  # type: ignore[arg-type]  # all of them are people
        answers[role] = client.get(address).status_code
    assert answers == {
        "tutor": 200,
        "coordinator": 200,
        "learner": 403,
        "auditor": 403,
        "stranger": 404,
        "admin": 404,
    }
    client.force_login(cast.here.coordinator)
    answer = client.get(address)
    headers = ("Content-Type", "Content-Security-Policy", "X-Content-Type-Options", "Cache-Control", "X-Frame-Options")
    assert answer.content == make_pdf()
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert [answer[name] for name in headers] == [
        "application/pdf",
        "default-src 'none'; sandbox",
        "nosniff",
        "private, no-store",
        "DENY",
    ]
