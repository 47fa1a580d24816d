"""What a line says, once its words are understood; or all that is wrong with it, column by column."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from backend.accounts.domain.people import SPECIALIST_PROFESSION, normalise_rpps
from backend.accounts.validators import validate_rpps
from backend.common.folding import fold
from backend.common.patient_numbers import MESSAGE as PATIENT_NUMBER
from backend.common.patient_numbers import contains_patient_number
from backend.networks.domain.imports.catalogue import ATTACHMENTS, MODES, ROLES, Catalogue, simplify
from backend.networks.domain.imports.lines import REQUIRED, Column, Line
from backend.networks.enums import Role
from backend.networks.models import Network, Site
from backend.referentials.models import Profession, Specialty

LENGTHS_MAX = {Column.LAST_NAME: 80, Column.FIRST_NAME: 80, Column.EMAIL: 254, Column.SITE: 120}
LENGTH_MAX = 200
# What makes a spreadsheet run a cell instead of showing it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
GIVEN_BY_HAND = frozenset({Role.COORDINATOR, Role.AUDITOR})

type Problems = defaultdict[str, list[str]]


@dataclass(slots=True)
class Wanted:
    """What a line asks for; an empty value asks nothing."""

    last_name: str = ""
    first_name: str = ""
    email: str = ""
    profession: Profession | None = None
    specialty: Specialty | None = None
    practice_mode: str = ""
    rpps: str = ""
    # Without a number when the list brings it: it is written with the list.
    site: Site | None = None
    roles: list[Role] = field(default_factory=list)
    attachment: str = ""


def check_line(line: Line, catalogue: Catalogue, network: Network) -> tuple[Wanted, Problems, list[str]]:
    """What the line wants, what is wrong beside each column, and what the reader should know."""
    reader = _LineReader(line, catalogue, network)
    reader.read()
    return reader.wanted, reader.problems, reader.notes


class _LineReader:
    def __init__(self, line: Line, catalogue: Catalogue, network: Network) -> None:
        self.line, self.catalogue, self.network = line, catalogue, network
        self.wanted, self.notes = Wanted(), list[str]()
        self.problems: Problems = defaultdict(list)

    def read(self) -> None:
        self._check_cells()
        wanted = self.wanted
        wanted.last_name, wanted.first_name = self._text(Column.LAST_NAME), self._text(Column.FIRST_NAME)
        self._read_email()
        self._read_profession()
        self._read_specialty()
        self._read_rpps()
        wanted.practice_mode = self._choose(Column.PRACTICE_MODE, MODES, "libéral, salarié, mixte ou autre") or ""
        wanted.attachment = self._choose(Column.ATTACHMENT, ATTACHMENTS, "membre ou rattaché") or ""
        self._read_site()
        self._read_roles()

    def _check_cells(self) -> None:
        """What makes a cell unfit before its words are looked at; what is unfit is not looked at further."""
        for column in REQUIRED:
            optional = column == Column.EMAIL and self.line.is_candidate
            if not self.line.values.get(column, "").strip() and not optional:
                self.problems[column].append("Ce champ est vide.")
        if Column.REST in self.line.values:
            self.problems[Column.REST].append("Cette ligne a plus de cellules que d’en-têtes : un séparateur de trop ?")
        for name, text in self.line.values.items():
            column = Column(name)
            if column not in {Column.REST, Column.PLACE} and (problem := _find_unfitness(column, text)):
                self.problems[column].append(problem)

    def _text(self, column: Column) -> str:
        """The words of a cell; none when it is empty or unfit."""
        if column in self.problems:
            return ""
        return " ".join(self.line.values.get(column, "").split())

    def _read_email(self) -> None:
        text = self._text(Column.EMAIL).lower()
        if not text:
            return
        try:
            validate_email(text)
        except ValidationError:
            self.problems[Column.EMAIL].append("Ce n’est pas une adresse électronique.")
        else:
            self.wanted.email = text

    def _read_profession(self) -> None:
        text = self._text(Column.PROFESSION)
        if not text:
            return
        forms = self.catalogue.professions
        self.wanted.profession = forms.get(simplify(text)) or forms.get(simplify(text).removesuffix("s"))
        if self.wanted.profession is None:
            close = self.catalogue.suggest_professions(text)
            self.problems[Column.PROFESSION].append(f"Profession inconnue.{_name_closest(close)}")

    def _read_specialty(self) -> None:
        text = self._text(Column.SPECIALTY)
        if not text:
            return
        self.wanted.specialty = self.catalogue.specialties.get(simplify(text))
        profession = self.wanted.profession
        if Column.PROFESSION not in self.problems and (profession is None or profession.slug != SPECIALIST_PROFESSION):
            self.problems[Column.SPECIALTY].append("La spécialité ne concerne que les médecins.")
        elif self.wanted.specialty is None:
            close = self.catalogue.suggest_specialties(text)
            self.problems[Column.SPECIALTY].append(f"Spécialité inconnue.{_name_closest(close)}")

    def _read_rpps(self) -> None:
        text = normalise_rpps(self._text(Column.RPPS))
        if not text:
            return
        try:
            validate_rpps(text)
        except ValidationError as error:
            self.problems[Column.RPPS].extend(error.messages)
            return
        profession = self.wanted.profession
        if Column.PROFESSION not in self.problems and (profession is None or not profession.has_rpps):
            self.problems[Column.RPPS].append(WITHOUT_RPPS if profession else NO_PROFESSION)
        else:
            self.wanted.rpps = text

    def _choose(self, column: Column, choices: Mapping[str, str], words: str) -> str | None:
        text = self._text(column)
        if not text:
            return None
        chosen = choices.get(simplify(text))
        if chosen is None:
            self.problems[column].append(f"Écrivez : {words}.")
        return chosen

    def _read_site(self) -> None:
        """A place of the network; or one that the list brings, with the kind of establishment that it is."""
        name = self._text(Column.SITE)
        kinds = self.catalogue.site_kinds
        kind = self._choose(Column.SITE_KIND, kinds, "cabinet, pharmacie, hôpital, EHPAD, domicile, social ou autre")
        if not name:
            if kind:
                self.notes.append("Sans site, le type d’établissement n’est pas gardé.")
            return
        site = self.catalogue.sites.get(fold(name))
        if site is None and kind:
            site = self.catalogue.sites[fold(name)] = Site(network=self.network, name=name, kind=kind)
        if site is None and Column.SITE_KIND not in self.problems:
            close = _name_closest(self.catalogue.suggest_sites(name))
            self.problems[Column.SITE].append(f"{UNKNOWN_SITE}{close}")
        elif site is not None and not site.pk:
            self._bring(site, kind)
        self.wanted.site = site

    def _bring(self, site: Site, kind: str | None) -> None:
        self.notes.append(f"Nouveau lieu : {site.name}.")
        if kind and kind != site.kind:
            self.problems[Column.SITE_KIND].append("Une ligne plus haut donne un autre type à ce lieu.")

    def _read_roles(self) -> None:
        text = self._text(Column.ROLES)
        for sign in ",;/+&":
            text = text.replace(sign, "\n")
        for word in filter(str.strip, text.replace(" et ", "\n").split("\n")):
            role = ROLES.get(simplify(word))
            if role is None:
                self.problems[Column.ROLES].append(f"« {word.strip()} » : écrivez « personne aidée » ou « tutorat ».")
            elif role in GIVEN_BY_HAND:
                self.problems[Column.ROLES].append(f"« {word.strip()} » se confie depuis la page de la personne.")
            elif role not in self.wanted.roles:
                self.wanted.roles.append(role)


WITHOUT_RPPS = "Cette profession n’a pas de numéro RPPS."
NO_PROFESSION = "Écrivez aussi la profession : toutes n’ont pas de numéro RPPS."
# What stands for a patient's number, which is kept nowhere.
TAKEN_OUT = "(numéro retiré)"
UNKNOWN_SITE = "Ce lieu n’est pas dans le réseau. Pour l’ajouter, écrivez aussi le type d’établissement."


def take_patient_numbers_out(line: Line) -> Line:
    """The line as it may be kept."""
    values = {name: TAKEN_OUT if contains_patient_number(text) else text for name, text in line.values.items()}
    return replace(line, values=values)


def _find_unfitness(column: Column, text: str) -> str:
    if text.startswith(FORMULA_STARTS):
        return "Une cellule ne commence pas par = + - @ ni une tabulation : un tableur l’exécuterait."
    if text.startswith("#"):
        return "Cette cellule est une erreur du tableur."
    if len(text) > (limit := LENGTHS_MAX.get(column, LENGTH_MAX)):
        return f"{limit} caractères au plus."
    return PATIENT_NUMBER if text == TAKEN_OUT else ""


def _name_closest(labels: Sequence[str], wrap: Callable[[str], str] = "« {} »".format) -> str:
    return f" Le plus proche : {', '.join(map(wrap, labels))}." if labels else ""
