"""« Validations »: the queue of what waits, and one credential decided in one go, from the keyboard if one likes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render

from backend.accounts.models import Person
from backend.common.errors import DomainError
from backend.common.patient_numbers import validate_no_patient_number
from backend.needs.domain.phrases import search_in_own_words
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import networks_with_role
from backend.referentials.models import Notion
from backend.skills.domain.claims import OPEN_STATES, decide_claims
from backend.skills.domain.credentials import (
    access_credential_for,
    decide_credential,
    describe_notions,
    map_credential,
)
from backend.skills.enums import ClaimState, Level
from backend.skills.models import Claim, Credential
from backend.web.coordinator.claims import TOO_LATE
from backend.web.shared.access import CONFLICT, UNPROCESSABLE, PersonRequest, acting, page_of, reading, refuse
from backend.web.shared.claim_history import steps_of_credential
from backend.web.shared.notion_words import words_for
from backend.web.shared.wording import CLAIM_TAGS
from backend.web.tutor.claim_forms import LEVELS, DayField, NotionsForm
from backend.web.tutor.claims import tag_of
from backend.web.tutor.claims_add import CHOSEN_MAX, QUERY_LENGTH_MAX, RESULTS_A_PAGE

AWAITING, ASKED, DECIDED = "a-relire", "complement", "relues"
FILTERS = {AWAITING: "À relire", ASKED: "Complément attendu", DECIDED: "Relues"}
# The value of each button, its words, and its key.
BUTTONS = (
    (ClaimState.ACCEPTED, "Valider", "a"),
    (ClaimState.MORE_ASKED, "Demander un complément", "m"),
    (ClaimState.REFUSED, "Refuser", "r"),
)
DONE = {ClaimState.ACCEPTED: "Validé", ClaimState.MORE_ASKED: "Complément demandé", ClaimState.REFUSED: "Refusé"}


@reading
def list_claims(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    wanted = request.GET.get("etat", AWAITING)
    wanted = wanted if wanted in FILTERS else AWAITING
    context: dict[str, object] = {"filters": FILTERS.items(), "wanted": wanted}
    if wanted == DECIDED:
        claims = Claim.objects.filter(network__in=networks).exclude(state__in=OPEN_STATES)
        page = page_of(request, claims.select_related("person", "notion", "network", "credential"))
        context |= {"page": page, "rows": [(claim, tag_of(claim)) for claim in page]}
    else:
        state = ClaimState.AWAITING if wanted == AWAITING else ClaimState.MORE_ASKED
        page = page_of(request, waiting_credentials(request.user, networks, state))
        context |= {"page": page, "folders": [(credential, _count(credential, state)) for credential in page]}
    return render(request, "claims/list.html", context)


def waiting_credentials(author: Person, networks: list[Network], state: ClaimState) -> QuerySet[Credential]:
    """Oldest first; one's own are for somebody else to read."""
    claims = Claim.objects.filter(state=state)
    open_ones = Q(state=state) | Q(pk__in=claims.values("credential"))
    credentials = Credential.objects.filter(open_ones, network__in=networks).exclude(person=author)
    rows = credentials.select_related("person__profession", "network").prefetch_related("claims__notion", "evidence")
    return rows.order_by("created_at", "pk")


def _count(credential: Credential, state: ClaimState) -> int:
    return sum(claim.state == state for claim in credential.claims.all())


class ReviewForm(forms.Form):
    """One decision for the claims that are ticked; the fields of the choice of notions come with them."""

    target = forms.ChoiceField(
        choices=[(target.value, words) for target, words, _ in BUTTONS],
        error_messages={"required": "Choisissez une décision.", "invalid_choice": "Choisissez une décision."},
    )
    claims = forms.MultipleChoiceField(
        label="Compétences",
        required=False,
        error_messages={"invalid_choice": TOO_LATE},
    )
    expires_on = DayField(label="Valable jusqu’au", help_text="Sans date, la validation n’expire pas.", required=False)
    reason = forms.CharField(
        label="Pourquoi",
        help_text="La personne lira ces mots. Nécessaire pour refuser ou demander un complément.",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[validate_no_patient_number],
    )

    def __init__(self, claims: list[Claim], data: Any = None) -> None:
        self.by_key = {str(claim.pk): claim for claim in claims}
        super().__init__(data, initial={"claims": list(self.by_key)}, use_required_attribute=False)
        self.fields["claims"].choices = [(key, key) for key in self.by_key]  # type: ignore[attr-defined]
        for key, claim in self.by_key.items():
            self.fields[f"level_{key}"] = forms.TypedChoiceField(
                label="Niveau", choices=LEVELS, coerce=int, initial=claim.level, required=False
            )

    @property
    def ticked(self) -> list[str]:
        return self["claims"].value() or []

    @property
    def is_late(self) -> bool:
        """Whether somebody was faster on what is ticked."""
        return "claims" in self.errors


@acting
def review_credential(request: PersonRequest, credential_id: int) -> HttpResponse:
    credential = access_credential_for(request.user, credential_id)
    if credential.person_id == request.user.pk:
        return redirect("credential", credential_id=credential.pk)
    return Review(request, credential).answer()


