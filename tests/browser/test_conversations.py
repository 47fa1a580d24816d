"""Two people talk: live, through a cut of the network, and by plain forms."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.server import Demonstration, serve
from tests.browser.visitor import Visitor, Way, visit

pytestmark = pytest.mark.browser

# The newest conversation of a session between these two: the session is to come, and it is open.
SHARED = """
    SELECT talk.id FROM conversations_conversation AS talk
    JOIN conversations_conversationmember AS mine ON mine.conversation_id = talk.id
    JOIN accounts_person AS me ON me.id = mine.person_id
    JOIN conversations_conversationmember AS theirs ON theirs.conversation_id = talk.id
    JOIN accounts_person AS other ON other.id = theirs.person_id
    WHERE talk.kind = 'session' AND talk.closed_at IS NULL
    AND me.email = 'apprenante@demo.example' AND other.email IN ('tutrice@demo.example', 'tuteur@demo.example')
    ORDER BY talk.id DESC
"""
OTHER = """
    SELECT person.email FROM conversations_conversationmember AS member
    JOIN accounts_person AS person ON person.id = member.person_id
    WHERE member.conversation_id = ? AND person.email <> 'apprenante@demo.example'
"""


@pytest.fixture(scope="module")
def served(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder = tmp_path_factory.mktemp("conversations")
    shutil.copytree(demo_folder, folder / "var")
    with serve(folder / "var", folder / "server.log") as running:
        yield running


@pytest.fixture
def demonstration(served: Demonstration, demo_folder: Path) -> Demonstration:
    served.restore(demo_folder)
    return served


def shared_conversation(demonstration: Demonstration) -> tuple[str, str]:
    """Its address, and the account of the tutor in it."""
    [talk, *_] = demonstration.ask(SHARED)
    [[tutor], *_] = demonstration.ask(OTHER, str(talk[0]))
    return f"/messages/{talk[0]}/", tutor.partition("@")[0]


def box(visitor: Visitor) -> Locator:
    return visitor.page.get_by_label("Votre message")


def message(visitor: Visitor, text: str) -> Locator:
    return visitor.page.locator(".msg[data-number]", has_text=text)


def send(visitor: Visitor, text: str) -> None:
    visitor.write(box(visitor), text)
    visitor.press(visitor.page.get_by_role("button", name="Envoyer", exact=True))


def test_two_people_talk_and_one_goes_offline_and_back(browser: Browser, demonstration: Demonstration) -> None:
    address, tutor = shared_conversation(demonstration)
    with (
        visit(browser, demonstration, Way.TOUCH) as learner,
        visit(browser, demonstration, Way.KEYS) as helper,
    ):
        for visitor, account in ((learner, "apprenante"), (helper, tutor)):
            visitor.sign_in(account)
            visitor.open(address)
        send(learner, "Bonjour, à quelle heure ?")
        expect(message(helper, "à quelle heure ?")).to_have_count(1)
        send(helper, "À midi et demi. Voir https://exemple.example/plan")
        expect(message(learner, "À midi et demi").get_by_role("link", name="https://exemple")).to_be_visible()
        # The focus stays in the box, whatever comes in.
        expect(box(helper)).to_be_focused()

        learner.page.context.set_offline(True)
        expect(learner.page.get_by_text("Hors ligne")).to_be_visible()
        send(learner, "Écrit dans le tunnel")
        expect(learner.page.locator(".msg-pending", has_text="tunnel")).to_be_visible()
        learner.write(box(learner), "Un brouillon")
        send(helper, "Êtes-vous là ?")
        learner.page.context.set_offline(False)
        expect(message(learner, "Écrit dans le tunnel")).to_have_count(1)
        expect(message(learner, "Êtes-vous là ?")).to_have_count(1)
        expect(message(helper, "Écrit dans le tunnel")).to_have_count(1)
        learner.page.reload()
        expect(box(learner)).to_have_value("Un brouillon")
        expect(message(learner, "Écrit dans le tunnel")).to_have_count(1)
        expect(learner.page.locator(".msg-pending")).to_have_count(0)
        learner.fits()


def test_what_may_tell_of_a_patient_waits_for_its_writer(browser: Browser, demonstration: Demonstration) -> None:
    address, _ = shared_conversation(demonstration)
    with visit(browser, demonstration, Way.TOUCH) as learner:
        learner.sign_in("apprenante")
        learner.open(address)
        send(learner, "Ma patiente Mme Durand")
        failed = learner.page.locator(".msg-failed")
        expect(failed).to_contain_text("semble parler d’un patient")
        learner.press_button("Modifier", within=failed)
        expect(box(learner)).to_have_value("Ma patiente Mme Durand")
        learner.press(learner.page.get_by_role("button", name="Envoyer", exact=True))
        learner.press_button("Envoyer tout de même", within=failed)
        expect(learner.page.locator(".msg-me[data-number]", has_text="Durand")).to_have_count(1)


@pytest.mark.parametrize("way", Way, ids=str)
def test_a_question_in_a_lounge_is_asked_and_taken_back(
    browser: Browser, demonstration: Demonstration, way: Way
) -> None:
    with visit(browser, demonstration, way) as learner:
        learner.sign_in("apprenante")
        learner.open("/messages/")
        learner.follow("Salons d’entraide")
        learner.follow("Cybersécurité")
        learner.sees_title("Cybersécurité")
        send(learner, "Où signaler un courriel douteux ?")
        asked = message(learner, "courriel douteux")
        expect(asked).to_be_visible()
        learner.follow("Options du message", within=asked)
        learner.sees("En faire une demande d’aide")
        learner.fits()
        learner.press_button("Retirer le message")
        learner.is_told("Votre message est retiré")
        expect(asked).to_have_count(0)
        learner.sees("Message retiré")
