"""What reports count: every state told apart, every break-down adding up to the whole, the ledger's hours."""

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.enums import PracticeMode
from backend.common.clock import told_at
from backend.credits.domain.ledger import reverse_entry
from backend.credits.models import Entry
from backend.needs.enums import RequestState
from backend.networks.enums import Role, SiteKind
from backend.networks.models import Network, Site
from backend.referentials.enums import Area
from backend.reports.domain.figures import Report, read_report
from backend.reports.domain.periods import Days, quarter_before, quarter_of
from backend.reports.enums import Dimension
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Participation, Session, SessionTransition
from tests.support import factories
from tests.support.report_scene import ASKED_AT, LATER, make_help, make_network

SUMMER = Days(dt.date(2026, 7, 1), dt.date(2026, 9, 30))
FATES = ("asked", "withdrawn", "proposed", "confirmed", "held", "held", "missed")


@pytest.fixture
def network(db: None) -> Network:
    """Beside a neighbour whose rows must not be counted."""
    elsewhere = make_network("ailleurs")
    for fate in FATES:
        make_help(elsewhere, fate)
    return make_network("ici")


def read(network: Network, days: Days = SUMMER) -> Report:
    with told_at(LATER):
        return read_report({network: days})


def test_every_state_is_told_apart(network: Network) -> None:
    for fate in FATES:
        make_help(network, fate)
    whole = read(network).whole
    assert (whole.asked, whole.proposed, whole.confirmed, whole.held, whole.withdrawn) == (7, 5, 4, 2, 1)
    assert whole.stages == (2, 2, 1, 1, 1)
    assert (whole.served_percent, whole.median_days, whole.people) == (28, 12, 7)
    assert (whole.settled, whole.absences, whole.decided) == (3, 1, 0)


def test_sessions_hours_and_tutors(network: Network) -> None:
    for fate in FATES:
        make_help(network, fate)
    report = read(network)
    assert (report.sessions_held, report.sessions_missed, report.tutors) == (2, 1, 2)
    assert (report.minutes_given, report.whole.minutes) == (90, 90)


def test_a_request_never_confirmed_by_its_person_was_not_asked(network: Network) -> None:
    make_help(network, "asked")
    factories.HelpRequestFactory.create(network=network, created_at=ASKED_AT, state=RequestState.UNCONFIRMED)
    assert read(network).whole.asked == 1


def test_a_session_called_off_after_its_yes_counts_as_confirmed(network: Network) -> None:
    request = make_help(network, "confirmed")
    Session.objects.filter(network=network).update(state=SessionState.CANCELLED)
    assert read(network).whole.confirmed == 1
    SessionTransition.objects.filter(session__participations__request=request, target=SessionState.CONFIRMED).delete()
    assert read(network).whole.confirmed == 0


def test_what_the_coordinator_decided_is_counted_apart(network: Network) -> None:
    make_help(network, "held")
    Participation.objects.filter(session__network=network).update(by_learner=False, decided=True)
    whole = read(network).whole
    assert (whole.held, whole.settled, whole.decided) == (1, 1, 1)


def test_a_correction_in_the_ledger_takes_hours_off(network: Network) -> None:
    make_help(network, "held")
    author = factories.make_member(network, Role.COORDINATOR)
    for entry in Entry.objects.filter(network=network):
        reverse_entry(entry=entry, author=author, reason="Séance plus courte")
    report = read(network)
    assert (report.minutes_given, report.whole.minutes) == (0, 0)


def test_days_are_those_of_the_network(network: Network) -> None:
    """Half past midnight in Paris on the 1st of October is still September in UTC."""
    night = dt.datetime(2026, 9, 30, 22, 30, tzinfo=dt.UTC)
    make_help(network, "asked", asked_at=night)
    assert read(network).whole.asked == 0
    assert read(network, Days(dt.date(2026, 10, 1), dt.date(2026, 10, 1))).whole.asked == 1
    assert read(network, Days(dt.date(2026, 10, 2), dt.date(2026, 12, 31))).whole.asked == 0


def test_each_break_down_names_and_adds_up(network: Network) -> None:
    nurse, home = (
        factories.ProfessionFactory.create(label="Infirmière"),
        _site(network, "Les Lilas", SiteKind.CARE_HOME),
    )
    _site(network, "Cabinet du Port", SiteKind.PRACTICE)
    notion = factories.NotionFactory.create(title="Mots de passe", area=Area.CYBERSECURITY)
    make_help(network, "held", profession=nurse, mode=PracticeMode.EMPLOYED, site=home, notion=notion)
    make_help(network, "asked")
    report = read(network)
    first = {dimension: report.tables[dimension][0].name for dimension in (Dimension.AREA,)}
    assert first == {Dimension.AREA: "Cybersécurité"}
    held = {dimension: [row.name for row in rows if row.figures.held] for dimension, rows in report.tables.items()}
    assert held == {
        Dimension.PROFESSION: ["Infirmière"],
        Dimension.MODE: ["Salarié"],
        Dimension.KIND: ["EHPAD ou résidence"],
        Dimension.SITE: ["Les Lilas"],
        Dimension.TERRITORY: ["Non précisé"],
        Dimension.NOTION: ["Mots de passe"],
        Dimension.AREA: ["Cybersécurité"],
    }
    for rows in report.tables.values():
        for measure in ("asked", "proposed", "confirmed", "held", "withdrawn", "minutes", "absences"):
            total = getattr(report.whole, measure)
            assert sum(getattr(row.figures, measure) for row in rows) == total, measure


def test_sites_without_any_request_are_shown(network: Network) -> None:
    home = _site(network, "Les Lilas", SiteKind.CARE_HOME)
    _site(network, "Cabinet du Port", SiteKind.PRACTICE)
    make_help(network, "asked", site=home)
    report = read(network)
    assert [site.name for site in report.sites_without_request] == ["Cabinet du Port"]
    assert {row.name: row.figures.asked for row in report.tables[Dimension.SITE]} == {
        "Les Lilas": 1,
        "Cabinet du Port": 0,
    }


def test_nothing_at_all(network: Network) -> None:
    report = read(network)
    assert (report.whole.asked, report.whole.served_percent, report.whole.median_days) == (0, None, None)
    assert [row.figures.asked for row in report.tables[Dimension.AREA]] == [0] * len(Area)


@pytest.mark.parametrize("rows", [1, 3])
def test_reading_asks_the_same_for_three_as_for_one(
    network: Network, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        make_help(network, "held")
    with told_at(LATER), django_assert_num_queries(5):
        read_report({network: SUMMER})


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-01-01", "2026-01-01", "2026-03-31"),
        ("2028-03-31", "2028-01-01", "2028-03-31"),
        ("2026-05-15", "2026-04-01", "2026-06-30"),
        ("2026-09-30", "2026-07-01", "2026-09-30"),
        ("2026-12-31", "2026-10-01", "2026-12-31"),
    ],
)
def test_quarters(day: str, first: str, last: str) -> None:
    found = quarter_of(dt.date.fromisoformat(day))
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)
    assert quarter_before(found.last).last == found.first - dt.timedelta(days=1)


def _site(network: Network, name: str, kind: SiteKind) -> Site:
    site: Site = factories.SiteFactory.create(network=network, name=name, kind=kind)
    return site
