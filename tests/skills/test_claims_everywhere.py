"""Every capacity of every référentiel that has some may be claimed, found by its own words."""

import pytest
from django.conf import settings

from backend.networks.enums import Role
from backend.referentials.domain.loading import load_referentials
from backend.referentials.models import Capacity, Framework
from backend.skills.domain.credentials import parts_of, propose_notions, submit_credential
from backend.skills.enums import CredentialKind
from tests.support.factories import NetworkFactory, make_member

pytestmark = pytest.mark.django_db


def test_every_capacity_may_be_claimed_in_each_framework() -> None:
    load_referentials(folder=settings.FIXTURES_DIR / "referentials")
    frameworks = Framework.objects.filter(domains__competencies__capacities__isnull=False).distinct()
    assert frameworks.count() > 5
    for framework in frameworks:
        network = NetworkFactory.create()
        person = make_member(network, Role.TUTOR)
        capacities = Capacity.objects.filter(competency__domain__framework=framework).select_related("notion")
        sent = submit_credential(
            person=person,
            network=network,
            kind=CredentialKind.DIPLOMA,
            title="Diplôme inventé",
            levels={capacity.notion: 2 for capacity in capacities},
        )
        claimed = set(sent.claims.values_list("notion", flat=True))
        assert {capacity.notion_id for capacity in capacities} == claimed


def test_the_real_certificates_propose_what_the_crosswalk_says() -> None:
    load_referentials(folder=settings.FIXTURES_DIR / "referentials")
    network = NetworkFactory.create()
    person = make_member(network, Role.TUTOR)
    for kind in (CredentialKind.C2I2MS, CredentialKind.DU):
        parts = parts_of(kind)
        proposed = propose_notions(person=person, network=network, parts=parts, obtained_on=None)
        assert {row.notion for row in proposed} == {notion for part in parts for notion in part.notions.all()}
        assert {row.level for row in proposed} <= {1, 2, 3}
        assert proposed
