"""« Validations »: what was decided, and one claim, which its own author reads too."""

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from backend.common.errors import DomainError
from backend.common.patient_numbers import validate_no_patient_number
from backend.networks.enums import Role
from backend.networks.rules import require_role, roles_in
from backend.skills.domain.claims import OPEN_STATES, access_claim_for, decide_claim, withdraw_claim
from backend.skills.enums import CLAIM_MOVES, ClaimState, Level
from backend.skills.models import Claim
from backend.web.shared.access import CONFLICT, UNPROCESSABLE, PersonRequest, acting, refuse
from backend.web.shared.claim_history import steps_of_claim
from backend.web.shared.wording import own_wording
from backend.web.tutor.claim_forms import DayField
from backend.web.tutor.claims import tag_of

DECISIONS = {
    ClaimState.ACCEPTED: "Valider",
    ClaimState.MORE_ASKED: "Demander un complément",
    ClaimState.REFUSED: "Refuser",
    ClaimState.REVOKED: "Retirer la validation",
}
DONE = {
    ClaimState.ACCEPTED: "Compétence validée : elle compte dès le prochain calcul.",
    ClaimState.MORE_ASKED: "Complément demandé.",
    ClaimState.REFUSED: "Demande refusée.",
    ClaimState.REVOKED: "Validation retirée : elle ne compte plus.",
}
TOO_LATE = "Cette décision n’est plus possible : la situation a changé entre-temps."


class DecisionForm(forms.Form):
    """What a coordinator decides; only the moves open from the claim's state."""

    target = forms.ChoiceField(
        label="Votre décision",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une décision.", "invalid_choice": TOO_LATE},
    )
    level = forms.TypedChoiceField(
        label="Niveau validé",
        help_text="Vous pouvez valider à un autre niveau que celui demandé.",
        choices=[(level.value, level.label) for level in Level],
        coerce=int,
    )
    expires_on = DayField(label="Valable jusqu’au", help_text="Sans date, la validation n’expire pas.", required=False)
    reason = forms.CharField(
        label="Pourquoi",
        help_text="La personne lira ces mots. Nécessaire, sauf pour valider.",
        error_messages={"required": "Dites pourquoi, en une phrase."},
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[validate_no_patient_number],
    )

    def __init__(self, claim: Claim, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"level": claim.level}, use_required_attribute=False)
        self.fields["reason"].required = data is None or data.get("target") != ClaimState.ACCEPTED
        moves = CLAIM_MOVES.get(claim.state, frozenset())
        target = self.fields["target"]
        target.choices = [(move.value, words) for move, words in DECISIONS.items() if move in moves]  # type: ignore[attr-defined]
        if ClaimState.ACCEPTED not in moves:
            del self.fields["level"], self.fields["expires_on"]

    @property
    def is_late(self) -> bool:
        """Whether somebody was faster: the decision exists, but no longer for this claim."""
        return "target" in self.errors and self.data.get("target") in DECISIONS


@acting
def show_claim(request: PersonRequest, claim_id: int) -> HttpResponse:
    claim = access_claim_for(request.user, claim_id)
    if request.method != "POST":
        return _draw(request, claim, DecisionForm(claim))
    if claim.person_id == request.user.pk:
        return _withdraw(request, claim)
    return _decide(request, claim)


def _withdraw(request: PersonRequest, claim: Claim) -> HttpResponse:
    if request.POST.get("action") != "withdraw":
        raise BadRequest
    withdraw_claim(claim=claim, author=request.user)
    messages.success(request, "Demande retirée. Vous pourrez la refaire quand vous voudrez.")
    return redirect("claim", claim_id=claim.pk)


def _decide(request: PersonRequest, claim: Claim) -> HttpResponse:
    require_role(request.user, claim.network, Role.COORDINATOR)
    form, status = DecisionForm(claim, request.POST), UNPROCESSABLE
    if form.is_valid():
        data, target = form.cleaned_data, ClaimState(form.cleaned_data["target"])
        try:
            decide_claim(
                claim=claim,
                target=target,
                author=request.user,
                reason=data["reason"],
                level=data.get("level"),
                expires_on=data.get("expires_on"),
            )
        except DomainError as error:
            status = refuse(form, error)
        else:
            messages.success(request, DONE[target])
            return redirect("claim", claim_id=claim.pk)
    elif form.is_late:
        status = CONFLICT
    return _draw(request, access_claim_for(request.user, claim.pk), form, status)


def _draw(request: PersonRequest, claim: Claim, form: DecisionForm, status: int = 200) -> HttpResponse:
    is_mine = claim.person_id == request.user.pk
    coordinates = Role.COORDINATOR in roles_in(request.user, claim.network)
    context = {
        "claim": claim,
        "evidence": list(claim.credential.evidence.all()),
        "tag": tag_of(claim),
        "wording": own_wording(claim.person, claim.notion),
        "is_mine": is_mine,
        "is_open": claim.state in OPEN_STATES,
        "can_decide": coordinates and not is_mine and claim.state in CLAIM_MOVES,
        "form": form,
        "steps": steps_of_claim(claim),
    }
    return render(request, "claims/page.html", context, status=status)
