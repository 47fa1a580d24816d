"""What people come for, from end to end on a telephone: by touch, by the keyboard alone, and without JavaScript."""

import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.qr import read_code
from tests.browser.server import Demonstration, serve
from tests.browser.visitor import Visitor, Way, path_in, read_mail, visit
from tests.support.files import make_pdf

pytestmark = pytest.mark.browser

CODE = re.compile(r"^\s*([A-Z0-9]{3,5}-?[A-Z0-9]{3,5})\s*$", re.MULTILINE)
# The tutor of the session that is over and waits for its attendance, by the address of whom it helped.
OVER = """
    SELECT tutor.email, session.id FROM tutoring_session AS session
    JOIN accounts_person AS tutor ON tutor.id = session.tutor_id
    JOIN tutoring_participation AS part ON part.session_id = session.id
    JOIN accounts_person AS learner ON learner.id = part.person_id
    WHERE session.state = 'confirmed' AND learner.email = ? AND session.ends_at < datetime('now')
"""
COLLECTING = """
    SELECT first_day, campaign.id FROM campaigns_campaign AS campaign
    JOIN networks_network AS network ON network.id = campaign.network_id
    WHERE campaign.state = 'collecting' AND network.slug = 'rive-sud'
"""


@pytest.fixture(scope="module")
def served(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """A server of these tests alone: the one that is crawled keeps what it has."""
    folder = tmp_path_factory.mktemp("journeys")
    shutil.copytree(demo_folder, folder / "var")
    with serve(folder / "var", folder / "server.log") as running:
        yield running


@pytest.fixture
def demonstration(served: Demonstration, demo_folder: Path) -> Demonstration:
    """The demonstration as it was made, whatever the test before has done."""
    served.restore(demo_folder)
    return served


@pytest.fixture(params=Way, ids=str)
def visitor(request: pytest.FixtureRequest, browser: Browser, demonstration: Demonstration) -> Iterator[Visitor]:
    with visit(browser, demonstration, request.param) as somebody:
        yield somebody


def test_somebody_signs_in_by_code_asks_for_help_and_withdraws(visitor: Visitor) -> None:
    page, address = visitor.page, "apprenant@demo.example"
    visitor.open("/compte/login/")
    visitor.write(page.get_by_label("Votre adresse électronique"), address)
    visitor.press_button("Recevoir un code")
    visitor.sees_title("Saisir le code")
    code = re.search(
        r"^\s*([A-Z0-9]{3,5}-?[A-Z0-9]{3,5})\s*$", read_mail(visitor.demonstration, address, "code"), re.MULTILINE
    )
    assert code
    visitor.write(page.get_by_label("Code"), code[1])
    visitor.press_button("Se connecter")
    visitor.sees_title(re.compile("^Bonjour"))

    visitor.follow("Demander de l’aide")
    visitor.follow("J’ai perdu mes codes")
    visitor.sees_title("J’ai perdu mes codes")
    visitor.choose(page.get_by_label("Ce mois-ci"))
    visitor.unfold("Préciser, si vous voulez")
    visitor.write(page.get_by_label("Ce qu’il est utile de savoir"), "Plutôt le midi.")
    visitor.fits()
    visitor.press_button("Envoyer ma demande")
    visitor.is_told("Votre demande est envoyée.")
    visitor.sees("Plutôt le midi.")
    title = page.get_by_role("heading", level=1).inner_text()

    visitor.follow("Mes demandes")
    visitor.follow(title)
    visitor.unfold("Retirer cette demande")
    visitor.press_button("Retirer la demande")
    visitor.sees("Cette demande est retirée : personne ne la traite.")
    visitor.follow("Mes demandes")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes demandes")
    expect(page.get_by_role("link", name=title)).to_have_count(0)


def test_somebody_stands_on_a_domain_leaves_midway_and_comes_back(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in("apprenant")
    visitor.follow("Où j’en suis")
    other = page.locator("section[aria-labelledby=les-autres] li", has_not_text="sur").get_by_role("link").first
    framework = page.locator(f"main a[href='{other.get_attribute('href')}']")
    visitor.press(other)
    visitor.follow("Commencer")
    expect(page.locator("fieldset.question").first).to_be_visible()
    title = page.get_by_role("heading", level=1).inner_text()
    names = [str(question.get_attribute("id")) for question in page.locator("fieldset.question").all()]
    assert len(names) > 2
    answer_question(visitor, names[0], "je ne connais pas")
    answer_question(visitor, names[1], "je fais sans aide")
    leave_midway(visitor)

    visitor.open("/accueil/")
    visitor.follow("Où j’en suis")
    visitor.press(framework)
    visitor.follow("Reprendre où j’en étais")
    expect(page).to_have_url(re.compile(f"#{names[2]}$"))
    visitor.sees_title(title)
    expect(page.locator(f"#{names[0]}").get_by_label("je ne connais pas")).to_be_checked()
    expect(page.locator(f"#{names[2]} :checked")).to_have_count(0)
    for name in names[2:]:
        answer_question(visitor, name, "je fais avec de l’aide")
    visitor.press_button(re.compile("^Enregistrer et"))
    visitor.is_told("Vos réponses sont enregistrées.")
    visitor.follow("M’arrêter là")
    visitor.sees(f"{len(names)} réponses sur")
    visitor.fits()

    first_gap = page.locator("section[aria-labelledby=ecarts] li").first
    visitor.follow(re.compile("^Demander de l’aide"), within=first_gap)
    visitor.sees_title("Votre demande")
    visitor.press_button("Envoyer ma demande")
    visitor.is_told("Votre demande est envoyée.")


def answer_question(visitor: Visitor, name: str, answer: str) -> None:
    question = visitor.page.locator(f"fieldset#{name}")
    visitor.choose(question.get_by_label(answer))
    if visitor.way != Way.PLAIN:
        expect(question.locator(".saved")).to_contain_text("Enregistré")


def leave_midway(visitor: Visitor) -> None:
    """A live page has kept each answer; without JavaScript, the button of the page keeps them."""
    if visitor.way == Way.PLAIN:
        visitor.press_button("Enregistrer et continuer")
        visitor.is_told("Vos réponses sont enregistrées.")
    visitor.follow("M’arrêter là")
    visitor.sees("2 réponses sur")


def test_tutors_accept_a_proposal_and_decline_another(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in("tutrice")
    proposed = page.locator("article.session", has_text="proposée").first
    visitor.press_button("Accepter", within=proposed)
    visitor.is_told("Séance acceptée : elle est confirmée.")

    visitor.sign_in_anew("double")
    visitor.follow("Décliner…")
    visitor.press_button("Décliner la séance")
    reason = page.get_by_label("Pourquoi vous déclinez")
    visitor.is_corrected(reason)
    visitor.write(reason, "Je suis de garde ce jour-là.")
    visitor.press_button("Décliner la séance")
    visitor.is_told("Séance déclinée.")
    visitor.sees("Je suis de garde ce jour-là.")


def test_both_sides_say_who_was_there_and_points_appear(visitor: Visitor) -> None:
    page = visitor.page
    tutor, session = visitor.demonstration.ask(OVER, "apprenante@demo.example")[0]
    visitor.sign_in(tutor.partition("@")[0])
    visitor.open("/mes-points/")
    before = points_shown(visitor)
    visitor.open("/accueil/")
    visitor.fits()
    visitor.press_button("Tout le monde était là")
    visitor.is_told("Présences enregistrées.")

    visitor.sign_in_anew("apprenante")
    card = page.locator("article.session", has=page.locator(f"a[href='/seances/{session}/']"))
    visitor.press_button("Oui", within=card)
    visitor.is_told("Merci, votre réponse est enregistrée.")

    visitor.sign_in_anew(tutor.partition("@")[0])
    visitor.open("/mes-points/")
    # Three quarters of an hour with one person, at ten points an hour.
    assert points_shown(visitor) == before + Decimal("7.5")
    expect(page.locator(f"main a[href='/seances/{session}/']")).to_be_visible()


def points_shown(visitor: Visitor) -> Decimal:
    """The balance as it is written, such as « 7,5 »."""
    words = visitor.page.locator(".kpi b").first.inner_text()
    return Decimal(re.sub(r"[^\d,]", "", words).replace(",", "."))


def test_somebody_says_when_they_are_free(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in("apprenant")
    visitor.open("/mes-disponibilites/")
    windows = page.locator("section[aria-labelledby=creneaux]")
    before = seen_by_campaign(visitor)
    form = page.locator("section[aria-labelledby=creneau]")
    visitor.pick(form.get_by_label("Jour"), "Samedi")
    visitor.write_time(form.get_by_label("De", exact=True), "09:00")
    visitor.write_time(form.get_by_label("À", exact=True), "11:00")
    visitor.press_button("Ajouter", within=form)
    expect(windows).to_contain_text(re.compile("Samedi\\s+9"))
    after_window = seen_by_campaign(visitor)
    assert after_window > before

    tick_half_hour(visitor, "5-22", beside="5-21")
    visitor.press_button("Enregistrer ma semaine")
    visitor.is_told("Votre semaine est enregistrée.")
    expect(windows).to_contain_text("11 h 30")
    after_board = seen_by_campaign(visitor)
    assert after_board > after_window

    exceptions = page.locator("section[aria-labelledby=exception]")
    day = visitor.demonstration.ask(COLLECTING)[0][0]
    visitor.write_day(exceptions.get_by_label("Premier jour"), day)
    visitor.press_button("Ajouter", within=exceptions)
    expect(page.locator("section[aria-labelledby=exceptions]")).to_contain_text("pas libre")
    assert seen_by_campaign(visitor) < after_board
    visitor.fits()


def tick_half_hour(visitor: Visitor, key: str, *, beside: str) -> None:
    """By keyboard, the board is one stop of Tab; arrows lead from ``beside``, which is above ``key``."""
    board, box = visitor.page.locator("table.board"), f"[value='{key}']"
    if visitor.way == Way.KEYS:
        visitor.reach(board.locator("input[tabindex='0']"))
        visitor.walk_board(board.locator(f"[value='{beside}']"))
        visitor.page.keyboard.press("ArrowDown")
        visitor.page.keyboard.press("Space")
    else:
        visitor.toggle(board.locator(box))
    expect(board.locator(box)).to_be_checked()


def seen_by_campaign(visitor: Visitor) -> int:
    """Minutes that the collecting campaign will see."""
    words = visitor.page.locator("section[aria-labelledby=campagne] b.num").first.inner_text()
    hours, _, minutes = words.replace("\u00a0", " ").replace("\u202f", " ").partition(" h")
    return int(hours) * 60 + int(re.sub(r"\D", "", minutes) or 0)


def test_a_tutor_claims_by_credential_and_the_coordinator_accepts(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in("tutrice")
    visitor.follow(re.compile("validée"))
    visitor.follow("Ajouter des compétences")
    visitor.follow("Un autre diplôme ou certificat")
    visitor.press_button("Continuer")
    title = page.get_by_label("Nom du certificat ou du diplôme")
    obtained_on = page.get_by_label("Obtenu le")
    visitor.is_corrected(title, obtained_on)
    visitor.write(title, "Certificat de la journée de formation")
    visitor.write_day(obtained_on, "2026-06-30")
    visitor.press_button("Continuer")
    visitor.write(page.get_by_label("Cherchez avec vos mots"), "mot de passe")
    visitor.press_button("Chercher")
    visitor.press(page.locator("ul.phrases a").first)
    expect(page.locator("input[name=levels]")).to_be_checked()

    note, evidence = page.get_by_label("Un mot pour votre coordination"), page.locator("input[type=file]")
    visitor.attach(evidence, {"name": "certificat.txt", "mimeType": "text/plain", "buffer": b"Bravo."})
    visitor.write(note, "Reçu en juin.")
    visitor.press_button("Envoyer à ma coordination")
    visitor.is_corrected(evidence)
    expect(note).to_have_value("Reçu en juin.")
    visitor.attach(evidence, {"name": "certificat.pdf", "mimeType": "application/pdf", "buffer": make_pdf()})
    visitor.fits()
    visitor.press_button("Envoyer à ma coordination")
    visitor.is_told("C’est envoyé")
    visitor.sees("certificat.pdf")
    mine = page.url

    visitor.sign_in_anew("coordination")
    visitor.open("/validations/")
    visitor.follow("Thelma Tutrice")
    visitor.sees("certificat.pdf")
    decide(visitor, "m", "Demander un complément")
    visitor.is_asked_why()
    decide(visitor, "a", "Valider")
    visitor.is_told("Validé, pour Thelma Tutrice.")

    visitor.sign_in_anew("tutrice")
    visitor.open(mine)
    visitor.sees("validée")
    visitor.sees(re.compile("^Validée"))


def decide(visitor: Visitor, key: str, words: str) -> None:
    """By keyboard, the one key that the page announces, once it does and the focus stands where keys are heard."""
    if visitor.way == Way.KEYS:
        visitor.page.wait_for_load_state("load")
        expect(visitor.page.locator("[data-keys-help]")).to_be_visible()
        expect(visitor.page.locator("[data-keys] :focus")).to_have_count(1)
        visitor.page.keyboard.press(key)
    else:
        visitor.press_button(words)


def test_the_coordinator_computes_and_publishes_once(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in("coordination")
    campaign = visitor.demonstration.ask(COLLECTING)[0][1]
    address = f"/campagnes/{campaign}/"
    visitor.press(page.locator(f"main a[href='{address}']").last)
    visitor.press_button("Lancer le calcul")
    visitor.is_told("Calcul terminé")
    visitor.fits()

    again = page.context.new_page()
    again.goto(address)
    visitor.press_button(re.compile("^Publier"))
    visitor.is_told("Campagne publiée")
    sessions = visitor.demonstration.ask("SELECT count(*) FROM tutoring_session")
    Visitor(again, visitor.way, visitor.demonstration).press_button(re.compile("^Publier"))
    expect(again.locator(".messages, .error-summary")).to_be_visible()
    expect(again.get_by_role("button", name=re.compile("^Publier"))).to_have_count(0)
    assert visitor.demonstration.ask("SELECT count(*) FROM tutoring_session") == sessions


def test_somebody_invited_joins_once(visitor: Visitor) -> None:
    page, address = visitor.page, "nouvelle@invitee.example"
    visitor.sign_in("coordination")
    visitor.open("/membres/")
    visitor.follow("Inviter")
    emails = page.get_by_label("Adresses électroniques")
    visitor.write(emails, "pas une adresse")
    visitor.press_button("Envoyer")
    visitor.is_corrected(emails)
    expect(emails).to_have_value("pas une adresse")
    visitor.write(emails, address)
    visitor.press_button("Envoyer")
    visitor.is_told("1 invitation envoyée.")
    visitor.sees(address)
    link = path_in(read_mail(visitor.demonstration, address, "vous invite"), "/invitation/")

    page.context.clear_cookies()
    visitor.open(link)
    first_name, last_name = page.get_by_label("Prénom"), page.get_by_label("Nom", exact=True)
    visitor.write(first_name, "Noé")
    visitor.press_button("Ouvrir mon compte")
    visitor.is_corrected(last_name, page.get_by_label("Profession"))
    expect(first_name).to_have_value("Noé")
    visitor.write(last_name, "Nouvelle")
    visitor.pick(page.get_by_label("Profession"), "Sage-femme")
    visitor.fits()
    visitor.press_button("Ouvrir mon compte")
    visitor.sees_title("Bonjour Noé")

    page.context.clear_cookies()
    visitor.open(link)
    visitor.sees_title("Cette invitation ne sert plus")


def test_a_sheet_of_paper_signs_its_member_in_once(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in("coordination")
    visitor.open("/membres/?q=Aimé")
    visitor.follow("Aimé Apprenant")
    visitor.follow("Feuille de connexion")
    visitor.press_button("Préparer la feuille")
    visitor.sees_title("Se connecter à Tandem")
    page.emulate_media(media="print")
    expect(page.locator(".no-print").first).to_be_hidden()
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator("svg.qr")).to_be_visible()
    page.emulate_media(media="screen")
    link = path_in(read_code(page.locator("svg.qr").evaluate("(code) => code.outerHTML")), "/connexion/")

    page.context.clear_cookies()
    visitor.open(link)
    visitor.sees_title("Bonjour Aimé")
    visitor.press_button("Me connecter")
    expect(page).to_have_url(re.compile("/accueil/$"))
    page.context.clear_cookies()
    visitor.open(link)
    visitor.sees_title("Cette feuille ne sert plus")


def test_a_wrong_code_is_asked_for_again(visitor: Visitor) -> None:
    # Not somebody who asks for codes elsewhere: an address gets five in five minutes.
    page = visitor.page
    visitor.open("/compte/login/code/")
    visitor.write(page.get_by_label("Adresse"), "tuteur@demo.example")
    visitor.press_button("Recevoir un code")
    code = page.get_by_label("Code")
    visitor.write(code, "AAA-AAA")
    visitor.press_button("Se connecter")
    visitor.is_corrected(code)
    expect(page.locator("main")).to_contain_text("tuteur@demo.example")


def test_a_request_says_what_is_missing_and_keeps_the_rest(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in("apprenant")
    visitor.open("/demander/situation/codes-perdus/")
    visitor.choose(page.get_by_label("C’est bloquant"))
    for value in page.locator("[name=ways]:checked").evaluate_all("(boxes) => boxes.map((box) => box.value)"):
        visitor.toggle(page.locator(f"[name=ways][value='{value}']"))
    visitor.unfold("Préciser, si vous voulez")
    visitor.write(page.get_by_label("Ce qu’il est utile de savoir"), "Le matin.")
    visitor.press_button("Envoyer ma demande")
    summary = page.locator(".error-summary")
    expect(summary.get_by_role("link")).to_have_count(2)
    for link in summary.get_by_role("link").all():
        expect(page.locator(str(link.get_attribute("href")))).to_have_count(1)
    expect(page.get_by_label("C’est bloquant")).to_be_checked()
    expect(page.get_by_label("Ce qu’il est utile de savoir")).to_have_value("Le matin.")


def test_wrong_times_are_told_and_kept(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in("apprenant")
    visitor.open("/mes-disponibilites/")
    form = page.locator("section[aria-labelledby=creneau]")
    visitor.write_time(form.get_by_label("De", exact=True), "11:00")
    visitor.press_button("Ajouter", within=form)
    visitor.is_corrected(form.get_by_label("À", exact=True))
    expect(form.get_by_label("De", exact=True)).to_have_value("11:00")
    exceptions = page.locator("section[aria-labelledby=exception]")
    visitor.choose(exceptions.get_by_label("Libre en plus"))
    visitor.press_button("Ajouter", within=exceptions)
    visitor.is_corrected(exceptions.get_by_label("Premier jour"))
    expect(exceptions.get_by_label("Libre en plus")).to_be_checked()
