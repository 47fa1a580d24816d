"""« Pourquoi ce tuteur »: one sentence, the terms behind it, and what can be fixed by hand with its price."""

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render

import matching
from backend.accounts.models import Person
from backend.campaigns.domain.choices import fix_choice
from backend.campaigns.domain.choosing import Explanation, access_proposal_for, explain_proposal
from backend.campaigns.domain.instance import period_of
from backend.campaigns.domain.runs import COMPUTABLE_STATES
from backend.campaigns.enums import ChoiceKind
from backend.campaigns.models import FixedChoice, Proposal
from backend.common.errors import ConflictError, NotFoundError
from backend.common.formats import format_count, format_number, format_short_instant
from backend.networks.models import Site
from backend.web.shared.access import CONFLICT, PersonRequest, acting
from matching.records import REMOTE, SITE_PREFIX

# Words of each term, in the order they are shown.
TERMS = (
    ("weight", "La demande (urgence, écart, ancienneté, site)"),
    ("level", "Niveau du tuteur, au plus près de ce qui est demandé"),
    ("profession", "Métier proche"),
    ("territory", "Même territoire"),
    ("prior_tutor", "Tuteur déjà connu"),
    ("early", "Séance tôt dans la campagne"),
    ("stability", "Comme dans le calcul précédent"),
)


@dataclass(frozen=True, slots=True)
class AlternativeLine:
    """``value`` names it in the form: tutor and start."""

    tutor: str
    when: str
    place: str
    price: str
    value: str


@acting
def show_proposal(request: PersonRequest, campaign_id: int, proposal_id: int) -> HttpResponse:
    proposal = access_proposal_for(request.user, proposal_id)
    if proposal.run.campaign_id != campaign_id:
        raise NotFoundError
    if request.method != "POST":
        return _draw(request, proposal)
    try:
        _fix(request, proposal)
    except ConflictError as error:
        return _draw(request, proposal, problem=error.message, status=CONFLICT)
    messages.success(request, "C’est noté pour le prochain calcul. Recalculez quand vos choix sont faits.")
    return redirect("campaign", campaign_id=campaign_id)


def _fix(request: PersonRequest, proposal: Proposal) -> FixedChoice:
    tutor, start, kind = proposal.tutor_id, proposal.starts_at, ChoiceKind.PIN
    match request.POST.get("action"):
        case "pin":
            pass
        case "forbid":
            kind = ChoiceKind.FORBID
        case "move":
            tutor, start = _read_place(proposal, request.POST.get("place", ""))
        case _:
            raise BadRequest
    return fix_choice(
        run=proposal.run,
        author=request.user,
        request_id=proposal.request_id,
        tutor_id=tutor,
        kind=kind,
        starts_at=start if kind == ChoiceKind.PIN else None,
    )


def _read_place(proposal: Proposal, text: str) -> tuple[int, dt.datetime]:
    """One of the alternatives that the page offers; anything else is gone, or never was."""
    for row in explain_proposal(proposal).alternatives:
        if _name(row) == text:
            return int(row.match.tutor), period_of(proposal.run.campaign).start_of(row.match.start)
    raise ConflictError("Ce moment n’est pas possible. Choisissez-en un dans la liste.", code="not_an_alternative")


def _draw(request: PersonRequest, proposal: Proposal, *, problem: str = "", status: int = 200) -> HttpResponse:
    found = explain_proposal(proposal)
    campaign = proposal.run.campaign
    context = {
        "proposal": proposal,
        "campaign": campaign,
        "sentence": tell_choice(proposal, found),
        "terms": [(words, getattr(found.choice.terms, name)) for name, words in TERMS],
        "total": found.choice.terms.total,
        "alternatives": _lines(proposal, found),
        "can_fix": campaign.state in COMPUTABLE_STATES,
        "problem": problem,
    }
    return render(request, "campaigns/proposal.html", context, status=status)


def tell_choice(proposal: Proposal, found: Explanation) -> str:
    """One sentence: what the tutor has, and what the others would have cost."""
    terms, others = found.choice.terms, found.choice.alternatives
    reasons = ["le niveau demandé"]
    reasons += ["un métier proche du sien"] * bool(terms.profession)
    reasons += ["le même territoire"] * bool(terms.territory)
    reasons += ["déjà aidé cette personne"] * bool(terms.prior_tutor)
    sentence = f"{proposal.tutor.name} a {_join(reasons)}, et un moment commun avec {proposal.request.person.name}"
    if not others:
        return f"{sentence} ; personne d’autre ne le pouvait."
    other = format_count(others, "autre tuteur le pouvait", "autres tuteurs le pouvaient")
    if found.choice.loss is None:
        return (
            f"{sentence} ; {other}, mais sont pris ailleurs."
            if others > 1
            else f"{sentence} ; {other}, mais est pris ailleurs."
        )
    if found.choice.loss <= 0:
        return f"{sentence} ; {other}, sans faire mieux."
    return f"{sentence} ; {other}, mais le plan perdrait au moins {format_number(found.choice.loss)} de sa valeur."


def _join(reasons: list[str]) -> str:
    return reasons[0] if len(reasons) == 1 else f"{', '.join(reasons[:-1])} et {reasons[-1]}"


def _lines(proposal: Proposal, found: Explanation) -> list[AlternativeLine]:
    people = Person.objects.in_bulk({int(row.match.tutor) for row in found.alternatives})
    places = {
        f"{SITE_PREFIX}{site.pk}": site.name for site in Site.objects.filter(network=proposal.run.campaign.network)
    }
    period, zone = period_of(proposal.run.campaign), proposal.run.campaign.network.zone
    return [
        AlternativeLine(
            tutor=people[int(row.match.tutor)].name,
            when=format_short_instant(period.start_of(row.match.start), zone),
            place="à distance" if row.match.modality == REMOTE else places.get(row.match.modality, "sur place"),
            price=_price(row.price),
            value=_name(row),
        )
        for row in found.alternatives
    ]


def _price(price: int) -> str:
    if price > 0:
        return f"coûte {format_number(price)}"
    return "ne coûte rien" if price == 0 else f"rapporte {format_number(-price)}"


def _name(row: matching.Alternative) -> str:
    return f"{row.match.tutor}@{row.match.start}"
