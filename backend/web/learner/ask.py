"""« Demander de l’aide » in three pages: what, a few details, sent. The same pages serve whoever helps a person ask."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.accounts.models import Person
from backend.common.errors import DomainError, NotFoundError, RoleRequiredError
from backend.needs.domain.entering import enter_request
from backend.needs.domain.phrases import (
    Phrase,
    capacities_of,
    find_phrase,
    read_themes,
    search_in_own_words,
    search_phrases,
)
from backend.needs.domain.requests import ask_for_help, request_under_way
from backend.needs.models import HelpRequest
from backend.networks.models import Network
from backend.referentials.models import Capacity
from backend.web.learner.positioning import learner_networks
from backend.web.learner.request_form import NO, RequestForm
from backend.web.shared.access import UNPROCESSABLE, PersonRequest, acting, page_of, reading, refuse

MAX_QUERY_LENGTH = 200
RESULTS_A_PAGE = 20
STEPS = ("Quoi", "Précisions", "C’est envoyé")
SENT = "Votre demande est envoyée."
ENTERED = "Un code vient de partir par courriel à cette personne."


@dataclass(frozen=True, slots=True)
class Asking:
    """Who needs help, where, and who is at the keyboard."""

    author: Person
    person: Person
    networks: list[Network]
    membership_id: int | None = None

    @property
    def for_other(self) -> bool:
        return self.membership_id is not None

    @property
    def home(self) -> str:
        return reverse("ask_for_person", args=[self.membership_id]) if self.for_other else reverse("ask")

    def address_of_phrase(self, phrase: Phrase) -> str:
        if self.for_other:
            return reverse("ask_for_phrase", args=[self.membership_id, phrase.slug])
        return reverse("ask_phrase", args=[phrase.slug])

    def address_of_capacity(self, capacity: Capacity) -> str:
        if self.for_other:
            return reverse("ask_for_capacity", args=[self.membership_id, capacity.key])
        return reverse("ask_capacity", args=[capacity.key])

    def network_of(self, slug: str) -> Network:
        """The one the address names, else the first."""
        return next((network for network in self.networks if network.slug == slug), self.networks[0])

    def send(self, network: Network, form: RequestForm) -> HelpRequest:
        capacity, terms = form.chosen, form.terms
        if self.for_other:
            return enter_request(
                author=self.author, person=self.person, network=network, capacity=capacity, terms=terms
            )
        return ask_for_help(
            person=self.person,
            network=network,
            capacity=capacity,
            level_wanted=terms.level_wanted,
            level_start=terms.level_start,
            urgency=terms.urgency,
            remote=terms.remote,
            sites=terms.sites,
            group_ok=terms.group_ok,
            on_working_time=terms.on_working_time,
            context=terms.context,
        )


@reading
def choose_subject(request: PersonRequest) -> HttpResponse:
    return draw_subjects(request, asking_of(request.user))


@acting
def ask_about_phrase(request: PersonRequest, phrase: str) -> HttpResponse:
    asking, found = asking_of(request.user), find_phrase(phrase)
    return show_details(request, asking, capacities_of(found, asking.person), found)


@acting
def ask_about_capacity(request: PersonRequest, key: str) -> HttpResponse:
    return show_details(request, asking_of(request.user), [find_capacity(key)])


def asking_of(person: Person) -> Asking:
    """Raises ``RoleRequiredError`` for whoever may ask nowhere."""
    networks = learner_networks(person)
    if not networks:
        raise RoleRequiredError
    return Asking(person, person, networks)


def find_capacity(key: str) -> Capacity:
    capacity = Capacity.objects.select_related("notion", "competency__domain__framework").filter(key=key).first()
    if capacity is None:
        raise NotFoundError
    return capacity


def draw_subjects(request: PersonRequest, asking: Asking) -> HttpResponse:
    """The first page: everyday phrases, or what was found by words."""
    words = request.GET.get("q", "").strip()[:MAX_QUERY_LENGTH]
    themes = [
        (theme, [(phrase, asking.address_of_phrase(phrase)) for phrase in theme.phrases]) for theme in read_themes()
    ]
    context = {"asking": asking, "steps": steps_at(0), "words": words, "themes": themes}
    return render(request, "ask/subjects.html", context | (_search(request, asking, words) if words else {}))


def show_details(
    request: PersonRequest, asking: Asking, capacities: Sequence[Capacity], phrase: Phrase | None = None
) -> HttpResponse:
    """The second page; sent, it leads to the request itself."""
    if not capacities:
        raise NotFoundError
    network = asking.network_of(request.GET.get("reseau", ""))
    data = request.POST if request.method == "POST" else None
    form, status = RequestForm(person=asking.person, network=network, capacities=capacities, data=data), 200
    context = {"asking": asking, "network": network, "form": form, "phrase": phrase, "capacities": capacities}
    if data is not None and "resume" not in data:
        if form.is_valid() and form.is_under_attack:
            return show_attack(request, asking.home)
        made, status = _send(asking, network, form) if form.is_valid() else (None, UNPROCESSABLE)
        if made is not None:
            messages.success(request, ENTERED if asking.for_other else SENT)
            return redirect(f"{reverse('request', args=[made.pk])}?envoyee=1")
    return render(request, "ask/details.html", context | {"steps": steps_at(1)}, status=status)


def show_attack(request: PersonRequest, home: str) -> HttpResponse:
    """Whom to call instead of waiting for a session; what was typed is kept, for whoever was mistaken."""
    left_out = {"csrfmiddlewaretoken", "attack"}
    kept = [(name, value) for name, values in request.POST.lists() if name not in left_out for value in values]
    return render(request, "ask/attack.html", {"kept": [*kept, ("attack", NO)], "home": home})


def steps_at(current: int) -> list[tuple[str, str]]:
    return [
        (words, "done" if rank < current else "current" if rank == current else "") for rank, words in enumerate(STEPS)
    ]


def _search(request: PersonRequest, asking: Asking, words: str) -> dict[str, object]:
    page = page_of(request, search_in_own_words(words, asking.person), RESULTS_A_PAGE)
    return {
        "page": page,
        "found": [(capacity, asking.address_of_capacity(capacity)) for capacity in page.object_list],
        "found_phrases": [(phrase, asking.address_of_phrase(phrase)) for phrase in search_phrases(words)],
    }


def _send(asking: Asking, network: Network, form: RequestForm) -> tuple[HelpRequest | None, int]:
    """The request made, or the one that the same press made before; else the status of the refusal in the form."""
    try:
        return asking.send(network, form), 200
    except DomainError as error:
        standing = _standing(asking, network, form) if error.code == "already_asked" else None
        return standing, 200 if standing else refuse(form, error)


def _standing(asking: Asking, network: Network, form: RequestForm) -> HelpRequest | None:
    """The request that stands in the way; to somebody else, another's own requests are not shown."""
    standing = request_under_way(person=asking.person, network=network, capacity=form.chosen)
    if standing is None or (asking.for_other and standing.entered_by_id != asking.author.pk):
        return None
    return standing
