"""Schemathesis asks everything the description allows, and much that it does not: no crash, no break of the shapes."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from backend.accounts.domain.tokens import create_token
from backend.accounts.models import Person
from backend.networks.models import Membership
from tests.support.cast import Cast
from tests.support.factories import (
    AvailabilityExceptionFactory,
    CapacityFactory,
    ProfessionFactory,
    SpecialtyFactory,
    TerritoryFactory,
    WeeklyWindowFactory,
)

# Parts of the address of a request, by the word before them: those of rows that are there.
type Rows = dict[str, Any]


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Requests end without closing the connection, whose transaction is the test's: so does Django's own client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(params=["learner", "coordinator"])
def person(request: pytest.FixtureRequest, cast: Cast) -> Person:
    played = cast.play(request.param)
    assert played is not None
    return played


@pytest.fixture
def description(person: Person, cast: Cast, _one_connection: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The API over a database where every list holds something."""
    # Thousands of questions a minute are the point here.
    monkeypatch.setattr("backend.api.throttling.AccountThrottle.rate", "1000000/min")
    for factory in (CapacityFactory, ProfessionFactory, SpecialtyFactory, TerritoryFactory):
        factory.create_batch(2)
    # Every value at the edge of what is allowed, by the hundred: what is refused there is refused to all alike, so one
    # person asks. Of the methods that an address has not, one stands for all: `test_errors` asks the others.
    edges = {"enabled": person == cast.here.coordinator, "unexpected-methods": ["PATCH"]}
    config = SchemathesisConfig.from_dict({"phases": {"coverage": edges}})
    return schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application(), config=config)


@pytest.fixture
def rows(person: Person, cast: Cast) -> Rows:
    here = cast.here
    return {
        "claims": here.claim.pk,
        "exceptions": AvailabilityExceptionFactory.create(person=person).pk,
        "members": Membership.objects.get(person=here.learner).pk,
        "notions": here.session.notion.slug,
        "offers": here.network.slug,
        "referentials": CapacityFactory.create().competency.domain.framework.slug,
        "requests": here.request.pk,
        "sessions": here.session.pk,
        "windows": WeeklyWindowFactory.create(person=person).pk,
    }


@pytest.fixture
def headers(person: Person) -> dict[str, str]:
    _, secret = create_token(person=person, label="Schemathesis")
    # The client asks within this process and would not unpack what it gets.
    return {"Authorization": f"Token {secret}", "Accept-Encoding": "identity"}


def aim(case: Any, rows: Rows) -> None:
    """What is drawn for an address finds nothing: let half of those of the right shape be of a row that is there."""
    location = case.meta.components.get(ParameterLocation.PATH)
    if location is None or location.mode.is_negative:
        return
    for name, drawn in case.path_parameters.items():
        if len(str(drawn)) % 2:
            before = case.path.partition("/{")[0].rpartition("/")[2]
            case.path_parameters[name] = rows[before]


api = schemathesis.pytest.from_fixture("description")


@api.parametrize()
@settings(
    max_examples=3,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.usefixtures("person")  # or pytest does not learn of its parameters
def test_the_api_keeps_its_word(case: Any, headers: dict[str, str], rows: Rows) -> None:
    aim(case, rows)
    # Any text is of the right shape for a cursor, but only those that we signed are good; and what is written may be of
    # the right shape and still make no sense, such as an end before its beginning.
    is_beyond_shapes = "cursor" in (case.query or {}) or case.method in {"POST", "PUT", "PATCH"}
    beyond_shapes = [positive_data_acceptance] if is_beyond_shapes else []
    case.call_and_validate(headers=headers, excluded_checks=beyond_shapes)
