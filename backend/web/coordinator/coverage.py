"""« Couverture »: subjects against requests, tutors and free hours; and whom to recruit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from backend.campaigns.domain.coming import coming_campaign
from backend.campaigns.domain.coverage import (
    AreaCover,
    Cover,
    CoverageSearch,
    NotionCover,
    holders_of,
    measure_coverage,
    open_requests_of,
)
from backend.campaigns.domain.recruiting import (
    HOURS_A_MONTH,
    Advice,
    Band,
    compute_recruiting,
    last_recruiting,
)
from backend.campaigns.models import Campaign
from backend.common.errors import NotFoundError
from backend.common.formats import NBSP, format_count, format_date, format_minutes, format_number
from backend.networks.enums import Role
from backend.networks.models import Membership, Network
from backend.networks.rules import networks_with_role
from backend.referentials.enums import Area
from backend.referentials.models import Notion, Profession
from backend.skills.enums import Level
from backend.web.shared.access import PersonRequest, acting, page_of, reading

NOTIONS_PER_PAGE = 40
FEW, SEVERAL = 1, 4
EVERYTHING = "tous"
BAND_WORDS = {
    Band.MORNING: "le matin",
    Band.NOON: "le midi",
    Band.AFTERNOON: "l’après-midi",
    Band.EVENING: "le soir",
}
ORDERS: dict[str, tuple[str, Callable[[NotionCover], tuple[Any, ...]]]] = {
    "manque": ("Ce qui manque d’abord", lambda row: (row.tutors > 0, -row.requests, row.minutes)),
    "demandes": ("Les plus demandés", lambda row: (-row.requests, row.tutors)),
    "tuteurs": ("Le moins de tuteurs", lambda row: (row.tutors, -row.requests)),
    "heures": ("Le moins d’heures libres", lambda row: (row.minutes, -row.requests)),
    "sujet": ("Par ordre alphabétique", lambda row: (row.notion.title,)),
}


class FilterForm(forms.Form):
    """All in the address; a value that makes no sense leaves its question open."""

    domaine = forms.ChoiceField(label="Domaine", required=False, choices=[("", "Tous"), *Area.choices])
    profession = forms.ChoiceField(label="Profession", required=False)
    sujets = forms.ChoiceField(
        label="Sujets", required=False, choices=[("", "Demandés ou déjà couverts"), (EVERYTHING, "Tous les sujets")]
    )
    tri = forms.ChoiceField(label="Trier", required=False, choices=[(key, words) for key, (words, _) in ORDERS.items()])
    reseau = forms.ChoiceField(label="Réseau", required=False)

    def __init__(self, data: QueryDict, networks: list[Network]) -> None:
        super().__init__(data, use_required_attribute=False)
        here = Membership.objects.filter(network__in=networks).values("person__profession")
        professions = Profession.objects.filter(pk__in=here).values_list("slug", "label")
        self._offer("profession", [("", "Toutes"), *professions])
        self._offer("reseau", [(network.slug, network.name) for network in networks])
        if len(networks) < 2:
            del self.fields["reseau"]
        self.is_valid()

    def _offer(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # they are all choices

    def read(self, name: str) -> str:
        return self.cleaned_data.get(name) or ""

    @property
    def search(self) -> CoverageSearch:
        return CoverageSearch(self.read("domaine"), self.read("profession"), self.read("sujets") == EVERYTHING)


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure, the words that say what its colour says, and its step of heat."""

    figure: str
    words: str = ""
    heat: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table."""

    title: str
    cover: Cover
    minutes: int
    slug: str = ""
    area: str = ""

    @property
    def cells(self) -> tuple[Cell, Cell, Cell]:
        return self.requests, self.tutors, self.hours

    @property
    def requests(self) -> Cell:
        return Cell(format_number(self.cover.requests), heat="h2" if self.cover.requests else "")

    @property
    def tutors(self) -> Cell:
        figure = format_number(self.cover.tutors)
        if not self.cover.tutors:
            return Cell(figure, "à recruter" if self.cover.requests else "personne", "h0")
        if self.cover.tutors == FEW:
            return Cell(figure, "une seule personne", "h1")
        return Cell(figure, "", "h3" if self.cover.tutors >= SEVERAL else "h2")

    @property
    def hours(self) -> Cell:
        """Against what the open requests would take."""
        figure, needed = format_minutes(self.cover.minutes), self.cover.requests * self.minutes
        if not self.cover.minutes:
            return Cell(figure, "rien de libre", "h0")
        if self.cover.minutes < needed:
            return Cell(figure, "trop peu", "h1")
        return Cell(figure, "", "h3" if self.cover.minutes >= 2 * needed else "h2")


@reading
def show_notion(request: PersonRequest, slug: str) -> HttpResponse:
    """Whose requests are open and who is validated, with a way to each; coordinators may see both."""
    networks = networks_with_role(request.user, Role.COORDINATOR)
    network = _choose(networks, request.GET.get("reseau", ""))
    notion = Notion.objects.filter(slug=slug).first()
    if notion is None:
        raise NotFoundError
    asked = open_requests_of(network).filter(notion=notion).select_related("person", "capacity")
    context = {
        "notion": notion,
        "network": network,
        "several": len(networks) > 1,
        "page": page_of(request, asked.order_by("created_at", "pk")),
        "tutors": _tutors_of(network, notion),
    }
    return render(request, "coverage/notion.html", context)


@acting
def show_coverage(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    network = _choose(networks, request.GET.get("reseau", ""))
    if request.method == "POST":
        return _compute(request, network)
    form = FilterForm(request.GET, networks)
    coverage = measure_coverage(network, form.search)
    minutes = coverage.campaign.session_minutes
    order = ORDERS[form.read("tri") or "manque"][1]
    page = page_of(request, sorted(coverage.notions, key=order), NOTIONS_PER_PAGE)
    recruiting = last_recruiting(network)
    context = {
        "form": form,
        "network": network,
        "page": page,
        "lines": [_line_of(row, minutes) for row in page.object_list],
        "areas": [_line_of_area(row, minutes) for row in coverage.areas],
        "weeks": _tell_weeks(coverage.campaign),
        "recruiting": recruiting,
        "advices": [(_tell_advice(advice), advice.slug) for advice in recruiting.advices] if recruiting else [],
        "is_filtered": any(value for name, value in request.GET.items() if name != "page"),
    }
    return render(request, "coverage/page.html", context)


def _choose(networks: list[Network], slug: str) -> Network:
    """The network that the address names, else the first by name; another's is not found."""
    wanted = [network for network in networks if not slug or network.slug == slug]
    if not wanted:
        raise NotFoundError
    return wanted[0]


