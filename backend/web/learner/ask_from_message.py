"""A question asked in a lounge becomes a request in one step: one page, filled in already, one press."""

from django.http import HttpResponse

from backend.common.errors import NotFoundError
from backend.conversations.domain.access import access_lounge_for
from backend.conversations.models import Conversation
from backend.needs.domain.phrases import search_in_own_words
from backend.referentials.models import Capacity
from backend.web.learner.ask import asking_of, show_details
from backend.web.shared.access import PersonRequest, acting
from backend.web.shared.message_page import find_message

CHOICES_SHOWN, CONTEXT_LENGTH_MAX = 6, 1000


@acting
def ask_from_message(request: PersonRequest, conversation_id: int, number: int) -> HttpResponse:
    """For the author of the question, in the network of the lounge."""
    lounge = access_lounge_for(request.user, conversation_id)
    item, asking = find_message(lounge, number), asking_of(request.user)
    if item.sender_id != request.user.pk or item.withdrawn:
        raise NotFoundError
    if lounge.network_id not in {network.pk for network in asking.networks}:
        raise NotFoundError
    capacities = _capacities_about(lounge, item.body, request)
    initial = {"context": item.body[:CONTEXT_LENGTH_MAX]}
    return show_details(request, asking, capacities, network=lounge.network, initial=initial)


def _capacities_about(lounge: Conversation, question: str, request: PersonRequest) -> list[Capacity]:
    """What the words of the question find in the lounge's domain; without any, where that domain begins."""
    found = [row for row in search_in_own_words(question, request.user) if row.notion.area == lounge.area]
    if found:
        return found[:CHOICES_SHOWN]
    capacities = Capacity.objects.filter(notion__area=lounge.area)
    return list(capacities.select_related("notion", "competency__domain__framework").order_by("pk")[:CHOICES_SHOWN])
