"""What two networks agree on, told to the coordinators whom it concerns; in the transaction of the event."""

from django.urls import reverse

from backend.accounts.models import Person
from backend.events.bus import listen
from backend.events.types import AgreementMoved, SharedCoordinationMoved
from backend.networks.domain.members import coordinators_of
from backend.networks.enums import AccordState
from backend.networks.models import Agreement, Network, SharedCoordination
from backend.notifications.domain.notify import News, notify
from backend.notifications.enums import Kind

AGREEMENT_WORDS = {
    AccordState.PROPOSED: "{other} vous propose un accord de tutorat",
    AccordState.ACTIVE: "L’accord de tutorat avec {other} est accepté",
    AccordState.REFUSED: "L’accord de tutorat avec {other} est refusé",
    AccordState.ENDED: "L’accord de tutorat avec {other} est terminé",
}
SHARED_WORDS = {
    AccordState.PROPOSED: "{network} demande à {person} de coordonner aussi son réseau",
    AccordState.ACTIVE: "{person} coordonne aussi {network}",
    AccordState.REFUSED: "{person} ne coordonnera pas {network}",
    AccordState.ENDED: "La coordination partagée de {network} avec {person} est terminée",
}


@listen(AgreementMoved)
def tell_of_agreement(event: AgreementMoved) -> None:
    agreement = Agreement.objects.select_related("lender", "borrower").get(pk=event.agreement_id)
    for network, other in ((agreement.lender, agreement.borrower), (agreement.borrower, agreement.lender)):
        words = AGREEMENT_WORDS[AccordState(agreement.state)].format(other=other.name)
        _tell(network, f"agreement:{agreement.pk}:{agreement.state}", words, event.author_id)


@listen(SharedCoordinationMoved)
def tell_of_shared_coordination(event: SharedCoordinationMoved) -> None:
    shared = SharedCoordination.objects.select_related("network", "neighbour", "person").get(pk=event.shared_id)
    words = SHARED_WORDS[AccordState(shared.state)].format(network=shared.network.name, person=shared.person.name)
    for network in (shared.network, shared.neighbour):
        _tell(network, f"shared:{shared.pk}:{shared.state}", words, event.author_id)


def _tell(network: Network, key: str, words: str, author: int) -> None:
    """Whoever did it knows; somebody who coordinates both is told once, by the key."""
    url = f"{reverse('neighbours')}?reseau={network.slug}"
    people: list[Person] = list(coordinators_of(network))
    for person in people:
        if person.pk != author:
            notify(person=person, news=News(key=key, kind=Kind.MEMBERSHIP, title=words, url=url))
