"""What the words of a list may mean: professions, specialties and places, as people write them."""

import difflib
import re
from collections.abc import Iterable

from backend.accounts.enums import PracticeMode
from backend.common.folding import fold
from backend.networks.enums import Attachment, Role, SiteKind
from backend.networks.models import Network, Site
from backend.referentials.models import Profession, Specialty

SPECIALIST_FORMATION = "Médecine"
SUGGESTIONS = 3
# Looking for the closest words is slow: after so many different ones, the list is not one of ours.
LOOKUPS_MAX = 200
PROFESSION_ALIASES = {
    "infirmier": ("ide", "idel", "infirmier diplome d etat"),
    "medecin": ("docteur", "medecin generaliste", "generaliste"),
    "pharmacien": ("pharmacienne",),
    "masseur-kinesitherapeute": ("kine", "kinesitherapeute", "masseur kine", "mk"),
    "chirurgien-dentiste": ("dentiste",),
    "pedicure-podologue": ("podologue", "pedicure"),
    "manipulateur-erm": ("manipulateur erm", "manip radio", "manipulateur radio"),
    "preparateur-en-pharmacie-officine": ("preparateur en pharmacie", "preparatrice en pharmacie"),
    "secretaire-medical": ("secretaire",),
}
MODES = {
    "liberal": PracticeMode.INDEPENDENT,
    "liberale": PracticeMode.INDEPENDENT,
    "salarie": PracticeMode.EMPLOYED,
    "salariee": PracticeMode.EMPLOYED,
    "mixte": PracticeMode.MIXED,
    "autre": PracticeMode.OTHER,
}
SITE_KINDS = {
    "cabinet": SiteKind.PRACTICE,
    "maison de sante": SiteKind.PRACTICE,
    "msp": SiteKind.PRACTICE,
    "pharmacie": SiteKind.PHARMACY,
    "hopital": SiteKind.HOSPITAL,
    "clinique": SiteKind.HOSPITAL,
    "ehpad": SiteKind.CARE_HOME,
    "residence": SiteKind.CARE_HOME,
    "domicile": SiteKind.HOME_CARE,
    "had": SiteKind.HOME_CARE,
    "ssiad": SiteKind.HOME_CARE,
    "social": SiteKind.SOCIAL,
    "medico social": SiteKind.SOCIAL,
    "transport": SiteKind.TRANSPORT,
    "ambulance": SiteKind.TRANSPORT,
    "autre": SiteKind.OTHER,
}
ROLES = {
    "personne aidee": Role.LEARNER,
    "aide": Role.LEARNER,
    "aidee": Role.LEARNER,
    "tutorat": Role.TUTOR,
    "tuteur": Role.TUTOR,
    "tutrice": Role.TUTOR,
    "coordination": Role.COORDINATOR,
    "coordinateur": Role.COORDINATOR,
    "coordinatrice": Role.COORDINATOR,
    "audit": Role.AUDITOR,
}
ATTACHMENTS = {
    "membre": Attachment.MEMBER,
    "adherent": Attachment.MEMBER,
    "adherente": Attachment.MEMBER,
    "rattache": Attachment.ATTACHED,
    "rattachee": Attachment.ATTACHED,
    "personne rattachee": Attachment.ATTACHED,
}


def simplify(text: str) -> str:
    """« Infirmier(ère) », « infirmier·ère » and « INFIRMIER » alike; hyphens and apostrophes are spaces."""
    shorter = re.sub(r"\([^()]*\)|[·•.]\w+", "", fold(text))
    return " ".join(re.sub(r"[^a-z0-9+]+", " ", shorter).split())


def forms_of(label: str) -> set[str]:
    """« Préparateur ou préparatrice en pharmacie » is said whole, in the one form and in the other."""
    left, _, right = label.partition(" ou ")
    if not right:
        return {simplify(label)}
    tail = simplify(right).split()[len(simplify(left).split()) :]
    return {simplify(label), " ".join([simplify(left), *tail]), simplify(right)}


class Catalogue:
    """The words of one network, read once for a whole list."""

    def __init__(self, network: Network) -> None:
        self.professions = _index_professions()
        specialties = Specialty.objects.filter(formation=SPECIALIST_FORMATION)
        self.specialties = {simplify(specialty.label): specialty for specialty in specialties}
        self.sites: dict[str, Site] = {fold(site.name): site for site in network.sites.all()}
        self.site_kinds = SITE_KINDS | {simplify(kind.label): kind for kind in SiteKind}
        self._looked_up: dict[tuple[str, str], list[str]] = {}

    def suggest_professions(self, text: str) -> list[str]:
        return self._suggest("profession", text, {form: row.label for form, row in self.professions.items()})

    def suggest_specialties(self, text: str) -> list[str]:
        return self._suggest("specialty", text, {form: row.label for form, row in self.specialties.items()})

    def suggest_sites(self, text: str) -> list[str]:
        return self._suggest("site", text, {form: row.name for form, row in self.sites.items() if row.pk})

    def _suggest(self, kind: str, text: str, labels: dict[str, str]) -> list[str]:
        """The closest labels, best first."""
        wanted = simplify(text)[:80]
        if (kind, wanted) not in self._looked_up:
            if len(self._looked_up) >= LOOKUPS_MAX:
                return []
            close = difflib.get_close_matches(wanted, labels, n=2 * SUGGESTIONS, cutoff=0.6)
            names = list(dict.fromkeys(labels[form] for form in close))[:SUGGESTIONS]
            self._looked_up[kind, wanted] = names
        return self._looked_up[kind, wanted]


def _index_professions() -> dict[str, Profession]:
    """Professions by every way to name them: forms, code of the Annuaire Santé, words of every day."""
    found: dict[str, Profession] = {}
    for profession in Profession.objects.all():
        aliases = PROFESSION_ALIASES.get(profession.slug, ())
        for name in _names_of(profession, aliases):
            found.setdefault(name, profession)
    return found


def _names_of(profession: Profession, aliases: Iterable[str]) -> Iterable[str]:
    code = {profession.ans_code} if profession.ans_code else set()
    return forms_of(profession.label) | {simplify(profession.slug)} | code | set(aliases)
