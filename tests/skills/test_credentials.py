"""Certificates: what they cover, sent once with their files, decided in one go, answered, taken back."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoCaptureOnCommitCallbacks

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, ForbiddenMoveError, NotFoundError, RoleRequiredError
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.notifications.domain.notify import notifications_for
from backend.referentials.models import Competency, Framework, Notion
from backend.skills.domain.claims import decide_claims, submit_claim, withdraw_claim
from backend.skills.domain.credentials import (
    access_credential_for,
    answer_credential,
    decide_credential,
    map_credential,
    observe_notion,
    parts_of,
    propose_notions,
    submit_credential,
    withdraw_credential,
)
from backend.skills.domain.evidence import access_evidence_for, add_evidence, remove_evidence
from backend.skills.enums import ClaimState, CredentialKind
from backend.skills.models import Claim, Credential, Evidence
from tests.support import factories
from tests.support.factories import ClaimFactory, NetworkFactory, NotionFactory, make_member
from tests.support.files import make_jpeg, make_pdf, make_png

pytestmark = pytest.mark.django_db

NIR = "Vu pour 1 85 05 75 999 084 64"
YESTERDAY, TOMORROW = (now().date() + dt.timedelta(days=days) for days in (-1, 1))


@pytest.fixture
def network() -> Network:
    found: Network = NetworkFactory.create()
    return found


@pytest.fixture
def tutor(network: Network) -> Person:
    return make_member(network, Role.TUTOR)


@pytest.fixture
def coordinator(network: Network) -> Person:
    return make_member(network, Role.COORDINATOR)


@pytest.fixture
def notions() -> list[Notion]:
    return [NotionFactory.create(slug=slug) for slug in ("un", "deux", "trois")]


def file(name: str = "certificat.png", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, make_png() if content is None else content, content_type="text/html")


@pytest.fixture
def send(tutor: Person, network: Network, notions: list[Notion]) -> Callable[..., Credential]:
    def submit(**changes: Any) -> Credential:
        given: dict[str, Any] = {
            "person": tutor,
            "network": network,
            "kind": CredentialKind.DIPLOMA,
            "title": "Diplôme inventé",
            "levels": dict.fromkeys(notions, 2),
        }
        return submit_credential(**given | changes)

    return submit


def block(framework: str, level: int | None, *notions: Notion) -> Competency:
    owner = Framework.objects.filter(slug=framework).first() or factories.FrameworkFactory.create(slug=framework)
    made: Competency = factories.CompetencyFactory.create(domain__framework=owner, level=level)
    made.notions.set(notions)
    return made


def states() -> list[str]:
    return list(Claim.objects.order_by("pk").values_list("state", flat=True))


# What certificates cover


def test_only_known_certificates_have_parts() -> None:
    parts = {slug: block(slug, 1) for slug in ("c2i2ms", "du-cns", "socle-4-8")}
    found = {kind: parts_of(kind) for kind in CredentialKind}
    assert found == {
        CredentialKind.C2I2MS: [parts["c2i2ms"]],
        CredentialKind.DU: [parts["du-cns"]],
        CredentialKind.PIX: [],
        CredentialKind.DIPLOMA: [],
        CredentialKind.OBSERVATION: [],
    }


def test_a_certificate_proposes_what_its_parts_cover_at_their_level(
    tutor: Person, network: Network, notions: list[Notion]
) -> None:
    one, two, three = notions
    parts = [block("du-cns", 0, one), block("du-cns", 3, one, two), block("c2i2ms", None, three)]
    block("du-cns", 2, NotionFactory.create())
    proposed = propose_notions(person=tutor, network=network, parts=parts, obtained_on=None)
    assert {row.notion: row.level for row in proposed} == {one: 3, two: 3, three: 2}
    assert all(row.is_open for row in proposed)


def test_a_proposal_says_what_is_held_pending_or_younger(tutor: Person, network: Network) -> None:
    kinds = ["fresh", "young", "held", "expired", "pending", "refused", "elsewhere"]
    made = {name: NotionFactory.create(since_year=2022 if name == "young" else None) for name in kinds}
    claimed: dict[str, dict[str, Any]] = {
        "held": {"state": ClaimState.ACCEPTED, "expires_on": TOMORROW},
        "expired": {"state": ClaimState.ACCEPTED, "expires_on": YESTERDAY},
        "pending": {"state": ClaimState.MORE_ASKED},
        "refused": {"state": ClaimState.REFUSED},
    }
    for name, fields in claimed.items():
        ClaimFactory.create(person=tutor, network=network, notion=made[name], **fields)
    ClaimFactory.create(person=tutor, notion=made["elsewhere"], state=ClaimState.ACCEPTED)
    ClaimFactory.create(network=network, notion=made["fresh"], state=ClaimState.ACCEPTED)
    part = block("c2i2ms", None, *made.values())
    proposed = propose_notions(person=tutor, network=network, parts=[part], obtained_on=dt.date(2015, 6, 30))
    names = {notion: name for name, notion in made.items()}
    assert {names[row.notion]: (row.standing, row.too_young) for row in proposed if not row.is_open} == {
        "young": ("", True),
        "held": ("held", False),
        "pending": ("pending", False),
    }


# Sending


def test_a_certificate_is_sent_with_all_its_claims(
    send: Callable[..., Credential], tutor: Person, coordinator: Person, notions: list[Notion]
) -> None:
    credential = send(levels={notions[0]: 1, notions[1]: 3}, note=" Stage inclus ", files=[file()])
    assert (credential.state, credential.note) == ("", "Stage inclus")
    assert {claim.notion: (claim.level, claim.state) for claim in credential.claims.all()} == {
        notions[0]: (1, "awaiting"),
        notions[1]: (3, "awaiting"),
    }
    assert [(row.name, row.media_type) for row in credential.evidence.all()] == [("certificat.png", "image/png")]
    assert [row.title for row in notifications_for(coordinator)] == [
        f"{tutor.name} demande la validation de compétences"
    ]


def test_the_same_form_sent_twice_makes_one(send: Callable[..., Credential]) -> None:
    key = uuid.uuid4()
    first, second = send(client_id=key, files=[file()]), send(client_id=key, files=[file()])
    assert (first, Credential.objects.count(), Claim.objects.count(), Evidence.objects.count()) == (second, 1, 3, 1)


def test_pix_goes_without_claims_and_others_with_some(send: Callable[..., Credential], notions: list[Notion]) -> None:
    assert send(kind=CredentialKind.PIX, levels={}).state == ClaimState.AWAITING
    for kind, levels in ((CredentialKind.PIX, {notions[0]: 2}), (CredentialKind.DU, {})):
        with pytest.raises(DomainError) as refused:
            send(kind=kind, levels=levels)
        assert refused.value.code == "nothing_chosen"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " "}, "title_required"),
        ({"title": NIR}, "patient_number"),
        ({"note": NIR}, "patient_number"),
        ({"kind": "permis"}, "kind"),
        ({"obtained_on": TOMORROW}, "obtained_on"),
        ({"files": [file("photo.pdf", b"<html>")]}, "file_kind"),
        ({"files": [file(f"{n}.png") for n in range(6)]}, "too_many_files"),
        ({"files": [file(content=b"")]}, "file_empty"),
        ({"files": [file(f"{NIR}.png")]}, "patient_number"),
        ({"files": [file(content=make_png() + b" " * 5 * 1024 * 1024)]}, "file_too_large"),
    ],
)
def test_what_makes_no_sense_leaves_nothing(
    send: Callable[..., Credential], changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        send(**changes)
    assert refused.value.code == code
    assert (Credential.objects.count(), Claim.objects.count(), Evidence.objects.count()) == (0, 0, 0)


def test_one_claim_too_many_sends_none(send: Callable[..., Credential], notions: list[Notion]) -> None:
    send(levels={notions[2]: 2})
    with pytest.raises(ConflictError):
        send()
    assert (Credential.objects.count(), Claim.objects.count()) == (1, 1)
    with pytest.raises(DomainError) as refused:
        send(levels={NotionFactory.create(since_year=2022): 2}, obtained_on=dt.date(2015, 1, 1))
    assert refused.value.code == "credential_too_old"


def test_what_expired_may_be_claimed_again(
    send: Callable[..., Credential], tutor: Person, network: Network, notions: list[Notion]
) -> None:
    old = ClaimFactory.create(
        person=tutor, network=network, notion=notions[0], state=ClaimState.ACCEPTED, expires_on=YESTERDAY
    )
    send(levels={notions[0]: 2})
    old.refresh_from_db()
    assert (old.state, states()) == (ClaimState.REVOKED, ["revoked", "awaiting"])


def test_only_tutors_send(send: Callable[..., Credential], coordinator: Person, network: Network) -> None:
    with pytest.raises(RoleRequiredError):
        send(person=coordinator)
    with pytest.raises(NotFoundError):
        send(network=NetworkFactory.create())


# Deciding


def test_one_decision_for_many_is_told_once(
    send: Callable[..., Credential], coordinator: Person, tutor: Person, notions: list[Notion]
) -> None:
    claims = list(send().claims.order_by("notion__slug"))
    decide_claims(
        claims=claims, target=ClaimState.ACCEPTED, author=coordinator, levels={claims[0].pk: 3}, expires_on=TOMORROW
    )
    rows = {claim.notion.slug: (claim.state, claim.level, claim.expires_on) for claim in Claim.objects.all()}
    assert rows == {
        "deux": ("accepted", 3, TOMORROW),
        "trois": ("accepted", 2, TOMORROW),
        "un": ("accepted", 2, TOMORROW),
    }
    assert [row.title for row in notifications_for(tutor)] == ["3 compétences sont validées"]


def test_many_are_decided_all_or_none(send: Callable[..., Credential], coordinator: Person) -> None:
    claims = list(send().claims.order_by("pk"))
    decide_claims(claims=claims[1:2], target=ClaimState.REFUSED, author=coordinator, reason="Illisible")
    with pytest.raises(ForbiddenMoveError):
        decide_claims(claims=claims, target=ClaimState.ACCEPTED, author=coordinator)
    assert states() == ["awaiting", "refused", "awaiting"]


def test_a_decision_is_about_one_certificate(
    send: Callable[..., Credential], coordinator: Person, network: Network
) -> None:
    claims = [*send().claims.all(), ClaimFactory.create(network=network)]
    for chosen, code in ((claims, "one_credential"), ([], "nothing_chosen")):
        with pytest.raises(DomainError) as refused:
            decide_claims(claims=chosen, target=ClaimState.ACCEPTED, author=coordinator)
        assert refused.value.code == code
    assert set(states()) == {"awaiting"}


def test_nobody_decides_their_own(network: Network, notions: list[Notion]) -> None:
    both = make_member(network, Role.TUTOR, Role.COORDINATOR)
    claim = submit_claim(person=both, network=network, notion=notions[0], level=2)
    pix = submit_credential(person=both, network=network, kind=CredentialKind.PIX, title="Pix+", levels={})
    acts: list[Callable[[], object]] = [
        lambda: decide_claims(claims=[claim], target=ClaimState.ACCEPTED, author=both),
        lambda: map_credential(credential=pix, author=both, levels={notions[1]: 2}),
        lambda: decide_credential(credential=pix, target=ClaimState.REFUSED, author=both, reason="Non"),
        lambda: observe_notion(
            author=both, person=both, network=network, notion=notions[2], level=2, sentence="Je me suis vu"
        ),
    ]
    for act in acts:
        with pytest.raises(DomainError) as refused:
            act()
        assert refused.value.code == "own_claim"
    assert states() == ["awaiting"]


@pytest.mark.parametrize("day", [YESTERDAY, now().date()])
def test_a_validation_expires_in_the_future(send: Callable[..., Credential], coordinator: Person, day: dt.date) -> None:
    with pytest.raises(DomainError) as refused:
        decide_claims(claims=list(send().claims.all()), target=ClaimState.ACCEPTED, author=coordinator, expires_on=day)
    assert refused.value.code == "expires_on"


def test_a_coordinator_chooses_what_pix_proves(
    send: Callable[..., Credential], coordinator: Person, tutor: Person, notions: list[Notion]
) -> None:
    pix = send(kind=CredentialKind.PIX, levels={})
    claims = map_credential(credential=pix, author=coordinator, levels={notions[0]: 1, notions[1]: 3})
    assert [(claim.notion, claim.level, claim.state, claim.person) for claim in claims] == [
        (notions[0], 1, "accepted", tutor),
        (notions[1], 3, "accepted", tutor),
    ]
    pix.refresh_from_db()
    assert pix.state == ClaimState.ACCEPTED
    for act in (
        lambda: map_credential(credential=pix, author=coordinator, levels={notions[2]: 1}),
        lambda: decide_credential(credential=pix, target=ClaimState.REFUSED, author=coordinator, reason="Non"),
    ):
        with pytest.raises(ForbiddenMoveError):
            act()
    assert Claim.objects.count() == 2


def test_what_is_chosen_for_pix_keeps_the_rules(
    send: Callable[..., Credential], coordinator: Person, notions: list[Notion]
) -> None:
    send(levels={notions[0]: 2})
    pix = send(kind=CredentialKind.PIX, levels={}, obtained_on=dt.date(2020, 1, 1))
    young = NotionFactory.create(since_year=2022)
    for levels, code in (
        ({}, "nothing_chosen"),
        ({notions[0]: 2}, "already_claimed"),
        ({young: 2}, "credential_too_old"),
    ):
        with pytest.raises(DomainError) as refused:
            map_credential(credential=pix, author=coordinator, levels=levels)
        assert refused.value.code == code
    assert states() == ["awaiting"]


def test_pix_may_be_refused_or_asked_more_of_with_a_reason(
    send: Callable[..., Credential], coordinator: Person, tutor: Person
) -> None:
    pix = send(kind=CredentialKind.PIX, levels={})
    for target, reason, code in (
        (ClaimState.REFUSED, " ", "reason_required"),
        (ClaimState.REVOKED, "Non", "no_decision"),
        (ClaimState.MORE_ASKED, NIR, "patient_number"),
    ):
        with pytest.raises(DomainError) as refused:
            decide_credential(credential=pix, target=target, author=coordinator, reason=reason)
        assert refused.value.code == code
    decide_credential(credential=pix, target=ClaimState.MORE_ASKED, author=coordinator, reason="La date manque")
    answer_credential(credential=pix, author=tutor, text="Juin 2025")
    decide_credential(credential=pix, target=ClaimState.REFUSED, author=coordinator, reason="Illisible")
    assert [(row.target, row.reason) for row in pix.transitions.all()] == [
        ("awaiting", ""),
        ("more_asked", "La date manque"),
        ("awaiting", "Juin 2025"),
        ("refused", "Illisible"),
    ]
    assert [row.title for row in notifications_for(tutor)] == [
        "Votre certificat n’a pas été retenu",
        "Un complément vous est demandé pour votre certificat",
    ]


def test_what_a_coordinator_saw_counts_at_once(
    coordinator: Person, tutor: Person, network: Network, notions: list[Notion]
) -> None:
    given: dict[str, Any] = {"author": coordinator, "network": network, "notion": notions[0], "level": 2}
    learner = make_member(network, Role.LEARNER)
    for person, sentence, code in (
        (tutor, " ", "reason_required"),
        (tutor, NIR, "patient_number"),
        (learner, "Vu", "role_required"),
    ):
        with pytest.raises(DomainError) as refused:
            observe_notion(person=person, sentence=sentence, **given)
        assert refused.value.code == code
    claim = observe_notion(person=tutor, sentence="A formé deux collègues devant moi", **given)
    assert [(row.target, row.author, row.reason) for row in claim.transitions.all()] == [
        ("awaiting", coordinator, ""),
        ("accepted", coordinator, "A formé deux collègues devant moi"),
    ]
    assert claim.credential.kind == CredentialKind.OBSERVATION
    assert Claim.objects.valid_on(now().date()).get() == claim


# Answering, taking back


def test_an_answer_sends_all_that_was_asked_back(
    send: Callable[..., Credential], coordinator: Person, tutor: Person
) -> None:
    credential = send()
    claims = list(credential.claims.order_by("pk"))
    with pytest.raises(ConflictError) as early:
        answer_credential(credential=credential, author=tutor, text="Voici")
    assert early.value.code == "nothing_asked"
    decide_claims(claims=claims[:2], target=ClaimState.MORE_ASKED, author=coordinator, reason="La date manque")
    for text, code in ((" ", "answer_required"), (NIR, "patient_number")):
        with pytest.raises(DomainError) as refused:
            answer_credential(credential=credential, author=tutor, text=text)
        assert refused.value.code == code
    answer_credential(credential=credential, author=tutor, files=[file()])
    assert states() == ["awaiting"] * 3
    assert [row.reason for row in claims[0].transitions.all()] == ["", "La date manque", "Fichier ajouté."]
    assert credential.evidence.count() == 1
    assert notifications_for(coordinator)[0].title == f"{tutor.name} a répondu à votre demande de complément"


def test_taking_back_leaves_what_was_decided(
    send: Callable[..., Credential], coordinator: Person, tutor: Person
) -> None:
    credential = send()
    claims = list(credential.claims.order_by("pk"))
    decide_claims(claims=claims[:1], target=ClaimState.ACCEPTED, author=coordinator)
    withdraw_claim(claim=claims[1], author=tutor)
    withdraw_credential(credential=credential, author=tutor)
    assert states() == ["accepted", "cancelled", "cancelled"]
    with pytest.raises(ConflictError):
        withdraw_credential(credential=credential, author=tutor)
    with pytest.raises(ForbiddenMoveError):
        withdraw_claim(claim=claims[0], author=tutor)


def test_nobody_else_answers_or_takes_back(
    send: Callable[..., Credential], coordinator: Person, network: Network
) -> None:
    credential = send(files=[file()])
    claim = credential.claims.first()
    evidence = credential.evidence.get()
    assert claim is not None
    for person in (coordinator, make_member(network, Role.TUTOR)):
        acts: list[Callable[[], object]] = [
            lambda person=person: answer_credential(credential=credential, author=person, text="Voici"),  # type: ignore[misc]
            lambda person=person: withdraw_credential(credential=credential, author=person),  # type: ignore[misc]
            lambda person=person: withdraw_claim(claim=claim, author=person),  # type: ignore[misc]
            lambda person=person: add_evidence(credential=credential, author=person, files=[file()]),  # type: ignore[misc]
            lambda person=person: remove_evidence(evidence=evidence, author=person),  # type: ignore[misc]
        ]
        for act in acts:
            with pytest.raises(NotFoundError):
                act()
    assert (states(), Evidence.objects.count()) == (["awaiting"] * 3, 1)


# Files


def test_files_are_kept_once_under_names_nobody_guesses(send: Callable[..., Credential], tutor: Person) -> None:
    credential = send(files=[file("../../moi.html", make_pdf())])
    add_evidence(credential=credential, author=tutor, files=[file("copie.pdf", make_pdf()), file("b.jpg", make_jpeg())])
    rows = list(credential.evidence.all())
    assert [(row.name, row.media_type) for row in rows] == [
        ("moi.html", "application/pdf"),
        ("b.jpg", "image/jpeg"),
    ]
    for row, content in zip(rows, (make_pdf(), make_jpeg()), strict=True):
        with row.file.open("rb") as stored:
            assert stored.read() == content
    for row, end in zip(rows, ("pdf", "jpg"), strict=True):
        folder, name = str(row.file.name).rsplit("/", 1)
        assert folder.startswith("evidence/")
        assert (len(name), name.rsplit(".", 1)[1], "moi" in name) == (52, end, False)


def test_a_credential_holds_five_files(send: Callable[..., Credential], tutor: Person) -> None:
    credential = send(files=[file(content=make_png(side=side)) for side in range(1, 6)])
    with pytest.raises(DomainError) as refused:
        add_evidence(credential=credential, author=tutor, files=[file(content=make_png(side=9))])
    assert (refused.value.code, credential.evidence.count()) == ("too_many_files", 5)


def test_a_file_is_taken_back_while_the_claim_awaits(
    send: Callable[..., Credential],
    tutor: Person,
    coordinator: Person,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    credential = send(files=[file(), file("b.jpg", make_jpeg())])
    gone, kept = credential.evidence.all()
    name = str(gone.file.name)
    assert default_storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        remove_evidence(evidence=gone, author=tutor)
    assert not default_storage.exists(name)
    decide_claims(claims=list(credential.claims.all()), target=ClaimState.ACCEPTED, author=coordinator)
    with pytest.raises(ConflictError):
        remove_evidence(evidence=kept, author=tutor)
    with pytest.raises(ConflictError):
        add_evidence(credential=credential, author=tutor, files=[file()])
    assert list(credential.evidence.all()) == [kept]


def test_who_reads_a_certificate_and_its_files(
    send: Callable[..., Credential], tutor: Person, coordinator: Person, network: Network
) -> None:
    credential = send(files=[file()])
    evidence = credential.evidence.get()
    for reader in (tutor, coordinator):
        assert access_credential_for(reader, credential.pk) == credential
        assert access_evidence_for(reader, evidence.pk) == evidence
    refusals = {
        make_member(network, Role.TUTOR): RoleRequiredError,
        make_member(network, Role.AUDITOR): RoleRequiredError,
        make_member(NetworkFactory.create(), Role.COORDINATOR): NotFoundError,
    }
    for reader, error in refusals.items():
        with pytest.raises(error):
            access_credential_for(reader, credential.pk)
        with pytest.raises(error):
            access_evidence_for(reader, evidence.pk)
