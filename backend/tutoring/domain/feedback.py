"""What tutor and learner say to each other after a session: between the two of them, and nobody else."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import DomainError, NotFoundError
from backend.common.patient_numbers import refuse_patient_number
from backend.tutoring.enums import Useful
from backend.tutoring.models import Feedback, Participation, Session

WORDS_MAX = 500


@dataclass(frozen=True, slots=True)
class Opinion:
    """Whether it was useful, and some free words; both may stay empty."""

    useful: str = ""
    words: str = ""

    def __bool__(self) -> bool:
        return bool(self.useful or self.words.strip())


@transaction.atomic
def give_feedback(*, participation: Participation, author: Person, opinion: Opinion) -> Feedback | None:
    """Say it, or say it again; an empty opinion says nothing. Only the two of them may."""
    if author.pk not in {participation.person_id, participation.session.tutor_id}:
        raise NotFoundError
    if not opinion:
        return None
    words = opinion.words.strip()
    refuse_patient_number(words, field="words")
    if len(words) > WORDS_MAX or opinion.useful not in {*Useful.values, ""}:
        raise DomainError("Choisissez une des réponses, et écrivez 500 signes au plus.", code="feedback")
    return Feedback.objects.update_or_create(
        participation=participation,
        author=author,
        defaults={"useful": opinion.useful, "words": words, "at": now()},
    )[0]


def feedback_for(reader: Person, session: Session) -> Iterable[Feedback]:
    """What the reader said or was told; nothing of others, to whoever else asks."""
    said = Feedback.objects.filter(participation__session=session).select_related("author", "participation__person")
    if session.tutor_id != reader.pk:
        said = said.filter(participation__person=reader)
    return said.order_by("participation", "pk")