class Review:
    """One request about one credential."""

    def __init__(self, request: PersonRequest, credential: Credential) -> None:
        self.request, self.credential = request, credential
        claims = credential.claims.select_related("notion").order_by("notion__area", "notion__title")
        self.claims = list(claims)
        self.mapping = credential.state in OPEN_STATES
        self.picked = self._picked() if self.mapping else None

    def answer(self) -> HttpResponse:
        waiting = [claim for claim in self.claims if claim.state == ClaimState.AWAITING]
        if self.request.method != "POST":
            return self._draw(ReviewForm(waiting), self.picked)
        form, status = ReviewForm(waiting, self.request.POST), UNPROCESSABLE
        picked = self._picked(self.request.POST) if self.mapping else None
        if form.is_valid() and (picked is None or picked.is_valid()):
            try:
                self._decide(form, picked)
            except DomainError as error:
                status = refuse(form, error)
            else:
                return self._go_on(ClaimState(form.cleaned_data["target"]))
        elif form.is_late:
            status = CONFLICT
        return self._draw(form, picked, status)

    def _decide(self, form: ReviewForm, picked: NotionsForm | None) -> None:
        data, author = form.cleaned_data, self.request.user
        target = ClaimState(data["target"])
        if picked is not None and target == ClaimState.ACCEPTED:
            map_credential(
                credential=self.credential,
                author=author,
                levels=picked.chosen(),
                reason=data["reason"],
                expires_on=data["expires_on"],
            )
        elif picked is not None:
            decide_credential(credential=self.credential, target=target, author=author, reason=data["reason"])
        else:
            claims = [form.by_key[key] for key in data["claims"]]
            decide_claims(
                claims=claims,
                target=target,
                author=author,
                reason=data["reason"],
                levels={claim.pk: data[f"level_{claim.pk}"] or claim.level for claim in claims},
                expires_on=data["expires_on"] if target == ClaimState.ACCEPTED else None,
            )

    def _go_on(self, target: ClaimState) -> HttpResponse:
        """To what remains here, else to the next in the queue."""
        messages.success(self.request, f"{DONE[target]}, pour {self.credential.person.name}. La personne est prévenue.")
        if self.credential.claims.filter(state=ClaimState.AWAITING).exists():
            return redirect("credential_review", credential_id=self.credential.pk)
        _, following = self._neighbours()
        return redirect("credential_review", credential_id=following) if following else redirect("claims")

    def _neighbours(self) -> tuple[int | None, int | None]:
        """Primary keys before and after this one in the queue."""
        networks = networks_with_role(self.request.user, Role.COORDINATOR)
        queue = waiting_credentials(self.request.user, networks, ClaimState.AWAITING)
        here = (self.credential.created_at, self.credential.pk)
        keys = list(queue.values_list("created_at", "pk"))
        before = [key for created, key in keys if (created, key) < here]
        after = [key for created, key in keys if (created, key) > here]
        return (before[-1] if before else None, after[0] if after else None)

    def _picked(self, data: Any = None) -> NotionsForm:
        """The notions that the address names, for a certificate that has to be tied to some."""
        slugs = self.request.GET.getlist("choix")[:CHOSEN_MAX]
        keys = Notion.objects.filter(slug__in=slugs).values_list("pk", flat=True)
        rows = describe_notions(
            person=self.credential.person,
            network=self.credential.network,
            levels=dict.fromkeys(keys, int(Level.INTERMEDIATE)),
            obtained_on=self.credential.obtained_on,
        )
        self.not_open = [row for row in rows if not row.is_open]
        return NotionsForm([(row.notion, row.level) for row in rows if row.is_open], data)

    def _draw(self, form: ReviewForm, picked: NotionsForm | None, status: int = 200) -> HttpResponse:
        person = self.credential.person
        words = words_for(person, [claim.notion for claim in self.claims])
        before, after = self._neighbours()
        settled = [claim for claim in self.claims if str(claim.pk) not in form.by_key]
        context: dict[str, object] = {
            "credential": self.credential,
            "tag": CLAIM_TAGS[ClaimState(self.credential.state)] if self.credential.state else None,
            "form": form,
            "rows": [(claim, words[claim.notion_id], form[f"level_{key}"]) for key, claim in form.by_key.items()],
            "settled": [(claim, words[claim.notion_id], tag_of(claim)) for claim in settled],
            "can_decide": bool(form.by_key) or self.credential.state in OPEN_STATES,
            "buttons": [button for button in BUTTONS if self._allows(button[0])],
            "steps": steps_of_credential(self.credential),
            "before": before,
            "after": after,
        }
        context |= self._search(picked) if picked is not None else {}
        return render(self.request, "claims/review.html", context, status=status)

    def _allows(self, target: ClaimState) -> bool:
        """A certificate whose answer is awaited can only be refused."""
        return self.credential.state != ClaimState.MORE_ASKED or target == ClaimState.REFUSED

    def _search(self, picked: NotionsForm) -> dict[str, object]:
        person = self.credential.person
        words = words_for(person, picked.notions.values())
        closed = words_for(person, [row.notion for row in self.not_open])
        context: dict[str, object] = {
            "mapping": True,
            "picked": picked,
            "picked_rows": [
                (notion, words[notion.pk], picked[f"level_{slug}"]) for slug, notion in picked.notions.items()
            ],
            "not_open": closed.values(),
            "words": self.request.GET.get("q", "").strip()[:QUERY_LENGTH_MAX],
        }
        if context["words"]:
            found = search_in_own_words(str(context["words"]), person)
            page = page_of(self.request, found, RESULTS_A_PAGE)
            context |= {"page": page, "found": [(row, row.notion.slug in picked.notions) for row in page]}
        return context
