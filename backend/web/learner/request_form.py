"""The second page of a request: few questions, good answers chosen already, the rest folded away."""

from collections.abc import Sequence
from typing import Any

from django import forms

from backend.accounts.models import Person
from backend.common.patient_numbers import validate_no_patient_number
from backend.needs.domain.requests import Terms
from backend.needs.enums import Urgency
from backend.needs.models import HelpRequest
from backend.networks.models import Membership, Network, Site
from backend.referentials.models import Capacity
from backend.skills.enums import Level

REMOTE = "remote"
YES, NO = "yes", "no"
URGENCIES = [
    (Urgency.WHENEVER.value, "Quand c’est possible"),
    (Urgency.THIS_MONTH.value, "Ce mois-ci"),
    (Urgency.BLOCKING.value, "C’est bloquant : je ne peux pas travailler"),
]
LEVELS_WANTED = [
    (Level.BEGINNER.value, "Débutant : connaître les bases"),
    (Level.INTERMEDIATE.value, "Intermédiaire : faire sans aide"),
    (Level.ADVANCED.value, "Avancé : pouvoir l’expliquer"),
]
LEVELS_START = [
    ("", "Je préfère ne pas le dire"),
    (0, "Pas encore"),
    (Level.BEGINNER.value, "Débutant"),
    (Level.INTERMEDIATE.value, "Intermédiaire"),
]


class RequestForm(forms.Form):
    """Terms of a request. ``person`` is who needs help, whoever fills it in."""

    capacity = forms.ChoiceField(
        label="Sur quoi voulez-vous de l’aide ?",
        help_text="Le texte de référence le dit ainsi. Choisissez le plus proche.",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un sujet.", "invalid_choice": "Choisissez un sujet de la liste."},
    )
    urgency = forms.TypedChoiceField(
        label="Pour quand ?",
        choices=URGENCIES,
        coerce=lambda value: Urgency(int(value)),
        initial=Urgency.WHENEVER.value,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites pour quand."},
    )
    attack = forms.ChoiceField(
        label="Une attaque informatique est-elle en cours ?",
        help_text="Écran bloqué, fichiers illisibles, demande de rançon, compte détourné.",
        choices=[(NO, "Non"), (YES, "Oui, ou peut-être")],
        error_messages={"required": "Répondez d’abord à cette question."},
        widget=forms.RadioSelect,
    )
    ways = forms.MultipleChoiceField(
        label="Comment se rencontrer ?",
        initial=[REMOTE],
        error_messages={"required": "Choisissez au moins une façon de se rencontrer."},
        widget=forms.CheckboxSelectMultiple,
    )
    other_sites = forms.MultipleChoiceField(
        label="Dans un autre lieu du réseau", required=False, widget=forms.CheckboxSelectMultiple
    )
    level_wanted = forms.TypedChoiceField(
        label="Jusqu’où voulez-vous aller ?",
        choices=LEVELS_WANTED,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites jusqu’où vous voulez aller."},
    )
    level_start = forms.TypedChoiceField(
        label="D’où partez-vous ?",
        help_text="La personne qui vous aidera le lira.",
        choices=LEVELS_START,
        coerce=int,
        empty_value=None,
        required=False,
    )
    group_ok = forms.BooleanField(label="Je veux bien apprendre à plusieurs", required=False)
    on_working_time = forms.BooleanField(label="Ce sera sur mon temps de travail", required=False)
    context = forms.CharField(
        label="Ce qu’il est utile de savoir",
        help_text="La personne qui vous aidera le lira. Ni données de patient, ni mot de passe.",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[validate_no_patient_number],
    )

    def __init__(
        self,
        *,
        person: Person,
        network: Network,
        capacities: Sequence[Capacity],
        data: Any = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.own_site, self.sites = _sites_of(person, network)
        self.capacities = {capacity.key: capacity for capacity in capacities}
        super().__init__(data, initial=self._defaults(network) | (initial or {}), use_required_attribute=False)
        self.fields["capacity"].choices = [(key, sentence(row.text)) for key, row in self.capacities.items()]  # type: ignore[attr-defined]
        if len(self.capacities) == 1:
            self.fields["capacity"].widget = forms.HiddenInput()
        own = [(str(self.own_site.pk), f"Sur mon lieu de travail : {self.own_site.name}")] if self.own_site else []
        self.fields["ways"].choices = [(REMOTE, "À distance, en visio ou par téléphone"), *own]  # type: ignore[attr-defined]
        self.fields["other_sites"].choices = [(str(site.pk), site.name) for site in self.sites]  # type: ignore[attr-defined]
        # Asked only of who is blocked; one way to meet is enough, wherever it is ticked.
        self.fields["attack"].required = data is None or data.get("urgency") == str(Urgency.BLOCKING.value)
        self.fields["ways"].required = data is None or not data.getlist("other_sites")
        if not self.sites:
            del self.fields["other_sites"]

    def _defaults(self, network: Network) -> dict[str, Any]:
        own = [str(self.own_site.pk)] if self.own_site else []
        return {
            "capacity": next(iter(self.capacities)),
            "ways": [REMOTE, *own],
            "level_wanted": network.target_level,
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        wanted, start = data.get("level_wanted"), data.get("level_start")
        if wanted is not None and start is not None and start >= wanted:
            self.add_error("level_start", "Choisissez un niveau plus bas que celui où vous voulez aller.")
        return data

    @property
    def is_under_attack(self) -> bool:
        answers = (self.cleaned_data["urgency"], self.cleaned_data["attack"])
        return answers == (Urgency.BLOCKING, YES)

    @property
    def chosen(self) -> Capacity:
        return self.capacities[self.cleaned_data["capacity"]]

    @property
    def terms(self) -> Terms:
        data = self.cleaned_data
        wanted = {*data["ways"], *data.get("other_sites", [])}
        mine = [self.own_site] if self.own_site else []
        return Terms(
            level_wanted=data["level_wanted"],
            level_start=data["level_start"],
            urgency=data["urgency"],
            remote=REMOTE in wanted,
            sites=[site for site in (*mine, *self.sites) if str(site.pk) in wanted],
            group_ok=data["group_ok"],
            on_working_time=data["on_working_time"],
            context=data["context"],
        )

    @property
    def has_folded_matter(self) -> bool:
        """Whether what is folded away holds an error or an answer, and so must be open."""
        folded = ("level_start", "group_ok", "on_working_time", "context", "other_sites")
        return any(name in self.errors or self[name].value() for name in folded if name in self.fields)


def values_of(request: HelpRequest, own_site: int | None) -> dict[str, Any]:
    """An existing request as the form shows it; ``own_site`` is the primary key of where the person works."""
    sites = [str(site.pk) for site in request.sites.all()]
    own = [str(own_site)] if str(own_site) in sites else []
    return {
        "urgency": request.urgency,
        "ways": [*([REMOTE] if request.remote else []), *own],
        "other_sites": [site for site in sites if site not in own],
        "level_wanted": request.level_wanted,
        "level_start": "" if request.level_start is None else request.level_start,
        "group_ok": request.group_ok,
        "on_working_time": request.on_working_time,
        "context": request.context,
        "attack": NO if request.urgency == Urgency.BLOCKING else "",
    }


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sites_of(person: Person, network: Network) -> tuple[Site | None, list[Site]]:
    """Where the person works, and the other sites of the network."""
    membership = Membership.objects.filter(person=person, network=network).select_related("site").first()
    own = membership.site if membership else None
    return own, [site for site in network.sites.order_by("name") if site != own]
