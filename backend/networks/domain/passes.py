"""Paper passes as coordinators print them: for whom, and no further."""

from django.db import transaction

from backend.accounts.domain.passes import create_pass, revoke_passes
from backend.accounts.models import Person, SignInPass
from backend.common.errors import ConflictError
from backend.events.bus import publish
from backend.events.types import SignInPassPrinted
from backend.networks.domain.membership import lock_network
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.networks.rules import may_sign_in_on_paper, require_role


@transaction.atomic
def print_pass(*, membership: Membership, author: Person) -> tuple[SignInPass, str]:
    """A pass for a member and its secret; the member is told who printed it. Earlier passes end."""
    lock_network(membership.network)
    require_role(author, membership.network, Role.COORDINATOR)
    if not may_sign_in_on_paper(membership, author):
        raise ConflictError(
            "Cette personne se connecte par un code reçu par courriel : une feuille ouvrirait plus que ce réseau.",
            code="pass_not_allowed",
        )
    made, secret = create_pass(person=membership.person, author=author)
    publish(SignInPassPrinted(made.pk))
    return made, secret


@transaction.atomic
def cancel_passes(*, membership: Membership, author: Person) -> int:
    """End the passes of a member that were not used; how many there were."""
    require_role(author, membership.network, Role.COORDINATOR)
    return revoke_passes(person=membership.person)
