"""What a campaign asks of people: time to give, help to ask for, and until when."""

from collections.abc import Sequence

from django.urls import reverse

from backend.accounts.models import Person
from backend.campaigns.domain.calls import learners_called, tutors_called
from backend.campaigns.enums import FavourKind
from backend.campaigns.models import CampaignCall, Favour
from backend.common.formats import format_day, format_span
from backend.events.bus import listen
from backend.events.types import CampaignCalled, FavourAsked
from backend.notifications.domain.notify import News, notify
from backend.notifications.enums import Kind


@listen(CampaignCalled)
def tell_people_called(event: CampaignCalled) -> None:
    """Who gives and asks both is told once, as a tutor."""
    call = CampaignCall.objects.select_related("campaign__network").get(pk=event.call_id)
    tutors = tutors_called(call)
    told = {person.pk for person in tutors}
    _tell(tutors, _news_for_tutors(call))
    _tell([person for person in learners_called(call) if person.pk not in told], _news_for_learners(call))


def _tell(people: Sequence[Person], news: News) -> None:
    for person in people:
        notify(person=person, news=news)


def _news_for_tutors(call: CampaignCall) -> News:
    return News(
        key=f"call:{call.pk}",
        kind=Kind.MEMBERSHIP,
        title=_opening(call, "dites quand vous pouvez aider"),
        url=reverse("availability"),
        body=(
            f"{call.campaign.network.name} prépare des séances d’entraide {_weeks(call)}.\n"
            f"Dites combien d’heures vous donnez, et quand vous êtes libre{_until(call)} :"
        ),
    )


def _news_for_learners(call: CampaignCall) -> News:
    return News(
        key=f"call:{call.pk}",
        kind=Kind.MEMBERSHIP,
        title=_opening(call, "demandez de l’aide"),
        url=reverse("ask"),
        body=(
            f"{call.campaign.network.name} prépare des séances d’entraide {_weeks(call)}.\n"
            f"Un mot de passe perdu, un courriel douteux, un logiciel qui résiste : demandez{_until(call)} :"
        ),
    )


def _opening(call: CampaignCall, words: str) -> str:
    return f"{'Rappel' if call.is_reminder else call.campaign.title} : {words}"


def _weeks(call: CampaignCall) -> str:
    return f"du {format_day(call.campaign.first_day)} au {format_day(call.campaign.last_day)}"


def _until(call: CampaignCall) -> str:
    return f", avant la fin du {format_day(call.campaign.collect_until)}" if call.campaign.collect_until else ""


@listen(FavourAsked)
def tell_whoever_is_asked_for_a_favour(event: FavourAsked) -> None:
    """Without a name: a tutor learns whom they help when a session is proposed."""
    favour = Favour.objects.select_related("campaign__network", "person", "request__capacity").get(pk=event.favour_id)
    news = _news_of_session(favour) if favour.kind == FavourKind.SESSION else _news_of_time(favour)
    notify(person=favour.person, news=news)


def _news_of_session(favour: Favour) -> News:
    return News(
        key=f"favour:{favour.pk}",
        kind=Kind.MEMBERSHIP,
        title="Pouvez-vous donner une séance de plus ?",
        url=reverse("offer"),
        body=(
            f"Une personne attend de l’aide : {favour.request.capacity.text}.\n"
            "Une séance de plus de votre part suffirait. Si vous le pouvez, augmentez vos heures :"
        ),
    )


def _news_of_time(favour: Favour) -> News:
    when = _time_of(favour)
    return News(
        key=f"favour:{favour.pk}",
        kind=Kind.MEMBERSHIP,
        title=f"Êtes-vous libre le {when} ?",
        url=reverse("availability"),
        body=(
            f"Ce moment permettrait une séance : {favour.request.capacity.text}.\n"
            f"Si vous êtes libre le {when}, ajoutez-le à vos disponibilités :"
        ),
    )


def _time_of(favour: Favour) -> str:
    """« jeudi 10 décembre, 12 h 30 – 13 h 15 »."""
    start, end = favour.starts_at, favour.ends_at
    if start is None or end is None:
        message = f"favour {favour.pk} asks for a time and has none"
        raise ValueError(message)
    return format_span(start, end, favour.campaign.network.zone)
