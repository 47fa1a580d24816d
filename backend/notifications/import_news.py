"""The first message to people whom a list made members: they did not ask for it, so it says where it comes from."""

from django.conf import settings
from django.urls import reverse

from backend.accounts.models import Person
from backend.events.bus import listen
from backend.events.types import MembersImported
from backend.networks.models import MemberImport, Membership
from backend.notifications.domain.notify import absolute_url
from backend.notifications.models import OutboxMessage

BATCH = 1_000
# RGPD, article 14: what we hold, where it comes from, what for, for how long, who answers for it, what one may ask.
MESSAGE = (
    "Bonjour {first_name},\n\n{source} vous compte parmi les membres de « {network} » et vous a ouvert un accès à "
    "Tandem, l’entraide entre professionnels pour le numérique en santé.\n\nPour vous connecter, écrivez l’adresse à "
    "laquelle vous lisez ce message. Un code vous est envoyé, il n’y a pas de mot de passe :\n{link}\n\n"
    "Ce que nous avons reçu sur vous : nom, prénom, adresse électronique et, si la liste les disait, profession, "
    "spécialité, mode d’exercice, numéro RPPS, lieu de travail et rôle. Source : {source}. But : l’entraide entre "
    "membres du réseau, et rien d’autre. Durée : tant que votre compte existe, et jusqu’à ce que vous demandiez leur "
    "effacement. Responsable : {publisher}. Vous pouvez lire et corriger ces informations sur votre page « Mon "
    "compte », y quitter le réseau, ou demander leur effacement et vous opposer à leur usage en écrivant à {contact} ; "
    "vous pouvez aussi saisir la CNIL (cnil.fr). Tout est expliqué ici : {privacy}\n"
)


@listen(MembersImported)
def tell_imported_members(event: MembersImported) -> None:
    """One mail each, written in batches: a list may hold thousands."""
    member_import = MemberImport.objects.select_related("network", "author").get(pk=event.import_id)
    author = member_import.author
    words = {
        "source": f"{author.name}, de la coordination," if author else "L’équipe qui installe Tandem",
        "network": member_import.network.name,
        "link": absolute_url(reverse("account_login")),
        "publisher": settings.PUBLISHER,
        "contact": settings.CONTACT_EMAIL,
        "privacy": absolute_url(reverse("privacy")),
    }
    memberships = Membership.objects.filter(network=member_import.network).in_bulk(event.membership_ids)
    people = Person.objects.in_bulk([membership.person_id for membership in memberships.values()])
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                key=f"membership:{membership.pk}:imported",
                person=person,
                address=person.email,
                subject=f"{words['network']} vous ouvre un accès à Tandem"[:200],
                body=MESSAGE.format(first_name=person.first_name, **words),
            )
            for membership in memberships.values()
            if (person := people.get(membership.person_id))
        ],
        batch_size=BATCH,
    )
