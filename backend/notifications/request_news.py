"""What requests mean for people: a code to read out, what came of it, and who cannot work until they are helped."""

from django.urls import reverse

from backend.accounts.models import Person
from backend.events.bus import listen
from backend.events.types import HelpAsked, RequestChanged, RequestConfirmed, RequestEntered, RequestWithdrawn
from backend.needs.enums import RequestState, Urgency
from backend.needs.models import HelpRequest
from backend.notifications.domain.notify import News, notify, tell_coordinators
from backend.notifications.domain.outbox import write_mail
from backend.notifications.enums import Kind


@listen(RequestEntered)
def give_code_to_person(event: RequestEntered) -> None:
    """By mail whatever they muted, and in the application without the code."""
    request = _request(event.request_id)
    key = f"request:{request.pk}:entered"
    write_mail(
        key=f"{key}:{request.person_id}",
        person=request.person,
        address=request.person.email,
        subject="Votre code pour demander de l’aide",
        body=(
            f"Bonjour {request.person.first_name},\n\n"
            f"{_name_of(request.entered_by)} a écrit cette demande d’aide avec vous :\n\n"
            f"    {request.capacity.text}\n\n"
            f"Si vous êtes d’accord, lisez-lui ce code, valable trente minutes :\n\n    {event.code}\n\n"
            "Sinon, ne le donnez à personne : sans lui, rien n’est envoyé.\n\n—\nTandem\n"
        ),
    )
    title = f"{_name_of(request.entered_by)} a écrit une demande pour vous : confirmez-la"
    notify(person=request.person, news=News(key=key, kind=Kind.REQUEST, title=title, url=_url(request)))


@listen(RequestConfirmed)
def tell_the_other_of_confirmation(event: RequestConfirmed) -> None:
    """Whoever entered it, if the person confirmed alone; the person, if somebody typed their code."""
    request = _request(event.request_id)
    if request.person_id == event.author_id:
        _tell_whoever_entered(request, "confirmed", f"{request.person.name} a confirmé sa demande")
        return
    news = News(
        key=f"request:{request.pk}:confirmed",
        kind=Kind.REQUEST,
        title="Votre demande d’aide est envoyée",
        url=_url(request),
        body=f"Confirmée avec votre code : {request.capacity.text}.\nVous pouvez la modifier ou la retirer :",
    )
    notify(person=request.person, news=news)


@listen(RequestWithdrawn)
def tell_whoever_entered_it(event: RequestWithdrawn) -> None:
    """Only of what they entered and nobody confirmed; the rest is the person's own business."""
    request = _request(event.request_id)
    if event.author_id == request.entered_by_id or not hasattr(request, "code"):
        return
    outcome = "n’a pas confirmé à temps" if event.author_id is None else "a refusé"
    _tell_whoever_entered(request, "withdrawn", f"{request.person.name} {outcome} la demande que vous aviez écrite")


@listen(HelpAsked)
def tell_coordinators_of_blocking_request(event: HelpAsked) -> None:
    _tell_who_cannot_work(_request(event.request_id))


@listen(RequestChanged)
def tell_coordinators_of_request_now_blocking(event: RequestChanged) -> None:
    _tell_who_cannot_work(_request(event.request_id))


def _tell_who_cannot_work(request: HelpRequest) -> None:
    if request.state != RequestState.OPEN or request.urgency != Urgency.BLOCKING:
        return
    news = News(
        key=f"request:{request.pk}:blocking",
        kind=Kind.REQUEST,
        title=f"{request.person.name} ne peut pas travailler : demande bloquante",
        url=_url(request),
        body=f"{request.capacity.text[:1].upper()}{request.capacity.text[1:]}.",
    )
    tell_coordinators(network=request.network, news=news, but=request.person)


def _tell_whoever_entered(request: HelpRequest, what: str, title: str) -> None:
    if request.entered_by is not None:
        news = News(key=f"request:{request.pk}:{what}", kind=Kind.REQUEST, title=title, url=reverse("requests"))
        notify(person=request.entered_by, news=news)


def _request(request_id: int) -> HelpRequest:
    return HelpRequest.objects.select_related("network", "person", "entered_by", "capacity").get(pk=request_id)


def _name_of(person: Person | None) -> str:
    return person.name if person else "Une personne de votre réseau"


def _url(request: HelpRequest) -> str:
    return reverse("request", args=[request.pk])
