"""Reviewing on pages: filters, why this tutor, choices by hand and undone, favours, side by side, the week."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.campaigns.domain.choices import fix_choice
from backend.campaigns.domain.jobs import execute_run
from backend.campaigns.domain.runs import replay_run
from backend.campaigns.enums import ChoiceKind
from backend.campaigns.models import Campaign, Favour, FixedChoice, Proposal, Run
from tests.support import factories
from tests.support.campaign_scene import make_proposal
from tests.support.cast import Cast
from tests.web.reading import choices, links, words


@pytest.fixture
def proposal(client: Client, cast: Cast) -> Proposal:
    """Of the coordinator who is signed in."""
    client.force_login(cast.here.coordinator)
    return make_proposal(cast.here)


def page(proposal: Proposal) -> str:
    return f"/campagnes/{proposal.run.campaign_id}/propositions/{proposal.pk}/"


def review(proposal: Proposal) -> str:
    return f"/campagnes/{proposal.run.campaign_id}/"


def post(client: Client, address: str, **data: object) -> Any:
    return client.post(address, data)


# Why, and by hand


def test_why_is_one_sentence_its_terms_and_what_else_was_possible(
    client: Client, cast: Cast, proposal: Proposal
) -> None:
    assert page(proposal) in links(client.get(review(proposal)))
    response = client.get(page(proposal))
    text = words(response)
    tutor, learner = cast.here.tutor.name, cast.here.learner.name
    assert f"{tutor} a le niveau demandé, et un moment commun avec {learner} ; personne d’autre ne le pouvait." in text
    assert "La demande (urgence, écart, ancienneté, site) 1 250" in text
    assert "ne coûte rien" in text
    assert len(choices(response, "place")) == 3


def test_pinning_shows_and_is_undone(client: Client, proposal: Proposal) -> None:
    assert post(client, page(proposal), action="pin")["Location"] == review(proposal)
    text = words(client.get(review(proposal)))
    assert "fixé par vous" in text
    assert "Vos choix ont changé depuis ce calcul." in text
    choice = FixedChoice.objects.get()
    assert post(client, review(proposal), action="undo", choice=choice.pk).status_code == 302
    again = post(client, review(proposal), action="undo", choice=choice.pk)
    assert (again.status_code, "Ce choix est déjà défait." in words(again)) == (409, True)


def test_forbidding_shows(client: Client, cast: Cast, proposal: Proposal) -> None:
    post(client, page(proposal), action="forbid")
    assert f"sans {cast.here.tutor.name} écarté par vous" in words(client.get(review(proposal)))


def test_moving_is_a_pin_elsewhere(client: Client, proposal: Proposal) -> None:
    place = choices(client.get(page(proposal)), "place")[0]
    post(client, page(proposal), action="move", place=place)
    choice = FixedChoice.objects.get()
    assert choice.starts_at is not None
    assert choice.starts_at != proposal.starts_at
    gone = post(client, page(proposal), action="move", place="1@1")
    assert (gone.status_code, "Choisissez-en un dans la liste." in words(gone)) == (409, True)


@pytest.mark.parametrize("data", [{}, {"action": "explode"}])
def test_an_unknown_action_is_refused(client: Client, proposal: Proposal, data: dict[str, str]) -> None:
    assert client.post(page(proposal), data).status_code == 400
    assert client.post(f"{review(proposal)}calculs/", data).status_code == 400


@pytest.mark.parametrize("data", [{"action": "undo", "choice": "x"}, {"action": "undo", "choice": "9" * 40}])
def test_a_choice_that_is_none_is_refused(client: Client, proposal: Proposal, data: dict[str, str]) -> None:
    assert client.post(review(proposal), data).status_code == 409


def test_a_choice_of_another_campaign_is_not_undone(client: Client, cast: Cast, proposal: Proposal) -> None:
    there = make_proposal(cast.elsewhere)
    choice = fix_choice(
        run=there.run,
        author=cast.elsewhere.coordinator,
        request_id=there.request_id,
        tutor_id=there.tutor_id,
        kind=ChoiceKind.FORBID,
    )
    assert post(client, review(proposal), action="undo", choice=choice.pk).status_code == 404
    assert client.get(page(there)).status_code == 404
    assert FixedChoice.objects.get().undone_at is None


def test_computing_again_with_few_changes(client: Client, proposal: Proposal) -> None:
    Run.objects.exclude(pk=proposal.run_id).delete()
    post(client, review(proposal), action="recompute")
    run = Run.objects.latest("pk")
    assert (run.previous_id, run.state) == (proposal.run_id, "queued")


# Filters


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("q={name}", True),
        ("q=personne-de-ce-nom", False),
        ("tutor={tutor}", True),
        ("modality=remote", True),
        ("modality=on_site", False),
        ("notion={notion}", True),
        ("tutor=x&modality=y&notion=z", True),
    ],
)
def test_filters_are_in_the_address(client: Client, proposal: Proposal, query: str, found: bool) -> None:  # noqa: FBT001
    query = query.format(
        name=proposal.request.person.first_name, tutor=proposal.tutor_id, notion=proposal.request.notion_id
    )
    response = client.get(f"{review(proposal)}?{query}")
    assert (page(proposal) in links(response)) is found
    assert "1 / 1 demande avec une proposition" in words(response)


# Favours


def test_a_way_out_is_a_button_once(client: Client, cast: Cast, proposal: Proposal) -> None:
    unblock = [{"change": "session", "tutor": str(cast.here.tutor.pk)}, {"change": "tutor", "notion": "1", "level": 2}]
    unserved = factories.UnservedFactory.create(run=proposal.run, reason="tutors_full", unblock=unblock)
    response = client.get(review(proposal))
    text = words(response)
    assert f"Le demander à {cast.here.tutor.name}" in text
    assert "Qui pourrait l’être" in text
    assert "Inviter une CPTS voisine" in text
    assert f"/reseau/voisins/?reseau={cast.here.network.slug}" in links(response)
    data = {"action": "ask", "unserved": unserved.pk, "way": 0}
    assert client.post(review(proposal), data).status_code == 302
    assert Favour.objects.get().person == cast.here.tutor
    text = words(client.get(review(proposal)))
    assert "Demandé le " in text
    assert f"Le demander à {cast.here.tutor.name}" not in text
    assert client.post(review(proposal), data).status_code == 409
    assert client.post(review(proposal), {**data, "way": 1}).status_code == 404
    assert client.post(review(proposal), {**data, "unserved": 10**9}).status_code == 404


# Side by side


def test_runs_stand_side_by_side_and_one_is_chosen(client: Client, proposal: Proposal) -> None:
    other = make_copy(proposal.run)
    address = f"{review(proposal)}calculs/"
    text = words(client.get(address))
    assert text.count("1 / 1 maximum démontré") == 2
    assert post(client, address, action="choose", run=proposal.run_id)["Location"] == review(proposal)
    assert Campaign.objects.get(pk=other.campaign_id).chosen_run_id == proposal.run_id
    assert page(proposal) in links(client.get(review(proposal)))
    assert post(client, address, action="choose", run="x").status_code == 409


def make_copy(run: Run) -> Run:
    copy = Run.objects.get(pk=run.pk)
    copy.pk = None
    copy.save()
    return copy


def test_another_run_with_other_settings(client: Client, proposal: Proposal) -> None:
    address = f"{review(proposal)}calculs/"
    given = {"session_minutes": 30, "group_size_max": 3, "preset": "urgencies", "time_limit": 30, "stable": "on"}
    answer = post(client, address, action="compute", **given)
    run = Run.objects.latest("pk")
    assert answer["Location"] == f"{address}{run.pk}/"
    assert (run.session_minutes, run.group_size_max, run.preset, run.time_limit) == (30, 3, "urgencies", 30)
    assert run.previous_id == proposal.run_id
    assert post(client, address, action="compute", **given).status_code == 409
    assert post(client, address, action="compute", **{**given, "group_size_max": 0}).status_code == 422


@pytest.mark.parametrize("runs", [1, 3])
def test_the_comparison_asks_as_much_for_three_runs_as_for_one(
    client: Client, proposal: Proposal, runs: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(runs - 1):
        make_copy(proposal.run)
    with django_assert_num_queries(10):
        client.get(f"{review(proposal)}calculs/")


def test_the_review_asks_fifteen_questions_with_everything_on_it(
    client: Client, cast: Cast, proposal: Proposal, django_assert_max_num_queries: Any
) -> None:
    unblock = [{"change": "session", "tutor": str(cast.here.tutor.pk)}]
    for _ in range(3):
        factories.ProposalFactory.create(run=proposal.run, tutor=cast.here.tutor)
        factories.UnservedFactory.create(run=proposal.run, unblock=unblock)
    post(client, page(proposal), action="pin")
    client.get(review(proposal))
    with django_assert_max_num_queries(15):
        client.get(review(proposal))


# Files, replay, week


def test_files_come_as_attachments_without_names(client: Client, cast: Cast, proposal: Proposal) -> None:
    base = f"{review(proposal)}calculs/{proposal.run_id}/"
    answer = client.get(f"{base}instance.json")
    assert answer["Content-Disposition"] == f'attachment; filename="tandem-instance-{proposal.run_id}.json"'
    assert json.loads(answer.content)["tutors"][0]["id"] == "t1"
    assert json.loads(client.get(f"{base}solution.json").content)["matches"][0]["tutor"] == "t1"
    assert client.get(f"{base}passwords.json").status_code == 404


def test_doing_a_run_again_says_whether_it_is_the_same(client: Client, cast: Cast, proposal: Proposal) -> None:
    address = f"{review(proposal)}calculs/{proposal.run_id}/"
    answer = post(client, address, action="replay")
    replay = Run.objects.latest("pk")
    assert answer["Location"] == f"{review(proposal)}calculs/{replay.pk}/"
    execute_run(run=replay)
    assert "la réponse est la même, à l’identique" in words(client.get(answer["Location"]))
    Run.objects.filter(pk=proposal.run_id).update(solution={"matches": []})
    assert "la réponse diffère" in words(client.get(answer["Location"]))
    replay_run(run=proposal.run, author=cast.here.coordinator)
    assert post(client, address, action="replay").status_code == 409


def test_the_week_is_a_picture_and_a_table(client: Client, cast: Cast, proposal: Proposal) -> None:
    address = f"{review(proposal)}calculs/{proposal.run_id}/semaine/"
    response = client.get(address)
    assert "<rect " in response.content.decode()
    assert f"{cast.here.tutor.name} lun." in words(response)
    assert "Aucune séance cette semaine-là." in words(client.get(f"{address}?semaine=2"))
    for nonsense in ("x", "0", "99999"):
        assert client.get(f"{address}?semaine={nonsense}").status_code == 200
