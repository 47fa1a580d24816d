"""Words and tags for what the domain names by a code."""

from dataclasses import dataclass

from backend.accounts.models import Person
from backend.campaigns.enums import CampaignState
from backend.needs.enums import RequestState
from backend.referentials.models import Capacity, Notion, Profession
from backend.skills.enums import ClaimState
from backend.tutoring.enums import SessionState
from matching.result import Reason


@dataclass(frozen=True, slots=True)
class Tag:
    """A state as a page shows it: a word, a shape, a colour."""

    text: str
    kind: str = ""
    icon: str = ""


SESSION_TAGS = {
    SessionState.PROPOSED: Tag("proposée", "warm", "clock"),
    SessionState.CONFIRMED: Tag("confirmée", "good", "check"),
    SessionState.HELD: Tag("tenue", "good", "check"),
    SessionState.DECLINED: Tag("déclinée", "quiet", "close"),
    SessionState.CANCELLED: Tag("annulée", "bad", "close"),
    SessionState.MISSED: Tag("personne n’est venu", "bad", "alert"),
}
REQUEST_TAGS = {
    RequestState.UNCONFIRMED: Tag("à confirmer", "warm", "key"),
    RequestState.OPEN: Tag("en attente d’une proposition", "warm", "clock"),
    RequestState.PLANNED: Tag("une séance est prévue", "", "calendar"),
    RequestState.MET: Tag("aide reçue", "good", "check"),
    RequestState.WITHDRAWN: Tag("retirée", "quiet", "close"),
}
CLAIM_TAGS = {
    ClaimState.AWAITING: Tag("en attente de relecture", "warm", "clock"),
    ClaimState.MORE_ASKED: Tag("complément demandé", "warm", "info"),
    ClaimState.ACCEPTED: Tag("validée", "good", "check"),
    ClaimState.REFUSED: Tag("refusée", "bad", "close"),
    ClaimState.CANCELLED: Tag("retirée par la personne", "quiet", "close"),
    ClaimState.REVOKED: Tag("validation retirée", "bad", "close"),
}
CAMPAIGN_TAGS = {
    CampaignState.DRAFT: Tag("préparation", "quiet", "edit"),
    CampaignState.COLLECTING: Tag("recueil", "warm", "clock"),
    CampaignState.REVIEW: Tag("relecture", "warm", "search"),
    CampaignState.PUBLISHED: Tag("publiée", "good", "check"),
    CampaignState.CLOSED: Tag("close", "quiet", "check"),
    CampaignState.CANCELLED: Tag("annulée", "bad", "close"),
}

# Why nobody was proposed, told to the person who asked. A tutor whom somebody set aside is never told apart.
REASONS_FOR_LEARNER = {
    Reason.NO_TUTOR: "Personne n’est encore validé sur ce sujet dans votre réseau.",
    Reason.LEVEL: "Aucun tuteur n’a encore le niveau que vous demandez.",
    Reason.INELIGIBLE: "Aucun tuteur de ce sujet ne peut vous rencontrer de la façon que vous demandez.",
    Reason.NO_COMMON_SLOT: "Vous n’avez aucun moment commun avec les tuteurs de ce sujet.",
    Reason.TUTORS_FULL: "À vos moments communs, les tuteurs de ce sujet étaient déjà pris.",
    Reason.OUTWEIGHED: "Une séance de plus aurait laissé d’autres demandes sans aide.",
    Reason.CONFLICT: "Un choix fait à la main ne laissait pas de place.",
}
REASONS_FOR_COORDINATOR = {
    Reason.NO_TUTOR: "Personne n’est validé sur ce sujet.",
    Reason.LEVEL: "Aucun tuteur n’a le niveau demandé.",
    Reason.INELIGIBLE: "Aucun tuteur de ce sujet ne peut rencontrer la personne de la façon demandée.",
    Reason.NO_COMMON_SLOT: "Aucun moment commun avec les tuteurs de ce sujet.",
    Reason.TUTORS_FULL: "Aux moments communs, les tuteurs sont complets ou déjà pris.",
    Reason.OUTWEIGHED: "Un tuteur et un moment existent, mais cette séance ferait baisser le résultat d’ensemble.",
    Reason.CONFLICT: "Les choix faits à la main se contredisent.",
}


def own_wording(reader: Person, notion: Notion) -> str:
    """A notion as the référentiel of the reader's own profession words it; empty when it does not."""
    if reader.profession_id is None:
        return ""
    framework = Profession.objects.filter(pk=reader.profession_id).values("framework")
    capacity = Capacity.objects.filter(notion=notion, competency__domain__framework__in=framework).first()
    return capacity.text if capacity else ""
