"""`tandem demo` keeps its contract: whatever the seed, the day and the hour."""

import datetime as dt
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import QuerySet

import matching
from backend.accounts.models import Person
from backend.campaigns.enums import CampaignState
from backend.campaigns.models import Campaign, Run
from backend.common.clock import now, told_at
from backend.config.demo.build import NotOurDatabaseError, build_demo, count_figures, is_built
from backend.config.demo.story import PASSWORD
from backend.config.demo.timeline import Timeline
from backend.conversations.models import Message
from backend.credits.domain.ledger import verify_chain, verify_sources
from backend.credits.models import Certificate, Entry
from backend.needs.enums import RequestState
from backend.networks.models import Membership, Network
from backend.referentials.domain.loading import load_referentials
from backend.skills.enums import ClaimState
from backend.skills.models import Claim
from backend.tutoring.domain.audit import expected_entries
from backend.tutoring.enums import SessionState
from backend.tutoring.models import Session

pytestmark = pytest.mark.django_db

TUTORS = ("tutrice@demo.example", "tuteur@demo.example", "double@demo.example")
LEARNERS = ("apprenante@demo.example", "apprenant@demo.example", "double@demo.example")
# Every weekday, at hours when the last midday is over, under way, or yesterday's; and around both clock changes.
INSTANTS = [
    dt.datetime(2026, 11, 22, 7, 30, tzinfo=dt.UTC),
    dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC),
    dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC),
    dt.datetime(2026, 11, 25, 23, 50, tzinfo=dt.UTC),
    dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC),
    dt.datetime(2027, 3, 26, 11, 0, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 24, 9, 0, tzinfo=dt.UTC),
]


class Silence:
    """A narrator for nobody."""

    def step(self, text: str) -> None: ...

    def progress(self, progress: matching.Progress) -> None: ...

    def solved(self, campaign: Campaign, run: Run) -> None: ...


def tell(*, seed: int = 1, scale: str = "small") -> None:
    load_referentials(folder=settings.FIXTURES_DIR / "referentials")
    build_demo(scale_name=scale, seed=seed, narrator=Silence())


def check_contract(present: dt.datetime) -> None:
    """What `architecture.md` promises after `demo`, seen from ``present``."""
    main = Network.objects.get(slug="rive-sud")
    campaigns = {campaign.state: campaign for campaign in Campaign.objects.filter(network=main)}
    assert set(campaigns) == {CampaignState.CLOSED, CampaignState.PUBLISHED, CampaignState.COLLECTING}
    assert sessions_of(campaigns[CampaignState.CLOSED]).filter(state=SessionState.HELD).count() >= 4
    assert Entry.objects.filter(network=main, account__person__email="tutrice@demo.example", points__gt=0).exists()

    published = sessions_of(campaigns[CampaignState.PUBLISHED])
    for email in TUTORS:
        to_answer = published.filter(tutor__email=email, state=SessionState.PROPOSED)
        assert to_answer.filter(starts_at__gt=present, answer_by__gt=present).exists(), email
    confirmed = published.filter(state=SessionState.CONFIRMED, tutor__email__in=TUTORS)
    for email in LEARNERS:
        assert confirmed.filter(participations__person__email=email, starts_at__gt=present).exists(), email
    awaiting = confirmed.get(ends_at__lt=present)
    participation = awaiting.participations.get()
    assert (participation.by_tutor, participation.by_learner) == (None, None)
    assert participation.person.email in LEARNERS
    assert published.filter(state=SessionState.DECLINED).exists()

    assert main.help_requests.filter(state=RequestState.OPEN).count() >= 2
    assert Claim.objects.filter(network=main, state=ClaimState.AWAITING).count() == 1
    assert Certificate.objects.filter(network=main).count() == 2
    assert Message.objects.filter(conversation__network=main).count() >= 4
    for network in Network.objects.all():
        assert verify_chain(network).fault == ""
        assert verify_sources(network=network, expected=expected_entries(network)) == ""


def sessions_of(campaign: Campaign) -> QuerySet[Session]:
    return Session.objects.filter(proposals__run__campaign=campaign).distinct()


