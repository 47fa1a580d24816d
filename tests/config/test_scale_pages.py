"""At the size of a département, a page asks the database as little as anywhere else."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Person
from tests.config.test_demo import check_larger_scale, tell

QUERIES_MAX = 15
PAGES = {
    "coordination@demo.example": [
        "/accueil/",
        "/membres/",
        "/membres/invitations/",
        "/membres/importer/",
        "/validations/",
        "/couverture/",
        "/campagnes/",
        "/seances/",
        "/messages/",
        "/nouvelles/",
        "/reseau/jours-feries/",
    ],
    "double@demo.example": [
        "/accueil/",
        "/seances/",
        "/demander/",
        "/mes-demandes/",
        "/ou-j-en-suis/",
        "/mes-disponibilites/",
        "/mon-offre/",
        "/mes-competences/",
        "/en-45-minutes/",
        "/mes-points/",
        "/messages/",
        "/referentiels/",
    ],
    "audit@demo.example": ["/accueil/"],
}


@pytest.mark.full
@pytest.mark.django_db
def test_departement_scale_keeps_the_contract_and_its_pages_ask_few_questions(client: Client) -> None:
    """One building for all that is asked of it: it takes the longest of all tests."""
    tell(scale="departement")
    check_larger_scale(networks=10, members=2700)
    counts = {}
    for email, pages in PAGES.items():
        client.force_login(Person.objects.get(email=email))
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200, (email, page)
            counts[email, page] = len(queries)
    assert {place: count for place, count in counts.items() if count > QUERIES_MAX} == {}
