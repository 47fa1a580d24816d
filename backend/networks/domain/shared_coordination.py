"""A coordinator of a neighbour is given the role in an overloaded network: asked by one, accepted by the other."""

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from backend.accounts.models import Person
from backend.common.errors import ConflictError, NotFoundError
from backend.common.transitions import record_move
from backend.events.bus import publish
from backend.events.types import SharedCoordinationMoved
from backend.networks.domain.membership import add_member, give_coordination_back
from backend.networks.enums import ACCORD_MOVES, AccordState, Attachment, Role
from backend.networks.models import Membership, Network, SharedCoordination
from backend.networks.rules import require_role, roles_in


@transaction.atomic
def ask_for_coordination(*, network: Network, neighbour: Network, person: Person, author: Person) -> SharedCoordination:
    """A coordinator of an overloaded network asks one of a neighbour to coordinate it too."""
    require_role(author, network, Role.COORDINATOR)
    if network == neighbour or Role.COORDINATOR not in roles_in(person, neighbour):
        raise NotFoundError
    if Role.COORDINATOR in roles_in(person, network):
        raise ConflictError("Cette personne coordonne déjà votre réseau.", code="role_held")
    try:
        with transaction.atomic():
            shared = SharedCoordination.objects.create(network=network, neighbour=neighbour, person=person)
    except IntegrityError as error:
        raise ConflictError("Cette personne a déjà cette demande.", code="standing") from error
    shared.transitions.create(target=AccordState.PROPOSED, author=author)
    publish(SharedCoordinationMoved(shared.pk, author.pk))
    return shared


@transaction.atomic
def accept_coordination(*, shared: SharedCoordination, author: Person) -> SharedCoordination:
    """By the person asked, while they coordinate the neighbour; the role is theirs at once."""
    locked = _lock_for_answer(shared, author)
    if Role.COORDINATOR not in roles_in(author, locked.neighbour):
        raise ConflictError("Vous ne coordonnez plus le réseau voisin.", code="role_not_held")
    moved = _move(locked, AccordState.ACTIVE, author)
    add_member(
        network=locked.network,
        person=locked.person,
        roles=[Role.COORDINATOR],
        attachment=Attachment.ATTACHED,
        author=author,
    )
    return moved


@transaction.atomic
def refuse_coordination(*, shared: SharedCoordination, author: Person) -> SharedCoordination:
    return _move(_lock_for_answer(shared, author), AccordState.REFUSED, author)


@transaction.atomic
def end_coordination(*, shared: SharedCoordination, author: Person) -> SharedCoordination:
    """By a coordinator of either network; the role goes back at once."""
    locked = _lock(shared)
    if Role.COORDINATOR not in roles_in(author, locked.network) | roles_in(author, locked.neighbour):
        raise NotFoundError
    if locked.state == AccordState.ACTIVE:
        give_coordination_back(network=locked.network, person=locked.person, author=author)
    return _move(locked, AccordState.ENDED, author)


def coordinations_of(network: Network) -> QuerySet[SharedCoordination]:
    """Received and lent, newest first."""
    both = SharedCoordination.objects.filter(Q(network=network) | Q(neighbour=network))
    return both.select_related("network", "neighbour", "person")


def access_coordination_for(person: Person, shared_id: int) -> SharedCoordination:
    """For coordinators of either network; ``NotFoundError`` for everybody else."""
    shared = SharedCoordination.objects.select_related("network", "neighbour", "person").filter(pk=shared_id).first()
    if shared is None or Role.COORDINATOR not in roles_in(person, shared.network) | roles_in(person, shared.neighbour):
        raise NotFoundError
    return shared


def coordinators_elsewhere(network: Network) -> QuerySet[Membership]:
    """Coordinators of other networks: who may be asked."""
    found = Membership.objects.active().with_role(Role.COORDINATOR).exclude(network=network)
    return found.select_related("network", "person").order_by("network__name", "person__last_name", "pk")


def _lock(shared: SharedCoordination) -> SharedCoordination:
    SharedCoordination.objects.select_for_update(of=("self",)).get(pk=shared.pk)
    return SharedCoordination.objects.select_related("network", "neighbour", "person").get(pk=shared.pk)


def _lock_for_answer(shared: SharedCoordination, author: Person) -> SharedCoordination:
    locked = _lock(shared)
    if locked.person_id != author.pk:
        raise NotFoundError
    return locked


def _move(shared: SharedCoordination, target: AccordState, author: Person) -> SharedCoordination:
    record_move(shared, target, table=ACCORD_MOVES, log=shared.transitions, author=author)
    publish(SharedCoordinationMoved(shared.pk, author.pk))
    return shared