def test_demo_keeps_its_contract_today() -> None:
    tell()
    check_contract(now())
    assert is_built()
    for email in (*TUTORS, "audit@demo.example", "coordination@voisine.example", "admin@demo.example"):
        assert Person.objects.get(email=email).check_password(PASSWORD), email
    assert Membership.objects.filter(network__slug="rive-sud").count() == 40
    assert Network.objects.get(slug="rive-sud").help_requests.count() == 30


@pytest.mark.full
@pytest.mark.parametrize("instant", INSTANTS, ids=str)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_demo_keeps_its_contract_whenever_it_runs(instant: dt.datetime, seed: int) -> None:
    with told_at(instant):
        tell(seed=seed)
        check_contract(instant)


@pytest.mark.full
def test_cpts_scale_keeps_the_contract_too() -> None:
    tell(scale="cpts")
    check_larger_scale(networks=2, members=300)


def check_larger_scale(*, networks: int, members: int) -> None:
    """The contract again, so many members in all networks but the neighbour, and every answer nearly proven optimal."""
    check_contract(now())
    assert Network.objects.count() == networks
    assert Membership.objects.exclude(network__slug="voisine").count() == members
    assert max(gap or 0 for gap in Run.objects.values_list("gap", flat=True)) <= 0.005


def test_same_seed_tells_the_same_story() -> None:
    stories = []
    with told_at(INSTANTS[0]):
        for _ in range(2):
            with transaction.atomic():
                tell(seed=5)
                stories.append((count_figures(), story_rows()))
                transaction.set_rollback(True)
    assert stories[0] == stories[1]
    assert len(stories[0][1]) >= 12


def story_rows() -> list[tuple[object, ...]]:
    """Who meets whom, when, with which fate: by what does not depend on primary keys."""
    rows = Session.objects.values_list("tutor__email", "participations__person__email", "starts_at", "state")
    return sorted((str(tutor), str(learner), start, state) for tutor, learner, start, state in rows)


@pytest.mark.parametrize("instant", INSTANTS, ids=str)
def test_the_past_midday_is_over_and_after_publication(instant: dt.datetime) -> None:
    timeline = Timeline(instant, Network(timezone="Europe/Paris").zone)
    starts, ends = timeline.past_slot()
    assert timeline.published_at < starts < ends < instant - dt.timedelta(hours=1)
    assert timeline.published_first_day <= starts.date()
    assert starts.weekday() < 5


def test_a_database_of_others_is_left_alone() -> None:
    Person.objects.create_user("somebody@elsewhere.example", first_name="Ada", last_name="Ailleurs")
    with pytest.raises(NotOurDatabaseError):
        is_built()
    with pytest.raises(CommandError, match="elle reste intacte"):
        call_command("demo", no_serve=True)
    assert list(Person.objects.values_list("email", flat=True)) == ["somebody@elsewhere.example"]


def run_tandem(*arguments: str, var: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, embedded, with nothing of this test run's settings."""
    ours = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "HTTPS_ONLY", "ALLOWED_HOSTS"}
    environment = {key: value for key, value in os.environ.items() if key not in ours}
    return subprocess.run(
        [str(Path(sys.executable).with_name("tandem")), *arguments],
        env={**environment, "TANDEM_VAR": str(var), "DJANGO_SETTINGS_MODULE": "backend.config.settings"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run_tandem("demo", "--port", str(port), var=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        f"CommandError: Le port {port} de 127.0.0.1 n’est pas libre (Address already in use). "
        f"Choisissez-en un autre : --port {port + 1}\n"
    )
    assert not (tmp_path / "tandem.sqlite3").exists()


def test_a_broken_database_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "tandem.sqlite3").write_bytes(b"not a database, but long enough to be looked at" * 30)
    done = run_tandem("demo", "--no-serve", var=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "CommandError: La base de données ne s’ouvre pas (file is not a database). "
        f"Elle est dans {tmp_path} : vérifiez les droits, ou recommencez avec « --fresh ».\n"
    )


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run_tandem("demo", "--no-serve", var=tmp_path / "file")
    assert done.returncode == 1
    assert done.stderr == (
        f"tandem: Impossible d’écrire dans {tmp_path / 'file'} (File exists) : "
        "choisissez un autre dossier avec TANDEM_VAR.\n"
    )
