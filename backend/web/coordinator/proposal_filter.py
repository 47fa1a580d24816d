"""Filters of the table of proposals, in the address."""

from collections.abc import Iterable

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from backend.campaigns.models import Proposal
from backend.tutoring.enums import Modality

WORDS_MAX = 5


class ProposalFilter(forms.Form):
    q = forms.CharField(label="Nom, ou mot de la capacité", required=False, max_length=80)
    tutor = forms.TypedChoiceField(label="Tuteur", required=False, coerce=int, empty_value=None)
    modality = forms.ChoiceField(label="Façon de se voir", required=False, choices=[("", "Toutes"), *Modality.choices])
    notion = forms.TypedChoiceField(label="Sujet", required=False, coerce=int, empty_value=None)

    def __init__(self, data: QueryDict, proposals: Iterable[Proposal]) -> None:
        super().__init__(data)
        rows = list(proposals)
        tutors = {row.tutor_id: row.tutor.name for row in rows}
        notions = {row.request.notion_id: row.request.notion.title for row in rows}
        self._offer("tutor", tutors, "Tous")
        self._offer("notion", notions, "Tous")

    def _offer(self, name: str, named: dict[int, str], everything: str) -> None:
        options = sorted(named.items(), key=lambda item: (item[1], item[0]))
        self.fields[name].choices = [("", everything), *options]  # type: ignore[attr-defined]  # they have choices

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def narrow(self, proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
        """What is wrong in the address filters nothing."""
        self.is_valid()
        given = self.cleaned_data
        for word in given.get("q", "").split()[:WORDS_MAX]:
            proposals = proposals.filter(_mentions(word))
        if given.get("tutor"):
            proposals = proposals.filter(tutor=given["tutor"])
        if given.get("modality"):
            proposals = proposals.filter(modality=given["modality"])
        if given.get("notion"):
            proposals = proposals.filter(request__notion=given["notion"])
        return proposals


def _mentions(word: str) -> Q:
    names = ("request__person__first_name", "request__person__last_name", "tutor__first_name", "tutor__last_name")
    found = Q(request__capacity__text__icontains=word)
    for name in names:
        found |= Q(**{f"{name}__icontains": word})
    return found
