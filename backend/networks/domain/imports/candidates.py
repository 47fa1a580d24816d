"""People of the public directory as lines of a list: to be invited once somebody knows their address."""

from backend.accounts.enums import PracticeMode
from backend.networks.domain.directory import Activity, Extraction, Practitioner
from backend.networks.domain.imports.lines import Column, Line
from backend.referentials.models import Profession

MODES = {
    frozenset("L"): PracticeMode.INDEPENDENT,
    frozenset("S"): PracticeMode.EMPLOYED,
    frozenset("LS"): PracticeMode.MIXED,
}


def list_candidates(extraction: Extraction) -> list[Line]:
    coded = Profession.objects.exclude(ans_code="").order_by("-position").values_list("ans_code", "label")
    labels: dict[str, str] = dict(coded)
    return [
        # The row is that of the list shown, for a person has several in the file.
        Line(number, _describe(person, labels), is_candidate=True)
        for number, person in enumerate(extraction.people, start=1)
    ]


def _describe(person: Practitioner, labels: dict[str, str]) -> dict[str, str]:
    mode = MODES.get(frozenset(activity.mode for activity in person.activities if activity.mode))
    values = {
        Column.LAST_NAME: person.last_name,
        Column.FIRST_NAME: person.first_name,
        Column.PROFESSION: labels.get(person.profession, person.profession_label or person.profession),
        Column.PRACTICE_MODE: mode.label if mode else "",
        Column.RPPS: person.rpps,
        Column.PLACE: " ; ".join(filter(None, map(_name_place, person.activities))),
    }
    return {column.value: value for column, value in values.items() if value}


def _name_place(activity: Activity) -> str:
    town = f"{activity.postcode} {activity.town}".strip()
    return ", ".join(filter(None, (activity.site, town)))
