"""« Ajouter des compétences »: what one shows, then all that it covers, sent once."""

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.common.errors import DomainError, NotFoundError
from backend.needs.domain.phrases import search_in_own_words
from backend.networks.enums import Role
from backend.networks.models import Network
from backend.networks.rules import networks_with_role
from backend.referentials.models import Capacity, Notion
from backend.skills.domain.claims import UNPROVEN
from backend.skills.domain.credentials import (
    HELD,
    PENDING,
    CoveredNotion,
    describe_notions,
    parts_of,
    propose_notions,
    submit_credential,
)
from backend.skills.enums import CredentialKind, Level
from backend.skills.models import Credential
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of, reading, refuse
from backend.web.shared.limits import refuse_flood
from backend.web.shared.notion_words import words_for
from backend.web.tutor.claim_forms import AboutForm, SendForm

UPLOADS_A_MINUTE = 20
CHOSEN_MAX = 40
QUERY_LENGTH_MAX = 200
RESULTS_A_PAGE = 10
NEXT = "suite"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to show what one can do, as the first page offers it."""

    slug: str
    kind: CredentialKind
    title: str
    text: str


WAYS = (
    Way("c2i", CredentialKind.C2I2MS, "C2i niveau 2 métiers de la santé", "Complet, ou certains domaines seulement."),
    Way("du", CredentialKind.DU, "DU Compétences numériques en santé", "Par bloc, au niveau de chacun."),
    Way("pix", CredentialKind.PIX, "Pix+ Professionnels de santé", "Votre coordination choisit ce qu’il prouve."),
    Way("diplome", CredentialKind.DIPLOMA, "Un autre diplôme ou certificat", "Vous choisissez ce qu’il prouve."),
    Way("sans-certificat", CredentialKind.OBSERVATION, "Sans certificat", "Votre coordination vous a vu faire."),
)
SEARCHED = {CredentialKind.DIPLOMA, CredentialKind.OBSERVATION}
NOT_AGAIN = {HELD: "Déjà validée.", PENDING: "Déjà envoyée, en attente de relecture."}


@reading
def choose_way(request: PersonRequest) -> HttpResponse:
    networks_with_role(request.user, Role.TUTOR)
    return render(request, "claims/ways.html", {"ways": WAYS})


@acting
def add_claims(request: PersonRequest, way: str) -> HttpResponse:
    networks = networks_with_role(request.user, Role.TUTOR)
    chosen = next((each for each in WAYS if each.slug == way), None)
    if chosen is None:
        raise NotFoundError
    wanted = request.GET.get("reseau", "")
    network = next((each for each in networks if each.slug == wanted), networks[0])
    return Adding(request, chosen, networks, network).answer()


class Adding:
    """One request of the page: the address says what is shown, the form sent says what is claimed on it."""

    def __init__(self, request: PersonRequest, way: Way, networks: list[Network], network: Network) -> None:
        self.request, self.person, self.way, self.networks, self.network = request, request.user, way, networks, network
        asked = way.kind == CredentialKind.OBSERVATION or NEXT in request.GET
        self.about = AboutForm(way.kind, parts_of(way.kind), request.GET if asked else None)

    def answer(self) -> HttpResponse:
        if self.request.method == "POST" and (sent := self._sent_already()):
            return redirect("credential", credential_id=sent.pk)
        if not self.about.is_valid():
            return self._draw({"about": self.about, "step": 0})
        covered = self._covered()
        offered = [(row.notion, row.level) for row in covered if row.is_open]
        if self.request.method != "POST":
            return self._draw_proposal(covered, SendForm(offered))
        if flood := refuse_flood(self.request, action=f"upload:{self.person.pk}", per_minute=UPLOADS_A_MINUTE):
            return flood
        form, status = SendForm(offered, self.request.POST, self.request.FILES), UNPROCESSABLE
        if form.is_valid():
            try:
                credential = self._send(form)
            except DomainError as error:
                status = refuse(form, error)
            else:
                messages.success(self.request, "C’est envoyé : votre coordination va relire votre demande.")
                return redirect("credential", credential_id=credential.pk)
        return self._draw_proposal(covered, form, status)

    def _sent_already(self) -> Credential | None:
        """What this very form made, if it was sent before."""
        try:
            key = uuid.UUID(self.request.POST.get("client_id", ""))
        except ValueError:
            return None
        return Credential.objects.filter(person=self.person, client_id=key).first()

    def _send(self, form: SendForm) -> Credential:
        about, data = self.about.cleaned_data, form.cleaned_data
        return submit_credential(
            person=self.person,
            network=self.network,
            kind=self.way.kind,
            title=about.get("title") or UNPROVEN,
            obtained_on=about.get("obtained_on"),
            levels=form.chosen(),
            note=data["note"],
            files=data["evidence"],
            client_id=data["client_id"],
        )

    def _covered(self) -> list[CoveredNotion]:
        obtained_on = self.about.cleaned_data.get("obtained_on")
        if self.way.kind in SEARCHED:
            slugs = self.request.GET.getlist("choix")[:CHOSEN_MAX]
            keys = Notion.objects.filter(slug__in=slugs).values_list("pk", flat=True)
            levels = dict.fromkeys(keys, int(Level.INTERMEDIATE))
            return describe_notions(person=self.person, network=self.network, levels=levels, obtained_on=obtained_on)
        parts = self.about.chosen_parts
        return propose_notions(person=self.person, network=self.network, parts=parts, obtained_on=obtained_on)

    def _draw_proposal(self, covered: list[CoveredNotion], form: SendForm, status: int = 200) -> HttpResponse:
        words = words_for(self.person, [row.notion for row in covered])
        rows = [(row, words[row.notion.pk], form[f"level_{row.notion.slug}"]) for row in covered if row.is_open]
        context = {
            "about": self.about,
            "form": form,
            "rows": sorted(rows, key=lambda row: (row[0].notion.area, row[1])),
            "closed": [(words[row.notion.pk], _why_not(row)) for row in covered if not row.is_open],
            "step": 1,
            "change": self._address(without={NEXT}),
            "searched": self.way.kind in SEARCHED,
            "mapped": self.way.kind == CredentialKind.PIX,
        }
        return self._draw(context | self._search(covered), status)

    def _search(self, covered: list[CoveredNotion]) -> dict[str, object]:
        words = self.request.GET.get("q", "").strip()[:QUERY_LENGTH_MAX]
        kept = [(name, value) for name, value in self._kept() if name not in {"q", "page"}]
        if not words or self.way.kind not in SEARCHED:
            return {"words": words, "kept": kept}
        taken = {row.notion.pk for row in covered}
        page = page_of(self.request, search_in_own_words(words, self.person), RESULTS_A_PAGE)
        found = [(capacity, self._address_with(capacity), capacity.notion_id in taken) for capacity in page]
        return {"words": words, "kept": kept, "page": page, "found": found}

    def _address_with(self, capacity: Capacity) -> str:
        return self._address(more=("choix", capacity.notion.slug))

    def _address(self, *, without: frozenset[str] | set[str] = frozenset(), more: tuple[str, str] | None = None) -> str:
        pairs = [(name, value) for name, value in self._kept() if name not in without]
        pairs += [more] if more and more not in pairs else []
        return f"{reverse('claims_add', args=[self.way.slug])}?{urlencode(pairs)}"

    def _kept(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.request.GET.lists() for value in values]

    def _draw(self, context: dict[str, object], status: int = 200) -> HttpResponse:
        shared = {"way": self.way, "network": self.network, "networks": self.networks}
        return render(self.request, "claims/add.html", shared | context, status=status)


def _why_not(row: CoveredNotion) -> str:
    if row.standing:
        return NOT_AGAIN[row.standing]
    return f"Apparue en {row.notion.since_year}, après votre certificat : il ne peut pas la prouver."