def _compute(request: PersonRequest, network: Network) -> HttpResponse:
    if request.POST.get("action") != "compute":
        raise BadRequest
    recruiting = compute_recruiting(network=network, author=request.user)
    found = format_count(len(recruiting.advices), "piste de recrutement", "pistes de recrutement")
    messages.success(request, f"Calcul terminé{NBSP}: {found}.")
    return redirect(f"{request.get_full_path()}#recruter")


def _line_of(row: NotionCover, minutes: int) -> Line:
    return Line(row.notion.title, row, minutes, slug=row.notion.slug, area=str(Area(row.notion.area).label))


def _line_of_area(row: AreaCover, minutes: int) -> Line:
    return Line(str(row.area.label), row, minutes, slug=row.area.value)


def _tell_weeks(campaign: Campaign) -> str:
    """« les 3 semaines de la campagne d’automne », or the weeks that a next one could take."""
    weeks = format_count(campaign.weeks, "semaine")
    since = f"dès le {format_date(campaign.first_day)}"
    return f"{campaign.title}{NBSP}: {weeks} {since}" if campaign.pk else f"les {weeks} à venir, {since}"


def _tell_advice(advice: Advice) -> str:
    served = format_count(advice.served, "demande de plus", "demandes de plus")
    subject = f"«{NBSP}{advice.title}{NBSP}» (niveau {Level(advice.level).label})"
    return (
        f"Une personne de plus validée sur {subject}, libre {BAND_WORDS[advice.band]} et donnant "
        f"{format_number(HOURS_A_MONTH)}{NBSP}heures par mois, donnerait une proposition à {served}."
    )


def _tutors_of(network: Network, notion: Notion) -> list[tuple[Membership, str]]:
    """(membership, level) of those validated on the last day of the coming weeks."""
    campaign = coming_campaign(network)
    claims = holders_of(network, campaign.last_day).filter(notion=notion).values_list("person_id", "level")
    levels = dict(claims)
    members = Membership.objects.active().filter(network=network, person__in=levels).select_related("person")
    return [
        (member, str(Level(levels[member.person_id]).label))
        for member in members.order_by("person__last_name", "person__first_name")
    ]
